/* What dhcp4_repair.h is for DHCPv4: a request that can be understood, made valid. */
#ifndef DHCP_DHCP6_REPAIR_H
#define DHCP_DHCP6_REPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Cuts what follows the last whole option of a message: of a client's message, and, if relays are
 * around it, of each layer (the options Relay Message become shorter by that much). In place.
 *   length  of the packet; the new one afterwards, never more
 * True: something was cut. False: the packet is as it was, because nothing follows, or because not
 * even one option is whole in one of the messages, or a header is not.
 */
bool dhcp6_repair(uint8_t *packet, size_t *length);

#endif
