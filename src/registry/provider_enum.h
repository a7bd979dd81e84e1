/*
 * Open enumerations of the provider list, and what they have handed out. An enumeration is a
 * snapshot and a position, known to callers by a number that is never a pointer: a closed, foreign
 * or made-up one is refused without being followed. All functions may be called on any thread.
 */
#ifndef REGISTRY_PROVIDER_ENUM_H
#define REGISTRY_PROVIDER_ENUM_H

#include <stdint.h>

#include "base/scramble.h"
#include "base/status.h"
#include "base/sync.h"
#include "registry/provider_list.h"

struct provider_enum;
struct provider_handout_block;

/* One provider as callers get it. The members have the order and the sizes of the published
 * PXE_PROVIDER. */
struct provider_handout {
    uint32_t size; /* sizeof(struct provider_handout) */
    uint16_t *name;
    uint16_t *path;
    int32_t is_critical;
    uint32_t index;
};

/* Starts as zeros, with a usable lock; `numbers` may be seeded before it is used. */
struct provider_enum_table {
    struct mutex lock; /* guards everything but `numbers`; nothing is called with it held */
    struct provider_enum *first;
    struct provider_handout_block *infos; /* handed out and not yet freed */
    uintptr_t last_number;
    struct scramble numbers;
};

/*
 * Opens an enumeration of `snapshot`, which is taken over (and empty afterwards) on success only.
 * The low two bits of the handle are both set, which those of the engine's handles never are.
 * PXE_NOT_ENOUGH_MEMORY.
 */
pxe_status provider_enum_open(struct provider_enum_table *table, struct provider_snapshot *snapshot,
                              uintptr_t *out_handle);

/*
 * Hands out the next usable registration, in memory of its own, which outlives the enumeration and
 * goes with provider_enum_free_info. PXE_INVALID_HANDLE, PXE_NO_MORE_ITEMS, PXE_NOT_ENOUGH_MEMORY:
 * the position stays.
 */
pxe_status provider_enum_next(struct provider_enum_table *table, uintptr_t handle,
                              struct provider_handout **out_info);

/* PXE_INVALID_PARAMETER: not an address that was handed out, or freed before; it is not followed.
 */
pxe_status provider_enum_free_info(struct provider_enum_table *table, const void *info);

/* PXE_INVALID_HANDLE. */
pxe_status provider_enum_close(struct provider_enum_table *table, uintptr_t handle);

#endif
