#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static bool text_reserve(struct text *text, size_t extra)
{
    if (text->failed)
        return false;
    if (text->capacity - text->length > extra)
        return true;

    size_t limit = SIZE_MAX / sizeof(wchar_t) / 2;
    if (extra >= limit || text->length >= limit - extra) {
        text->failed = true;
        return false;
    }
    size_t wanted = text->length + extra + 1;
    size_t capacity = text->capacity < 64 ? 128 : text->capacity * 2;
    if (capacity < wanted)
        capacity = wanted;
    wchar_t *chars = realloc(text->chars, capacity * sizeof(*chars));
    if (chars == NULL) {
        text->failed = true;
        return false;
    }
    chars[text->length] = L'\0';
    text->chars = chars;
    text->capacity = capacity;
    return true;
}

const wchar_t *text_chars(const struct text *text)
{
    return text->chars == NULL ? L"" : text->chars;
}

void text_free(struct text *text)
{
    free(text->chars);
    *text = TEXT_EMPTY;
}

void text_put_span(struct text *text, const wchar_t *chars, size_t length)
{
    if (length == 0 || !text_reserve(text, length))
        return;
    memcpy(text->chars + text->length, chars, length * sizeof(*chars));
    text->length += length;
    text->chars[text->length] = L'\0';
}

void text_put_char(struct text *text, wchar_t c)
{
    text_put_span(text, &c, 1);
}

void text_put(struct text *text, const wchar_t *string)
{
    text_put_span(text, string, wcslen(string));
}

void text_format_v(struct text *text, const wchar_t *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int needed = _vscwprintf(format, again);
    va_end(again);
    if (needed < 0) {
        text->failed = true;
        return;
    }
    if (!text_reserve(text, (size_t)needed))
        return;
    (void)_vsnwprintf(text->chars + text->length, (size_t)needed + 1, format, arguments);
    text->length += (size_t)needed;
    text->chars[text->length] = L'\0';
}

void text_format(struct text *text, const wchar_t *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_format_v(text, format, arguments);
    va_end(arguments);
}

static void text_put_latin1(struct text *text, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text_put_char(text, (wchar_t)(unsigned char)bytes[i]);
}

void text_put_bytes(struct text *text, const char *bytes, size_t length)
{
    if (length == 0 || length > 65535)
        return;

    int size = (int)length;
    int needed = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, bytes, size, NULL, 0);
    if (needed <= 0) {
        text_put_latin1(text, bytes, length);
        return;
    }
    if (!text_reserve(text, (size_t)needed))
        return;
    (void)MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, bytes, size,
                              text->chars + text->length, needed);
    text->length += (size_t)needed;
    text->chars[text->length] = L'\0';
}

bool text_is_control(wchar_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}
