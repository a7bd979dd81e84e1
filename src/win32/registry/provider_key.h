/* The registry key that a provider gets with PxeProviderInitialize. */
#ifndef WIN32_REGISTRY_PROVIDER_KEY_H
#define WIN32_REGISTRY_PROVIDER_KEY_H

#include <windows.h>

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { TEMPORARY_PATH_UNITS = 64 };

struct provider_key {
    HKEY key;
    bool is_lent;                            /* the host's: it stays open */
    wchar_t temporary[TEMPORARY_PATH_UNITS]; /* below HKEY_CURRENT_USER; L"" if it is none */
};

/* A key that the host has opened. */
struct provider_key provider_key_lend(HKEY key);

/* The key registered under that name, read-only if it must not be written. PXE_FILE_NOT_FOUND,
 * PXE_INVALID_PARAMETER (no name for a key), codes of the registry. */
pxe_status provider_key_open(const uint16_t *name, struct provider_key *out_key);

/* An empty, volatile key that nobody else uses and that goes away when it is closed. */
pxe_status provider_key_make_temporary(struct provider_key *out_key);

void provider_key_close(struct provider_key *key);

#endif
