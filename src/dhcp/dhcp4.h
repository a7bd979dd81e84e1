/* All of DHCPv4: numbers and walk, options, check. */
#ifndef DHCP_DHCP4_H
#define DHCP_DHCP4_H

#include "dhcp/dhcp4_check.h"
#include "dhcp/dhcp4_options.h"
#include "dhcp/dhcp4_wire.h"

#endif
