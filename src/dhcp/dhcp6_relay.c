#include "dhcp/dhcp6_relay.h"

#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp6_options.h"

enum dhcp6_defect dhcp6_relay_read(const uint8_t *message, size_t length,
                                   struct dhcp6_relay_layer *out_layer,
                                   struct dhcp6_option *out_nested)
{
    struct dhcp6_option nested = {NULL, 0, 0};
    struct dhcp6_option interface_id = {NULL, 0, 0};
    struct dhcp6_option option;
    enum dhcp6_step step;

    if (length < DHCP6_RELAY_OPTIONS) {
        return DHCP6_TOO_SHORT;
    }
    if (message[DHCP6_RELAY_HOP_COUNT] > DHCP6_HOP_COUNT_MAX) {
        return DHCP6_BAD_HOP_COUNT;
    }

    /* of both options a layer may have one; if there are more, the first one counts */
    struct dhcp6_walk walk = {message + DHCP6_RELAY_OPTIONS, message + length};
    while ((step = dhcp6_walk_next(&walk, &option)) == DHCP6_STEP_OPTION) {
        if (option.code == DHCP6_OPT_RELAY_MESSAGE && !nested.value) {
            nested = option;
        } else if (option.code == DHCP6_OPT_INTERFACE_ID && !interface_id.value) {
            interface_id = option;
        }
    }
    if (step == DHCP6_STEP_OVERRUN) {
        return DHCP6_OPTION_OVERRUN;
    }
    if (nested.length == 0) {
        return DHCP6_NO_RELAY_MESSAGE;
    }

    if (out_layer) {
        out_layer->message = message;
        out_layer->length = (uint32_t)length;
        out_layer->interface_id = interface_id.value;
        out_layer->interface_id_length = interface_id.length;
    }
    if (out_nested) {
        *out_nested = nested;
    }
    return DHCP6_VALID;
}

/*
 * The one way down through relays' layers, at most DHCP6_RELAY_LAYERS_MAX deep. Keeps the first
 * `capacity` layers and counts all of them, so that a broken packet is found broken even if the
 * array is too small.
 */
static enum dhcp6_defect descend(const uint8_t *packet, size_t length, uint8_t relay_type,
                                 struct dhcp6_relay_layer *layers, size_t capacity,
                                 struct dhcp6_inner *out_inner)
{
    struct dhcp6_inner inner = {packet, length, 0, false};
    enum dhcp6_defect defect = DHCP6_VALID;

    while (defect == DHCP6_VALID && inner.length > 0 && inner.message[DHCP6_TYPE] == relay_type) {
        struct dhcp6_option nested;
        size_t at = inner.layers;

        defect = at == DHCP6_RELAY_LAYERS_MAX
                     ? DHCP6_BAD_HOP_COUNT
                     : dhcp6_relay_read(inner.message, inner.length,
                                        at < capacity ? &layers[at] : NULL, &nested);
        if (defect == DHCP6_VALID) {
            inner = (struct dhcp6_inner){nested.value, nested.length, at + 1, false};
        }
    }
    inner.is_whole = defect == DHCP6_VALID && inner.length >= DHCP6_OPTIONS &&
                     inner.message[DHCP6_TYPE] != DHCP6_RELAY_REPL;
    *out_inner = inner;
    return defect;
}

enum dhcp6_defect dhcp6_descend(const uint8_t *packet, size_t length, uint8_t relay_type,
                                struct dhcp6_inner *out_inner)
{
    return descend(packet, length, relay_type, /* layers */ NULL, /* capacity */ 0, out_inner);
}

pxe_status dhcp6_relay_parse(const uint8_t *packet, size_t length, struct dhcp6_relay_layer *layers,
                             size_t capacity, size_t *out_count, const uint8_t **out_inner,
                             size_t *out_inner_length)
{
    struct dhcp6_inner inner;

    (void)descend(packet, length, DHCP6_RELAY_FORW, layers, capacity, &inner);
    if (!inner.is_whole || inner.layers == 0) {
        return PXE_INVALID_DATA;
    }
    if (inner.layers > capacity) {
        return PXE_INSUFFICIENT_BUFFER;
    }
    *out_count = inner.layers;
    *out_inner = inner.message;
    *out_inner_length = inner.length;
    return PXE_OK;
}

pxe_status dhcp6_client_message(const uint8_t *packet, size_t length, const uint8_t **out_message,
                                size_t *out_length)
{
    struct dhcp6_inner inner;

    (void)dhcp6_descend(packet, length, DHCP6_RELAY_FORW, &inner);
    if (!inner.is_whole) {
        return PXE_INVALID_DATA;
    }
    *out_message = inner.message;
    *out_length = inner.length;
    return PXE_OK;
}

/* A relay that sent from another port than 547, or got the message from one that did, needs this
 * back (RFC 8357 section 5). */
static bool relay_port_find(const struct dhcp6_relay_layer *layer, struct dhcp6_option *out_option)
{
    return layer->message[DHCP6_TYPE] == DHCP6_RELAY_FORW &&
           dhcp6_option_find(layer->message, layer->length, DHCP6_OPT_RELAY_PORT, 1,
                             &out_option->value, &out_option->length) == PXE_OK;
}

/* The bytes that a layer adds around what it carries. */
static size_t envelope_size(const struct dhcp6_relay_layer *layer)
{
    size_t size = DHCP6_RELAY_OPTIONS + DHCP6_OPTION_HEADER;
    struct dhcp6_option port;

    if (layer->interface_id) {
        size += (size_t)DHCP6_OPTION_HEADER + layer->interface_id_length;
    }
    if (relay_port_find(layer, &port)) {
        size += (size_t)DHCP6_OPTION_HEADER + port.length;
    }
    return size;
}

/*
 * The whole packet's length; 0 if it cannot be built. Each step starts at 65535 or less and adds
 * little more than as much, so nothing overflows.
 */
static size_t packed_size(const struct dhcp6_relay_layer *layers, size_t count, size_t inner_length)
{
    size_t size = inner_length;

    for (size_t i = count; i-- > 0;) {
        if (size > UINT16_MAX || !layers[i].message || layers[i].length < DHCP6_RELAY_OPTIONS) {
            return 0;
        }
        size += envelope_size(&layers[i]);
    }
    return size;
}

/* Writes an option's code and length; returns where its value belongs. */
static uint8_t *option_header_put(uint8_t *option, uint16_t code, size_t value_length)
{
    be16_put(option, code);
    be16_put(option + 2, (uint16_t)value_length);
    return option + DHCP6_OPTION_HEADER;
}

/* Writes one layer that fills `size` bytes; returns where the message inside belongs. */
static uint8_t *envelope_put(uint8_t *reply, size_t size, const struct dhcp6_relay_layer *layer)
{
    uint8_t *next = reply + DHCP6_RELAY_OPTIONS;
    struct dhcp6_option port;

    memcpy(reply, layer->message, DHCP6_RELAY_OPTIONS);
    reply[DHCP6_TYPE] = DHCP6_RELAY_REPL;
    if (layer->interface_id) { /* must come back as it is (RFC 8415 section 21.18) */
        next = option_header_put(next, DHCP6_OPT_INTERFACE_ID, layer->interface_id_length);
        memcpy(next, layer->interface_id, layer->interface_id_length);
        next += layer->interface_id_length;
    }
    if (relay_port_find(layer, &port)) {
        next = option_header_put(next, DHCP6_OPT_RELAY_PORT, port.length);
        memcpy(next, port.value, port.length);
        next += port.length;
    }
    return option_header_put(next, DHCP6_OPT_RELAY_MESSAGE,
                             size - (size_t)(next - reply) - DHCP6_OPTION_HEADER);
}

pxe_status dhcp6_relay_create(const struct dhcp6_relay_layer *layers, size_t count,
                              const uint8_t *inner, size_t inner_length, uint8_t *reply,
                              size_t capacity, size_t *out_length)
{
    size_t total = count > 0 && inner_length > 0 ? packed_size(layers, count, inner_length) : 0;

    if (total == 0) {
        return PXE_INVALID_PARAMETER;
    }
    if (capacity < total) {
        return PXE_INSUFFICIENT_BUFFER;
    }

    /* The relay message is each layer's last option: the answer ends where the packet ends. It is
     * moved there first, as it may have been built in this buffer. */
    memmove(reply + (total - inner_length), inner, inner_length);
    uint8_t *next = reply;
    for (size_t i = 0; i < count; i++) {
        next = envelope_put(next, (size_t)(reply + total - next), &layers[i]);
    }
    *out_length = total;
    return PXE_OK;
}
