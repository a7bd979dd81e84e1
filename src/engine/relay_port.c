#include "engine/relay_port.h"

#include <stdbool.h>

#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"

enum { SUB_OPTION_HEADER = 2 };

static bool has_sub_option(const uint8_t *value, size_t length, uint8_t code)
{
    while (length >= SUB_OPTION_HEADER && (size_t)value[1] + SUB_OPTION_HEADER <= length) {
        const size_t size = (size_t)value[1] + SUB_OPTION_HEADER;
        if (value[0] == code)
            return true;
        value += size;
        length -= size;
    }
    return false;
}

/* Option 82 may be in several parts. */
static bool is_asked4(const uint8_t *packet, size_t length)
{
    const uint8_t *value;
    uint8_t size;

    for (uint32_t instance = 1; dhcp4_option_find(packet, length, DHCP4_OPT_RELAY_INFORMATION,
                                                  instance, &value, &size) == PXE_OK;
         instance++)
        if (has_sub_option(value, size, DHCP4_RELAY_SOURCE_PORT))
            return true;
    return false;
}

static bool is_asked6(const uint8_t *packet, size_t length)
{
    return packet[DHCP6_TYPE] == DHCP6_RELAY_FORW &&
           dhcp6_option_find(packet, length, DHCP6_OPT_RELAY_PORT, 1, NULL, NULL) == PXE_OK;
}

uint16_t relay_port(const uint8_t *packet, size_t length, const struct net_endpoint *from)
{
    const bool is_asked =
        endpoint_is_ipv6(from) ? is_asked6(packet, length) : is_asked4(packet, length);

    return is_asked ? from->port : 0;
}
