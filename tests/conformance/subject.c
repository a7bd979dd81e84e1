#include "subject.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "protocol.h"

static struct {
    HMODULE wdspxe;
    HMODULE wdsbp;
    char text[PROTOCOL_LINE_MAX / 2];
} subject;

/* Begins a new line, whatever the DLL has printed before. No buffer: this may be the end. */
static void line_write(const char *mark, const char *text)
{
    char line[PROTOCOL_LINE_MAX];
    int length = snprintf(line, sizeof(line), "\n%s%s\n", mark, text);
    DWORD written;

    if (length > 0)
        WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), line, (DWORD)length, &written, NULL);
}

/* Without telling the DLLs, which may not survive that. */
static _Noreturn void end(DWORD code)
{
    TerminateProcess(GetCurrentProcess(), code);
    for (;;)
        Sleep(INFINITE);
}

static LONG WINAPI crash_report(EXCEPTION_POINTERS *exception)
{
    line_write(PROTOCOL_ANSWER, subject.text); /* what was seen before it */
    end(exception->ExceptionRecord->ExceptionCode);
}

static void answer_list(const char *format, va_list arguments)
{
    size_t used = strlen(subject.text);
    size_t left = sizeof(subject.text) - used;

    if (used > 0 && left > 3) {
        memcpy(subject.text + used, ", ", 3);
        used += 2;
        left -= 2;
    }
    vsnprintf(subject.text + used, left, format, arguments);
}

void answer(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    answer_list(format, arguments);
    va_end(arguments);
}

void answer_bytes(const char *word, const void *bytes, size_t count)
{
    const BYTE *next = bytes;
    char text[3 * 48 + 1] = "";

    for (size_t i = 0; i < count && i < 48; i++)
        snprintf(text + 3 * i, 4, " %02x", next[i]);
    answer("%s%s%s", word, text, count > 48 ? " and more" : "");
}

void not_asked(const char *format, ...)
{
    char text[PROTOCOL_LINE_MAX / 2];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    line_write(PROTOCOL_NOT_ASKED, text);
    end(0);
}

static subject_any_function function_get(HMODULE module, const char *name)
{
    subject_any_function function = (subject_any_function)GetProcAddress(module, name);

    if (function == NULL)
        not_asked("%s is not exported", name);
    return function;
}

subject_any_function subject_wdspxe_function(const char *name)
{
    return function_get(subject.wdspxe, name);
}

subject_any_function subject_wdsbp_function(const char *name)
{
    return function_get(subject.wdsbp, name);
}

HMODULE subject_wdspxe(void)
{
    return subject.wdspxe;
}

static HMODULE load(const WCHAR *path)
{
    HMODULE module = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);

    if (module == NULL)
        not_asked("%ls cannot be loaded: error %lu", path, GetLastError());
    return module;
}

void subject_ask(const struct subject_paths *paths, const struct question *question)
{
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    SetUnhandledExceptionFilter(crash_report);
    subject.wdspxe = load(paths->wdspxe);
    if (paths->wdsbp != NULL)
        subject.wdsbp = load(paths->wdsbp);
    if (question != NULL)
        question->ask();
    line_write(PROTOCOL_ANSWER, subject.text);
    end(0);
}
