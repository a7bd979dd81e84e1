#include "archive.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>

enum {
    LOCAL_SIZE = 30,
    CENTRAL_SIZE = 46,
    END_SIZE = 22,
    VERSION = 20,
    UTF8_NAMES = 0x0800,
    FILES_MAX = 65535,
    PATH_UNITS = 1024,
    CHUNK = 65536
};

struct archive {
    FILE *file;
    uint64_t at; /* bytes written */
    BYTE *central;
    size_t central_size;
    unsigned files;
    uint32_t crc_table[256];
};

struct entry {
    char name[3 * PATH_UNITS];
    uint32_t crc, size, at;
    WORD date, time;
};

static void put16(BYTE *to, unsigned value)
{
    to[0] = (BYTE)value;
    to[1] = (BYTE)(value >> 8);
}

static void put32(BYTE *to, uint32_t value)
{
    put16(to, value & 0xffff);
    put16(to + 2, value >> 16);
}

static void crc_prepare(uint32_t table[256])
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1;
        table[i] = crc;
    }
}

static bool write_bytes(struct archive *archive, const void *bytes, size_t size)
{
    archive->at += size;
    return archive->at < UINT32_MAX && fwrite(bytes, 1, size, archive->file) == size;
}

/* What the local and the central header have in common: from "version needed" to the length of the
 * name. */
static void put_common(BYTE *to, const struct entry *entry)
{
    put16(to, VERSION);
    put16(to + 2, UTF8_NAMES);
    put16(to + 4, 0); /* stored */
    put16(to + 6, entry->time);
    put16(to + 8, entry->date);
    put32(to + 10, entry->crc);
    put32(to + 14, entry->size);
    put32(to + 18, entry->size);
    put16(to + 22, (unsigned)strlen(entry->name));
}

static bool write_local(struct archive *archive, const struct entry *entry)
{
    BYTE header[LOCAL_SIZE] = {'P', 'K', 3, 4};

    put_common(header + 4, entry);
    return write_bytes(archive, header, sizeof(header)) &&
           write_bytes(archive, entry->name, strlen(entry->name));
}

static bool note_central(struct archive *archive, const struct entry *entry)
{
    const size_t name = strlen(entry->name);
    BYTE *central = realloc(archive->central, archive->central_size + CENTRAL_SIZE + name);

    if (central == NULL)
        return false;
    archive->central = central;
    BYTE *header = central + archive->central_size;
    memset(header, 0, CENTRAL_SIZE);
    memcpy(header, "PK\1\2", 4);
    put16(header + 4, VERSION);
    put_common(header + 6, entry);
    put32(header + 42, entry->at);
    memcpy(header + CENTRAL_SIZE, entry->name, name);
    archive->central_size += CENTRAL_SIZE + name;
    return ++archive->files <= FILES_MAX;
}

/* Reads the file once for its checksum, and once more to copy it: as long as it was the first time.
 */
static bool file_check(const struct archive *archive, FILE *file, struct entry *entry)
{
    static BYTE chunk[CHUNK];
    uint32_t crc = UINT32_MAX;
    uint64_t size = 0;
    size_t got;

    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        for (size_t i = 0; i < got; i++)
            crc = (crc >> 8) ^ archive->crc_table[(crc ^ chunk[i]) & 0xff];
        size += got;
    }
    entry->crc = ~crc;
    entry->size = (uint32_t)size;
    return size < UINT32_MAX && !ferror(file);
}

static bool file_copy(struct archive *archive, FILE *file, uint32_t size)
{
    static BYTE chunk[CHUNK];

    rewind(file);
    while (size > 0) {
        const size_t want = size < sizeof(chunk) ? size : sizeof(chunk);

        if (fread(chunk, 1, want, file) != want || !write_bytes(archive, chunk, want))
            return false;
        size -= (uint32_t)want;
    }
    return true;
}

static bool add_file(struct archive *archive, const wchar_t *path, const wchar_t *name,
                     const FILETIME *written)
{
    struct entry entry = {.at = (uint32_t)archive->at};
    FILETIME local;
    FILE *file = _wfopen(path, L"rb");

    if (file == NULL)
        return false;
    if (!FileTimeToLocalFileTime(written, &local) ||
        !FileTimeToDosDateTime(&local, &entry.date, &entry.time))
        entry.date = 0x21; /* 1 January 1980, the earliest there is */
    bool done =
        WideCharToMultiByte(CP_UTF8, 0, name, -1, entry.name, sizeof(entry.name), NULL, NULL) > 0;
    for (char *c = entry.name; *c != '\0'; c++)
        if (*c == '\\')
            *c = '/';
    done = done && file_check(archive, file, &entry) && write_local(archive, &entry) &&
           file_copy(archive, file, entry.size) && note_central(archive, &entry);
    fclose(file);
    return done;
}

/* `name` is the folder's in the ZIP. */
static bool add_folder(struct archive *archive, const wchar_t *folder, const wchar_t *name)
{
    wchar_t path[PATH_UNITS], inside[PATH_UNITS];
    WIN32_FIND_DATAW found;
    bool done = true;

    swprintf(path, PATH_UNITS, L"%ls\\*", folder);
    HANDLE search = FindFirstFileW(path, &found);
    if (search == INVALID_HANDLE_VALUE)
        return true;
    do {
        if (wcscmp(found.cFileName, L".") == 0 || wcscmp(found.cFileName, L"..") == 0)
            continue;
        swprintf(path, PATH_UNITS, L"%ls\\%ls", folder, found.cFileName);
        swprintf(inside, PATH_UNITS, L"%ls\\%ls", name, found.cFileName);
        if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
            done = add_folder(archive, path, inside);
        else
            done = add_file(archive, path, inside, &found.ftLastWriteTime);
    } while (done && FindNextFileW(search, &found));
    FindClose(search);
    return done;
}

static bool write_end(struct archive *archive)
{
    BYTE end[END_SIZE] = {'P', 'K', 5, 6};

    put16(end + 8, archive->files);
    put16(end + 10, archive->files);
    put32(end + 12, (uint32_t)archive->central_size);
    put32(end + 16, (uint32_t)archive->at);
    return write_bytes(archive, archive->central, archive->central_size) &&
           write_bytes(archive, end, sizeof(end));
}

bool archive_make(const wchar_t *folder, const wchar_t *path)
{
    struct archive archive = {.file = _wfopen(path, L"wb")};
    const wchar_t *name = wcsrchr(folder, L'\\');

    if (archive.file == NULL)
        return false;
    crc_prepare(archive.crc_table);
    bool done =
        add_folder(&archive, folder, name != NULL ? name + 1 : folder) && write_end(&archive);
    done = fclose(archive.file) == 0 && done;
    free(archive.central);
    if (!done)
        DeleteFileW(path);
    return done;
}
