#include "floor.h"

#include <string.h>

static const char pxe_client[9] = "PXEClient";

static uint16_t get16(const uint8_t *bytes)
{
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}

static void put16(uint8_t *bytes, size_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

/* ---- DHCPv4 ---- */

const uint8_t *floor_find4(const uint8_t *packet, size_t length, uint8_t code, uint8_t *out_length)
{
    size_t at = 240;

    while (at < length && packet[at] != 255) {
        if (packet[at] == 0) {
            at++;
            continue;
        }
        if (length - at < 2 || length - at - 2 < packet[at + 1])
            return NULL;
        if (packet[at] == code) {
            *out_length = packet[at + 1];
            return packet + at + 2;
        }
        at += 2u + packet[at + 1];
    }
    return NULL;
}

bool floor_check4(const uint8_t *packet, size_t length, bool *out_is_pxe)
{
    static const uint8_t cookie[4] = {99, 130, 83, 99};
    size_t at = 240;
    bool has_type = false;
    bool is_pxe = false;

    *out_is_pxe = false;
    if (length < 240 || packet[0] != 1 || packet[2] > 16 || memcmp(packet + 236, cookie, 4) != 0 ||
        memchr(packet + 44, 0, 64) == NULL || memchr(packet + 108, 0, 128) == NULL)
        return false;
    while (at < length && packet[at] != 255) {
        if (packet[at] == 0) {
            at++;
            continue;
        }
        if (length - at < 2 || length - at - 2 < packet[at + 1])
            return false;
        if (packet[at] == 53)
            has_type = true;
        if (packet[at] == 60 && packet[at + 1] >= sizeof(pxe_client))
            is_pxe = memcmp(packet + at + 2, pxe_client, sizeof(pxe_client)) == 0;
        at += 2u + packet[at + 1];
    }
    if (at == length || !has_type)
        return false;
    for (at++; at < length; at++)
        if (packet[at] != 0)
            return false;
    *out_is_pxe = is_pxe;
    return true;
}

static inline size_t start4(const uint8_t *packet, uint8_t *reply, size_t capacity)
{
    memset(reply, 0, capacity);
    memcpy(reply, packet, 44);
    reply[0] = 2;
    reply[3] = 0;
    reply[10] = 0;
    reply[11] = 0;
    memcpy(reply + 236, packet + 236, 4);
    return 240;
}

static inline bool append4(uint8_t *reply, size_t capacity, size_t *at,
                           const struct offer_option *option)
{
    if (capacity - *at < 2u + option->length)
        return false;
    reply[*at] = option->code;
    reply[*at + 1] = option->length;
    memcpy(reply + *at + 2, option->value, option->length);
    *at += 2u + option->length;
    return true;
}

static inline size_t end4(uint8_t *reply, size_t capacity, size_t at)
{
    if (at == capacity)
        return 0;
    reply[at] = 255;
    return at + 1;
}

size_t floor_start4(const uint8_t *packet, uint8_t *reply, size_t capacity)
{
    return start4(packet, reply, capacity);
}

bool floor_append4(uint8_t *reply, size_t capacity, size_t *at, const struct offer_option *option)
{
    return append4(reply, capacity, at, option);
}

size_t floor_end4(uint8_t *reply, size_t capacity, size_t at)
{
    return end4(reply, capacity, at);
}

size_t floor_offer4(const struct task *task, uint8_t *reply, size_t capacity)
{
    size_t at = start4(task->packet, reply, capacity);

    for (size_t i = 0; i < task->option_count; i++)
        if (!append4(reply, capacity, &at, &task->options[i]))
            return 0;
    return end4(reply, capacity, at);
}

/* ---- DHCPv6 ---- */

const uint8_t *floor_find6(const uint8_t *packet, size_t length, uint16_t code,
                           uint16_t *out_length)
{
    size_t at = 4;

    if (length < at)
        return NULL;
    while (length - at >= 4 && length - at - 4 >= get16(packet + at + 2)) {
        if (get16(packet + at) == code) {
            *out_length = get16(packet + at + 2);
            return packet + at + 4;
        }
        at += 4u + get16(packet + at + 2);
    }
    return NULL;
}

static bool is_pxe_class(const uint8_t *value, size_t length)
{
    size_t at = 4;

    while (at + 2 <= length && length - at - 2 >= get16(value + at)) {
        if (get16(value + at) >= sizeof(pxe_client) &&
            memcmp(value + at + 2, pxe_client, sizeof(pxe_client)) == 0)
            return true;
        at += 2u + get16(value + at);
    }
    return false;
}

bool floor_check6(const uint8_t *packet, size_t length, bool *out_is_pxe)
{
    size_t at = 4;
    bool is_pxe = false;

    *out_is_pxe = false;
    if (length < 4 || packet[0] != 1)
        return false;
    while (length - at >= 4 && length - at - 4 >= get16(packet + at + 2)) {
        if (get16(packet + at) == 16 && is_pxe_class(packet + at + 4, get16(packet + at + 2)))
            is_pxe = true;
        at += 4u + get16(packet + at + 2);
    }
    *out_is_pxe = at == length && is_pxe;
    return at == length;
}

/* Reads one layer; its relay message, NULL if it has none or an option runs past its end. */
static const uint8_t *layer_read(const uint8_t *message, size_t length, struct floor_layer *layer,
                                 size_t *out_nested_length)
{
    const uint8_t *nested = NULL;
    size_t at = 34;

    *layer = (struct floor_layer){.message = message};
    while (length - at >= 4 && length - at - 4 >= get16(message + at + 2)) {
        uint16_t code = get16(message + at);
        uint16_t size = get16(message + at + 2);

        if (code == 9) {
            nested = message + at + 4;
            *out_nested_length = size;
        } else if (code == 18) {
            layer->interface_id = message + at + 4;
            layer->interface_id_length = size;
        }
        at += 4u + size;
    }
    return at == length ? nested : NULL;
}

size_t floor_parse_relay6(const uint8_t *packet, size_t length, struct floor_layer *layers,
                          size_t capacity, const uint8_t **out_inner, size_t *out_inner_length)
{
    size_t count = 0;

    while (length > 0 && packet[0] == 12) {
        if (count == capacity || length < 34)
            return 0;
        packet = layer_read(packet, length, &layers[count], &length);
        if (packet == NULL)
            return 0;
        count++;
    }
    *out_inner = packet;
    *out_inner_length = length;
    return length >= 4 ? count : 0;
}

size_t floor_create_relay6(const struct floor_layer *layers, size_t count, const uint8_t *inner,
                           size_t inner_length, uint8_t *reply, size_t capacity)
{
    size_t total = inner_length;
    uint8_t *next = reply;

    for (size_t i = 0; i < count; i++)
        total +=
            34u + 4 + (layers[i].interface_id != NULL ? 4u + layers[i].interface_id_length : 0);
    if (total > capacity || total > UINT16_MAX)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const struct floor_layer *layer = &layers[i];

        memcpy(next, layer->message, 34);
        next[0] = 13;
        next += 34;
        if (layer->interface_id != NULL) {
            put16(next, 18);
            put16(next + 2, layer->interface_id_length);
            memcpy(next + 4, layer->interface_id, layer->interface_id_length);
            next += 4u + layer->interface_id_length;
        }
        put16(next, 9);
        put16(next + 2, (size_t)(reply + total - next) - 4);
        next += 4;
    }
    memcpy(next, inner, inner_length);
    return total;
}
