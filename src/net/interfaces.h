/* The network interfaces of this machine that the server listens on. Portable. */
#ifndef NET_INTERFACES_H
#define NET_INTERFACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/endpoint.h"
#include "registry/rules.h"

enum { INTERFACES_MAX = 64, INTERFACE_ADDRESSES_MAX = 512 };

/* One address of this machine. */
struct interface_address {
    uint32_t interface_index;
    bool is_up;                  /* the interface, and it is not loopback */
    struct net_endpoint address; /* only the address */
    uint8_t prefix_length;
    uint8_t mac_length; /* 6, or 0: the interface has no such address */
    uint8_t mac[6];
};

struct net_interface {
    uint32_t index;
    bool has_ipv4;
    uint8_t ipv4[4];           /* the primary address, or the one that was chosen */
    uint8_t ipv4_broadcast[4]; /* 255.255.255.255 where a subnet has none: /31 and /32 */
    uint8_t ipv4_prefix;       /* bits */
    bool has_ipv6;
    uint8_t link_local[16];
    bool has_global;
    uint8_t global[16];
};

struct interface_list {
    size_t count;
    struct net_interface entries[INTERFACES_MAX];
    size_t address_count; /* of this machine, on whatever interface */
    struct interface_address addresses[INTERFACE_ADDRESSES_MAX];
};

/*
 * Of the addresses of this machine, the interfaces with one of the chosen addresses (the
 * port of an endpoint is not looked at; its scope, unless 0, is the index of the interface), or, if
 * none is given, all that are up, without loopback. The first address of each kind is an
 * interface's primary one. Returns the place of the first chosen address that this machine does not
 * have, chosen_count if it has them all.
 */
size_t interfaces_select(const struct interface_address *addresses, size_t count,
                         const struct net_endpoint *chosen, size_t chosen_count,
                         struct interface_list *out_list);

/*
 * The same by rules. An interface that they include need not be up, and an IPv4 address of it that
 * they name stands in for its primary one.
 */
void interfaces_select_by_rules(const struct interface_address *addresses, size_t count,
                                const struct bind_rules *rules, struct interface_list *out_list);

/* By its index; NULL if it is not in the list. */
const struct net_interface *interface_find(const struct interface_list *list, uint32_t index);

/* The same interface with the same primary IPv4 address and network? */
bool interface_is_same_ipv4(const struct net_interface *one, const struct net_interface *other);

/* Is it an address of this machine? Its port is not looked at. */
bool interfaces_have_address(const struct interface_list *list,
                             const struct net_endpoint *endpoint);

/* Is the address in the subnet of one that this interface has? */
bool interfaces_are_on_link(const struct interface_list *list, uint32_t index,
                            const struct net_endpoint *endpoint);

/* Do the first `bits` bits agree? */
bool prefix_is_same(const uint8_t *one, const uint8_t *other, unsigned bits);

#endif
