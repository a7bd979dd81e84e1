#include "engine/source_check.h"

#include <stdio.h>
#include <string.h>

#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"
#include "engine/ports.h"

static bool is_zero(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static bool is_loopback4(const uint8_t *address)
{
    return address[0] == 127;
}

static bool is_loopback6(const uint8_t *address)
{
    return is_zero(address, 15) && address[15] == 1;
}

static bool is_loopback(const struct net_endpoint *endpoint)
{
    return endpoint_is_ipv6(endpoint) ? is_loopback6(endpoint->address)
                                      : is_loopback4(endpoint->address);
}

/* What keeps it from being a host's that can be answered; NULL: nothing does. 0.0.0.0 is not asked
 * about. */
static const char *address4_flaw(const struct datagram *datagram, const uint8_t *address)
{
    const uint8_t *subnet = datagram->facts.ipv4_subnet;

    if (address[0] == 0)
        return "of no network";
    if (is_loopback4(address) && !is_loopback(&datagram->local))
        return "loopback";
    if (address[0] >= 0xe0)
        return address[0] < 0xf0 ? "multicast" : "class E";
    return !is_zero(subnet, 4) && memcmp(address, subnet, 4) == 0 ? "the subnet's broadcast" : NULL;
}

static const char *address6_flaw(const struct datagram *datagram, const uint8_t *address)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (address[0] == 0xff)
        return "multicast";
    if (memcmp(address, mapped, sizeof(mapped)) == 0)
        return "v4-mapped";
    if (is_loopback6(address))
        return is_loopback(&datagram->local) ? NULL : "loopback";
    if (is_zero(address, 16))
        return "unspecified";
    return is_zero(address, 12) ? "v4-compatible" : NULL;
}

static enum drop_kind say(char flaw[SOURCE_FLAW_SIZE], const char *whose, const char *what)
{
    if (what == NULL)
        return DROP_NONE;
    snprintf(flaw, SOURCE_FLAW_SIZE, "%s is %s: nobody to answer", whose, what);
    return DROP_ADDRESS;
}

static enum drop_kind source_judge(const struct datagram *datagram, char flaw[SOURCE_FLAW_SIZE])
{
    const struct net_endpoint *from = &datagram->remote;

    if (from->port == 0)
        return say(flaw, "its source port", "0");
    if (endpoint_is_ipv6(from))
        return say(flaw, "its source", address6_flaw(datagram, from->address));
    return is_zero(from->address, 4)
               ? DROP_NONE
               : say(flaw, "its source", address4_flaw(datagram, from->address));
}

static enum drop_kind field4_judge(const struct datagram *datagram, size_t offset, const char *name,
                                   char flaw[SOURCE_FLAW_SIZE])
{
    const uint8_t *address = datagram->bytes + offset;

    return is_zero(address, 4) ? DROP_NONE : say(flaw, name, address4_flaw(datagram, address));
}

static enum drop_kind fields4_judge(const struct datagram *datagram, char flaw[SOURCE_FLAW_SIZE])
{
    enum drop_kind kind = field4_judge(datagram, DHCP4_GIADDR, "its giaddr", flaw);

    return kind != DROP_NONE ? kind : field4_judge(datagram, DHCP4_CIADDR, "its ciaddr", flaw);
}

/* Each layer is shorter than the one around it. */
static enum drop_kind relays6_judge(const struct datagram *datagram, char flaw[SOURCE_FLAW_SIZE])
{
    const uint8_t *message = datagram->bytes;
    size_t length = datagram->length;
    const uint8_t *nested;
    size_t nested_length;
    enum drop_kind kind = DROP_NONE;

    while (kind == DROP_NONE && message[DHCP6_TYPE] == DHCP6_RELAY_FORW &&
           dhcp6_relay_read(message, length, &nested, &nested_length) == DHCP6_VALID) {
        kind = say(flaw, "a peer-address",
                   address6_flaw(datagram, message + DHCP6_RELAY_PEER_ADDRESS));
        message = nested;
        length = nested_length;
    }
    return kind;
}

enum drop_kind source_check(const struct datagram *datagram, bool is_valid,
                            char flaw[SOURCE_FLAW_SIZE])
{
    if (datagram->facts.is_own) {
        snprintf(flaw, SOURCE_FLAW_SIZE, "this server sent it");
        return DROP_OWN;
    }
    enum drop_kind kind = source_judge(datagram, flaw);
    if (kind != DROP_NONE || !is_valid)
        return kind;
    return endpoint_is_ipv6(&datagram->remote) ? relays6_judge(datagram, flaw)
                                               : fields4_judge(datagram, flaw);
}
