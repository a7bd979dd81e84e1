#include "cli/output.h"

#include <stdlib.h>

#include "text/wide.h"

/* Each stream has its own lock, so that a reader that stalls one does not hold up the other. */
struct sink {
    CRITICAL_SECTION lock;
    HANDLE handle;
    bool is_console;
    volatile LONG is_broken;
};

static struct sink sinks[2];

static void sink_open(struct sink *sink, DWORD which)
{
    DWORD mode = 0;
    InitializeCriticalSection(&sink->lock);
    sink->handle = GetStdHandle(which);
    if (sink->handle != NULL && sink->handle != INVALID_HANDLE_VALUE)
        sink->is_console = GetConsoleMode(sink->handle, &mode) != 0;
}

void output_start(void)
{
    sink_open(&sinks[STREAM_OUT], STD_OUTPUT_HANDLE);
    sink_open(&sinks[STREAM_ERROR], STD_ERROR_HANDLE);
}

bool output_is_intact(void)
{
    return InterlockedCompareExchange(&sinks[STREAM_OUT].is_broken, 0, 0) == 0;
}

/* A pipe or a file normally takes everything at once; the loop is for those that do not. */
static bool write_bytes(HANDLE handle, const char *bytes, DWORD length)
{
    while (length > 0) {
        DWORD written = 0;
        if (!WriteFile(handle, bytes, length, &written, NULL) || written == 0)
            return false;
        bytes += written;
        length -= written;
    }
    return true;
}

static bool write_utf8(HANDLE handle, const struct text *text)
{
    struct text unicode = TEXT_EMPTY;
    if (text_has_surrogates(text->chars))
        text_put_unicode(&unicode, text->chars);
    const struct text *whole = unicode.length > 0 ? &unicode : text;
    bool written = !unicode.failed && write_bytes(handle, whole->chars, (DWORD)whole->length);
    text_free(&unicode);
    return written;
}

static bool write_console(HANDLE handle, const struct text *text)
{
    wchar_t *wide = wide_of(text->chars);
    DWORD written = 0;
    bool is_written =
        wide != NULL && WriteConsoleW(handle, wide, (DWORD)wcslen(wide), &written, NULL);
    free(wide);
    return is_written;
}

void output_block(enum stream stream, const struct text *block)
{
    static const char out_of_memory[] = "wdspxectl: a line is missing: out of memory\n";
    struct sink *sink = &sinks[stream];

    EnterCriticalSection(&sink->lock);
    bool written;
    if (block->failed)
        written = write_bytes(sink->handle, out_of_memory, sizeof(out_of_memory) - 1);
    else if (block->length == 0)
        written = true;
    else if (sink->is_console)
        written = write_console(sink->handle, block);
    else
        written = write_utf8(sink->handle, block);
    if (!written)
        InterlockedExchange(&sink->is_broken, 1);
    LeaveCriticalSection(&sink->lock);
}

static void put_visible(struct text *out, const struct text *line)
{
    uint32_t character = 0;
    for (const char *at = text_chars(line); *at != '\0';) {
        size_t size = text_read_character(at, &character);
        if (text_is_control(character))
            text_format(out, character < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)character);
        else
            text_put_span(out, at, size);
        at += size;
    }
}

void output_line(enum stream stream, const struct text *line)
{
    struct text visible = TEXT_EMPTY;
    put_visible(&visible, line);
    text_put_char(&visible, '\n');
    if (line->failed)
        visible.failed = true;
    output_block(stream, &visible);
    text_free(&visible);
}

void output_format(enum stream stream, const char *format, ...)
{
    struct text line = TEXT_EMPTY;
    va_list arguments;
    va_start(arguments, format);
    text_format_v(&line, format, arguments);
    va_end(arguments);
    output_line(stream, &line);
    text_free(&line);
}

void output_error(const char *format, ...)
{
    struct text line = TEXT_EMPTY;
    va_list arguments;
    va_start(arguments, format);
    text_put(&line, "wdspxectl: error: ");
    text_format_v(&line, format, arguments);
    va_end(arguments);
    output_line(STREAM_ERROR, &line);
    text_free(&line);
}

void output_warning(const char *format, ...)
{
    struct text line = TEXT_EMPTY;
    va_list arguments;
    va_start(arguments, format);
    text_put(&line, "wdspxectl: warning: ");
    text_format_v(&line, format, arguments);
    va_end(arguments);
    output_line(STREAM_ERROR, &line);
    text_free(&line);
}

void text_put_win32_error(struct text *text, DWORD code)
{
    wchar_t *message = NULL;
    DWORD length = FormatMessageW(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM |
                                      FORMAT_MESSAGE_IGNORE_INSERTS,
                                  NULL, code, 0, (LPWSTR)(void *)&message, 0, NULL);
    while (length > 0 && (text_is_control(message[length - 1]) || message[length - 1] == L' '))
        length--;
    if (length > 0) {
        text_put_utf16(text, message, length);
        text_put_char(text, ' ');
    }
    text_format(text, "(error %lu)", code);
    if (message != NULL)
        LocalFree(message);
}

static enum exit_code exit_code_from_win32(DWORD code)
{
    switch (code) {
    case ERROR_SUCCESS:
        return EXIT_CODE_OK;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_NOT_FOUND:
        return EXIT_CODE_NOT_FOUND;
    case ERROR_ALREADY_EXISTS:
        return EXIT_CODE_ALREADY_EXISTS;
    case ERROR_ACCESS_DENIED:
    case WSAEACCES:
        return EXIT_CODE_ACCESS_DENIED;
    default:
        return EXIT_CODE_FAILED;
    }
}

enum exit_code output_win32_error(DWORD code, const char *format, ...)
{
    struct text line = TEXT_EMPTY;
    va_list arguments;
    va_start(arguments, format);
    text_put(&line, "wdspxectl: error: ");
    text_format_v(&line, format, arguments);
    va_end(arguments);
    text_put(&line, ": ");
    text_put_win32_error(&line, code);
    output_line(STREAM_ERROR, &line);
    text_free(&line);
    return exit_code_from_win32(code);
}
