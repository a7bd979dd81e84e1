#include "registry/provider_enum.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf16.h"

#define HANDLE_MARK ((uintptr_t)3)
#define NUMBER_MAX (UINTPTR_MAX >> 2)

struct provider_enum {
    struct provider_enum *next;
    uintptr_t handle;
    struct provider_snapshot snapshot;
    size_t position;
};

/* Struct and strings in one block, strings behind it. */
struct provider_handout_block {
    struct provider_handout_block *next;
    struct provider_handout info;
    uint16_t text[];
};

/* ---- the caller holds table->lock ---- */

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
        table->last_number = table->last_number < NUMBER_MAX ? table->last_number + 1 : 0;
        handle = scramble_hide(&table->numbers, table->last_number) << 2 | HANDLE_MARK;
    } while (*find_link(table, handle) != NULL || handle == UINTPTR_MAX);
    return handle;
}

/* The usable registration at the position or behind it; NULL: there is none. */
static const struct provider_listing *find_usable(struct provider_enum *found)
{
    for (; found->position < found->snapshot.count; found->position++)
        if (found->snapshot.entries[found->position].status == PXE_OK)
            return &found->snapshot.entries[found->position];
    return NULL;
}

static struct provider_handout_block *block_make(const struct provider_listing *listing)
{
    const size_t name_units = utf16_length(listing->name) + 1;
    const size_t path_units = utf16_length(listing->path) + 1;
    struct provider_handout_block *block =
        mem_alloc(sizeof(*block) + (name_units + path_units) * sizeof(block->text[0]));

    if (block == NULL)
        return NULL;
    memcpy(block->text, listing->name, name_units * sizeof(block->text[0]));
    memcpy(block->text + name_units, listing->path, path_units * sizeof(block->text[0]));
    block->info = (struct provider_handout){
        .size = sizeof(block->info),
        .name = block->text,
        .path = block->text + name_units,
        .is_critical = listing->is_critical,
        .index = listing->index,
    };
    return block;
}

/* The position moves on only when its entry has been handed out. */
static pxe_status block_next(struct provider_enum_table *table, uintptr_t handle,
                             struct provider_handout_block **out_block)
{
    struct provider_enum *found = *find_link(table, handle);
    const struct provider_listing *listing;

    if (found == NULL)
        return PXE_INVALID_HANDLE;
    listing = find_usable(found);
    if (listing == NULL)
        return PXE_NO_MORE_ITEMS;
    *out_block = block_make(listing);
    if (*out_block == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    found->position++;
    (*out_block)->next = table->infos;
    table->infos = *out_block;
    return PXE_OK;
}

static struct provider_handout_block *block_take(struct provider_enum_table *table,
                                                 const void *info)
{
    struct provider_handout_block **link = &table->infos;
    struct provider_handout_block *block;

    while (*link != NULL && (const void *)&(*link)->info != info)
        link = &(*link)->next;
    block = *link;
    if (block != NULL)
        *link = block->next;
    return block;
}

/* ---- the table ---- */

pxe_status provider_enum_open(struct provider_enum_table *table, struct provider_snapshot *snapshot,
                              uintptr_t *out_handle)
{
    struct provider_enum *opened = mem_alloc(sizeof(*opened));

    if (opened == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    opened->snapshot = *snapshot;
    snapshot->count = 0;
    snapshot->entries = NULL;
    mutex_lock(&table->lock);
    const uintptr_t handle = next_handle(table);
    opened->handle = handle;
    opened->next = table->first;
    table->first = opened;
    mutex_unlock(&table->lock);
    *out_handle = handle;
    return PXE_OK;
}

pxe_status provider_enum_next(struct provider_enum_table *table, uintptr_t handle,
                              struct provider_handout **out_info)
{
    struct provider_handout_block *block = NULL;

    mutex_lock(&table->lock);
    pxe_status status = block_next(table, handle, &block);
    mutex_unlock(&table->lock);
    if (status == PXE_OK)
        *out_info = &block->info;
    return status;
}

pxe_status provider_enum_free_info(struct provider_enum_table *table, const void *info)
{
    mutex_lock(&table->lock);
    struct provider_handout_block *block = block_take(table, info);
    mutex_unlock(&table->lock);
    if (block == NULL)
        return PXE_INVALID_PARAMETER;
    mem_free(block);
    return PXE_OK;
}

pxe_status provider_enum_close(struct provider_enum_table *table, uintptr_t handle)
{
    mutex_lock(&table->lock);
    struct provider_enum **link = find_link(table, handle);
    struct provider_enum *closed = *link;
    if (closed != NULL)
        *link = closed->next;
    mutex_unlock(&table->lock);
    if (closed == NULL)
        return PXE_INVALID_HANDLE;
    provider_snapshot_free(&closed->snapshot);
    mem_free(closed);
    return PXE_OK;
}
