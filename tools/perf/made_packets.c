#include "made_packets.h"

#include <string.h>

enum {
    RELAY_HEADER = 34,
    INTERFACE_ID_SIZE = 4 + 4,
    OPTION_HEADER = 4,

    /* site-specific (RFC 3942): nobody looks into their values */
    FIRST_CODE = 224,
    LAST_CODE = 254,
    CODES = LAST_CODE - FIRST_CODE,
};

static uint8_t *option4(uint8_t *at, uint8_t code, const void *value, uint8_t length)
{
    at[0] = code;
    at[1] = length;
    memcpy(at + 2, value, length);
    return at + 2 + length;
}

size_t made_request4(uint8_t *packet, size_t options, uint16_t *out_last_code)
{
    static const uint8_t cookie[4] = {99, 130, 83, 99}, discover[1] = {1}, filler[2] = {0x12, 0x34};
    uint8_t *at = packet + 240;

    memset(packet, 0, 240);
    packet[0] = 1;
    packet[1] = 1;
    packet[2] = 6;
    memcpy(packet + 236, cookie, sizeof(cookie));
    *out_last_code = 53;
    at = option4(at, 53, discover, sizeof(discover));
    for (size_t i = 1; i < options; i++) {
        *out_last_code = i + 1 == options ? LAST_CODE : (uint16_t)(FIRST_CODE + i % CODES);
        if (i == 1 && options > 2)
            at = option4(at, 60, "PXEClient", 9);
        else
            at = option4(at, (uint8_t)*out_last_code, filler, sizeof(filler));
    }
    *at++ = 255;
    return (size_t)(at - packet);
}

static void put16(uint8_t *bytes, size_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

size_t made_relay6(uint8_t *packet, size_t capacity, size_t layers)
{
    static const uint8_t solicit[] = {1,   0x12, 0x34, 0x56, 0,   1,   0,   4,   1,    2, 3,
                                      4,   0,    16,   0,    15,  0,   0,   1,   0x57, 0, 9,
                                      'P', 'X',  'E',  'C',  'l', 'i', 'e', 'n', 't'};
    const size_t layer_size = RELAY_HEADER + INTERFACE_ID_SIZE + OPTION_HEADER;
    size_t total = layers * layer_size + sizeof(solicit);

    if (total > capacity)
        return 0;
    memset(packet, 0, total);
    for (size_t i = 0; i < layers; i++) {
        uint8_t *layer = packet + i * layer_size;
        uint8_t *id = layer + RELAY_HEADER;
        uint8_t *relayed = id + INTERFACE_ID_SIZE;

        layer[0] = 12;
        layer[1] = (uint8_t)(layers - 1 - i);
        layer[2] = 0xfd;
        put16(id, 18);
        put16(id + 2, 4);
        memcpy(id + 4, "eth0", 4);
        put16(relayed, 9);
        put16(relayed + 2, total - (i + 1) * layer_size);
    }
    memcpy(packet + layers * layer_size, solicit, sizeof(solicit));
    return total;
}
