#include "win32/registry/provider_key.h"

#include <stdatomic.h>
#include <stdio.h>

#include "win32/registry/store_winreg.h"

/* A process that died may have left keys under the numbers of this one. */
enum { TEMPORARY_TRIES = 1000 };

struct provider_key provider_key_lend(HKEY key)
{
    return (struct provider_key){.key = key, .is_lent = true};
}

/* The server need not be allowed to write: then the provider can read only. */
pxe_status provider_key_open(const uint16_t *name, struct provider_key *out_key)
{
    HKEY key;
    pxe_status status = store_winreg_open_provider(name, KEY_READ | KEY_WRITE, &key);

    if (status == ERROR_ACCESS_DENIED)
        status = store_winreg_open_provider(name, KEY_READ, &key);
    if (status == PXE_OK)
        *out_key = (struct provider_key){.key = key};
    return status;
}

pxe_status provider_key_make_temporary(struct provider_key *out_key)
{
    static _Atomic uint32_t number;
    struct provider_key made = {0};
    LSTATUS status = ERROR_ALREADY_EXISTS;

    for (int i = 0; i < TEMPORARY_TRIES; i++) {
        DWORD disposition;
        _snwprintf(made.temporary, TEMPORARY_PATH_UNITS, L"Software\\wdspxe-temporary-%lu-%u",
                   GetCurrentProcessId(), atomic_fetch_add(&number, 1));
        status = RegCreateKeyExW(HKEY_CURRENT_USER, made.temporary, 0, NULL, REG_OPTION_VOLATILE,
                                 KEY_READ | KEY_WRITE, NULL, &made.key, &disposition);
        if (status == ERROR_SUCCESS && disposition == REG_CREATED_NEW_KEY) {
            *out_key = made;
            return PXE_OK;
        }
        if (status != ERROR_SUCCESS)
            return (pxe_status)status;
        RegCloseKey(made.key);
    }
    return PXE_ALREADY_EXISTS;
}

void provider_key_close(struct provider_key *key)
{
    if (!key->is_lent)
        RegCloseKey(key->key);
    if (key->temporary[0] != L'\0')
        (void)RegDeleteTreeW(HKEY_CURRENT_USER, key->temporary);
}
