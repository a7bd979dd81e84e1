/*
 * Big-endian numbers and bounded reading, byte by byte: alignment, packing and host order never
 * matter. Everything is inline; nothing allocates or fails in any other way than it says.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t be16_get(const uint8_t *bytes)
{
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}

static inline uint32_t be32_get(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static inline void be16_put(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static inline void be32_put(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

/* What is left to read. Set both members to start; the bytes stay the caller's. */
struct byte_reader {
    const uint8_t *next;
    size_t left;
};

/*
 * The three readers return false, with the reader unmoved and the output untouched, if too few
 * bytes are left. What byte_reader_take hands out points into the bytes being read.
 */
static inline bool byte_reader_take(struct byte_reader *reader, size_t count,
                                    const uint8_t **out_bytes)
{
    if (count > reader->left) {
        return false;
    }
    *out_bytes = reader->next;
    if (count > 0) { /* NULL + 0 is undefined, and an empty reader may hold NULL */
        reader->next += count;
        reader->left -= count;
    }
    return true;
}

static inline bool byte_reader_be16(struct byte_reader *reader, uint16_t *out_value)
{
    const uint8_t *bytes;

    if (!byte_reader_take(reader, 2, &bytes)) {
        return false;
    }
    *out_value = be16_get(bytes);
    return true;
}

static inline bool byte_reader_be32(struct byte_reader *reader, uint32_t *out_value)
{
    const uint8_t *bytes;

    if (!byte_reader_take(reader, 4, &bytes)) {
        return false;
    }
    *out_value = be32_get(bytes);
    return true;
}

#endif
