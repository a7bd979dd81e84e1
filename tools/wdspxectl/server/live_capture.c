#include "server/live_capture.h"

#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "server/describe.h"
#include "capture/write_pcapng.h"
#include "text/text.h"
#include "text/wide.h"

#define UNIX_EPOCH UINT64_C(116444736000000000) /* in FILETIME's 100 ns since 1601 */

/* A server has one. */
static struct {
    SRWLOCK lock; /* guards all below */
    HANDLE file;  /* NULL: none is open */
    DWORD error;  /* the first one; nothing is written any more */
} capture = {.lock = SRWLOCK_INIT};

/* Caller holds capture.lock. */
static void put(const void *bytes, size_t length)
{
    DWORD written;

    if (capture.file == NULL || capture.error != ERROR_SUCCESS)
        return;
    if (!WriteFile(capture.file, bytes, (DWORD)length, &written, NULL))
        capture.error = GetLastError();
    else if (written != length)
        capture.error = ERROR_DISK_FULL;
}

DWORD live_capture_open(const char *path)
{
    uint8_t header[PCAPNG_FILE_HEADER_SIZE];
    HANDLE file =
        file_open(path, GENERIC_WRITE, FILE_SHARE_READ, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL);

    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    pcapng_file_header(header);
    AcquireSRWLockExclusive(&capture.lock);
    capture.file = file;
    capture.error = ERROR_SUCCESS;
    put(header, sizeof(header));
    DWORD error = capture.error;
    ReleaseSRWLockExclusive(&capture.lock);
    return error;
}

DWORD live_capture_close(void)
{
    AcquireSRWLockExclusive(&capture.lock);
    DWORD error = capture.error;
    if (capture.file != NULL)
        CloseHandle(capture.file);
    capture.file = NULL;
    ReleaseSRWLockExclusive(&capture.lock);
    return error;
}

static bool is_open(void)
{
    AcquireSRWLockShared(&capture.lock);
    bool open = capture.file != NULL;
    ReleaseSRWLockShared(&capture.lock);
    return open;
}

static uint64_t microseconds_now(void)
{
    FILETIME now;
    ULARGE_INTEGER ticks;

    GetSystemTimeAsFileTime(&now);
    ticks.LowPart = now.dwLowDateTime;
    ticks.HighPart = now.dwHighDateTime;
    return (ticks.QuadPart - UNIX_EPOCH) / 10;
}

static struct endpoint endpoint_of(const PXE_ADDRESS *address)
{
    struct endpoint endpoint = {.length = address->uAddrLen == 16 ? 16 : 4, .port = address->uPort};

    if ((address->uFlags & PXE_ADDR_BROADCAST) != 0 && endpoint.length == 4)
        memset(endpoint.address, 0xff, 4);
    else
        memcpy(endpoint.address, address->bAddress, endpoint.length);
    return endpoint;
}

static void write_packet(const struct capture_datagram *datagram, const struct text *comment)
{
    uint8_t *block = malloc(datagram->length + PCAPNG_PACKET_EXTRA);

    if (block == NULL)
        return;
    size_t size = pcapng_packet(datagram, comment->failed ? "" : text_chars(comment), block);
    AcquireSRWLockExclusive(&capture.lock);
    put(block, size);
    ReleaseSRWLockExclusive(&capture.lock);
    free(block);
}

static size_t payload_length(ULONG length)
{
    return length < CAPTURE_PAYLOAD_MAX ? length : CAPTURE_PAYLOAD_MAX;
}

void live_capture_request(const WDSPXE_EXT_REQUEST *request)
{
    const struct endpoint source = endpoint_of(&request->Remote);
    const struct endpoint destination = endpoint_of(&request->Local);
    const char *action = boot_action_name(request->Action);
    struct text comment = TEXT_EMPTY;

    if (!is_open())
        return;
    text_put(&comment, "provider ");
    text_put_wide(&comment, request->pszProvider != NULL ? request->pszProvider : L"(none)");
    text_format(&comment, ": %s", action != NULL ? action : "?");
    if (request->uReplies > 0) {
        text_format(&comment, ", %lu %s", request->uReplies,
                    request->uReplies == 1 ? "reply" : "replies");
    } else {
        text_put(&comment, ", no answer: ");
        put_refusal_reason(&comment, request);
    }
    write_packet(
        &(struct capture_datagram){
            .time = microseconds_now() - request->uMicroseconds,
            .source = &source,
            .destination = &destination,
            .payload = request->pPacket,
            .length = payload_length(request->uPacketLen),
        },
        &comment);
    text_free(&comment);
}

void live_capture_reply(const WDSPXE_EXT_REPLY *reply)
{
    const struct endpoint source = endpoint_of(&reply->Local);
    const struct endpoint destination = endpoint_of(&reply->Remote);
    struct text comment = TEXT_EMPTY;

    if (!is_open())
        return;
    text_put(&comment, "sent by provider ");
    text_put_wide(&comment, reply->pszProvider);
    write_packet(
        &(struct capture_datagram){
            .time = microseconds_now(),
            .source = &source,
            .destination = &destination,
            .payload = reply->pPacket,
            .length = payload_length(reply->uPacketLen),
        },
        &comment);
    text_free(&comment);
}
