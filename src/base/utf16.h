/*
 * NUL-terminated UTF-16 strings as uint16_t: the host's wchar_t has 32 bits, that of Windows 16.
 * Units are counted, not characters; nothing here checks surrogate pairs, because the registry
 * does not either.
 */
#ifndef BASE_UTF16_H
#define BASE_UTF16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Units before the terminator. */
size_t utf16_length(const uint16_t *text);

/* As utf16_length, but looks at no more than `limit` units; `limit` if none of them is 0. */
size_t utf16_length_within(const uint16_t *text, size_t limit);

/* A copy, released with mem_free. NULL: no memory. */
uint16_t *utf16_duplicate(const uint16_t *text);

/* A terminated copy of the first `length` units, released with mem_free. NULL: no memory. */
uint16_t *utf16_duplicate_part(const uint16_t *text, size_t length);

/* Whether both are the same unit by unit (case counts). */
bool utf16_equal(const uint16_t *a, const uint16_t *b);

#endif
