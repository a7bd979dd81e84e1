/*
 * DHCPv6 messages (RFC 8415) as bytes: messages between client and server, their options, and the
 * relay messages they travel in. No allocation, no state, no recursion, no alignment assumptions;
 * every function may be called from any thread.
 *
 * A failing function writes no output unless it says so. Numbers in arguments are in host order.
 */
#ifndef DHCP_DHCP6_H
#define DHCP_DHCP6_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

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
    DHCP6_OPT_VENDOR_CLASS = 16,
    DHCP6_OPT_VENDOR_OPTIONS = 17,
    DHCP6_OPT_INTERFACE_ID = 18,
    DHCP6_OPT_BOOT_FILE_URL = 59,
};

/* ---- messages: dhcp6.c ---- */

/* Which rule of validity a packet breaks; DHCP6_VALID if none. */
enum dhcp6_defect {
    DHCP6_VALID,
    DHCP6_TOO_SHORT,
    DHCP6_WRONG_TYPE,
    DHCP6_BAD_HOP_COUNT,
    DHCP6_OPTION_OVERRUN,
    DHCP6_NO_RELAY_MESSAGE,
};

/* A readable sentence fragment such as "option runs past the end of the packet". Never NULL. */
const char *dhcp6_defect_text(enum dhcp6_defect defect);

static inline bool dhcp6_is_relay(uint8_t type)
{
    return type == DHCP6_RELAY_FORW || type == DHCP6_RELAY_REPL;
}

/* Where the options of a message of this type start: 34 for the two relay types, else 4. */
static inline size_t dhcp6_header_size(uint8_t type)
{
    return dhcp6_is_relay(type) ? DHCP6_RELAY_OPTIONS : DHCP6_OPTIONS;
}

/*
 * Is this a complete, well-formed DHCPv6 message? The first defect counts, in this order: length,
 * type, hop count, each option up to the exact end, the relay message. Only the outer message is
 * tested, not what is nested in it, and not which identifiers it carries.
 *   want_request  true: a message of a client or relay (types 1, 3 to 6, 8, 9, 11, 12);
 *                 false: one of a server (2, 7, 10, 13).
 *   out_is_pxe    may be NULL; always written: valid, and a class of an option 16 starts with
 *                 "PXEClient". In a RELAY-FORW the client's own message is searched instead.
 */
enum dhcp6_defect dhcp6_check(const uint8_t *packet, size_t length, bool want_request,
                              bool *out_is_pxe);

/*
 * Starts a reply: writes its header to `reply` (capacity bytes), and nothing behind it. SOLICIT is
 * answered by ADVERTISE, RELAY-FORW by RELAY-REPL, other requests by REPLY. The two may overlap.
 *   PXE_INVALID_DATA         the request is shorter than its header, or no type to reply to
 *   PXE_INSUFFICIENT_BUFFER  capacity is below the header's size
 * On success *out_length is dhcp6_header_size of the type.
 */
pxe_status dhcp6_reply_start(const uint8_t *request, size_t request_length, uint8_t *reply,
                             size_t capacity, size_t *out_length);

/* ---- options: dhcp6_options.c ---- */

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
bool dhcp6_walk_start(struct dhcp6_walk *walk, const uint8_t *packet, size_t length);

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
    uint16_t length;

    if (left < DHCP6_OPTION_HEADER) {
        return left == 0 ? DHCP6_STEP_END : DHCP6_STEP_OVERRUN;
    }
    length = be16_get(next + 2);
    if (left - DHCP6_OPTION_HEADER < length) {
        return DHCP6_STEP_OVERRUN;
    }
    out_option->code = be16_get(next);
    out_option->length = length;
    out_option->value = next + DHCP6_OPTION_HEADER;
    walk->next = next + DHCP6_OPTION_HEADER + length;
    return DHCP6_STEP_OPTION;
}

/* ---- relay messages: dhcp6_relay.c ---- */

/*
 * One relay layer. All pointers point into the packet. The members have the order and the sizes of
 * the published PXE_DHCPV6_NESTED_RELAY_MESSAGE, so that an array of those can be filled in place.
 */
struct dhcp6_relay_layer {
    const uint8_t *message;       /* this relay message, with everything nested in it */
    uint32_t length;              /* its length */
    const uint8_t *interface_id;  /* the value of its first option 18; NULL if it has none */
    uint16_t interface_id_length; /* 0 if it has none */
};

/*
 * Reads one relay message of either type; the type itself is not looked at. It is a UDP payload or
 * a part of one: its length fits 32 bits by far.
 *   out_layer   receives the layer.
 *   out_nested  receives the first option 9; its value is the message inside, at least one byte.
 * Both may be NULL. Returns DHCP6_VALID or the first defect: length, hop count, options, option 9.
 */
enum dhcp6_defect dhcp6_relay_read(const uint8_t *message, size_t length,
                                   struct dhcp6_relay_layer *out_layer,
                                   struct dhcp6_option *out_nested);

/*
 * Takes a RELAY-FORW apart. The inner message is the first one that is no RELAY-FORW.
 *   layers    receives the layers, the outermost (the packet itself) first. Undefined on failure.
 *   capacity  its elements; DHCP6_RELAY_LAYERS_MAX are always enough.
 *   PXE_INVALID_DATA         no RELAY-FORW; a layer has a defect; more than DHCP6_RELAY_LAYERS_MAX
 *                            layers; the inner message is shorter than 4 bytes or a RELAY-REPL
 *   PXE_INSUFFICIENT_BUFFER  nothing is wrong, but there are more layers than elements
 */
pxe_status dhcp6_relay_parse(const uint8_t *packet, size_t length, struct dhcp6_relay_layer *layers,
                             size_t capacity, size_t *out_count, const uint8_t **out_inner,
                             size_t *out_inner_length);

/*
 * Wraps the answer to a relayed message into RELAY-REPL layers, the way back of dhcp6_relay_parse:
 * hop count, link and peer address and Interface-Id are those of the layers.
 *   layers  as parsed. An Interface-Id that is not NULL is sent, also if it is empty.
 *   inner   the answer; may overlap `reply`, in which case it is gone afterwards. What the layers
 *           point to must not.
 *   reply   receives the packet (capacity bytes).
 *   PXE_INVALID_PARAMETER    no layer; one without message, or shorter than its header; no answer;
 *                            an answer or nested layer above 65535 bytes, the most an option holds
 *   PXE_INSUFFICIENT_BUFFER  does not fit; nothing written
 */
pxe_status dhcp6_relay_create(const struct dhcp6_relay_layer *layers, size_t count,
                              const uint8_t *inner, size_t inner_length, uint8_t *reply,
                              size_t capacity, size_t *out_length);

/*
 * The client's own message: the innermost one of a RELAY-FORW, else the packet itself. It points
 * into the packet, has at least 4 bytes, and nothing else about it was tested.
 *   PXE_INVALID_DATA  a RELAY-FORW that dhcp6_relay_parse would refuse; shorter than 4 bytes; a
 *                     RELAY-REPL
 */
pxe_status dhcp6_client_message(const uint8_t *packet, size_t length, const uint8_t **out_message,
                                size_t *out_length);

#endif
