/*
 * The rules of the provider list (API-1.1, API-7.2, API-7.3): which names it takes, where they go,
 * and in which sequence the store is changed so that a writer may die at any point. Readers then
 * see the old list or the new one: never a name without its key, never a lost neighbour. A key
 * without a name in the order may stay behind; the next registration of that name takes it over.
 *
 * Names compare without case. Every function is safe on any thread and in any process at once.
 * All return PXE_OK, the errors named below, PXE_NOT_ENOUGH_MEMORY, or whatever the store returned.
 */
#ifndef REGISTRY_PROVIDER_LIST_H
#define REGISTRY_PROVIDER_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "registry/store.h"

#define PROVIDER_INDEX_TOP 0u
#define PROVIDER_INDEX_BOTTOM 0xffffffffu

/* One position of the list. */
struct provider_listing {
    uint16_t *name;    /* as written in the order */
    uint32_t index;    /* position in the order, counted from 0 */
    pxe_status status; /* not PXE_OK: the registration cannot be used, the rest is unset */
    uint16_t *path;
    bool is_critical;
    bool is_critical_unreadable; /* the value is there, but no number; taken as false */
};

/* The list at one moment, in calling order, unusable entries included. */
struct provider_snapshot {
    size_t count;
    struct provider_listing *entries;
};

/*
 * Adds a provider.
 *   name      as provider_name_is_valid demands
 *   path      full path of its DLL, not empty; not examined further
 *   index     position it gets; whatever is there and behind moves down. Beyond the end: last.
 *   out_key   NULL, or receives its open key (store_port.open_provider), then the caller's.
 * PXE_INVALID_PARAMETER: name or path break these rules. PXE_ALREADY_EXISTS: the name is in the
 * order. On any failure the list is as before, and a key that was created is removed again.
 */
pxe_status provider_list_register(const struct store_port *store, const uint16_t *name,
                                  const uint16_t *path, uint32_t index, bool is_critical,
                                  void **out_key);

/*
 * Takes the name out of the order (all of it, should a hand-made order repeat it), then deletes its
 * key with everything below. PXE_INVALID_PARAMETER: NULL or empty. PXE_NOT_FOUND: not in the order.
 * A code of the deletion leaves the name unregistered and its key behind.
 */
pxe_status provider_list_unregister(const struct store_port *store, const uint16_t *name);

/* Position of a name. PXE_INVALID_PARAMETER: NULL or empty. PXE_NOT_FOUND: not in the order. */
pxe_status provider_list_query_index(const struct store_port *store, const uint16_t *name,
                                     uint32_t *out_index);

/*
 * Moves a name; the others keep their order. `index` counts in the list without it; beyond the end:
 * last. Errors as provider_list_query_index.
 */
pxe_status provider_list_move(const struct store_port *store, const uint16_t *name, uint32_t index);

/*
 * Reads the whole list; released with provider_snapshot_free. Takes no lock. A registration that
 * cannot be used makes no error but an entry with a status: PXE_FILE_NOT_FOUND (no key or no path),
 * PXE_INVALID_PARAMETER (cannot be the name of a key), PXE_ALREADY_EXISTS (repeats an earlier
 * name), or the code with which the store refused it.
 */
pxe_status provider_list_snapshot(const struct store_port *store,
                                  struct provider_snapshot *out_snapshot);

/* Frees everything; the snapshot is empty afterwards. */
void provider_snapshot_free(struct provider_snapshot *snapshot);

#endif
