/*
 * Reads the options of a received packet, every byte of which is hostile. No allocation: what is
 * kept of the packet goes into memory of the caller, so the packet itself may go away.
 */
#ifndef WDSBP_PARSE_H
#define WDSBP_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    PARSE_PACKET_MAX = 65535,   /* more than any UDP payload */
    PARSE_NBP_INSTANCE_MAX = 32 /* options 250 that are joined: bounds the work on one packet */
};

/* What was kept; points into the store. */
struct wdsbp_parsed {
    const uint8_t *options; /* DHCPv4: the joined sub-options; DHCPv6: the innermost options */
    size_t length;
    const uint8_t *bcd_path; /* content of DHCPv4 option 252; NULL: absent */
    size_t bcd_length;
    uint8_t packet_types; /* what the caller is told, PACKET_... */
};

/*
 * Parse a packet. `store` has room for as many bytes as the packet and must last as long as the
 * result. Broken options end the reading, but are no error.
 *   PXE_INVALID_DATA  DHCPv4: shorter than 240 bytes, no cookie, op neither 1 nor 2. DHCPv6: the
 *                     fixed part is incomplete, a relay message without a message inside, more than
 *                     32 relays. Both: longer than PARSE_PACKET_MAX.
 */
pxe_status wdsbp_parse4(const uint8_t *packet, size_t length, uint8_t *store,
                        struct wdsbp_parsed *out_parsed);
pxe_status wdsbp_parse6(const uint8_t *packet, size_t length, uint8_t *store,
                        struct wdsbp_parsed *out_parsed);

/*
 * Copies the value of an option out; of several of the same number the first counts. Strings get
 * exactly one zero byte at their end, which is counted. *out_length is written with
 *   PXE_OK                   bytes copied
 *   PXE_INSUFFICIENT_BUFFER  bytes needed; nothing was copied
 *   PXE_FILE_NOT_FOUND       0: not in the packet
 *   PXE_INVALID_DATA         0: its length does not fit its type
 * and not with
 *   PXE_INVALID_PARAMETER    malformed name, or one of the other address family; buffer NULL with a
 *                            capacity
 */
pxe_status wdsbp_parsed_query(const struct wdsbp_parsed *parsed, uint32_t name, uint8_t *buffer,
                              size_t capacity, size_t *out_length);

#endif
