#include "text/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/*
 * vswprintf does not tell how much room it needs, so it is given more until it is content; what
 * needs more than the limit is a mistake of the format.
 */
void text_format_v(struct text *text, const wchar_t *format, va_list arguments)
{
    enum { FIRST_GUESS = 128, LIMIT = 1 << 24 };
    for (size_t room = FIRST_GUESS; room <= LIMIT; room *= 8) {
        if (!text_reserve(text, room))
            return;
        va_list again;
        va_copy(again, arguments);
        int length = vswprintf(text->chars + text->length, room + 1, format, again);
        va_end(again);
        if (length >= 0 && (size_t)length <= room) {
            text->length += (size_t)length;
            return;
        }
        text->chars[text->length] = L'\0';
    }
    text->failed = true;
}

void text_format(struct text *text, const wchar_t *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_format_v(text, format, arguments);
    va_end(arguments);
}

void text_clear(struct text *text)
{
    text_shorten(text, 0);
}

void text_shorten(struct text *text, size_t length)
{
    if (text->chars == NULL || length >= text->length)
        return;
    text->length = length;
    text->chars[length] = L'\0';
}

/* How many bytes follow a lead byte of UTF-8; -1 if it is none. */
static int continuation_count(unsigned char lead)
{
    if (lead < 0x80)
        return 0;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 1;
    if (lead >= 0xe0 && lead <= 0xef)
        return 2;
    return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1;
}

size_t utf8_read(const char *bytes, size_t length, uint32_t *out_character)
{
    static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    static const uint8_t lead_bits[] = {0x7f, 0x1f, 0x0f, 0x07};
    int more = continuation_count((unsigned char)bytes[0]);
    if (more < 0 || (size_t)more >= length)
        return 0;
    uint32_t character = (unsigned char)bytes[0] & lead_bits[more];
    for (int i = 1; i <= more; i++) {
        unsigned char next = (unsigned char)bytes[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (next & 0x3f);
    }
    if (character < smallest[more] || character > 0x10ffff ||
        (character >= 0xd800 && character <= 0xdfff))
        return 0;
    *out_character = character;
    return (size_t)more + 1;
}

static bool is_utf8(const char *bytes, size_t length)
{
    uint32_t character;
    for (size_t at = 0, size = 0; at < length; at += size) {
        size = utf8_read(bytes + at, length - at, &character);
        if (size == 0)
            return false;
    }
    return true;
}

void text_put_character(struct text *text, uint32_t character)
{
#if WCHAR_MAX <= 0xffff
    if (character > 0xffff) {
        text_put_char(text, (wchar_t)(0xd800 + ((character - 0x10000) >> 10)));
        text_put_char(text, (wchar_t)(0xdc00 + (character & 0x3ff)));
        return;
    }
#endif
    text_put_char(text, (wchar_t)character);
}

/* The next character of bytes that are UTF-8, or ISO 8859-1; returns its bytes. */
static size_t next_character(const char *bytes, size_t length, bool utf8, uint32_t *out_character)
{
    if (utf8)
        return utf8_read(bytes, length, out_character);
    *out_character = (unsigned char)bytes[0];
    return 1;
}

void text_put_bytes(struct text *text, const char *bytes, size_t length)
{
    bool utf8 = is_utf8(bytes, length);
    uint32_t character = 0;
    for (size_t at = 0; at < length;) {
        at += next_character(bytes + at, length - at, utf8, &character);
        text_put_character(text, character);
    }
}

void text_put_quoted(struct text *text, const char *bytes, size_t length)
{
    bool utf8 = is_utf8(bytes, length);
    uint32_t character = 0;
    text_put_char(text, L'"');
    for (size_t at = 0; at < length;) {
        at += next_character(bytes + at, length - at, utf8, &character);
        if (character == '"')
            text_put(text, L"\\\"");
        else if (character < 0x10000 && text_is_control((wchar_t)character))
            text_format(text, character < 0x100 ? L"\\x%02x" : L"\\u%04x", (unsigned)character);
        else
            text_put_character(text, character);
    }
    text_put_char(text, L'"');
}

bool text_is_control(wchar_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}
