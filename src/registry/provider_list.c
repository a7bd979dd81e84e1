#include "registry/provider_list.h"

#include "base/mem.h"
#include "base/utf16.h"

/* Reading the list again because a writer was seen at work; a bound, not an expectation. */
#define SNAPSHOT_TRIES 16

static bool text_is_empty(const uint16_t *text)
{
    return text == NULL || text[0] == 0;
}

/* Looks at the first `count` names. */
static bool find_name(const struct store_port *store, const struct name_list *order, size_t count,
                      const uint16_t *name, size_t *out_index)
{
    for (size_t i = 0; i < count; i++) {
        if (store->same_name(store->context, order->names[i], name)) {
            *out_index = i;
            return true;
        }
    }
    return false;
}

/* Takes every occurrence out, the first one into *out_name (kept spelling) if that is wanted. */
static pxe_status take_name(const struct store_port *store, struct name_list *order,
                            const uint16_t *name, uint16_t **out_name)
{
    uint16_t *kept = NULL;
    size_t index;

    if (!find_name(store, order, order->count, name, &index))
        return PXE_NOT_FOUND;
    if (out_name != NULL) {
        kept = utf16_duplicate(order->names[index]);
        if (kept == NULL)
            return PXE_NOT_ENOUGH_MEMORY;
        *out_name = kept;
    }
    do {
        name_list_remove(order, index);
    } while (find_name(store, order, order->count, name, &index));
    return PXE_OK;
}

/*
 * Key first, order last: the name becomes reachable when all it leads to is there. Undone in
 * reverse, and a key that somebody else left is never removed.
 */
static pxe_status write_registration(const struct store_port *store, const struct name_list *order,
                                     const uint16_t *name, const uint16_t *path, bool is_critical,
                                     void **out_key)
{
    void *key = NULL;
    bool created = false;
    pxe_status status;

    status = store->write_provider(store->context, name, path, is_critical, &created);
    if (status != PXE_OK)
        return status;
    if (out_key != NULL)
        status = store->open_provider(store->context, name, &key);
    if (status == PXE_OK)
        status = store->write_order(store->context, order);
    if (status == PXE_OK) {
        if (out_key != NULL)
            *out_key = key;
        return PXE_OK;
    }
    if (key != NULL)
        store->close_provider(store->context, key);
    if (created)
        (void)store->delete_provider(store->context, name);
    return status;
}

pxe_status provider_list_register(const struct store_port *store, const uint16_t *name,
                                  const uint16_t *path, uint32_t index, bool is_critical,
                                  void **out_key)
{
    struct name_list order = {0};
    size_t found;
    pxe_status status;

    if (!provider_name_is_valid(name) || text_is_empty(path))
        return PXE_INVALID_PARAMETER;
    status = store->lock(store->context);
    if (status != PXE_OK)
        return status;
    status = store->read_order(store->context, &order);
    if (status == PXE_OK && find_name(store, &order, order.count, name, &found))
        status = PXE_ALREADY_EXISTS;
    if (status == PXE_OK)
        status = name_list_insert(&order, index, name);
    if (status == PXE_OK)
        status = write_registration(store, &order, name, path, is_critical, out_key);
    store->unlock(store->context);
    name_list_free(&order);
    return status;
}

pxe_status provider_list_unregister(const struct store_port *store, const uint16_t *name)
{
    struct name_list order = {0};
    pxe_status status;

    if (text_is_empty(name))
        return PXE_INVALID_PARAMETER;
    status = store->lock(store->context);
    if (status != PXE_OK)
        return status;
    status = store->read_order(store->context, &order);
    if (status == PXE_OK)
        status = take_name(store, &order, name, /* out_name= */ NULL);
    if (status == PXE_OK)
        status = store->write_order(store->context, &order);
    /* A hand-made order may name what is no provider's key: that is forgotten, not deleted. */
    if (status == PXE_OK && provider_name_is_valid(name))
        status = store->delete_provider(store->context, name);
    store->unlock(store->context);
    name_list_free(&order);
    return status;
}

pxe_status provider_list_query_index(const struct store_port *store, const uint16_t *name,
                                     uint32_t *out_index)
{
    struct name_list order = {0};
    size_t index;
    pxe_status status;

    if (text_is_empty(name))
        return PXE_INVALID_PARAMETER;
    status = store->read_order(store->context, &order);
    if (status != PXE_OK)
        return status;
    if (find_name(store, &order, order.count, name, &index))
        *out_index = (uint32_t)index;
    else
        status = PXE_NOT_FOUND;
    name_list_free(&order);
    return status;
}

pxe_status provider_list_move(const struct store_port *store, const uint16_t *name, uint32_t index)
{
    struct name_list order = {0};
    uint16_t *kept = NULL;
    pxe_status status;

    if (text_is_empty(name))
        return PXE_INVALID_PARAMETER;
    status = store->lock(store->context);
    if (status != PXE_OK)
        return status;
    status = store->read_order(store->context, &order);
    if (status == PXE_OK)
        status = take_name(store, &order, name, &kept);
    if (status == PXE_OK)
        status = name_list_insert(&order, index, kept);
    if (status == PXE_OK)
        status = store->write_order(store->context, &order);
    store->unlock(store->context);
    mem_free(kept);
    name_list_free(&order);
    return status;
}

/* Fills entry `index`. Only running out of memory is an error of the whole. */
static pxe_status read_entry(const struct store_port *store, const struct name_list *order,
                             size_t index, struct provider_listing *entry)
{
    const uint16_t *name = order->names[index];
    struct provider_values values = {0};
    size_t earlier;

    entry->index = (uint32_t)index;
    entry->name = utf16_duplicate(name);
    if (entry->name == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    if (!provider_name_is_valid(name))
        entry->status = PXE_INVALID_PARAMETER;
    else if (find_name(store, order, index, name, &earlier))
        entry->status = PXE_ALREADY_EXISTS;
    else
        entry->status = store->read_provider(store->context, name, &values);
    if (entry->status == PXE_NOT_ENOUGH_MEMORY)
        return PXE_NOT_ENOUGH_MEMORY;
    entry->path = values.module_path;
    entry->is_critical = values.is_critical;
    entry->is_critical_unreadable = values.is_critical_unreadable;
    return PXE_OK;
}

static pxe_status read_entries(const struct store_port *store, const struct name_list *order,
                               struct provider_snapshot *out_snapshot, bool *out_missing)
{
    struct provider_snapshot snapshot = {0};
    bool missing = false;

    snapshot.entries = mem_alloc_array(order->count, sizeof(*snapshot.entries));
    if (snapshot.entries == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    while (snapshot.count < order->count) {
        struct provider_listing *entry = &snapshot.entries[snapshot.count];
        pxe_status status = read_entry(store, order, snapshot.count, entry);

        snapshot.count++;
        if (status != PXE_OK) {
            provider_snapshot_free(&snapshot);
            return status;
        }
        missing = missing || entry->status == PXE_FILE_NOT_FOUND;
    }
    *out_snapshot = snapshot;
    *out_missing = missing;
    return PXE_OK;
}

/*
 * A key that is missing is either a broken registration or one that was removed after the order was
 * read. The order tells which: if it has changed, the snapshot mixes two lists and *out_settled is
 * false.
 */
static pxe_status snapshot_once(const struct store_port *store,
                                struct provider_snapshot *out_snapshot, bool *out_settled)
{
    struct name_list order = {0};
    struct name_list again = {0};
    bool missing = false;
    pxe_status status;

    status = store->read_order(store->context, &order);
    if (status != PXE_OK)
        return status;
    status = read_entries(store, &order, out_snapshot, &missing);
    *out_settled = true;
    if (status == PXE_OK && missing) {
        status = store->read_order(store->context, &again);
        if (status != PXE_OK)
            provider_snapshot_free(out_snapshot);
        else
            *out_settled = name_list_equal(&order, &again);
        name_list_free(&again);
    }
    name_list_free(&order);
    return status;
}

pxe_status provider_list_snapshot(const struct store_port *store,
                                  struct provider_snapshot *out_snapshot)
{
    struct provider_snapshot snapshot = {0};
    bool settled = false;

    for (int i = 0; i < SNAPSHOT_TRIES && !settled; i++) {
        pxe_status status;

        provider_snapshot_free(&snapshot);
        status = snapshot_once(store, &snapshot, &settled);
        if (status != PXE_OK)
            return status;
    }
    *out_snapshot = snapshot;
    return PXE_OK;
}

void provider_snapshot_free(struct provider_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        mem_free(snapshot->entries[i].name);
        mem_free(snapshot->entries[i].path);
    }
    mem_free(snapshot->entries);
    snapshot->entries = NULL;
    snapshot->count = 0;
}
