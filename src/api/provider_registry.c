#include "wdspxe.h"
#include "wdspxe_ext.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf16.h"
#include "registry/provider_enum.h"
#include "registry/provider_list.h"
#include "win32/registry/store_winreg.h"

/* What PxeProviderEnumNext hands out: struct and strings in one block, strings behind it. */
struct info_block {
    struct info_block *next;
    PXE_PROVIDER provider;
    WCHAR text[];
};

/* Guards both. Not held while the registry is read. */
static SRWLOCK lock = SRWLOCK_INIT;
static struct provider_enum_table enumerations;
static struct info_block *live_blocks; /* handed out and not yet freed */

static struct info_block *make_block(const struct provider_listing *info)
{
    size_t name_units = utf16_length(info->name) + 1;
    size_t path_units = utf16_length(info->path) + 1;
    struct info_block *block =
        mem_alloc(sizeof(*block) + (name_units + path_units) * sizeof(block->text[0]));

    if (block == NULL)
        return NULL;
    memcpy(block->text, info->name, name_units * sizeof(block->text[0]));
    memcpy(block->text + name_units, info->path, path_units * sizeof(block->text[0]));
    block->provider.uSizeOfStruct = sizeof(block->provider);
    block->provider.pwszName = block->text;
    block->provider.pwszFilePath = block->text + name_units;
    block->provider.bIsCritical = info->is_critical ? TRUE : FALSE;
    block->provider.uIndex = info->index;
    return block;
}

/* The position moves on only when its entry has been handed out. Called with the lock held. */
static pxe_status next_block(uintptr_t handle, PPXE_PROVIDER *out_provider)
{
    const struct provider_listing *info;
    struct info_block *block;
    pxe_status status = provider_enum_current(&enumerations, handle, &info);

    if (status != PXE_OK)
        return status;
    block = make_block(info);
    if (block == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    provider_enum_advance(&enumerations, handle);
    block->next = live_blocks;
    live_blocks = block;
    *out_provider = &block->provider;
    return PXE_OK;
}

/* Takes a live block out; NULL if the address is none. Called with the lock held. */
static struct info_block *take_block(const PXE_PROVIDER *provider)
{
    struct info_block **link = &live_blocks;
    struct info_block *block;

    while (*link != NULL && &(*link)->provider != provider)
        link = &(*link)->next;
    block = *link;
    if (block != NULL)
        *link = block->next;
    return block;
}

DWORD PXEAPI PxeProviderRegister(LPCWSTR pszProviderName, LPCWSTR pszModulePath,
                                 PXE_REG_INDEX Index, BOOL bIsCritical, PHKEY phProviderKey)
{
    void *key = NULL;
    pxe_status status =
        provider_list_register(store_winreg_port(), pszProviderName, pszModulePath, Index,
                               bIsCritical != FALSE, phProviderKey != NULL ? &key : NULL);

    if (status == PXE_OK && phProviderKey != NULL)
        *phProviderKey = key;
    return status;
}

DWORD PXEAPI PxeProviderUnRegister(LPCWSTR pszProviderName)
{
    return provider_list_unregister(store_winreg_port(), pszProviderName);
}

DWORD PXEAPI PxeProviderQueryIndex(LPCWSTR pszProviderName, PULONG puIndex)
{
    uint32_t index;
    pxe_status status;

    if (puIndex == NULL)
        return ERROR_INVALID_PARAMETER;
    status = provider_list_query_index(store_winreg_port(), pszProviderName, &index);
    if (status == PXE_OK)
        *puIndex = index;
    return status;
}

DWORD PXEAPI PxeProviderEnumFirst(HANDLE *phEnum)
{
    struct provider_snapshot snapshot = {0};
    uintptr_t handle;
    pxe_status status;

    if (phEnum == NULL)
        return ERROR_INVALID_PARAMETER;
    status = provider_list_snapshot(store_winreg_port(), &snapshot);
    if (status != PXE_OK)
        return status;
    AcquireSRWLockExclusive(&lock);
    status = provider_enum_open(&enumerations, &snapshot, &handle);
    ReleaseSRWLockExclusive(&lock);
    if (status == PXE_OK)
        *phEnum = (HANDLE)handle;
    provider_snapshot_free(&snapshot); /* empty if it was taken over */
    return status;
}

DWORD PXEAPI PxeProviderEnumNext(HANDLE hEnum, PPXE_PROVIDER *ppProvider)
{
    pxe_status status;

    if (ppProvider == NULL)
        return ERROR_INVALID_PARAMETER;
    *ppProvider = NULL; /* API-0.5.2: the one output that failure sets */
    AcquireSRWLockExclusive(&lock);
    status = next_block((uintptr_t)hEnum, ppProvider);
    ReleaseSRWLockExclusive(&lock);
    return status;
}

DWORD PXEAPI PxeProviderEnumClose(HANDLE hEnum)
{
    pxe_status status;

    AcquireSRWLockExclusive(&lock);
    status = provider_enum_close(&enumerations, (uintptr_t)hEnum);
    ReleaseSRWLockExclusive(&lock);
    return status;
}

DWORD PXEAPI PxeProviderFreeInfo(PPXE_PROVIDER pProvider)
{
    struct info_block *block;

    AcquireSRWLockExclusive(&lock);
    block = take_block(pProvider);
    ReleaseSRWLockExclusive(&lock);
    if (block == NULL)
        return ERROR_INVALID_PARAMETER;
    mem_free(block);
    return ERROR_SUCCESS;
}

DWORD PXEAPI WdsPxeExtProviderMove(LPCWSTR pszProviderName, PXE_REG_INDEX Index)
{
    return provider_list_move(store_winreg_port(), pszProviderName, Index);
}
