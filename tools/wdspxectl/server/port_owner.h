/* Who has a UDP port of this machine. */
#ifndef WDSPXECTL_SERVER_PORT_OWNER_H
#define WDSPXECTL_SERVER_PORT_OWNER_H

#include <stddef.h>

#include "text/text.h"

/*
 * Appends who has bound the port, this process left out: "0.0.0.0 by \"svchost.exe\" (process
 * 1234), 10.0.0.2 by process 17"; with the native half, by Linux' own numbers: "10.0.0.2 by
 * \"dnsmasq\" (Linux process 1234)". Windows tells of IPv4 only. Returns how many; 0 also if the
 * system does not tell.
 */
size_t port_owners(unsigned port, struct text *out_owners);

#endif
