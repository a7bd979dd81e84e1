/* All of DHCPv6: numbers and walk, options, relay messages, check. */
#ifndef DHCP_DHCP6_H
#define DHCP_DHCP6_H

#include "dhcp/dhcp6_check.h"
#include "dhcp/dhcp6_options.h"
#include "dhcp/dhcp6_relay.h"
#include "dhcp/dhcp6_wire.h"

#endif
