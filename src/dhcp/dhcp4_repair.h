/*
 * What clients and relays send is not always what the rules of validity (dhcp4_check) want. This
 * makes a request of it that is valid, and that means the same to whoever could read it before.
 */
#ifndef DHCP_DHCP4_REPAIR_H
#define DHCP_DHCP4_REPAIR_H

#include <stddef.h>
#include <stdint.h>

/* What was done to a packet, a bit each. */
enum dhcp4_repair {
    DHCP4_REPAIRED_TAIL = 1,      /* bytes behind option End were cleared (RFC 2132 section 3.2) */
    DHCP4_REPAIRED_END = 2,       /* option End was added (RFC 2131 section 4.1) */
    DHCP4_REPAIRED_SNAME = 4,     /* sname was terminated, its last character is gone */
    DHCP4_REPAIRED_FILE = 8,      /* the same of file */
    DHCP4_REPAIRED_OVERLOAD = 16, /* the options in file and sname were moved behind the others, and
                                    option 52 is gone (RFC 2131 section 4.1) */
};

enum {
    /* by how many bytes a repaired packet can be longer: all options of sname and file, and End */
    DHCP4_REPAIR_GROWTH = 64 + 128 + 1,
    DHCP4_REPAIR_TEXT_SIZE = 200,
};

/*
 * Repairs a request in place.
 *   capacity  bytes behind `packet`; length + DHCP4_REPAIR_GROWTH always suffice
 *   length    of the packet; the new one afterwards
 * Returns what was done. 0: the packet is as it was, because it is valid, or because nothing can
 * make it so: shorter than the fixed part, no BOOTREQUEST, hlen above 16, no cookie, an option that
 * runs past the end of its field, no message type in any field, or no room. After anything else
 * dhcp4_check finds no defect.
 */
unsigned dhcp4_repair(uint8_t *packet, size_t *length, size_t capacity);

/* What was done, in words: "bytes behind option End cleared, file terminated". */
void dhcp4_repair_text(unsigned repairs, char text[DHCP4_REPAIR_TEXT_SIZE]);

#endif
