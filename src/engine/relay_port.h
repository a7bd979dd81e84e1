/* RFC 8357: relay agents that send from a port of their own choice, and want the reply there. */
#ifndef ENGINE_RELAY_PORT_H
#define ENGINE_RELAY_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "engine/endpoint.h"

/*
 * The port that a valid request's relay agent wants to be answered at, if it says so by sub-option
 * 19 of option 82, or by option 135 of a RELAY-FORW (of the outermost layer: it is the agent that
 * sent the datagram): the one that it sent from. Else 0: the one for DHCP servers.
 */
uint16_t relay_port(const uint8_t *packet, size_t length, const struct net_endpoint *from);

#endif
