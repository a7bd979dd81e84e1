/* One end of a datagram. Address bytes are in network order, the port is in host order. */
#ifndef ENGINE_ENDPOINT_H
#define ENGINE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct net_endpoint {
    uint8_t address[16];
    uint8_t length; /* bytes of address in use: 4 (IPv4) or 16 (IPv6) */
    uint16_t port;
    uint32_t scope; /* IPv6 scope id, 0 for IPv4 */
};

enum { ENDPOINT_TEXT_SIZE = 80 };

/* "10.0.0.9:68" or "[fe80::1%2]:546" (RFC 5952) into a buffer of ENDPOINT_TEXT_SIZE; returns it. */
const char *endpoint_text(const struct net_endpoint *endpoint, char *buffer);

/* The address alone, "10.0.0.9" or "fe80::1%2"; the same buffer. */
const char *endpoint_address_text(const struct net_endpoint *endpoint, char *buffer);

static inline bool endpoint_is_ipv6(const struct net_endpoint *endpoint)
{
    return endpoint->length == 16;
}

#endif
