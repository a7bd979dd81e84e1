#include "capture/write_pcap.h"

#include <string.h>

#include "text/bytes.h"

enum {
    RECORD_HEADER = 16,
    ETHERNET_HEADER = 14,
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    UDP_HEADER = 8,
    PROTOCOL_UDP = 17,
    TIME_TO_LIVE = 64,
    SNAP_LENGTH = 262144, /* what Wireshark takes at most */
    LINK_ETHERNET = 1,
};

void capture_file_header(uint8_t out_header[CAPTURE_FILE_HEADER_SIZE])
{
    memset(out_header, 0, CAPTURE_FILE_HEADER_SIZE);
    put_le32(out_header, 0xa1b2c3d4);
    put_le16(out_header + 4, 2);
    put_le16(out_header + 6, 4);
    put_le32(out_header + 16, SNAP_LENGTH);
    put_le32(out_header + 20, LINK_ETHERNET);
}

/* The sum of RFC 1071, not yet folded. */
static uint32_t add_to_sum(uint32_t sum, const uint8_t *bytes, size_t length)
{
    for (; length >= 2; bytes += 2, length -= 2)
        sum += get_be16(bytes);
    return length > 0 ? sum + (uint32_t)(bytes[0] << 8) : sum;
}

static uint16_t checksum(uint32_t sum)
{
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* The checksum covers addresses, protocol and length too (RFC 768, RFC 8200 section 8.1). */
static void put_udp(const struct capture_datagram *datagram, uint8_t *header)
{
    size_t length = UDP_HEADER + datagram->length;
    size_t address_length = datagram->source->length;
    put_be16(header, datagram->source->port);
    put_be16(header + 2, datagram->destination->port);
    put_be16(header + 4, (unsigned)length);
    put_be16(header + 6, 0);
    uint32_t sum = PROTOCOL_UDP + (uint32_t)length;
    sum = add_to_sum(sum, datagram->source->address, address_length);
    sum = add_to_sum(sum, datagram->destination->address, address_length);
    sum = add_to_sum(sum, header, UDP_HEADER);
    sum = add_to_sum(sum, datagram->payload, datagram->length);
    uint16_t value = checksum(sum);
    put_be16(header + 6, value == 0 ? 0xffff : value); /* 0 would mean: none */
}

static size_t put_ipv4(const struct capture_datagram *datagram, uint8_t *header)
{
    memset(header, 0, IPV4_HEADER);
    header[0] = 4 << 4 | IPV4_HEADER / 4;
    put_be16(header + 2, (unsigned)(IPV4_HEADER + UDP_HEADER + datagram->length));
    header[8] = TIME_TO_LIVE;
    header[9] = PROTOCOL_UDP;
    memcpy(header + 12, datagram->source->address, 4);
    memcpy(header + 16, datagram->destination->address, 4);
    put_be16(header + 10, checksum(add_to_sum(0, header, IPV4_HEADER)));
    return IPV4_HEADER;
}

static size_t put_ipv6(const struct capture_datagram *datagram, uint8_t *header)
{
    memset(header, 0, IPV6_HEADER);
    header[0] = 6 << 4;
    put_be16(header + 4, (unsigned)(UDP_HEADER + datagram->length));
    header[6] = PROTOCOL_UDP;
    header[7] = TIME_TO_LIVE;
    memcpy(header + 8, datagram->source->address, 16);
    memcpy(header + 24, datagram->destination->address, 16);
    return IPV6_HEADER;
}

/* RFC 1112 section 6.4, RFC 2464 section 7; all others are made up, locally administered. */
static void put_mac(const struct endpoint *endpoint, const uint8_t *known, uint8_t *mac)
{
    static const uint8_t made_up[2] = {0x02, 0x00}, multicast6[2] = {0x33, 0x33};
    const uint8_t *end = endpoint->address + endpoint->length;
    bool is_ipv4 = endpoint->length == 4;
    if (is_ipv4 && get_be32(endpoint->address) == UINT32_MAX) {
        memset(mac, 0xff, CAPTURE_MAC_SIZE);
    } else if (is_ipv4 && endpoint->address[0] >> 4 == 14) {
        put_be16(mac, 0x0100);
        put_be32(mac + 2, 0x5e000000 | (get_be32(endpoint->address) & 0x7fffff));
    } else if (!is_ipv4 && endpoint->address[0] == 0xff) {
        memcpy(mac, multicast6, sizeof(multicast6));
        memcpy(mac + 2, end - 4, 4);
    } else if (known != NULL) {
        memcpy(mac, known, CAPTURE_MAC_SIZE);
    } else {
        memcpy(mac, made_up, sizeof(made_up));
        memcpy(mac + 2, end - 4, 4);
    }
}

static size_t put_ethernet(const struct capture_datagram *datagram, uint8_t *header)
{
    put_mac(datagram->destination, datagram->destination_mac, header);
    put_mac(datagram->source, datagram->source_mac, header + CAPTURE_MAC_SIZE);
    put_be16(header + 12, datagram->source->length == 4 ? 0x0800 : 0x86dd);
    return ETHERNET_HEADER;
}

size_t capture_frame_headers(const struct capture_datagram *datagram,
                             uint8_t out_headers[CAPTURE_FRAME_HEADERS_MAX])
{
    uint8_t *at = out_headers + RECORD_HEADER;
    at += put_ethernet(datagram, at);
    at += datagram->source->length == 4 ? put_ipv4(datagram, at) : put_ipv6(datagram, at);
    put_udp(datagram, at);
    at += UDP_HEADER;

    size_t headers = (size_t)(at - out_headers);
    size_t frame = headers - RECORD_HEADER + datagram->length;
    put_le32(out_headers, (uint32_t)(datagram->time / 1000000));
    put_le32(out_headers + 4, (uint32_t)(datagram->time % 1000000));
    put_le32(out_headers + 8, (uint32_t)frame);
    put_le32(out_headers + 12, (uint32_t)frame);
    return headers;
}
