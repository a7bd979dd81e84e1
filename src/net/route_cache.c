#include "net/route_cache.h"

#include <stddef.h>

#include "base/bytes.h"

/* A slot: 32 bits of destination, 20 of interface, 12 of time in units of ROUTE_CACHE_AGE; 0:
 * empty.
 */
enum { INDEX_BITS = 20, TIME_BITS = 12, INDEX_MAX = (1 << INDEX_BITS) - 1 };

static uint64_t slot_make(uint32_t destination, uint32_t index, uint64_t now)
{
    return (uint64_t)destination << 32 | (uint64_t)index << TIME_BITS |
           (now / ROUTE_CACHE_AGE & ((1 << TIME_BITS) - 1));
}

static _Atomic uint64_t *slot_of(struct route_cache *cache, uint32_t destination)
{
    return &cache->slots[(destination ^ destination >> 8 ^ destination >> 16) % ROUTE_CACHE_SLOTS];
}

/* 0: not there. No interface has the index 0. */
static uint32_t slot_index(uint64_t slot, uint32_t destination, uint64_t now)
{
    uint32_t index = slot >> TIME_BITS & INDEX_MAX;
    return slot == slot_make(destination, index, now) ? index : 0;
}

int route_cache_ask(struct route_cache *cache,
                    int (*find)(const struct net_endpoint *from, const struct net_endpoint *to,
                                uint32_t *out_interface_index),
                    uint64_t now, const struct net_endpoint *from, const struct net_endpoint *to,
                    uint32_t *out_interface_index)
{
    const uint32_t destination = be32_get(to->address);
    _Atomic uint64_t *slot = slot_of(cache, destination);
    uint32_t index = slot_index(atomic_load_explicit(slot, memory_order_relaxed), destination, now);

    if (index == 0) {
        int error = find(from, to, &index);
        if (error != 0)
            return error;
        if (index != 0 && index <= INDEX_MAX)
            atomic_store_explicit(slot, slot_make(destination, index, now), memory_order_relaxed);
    }
    *out_interface_index = index;
    return 0;
}

void route_cache_clear(struct route_cache *cache)
{
    for (size_t i = 0; i < ROUTE_CACHE_SLOTS; i++)
        atomic_store_explicit(&cache->slots[i], 0, memory_order_relaxed);
}
