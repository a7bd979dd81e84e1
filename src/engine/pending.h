/*
 * The requests that providers have pended, in the order in which they were. So many may wait at a
 * time (struct policy's max_pended); the one that has waited longest gives way to a new one.
 */
#ifndef ENGINE_PENDING_H
#define ENGINE_PENDING_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/sync.h"

struct request;

struct pending {
    struct mutex lock; /* guards the list; nothing is called with it held */
    struct request *first, *last;
    uint32_t count;
    _Atomic uint64_t given_way; /* requests that were dropped for it, in all runs */
};

void pending_init(struct pending *pending);
/* No request may be pended. */
void pending_destroy(struct pending *pending);

/* Caller holds request->lock: the request becomes REQUEST_PENDING, or ceases to be. */
void pending_put(struct pending *pending, struct request *request);
void pending_take(struct pending *pending, struct request *request);

/* While more than `max` are pended: the one that was pended first, with a reference for the caller;
 * else NULL. 0: any number may be. */
struct request *pending_excess(struct pending *pending, uint32_t max);

#endif
