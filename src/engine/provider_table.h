/*
 * The slots that providers live in, and the handles that they are known by. The list is fixed from
 * start to stop, so that reading it takes no lock.
 */
#ifndef ENGINE_PROVIDER_TABLE_H
#define ENGINE_PROVIDER_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/metrics.h"
#include "engine/ports.h"

struct engine;

enum { PROVIDER_MAX = 256, PROVIDER_NAME_SIZE = 512 };

enum provider_state {
    PROVIDER_UNUSED,
    PROVIDER_INITIALIZING, /* inside PxeProviderInitialize: callbacks may be registered */
    PROVIDER_SERVING,
    PROVIDER_STOPPING, /* no more callbacks; its handle is good until Shutdown has returned */
};

struct provider {
    uint32_t slot;
    _Atomic uint32_t generation; /* changes when the handle dies */
    _Atomic uint32_t state;      /* enum provider_state */
    _Atomic uint32_t running;    /* receive callbacks at work */
    uint32_t left_behind;        /* those that a stop waited for in vain; guarded by engine->lock */
    _Atomic uint32_t filter;
    _Atomic uint32_t filter_ipv6;
    _Atomic uint32_t ipv6_capable;
    _Atomic bool is_disabled; /* gets no further request: an exception left its callback */
    _Atomic bool is_stuck;    /* a callback other than receive has not returned: no further call */
    uint32_t held_seen;       /* callbacks that do not return, at the last look (running.c's own) */
    uint64_t held_told_at;    /* seconds that the longest of them had taken when that was told */
    bool is_critical;
    char name[PROVIDER_NAME_SIZE];    /* UTF-8, cut if longer; stays until the slot is used again */
    struct provider_metrics *metrics; /* set before the first request, NULL until then */
    struct told told;                 /* until then; guarded by metrics.lock */
    struct module module;
    pxe_receive_fn receive;
    void *receive_context;
    pxe_shutdown_fn shutdown;
    void *shutdown_context;
    pxe_control_fn control;
    void *control_context;
};

struct provider_table {
    uint32_t count;
    uint32_t next_slot; /* where a free one is looked for: a slot rests as long as possible */
    struct provider *order[PROVIDER_MAX]; /* the serving ones, in calling order */
    struct provider slots[PROVIDER_MAX];  /* one whose callback never returned keeps its slot */
};

void provider_table_init(struct provider_table *table);

/* A free slot, with no callbacks and the default attributes; NULL: there is none. */
struct provider *provider_table_take(struct provider_table *table,
                                     const struct provider_entry *entry);

/* The handle of a provider, and back; NULL if the handle is not one of a living provider. */
uintptr_t provider_handle(const struct engine *engine, const struct provider *provider);
struct provider *provider_resolve(struct engine *engine, uintptr_t handle);

/* Is there one that still gets requests? */
bool provider_table_serves(const struct provider_table *table);

/* Is the provider's code still loaded? */
bool provider_is_loaded(const struct engine *engine, const struct provider *provider);

#endif
