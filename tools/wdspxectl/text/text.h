/*
 * A growing piece of wide text, UTF-16 where wchar_t has 16 bits. A failed allocation is remembered
 * (`failed`) and makes every later call do nothing, so that only the one who uses the result has to
 * check.
 */
#ifndef WDSPXECTL_TEXT_TEXT_H
#define WDSPXECTL_TEXT_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

struct text {
    wchar_t *chars; /* NUL-terminated unless NULL */
    size_t length;  /* without the NUL */
    size_t capacity;
    bool failed;
};

#define TEXT_EMPTY ((struct text){NULL, 0, 0, false})

/* The text so far; never NULL, valid until the next call on it. */
const wchar_t *text_chars(const struct text *text);

/* Releases the memory and makes the text empty again. */
void text_free(struct text *text);

/* Makes the text empty, or as short as `length` if it is longer, and keeps its memory. */
void text_clear(struct text *text);
void text_shorten(struct text *text, size_t length);

void text_put_char(struct text *text, wchar_t c);
/* A character of Unicode: one wchar_t, or two surrogates where wchar_t has 16 bits. */
void text_put_character(struct text *text, uint32_t character);
void text_put_span(struct text *text, const wchar_t *chars, size_t length);
void text_put(struct text *text, const wchar_t *string);

/*
 * Appends printf-style. Strings in the arguments are wide: write %ls, never %s, which means
 * different things to different C runtimes. 64-bit integers: %llu and a cast.
 */
void text_format(struct text *text, const wchar_t *format, ...);
void text_format_v(struct text *text, const wchar_t *format, va_list arguments);

/*
 * Appends bytes from the network: as UTF-8 if they are valid UTF-8, else each byte as the
 * character of the same number (ISO 8859-1). Nothing is left out and nothing fails.
 */
void text_put_bytes(struct text *text, const char *bytes, size_t length);

/* The same in double quotes, with quotes and control characters as \" and \xNN. */
void text_put_quoted(struct text *text, const char *bytes, size_t length);

/*
 * Reads one character of UTF-8 (RFC 3629): no surrogates, nothing longer than need be. Returns how
 * many of the `length` bytes, at least one, it has; 0 if there is none.
 */
size_t utf8_read(const char *bytes, size_t length, uint32_t *out_character);

/*
 * Is `c` a character that must not reach a terminal or a log file as it is? Control characters and
 * line separators: they end lines, move cursors and forge entries.
 */
bool text_is_control(wchar_t c);

#endif
