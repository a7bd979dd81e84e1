/* The provider list: PxeProviderRegister to PxeProviderFreeInfo, WdsPxeExtProviderMove. */
#include "wdspxe.h"
#include "wdspxe_ext.h"

#include "base/caller.h"
#include "os/random.h"
#include "registry/provider_enum.h"
#include "registry/provider_list.h"
#include "win32/registry/store_winreg.h"

static struct provider_enum_table enumerations; /* a slim lock starts as zeros */

static BOOL CALLBACK enumerations_seed(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once;
    (void)parameter;
    (void)context;
    scramble_seed(&enumerations.numbers, random_seed());
    return TRUE;
}

/* ---- changing and asking ---- */

static pxe_status register_copied(const struct caller_text *name, const uint16_t *path,
                                  uint32_t index, bool is_critical, void **out_key)
{
    struct caller_text own_path;
    pxe_status status = caller_text_take(&own_path, path);

    if (status != PXE_OK)
        return status;
    status = provider_list_register(store_winreg_port(), name->units, own_path.units, index,
                                    is_critical, out_key);
    caller_text_release(&own_path);
    return status;
}

DWORD PXEAPI PxeProviderRegister(LPCWSTR pszProviderName, LPCWSTR pszModulePath,
                                 PXE_REG_INDEX Index, BOOL bIsCritical, PHKEY phProviderKey)
{
    struct caller_text name;
    void *key = NULL;

    /* All of it is looked at before the first copy is made: that may be an allocation. */
    caller_touch(phProviderKey, sizeof(*phProviderKey));
    if (pszModulePath != NULL)
        (void)caller_text_length(pszModulePath);
    pxe_status status = caller_text_take(&name, pszProviderName);
    if (status != PXE_OK)
        return status;
    status = register_copied(&name, pszModulePath, Index, bIsCritical != FALSE,
                             phProviderKey != NULL ? &key : NULL);
    caller_text_release(&name);
    if (status == PXE_OK && phProviderKey != NULL)
        *phProviderKey = key;
    return status;
}

DWORD PXEAPI PxeProviderUnRegister(LPCWSTR pszProviderName)
{
    struct caller_text name;
    pxe_status status = caller_text_take(&name, pszProviderName);

    if (status != PXE_OK)
        return status;
    status = provider_list_unregister(store_winreg_port(), name.units);
    caller_text_release(&name);
    return status;
}

DWORD PXEAPI WdsPxeExtProviderMove(LPCWSTR pszProviderName, PXE_REG_INDEX Index)
{
    struct caller_text name;
    pxe_status status = caller_text_take(&name, pszProviderName);

    if (status != PXE_OK)
        return status;
    status = provider_list_move(store_winreg_port(), name.units, Index);
    caller_text_release(&name);
    return status;
}

DWORD PXEAPI PxeProviderQueryIndex(LPCWSTR pszProviderName, PULONG puIndex)
{
    struct caller_text name;
    uint32_t index = 0;

    if (puIndex == NULL)
        return ERROR_INVALID_PARAMETER;
    pxe_status status = caller_text_take(&name, pszProviderName);
    if (status != PXE_OK)
        return status;
    status = provider_list_query_index(store_winreg_port(), name.units, &index);
    caller_text_release(&name);
    if (status == PXE_OK)
        *puIndex = index;
    return status;
}

/* ---- enumerations ---- */

DWORD PXEAPI PxeProviderEnumFirst(HANDLE *phEnum)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    struct provider_snapshot snapshot = {0};
    uintptr_t handle;

    if (phEnum == NULL)
        return ERROR_INVALID_PARAMETER;
    caller_touch(phEnum, sizeof(*phEnum));
    InitOnceExecuteOnce(&once, enumerations_seed, NULL, NULL);
    pxe_status status = provider_list_snapshot(store_winreg_port(), &snapshot);
    if (status != PXE_OK)
        return status;
    status = provider_enum_open(&enumerations, &snapshot, &handle);
    provider_snapshot_free(&snapshot); /* empty if it was taken over */
    if (status == PXE_OK)
        *phEnum = (HANDLE)handle;
    return status;
}

DWORD PXEAPI PxeProviderEnumNext(HANDLE hEnum, PPXE_PROVIDER *ppProvider)
{
    struct provider_handout *info = NULL;

    if (ppProvider == NULL)
        return ERROR_INVALID_PARAMETER;
    *ppProvider = NULL; /* API-0.5.2: the one output that failure sets; and it is touched */
    pxe_status status = provider_enum_next(&enumerations, (uintptr_t)hEnum, &info);
    *ppProvider = (PPXE_PROVIDER)info;
    return status;
}

DWORD PXEAPI PxeProviderEnumClose(HANDLE hEnum)
{
    return provider_enum_close(&enumerations, (uintptr_t)hEnum);
}

DWORD PXEAPI PxeProviderFreeInfo(PPXE_PROVIDER pProvider)
{
    return provider_enum_free_info(&enumerations, pProvider);
}
