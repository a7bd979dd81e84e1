#include "bench/running.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

#include "bench/page.h"
#include "bench/reproducer.h"
#include "capture/write_pcap.h"
#include "cli/file.h"
#include "cli/output.h"
#include "text/bytes.h"

enum {
    RECORD_HEADER = 16,
    /* A record is as long as the longest. What is behind the datagram pads the Ethernet frame. */
    FRAME_SIZE = CAPTURE_FRAME_HEADERS_MAX - RECORD_HEADER + CAPTURE_PAYLOAD_MAX,
    RUNNING_SIZE = CAPTURE_FILE_HEADER_SIZE + RECORD_HEADER + FRAME_SIZE,
};

static struct {
    uint8_t *view; /* NULL: not open */
    size_t used;
    char path[RUNNING_PATH_SIZE];
} files[PAGE_CASES];
static volatile LONG is_impossible; /* told */
static volatile LONG has_made_folder;
static char made_folder[RUNNING_PATH_SIZE];

static uint8_t *file_map(const char *path)
{
    HANDLE file = file_open(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE,
                            CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL);
    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, RUNNING_SIZE, NULL);
    uint8_t *view = mapping != NULL ? MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0) : NULL;
    DWORD error = GetLastError();
    if (mapping != NULL)
        CloseHandle(mapping);
    CloseHandle(file);
    SetLastError(error);
    return view;
}

static bool slot_open(unsigned slot, const char *folder, const char *provider)
{
    SCOPED_TEXT path = TEXT_EMPTY;

    if (InterlockedCompareExchange(&is_impossible, 0, 0) != 0)
        return false;
    if (folder_create(folder) && InterlockedExchange(&has_made_folder, 1) == 0)
        (void)snprintf(made_folder, sizeof(made_folder), "%s", folder);
    reproducer_put_path(&path, folder, "running", provider);
    text_format(&path, "-%lu-%u.pcap", GetCurrentProcessId(), slot);
    if (!path.failed && path.length < sizeof(files[slot].path))
        files[slot].view = file_map(text_chars(&path));
    if (files[slot].view != NULL) {
        memcpy(files[slot].path, text_chars(&path), path.length + 1);
        capture_file_header(files[slot].view);
    } else if (InterlockedExchange(&is_impossible, 1) == 0) {
        output_warning("\"%s\" cannot be made (error %lu): requests that a provider has are noted "
                       "in memory only",
                       text_chars(&path), GetLastError());
    }
    return files[slot].view != NULL;
}

void running_put(unsigned slot, const char *folder, const char *provider,
                 const struct message *message, char out_path[RUNNING_PATH_SIZE])
{
    uint8_t headers[CAPTURE_FRAME_HEADERS_MAX];

    out_path[0] = '\0';
    if (files[slot].view == NULL && !slot_open(slot, folder, provider))
        return;
    size_t size = reproducer_headers(message, headers);
    const size_t length =
        message->length < CAPTURE_PAYLOAD_MAX ? message->length : CAPTURE_PAYLOAD_MAX;
    uint8_t *record = files[slot].view + CAPTURE_FILE_HEADER_SIZE;

    put_le32(headers + 8, FRAME_SIZE);
    put_le32(headers + 12, FRAME_SIZE);
    memcpy(record, headers, size);
    memcpy(record + size, message->packet, length);
    size += length;
    if (size < files[slot].used)
        memset(record + size, 0, files[slot].used - size);
    files[slot].used = size;
    memcpy(out_path, files[slot].path, RUNNING_PATH_SIZE);
}

void running_remove(void)
{
    for (unsigned i = 0; i < PAGE_CASES; i++) {
        if (files[i].view == NULL)
            continue;
        UnmapViewOfFile(files[i].view);
        files[i].view = NULL;
        (void)file_delete(files[i].path);
    }
    if (has_made_folder)
        (void)folder_remove(made_folder); /* not if there is something in it */
}
