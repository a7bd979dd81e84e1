#include "engine/endpoint.h"

#include <assert.h>
#include <stdio.h>

#include "base/address.h"

enum { SCOPED_SIZE = ADDRESS_TEXT_SIZE + sizeof("%4294967295") };

static_assert(ENDPOINT_TEXT_SIZE >= SCOPED_SIZE + sizeof("[]:65535"), "an endpoint fits");

/* The buffer is of SCOPED_SIZE at least. */
static const char *scoped_text(const struct net_endpoint *endpoint, char *buffer)
{
    char address[ADDRESS_TEXT_SIZE], scope[sizeof("%4294967295")] = "";

    if (endpoint->scope != 0)
        (void)snprintf(scope, sizeof(scope), "%%%u", (unsigned)endpoint->scope);
    (void)snprintf(buffer, SCOPED_SIZE, "%s%s",
                   address_format(endpoint->address, endpoint->length, address), scope);
    return buffer;
}

const char *endpoint_address_text(const struct net_endpoint *endpoint, char *buffer)
{
    return scoped_text(endpoint, buffer);
}

const char *endpoint_text(const struct net_endpoint *endpoint, char *buffer)
{
    char address[SCOPED_SIZE];
    const bool is_ipv6 = endpoint_is_ipv6(endpoint);

    (void)scoped_text(endpoint, address);
    (void)snprintf(buffer, ENDPOINT_TEXT_SIZE, "%s%s%s:%u", is_ipv6 ? "[" : "", address,
                   is_ipv6 ? "]" : "", endpoint->port);
    return buffer;
}
