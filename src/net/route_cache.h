/*
 * By which interfaces IPv4 destinations are reached, remembered for a second: a relay gets one
 * reply after the other, and the routing table costs more than sending one. Any thread, without a
 * lock.
 */
#ifndef NET_ROUTE_CACHE_H
#define NET_ROUTE_CACHE_H

#include <stdatomic.h>
#include <stdint.h>

#include "engine/endpoint.h"

enum { ROUTE_CACHE_SLOTS = 64, ROUTE_CACHE_AGE = 1024 /* milliseconds */ };

/* All zero: empty. */
struct route_cache {
    _Atomic uint64_t slots[ROUTE_CACHE_SLOTS]; /* destination, interface, time */
};

/* Asks the cache, or `find` and remembers what it says. `now`: milliseconds. The error is `find`'s.
 * The source is not remembered: it is the same for all that is asked for one destination. */
int route_cache_ask(struct route_cache *cache,
                    int (*find)(const struct net_endpoint *from, const struct net_endpoint *to,
                                uint32_t *out_interface_index),
                    uint64_t now, const struct net_endpoint *from, const struct net_endpoint *to,
                    uint32_t *out_interface_index);

void route_cache_clear(struct route_cache *cache);

#endif
