#include "engine/provider_table.h"

#include <stdio.h>
#include <string.h>

#include "engine/core.h"
#include "engine/handle.h"

void provider_table_init(struct provider_table *table)
{
    memset(table, 0, sizeof(*table));
    for (uint32_t i = 0; i < PROVIDER_MAX; i++) {
        table->slots[i].slot = i;
        atomic_init(&table->slots[i].generation, 1);
        atomic_init(&table->slots[i].state, PROVIDER_UNUSED);
        atomic_init(&table->slots[i].running, 0);
        atomic_init(&table->slots[i].is_disabled, false);
        atomic_init(&table->slots[i].is_stuck, false);
        atomic_init(&table->slots[i].filter, FILTER_ALL);
        atomic_init(&table->slots[i].filter_ipv6, FILTER_ALL);
        atomic_init(&table->slots[i].ipv6_capable, 0);
    }
}

uintptr_t provider_handle(const struct engine *engine, const struct provider *provider)
{
    return handle_make(&engine->handles, HANDLE_PROVIDER, provider->slot,
                       atomic_load(&provider->generation));
}

struct provider *provider_resolve(struct engine *engine, uintptr_t handle)
{
    uint32_t slot, generation;

    if (!handle_split(&engine->handles, handle, HANDLE_PROVIDER, &slot, &generation) ||
        slot >= PROVIDER_MAX)
        return NULL;
    struct provider *provider = &engine->table.slots[slot];
    if (!handle_generation_is(atomic_load(&provider->generation), generation) ||
        atomic_load(&provider->state) == PROVIDER_UNUSED)
        return NULL;
    return provider;
}

struct provider *provider_table_take(struct provider_table *table,
                                     const struct provider_entry *entry)
{
    for (uint32_t i = 0; i < PROVIDER_MAX; i++) {
        struct provider *provider = &table->slots[table->next_slot];
        table->next_slot = (table->next_slot + 1) % PROVIDER_MAX;
        if (atomic_load(&provider->state) != PROVIDER_UNUSED)
            continue;
        atomic_store(&provider->is_disabled, false);
        atomic_store(&provider->is_stuck, false);
        provider->held_seen = 0;
        provider->held_told_at = 0;
        provider->metrics = NULL;
        provider->told = (struct told){0};
        provider->is_critical = entry->is_critical;
        snprintf(provider->name, sizeof(provider->name), "%s", entry->name);
        provider->receive = NULL;
        provider->shutdown = NULL;
        provider->control = NULL;
        atomic_store(&provider->filter, FILTER_ALL);
        atomic_store(&provider->filter_ipv6, FILTER_ALL);
        atomic_store(&provider->ipv6_capable, 0);
        return provider;
    }
    return NULL;
}

bool provider_table_serves(const struct provider_table *table)
{
    for (uint32_t i = 0; i < table->count; i++)
        if (!atomic_load(&table->order[i]->is_disabled))
            return true;
    return false;
}

bool provider_is_loaded(const struct engine *engine, const struct provider *provider)
{
    const struct module_port *modules = &engine->ports.modules;

    return modules->is_loaded == NULL || modules->is_loaded(modules->context, &provider->module);
}
