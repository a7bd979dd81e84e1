#include "base/utf16.h"

#include <string.h>

#include "base/mem.h"

size_t utf16_length(const uint16_t *text)
{
    return utf16_length_within(text, SIZE_MAX);
}

size_t utf16_length_within(const uint16_t *text, size_t limit)
{
    size_t length = 0;

    while (length < limit && text[length] != 0)
        length++;
    return length;
}

uint16_t *utf16_duplicate(const uint16_t *text)
{
    return utf16_duplicate_part(text, utf16_length(text));
}

uint16_t *utf16_duplicate_part(const uint16_t *text, size_t length)
{
    uint16_t *copy;

    if (length == SIZE_MAX)
        return NULL;
    copy = mem_alloc_array(length + 1, sizeof(*copy));
    if (copy != NULL && length > 0)
        memcpy(copy, text, length * sizeof(*copy));
    return copy;
}

bool utf16_equal(const uint16_t *a, const uint16_t *b)
{
    size_t i = 0;

    while (a[i] != 0 && a[i] == b[i])
        i++;
    return a[i] == b[i];
}
