/* Files, by paths in UTF-8. */
#ifndef WDSPXECTL_CLI_FILE_H
#define WDSPXECTL_CLI_FILE_H

#include <windows.h>

#include "capture/read.h"
#include "text/text.h"

enum { FILE_BUFFER_SIZE = 65536 };

/* CreateFileW without security attributes and template. INVALID_HANDLE_VALUE with the last error.
 */
HANDLE file_open(const char *path, DWORD access, DWORD share, DWORD disposition, DWORD flags);

/* As Windows' functions of these names: false, or INVALID_FILE_ATTRIBUTES, with the last error. */
DWORD file_attributes(const char *path);
bool file_delete(const char *path);
bool folder_create(const char *path);
bool folder_remove(const char *path); /* RemoveDirectoryW: an empty one */

/* Paths, each of which and the list are to be freed: paths_free. */
struct paths {
    size_t count;
    char **items;
};

/* Whether the last part of a path has `*` or `?`, which no name of a file has. */
bool path_is_pattern(const char *path);

/*
 * Appends the files, not the folders, that the last part of the path matches, sorted. What Linux'
 * shells do, cmd and PowerShell leave to programs. ERROR_SUCCESS; ERROR_FILE_NOT_FOUND: there is
 * none; or what Windows says.
 */
DWORD paths_match(struct paths *paths, const char *pattern);

void paths_free(struct paths *paths);

/* A file that is read from beginning to end. */
struct file_reader {
    HANDLE handle;
    DWORD error; /* of the last read; 0: none */
    size_t at;
    size_t filled;
    uint8_t buffer[FILE_BUFFER_SIZE];
};

/* ERROR_SUCCESS or why it cannot be opened. */
DWORD file_reader_open(struct file_reader *reader, const char *path);

/* The reader as a source; it must outlive the source. */
struct capture_source file_reader_source(struct file_reader *reader);

void file_reader_close(struct file_reader *reader);

/* The whole file, at most `limit` bytes, to be freed. ERROR_FILE_TOO_LARGE if it is larger. */
DWORD file_read_all(const char *path, size_t limit, char **out_bytes, size_t *out_length);

/* A file that is written anew. Once something failed, the rest does nothing; closing tells. */
struct file_writer {
    HANDLE handle;
    DWORD error;
    size_t filled;
    uint8_t *buffer; /* FILE_BUFFER_SIZE */
};

/* To be closed also if there is none; writer->error tells. */
void file_writer_open(struct file_writer *writer, const char *path);
void file_writer_put(struct file_writer *writer, const void *bytes, size_t length);

/* A text that ran out of memory is an error of the file. */
void file_writer_put_text(struct file_writer *writer, const struct text *text);

/* ERROR_SUCCESS if every byte was written. */
DWORD file_writer_close(struct file_writer *writer);

/* Appends a name to a path, with _ for what a file's name may not have. */
void file_name_put(struct text *path, const char *name);

/* The part of a path behind the last slash, backslash or colon. */
const char *file_name_of(const char *path);

/* The full path, to be freed; NULL with the last error set if there is none. */
char *file_absolute_path(const char *path);

#endif
