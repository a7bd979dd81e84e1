#include <winsock2.h> /* before the windows.h of wdspxe.h */

#include "port.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <ws2tcpip.h>

#include "rules/book.h"

#define FILE_SIZE_MAX (256UL * 1024 * 1024)

/* ---- text ---- */

LPWSTR port_wide(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    LPWSTR wide = size > 0 ? malloc((size_t)size * sizeof(*wide)) : NULL;

    if (wide != NULL)
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, size);
    return wide;
}

char *port_narrow(LPCWSTR text)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *narrow = size > 0 ? malloc((size_t)size) : NULL;

    if (narrow != NULL)
        WideCharToMultiByte(CP_UTF8, 0, text, -1, narrow, size, NULL, NULL);
    return narrow;
}

/* ---- files ---- */

static ULONGLONG join(DWORD high, DWORD low)
{
    return (ULONGLONG)high << 32 | low;
}

static BOOL look_at(HANDLE file, struct port_file *out)
{
    BY_HANDLE_FILE_INFORMATION information;

    if (!GetFileInformationByHandle(file, &information))
        return FALSE;
    out->size = join(information.nFileSizeHigh, information.nFileSizeLow);
    out->written =
        join(information.ftLastWriteTime.dwHighDateTime, information.ftLastWriteTime.dwLowDateTime);
    out->identity = join(information.nFileIndexHigh, information.nFileIndexLow);
    return TRUE;
}

/* Writing, deleting and renaming stay possible: an editor must never fail because we look. */
static HANDLE open_file(LPCWSTR path)
{
    return CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                       NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
}

static DWORD read_bytes(HANDLE file, ULONGLONG size, uint8_t **out_bytes)
{
    uint8_t *bytes;
    DWORD used = 0;
    DWORD count = 1;

    if (size > FILE_SIZE_MAX)
        return ERROR_FILE_TOO_LARGE;
    bytes = malloc((size_t)size + 1);
    if (bytes == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    while (used < size && count > 0) {
        if (!ReadFile(file, bytes + used, (DWORD)size - used, &count, NULL)) {
            DWORD error = GetLastError();

            free(bytes);
            return error;
        }
        used += count;
    }
    if (used < size) { /* somebody cuts it off at this moment */
        free(bytes);
        return PORT_BUSY;
    }
    *out_bytes = bytes;
    return ERROR_SUCCESS;
}

static DWORD read_opened(HANDLE file, struct port_file *seen, uint8_t **out_bytes, size_t *out_size)
{
    DWORD error;

    if (!look_at(file, seen))
        return GetLastError();
    error = read_bytes(file, seen->size, out_bytes);
    if (error != ERROR_SUCCESS)
        return error;
    *out_size = (size_t)seen->size;
    seen->checksum = config_checksum(*out_bytes, *out_size);
    return ERROR_SUCCESS;
}

static uint32_t read_file(void *context, const char *path, uint8_t **out_bytes, size_t *out_size)
{
    struct port_files *files = context;
    struct port_file seen = {.path = port_wide(path)};
    DWORD error = ERROR_SUCCESS;
    HANDLE file;

    if (seen.path == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    file = open_file(seen.path);
    if (file == INVALID_HANDLE_VALUE) {
        error = GetLastError();
    } else {
        error = read_opened(file, &seen, out_bytes, out_size);
        CloseHandle(file);
    }
    if (files->count < PORT_FILES_MAX)
        files->items[files->count++] = seen;
    else
        free(seen.path);
    return error == ERROR_PATH_NOT_FOUND ? ERROR_FILE_NOT_FOUND : error;
}

void port_files_free(struct port_files *files)
{
    for (ULONG i = 0; i < files->count; ++i)
        free(files->items[i].path);
    files->count = 0;
}

static BOOL has_changed(const struct port_file *file)
{
    struct port_file now = {0};
    HANDLE handle = open_file(file->path);

    if (handle != INVALID_HANDLE_VALUE) {
        look_at(handle, &now);
        CloseHandle(handle);
    }
    return now.size != file->size || now.written != file->written || now.identity != file->identity;
}

BOOL port_files_changed(const struct port_files *files)
{
    for (ULONG i = 0; i < files->count; ++i) {
        if (has_changed(&files->items[i]))
            return TRUE;
    }
    return FALSE;
}

ULONGLONG port_files_checksum(const struct port_files *files)
{
    ULONGLONG sums[PORT_FILES_MAX];

    for (ULONG i = 0; i < files->count; ++i)
        sums[i] = files->items[i].checksum;
    return config_checksum((const uint8_t *)sums, files->count * sizeof(sums[0]));
}

/* ---- names ---- */

static bool take_address(const struct addrinfo *found, uint8_t *out, size_t size)
{
    if (size == 4)
        memcpy(out, &((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_addr, size);
    else
        memcpy(out, &((const struct sockaddr_in6 *)(const void *)found->ai_addr)->sin6_addr, size);
    return true;
}

static bool resolve(void *context, const char *name, uint8_t *out, size_t size)
{
    struct addrinfo hints = {.ai_family = size == 4 ? AF_INET : AF_INET6,
                             .ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    WSADATA data;
    bool is_known = false;

    (void)context;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return false;
    if (getaddrinfo(name, NULL, &hints, &found) == 0 && found != NULL)
        is_known = take_address(found, out, size);
    if (found != NULL)
        freeaddrinfo(found);
    WSACleanup();
    return is_known;
}

/* ---- memory ---- */

static void *get_pages(size_t size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

static void seal_pages(void *pages, size_t size)
{
    DWORD protection;

    VirtualProtect(pages, size, PAGE_READONLY,
                   &protection); /* a safety net; without it all works */
}

static void free_pages(void *pages, size_t size)
{
    (void)size;
    VirtualFree(pages, 0, MEM_RELEASE);
}

struct rules_port windows_port(struct port_files *files)
{
    struct rules_port port = {files, read_file, resolve, get_pages, seal_pages, free_pages};

    return port;
}
