#include "base/caller.h"

#include <string.h>

#include "base/mem.h"

enum { PAGE = 4096 };

/* ---- looking and touching ---- */

void caller_look(const void *bytes, size_t size)
{
    const volatile uint8_t *at = bytes;

    for (size_t i = 0; i < size; i += PAGE)
        (void)at[i];
    if (size > 0)
        (void)at[size - 1];
}

static void byte_touch(volatile uint8_t *byte)
{
    *byte = *byte;
}

void caller_touch(void *bytes, size_t size)
{
    volatile uint8_t *at = bytes;

    if (bytes == NULL || size == 0)
        return;
    for (size_t i = 0; i < size; i += PAGE)
        byte_touch(at + i);
    byte_touch(at + size - 1);
}

/* ---- bytes ---- */

bool caller_copy_make(struct caller_copy *copy, size_t length)
{
    copy->bytes = copy->few;
    copy->length = length;
    if (length <= sizeof(copy->few))
        memset(copy->few, 0, length);
    else
        copy->bytes = mem_alloc(length);
    return copy->bytes != NULL;
}

bool caller_copy_take(struct caller_copy *copy, const void *bytes, size_t length)
{
    caller_look(bytes, length);
    if (!caller_copy_make(copy, length))
        return false;
    if (length > 0)
        memcpy(copy->bytes, bytes, length);
    return true;
}

void caller_copy_release(struct caller_copy *copy)
{
    if (copy->bytes != copy->few)
        mem_free(copy->bytes);
    copy->bytes = NULL;
}

/* ---- texts ---- */

static uint16_t unit_at(const uint16_t *units, size_t index)
{
    uint16_t unit;

    memcpy(&unit, (const uint8_t *)units + index * sizeof(unit), sizeof(unit));
    return unit;
}

size_t caller_text_length(const uint16_t *units)
{
    size_t length = 0;

    while (length <= CALLER_TEXT_MAX && unit_at(units, length) != 0)
        length++;
    return length;
}

size_t caller_text_copy(const uint16_t *units, uint16_t *own, size_t room)
{
    size_t i = 0;

    for (; i < room - 1; i++) {
        own[i] = unit_at(units, i);
        if (own[i] == 0)
            return i + 1;
    }
    own[i] = 0;
    return i + 1;
}

pxe_status caller_text_take(struct caller_text *text, const uint16_t *units)
{
    text->units = NULL;
    if (units == NULL)
        return PXE_OK;
    const size_t length = caller_text_length(units);
    if (length > CALLER_TEXT_MAX)
        return PXE_INVALID_PARAMETER;
    text->units = text->few;
    if (length >= sizeof(text->few) / sizeof(text->few[0]))
        text->units = mem_alloc_array(length + 1, sizeof(*text->units));
    if (text->units == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    (void)caller_text_copy(units, text->units, length + 1);
    return PXE_OK;
}

void caller_text_release(struct caller_text *text)
{
    if (text->units != text->few)
        mem_free(text->units);
    text->units = NULL;
}
