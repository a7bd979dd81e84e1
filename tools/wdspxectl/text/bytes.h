/* Numbers in wire and file formats, whose length the caller has checked; and growing arrays. */
#ifndef WDSPXECTL_TEXT_BYTES_H
#define WDSPXECTL_TEXT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static inline uint16_t get_be16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static inline uint32_t get_be32(const uint8_t *at)
{
    return (uint32_t)get_be16(at) << 16 | get_be16(at + 2);
}

static inline uint64_t get_be64(const uint8_t *at)
{
    return (uint64_t)get_be32(at) << 32 | get_be32(at + 4);
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
 * Room for one more behind `count` items of an array that doubles at 1, 2, 4, 8 ... The array,
 * which may have moved; NULL: no memory, and the old one stays.
 */
static inline void *array_grow(void *array, size_t count, size_t item_size)
{
    bool is_full = (count & (count - 1)) == 0;
    return is_full ? realloc(array, (count == 0 ? 1 : count * 2) * item_size) : array;
}

#endif
