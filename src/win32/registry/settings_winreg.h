/* The settings in the registry (registry/settings.h), below HKEY_LOCAL_MACHINE. */
#ifndef WIN32_REGISTRY_SETTINGS_WINREG_H
#define WIN32_REGISTRY_SETTINGS_WINREG_H

#include <windows.h>

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "registry/settings.h"

#define SETTINGS_TRACING_KEY "SOFTWARE\\Microsoft\\Tracing\\WDSServer"

/* The path of a setting's key. */
const char *settings_winreg_path(const struct setting *setting);

/* Any thread may use it. Environment strings are not expanded; a NUL stands behind what was read.
 */
const struct settings_port *settings_winreg_port(void);

/* Replaces a value as one step; creates the key if it is missing. Checks nothing. */
pxe_status settings_winreg_write(const struct setting *setting, uint32_t type, const void *bytes,
                                 size_t size);
/* A value that is missing is success. */
pxe_status settings_winreg_delete(const struct setting *setting);

#endif
