#include "api/duid.h"

#include <rpc.h>
#include <string.h>
#include <windows.h>

#include "win32/registry/store_winreg.h"

#define DUID_VALUE L"ServerDuid"

enum { DUID_TYPE_UUID = 4, DUID_MIN = 3 };

/* PXE_FILE_NOT_FOUND: there is none yet. */
static pxe_status duid_read(HKEY key, uint8_t *out_duid, size_t *out_length)
{
    uint8_t bytes[DUID_MAX];
    DWORD type, size = sizeof(bytes);

    LSTATUS status = RegQueryValueExW(key, DUID_VALUE, NULL, &type, bytes, &size);
    if (status == ERROR_MORE_DATA ||
        (status == ERROR_SUCCESS && (type != REG_BINARY || size < DUID_MIN)))
        return PXE_INVALID_DATA;
    if (status != ERROR_SUCCESS)
        return (pxe_status)status;
    memcpy(out_duid, bytes, size);
    *out_length = size;
    return PXE_OK;
}

static pxe_status duid_make(HKEY key)
{
    uint8_t bytes[2 + sizeof(UUID)] = {0, DUID_TYPE_UUID};
    UUID uuid;

    RPC_STATUS made = UuidCreate(&uuid);
    if (made != RPC_S_OK && made != RPC_S_UUID_LOCAL_ONLY)
        return (pxe_status)made;
    memcpy(bytes + 2, &uuid, sizeof(uuid));
    return (pxe_status)RegSetValueExW(key, DUID_VALUE, 0, REG_BINARY, bytes, sizeof(bytes));
}

/* Two servers that start at the same time must not each make one. */
static pxe_status duid_make_once(HKEY key, uint8_t *out_duid, size_t *out_length)
{
    const struct store_port *store = store_winreg_port();
    pxe_status status = store->lock(store->context);

    if (status != PXE_OK)
        return status;
    status = duid_read(key, out_duid, out_length);
    if (status == PXE_FILE_NOT_FOUND) {
        status = duid_make(key);
        if (status == PXE_OK)
            status = duid_read(key, out_duid, out_length);
    }
    store->unlock(store->context);
    return status;
}

pxe_status duid_get(uint8_t *out_duid, size_t *out_length)
{
    HKEY key;
    pxe_status status = PXE_FILE_NOT_FOUND;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, STORE_WINREG_BASE, 0, KEY_READ, &key) == ERROR_SUCCESS) {
        status = duid_read(key, out_duid, out_length);
        RegCloseKey(key);
    }
    if (status != PXE_FILE_NOT_FOUND)
        return status;
    status = (pxe_status)RegCreateKeyExW(HKEY_LOCAL_MACHINE, STORE_WINREG_BASE, 0, NULL, 0,
                                         KEY_READ | KEY_WRITE, NULL, &key, NULL);
    if (status != PXE_OK)
        return status;
    status = duid_make_once(key, out_duid, out_length);
    RegCloseKey(key);
    return status;
}
