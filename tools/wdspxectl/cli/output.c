#include "cli/output.h"

#include <stdlib.h>

#include "text/wide.h"

/* Each stream has its own lock, so that a reader that stalls one does not hold up the other. */
struct sink {
    CRITICAL_SECTION lock;
    HANDLE handle;
    bool is_console;
    bool is_torn; /* what was written last is not whole */
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

/* A pipe or a file normally takes everything at once; the loop is for those that do not.
 * ERROR_SUCCESS or why not all was written; `out_written`: how much was. */
static DWORD write_bytes(HANDLE handle, const char *bytes, size_t length, size_t *out_written)
{
    *out_written = 0;
    while (*out_written < length) {
        DWORD written = 0;
        if (!WriteFile(handle, bytes + *out_written, (DWORD)(length - *out_written), &written,
                       NULL))
            return GetLastError();
        if (written == 0)
            return ERROR_WRITE_FAULT;
        *out_written += written;
    }
    return ERROR_SUCCESS;
}

/* Caller holds sink->lock. */
static DWORD sink_write(struct sink *sink, const char *bytes, size_t length)
{
    size_t written = 0;
    DWORD error = sink->is_torn ? write_bytes(sink->handle, "\n", 1, &written) : ERROR_SUCCESS;

    if (error != ERROR_SUCCESS)
        return error;
    error = write_bytes(sink->handle, bytes, length, &written);
    sink->is_torn = error != ERROR_SUCCESS && (written > 0 || sink->is_torn);
    return error;
}

static DWORD write_utf8(struct sink *sink, const struct text *text)
{
    SCOPED_TEXT unicode = TEXT_EMPTY;
    if (text_has_surrogates(text->chars))
        text_put_unicode(&unicode, text->chars);
    const struct text *whole = unicode.length > 0 ? &unicode : text;
    return unicode.failed ? ERROR_NOT_ENOUGH_MEMORY : sink_write(sink, whole->chars, whole->length);
}

static DWORD write_console(HANDLE handle, const struct text *text)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(text->chars);
    DWORD written = 0, error = ERROR_SUCCESS;
    if (wide == NULL || !WriteConsoleW(handle, wide, (DWORD)wcslen(wide), &written, NULL))
        error = GetLastError();
    return error;
}

DWORD output_block(enum stream stream, const struct text *block)
{
    static const char out_of_memory[] = "wdspxectl: a line is missing: out of memory\n";
    struct sink *sink = &sinks[stream];

    EnterCriticalSection(&sink->lock);
    DWORD error;
    if (block->failed)
        error = sink_write(sink, out_of_memory, sizeof(out_of_memory) - 1);
    else if (block->length == 0)
        error = ERROR_SUCCESS;
    else if (sink->is_console)
        error = write_console(sink->handle, block);
    else
        error = write_utf8(sink, block);
    if (error != ERROR_SUCCESS)
        InterlockedExchange(&sink->is_broken, 1);
    LeaveCriticalSection(&sink->lock);
    return error;
}

void output_to_top(void)
{
    const HANDLE console = sinks[STREAM_OUT].handle;
    CONSOLE_SCREEN_BUFFER_INFO info;
    DWORD written;

    if (!sinks[STREAM_OUT].is_console || !GetConsoleScreenBufferInfo(console, &info))
        return;
    const COORD top = {0, info.srWindow.Top};
    const DWORD cells =
        (DWORD)info.dwSize.X * (DWORD)(info.srWindow.Bottom - info.srWindow.Top + 1);
    FillConsoleOutputCharacterW(console, L' ', cells, top, &written);
    SetConsoleCursorPosition(console, top);
}

DWORD output_line(enum stream stream, const struct text *line)
{
    SCOPED_TEXT visible = TEXT_EMPTY;
    text_put_visible(&visible, text_chars(line));
    text_put_char(&visible, '\n');
    if (line->failed)
        visible.failed = true;
    return output_block(stream, &visible);
}

void output_record(enum stream stream, struct writer *writer)
{
    const struct text *text = &writer->text;
    if (text->length == 0 || text->chars[text->length - 1] != '\n')
        text_put_char(&writer->text, '\n');
    (void)output_block(stream, text);
    writer_free(writer);
}

enum exit_code output_result(struct writer *writer, enum exit_code code)
{
    if (writer->text.failed)
        code = EXIT_CODE_FAILED;
    if (!writer->as_json || code == EXIT_CODE_OK)
        output_record(STREAM_OUT, writer);
    writer_free(writer);
    return code;
}

/* `prefix`, what the format says and, unless it is NULL, what a code means. */
TEXT_PRINTF(3, 0)
static void put_line(enum stream stream, const char *prefix, const char *format, va_list arguments,
                     const DWORD *code)
{
    SCOPED_TEXT line = TEXT_EMPTY;
    text_put(&line, prefix);
    text_format_v(&line, format, arguments);
    if (code != NULL) {
        text_put(&line, ": ");
        text_put_win32_error(&line, *code);
    }
    (void)output_line(stream, &line);
}

static const char error_prefix[] = "wdspxectl: error: ";
static const char warning_prefix[] = "wdspxectl: warning: ";

void output_format(enum stream stream, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(stream, "", format, arguments, NULL);
    va_end(arguments);
}

void output_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(STREAM_ERROR, error_prefix, format, arguments, NULL);
    va_end(arguments);
}

void output_warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    put_line(STREAM_ERROR, warning_prefix, format, arguments, NULL);
    va_end(arguments);
}

void output_win32_warning(DWORD code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (code != ERROR_SUCCESS)
        put_line(STREAM_ERROR, warning_prefix, format, arguments, &code);
    va_end(arguments);
}

/* The words of a module's message table, or with NULL the system's. False: it has none. */
static bool put_message(struct text *text, HMODULE module, DWORD code)
{
    wchar_t *message = NULL;
    const DWORD from = module != NULL ? FORMAT_MESSAGE_FROM_HMODULE : FORMAT_MESSAGE_FROM_SYSTEM;
    DWORD length =
        FormatMessageW(FORMAT_MESSAGE_ALLOCATE_BUFFER | from | FORMAT_MESSAGE_IGNORE_INSERTS |
                           FORMAT_MESSAGE_MAX_WIDTH_MASK, /* on one line */
                       module, code, 0, (LPWSTR)(void *)&message, 0, NULL);
    while (length > 0 && (text_is_control(message[length - 1]) || message[length - 1] == L' '))
        length--;
    if (length > 0)
        text_put_utf16(text, message, length);
    if (message != NULL)
        LocalFree(message);
    return length > 0;
}

void text_put_win32_error(struct text *text, DWORD code)
{
    HMODULE server = GetModuleHandleW(L"wdspxe.dll"); /* has those of its events, as 0xC107010C */

    if (!put_message(text, NULL, code) && (server == NULL || !put_message(text, server, code)))
        text_put(text, "this system has no words for it");
    text_format(text, code < 0x10000 ? " (error %lu)" : " (error 0x%08lX)", code);
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
    va_list arguments;
    va_start(arguments, format);
    put_line(STREAM_ERROR, error_prefix, format, arguments, &code);
    va_end(arguments);
    return exit_code_from_win32(code);
}
