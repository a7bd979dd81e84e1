#include "wdsbp/option.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"

enum { UNPUBLISHED = 0xff };

/* By number of the sub-option. */
static const uint8_t nbp_types[] = {
    UNPUBLISHED,  /* 0 is padding */
    VALUE_USHORT, /* architecture */
    VALUE_BYTE,   /* next action */
    VALUE_USHORT, /* poll interval */
    VALUE_USHORT, /* poll retry count */
    VALUE_ULONG,  /* request id */
    VALUE_STR,    /* message */
    VALUE_NONE,   /* version query */
    VALUE_ULONG,  /* server version */
    VALUE_IP4,    /* referral server */
    UNPUBLISHED,  /* not assigned */
    VALUE_BYTE,   /* client prompt */
    VALUE_BYTE,   /* prompt done */
    VALUE_USHORT, /* version of the boot program */
    VALUE_BYTE,   /* action done */
    VALUE_BYTE,   /* allow server selection */
    VALUE_ULONG,  /* server features */
};

/* From OPTION6_FIRST on. */
static const uint8_t dhcpv6_types[] = {
    VALUE_BYTE,   /* next action */
    VALUE_USHORT, /* poll interval */
    VALUE_USHORT, /* poll retry count */
    VALUE_ULONG,  /* request id */
    VALUE_STR,    /* message */
    VALUE_NONE,   /* version query */
    VALUE_ULONG,  /* server version */
    VALUE_IP6,    /* referral server */
    VALUE_BYTE,   /* client prompt */
    VALUE_BYTE,   /* prompt done */
    VALUE_USHORT, /* version of the boot program */
    VALUE_BYTE,   /* action done */
    VALUE_BYTE,   /* allow server selection */
    VALUE_STR,    /* path of the boot configuration */
    VALUE_STR,    /* name of the replying server */
    VALUE_IP6,    /* its address */
    VALUE_STR,    /* TFTP path of the boot program */
    VALUE_ULONG,  /* server features */
};
static_assert(sizeof(dhcpv6_types) == OPTION6_LAST - OPTION6_FIRST + 1, "one for each option");

/* The value type of a published option, else UNPUBLISHED. False: no such number can be sent. */
static bool published_type(const struct wdsbp_option *option, uint8_t *out_type)
{
    *out_type = UNPUBLISHED;
    switch (option->packet_type) {
    case PACKET_NBP: /* 0 is padding and 255 the end */
        if (option->id < sizeof(nbp_types))
            *out_type = nbp_types[option->id];
        return option->id >= 1 && option->id <= 254;
    case PACKET_BCD:
        *out_type = VALUE_STR;
        return option->id == OPTION_BCD_PATH;
    case PACKET_DHCPV6:
        if (option->id >= OPTION6_FIRST && option->id <= OPTION6_LAST)
            *out_type = dhcpv6_types[option->id - OPTION6_FIRST];
        return option->id != 0;
    default:
        return false;
    }
}

bool wdsbp_option_split(uint32_t name, struct wdsbp_option *out_option)
{
    struct wdsbp_option option = {
        .id = (uint16_t)(name >> 16),
        .packet_type = (uint8_t)(name >> 8),
        .value_type = (uint8_t)name,
    };
    uint8_t expected;

    if (option.value_type > VALUE_IP6 || option.value_type == VALUE_WSTR ||
        !published_type(&option, &expected))
        return false;
    if (expected != UNPUBLISHED && expected != option.value_type)
        return false;
    *out_option = option;
    return true;
}

bool wdsbp_value_size(uint8_t value_type, size_t *out_size)
{
    static const uint8_t sizes[] = {
        [VALUE_NONE] = 0,  [VALUE_BYTE] = 1, [VALUE_USHORT] = 2,
        [VALUE_ULONG] = 4, [VALUE_IP4] = 4,  [VALUE_IP6] = 16,
    };

    if (value_type == VALUE_STR)
        return false;
    *out_size = sizes[value_type];
    return true;
}

size_t wdsbp_string_length(const uint8_t *text, size_t length)
{
    while (length > 0 && text[length - 1] == 0)
        length--;
    return length;
}

void wdsbp_value_to_wire(uint8_t value_type, uint8_t *wire, const uint8_t *value, size_t size)
{
    uint16_t small;
    uint32_t large;

    switch (value_type) {
    case VALUE_USHORT:
        memcpy(&small, value, sizeof(small));
        be16_put(wire, small);
        break;
    case VALUE_ULONG:
        memcpy(&large, value, sizeof(large));
        be32_put(wire, large);
        break;
    default:
        if (size > 0)
            memcpy(wire, value, size);
        break;
    }
}

void wdsbp_value_from_wire(uint8_t value_type, uint8_t *value, const uint8_t *wire, size_t size)
{
    uint16_t small;
    uint32_t large;

    switch (value_type) {
    case VALUE_USHORT:
        small = be16_get(wire);
        memcpy(value, &small, sizeof(small));
        break;
    case VALUE_ULONG:
        large = be32_get(wire);
        memcpy(value, &large, sizeof(large));
        break;
    default:
        if (size > 0)
            memcpy(value, wire, size);
        break;
    }
}
