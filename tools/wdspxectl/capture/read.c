#include "capture/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/bytes.h"
#include "text/text.h"

enum {
    PCAP_HEADER = 24,
    PCAP_RECORD = 16,
    BLOCK_HEADER = 8, /* type, total length */
    BLOCK_TRAILER = 4,
    BLOCK_MIN = BLOCK_HEADER + BLOCK_TRAILER,
    SECTION_BODY = 16,  /* byte order, version, section length */
    INTERFACE_BODY = 8, /* link type, reserved, snap length */
    ENHANCED_BODY = 20, /* interface, time, captured length, original length */
    SIMPLE_BODY = 4,    /* original length */
    OPTION_TIME_RESOLUTION = 9,
    OPTION_TIME_OFFSET = 14,
    MICROSECONDS = 6, /* the resolution of an interface that tells none */
    SKIP_SIZE = 4096,
};

static const uint32_t pcap_microseconds = 0xa1b2c3d4;
static const uint32_t pcap_nanoseconds = 0xa1b23c4d;
static const uint32_t byte_order_magic = 0x1a2b3c4d;

enum block_type {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete */
    BLOCK_SIMPLE = 3,
    BLOCK_ENHANCED = 6,
    BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
};

/* ---- small steps ---- */

/* Remembers the end of the reading and why: "offset 24: ...". */
TEXT_PRINTF(4, 5)
static enum capture_status stop(struct capture_reader *reader, enum capture_status status,
                                uint64_t offset, const char *format, ...)
{
    int start = snprintf(reader->problem, sizeof(reader->problem),
                         "offset %llu: ", (unsigned long long)offset);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(reader->problem + start, sizeof(reader->problem) - (size_t)start, format,
                    arguments);
    va_end(arguments);
    reader->status = status;
    return status;
}

static uint16_t number16(const struct capture_reader *reader, const uint8_t *at)
{
    return reader->is_big_endian ? get_be16(at) : get_le16(at);
}

static uint32_t number32(const struct capture_reader *reader, const uint8_t *at)
{
    return reader->is_big_endian ? get_be32(at) : get_le32(at);
}

static size_t read_some(struct capture_reader *reader, uint8_t *buffer, size_t size)
{
    size_t got = reader->source.read(reader->source.context, buffer, size);
    reader->offset += got;
    return got;
}

static bool skip(struct capture_reader *reader, uint64_t size)
{
    uint8_t ignored[SKIP_SIZE];
    while (size > 0) {
        size_t wanted = size < sizeof(ignored) ? (size_t)size : sizeof(ignored);
        if (read_some(reader, ignored, wanted) != wanted)
            return false;
        size -= wanted;
    }
    return true;
}

/* `size` bytes into the buffer; `start` is where the thing that they belong to begins. */
static enum capture_status fill_buffer(struct capture_reader *reader, size_t size, uint64_t start,
                                       const char *what)
{
    if (size > reader->buffer_size) {
        uint8_t *grown = realloc(reader->buffer, size);
        if (grown == NULL)
            return stop(reader, CAPTURE_BAD, start, "out of memory for a %s of %zu bytes", what,
                        size);
        reader->buffer = grown;
        reader->buffer_size = size;
    }
    size_t got = size > 0 ? read_some(reader, reader->buffer, size) : 0;
    if (got < size)
        return stop(reader, CAPTURE_CUT, start, "the file ends within a %s, %zu bytes are missing",
                    what, size - got);
    return CAPTURE_OK;
}

static struct capture_interface *add_interface(struct capture_reader *reader)
{
    if (reader->interface_count == CAPTURE_INTERFACES_MAX ||
        !array_make_room(&reader->interfaces, reader->interface_count, sizeof(*reader->interfaces)))
        return NULL;
    struct capture_interface *interface = &reader->interfaces[reader->interface_count++];
    *interface = (struct capture_interface){.time_resolution = MICROSECONDS};
    return interface;
}

/* ---- time ---- */

static uint64_t add_saturated(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t multiply_saturated(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static uint64_t power_of_ten(unsigned exponent)
{
    uint64_t power = 1;
    while (exponent-- > 0)
        power = multiply_saturated(power, 10);
    return power;
}

/* Units of 10^-n seconds, or of 2^-n with the highest bit of the resolution set. */
static uint64_t to_nanoseconds(uint64_t ticks, uint8_t resolution)
{
    const uint64_t billion = 1000000000;
    unsigned exponent = resolution & 0x7f;
    if ((resolution & 0x80) == 0 && exponent <= 9)
        return multiply_saturated(ticks, power_of_ten(9 - exponent));
    if ((resolution & 0x80) == 0)
        return exponent <= 9 + 19 ? ticks / power_of_ten(exponent - 9) : 0;
    if (exponent > 63)
        return 0;
    uint64_t seconds = ticks >> exponent;
    uint64_t fraction = ticks & ((UINT64_C(1) << exponent) - 1);
    if (exponent > 32) { /* the product below has room for 32 bits of fraction */
        fraction >>= exponent - 32;
        exponent = 32;
    }
    return add_saturated(multiply_saturated(seconds, billion), fraction * billion >> exponent);
}

static uint64_t frame_time(const struct capture_interface *interface, uint64_t ticks)
{
    const uint64_t billion = 1000000000;
    uint64_t time = to_nanoseconds(ticks, interface->time_resolution);
    if (interface->time_offset >= 0)
        return add_saturated(time, multiply_saturated((uint64_t)interface->time_offset, billion));
    uint64_t back = multiply_saturated(0 - (uint64_t)interface->time_offset, billion);
    return time > back ? time - back : 0;
}

/* ---- pcap ---- */

static enum capture_status start_pcap(struct capture_reader *reader, const uint8_t *header)
{
    reader->has_nanoseconds = number32(reader, header) == pcap_nanoseconds;
    if (number16(reader, header + 4) != 2)
        return stop(reader, CAPTURE_BAD, 4, "pcap version %u, only 2 is known",
                    number16(reader, header + 4));
    struct capture_interface *interface = add_interface(reader);
    if (interface == NULL)
        return stop(reader, CAPTURE_BAD, 0, "out of memory");
    interface->link_type = number32(reader, header + 20) & 0x0fffffff; /* above: about the FCS */
    return CAPTURE_OK;
}

static enum capture_status next_pcap(struct capture_reader *reader, struct capture_frame *out_frame)
{
    uint8_t record[PCAP_RECORD];
    uint64_t start = reader->offset;
    size_t got = read_some(reader, record, sizeof(record));
    if (got == 0)
        return reader->status = CAPTURE_END;
    if (got < sizeof(record))
        return stop(reader, CAPTURE_CUT, start, "the file ends within the header of a frame");

    uint32_t length = number32(reader, record + 8);
    if (length > CAPTURE_FRAME_MAX)
        return stop(reader, CAPTURE_BAD, start, "a frame of %lu bytes, the file is damaged",
                    (unsigned long)length);
    enum capture_status status = fill_buffer(reader, length, start, "frame");
    if (status != CAPTURE_OK)
        return status;
    uint64_t fraction = number32(reader, record + 4);
    *out_frame = (struct capture_frame){
        .number = ++reader->frame_number,
        .time = number32(reader, record) * UINT64_C(1000000000) +
                (reader->has_nanoseconds ? fraction : fraction * 1000),
        .link_type = reader->interfaces[0].link_type,
        .bytes = reader->buffer,
        .length = length,
        .original_length = number32(reader, record + 12),
    };
    return CAPTURE_OK;
}

/* ---- pcapng ---- */

/* A block whose body, without header and trailer, is in the buffer. */
struct block {
    uint64_t start;
    uint32_t type;
    size_t length;
};

/* The options behind the fixed part of an interface's body. Anything odd ends them. */
static void read_interface_options(const struct capture_reader *reader, const uint8_t *at,
                                   size_t length, struct capture_interface *interface)
{
    while (length >= 4) {
        unsigned code = number16(reader, at);
        size_t size = number16(reader, at + 2);
        size_t padded = (size + 3) / 4 * 4;
        if (code == 0 || padded > length - 4)
            return;
        if (code == OPTION_TIME_RESOLUTION && size >= 1)
            interface->time_resolution = at[4];
        if (code == OPTION_TIME_OFFSET && size == 8) {
            uint64_t first = number32(reader, at + 4), second = number32(reader, at + 8);
            uint64_t offset = reader->is_big_endian ? first << 32 | second : second << 32 | first;
            memcpy(&interface->time_offset, &offset, sizeof(offset));
        }
        at += 4 + padded;
        length -= 4 + padded;
    }
}

static enum capture_status take_interface(struct capture_reader *reader, const struct block *block)
{
    if (block->length < INTERFACE_BODY)
        return stop(reader, CAPTURE_BAD, block->start, "an interface block of %zu bytes",
                    block->length);
    struct capture_interface *interface = add_interface(reader);
    if (interface == NULL)
        return stop(reader, CAPTURE_BAD, block->start, "more than %d interfaces, or out of memory",
                    (int)CAPTURE_INTERFACES_MAX);
    interface->link_type = number16(reader, reader->buffer);
    interface->snap_length = number32(reader, reader->buffer + 4);
    read_interface_options(reader, reader->buffer + INTERFACE_BODY, block->length - INTERFACE_BODY,
                           interface);
    return CAPTURE_OK;
}

/* Enhanced and obsolete packet blocks differ in how they begin; `index` was read by the caller. */
static enum capture_status take_packet(struct capture_reader *reader, const struct block *block,
                                       uint32_t index, struct capture_frame *out_frame)
{
    const uint8_t *body = reader->buffer;
    if (index >= reader->interface_count)
        return stop(reader, CAPTURE_BAD, block->start,
                    "a packet of interface %lu, which the file does not describe",
                    (unsigned long)index);
    uint32_t length = number32(reader, body + 12);
    if (length > block->length - ENHANCED_BODY)
        return stop(reader, CAPTURE_BAD, block->start,
                    "a packet of %lu bytes in a block that has %zu", (unsigned long)length,
                    block->length - ENHANCED_BODY);
    const struct capture_interface *interface = &reader->interfaces[index];
    uint64_t ticks = (uint64_t)number32(reader, body + 4) << 32 | number32(reader, body + 8);
    *out_frame = (struct capture_frame){
        .number = ++reader->frame_number,
        .time = frame_time(interface, ticks),
        .link_type = interface->link_type,
        .bytes = body + ENHANCED_BODY,
        .length = length,
        .original_length = number32(reader, body + 16),
    };
    return CAPTURE_OK;
}

/* No time and no captured length: that follows from the block and the interface's limit. */
static enum capture_status take_simple(struct capture_reader *reader, const struct block *block,
                                       struct capture_frame *out_frame)
{
    if (block->length < SIMPLE_BODY || reader->interface_count == 0)
        return stop(reader, CAPTURE_BAD, block->start, "a simple packet block %s",
                    block->length < SIMPLE_BODY ? "without its length" : "without an interface");
    uint32_t original = number32(reader, reader->buffer);
    size_t length = block->length - SIMPLE_BODY;
    uint32_t limit = reader->interfaces[0].snap_length;
    if (length > original)
        length = original; /* the rest is padding */
    if (limit != 0 && length > limit)
        length = limit;
    *out_frame = (struct capture_frame){
        .number = ++reader->frame_number,
        .link_type = reader->interfaces[0].link_type,
        .bytes = reader->buffer + SIMPLE_BODY,
        .length = length,
        .original_length = original,
    };
    return CAPTURE_OK;
}

/*
 * A section starts anew: byte order, interfaces. `total` is the block's length as it stands in the
 * file, in a byte order that only the body tells.
 */
static enum capture_status take_section(struct capture_reader *reader, uint64_t start,
                                        const uint8_t *total)
{
    uint8_t body[SECTION_BODY];
    if (read_some(reader, body, sizeof(body)) != sizeof(body))
        return stop(reader, CAPTURE_CUT, start, "the file ends within a section header");
    reader->is_big_endian = get_be32(body) == byte_order_magic;
    if (!reader->is_big_endian && get_le32(body) != byte_order_magic)
        return stop(reader, CAPTURE_BAD, start + BLOCK_HEADER,
                    "a section header without a byte order");
    if (number16(reader, body + 4) != 1)
        return stop(reader, CAPTURE_BAD, start + BLOCK_HEADER + 4,
                    "pcapng version %u, only 1 is known", number16(reader, body + 4));
    uint32_t length = number32(reader, total);
    if (length < BLOCK_MIN + SECTION_BODY || length % 4 != 0)
        return stop(reader, CAPTURE_BAD, start, "a section header of %lu bytes",
                    (unsigned long)length);
    reader->interface_count = 0;
    if (!skip(reader, length - BLOCK_HEADER - SECTION_BODY))
        return stop(reader, CAPTURE_CUT, start, "the file ends within a section header");
    return CAPTURE_OK;
}

static bool is_read_block(uint32_t type)
{
    return type == BLOCK_INTERFACE || type == BLOCK_PACKET || type == BLOCK_SIMPLE ||
           type == BLOCK_ENHANCED;
}

/* Reads the rest of a block, of which header has been read: into the buffer, or past it. */
static enum capture_status read_block(struct capture_reader *reader, const uint8_t *header,
                                      struct block *block)
{
    uint32_t total = number32(reader, header + 4);
    block->type = number32(reader, header);
    if (total < BLOCK_MIN || total % 4 != 0)
        return stop(reader, CAPTURE_BAD, block->start, "a block of %lu bytes, the file is damaged",
                    (unsigned long)total);
    block->length = total - BLOCK_MIN;
    if (!is_read_block(block->type)) {
        if (!skip(reader, total - BLOCK_HEADER))
            return stop(reader, CAPTURE_CUT, block->start, "the file ends within a block");
        return CAPTURE_OK;
    }
    if (block->length > CAPTURE_FRAME_MAX)
        return stop(reader, CAPTURE_BAD, block->start,
                    "a packet block of %lu bytes, the file is damaged", (unsigned long)total);
    enum capture_status status =
        fill_buffer(reader, block->length + BLOCK_TRAILER, block->start, "block");
    if (status != CAPTURE_OK)
        return status;
    if (number32(reader, reader->buffer + block->length) != total)
        return stop(reader, CAPTURE_BAD, block->start,
                    "a block whose two lengths differ, the file is damaged");
    return CAPTURE_OK;
}

/* CAPTURE_OK with out_frame->number 0: the block was no packet. */
static enum capture_status next_block(struct capture_reader *reader,
                                      struct capture_frame *out_frame)
{
    uint8_t header[BLOCK_HEADER];
    struct block block = {.start = reader->offset};
    size_t got = read_some(reader, header, sizeof(header));
    out_frame->number = 0;
    if (got == 0)
        return reader->status = CAPTURE_END;
    if (got < sizeof(header))
        return stop(reader, CAPTURE_CUT, block.start, "the file ends within the header of a block");
    if (get_le32(header) == BLOCK_SECTION)
        return take_section(reader, block.start, header + 4);

    enum capture_status status = read_block(reader, header, &block);
    if (status != CAPTURE_OK || !is_read_block(block.type))
        return status;
    if (block.type == BLOCK_INTERFACE)
        return take_interface(reader, &block);
    if (block.type == BLOCK_SIMPLE)
        return take_simple(reader, &block, out_frame);
    if (block.length < ENHANCED_BODY)
        return stop(reader, CAPTURE_BAD, block.start, "a packet block of %zu bytes", block.length);
    uint32_t index = block.type == BLOCK_ENHANCED ? number32(reader, reader->buffer)
                                                  : number16(reader, reader->buffer);
    return take_packet(reader, &block, index, out_frame);
}

/* ---- both ---- */

static bool is_pcap_magic(uint32_t magic)
{
    return magic == pcap_microseconds || magic == pcap_nanoseconds;
}

/* Finds out by the first bytes what file it is, and reads its header. */
static enum capture_status start(struct capture_reader *reader)
{
    uint8_t header[PCAP_HEADER];
    reader->is_started = true;
    size_t got = read_some(reader, header, BLOCK_HEADER);
    if (got == 0)
        return stop(reader, CAPTURE_BAD, 0, "the file is empty");
    if (got == BLOCK_HEADER && get_le32(header) == BLOCK_SECTION) {
        reader->is_pcapng = true;
        return take_section(reader, 0, header + 4);
    }
    reader->is_big_endian = got >= 4 && is_pcap_magic(get_be32(header));
    if (got < 4 || !(reader->is_big_endian || is_pcap_magic(get_le32(header))))
        return stop(reader, CAPTURE_BAD, 0, "the file is neither pcap nor pcapng");
    size_t rest = PCAP_HEADER - BLOCK_HEADER;
    if (got < BLOCK_HEADER || read_some(reader, header + BLOCK_HEADER, rest) != rest)
        return stop(reader, CAPTURE_BAD, 0, "the file ends within its header");
    return start_pcap(reader, header);
}

void capture_open(struct capture_reader *reader, struct capture_source source)
{
    memset(reader, 0, sizeof(*reader));
    reader->source = source;
}

enum capture_status capture_next(struct capture_reader *reader, struct capture_frame *out_frame)
{
    enum capture_status status = reader->status;
    if (status == CAPTURE_OK && !reader->is_started)
        status = start(reader);
    if (status != CAPTURE_OK)
        return status;
    if (!reader->is_pcapng)
        return next_pcap(reader, out_frame);
    do {
        status = next_block(reader, out_frame);
    } while (status == CAPTURE_OK && out_frame->number == 0);
    return status;
}

void capture_close(struct capture_reader *reader)
{
    free(reader->interfaces);
    free(reader->buffer);
    memset(reader, 0, sizeof(*reader));
    reader->status = CAPTURE_END;
}
