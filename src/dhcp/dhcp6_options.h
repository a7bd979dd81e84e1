/*
 * Reading and writing DHCPv6 options, and starting a reply. Every function may be called from any
 * thread; a failing one writes no output unless it says so.
 */
#ifndef DHCP_DHCP6_OPTIONS_H
#define DHCP_DHCP6_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "dhcp/dhcp6_wire.h"

/* The type that answers a request of this type; 0: it is no request. */
uint8_t dhcp6_reply_type(uint8_t request_type);

/*
 * Starts a reply: writes its header to `reply` (capacity bytes), and nothing behind it. SOLICIT is
 * answered by ADVERTISE, RELAY-FORW by RELAY-REPL, other requests by REPLY. The two may overlap.
 *   PXE_INVALID_DATA         the request is shorter than its header, or no type to reply to
 *   PXE_INSUFFICIENT_BUFFER  capacity is below the header's size
 * On success *out_length is dhcp6_header_size of the type.
 */
pxe_status dhcp6_reply_start(const uint8_t *request, size_t request_length, uint8_t *reply,
                             size_t capacity, size_t *out_length);

/*
 * Appends one option at *length. The value may lie inside the packet.
 *   PXE_INVALID_PARAMETER    *length is below the header's size (by the packet's type) or above
 *                            capacity; value is NULL but has a length
 *   PXE_INSUFFICIENT_BUFFER  does not fit; nothing changed
 */
pxe_status dhcp6_option_append(uint8_t *packet, size_t capacity, size_t *length, uint16_t code,
                               const uint8_t *value, uint16_t value_length);

/* Appends bytes that are options already, uninspected. Same results; no bytes are no change. */
pxe_status dhcp6_raw_append(uint8_t *packet, size_t capacity, size_t *length, const uint8_t *bytes,
                            size_t count);

/*
 * Finds the instance-th occurrence (from 1) of an option of the outer message; nested messages and
 * options are not searched. The value points into the packet; each output may be NULL. An option
 * that runs past the end of the packet ends the search.
 *   PXE_INVALID_DATA       shorter than the header; nothing else is looked at
 *   PXE_INVALID_PARAMETER  instance is 0
 *   PXE_FILE_NOT_FOUND     no such occurrence
 */
pxe_status dhcp6_option_find(const uint8_t *packet, size_t length, uint16_t code, uint32_t instance,
                             const uint8_t **out_value, uint16_t *out_length);

/*
 * The same for a sub-option inside option 17, counted across all options 17 of this enterprise. A
 * sub-option that runs past the end of its option 17 ends only that one; an option 17 too short for
 * an enterprise number is skipped.
 */
pxe_status dhcp6_vendor_option_find(const uint8_t *packet, size_t length, uint32_t enterprise,
                                    uint16_t code, uint32_t instance, const uint8_t **out_value,
                                    uint16_t *out_length);

#endif
