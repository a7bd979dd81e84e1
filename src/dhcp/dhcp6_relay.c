#include "dhcp/dhcp6_relay.h"

#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp6_options.h"

/* The length of an option's value, which its header tells just before it; 0 if there is none. */
static inline uint16_t value_length(const uint8_t *value)
{
    return value ? be16_get(value - 2) : 0;
}

/* What a relay adds to what it relays, and that; NULL if it has no such option. */
struct layer_values {
    const uint8_t *nested;
    const uint8_t *interface_id;
};

/*
 * Reads one relay message up to its exact end. Of both options a layer may have one; if there are
 * more, the first one counts. Inline, as each way down through layers is a loop of it.
 */
static inline enum dhcp6_defect layer_read(const uint8_t *message, size_t length,
                                           struct layer_values *out_values)
{
    struct layer_values values = {NULL, NULL};
    struct dhcp6_option option;
    enum dhcp6_step step;

    if (length < DHCP6_RELAY_OPTIONS) {
        return DHCP6_TOO_SHORT;
    }
    if (message[DHCP6_RELAY_HOP_COUNT] > DHCP6_HOP_COUNT_MAX) {
        return DHCP6_BAD_HOP_COUNT;
    }

    struct dhcp6_walk walk = {message + DHCP6_RELAY_OPTIONS, message + length};
    while ((step = dhcp6_walk_next(&walk, &option)) == DHCP6_STEP_OPTION) {
        if (option.code == DHCP6_OPT_RELAY_MESSAGE && !values.nested) {
            values.nested = option.value;
        } else if (option.code == DHCP6_OPT_INTERFACE_ID && !values.interface_id) {
            values.interface_id = option.value;
        }
    }
    if (step == DHCP6_STEP_OVERRUN) {
        return DHCP6_OPTION_OVERRUN;
    }
    *out_values = values;
    return value_length(values.nested) == 0 ? DHCP6_NO_RELAY_MESSAGE : DHCP6_VALID;
}

enum dhcp6_defect dhcp6_relay_read(const uint8_t *message, size_t length,
                                   const uint8_t **out_nested, size_t *out_nested_length)
{
    struct layer_values values;
    enum dhcp6_defect defect = layer_read(message, length, &values);

    if (defect == DHCP6_VALID) {
        *out_nested = values.nested;
        *out_nested_length = value_length(values.nested);
    }
    return defect;
}

/*
 * The one way down through relays' layers, at most DHCP6_RELAY_LAYERS_MAX deep. Keeps the first
 * `capacity` layers and counts all of them, so that a broken packet is found broken even if the
 * array is too small.
 */
static inline enum dhcp6_defect descend(const uint8_t *message, size_t length, uint8_t relay_type,
                                        struct dhcp6_relay_layer *layers, size_t capacity,
                                        struct dhcp6_inner *out_inner)
{
    enum dhcp6_defect defect = DHCP6_VALID;
    size_t count = 0;

    while (length > 0 && message[DHCP6_TYPE] == relay_type) {
        struct layer_values values;

        defect = count == DHCP6_RELAY_LAYERS_MAX ? DHCP6_BAD_HOP_COUNT
                                                 : layer_read(message, length, &values);
        if (defect != DHCP6_VALID) {
            break;
        }
        if (count < capacity) {
            layers[count] = (struct dhcp6_relay_layer){
                message, (uint32_t)length, values.interface_id, value_length(values.interface_id)};
        }
        message = values.nested;
        length = value_length(values.nested);
        count++;
    }
    *out_inner = (struct dhcp6_inner){
        .message = message,
        .length = length,
        .layers = count,
        .is_whole = defect == DHCP6_VALID && length >= DHCP6_OPTIONS &&
                    message[DHCP6_TYPE] != DHCP6_RELAY_REPL,
    };
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

/*
 * The bytes of the option in a RELAY-FORW that tells the port which its reply must go back to, and
 * that needs to come back: a relay that sent from another port than 547, or got the message from
 * one that did (RFC 8357 section 5). 0 if it has none.
 */
static inline size_t relay_port_find(const struct dhcp6_relay_layer *layer,
                                     const uint8_t **out_option)
{
    struct dhcp6_walk walk = {layer->message + DHCP6_RELAY_OPTIONS, layer->message + layer->length};
    struct dhcp6_option option;

    if (layer->message[DHCP6_TYPE] != DHCP6_RELAY_FORW ||
        !dhcp6_walk_to(&walk, DHCP6_OPT_RELAY_PORT, &option)) {
        return 0;
    }
    *out_option = option.value - DHCP6_OPTION_HEADER;
    return (size_t)DHCP6_OPTION_HEADER + option.length;
}

/* Where the layers' relay port options are; of those that stand further inside than any parsed
 * packet's they are looked for again. */
struct relay_ports {
    const uint8_t *options[DHCP6_RELAY_LAYERS_MAX];
    size_t sizes[DHCP6_RELAY_LAYERS_MAX];
};

static inline size_t relay_port_kept(const struct relay_ports *ports,
                                     const struct dhcp6_relay_layer *layers, size_t at,
                                     const uint8_t **out_option)
{
    if (at >= DHCP6_RELAY_LAYERS_MAX) {
        return relay_port_find(&layers[at], out_option);
    }
    *out_option = ports->options[at];
    return ports->sizes[at];
}

/* The bytes of the Interface-Id option that goes back; 0: none. */
static inline size_t interface_id_size(const struct dhcp6_relay_layer *layer)
{
    return layer->interface_id ? (size_t)DHCP6_OPTION_HEADER + layer->interface_id_length : 0;
}

/*
 * The whole packet's length; 0 if it cannot be built. Each step starts at 65535 or less and adds
 * little more than as much, so nothing overflows.
 */
static inline size_t packed_size(const struct dhcp6_relay_layer *layers, size_t count,
                                 size_t inner_length, struct relay_ports *out_ports)
{
    size_t size = inner_length;

    for (size_t i = count; i-- > 0;) {
        const uint8_t *port = NULL;

        if (size > UINT16_MAX || !layers[i].message || layers[i].length < DHCP6_RELAY_OPTIONS) {
            return 0;
        }
        const size_t port_size = relay_port_find(&layers[i], &port);
        if (i < DHCP6_RELAY_LAYERS_MAX) {
            out_ports->options[i] = port;
            out_ports->sizes[i] = port_size;
        }
        size +=
            DHCP6_RELAY_OPTIONS + DHCP6_OPTION_HEADER + interface_id_size(&layers[i]) + port_size;
    }
    return size;
}

/* Writes an option's code and length; returns where its value belongs. */
static inline uint8_t *option_header_put(uint8_t *option, uint16_t code, size_t value_length)
{
    be32_put(option, (uint32_t)code << 16 | (uint16_t)value_length);
    return option + DHCP6_OPTION_HEADER;
}

/* Writes one layer that fills `size` bytes; returns where the message inside belongs. */
static inline uint8_t *envelope_put(uint8_t *reply, size_t size,
                                    const struct dhcp6_relay_layer *layer, const uint8_t *port,
                                    size_t port_size)
{
    uint8_t *next = reply + DHCP6_RELAY_OPTIONS;

    memcpy(reply, layer->message, DHCP6_RELAY_OPTIONS);
    reply[DHCP6_TYPE] = DHCP6_RELAY_REPL;
    if (layer->interface_id) { /* must come back as it is (RFC 8415 section 21.18) */
        next = option_header_put(next, DHCP6_OPT_INTERFACE_ID, layer->interface_id_length);
        memcpy(next, layer->interface_id, layer->interface_id_length);
        next += layer->interface_id_length;
    }
    if (port_size > 0) {
        memcpy(next, port, port_size);
        next += port_size;
    }
    return option_header_put(next, DHCP6_OPT_RELAY_MESSAGE,
                             size - (size_t)(next - reply) - DHCP6_OPTION_HEADER);
}

pxe_status dhcp6_relay_create(const struct dhcp6_relay_layer *layers, size_t count,
                              const uint8_t *inner, size_t inner_length, uint8_t *reply,
                              size_t capacity, size_t *out_length)
{
    struct relay_ports ports;
    size_t total =
        count > 0 && inner_length > 0 ? packed_size(layers, count, inner_length, &ports) : 0;

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
        const uint8_t *port = NULL;
        const size_t port_size = relay_port_kept(&ports, layers, i, &port);

        next = envelope_put(next, (size_t)(reply + total - next), &layers[i], port, port_size);
    }
    *out_length = total;
    return PXE_OK;
}
