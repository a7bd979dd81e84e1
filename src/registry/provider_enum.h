/*
 * Open enumerations of the provider list. Each is a snapshot and a position, known to callers by a
 * number that is never a pointer: a closed, foreign or made-up one is refused without being
 * followed. A table does no locking; its owner does.
 */
#ifndef REGISTRY_PROVIDER_ENUM_H
#define REGISTRY_PROVIDER_ENUM_H

#include <stdint.h>

#include "base/status.h"
#include "registry/provider_list.h"

struct provider_enum;

/* Starts as zeros. */
struct provider_enum_table {
    struct provider_enum *first;
    uintptr_t last_number;
};

/*
 * Opens an enumeration of `snapshot`, which is taken over (and empty afterwards) on success only.
 * The low two bits of the handle are both set, which those of the engine's handles never are.
 * PXE_NOT_ENOUGH_MEMORY.
 */
pxe_status provider_enum_open(struct provider_enum_table *table, struct provider_snapshot *snapshot,
                              uintptr_t *out_handle);

/*
 * The usable registration at the enumeration's position; valid until it is closed. Stays there
 * until provider_enum_advance. PXE_INVALID_HANDLE, PXE_NO_MORE_ITEMS.
 */
pxe_status provider_enum_current(struct provider_enum_table *table, uintptr_t handle,
                                 const struct provider_listing **out_info);

/* Steps past the current entry; without effect at the end or on a bad handle. */
void provider_enum_advance(struct provider_enum_table *table, uintptr_t handle);

/* PXE_INVALID_HANDLE. */
pxe_status provider_enum_close(struct provider_enum_table *table, uintptr_t handle);

#endif
