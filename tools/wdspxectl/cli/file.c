#include "cli/file.h"

#include <stdlib.h>
#include <string.h>

#include "text/bytes.h"
#include "text/wide.h"

HANDLE file_open(const char *path, DWORD access, DWORD share, DWORD disposition, DWORD flags)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(path);
    return wide != NULL ? CreateFileW(wide, access, share, NULL, disposition, flags, NULL)
                        : INVALID_HANDLE_VALUE;
}

DWORD file_attributes(const char *path)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(path);
    return wide != NULL ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
}

bool file_delete(const char *path)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(path);
    return wide != NULL && DeleteFileW(wide);
}

bool folder_create(const char *path)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(path);
    return wide != NULL && CreateDirectoryW(wide, NULL);
}

bool folder_remove(const char *path)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(path);
    return wide != NULL && RemoveDirectoryW(wide);
}

bool path_is_pattern(const char *path)
{
    return strpbrk(file_name_of(path), "*?") != NULL;
}

/* The folder of the pattern, with what is between it and the name. */
static DWORD paths_add(struct paths *paths, const char *pattern, const wchar_t *name)
{
    SCOPED_TEXT path = TEXT_EMPTY;

    if (!array_make_room(&paths->items, paths->count, sizeof(*paths->items)))
        return ERROR_NOT_ENOUGH_MEMORY;
    text_put_span(&path, pattern, (size_t)(file_name_of(pattern) - pattern));
    text_put_wide(&path, name);
    paths->items[paths->count] = path.failed ? NULL : _strdup(text_chars(&path));
    if (paths->items[paths->count] == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    paths->count++;
    return ERROR_SUCCESS;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

DWORD paths_match(struct paths *paths, const char *pattern)
{
    WIN32_FIND_DATAW found;
    const size_t before = paths->count;
    SCOPED_MEMORY wchar_t *wide = wide_of(pattern);
    HANDLE search = wide != NULL ? FindFirstFileW(wide, &found) : INVALID_HANDLE_VALUE;
    if (search == INVALID_HANDLE_VALUE)
        return GetLastError();
    DWORD error = ERROR_SUCCESS;
    do {
        if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
            error = paths_add(paths, pattern, found.cFileName);
    } while (error == ERROR_SUCCESS && FindNextFileW(search, &found));
    if (error == ERROR_SUCCESS && GetLastError() != ERROR_NO_MORE_FILES)
        error = GetLastError();
    FindClose(search);
    if (error == ERROR_SUCCESS && paths->count == before)
        error = ERROR_FILE_NOT_FOUND;
    if (error == ERROR_SUCCESS)
        qsort(paths->items + before, paths->count - before, sizeof(*paths->items), compare_paths);
    return error;
}

void paths_free(struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
    *paths = (struct paths){0};
}

DWORD file_reader_open(struct file_reader *reader, const char *path)
{
    reader->handle = file_open(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                               OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN);
    reader->error = ERROR_SUCCESS;
    reader->at = reader->filled = 0;
    return reader->handle == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
}

static bool fill(struct file_reader *reader)
{
    DWORD got = 0;
    if (!ReadFile(reader->handle, reader->buffer, FILE_BUFFER_SIZE, &got, NULL))
        reader->error = GetLastError();
    reader->at = 0;
    reader->filled = got;
    return got > 0;
}

static size_t read_file(void *context, uint8_t *buffer, size_t size)
{
    struct file_reader *reader = context;
    size_t done = 0;
    while (done < size && (reader->at < reader->filled || fill(reader))) {
        size_t part = reader->filled - reader->at;
        if (part > size - done)
            part = size - done;
        memcpy(buffer + done, reader->buffer + reader->at, part);
        reader->at += part;
        done += part;
    }
    return done;
}

struct capture_source file_reader_source(struct file_reader *reader)
{
    return (struct capture_source){read_file, reader};
}

void file_reader_close(struct file_reader *reader)
{
    CloseHandle(reader->handle);
}

DWORD file_read_all(const char *path, size_t limit, char **out_bytes, size_t *out_length)
{
    SCOPED_MEMORY struct file_reader *reader = malloc(sizeof(*reader));
    struct text bytes = TEXT_EMPTY;
    DWORD error = reader == NULL ? ERROR_NOT_ENOUGH_MEMORY : file_reader_open(reader, path);
    if (error == ERROR_SUCCESS) {
        while (fill(reader) && reader->filled <= limit - bytes.length && !bytes.failed)
            text_put_span(&bytes, (const char *)reader->buffer, reader->filled);
        error = bytes.failed         ? ERROR_NOT_ENOUGH_MEMORY
                : reader->filled > 0 ? ERROR_FILE_TOO_LARGE
                                     : reader->error;
        file_reader_close(reader);
    }
    if (error != ERROR_SUCCESS)
        text_free(&bytes);
    *out_bytes = bytes.chars;
    *out_length = bytes.length;
    return error;
}

void file_writer_open(struct file_writer *writer, const char *path)
{
    *writer =
        (struct file_writer){.handle = INVALID_HANDLE_VALUE, .buffer = malloc(FILE_BUFFER_SIZE)};
    if (writer->buffer == NULL) {
        writer->error = ERROR_NOT_ENOUGH_MEMORY; /* and the file is as it was */
        return;
    }
    writer->handle = file_open(path, GENERIC_WRITE, FILE_SHARE_READ, CREATE_ALWAYS, 0);
    if (writer->handle == INVALID_HANDLE_VALUE)
        writer->error = GetLastError();
}

static void flush(struct file_writer *writer)
{
    size_t at = 0;
    while (at < writer->filled && writer->error == ERROR_SUCCESS) {
        DWORD written = 0;
        if (!WriteFile(writer->handle, writer->buffer + at, (DWORD)(writer->filled - at), &written,
                       NULL))
            writer->error = GetLastError();
        else if (written == 0)
            writer->error = ERROR_WRITE_FAULT;
        at += written;
    }
    writer->filled = 0;
}

void file_writer_put(struct file_writer *writer, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    while (length > 0 && writer->error == ERROR_SUCCESS) {
        size_t part = FILE_BUFFER_SIZE - writer->filled;
        if (part > length)
            part = length;
        memcpy(writer->buffer + writer->filled, at, part);
        writer->filled += part;
        at += part;
        length -= part;
        if (writer->filled == FILE_BUFFER_SIZE)
            flush(writer);
    }
}

void file_writer_put_text(struct file_writer *writer, const struct text *text)
{
    SCOPED_TEXT unicode = TEXT_EMPTY;
    if (text_has_surrogates(text_chars(text)))
        text_put_unicode(&unicode, text_chars(text));
    const struct text *whole = unicode.length > 0 ? &unicode : text;
    if ((text->failed || unicode.failed) && writer->error == ERROR_SUCCESS)
        writer->error = ERROR_NOT_ENOUGH_MEMORY;
    file_writer_put(writer, text_chars(whole), whole->length);
}

DWORD file_writer_close(struct file_writer *writer)
{
    flush(writer);
    if (writer->handle != INVALID_HANDLE_VALUE && !CloseHandle(writer->handle) &&
        writer->error == ERROR_SUCCESS)
        writer->error = GetLastError();
    free(writer->buffer);
    return writer->error;
}

void file_name_put(struct text *path, const char *name)
{
    for (; *name != '\0'; name++) {
        bool is_unfit = (unsigned char)*name < ' ' || strchr("<>:\"/\\|?*", *name) != NULL;
        text_put_char(path, is_unfit ? '_' : *name);
    }
}

const char *file_name_of(const char *path)
{
    const char *name = path;
    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\' || *at == ':')
            name = at + 1;
    }
    return name;
}

char *file_absolute_path(const char *path)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(path);
    DWORD size = wide != NULL ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;
    SCOPED_MEMORY wchar_t *full = size > 0 ? malloc(size * sizeof(*full)) : NULL;
    DWORD length = full != NULL ? GetFullPathNameW(wide, size, full, NULL) : 0;
    char *result = length > 0 && length < size ? utf8_of(full) : NULL;
    if (size > 0 && result == NULL && length == 0)
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    return result;
}
