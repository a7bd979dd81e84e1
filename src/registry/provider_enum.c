#include "registry/provider_enum.h"

#include "base/mem.h"

#define HANDLE_MARK ((uintptr_t)3)
#define NUMBER_MAX (UINTPTR_MAX >> 2)

struct provider_enum {
    struct provider_enum *next;
    uintptr_t handle;
    struct provider_snapshot snapshot;
    size_t position;
};

/* The link that leads to the enumeration, or to NULL. */
static struct provider_enum **find_link(struct provider_enum_table *table, uintptr_t handle)
{
    struct provider_enum **link = &table->first;

    while (*link != NULL && (*link)->handle != handle)
        link = &(*link)->next;
    return link;
}

/* Numbers go up, so that a closed handle is not met again until all have been used once. */
static uintptr_t next_handle(struct provider_enum_table *table)
{
    uintptr_t handle;

    do {
        table->last_number = table->last_number < NUMBER_MAX ? table->last_number + 1 : 1;
        handle = (table->last_number << 2) | HANDLE_MARK;
    } while (*find_link(table, handle) != NULL || handle == UINTPTR_MAX);
    return handle;
}

pxe_status provider_enum_open(struct provider_enum_table *table, struct provider_snapshot *snapshot,
                              uintptr_t *out_handle)
{
    struct provider_enum *opened = mem_alloc(sizeof(*opened));

    if (opened == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    opened->handle = next_handle(table);
    opened->snapshot = *snapshot;
    snapshot->count = 0;
    snapshot->entries = NULL;
    opened->next = table->first;
    table->first = opened;
    *out_handle = opened->handle;
    return PXE_OK;
}

pxe_status provider_enum_current(struct provider_enum_table *table, uintptr_t handle,
                                 const struct provider_listing **out_info)
{
    struct provider_enum *found = *find_link(table, handle);

    if (found == NULL)
        return PXE_INVALID_HANDLE;
    while (found->position < found->snapshot.count) {
        const struct provider_listing *info = &found->snapshot.entries[found->position];

        if (info->status == PXE_OK) {
            *out_info = info;
            return PXE_OK;
        }
        found->position++;
    }
    return PXE_NO_MORE_ITEMS;
}

void provider_enum_advance(struct provider_enum_table *table, uintptr_t handle)
{
    struct provider_enum *found = *find_link(table, handle);

    if (found != NULL && found->position < found->snapshot.count)
        found->position++;
}

pxe_status provider_enum_close(struct provider_enum_table *table, uintptr_t handle)
{
    struct provider_enum **link = find_link(table, handle);
    struct provider_enum *closed = *link;

    if (closed == NULL)
        return PXE_INVALID_HANDLE;
    *link = closed->next;
    provider_snapshot_free(&closed->snapshot);
    mem_free(closed);
    return PXE_OK;
}
