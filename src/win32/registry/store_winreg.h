/*
 * The provider list in the registry (API-7.2, API-7.3), below
 * HKLM\SYSTEM\CurrentControlSet\Services\WDSServer\Providers\WDSPXE. Every value is taken as
 * somebody else's work: type, size and terminator are checked, none is relied on.
 */
#ifndef WIN32_REGISTRY_STORE_WINREG_H
#define WIN32_REGISTRY_STORE_WINREG_H

#include <windows.h>

#include "base/status.h"
#include "registry/store.h"

/* The WDSPXE key, below HKEY_LOCAL_MACHINE. */
#define STORE_WINREG_BASE L"SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE"

/*
 * The port. Any thread may use it; its lock is a mutex that all processes share, waited for at most
 * 30 seconds. The keys of open_provider are HKEYs.
 */
const struct store_port *store_winreg_port(void);

/*
 * Opens the key of the provider `name` with the rights `access`; closed with RegCloseKey.
 * PXE_INVALID_PARAMETER (no name for a key), PXE_FILE_NOT_FOUND, PXE_ACCESS_DENIED, other codes of
 * the registry.
 */
pxe_status store_winreg_open_provider(const uint16_t *name, REGSAM access, HKEY *out_key);

#endif
