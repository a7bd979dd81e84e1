#include "server/live_capture.h"

#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "server/describe.h"
#include "server/losses.h"
#include "capture/write_pcapng.h"
#include "text/text.h"
#include "text/wide.h"

#define UNIX_EPOCH UINT64_C(116444736000000000) /* in FILETIME's 100 ns since 1601 */

/* A server has one. */
static struct {
    SRWLOCK lock;     /* guards all below */
    HANDLE file;      /* NULL: none is open */
    const char *path; /* as it was given */
    LONGLONG whole;   /* bytes of the blocks that are whole */
    bool is_spoilt;   /* half a block is in it and cannot be taken out: nothing more is written */
    DWORD error;      /* the first one */
    uint64_t missing; /* blocks */
    struct loss loss;
} capture = {.lock = SRWLOCK_INIT};

/* Caller holds capture.lock. A block is in the file as a whole, or not at all. */
static DWORD block_write(const void *bytes, size_t length)
{
    const LARGE_INTEGER end = {.QuadPart = capture.whole};
    DWORD written = 0, error = ERROR_SUCCESS;

    if (capture.is_spoilt)
        return capture.error;
    if (!WriteFile(capture.file, bytes, (DWORD)length, &written, NULL))
        error = GetLastError();
    else if (written != length)
        error = ERROR_DISK_FULL;
    if (error == ERROR_SUCCESS)
        capture.whole += (LONGLONG)length;
    else if (!SetFilePointerEx(capture.file, end, NULL, FILE_BEGIN) || !SetEndOfFile(capture.file))
        capture.is_spoilt = written > 0;
    return error;
}

/* From any thread, outside of the lock. */
static void put(const void *bytes, size_t length)
{
    const ULONGLONG now = GetTickCount64();
    enum loss_news news = LOSS_NO_NEWS;
    SCOPED_TEXT what = TEXT_EMPTY;
    uint64_t lost = 0;
    DWORD error = ERROR_SUCCESS;

    AcquireSRWLockExclusive(&capture.lock);
    const bool is_open = capture.file != NULL;
    if (is_open && loss_may_try(&capture.loss, now)) {
        error = block_write(bytes, length);
        news = loss_tried(&capture.loss, error == ERROR_SUCCESS, now, &lost);
        capture.missing += lost;
        if (capture.error == ERROR_SUCCESS)
            capture.error = error;
        text_format(&what, "the capture \"%s\"", capture.path);
    }
    ReleaseSRWLockExclusive(&capture.lock);
    losses_tell(text_chars(&what), "datagrams", news, lost, error);
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
    capture.path = path;
    DWORD error = block_write(header, sizeof(header));
    if (error != ERROR_SUCCESS) {
        CloseHandle(file);
        capture.file = NULL;
    }
    ReleaseSRWLockExclusive(&capture.lock);
    return error;
}

DWORD live_capture_close(uint64_t *out_lost)
{
    AcquireSRWLockExclusive(&capture.lock);
    DWORD error = capture.error;
    *out_lost = capture.missing + capture.loss.lost;
    if (capture.file != NULL && !CloseHandle(capture.file) && error == ERROR_SUCCESS)
        error = GetLastError();
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

/* A broadcast goes to all, whatever address stands beside the flag. */
static struct endpoint wire_endpoint(const PXE_ADDRESS *address)
{
    struct endpoint endpoint = endpoint_of(address);

    if ((address->uFlags & PXE_ADDR_BROADCAST) != 0 && endpoint.length == 4)
        memset(endpoint.address, 0xff, 4);
    return endpoint;
}

static void missing_note(void)
{
    AcquireSRWLockExclusive(&capture.lock);
    capture.missing++;
    if (capture.error == ERROR_SUCCESS)
        capture.error = ERROR_NOT_ENOUGH_MEMORY;
    ReleaseSRWLockExclusive(&capture.lock);
}

static void write_packet(uint64_t time, const PXE_ADDRESS *from, const PXE_ADDRESS *to,
                         const void *payload, ULONG length, const struct text *comment)
{
    const struct endpoint source = wire_endpoint(from), destination = wire_endpoint(to);
    const struct capture_datagram datagram = {
        .time = time,
        .source = &source,
        .destination = &destination,
        .payload = payload,
        .length = length < CAPTURE_PAYLOAD_MAX ? length : CAPTURE_PAYLOAD_MAX,
    };
    SCOPED_MEMORY uint8_t *block = malloc(datagram.length + PCAPNG_PACKET_EXTRA);

    if (block != NULL)
        put(block, pcapng_packet(&datagram, comment->failed ? "" : text_chars(comment), block));
    else
        missing_note();
}

void live_capture_request(const WDSPXE_EXT_REQUEST *request)
{
    const char *action = boot_action_name(request->Action);
    SCOPED_TEXT comment = TEXT_EMPTY;

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
    write_packet(microseconds_now() - request->uMicroseconds, &request->Remote, &request->Local,
                 request->pPacket, request->uPacketLen, &comment);
}

void live_capture_reply(const WDSPXE_EXT_REPLY *reply)
{
    SCOPED_TEXT comment = TEXT_EMPTY;

    if (!is_open())
        return;
    text_put(&comment, "sent by provider ");
    text_put_wide(&comment, reply->pszProvider);
    write_packet(microseconds_now(), &reply->Local, &reply->Remote, reply->pPacket,
                 reply->uPacketLen, &comment);
}
