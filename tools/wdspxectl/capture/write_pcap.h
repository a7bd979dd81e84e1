/*
 * Writes capture files: classic pcap with microseconds, Ethernet, IPv4 or IPv6 and UDP round each
 * payload, all checksums right, so that every decoder takes them.
 */
#ifndef WDSPXECTL_CAPTURE_WRITE_PCAP_H
#define WDSPXECTL_CAPTURE_WRITE_PCAP_H

#include "capture/frame.h"

enum {
    CAPTURE_FILE_HEADER_SIZE = 24,
    /* Header of the record, Ethernet, IPv6, UDP. */
    CAPTURE_FRAME_HEADERS_MAX = 16 + 14 + 40 + 8,
    CAPTURE_PAYLOAD_MAX = 65507, /* more does not fit into one IPv4 packet */
    CAPTURE_MAC_SIZE = 6,
};

void capture_file_header(uint8_t out_header[CAPTURE_FILE_HEADER_SIZE]);

/* One datagram to write. */
struct capture_datagram {
    uint64_t time;                 /* microseconds since 1970 */
    const struct endpoint *source; /* both of one family */
    const struct endpoint *destination;
    const uint8_t *source_mac; /* NULL: made up from the address */
    const uint8_t *destination_mac;
    const uint8_t *payload;
    size_t length; /* up to CAPTURE_PAYLOAD_MAX */
};

/*
 * Fills in what stands in front of the payload in the file. Broadcast and multicast addresses get
 * the MAC addresses that belong to them. Returns how many bytes it wrote.
 */
size_t capture_frame_headers(const struct capture_datagram *datagram,
                             uint8_t out_headers[CAPTURE_FRAME_HEADERS_MAX]);

#endif
