/* Is it a well-formed DHCPv4 message? A pure function of its arguments, on top of walk and options.
 */
#ifndef DHCP_DHCP4_CHECK_H
#define DHCP_DHCP4_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which rule of validity a packet breaks; DHCP4_VALID if none. */
enum dhcp4_defect {
    DHCP4_VALID,
    DHCP4_TOO_SHORT,
    DHCP4_WRONG_OP,
    DHCP4_BAD_HLEN,
    DHCP4_SNAME_UNTERMINATED,
    DHCP4_FILE_UNTERMINATED,
    DHCP4_BAD_COOKIE,
    DHCP4_OPTION_OVERRUN,
    DHCP4_NO_END,
    DHCP4_DATA_AFTER_END,
    DHCP4_NO_MESSAGE_TYPE,
};

/* A readable sentence fragment such as "option runs past the end of the packet". Never NULL. */
const char *dhcp4_defect_text(enum dhcp4_defect defect);

/*
 * Is this a complete, well-formed DHCP message? The first defect counts, in this order: length, op,
 * hlen, cookie, sname, file, each option up to End, End itself, the bytes behind End, option 53.
 *   want_request  true: op must be BOOTREQUEST; false: BOOTREPLY.
 *   out_is_pxe    may be NULL; always written: valid, and option 60 starts with "PXEClient".
 */
enum dhcp4_defect dhcp4_check(const uint8_t *packet, size_t length, bool want_request,
                              bool *out_is_pxe);

#endif
