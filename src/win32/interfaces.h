/* The network interfaces of this machine that the server listens on. */
#ifndef WIN32_INTERFACES_H
#define WIN32_INTERFACES_H

#include <winsock2.h>
#include <ws2tcpip.h>

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"
#include "engine/endpoint.h"

enum { INTERFACES_MAX = 64 };

struct net_interface {
    ULONG index;
    bool has_ipv4;
    struct in_addr ipv4; /* the primary address, or the one that was chosen */
    struct in_addr ipv4_broadcast;
    bool has_ipv6;
    struct in6_addr link_local;
    bool has_global;
    struct in6_addr global;
};

struct interface_list {
    size_t count;
    struct net_interface entries[INTERFACES_MAX];
};

/*
 * Reads the interfaces with one of the chosen addresses (only address and length of an endpoint are
 * looked at), or, if none is given, all that are up, without loopback.
 *   PXE_NOT_FOUND  no such interface; *out_missing is the first chosen address that this machine
 *                  does not have, or chosen_count if none was chosen
 */
pxe_status interfaces_read(const struct net_endpoint *chosen, size_t chosen_count,
                           struct interface_list *out_list, size_t *out_missing);

/* By its index; NULL if it is not in the list. */
const struct net_interface *interface_find(const struct interface_list *list, ULONG index);

#endif
