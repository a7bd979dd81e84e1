/* Text of configuration files: bytes to UTF-8, lines, words. ASCII rules only, no locale. */
#ifndef ANSWER_VALUES_INI_H
#define ANSWER_VALUES_INI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Turns a file's bytes into NUL-terminated text: UTF-16 with a mark becomes UTF-8, the mark of
 * UTF-8 is dropped, anything else stays as it is. The bytes may be reused for it. bytes     from
 * malloc; released or handed on in any case out_text  released with free() Returns NULL, or what is
 * wrong (a constant), and then no text.
 */
const char *ini_decode(uint8_t *bytes, size_t size, char **out_text);

/* Cuts the first line off *rest, in place, without its end (LF, CRLF, CR). NULL: there is none. */
char *ini_next_line(char **rest);

/* Cuts blanks and tabs off both ends, in place. */
char *ini_trim(char *text);

/*
 * Cuts the first item off *rest: what stands before a comma that is not in quotes, trimmed. NULL:
 * there is none. An item in quotes keeps them.
 */
char *ini_next_item(char **rest);

bool ini_same(const char *a, const char *b); /* case does not count */
bool ini_starts(const char *text, const char *start);
void ini_lower(char *text);

/* '*' stands for any number of bytes, '?' for one; case does not count. */
bool ini_matches(const char *pattern, size_t pattern_length, const uint8_t *bytes, size_t length);

#endif
