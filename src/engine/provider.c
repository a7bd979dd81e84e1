#include "engine/provider.h"

#include <string.h>

#include "base/error_words.h"
#include "engine/callback.h"
#include "engine/core.h"
#include "engine/event.h"

pxe_status provider_register_callback(struct engine *engine, uintptr_t handle, uint32_t type,
                                      void *function, void *context)
{
    static const char *const call = "PxeRegisterCallback";
    struct provider *provider = provider_resolve(engine, handle);

    if (provider == NULL) {
        WATCH(engine, refused, engine,
              &(struct refused){.why = REFUSED_PROVIDER, .call = call, .handle = handle});
        return PXE_INVALID_HANDLE;
    }
    if (type >= CALLBACK_MAX || function == NULL) {
        WATCH(engine, refused, engine,
              &(struct refused){.why = REFUSED_CALLBACK, .call = call, .handle = handle});
        return PXE_INVALID_PARAMETER;
    }
    if (atomic_load(&provider->state) != PROVIDER_INITIALIZING) {
        WATCH(engine, refused, engine,
              &(struct refused){.why = REFUSED_CALLBACK_LATE, .call = call, .handle = handle});
        return PXE_INVALID_STATE;
    }
    switch (type) {
    case CALLBACK_RECV_REQUEST:
        memcpy(&provider->receive, &function, sizeof(function));
        provider->receive_context = context;
        break;
    case CALLBACK_SHUTDOWN:
        memcpy(&provider->shutdown, &function, sizeof(function));
        provider->shutdown_context = context;
        break;
    default:
        memcpy(&provider->control, &function, sizeof(function));
        provider->control_context = context;
        break;
    }
    return PXE_OK;
}

static bool attribute_is_valid(uint32_t attribute, const void *value, uint32_t length,
                               uint32_t *out_number)
{
    if (value == NULL || length != sizeof(*out_number) || attribute > ATTR_IPV6_CAPABLE)
        return false;
    memcpy(out_number, value, sizeof(*out_number));
    return attribute == ATTR_IPV6_CAPABLE || *out_number <= FILTER_PXE_ONLY;
}

pxe_status provider_set_attribute(struct engine *engine, uintptr_t handle, uint32_t attribute,
                                  const void *value, uint32_t length)
{
    static const char *const call = "PxeProviderSetAttribute";
    struct provider *provider = provider_resolve(engine, handle);
    uint32_t number;

    if (provider == NULL) {
        WATCH(engine, refused, engine,
              &(struct refused){.why = REFUSED_PROVIDER, .call = call, .handle = handle});
        return PXE_INVALID_HANDLE;
    }
    if (!attribute_is_valid(attribute, value, length, &number)) {
        WATCH(engine, refused, engine,
              &(struct refused){.why = REFUSED_ATTRIBUTE, .call = call, .handle = handle});
        return PXE_INVALID_PARAMETER;
    }
    if (attribute == ATTR_FILTER)
        atomic_store(&provider->filter, number);
    else if (attribute == ATTR_FILTER_IPV6)
        atomic_store(&provider->filter_ipv6, number);
    else
        atomic_store(&provider->ipv6_capable, number != 0);
    return PXE_OK;
}

static void provider_retire(struct engine *engine, struct provider *provider)
{
    atomic_fetch_add(&provider->generation, 1);
    engine->ports.modules.close(engine->ports.modules.context, &provider->module);
    atomic_store(&provider->state, PROVIDER_UNUSED);
}

/* Its code is still running: it keeps its slot and its module, and its handle stays good. A later
 * stop does not wait for the threads that are inside it now. */
static void provider_abandon(struct engine *engine, struct provider *provider)
{
    atomic_store(&provider->is_disabled, true);
    atomic_store(&provider->state, PROVIDER_STOPPING);
    mutex_lock(&engine->lock);
    provider->left_behind = atomic_load(&provider->running);
    atomic_fetch_add(&engine->left_behind, provider->left_behind);
    mutex_unlock(&engine->lock);
}

/* PXE_TIMEOUT: its callback did not return. */
static pxe_status provider_shut_down(struct engine *engine, struct provider *provider)
{
    atomic_store(&provider->state, PROVIDER_STOPPING);
    if (!provider_is_loaded(engine, provider)) {
        engine_log(engine, LOG_ERROR, "provider %s: has unloaded itself; not shut down",
                   provider->name);
        provider_retire(engine, provider);
        return PXE_OK;
    }
    uint32_t status = callback_shutdown(engine, provider);
    if (status == PXE_TIMEOUT && atomic_load(&provider->is_stuck)) {
        provider_abandon(engine, provider);
        return PXE_TIMEOUT;
    }
    if (status != PXE_OK)
        engine_log(engine, LOG_WARNING, "provider %s: shutdown returned error %u%s; going on",
                   provider->name, status, error_words(status));
    else
        event_report(engine, EVENT_SHUT_DOWN, provider->name, "shut down");
    provider_retire(engine, provider);
    return PXE_OK;
}

static pxe_status provider_initialize(struct engine *engine, struct provider *provider)
{
    atomic_store(&provider->state, PROVIDER_INITIALIZING);
    uint32_t status = callback_initialize(engine, provider);
    if (atomic_load(&provider->is_stuck)) {
        provider_abandon(engine, provider);
        return status;
    }
    if (status != PXE_OK) {
        event_report(engine, EVENT_INITIALIZE_FAILED, provider->name,
                     "PxeProviderInitialize returned error %u%s; not used", status,
                     error_words(status));
        provider_retire(engine, provider);
        return status;
    }
    if (provider->receive == NULL || provider->shutdown == NULL) {
        event_report(engine, EVENT_CALLBACKS_MISSING, provider->name,
                     "did not register its %s callback during PxeProviderInitialize; unloaded",
                     provider->receive == NULL ? "PXE_CALLBACK_RECV_REQUEST"
                                               : "PXE_CALLBACK_SHUTDOWN");
        if (provider->shutdown != NULL)
            (void)provider_shut_down(engine, provider);
        else
            provider_retire(engine, provider);
        return PXE_INVALID_STATE;
    }
    atomic_store(&provider->state, PROVIDER_SERVING);
    engine->table.order[engine->table.count++] = provider;
    event_report(engine, EVENT_LOADED, provider->name, "loaded and initialized");
    return PXE_OK;
}

static const char *failure_text(enum event_id event)
{
    switch (event) {
    case EVENT_KEY_UNREADABLE:
        return "its registry key cannot be opened";
    case EVENT_MODULE_NOT_LOADED:
        return "its module did not load";
    case EVENT_EXPORT_MISSING:
        return "its module does not export PxeProviderInitialize";
    default:
        return "its registration is incomplete or unreadable";
    }
}

static pxe_status provider_start(struct engine *engine, const struct provider_entry *entry)
{
    struct provider *provider = provider_table_take(&engine->table, entry);
    const struct module_port *modules = &engine->ports.modules;
    enum event_id event = EVENT_DLL_NAME_UNREADABLE;

    if (provider == NULL) {
        engine_log(engine, LOG_ERROR, "provider %s: more than %d providers; not loaded",
                   entry->name, PROVIDER_MAX);
        return PXE_NOT_ENOUGH_MEMORY;
    }
    if (entry->is_critical_unreadable)
        event_report(engine, EVENT_IS_CRITICAL_UNREADABLE, entry->name,
                     "its value IsCritical is no REG_DWORD; taken as 0");
    pxe_status status = entry->status;
    if (status == PXE_OK)
        status = modules->open(modules->context, entry, &provider->module, &event);
    if (status == PXE_OK)
        return provider_initialize(engine, provider);

    event_report(engine, event, entry->name, "%s, error %u%s; not loaded", failure_text(event),
                 status, error_words(status));
    return status;
}

pxe_status provider_start_all(struct engine *engine, const struct provider_entry *entries,
                              size_t count)
{
    engine->table.count = 0;
    for (size_t i = 0; i < count; i++) {
        pxe_status status = provider_start(engine, &entries[i]);
        if (status == PXE_OK)
            continue;
        if (entries[i].is_critical) {
            event_report(engine, EVENT_CRITICAL_FAILED, entries[i].name,
                         "is critical and failed with error %u%s: the server stops", status,
                         error_words(status));
            (void)provider_stop_all(engine);
            return status;
        }
        event_report(engine, EVENT_NOT_CRITICAL_FAILED, entries[i].name,
                     "is not critical and failed with error %u%s: the server goes on without it",
                     status, error_words(status));
    }
    if (engine->table.count > 0)
        return PXE_OK;
    if (count == 0) {
        event_report(engine, EVENT_NONE_REGISTERED, NULL,
                     "no provider is registered: the server stops; register one with "
                     "PxeProviderRegister or 'wdspxectl provider add'");
        return PXE_NOT_FOUND;
    }
    event_report(engine, EVENT_ALL_FAILED, NULL,
                 "every registered provider failed: the server stops");
    return PXE_ALL_PROVIDERS_FAILED;
}

pxe_status provider_stop_all(struct engine *engine)
{
    pxe_status result = PXE_OK;

    while (engine->table.count > 0) {
        struct provider *provider = engine->table.order[--engine->table.count];
        if (atomic_load(&provider->running) != 0) {
            event_report(engine, EVENT_CALLBACK_STUCK, provider->name,
                         "a receive callback has not returned; not shut down, it stays loaded");
            provider_abandon(engine, provider);
            result = PXE_TIMEOUT;
        } else if (atomic_load(&provider->is_stuck)) {
            provider_abandon(engine, provider); /* has been told */
            result = PXE_TIMEOUT;
        } else if (provider_shut_down(engine, provider) != PXE_OK) {
            result = PXE_TIMEOUT;
        }
    }
    return result;
}

void provider_control_all(struct engine *engine, uint32_t control)
{
    for (uint32_t i = 0; i < engine->table.count; i++) {
        struct provider *provider = engine->table.order[i];
        if (provider->control == NULL || atomic_load(&provider->is_stuck) ||
            !provider_is_loaded(engine, provider))
            continue;
        uint32_t status = callback_control(engine, provider, control);
        if (status != PXE_OK)
            engine_log(engine, LOG_WARNING, "provider %s: service control %u returned error %u%s",
                       provider->name, control, status, error_words(status));
    }
}
