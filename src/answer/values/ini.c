#include "ini.h"

#include <stdlib.h>
#include <string.h>

/* ---- characters ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool ini_same(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        ++a;
        ++b;
    }
    return lower(*a) == lower(*b);
}

bool ini_starts(const char *text, const char *start)
{
    while (*start != '\0' && lower(*text) == lower(*start)) {
        ++text;
        ++start;
    }
    return *start == '\0';
}

void ini_lower(char *text)
{
    for (; *text != '\0'; ++text)
        *text = lower(*text);
}

/* Goes back to the last '*' only, so the work is at most length times pattern. */
bool ini_matches(const char *pattern, size_t pattern_length, const uint8_t *bytes, size_t length)
{
    size_t p = 0, b = 0;
    size_t star = SIZE_MAX, star_bytes = 0;

    while (b < length) {
        if (p < pattern_length && pattern[p] == '*') {
            star = p++;
            star_bytes = b;
        } else if (p < pattern_length &&
                   (pattern[p] == '?' || lower(pattern[p]) == lower((char)bytes[b]))) {
            ++p;
            ++b;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            b = ++star_bytes;
        } else {
            return false;
        }
    }
    while (p < pattern_length && pattern[p] == '*')
        ++p;
    return p == pattern_length;
}

/* ---- bytes to text ---- */

static size_t put_utf8(uint32_t c, char *out)
{
    static const uint8_t lead[] = {0, 0xc0, 0xe0, 0xf0};
    int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;

    *out++ = (char)(lead[more] | c >> (6 * more));
    for (int i = more - 1; i >= 0; --i)
        *out++ = (char)(0x80 | (c >> (6 * i) & 0x3f));
    return (size_t)more + 1;
}

/* One character at unit *at, which moves behind it; half a pair becomes U+FFFD. */
static uint32_t get_utf16(const uint8_t *bytes, size_t size, size_t *at, bool is_big)
{
    uint32_t unit = (uint32_t)bytes[*at + is_big] | (uint32_t)bytes[*at + !is_big] << 8;
    uint32_t second = 0;

    *at += 2;
    if (unit < 0xd800 || unit > 0xdfff)
        return unit;
    if (unit < 0xdc00 && *at < size)
        second = (uint32_t)bytes[*at + is_big] | (uint32_t)bytes[*at + !is_big] << 8;
    if (second < 0xdc00 || second > 0xdfff)
        return 0xfffd;
    *at += 2;
    return 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
}

static const char *decode_utf16(uint8_t *bytes, size_t size, bool is_big, char **out_text)
{
    char *text = size % 2 == 0 ? malloc(size / 2 * 3 + 1) : NULL;
    size_t used = 0;

    if (text == NULL) {
        free(bytes);
        return size % 2 == 0 ? "there is not enough memory for it"
                             : "it is UTF-16 and ends with half a character; save it again";
    }
    for (size_t at = 2; at < size;) {
        uint32_t c = get_utf16(bytes, size, &at, is_big);

        used += put_utf8(c == 0 ? 0xfffd : c, text + used);
    }
    text[used] = '\0';
    free(bytes);
    *out_text = text;
    return NULL;
}

const char *ini_decode(uint8_t *bytes, size_t size, char **out_text)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    size_t skip = 0;

    if (size >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe)
        return decode_utf16(bytes, size, false, out_text);
    if (size >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff)
        return decode_utf16(bytes, size, true, out_text);
    if (size >= sizeof(mark) && memcmp(bytes, mark, sizeof(mark)) == 0)
        skip = sizeof(mark);
    if (size > 0 && memchr(bytes, 0, size) != NULL) {
        free(bytes);
        return "it has a byte 0: it is no text, or UTF-16 without its mark, or half written; save "
               "it as UTF-8";
    }
    char *text = malloc(size - skip + 1);
    if (text == NULL) {
        free(bytes);
        return "there is not enough memory for it";
    }
    if (size > skip)
        memcpy(text, bytes + skip, size - skip);
    text[size - skip] = '\0';
    free(bytes);
    *out_text = text;
    return NULL;
}

/* ---- lines and words ---- */

char *ini_next_line(char **rest)
{
    char *line = *rest;

    if (*line == '\0')
        return NULL;
    char *end = line + strcspn(line, "\r\n");
    char *next = end;
    if (next[0] == '\r' && next[1] == '\n')
        next += 2;
    else if (next[0] != '\0')
        next += 1;
    *end = '\0';
    *rest = next;
    return line;
}

char *ini_trim(char *text)
{
    while (is_blank(*text))
        ++text;
    for (size_t length = strlen(text); length > 0 && is_blank(text[length - 1]); --length)
        text[length - 1] = '\0';
    return text;
}

char *ini_next_item(char **rest)
{
    char *item = *rest;
    bool in_quotes = false;
    char *at;

    if (item == NULL)
        return NULL;
    for (at = item; *at != '\0' && (in_quotes || *at != ','); ++at) {
        if (*at == '"')
            in_quotes = !in_quotes;
    }
    *rest = *at == ',' ? at + 1 : NULL;
    *at = '\0';
    return ini_trim(item);
}
