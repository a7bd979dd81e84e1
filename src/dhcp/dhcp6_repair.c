#include "dhcp/dhcp6_repair.h"

#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp6.h"

/* One message: the packet, or what is in an option Relay Message of the one around it. */
struct layer {
    size_t start; /* offset of its header */
    size_t end;   /* offset behind it */
    size_t whole; /* offset behind its last whole option */
    size_t inner; /* offset of its Relay Message's value; 0: it has none */
    size_t inner_length;
};

enum { LAYERS_MAX = DHCP6_RELAY_LAYERS_MAX + 1 };

/* False: shorter than its header, or without a whole option though bytes follow. */
static bool layer_read(const uint8_t *packet, size_t start, size_t end, struct layer *out_layer)
{
    struct dhcp6_walk walk;
    struct dhcp6_option option;

    if (!dhcp6_walk_start(&walk, packet + start, end - start))
        return false;
    *out_layer = (struct layer){.start = start, .end = end};
    size_t first = (size_t)(walk.next - packet);
    while (dhcp6_walk_next(&walk, &option) == DHCP6_STEP_OPTION) {
        if (option.code == DHCP6_OPT_RELAY_MESSAGE && out_layer->inner == 0) {
            out_layer->inner = (size_t)(option.value - packet);
            out_layer->inner_length = option.length;
        }
    }
    out_layer->whole = (size_t)(walk.next - packet);
    return out_layer->whole > first || out_layer->whole == end;
}

/* The layers from the outermost inwards. 0: one of them cannot be understood. */
static size_t layers_read(const uint8_t *packet, size_t length, struct layer layers[LAYERS_MAX])
{
    size_t start = 0;
    size_t end = length;
    size_t count = 0;

    for (;;) {
        struct layer *layer = &layers[count];

        if (count == LAYERS_MAX || !layer_read(packet, start, end, layer))
            return 0;
        count++;
        if (packet[start + DHCP6_TYPE] != DHCP6_RELAY_FORW || layer->inner == 0)
            return count;
        start = layer->inner;
        end = start + layer->inner_length;
    }
}

/* Takes [from, to) out of the packet; the layers above `depth` are around it. */
static void cut(uint8_t *packet, size_t *length, const struct layer *layers, size_t depth,
                size_t from, size_t to)
{
    const size_t size = to - from;

    memmove(packet + from, packet + to, *length - to);
    *length -= size;
    for (size_t i = 0; i < depth; i++) {
        uint8_t *field = packet + layers[i].inner - sizeof(uint16_t);

        be16_put(field, (uint16_t)(be16_get(field) - size));
    }
}

bool dhcp6_repair(uint8_t *packet, size_t *length)
{
    struct layer layers[LAYERS_MAX];
    size_t count = layers_read(packet, *length, layers);
    size_t gone = 0; /* from the layers inside */

    for (size_t i = count; i-- > 0;) {
        size_t whole = layers[i].whole - gone; /* what is gone was before it */
        size_t end = layers[i].end - gone;

        if (whole == end)
            continue;
        cut(packet, length, layers, i, whole, end);
        gone += end - whole;
    }
    return gone > 0;
}
