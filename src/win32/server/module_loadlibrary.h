/* The engine's module_port on LoadLibraryExW. */
#ifndef WIN32_SERVER_MODULE_LOADLIBRARY_H
#define WIN32_SERVER_MODULE_LOADLIBRARY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/ports.h"

/* What a provider_entry's `source` points to; good while it is being opened. */
struct module_source {
    const uint16_t *name;
    const uint16_t *path;
    void *key;          /* an HKEY for the provider, which stays the host's; NULL: of that name */
    bool is_registered; /* it must have a key of that name; else a temporary one does as well */
};

struct module_port module_port_loadlibrary(void);

#endif
