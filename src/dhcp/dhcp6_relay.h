/*
 * The relay messages that DHCPv6 messages travel in (RFC 8415 section 9): taking them apart, and
 * wrapping the answer. No recursion; a failing function writes no output unless it says so.
 */
#ifndef DHCP_DHCP6_RELAY_H
#define DHCP_DHCP6_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "dhcp/dhcp6_wire.h"

/* Which rule of validity a packet breaks; DHCP6_VALID if none. */
enum dhcp6_defect {
    DHCP6_VALID,
    DHCP6_TOO_SHORT,
    DHCP6_WRONG_TYPE,
    DHCP6_BAD_HOP_COUNT,
    DHCP6_OPTION_OVERRUN,
    DHCP6_NO_RELAY_MESSAGE,
};

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
 * Reads one relay message of either type; the type itself is not looked at. If nothing is wrong,
 * the outputs receive the message inside, the value of the first option 9, at least one byte.
 * Returns DHCP6_VALID or the first defect: length, hop count, options, option 9.
 */
enum dhcp6_defect dhcp6_relay_read(const uint8_t *message, size_t length,
                                   const uint8_t **out_nested, size_t *out_nested_length);

/* What is inside the relays' layers. */
struct dhcp6_inner {
    const uint8_t
        *message;  /* points into the packet: the first message that is no such layer, or */
    size_t length; /* the layer that is broken */
    size_t layers; /* whole ones around it */
    bool is_whole; /* it is a message of at least 4 bytes, and no RELAY-REPL */
};

/*
 * Goes down through the layers of one relay type, RELAY-FORW or RELAY-REPL, 0 or more of them.
 * *out_inner is always written. Returns DHCP6_VALID, or the defect of the layer that ended the way;
 * DHCP6_BAD_HOP_COUNT also for more than DHCP6_RELAY_LAYERS_MAX layers.
 */
enum dhcp6_defect dhcp6_descend(const uint8_t *packet, size_t length, uint8_t relay_type,
                                struct dhcp6_inner *out_inner);

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
