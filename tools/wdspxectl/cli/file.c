#include "cli/file.h"

#include <stdlib.h>
#include <string.h>

DWORD file_reader_open(struct file_reader *reader, const wchar_t *path)
{
    reader->handle = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                                 OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
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

DWORD file_read_all(const wchar_t *path, size_t limit, char **out_bytes, size_t *out_length)
{
    struct file_reader *reader = malloc(sizeof(*reader));
    char *bytes = NULL;
    size_t length = 0, room = 0;
    if (reader == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    DWORD error = file_reader_open(reader, path);
    if (error != ERROR_SUCCESS) {
        free(reader);
        return error;
    }
    while (error == ERROR_SUCCESS && fill(reader)) {
        if (reader->filled > limit - length) {
            error = ERROR_FILE_TOO_LARGE;
        } else if (reader->filled > room - length) {
            room = room * 2 + FILE_BUFFER_SIZE;
            char *grown = realloc(bytes, room);
            if (grown == NULL)
                error = ERROR_NOT_ENOUGH_MEMORY;
            else
                bytes = grown;
        }
        if (error == ERROR_SUCCESS) {
            memcpy(bytes + length, reader->buffer, reader->filled);
            length += reader->filled;
        }
    }
    if (error == ERROR_SUCCESS)
        error = reader->error;
    file_reader_close(reader);
    free(reader);
    if (error != ERROR_SUCCESS) {
        free(bytes);
        return error;
    }
    *out_bytes = bytes;
    *out_length = length;
    return ERROR_SUCCESS;
}

DWORD file_writer_open(struct file_writer *writer, const wchar_t *path)
{
    writer->handle =
        CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
    writer->error = ERROR_SUCCESS;
    writer->filled = 0;
    return writer->handle == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
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
    while (length > 0) {
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
    enum { PART = 8192, UTF8_PER_CHAR = 3 };
    if (text->failed && writer->error == ERROR_SUCCESS)
        writer->error = ERROR_NOT_ENOUGH_MEMORY;
    for (size_t at = 0; at < text->length;) {
        char bytes[PART * UTF8_PER_CHAR];
        size_t part = text->length - at < PART ? text->length - at : PART;
        /* A pair of surrogates is not to be torn apart. */
        if (at + part < text->length && IS_HIGH_SURROGATE(text->chars[at + part - 1]) && part > 1)
            part--;
        int size = WideCharToMultiByte(CP_UTF8, 0, text->chars + at, (int)part, bytes,
                                       (int)sizeof(bytes), NULL, NULL);
        file_writer_put(writer, bytes, size > 0 ? (size_t)size : 0);
        at += part;
    }
}

DWORD file_writer_close(struct file_writer *writer)
{
    flush(writer);
    if (!CloseHandle(writer->handle) && writer->error == ERROR_SUCCESS)
        writer->error = GetLastError();
    return writer->error;
}

const wchar_t *file_name_of(const wchar_t *path)
{
    const wchar_t *name = path;
    for (const wchar_t *at = path; *at != L'\0'; at++) {
        if (*at == L'/' || *at == L'\\' || *at == L':')
            name = at + 1;
    }
    return name;
}

wchar_t *file_absolute_path(const wchar_t *path)
{
    DWORD size = GetFullPathNameW(path, 0, NULL, NULL);
    if (size == 0)
        return NULL;
    wchar_t *full = malloc(size * sizeof(*full));
    if (full == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    DWORD length = GetFullPathNameW(path, size, full, NULL);
    if (length == 0 || length >= size) {
        free(full);
        return NULL;
    }
    return full;
}
