#include "capture.h"

#include <stdio.h>
#include <string.h>

/* pcap, Ethernet, IPv4 and UDP: what is looked at, by offset (libpcap's file format; RFC 791). */
enum {
    FILE_MAX = 1 << 20,
    FILE_HEADER = 24,
    RECORD_HEADER = 16,
    RECORD_LENGTH = 8,
    ETHERNET_HEADER = 14,
    ETHERNET_TYPE = 12,
    ETHERNET_IPV4 = 0x0800,
    IPV4_HEADER = 20, /* without options, which DHCP packets do not have */
    IPV4_PROTOCOL = 9,
    PROTOCOL_UDP = 17,
    UDP_HEADER = 8,
    UDP_DESTINATION = 2,
    UDP_AT = ETHERNET_HEADER + IPV4_HEADER,
    PAYLOAD_AT = UDP_AT + UDP_HEADER,
    DHCP_OPTIONS = 240,
    OPTION_MESSAGE_TYPE = 53,
};

static const uint8_t pcap_magic[4] = {0xd4, 0xc3, 0xb2, 0xa1}; /* little-endian, microseconds */

static unsigned be16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

static uint32_t le32(const uint8_t *bytes)
{
    return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 | bytes[0];
}

bool file_load(const char *path, uint8_t *bytes, size_t capacity, size_t *out_length)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        return false;
    }
    size_t length = fread(bytes, 1, capacity, file);
    bool is_whole = !ferror(file) && fgetc(file) == EOF;
    fclose(file);
    if (!is_whole) {
        fprintf(stderr, "%s: cannot be read, or has more than %zu bytes\n", path, capacity);
        return false;
    }
    *out_length = length;
    return true;
}

/* Real clients put option 53 first. */
static bool is_wanted(const uint8_t *frame, size_t length, uint16_t destination_port,
                      uint8_t message_type)
{
    if (length < PAYLOAD_AT + DHCP_OPTIONS + 3)
        return false;
    const uint8_t *options = frame + PAYLOAD_AT + DHCP_OPTIONS;
    return be16(frame + ETHERNET_TYPE) == ETHERNET_IPV4 &&
           frame[ETHERNET_HEADER + IPV4_PROTOCOL] == PROTOCOL_UDP &&
           be16(frame + UDP_AT + UDP_DESTINATION) == destination_port &&
           options[0] == OPTION_MESSAGE_TYPE && options[2] == message_type;
}

bool capture_find(const char *path, uint16_t destination_port, uint8_t message_type, uint8_t *bytes,
                  size_t capacity, size_t *out_length)
{
    static uint8_t file[FILE_MAX];
    size_t size;

    if (!file_load(path, file, sizeof(file), &size))
        return false;
    if (size < FILE_HEADER || memcmp(file, pcap_magic, sizeof(pcap_magic)) != 0) {
        fprintf(stderr, "%s: no pcap file\n", path);
        return false;
    }
    for (size_t at = FILE_HEADER; size - at >= RECORD_HEADER;) {
        const uint8_t *frame = file + at + RECORD_HEADER;
        size_t length = le32(file + at + RECORD_LENGTH);

        if (size - at - RECORD_HEADER < length)
            break;
        if (is_wanted(frame, length, destination_port, message_type) &&
            length - PAYLOAD_AT <= capacity) {
            *out_length = length - PAYLOAD_AT;
            memcpy(bytes, frame + PAYLOAD_AT, *out_length);
            return true;
        }
        at += RECORD_HEADER + length;
    }
    fprintf(stderr, "%s: no DHCP message of type %u to port %u\n", path, message_type,
            destination_port);
    return false;
}
