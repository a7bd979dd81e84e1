/* Is it a well-formed DHCPv6 message? A pure function of its arguments, on top of walk and relays.
 */
#ifndef DHCP_DHCP6_CHECK_H
#define DHCP_DHCP6_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp/dhcp6_relay.h"

/* A readable sentence fragment such as "option runs past the end of the packet". Never NULL. */
const char *dhcp6_defect_text(enum dhcp6_defect defect);

/*
 * Is this a complete, well-formed DHCPv6 message? The first defect counts, in this order: length,
 * type, hop count, each option up to the exact end, the relay message. Only the outer message is
 * tested, not what is nested in it, and not which identifiers it carries.
 *   want_request  true: a message of a client or relay (types 1, 3 to 6, 8, 9, 11, 12);
 *                 false: one of a server (2, 7, 10, 13).
 *   out_is_pxe    may be NULL; always written: valid, and a class of an option 16 starts with
 *                 "PXEClient". In a RELAY-FORW the client's own message is searched instead.
 */
enum dhcp6_defect dhcp6_check(const uint8_t *packet, size_t length, bool want_request,
                              bool *out_is_pxe);

/* The same, and *out_inner, always written: of a valid request what dhcp6_descend finds inside its
 * relays' layers. Its outputs may not be NULL. */
enum dhcp6_defect dhcp6_check_inner(const uint8_t *packet, size_t length, bool want_request,
                                    bool *out_is_pxe, struct dhcp6_inner *out_inner);

#endif
