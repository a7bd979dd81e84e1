#include "win32/server/provider_choice.h"

#include "base/mem.h"
#include "engine/provider_table.h"
#include "win32/registry/store_winreg.h"

static char *to_utf8(const uint16_t *wide)
{
    char *utf8 = mem_alloc(PROVIDER_NAME_SIZE);

    if (utf8 != NULL && WideCharToMultiByte(CP_UTF8, 0, (const wchar_t *)wide, -1, utf8,
                                            PROVIDER_NAME_SIZE - 1, NULL, NULL) == 0)
        utf8[PROVIDER_NAME_SIZE - 1] = '\0';
    return utf8;
}

static void sources_of_host(const WDSPXE_EXT_SERVER_CONFIG *config, struct provider_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++) {
        const WDSPXE_EXT_PROVIDER *provider = &config->pProviders[i];
        choice->sources[i] = (struct module_source){
            .name = provider->pszName,
            .path = provider->pszPath,
            .key = provider->hKey,
        };
        choice->entries[i].is_critical = provider->bIsCritical != FALSE;
    }
}

static void sources_of_registry(struct provider_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++) {
        const struct provider_listing *listing = &choice->registered.entries[i];
        choice->sources[i] = (struct module_source){
            .name = listing->name,
            .path = listing->path,
            .is_registered = true,
        };
        choice->entries[i].is_critical = listing->is_critical;
        choice->entries[i].is_critical_unreadable = listing->is_critical_unreadable;
        choice->entries[i].status = listing->status;
    }
}

static pxe_status entries_name(struct provider_choice *choice)
{
    for (size_t i = 0; i < choice->count; i++) {
        choice->entries[i].name = to_utf8(choice->sources[i].name);
        choice->entries[i].source = &choice->sources[i];
        if (choice->entries[i].name == NULL)
            return PXE_NOT_ENOUGH_MEMORY;
    }
    return PXE_OK;
}

pxe_status provider_choice_make(const WDSPXE_EXT_SERVER_CONFIG *config,
                                struct provider_choice *out_choice)
{
    struct provider_choice choice = {.count = config->cProviders};
    pxe_status status = PXE_OK;

    if (config->cProviders == 0) {
        status = provider_list_snapshot(store_winreg_port(), &choice.registered);
        if (status != PXE_OK)
            return status;
        choice.count = choice.registered.count;
    }
    choice.entries = mem_alloc_array(choice.count, sizeof(*choice.entries));
    choice.sources = mem_alloc_array(choice.count, sizeof(*choice.sources));
    if (choice.entries == NULL || choice.sources == NULL) {
        status = PXE_NOT_ENOUGH_MEMORY;
    } else {
        if (config->cProviders == 0)
            sources_of_registry(&choice);
        else
            sources_of_host(config, &choice);
        status = entries_name(&choice);
    }
    if (status != PXE_OK) {
        provider_choice_free(&choice);
        return status;
    }
    *out_choice = choice;
    return PXE_OK;
}

void provider_choice_free(struct provider_choice *choice)
{
    for (size_t i = 0; choice->entries != NULL && i < choice->count; i++)
        mem_free((void *)(uintptr_t)choice->entries[i].name);
    mem_free(choice->entries);
    mem_free(choice->sources);
    provider_snapshot_free(&choice->registered);
    *choice = (struct provider_choice){0};
}
