#include "text/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_reserve(struct text *text, size_t extra)
{
    if (text->failed)
        return false;
    if (text->capacity - text->length > extra)
        return true;

    size_t limit = SIZE_MAX / 2;
    if (extra >= limit || text->length >= limit - extra) {
        text->failed = true;
        return false;
    }
    size_t wanted = text->length + extra + 1;
    size_t capacity = text->capacity < 64 ? 128 : text->capacity * 2;
    if (capacity < wanted)
        capacity = wanted;
    char *chars = realloc(text->chars, capacity);
    if (chars == NULL) {
        text->failed = true;
        return false;
    }
    chars[text->length] = '\0';
    text->chars = chars;
    text->capacity = capacity;
    return true;
}

const char *text_chars(const struct text *text)
{
    return text->chars == NULL ? "" : text->chars;
}

void text_free(struct text *text)
{
    free(text->chars);
    *text = TEXT_EMPTY;
}

void memory_free(const void *where)
{
    void *memory;
    memcpy((void *)&memory, where, sizeof(memory));
    free(memory);
}

void text_put_span(struct text *text, const char *chars, size_t length)
{
    if (length == 0 || !text_reserve(text, length))
        return;
    memcpy(text->chars + text->length, chars, length);
    text->length += length;
    text->chars[text->length] = '\0';
}

void text_put_char(struct text *text, char c)
{
    text_put_span(text, &c, 1);
}

void text_put(struct text *text, const char *string)
{
    text_put_span(text, string, strlen(string));
}

void text_format_v(struct text *text, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        text->failed = true;
    if (length <= 0 || !text_reserve(text, (size_t)length))
        return;
    (void)vsnprintf(text->chars + text->length, (size_t)length + 1, format, arguments);
    text->length += (size_t)length;
}

void text_format(struct text *text, const char *format, ...)
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
    text->chars[length] = '\0';
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

bool text_is_utf8(const char *bytes, size_t length)
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
    static const uint8_t leads[] = {0, 0xc0, 0xe0, 0xf0};
    unsigned more = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    char bytes[4];
    for (unsigned i = more; i > 0; i--) {
        bytes[i] = (char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    bytes[0] = (char)(leads[more] | character);
    text_put_span(text, bytes, more + 1);
}

/* ---- halves of surrogate pairs, and UTF-16 ---- */

bool text_is_surrogate(uint32_t character)
{
    return character >= 0xd800 && character <= 0xdfff;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

size_t text_read_character(const char *at, uint32_t *out_character)
{
    size_t size = utf8_read(at, strnlen(at, 4), out_character);
    if (size > 0)
        return size;
    *out_character = 0xfffd;
    if ((unsigned char)at[0] != 0xed || !is_continuation(at[1]) || !is_continuation(at[2]))
        return 1;
    *out_character = 0xd000u | ((unsigned char)at[1] & 0x3fu) << 6 | ((unsigned char)at[2] & 0x3fu);
    return 3;
}

bool text_has_surrogates(const char *string)
{
    uint32_t character;
    for (; (string = strchr(string, '\xed')) != NULL; string++) {
        if (text_read_character(string, &character) == 3 && text_is_surrogate(character))
            return true;
    }
    return false;
}

void text_put_unicode(struct text *text, const char *string)
{
    uint32_t character;
    while (*string != '\0') {
        string += text_read_character(string, &character);
        text_put_character(text, text_is_surrogate(character) ? 0xfffd : character);
    }
}

size_t text_width(const char *string)
{
    size_t width = 0;
    for (; *string != '\0'; string++)
        width += !is_continuation(*string);
    return width;
}

size_t text_span_of(const char *string, size_t width)
{
    const char *at = string;
    for (; *at != '\0'; at++) {
        if (!is_continuation(*at) && width-- == 0)
            break;
    }
    return (size_t)(at - string);
}

void text_put_padded(struct text *text, const char *string, size_t width)
{
    text_put(text, string);
    for (size_t used = text_width(string); used < width; used++)
        text_put_char(text, ' ');
}

static uint16_t unit_at(const void *units, size_t at)
{
    uint16_t unit;
    memcpy(&unit, (const uint8_t *)units + at * sizeof(unit), sizeof(unit));
    return unit;
}

void text_put_utf16(struct text *text, const void *units, size_t count)
{
    for (size_t at = 0; at < count; at++) {
        uint32_t character = unit_at(units, at);
        uint16_t next = at + 1 < count ? unit_at(units, at + 1) : 0;
        if (character >> 10 == 0xd800 >> 10 && next >> 10 == 0xdc00 >> 10) {
            character = 0x10000 + ((character & 0x3ff) << 10 | (next & 0x3ffu));
            at++;
        }
        text_put_character(text, character);
    }
}

size_t text_to_utf16(const char *string, uint16_t *out_units)
{
    size_t count = 0;
    uint32_t character;
    while (*string != '\0') {
        string += text_read_character(string, &character);
        if (character > 0xffff) {
            out_units[count++] = (uint16_t)(0xd800 + ((character - 0x10000) >> 10));
            character = 0xdc00 + (character & 0x3ff);
        }
        out_units[count++] = (uint16_t)character;
    }
    out_units[count] = 0;
    return count;
}

/* ---- bytes of a network ---- */

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
    bool utf8 = text_is_utf8(bytes, length);
    uint32_t character = 0;
    for (size_t at = 0; at < length;) {
        at += next_character(bytes + at, length - at, utf8, &character);
        text_put_character(text, character);
    }
}

static void put_visible_character(struct text *text, uint32_t character)
{
    if (text_is_control(character))
        text_format(text, character < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)character);
    else
        text_put_character(text, character);
}

void text_put_visible(struct text *text, const char *string)
{
    uint32_t character = 0;
    for (size_t size; *string != '\0'; string += size) {
        size = text_read_character(string, &character);
        if (text_is_control(character))
            put_visible_character(text, character);
        else
            text_put_span(text, string, size);
    }
}

void text_put_quoted(struct text *text, const char *bytes, size_t length)
{
    bool utf8 = text_is_utf8(bytes, length);
    uint32_t character = 0;
    text_put_char(text, '"');
    for (size_t at = 0; at < length;) {
        at += next_character(bytes + at, length - at, utf8, &character);
        if (character == '"')
            text_put(text, "\\\"");
        else
            put_visible_character(text, character);
    }
    text_put_char(text, '"');
}

bool text_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029;
}

const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}
