/*
 * A growing piece of UTF-8. A failed allocation is remembered (`failed`) and makes every later call
 * do nothing, so that only the one who uses the result has to check.
 *
 * What Windows hands over may have halves of surrogate pairs, which Unicode has no bytes for. They
 * are kept as three bytes each, so that a path comes back as it was; whoever writes for others
 * reads with text_read_character, or calls text_put_unicode.
 */
#ifndef WDSPXECTL_TEXT_TEXT_H
#define WDSPXECTL_TEXT_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *chars;   /* NUL-terminated unless NULL */
    size_t length; /* without the NUL */
    size_t capacity;
    bool failed;
};

/* For the compiler to check the arguments against the format. */
#if defined(__MINGW32__) && !defined(__clang__)
#define TEXT_PRINTF(at, first) __attribute__((format(gnu_printf, at, first)))
#else
#define TEXT_PRINTF(at, first) __attribute__((format(printf, at, first)))
#endif

#define TEXT_EMPTY ((struct text){NULL, 0, 0, false})

/* The text so far; never NULL, valid until the next call on it. */
const char *text_chars(const struct text *text);

/* Releases the memory and makes the text empty again. */
void text_free(struct text *text);

/* For a variable within a block: its memory is released where the block ends, on every way out. It
 * must have a value from the beginning: TEXT_EMPTY, NULL. */
#define SCOPED_TEXT __attribute__((cleanup(text_free))) struct text
#define SCOPED_MEMORY __attribute__((cleanup(memory_free)))

/* Calls free on the pointer that `where` points to; for SCOPED_MEMORY. */
void memory_free(const void *where);

/* Makes the text empty, or as short as `length` if it is longer, and keeps its memory. */
void text_clear(struct text *text);
void text_shorten(struct text *text, size_t length);

void text_put_char(struct text *text, char c);
void text_put_character(struct text *text, uint32_t character); /* of Unicode, or a surrogate */
void text_put_span(struct text *text, const char *chars, size_t length);
void text_put(struct text *text, const char *string);

/* Appends a string and blanks, until it is `width` characters wide. */
void text_put_padded(struct text *text, const char *string, size_t width);

/* Appends UTF-16, which need not be aligned. */
void text_put_utf16(struct text *text, const void *units, size_t count);

/* Appends printf-style. 64-bit integers: %llu and a cast. */
TEXT_PRINTF(2, 3) void text_format(struct text *text, const char *format, ...);
TEXT_PRINTF(2, 0) void text_format_v(struct text *text, const char *format, va_list arguments);

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

bool text_is_utf8(const char *bytes, size_t length);

/*
 * Reads the character at `at`, which is no NUL: also half of a surrogate pair, and U+FFFD for a
 * byte that is no UTF-8. Returns its bytes.
 */
size_t text_read_character(const char *at, uint32_t *out_character);

/* Half of a surrogate pair? */
bool text_is_surrogate(uint32_t character);

bool text_has_surrogates(const char *string);

/* Appends the string with U+FFFD for them: as others may see it. */
void text_put_unicode(struct text *text, const char *string);

/* How many characters the string has. */
size_t text_width(const char *string);

/* The bytes of its first `width` characters, or of all of them. */
size_t text_span_of(const char *string, size_t width);

/*
 * The string as UTF-16 with a NUL behind it; out_units has room for strlen(string) + 1. Returns the
 * units without the NUL.
 */
size_t text_to_utf16(const char *string, uint16_t *out_units);

/*
 * Is `c` a character that must not reach a terminal or a log file as it is? Control characters and
 * line separators: they end lines, move cursors and forge entries.
 */
bool text_is_control(uint32_t c);

/* What a word has behind it: "" for one, "s" for any other number. */
const char *plural(uint64_t count);

/* Appends the string with such characters as \xNN or \uNNNN. */
void text_put_visible(struct text *text, const char *string);

#endif
