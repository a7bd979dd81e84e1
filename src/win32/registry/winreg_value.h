/* Reading one value of the registry, trusting nothing that is there. */
#ifndef WIN32_REGISTRY_WINREG_VALUE_H
#define WIN32_REGISTRY_WINREG_VALUE_H

#include <windows.h>

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* A value as read, always followed by a NUL unit. */
struct winreg_value {
    DWORD type;
    size_t size;     /* bytes */
    size_t count;    /* whole units; an odd byte at the end is not counted */
    uint16_t *units; /* released with mem_free */
};

/*
 * Reads a value, also one that grows meanwhile. PXE_FILE_NOT_FOUND: no such value, or the key has
 * been deleted. PXE_NOT_ENOUGH_MEMORY, other codes of the registry.
 */
pxe_status winreg_value_read(HKEY key, const wchar_t *name, struct winreg_value *out_value);

#endif
