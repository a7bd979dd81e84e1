/* Names of the numbers of DHCP that requests and replies are told by. */
#ifndef WDSPXECTL_DECODE_NAMES_H
#define WDSPXECTL_DECODE_NAMES_H

#include <stdint.h>

/* The DHCP message type (option 53) in capitals, e.g. "DISCOVER"; NULL if it has no name. */
const char *message_type_name(uint8_t type);

/* The same for DHCPv6 (RFC 8415 section 7.3), e.g. "SOLICIT". */
const char *message6_type_name(uint8_t type);

/*
 * The client architecture (option 93), e.g. "UEFI x64"; NULL if it has no name. Numbers as in the
 * IANA list, which corrects RFC 4578: 7 is x64 and 9 is EBC.
 */
const char *architecture_name(uint16_t architecture);

#endif
