/* Names of the numbers of DHCP that requests and replies are told by. */
#ifndef WDSPXECTL_DECODE_NAMES_H
#define WDSPXECTL_DECODE_NAMES_H

#include <stdint.h>
#include <wchar.h>

/* The DHCP message type (option 53) in capitals, e.g. L"DISCOVER"; NULL if it has no name. */
const wchar_t *message_type_name(uint8_t type);

/* The same for DHCPv6 (RFC 8415 section 7.3), e.g. L"SOLICIT". */
const wchar_t *message6_type_name(uint8_t type);

/*
 * The client architecture (option 93), e.g. L"UEFI x64"; NULL if it has no name. Numbers as in the
 * IANA list, which corrects RFC 4578: 7 is x64 and 9 is EBC.
 */
const wchar_t *architecture_name(uint16_t architecture);

#endif
