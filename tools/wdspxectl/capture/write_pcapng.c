#include "capture/write_pcapng.h"

#include <string.h>

#include "text/bytes.h"

enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BLOCK_SECTION = 0x0a0d0d0a,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    LINK_ETHERNET = 1,
    OPTION_COMMENT = 1,
    PACKET_HEADER = 28,
    RECORD_HEADER = 16, /* of classic pcap, which capture_frame_headers begins with */
};

static uint8_t *put32(uint8_t *at, uint32_t value)
{
    put_le32(at, value);
    return at + 4;
}

static uint8_t *put_padding(uint8_t *at, size_t length)
{
    for (; length % 4 != 0; length++)
        *at++ = 0;
    return at;
}

void pcapng_file_header(uint8_t out_header[PCAPNG_FILE_HEADER_SIZE])
{
    static const uint32_t words[] = {
        BLOCK_SECTION,
        28,
        BYTE_ORDER_MAGIC,
        1, /* the version: 1.0 */
        UINT32_MAX,
        UINT32_MAX, /* the section's length: not known */
        28,
        BLOCK_INTERFACE,
        20,
        LINK_ETHERNET,
        0, /* no limit to a frame's length */
        20,
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        put_le32(out_header + 4 * i, words[i]);
}

/* Not within a character. */
static size_t comment_length(const char *comment)
{
    size_t length = strlen(comment);

    if (length <= PCAPNG_COMMENT_MAX)
        return length;
    length = PCAPNG_COMMENT_MAX;
    while (length > 0 && ((uint8_t)comment[length] & 0xc0) == 0x80)
        length--;
    return length;
}

static uint8_t *put_comment(uint8_t *at, const char *comment)
{
    size_t length = comment_length(comment);

    if (length == 0)
        return at;
    at = put32(at, OPTION_COMMENT | (uint32_t)length << 16);
    memcpy(at, comment, length);
    at = put_padding(at + length, length);
    return put32(at, 0); /* opt_endofopt */
}

size_t pcapng_packet(const struct capture_datagram *datagram, const char *comment,
                     uint8_t *out_block)
{
    uint8_t headers[CAPTURE_FRAME_HEADERS_MAX];
    size_t header_size = capture_frame_headers(datagram, headers) - RECORD_HEADER;
    size_t frame = header_size + datagram->length;
    uint8_t *at = out_block + PACKET_HEADER;

    memcpy(at, headers + RECORD_HEADER, header_size);
    memcpy(at + header_size, datagram->payload, datagram->length);
    at = put_padding(at + frame, frame);
    at = put_comment(at, comment);
    size_t size = (size_t)(at - out_block) + 4;
    (void)put32(at, (uint32_t)size);

    at = put32(out_block, BLOCK_PACKET);
    at = put32(at, (uint32_t)size);
    at = put32(at, 0); /* the interface */
    at = put32(at, (uint32_t)(datagram->time >> 32));
    at = put32(at, (uint32_t)datagram->time);
    at = put32(at, (uint32_t)frame);
    (void)put32(at, (uint32_t)frame);
    return size;
}
