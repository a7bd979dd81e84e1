/*
 * Writes pcapng files (draft-ietf-opsawg-pcapng): frames as write_pcap.h makes them, each with a
 * comment. Little-endian, times in microseconds.
 */
#ifndef WDSPXECTL_CAPTURE_WRITE_PCAPNG_H
#define WDSPXECTL_CAPTURE_WRITE_PCAPNG_H

#include "capture/write_pcap.h"

enum {
    PCAPNG_FILE_HEADER_SIZE = 28 + 20,
    PCAPNG_COMMENT_MAX = 1024, /* bytes; what is longer is cut */
    /* Block header and end, frame headers, options and padding. */
    PCAPNG_PACKET_EXTRA = 32 + 14 + 40 + 8 + 4 + PCAPNG_COMMENT_MAX + 4 + 8,
};

void pcapng_file_header(uint8_t out_header[PCAPNG_FILE_HEADER_SIZE]);

/*
 * Writes the block of one datagram; `out_block` has room for its length and PCAPNG_PACKET_EXTRA.
 *   comment  UTF-8, "": none
 * Returns the size of the block.
 */
size_t pcapng_packet(const struct capture_datagram *datagram, const char *comment,
                     uint8_t *out_block);

#endif
