/*
 * Capture files in memory, byte by byte: for tests of what reads them. Independent of the writer
 * that wdspxectl has.
 */
#ifndef TESTS_SUPPORT_CAPTURE_BYTES_H
#define TESTS_SUPPORT_CAPTURE_BYTES_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wdspxectl/capture/read.h"

struct capture_bytes {
    bool big_endian; /* of the file's own numbers */
    size_t length;
    size_t read; /* how far the source has given them out */
    uint8_t bytes[1 << 20];
};

static inline void capture_reset(struct capture_bytes *file, bool big_endian)
{
    file->big_endian = big_endian;
    file->length = file->read = 0;
}

static inline void capture_add(struct capture_bytes *file, const void *bytes, size_t length)
{
    assert(length <= sizeof(file->bytes) - file->length);
    if (length > 0)
        memcpy(file->bytes + file->length, bytes, length);
    file->length += length;
}

static inline void capture_number(struct capture_bytes *file, uint64_t number, unsigned size)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < size; i++) {
        unsigned shift = 8 * (file->big_endian ? size - 1 - i : i);
        bytes[i] = (uint8_t)(number >> shift);
    }
    capture_add(file, bytes, size);
}

/* ---- pcap ---- */

static inline void capture_pcap_header(struct capture_bytes *file, uint32_t magic, uint32_t link)
{
    capture_number(file, magic, 4);
    capture_number(file, 2, 2);
    capture_number(file, 4, 2);
    capture_number(file, 0, 8);
    capture_number(file, 65535, 4);
    capture_number(file, link, 4);
}

static inline void capture_pcap_frame(struct capture_bytes *file, uint32_t seconds,
                                      uint32_t fraction, const void *bytes, size_t length,
                                      size_t original_length)
{
    capture_number(file, seconds, 4);
    capture_number(file, fraction, 4);
    capture_number(file, length, 4);
    capture_number(file, original_length, 4);
    capture_add(file, bytes, length);
}

/* ---- pcapng ---- */

/* A block round a body, padded to four bytes. */
static inline void capture_block(struct capture_bytes *file, uint32_t type, const void *body,
                                 size_t length)
{
    static const uint8_t padding[4];
    size_t padded = (length + 3) / 4 * 4;
    capture_number(file, type, 4);
    capture_number(file, padded + 12, 4);
    capture_add(file, body, length);
    capture_add(file, padding, padded - length);
    capture_number(file, padded + 12, 4);
}

static inline void capture_section(struct capture_bytes *file)
{
    capture_number(file, 0x0a0d0d0a, 4);
    capture_number(file, 28, 4);
    capture_number(file, 0x1a2b3c4d, 4);
    capture_number(file, 1, 2);
    capture_number(file, 0, 2);
    capture_number(file, UINT64_MAX, 8);
    capture_number(file, 28, 4);
}

/* `resolution` below 0: the option is left out. */
static inline void capture_interface_block(struct capture_bytes *file, uint16_t link,
                                           uint32_t snap_length, int resolution, int64_t offset)
{
    uint32_t options = (resolution >= 0 ? 8u : 0) + (offset != 0 ? 12u : 0) + 4;
    capture_number(file, 1, 4);
    capture_number(file, 20 + options, 4);
    capture_number(file, link, 2);
    capture_number(file, 0, 2);
    capture_number(file, snap_length, 4);
    if (resolution >= 0) {
        capture_number(file, 9, 2);
        capture_number(file, 1, 2);
        const uint8_t value[4] = {(uint8_t)resolution};
        capture_add(file, value, sizeof(value));
    }
    if (offset != 0) {
        capture_number(file, 14, 2);
        capture_number(file, 8, 2);
        capture_number(file, (uint64_t)offset, 8);
    }
    capture_number(file, 0, 4); /* end of options */
    capture_number(file, 20 + options, 4);
}

static inline void capture_enhanced(struct capture_bytes *file, uint32_t interface, uint64_t ticks,
                                    const void *bytes, size_t length, size_t original_length)
{
    static const uint8_t padding[4];
    size_t padded = (length + 3) / 4 * 4;
    capture_number(file, 6, 4);
    capture_number(file, padded + 32, 4);
    capture_number(file, interface, 4);
    capture_number(file, ticks >> 32, 4);
    capture_number(file, ticks & UINT32_MAX, 4);
    capture_number(file, length, 4);
    capture_number(file, original_length, 4);
    capture_add(file, bytes, length);
    capture_add(file, padding, padded - length);
    capture_number(file, padded + 32, 4);
}

/* ---- as a source ---- */

static inline size_t capture_bytes_read(void *context, uint8_t *buffer, size_t size)
{
    struct capture_bytes *file = context;
    size_t left = file->length - file->read;
    if (size > left)
        size = left;
    if (size > 0)
        memcpy(buffer, file->bytes + file->read, size);
    file->read += size;
    return size;
}

static inline struct capture_source capture_bytes_source(struct capture_bytes *file)
{
    file->read = 0;
    return (struct capture_source){capture_bytes_read, file};
}

#endif
