/* Numbers in wire and file formats, whose length the caller has checked; and growing arrays. */
#ifndef WDSPXECTL_TEXT_BYTES_H
#define WDSPXECTL_TEXT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint16_t get_be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get_be32(const uint8_t *at)
{
    return (uint32_t)get_be16(at) << 16 | get_be16(at + 2);
}

static inline uint16_t get_le16(const uint8_t *at)
{
    return (uint16_t)(at[1] << 8 | at[0]);
}

static inline uint32_t get_le32(const uint8_t *at)
{
    return (uint32_t)get_le16(at + 2) << 16 | get_le16(at);
}

static inline void put_be16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put_be32(uint8_t *at, uint32_t value)
{
    put_be16(at, value >> 16);
    put_be16(at + 2, value & 0xffff);
}

static inline void put_le16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void put_le32(uint8_t *at, uint32_t value)
{
    put_le16(at, value & 0xffff);
    put_le16(at + 2, value >> 16);
}

static inline bool all_zero(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0)
            return false;
    }
    return true;
}

/*
 * Makes room for one more behind `count` items of an array that doubles at 1, 2, 4, 8 ...
 * `array` is where the pointer to it is; what it points to may move. False: no memory.
 */
static inline bool array_make_room(void *array, size_t count, size_t item_size)
{
    void *items;
    if ((count & (count - 1)) != 0)
        return true;
    memcpy(&items, array, sizeof(items));
    void *grown = realloc(items, (count == 0 ? 1 : count * 2) * item_size);
    if (grown != NULL)
        memcpy(array, &grown, sizeof(grown));
    return grown != NULL;
}

#endif
