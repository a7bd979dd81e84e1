/*
 * Reading and writing DHCPv4 options, and starting a reply. Every function may be called from any
 * thread; a failing one writes no output unless it says so.
 */
#ifndef DHCP_DHCP4_OPTIONS_H
#define DHCP_DHCP4_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"
#include "dhcp/dhcp4_wire.h"

/*
 * Starts a reply to `request` in `reply` (capacity bytes, all cleared first). The two may overlap.
 *   PXE_INVALID_DATA         the request is shorter than 240 bytes or has no cookie
 *   PXE_INSUFFICIENT_BUFFER  capacity is below 240
 * On success *out_length is 240: the next option lands right behind the cookie.
 */
pxe_status dhcp4_reply_start(const uint8_t *request, size_t request_length, uint8_t *reply,
                             size_t capacity, size_t *out_length);

/* Behind the fixed part and inside the packet. */
static inline bool dhcp4_is_append_position(size_t capacity, size_t length)
{
    return length >= DHCP4_OPTIONS && length <= capacity;
}

/*
 * Appends bytes that are options already, uninspected; no bytes are no change. This and the next
 * one are inline because a reply is made of nothing else.
 *   PXE_INVALID_PARAMETER    *length is below 240 or above capacity; bytes is NULL but has a count
 *   PXE_INSUFFICIENT_BUFFER  does not fit; nothing changed
 */
static inline pxe_status dhcp4_raw_append(uint8_t *packet, size_t capacity, size_t *length,
                                          const uint8_t *bytes, size_t count)
{
    if (!dhcp4_is_append_position(capacity, *length) || (!bytes && count > 0)) {
        return PXE_INVALID_PARAMETER;
    }
    if (capacity - *length < count) {
        return PXE_INSUFFICIENT_BUFFER;
    }
    if (count > 0) {
        memmove(packet + *length, bytes, count);
        *length += count;
    }
    return PXE_OK;
}

/*
 * Appends one option at *length; Pad and End are a single byte and ignore value and value_length.
 * The value may lie inside the packet. Nothing looks back: an option behind End is the caller's
 * mistake, which dhcp4_check reports. Same results.
 */
static inline pxe_status dhcp4_option_append(uint8_t *packet, size_t capacity, size_t *length,
                                             uint8_t code, const uint8_t *value,
                                             uint8_t value_length)
{
    if (code == DHCP4_OPT_PAD || code == DHCP4_OPT_END) {
        return dhcp4_raw_append(packet, capacity, length, &code, 1);
    }
    if (!dhcp4_is_append_position(capacity, *length) || (!value && value_length > 0)) {
        return PXE_INVALID_PARAMETER;
    }
    if (capacity - *length < (size_t)2 + value_length) {
        return PXE_INSUFFICIENT_BUFFER;
    }

    uint8_t *option = packet + *length;
    if (value_length > 0) { /* moved before the header is written: it may lie in the packet */
        memmove(option + 2, value, value_length);
    }
    option[0] = code;
    option[1] = value_length;
    *length += (size_t)2 + value_length;
    return PXE_OK;
}

/*
 * Finds the instance-th occurrence (from 1) of an option: in the options field, then, if option 52
 * there says so, in file and in sname. The value points into the packet; each output may be NULL.
 * An option that runs past the end of its field ends the search.
 *   PXE_INVALID_DATA       no DHCP packet (only length and cookie are looked at)
 *   PXE_INVALID_PARAMETER  instance is 0
 *   PXE_FILE_NOT_FOUND     no such occurrence, or code is Pad or End
 */
pxe_status dhcp4_option_find(const uint8_t *packet, size_t length, uint8_t code, uint32_t instance,
                             const uint8_t **out_value, uint8_t *out_length);

/*
 * The same for a sub-option inside option 43, counted across all options 43. A sub-option that runs
 * past the end of its option 43 ends only that one, and so does sub-option 255.
 */
pxe_status dhcp4_vendor_option_find(const uint8_t *packet, size_t length, uint8_t code,
                                    uint32_t instance, const uint8_t **out_value,
                                    uint8_t *out_length);

#endif
