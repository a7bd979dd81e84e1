/*
 * DHCPv6 on the wire (RFC 8415): its numbers, and one step through a list of options. No
 * allocation, no state, no alignment assumptions. Numbers in arguments are in host order.
 */
#ifndef DHCP_DHCP6_WIRE_H
#define DHCP_DHCP6_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    /* message types (RFC 8415 section 7.3) */
    DHCP6_SOLICIT = 1,
    DHCP6_ADVERTISE = 2,
    DHCP6_REQUEST = 3,
    DHCP6_CONFIRM = 4,
    DHCP6_RENEW = 5,
    DHCP6_REBIND = 6,
    DHCP6_REPLY = 7,
    DHCP6_RELEASE = 8,
    DHCP6_DECLINE = 9,
    DHCP6_RECONFIGURE = 10,
    DHCP6_INFORMATION_REQUEST = 11,
    DHCP6_RELAY_FORW = 12,
    DHCP6_RELAY_REPL = 13,

    /* offsets in a message between client and server (RFC 8415 section 8) */
    DHCP6_TYPE = 0,
    DHCP6_TRANSACTION_ID = 1, /* three bytes */
    DHCP6_OPTIONS = 4,

    /* offsets in a message between relay and server (RFC 8415 section 9) */
    DHCP6_RELAY_HOP_COUNT = 1,
    DHCP6_RELAY_LINK_ADDRESS = 2,
    DHCP6_RELAY_PEER_ADDRESS = 18,
    DHCP6_RELAY_OPTIONS = 34,

    DHCP6_OPTION_HEADER = 4, /* code and length, two bytes each (RFC 8415 section 21.1) */

    /* HOP_COUNT_LIMIT of RFC 3315 section 5.5; RFC 8415 has 8 */
    DHCP6_HOP_COUNT_MAX = 32,
    DHCP6_RELAY_LAYERS_MAX = 32,

    DHCP6_SERVER_PORT = 547,
    DHCP6_CLIENT_PORT = 546,

    DHCP6_OPT_CLIENT_ID = 1,
    DHCP6_OPT_SERVER_ID = 2,
    DHCP6_OPT_ELAPSED_TIME = 8,
    DHCP6_OPT_RELAY_MESSAGE = 9,
    DHCP6_OPT_RAPID_COMMIT = 14,
    DHCP6_OPT_VENDOR_CLASS = 16,
    DHCP6_OPT_VENDOR_OPTIONS = 17,
    DHCP6_OPT_INTERFACE_ID = 18,
    DHCP6_OPT_BOOT_FILE_URL = 59,
    DHCP6_OPT_RELAY_PORT = 135, /* RFC 8357 */
};

static inline bool dhcp6_is_relay(uint8_t type)
{
    return type == DHCP6_RELAY_FORW || type == DHCP6_RELAY_REPL;
}

/* The messages that a server takes and answers (RFC 8415 sections 16 and 19). */
static inline bool dhcp6_is_request(uint8_t type)
{
    const uint32_t requests = 1u << DHCP6_SOLICIT | 1u << DHCP6_REQUEST | 1u << DHCP6_CONFIRM |
                              1u << DHCP6_RENEW | 1u << DHCP6_REBIND | 1u << DHCP6_RELEASE |
                              1u << DHCP6_DECLINE | 1u << DHCP6_INFORMATION_REQUEST |
                              1u << DHCP6_RELAY_FORW;

    return type < 32 && (requests >> type & 1) != 0;
}

/* Where the options of a message of this type start: 34 for the two relay types, else 4. */
static inline size_t dhcp6_header_size(uint8_t type)
{
    return dhcp6_is_relay(type) ? DHCP6_RELAY_OPTIONS : DHCP6_OPTIONS;
}

/* The bytes of an option list that are still to be walked. */
struct dhcp6_walk {
    const uint8_t *next;
    const uint8_t *end;
};

/* One option; value points into the walked bytes. */
struct dhcp6_option {
    const uint8_t *value;
    uint16_t code;
    uint16_t length;
};

enum dhcp6_step {
    DHCP6_STEP_OPTION,  /* an option, now behind walk->next */
    DHCP6_STEP_END,     /* no bytes are left */
    DHCP6_STEP_OVERRUN, /* the option at walk->next does not fit */
};

/* To the first option of a packet; false if it is shorter than its header. */
static inline bool dhcp6_walk_start(struct dhcp6_walk *walk, const uint8_t *packet, size_t length)
{
    if (length < DHCP6_OPTIONS || length < dhcp6_header_size(packet[DHCP6_TYPE])) {
        return false;
    }
    walk->next = packet + dhcp6_header_size(packet[DHCP6_TYPE]);
    walk->end = packet + length;
    return true;
}

/*
 * Steps to the next option of a list: the options of a message, or, with both ends set by the
 * caller, of an option that holds options. *out_option is written for DHCP6_STEP_OPTION only.
 * Inline, because it is the inner loop of every search and check.
 */
static inline enum dhcp6_step dhcp6_walk_next(struct dhcp6_walk *walk,
                                              struct dhcp6_option *out_option)
{
    const uint8_t *next = walk->next;
    size_t left = (size_t)(walk->end - next);

    if (left < DHCP6_OPTION_HEADER) {
        return left == 0 ? DHCP6_STEP_END : DHCP6_STEP_OVERRUN;
    }
    const uint32_t header = be32_get(next); /* code and length in one load */
    const size_t size = (size_t)DHCP6_OPTION_HEADER + (uint16_t)header;
    if (left < size) {
        return DHCP6_STEP_OVERRUN;
    }
    out_option->code = (uint16_t)(header >> 16);
    out_option->length = (uint16_t)header;
    out_option->value = next + DHCP6_OPTION_HEADER;
    walk->next = next + size;
    return DHCP6_STEP_OPTION;
}

/* Steps to the next option with this code; false at the end of the list or at an overrun. */
static inline bool dhcp6_walk_to(struct dhcp6_walk *walk, uint16_t code,
                                 struct dhcp6_option *out_option)
{
    while (dhcp6_walk_next(walk, out_option) == DHCP6_STEP_OPTION) {
        if (out_option->code == code) {
            return true;
        }
    }
    return false;
}

#endif
