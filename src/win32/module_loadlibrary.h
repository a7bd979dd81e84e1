/* The engine's module_port on LoadLibraryExW. A provider_entry's `source` is a struct
 * provider_info (registry/provider_list.h). */
#ifndef WIN32_MODULE_LOADLIBRARY_H
#define WIN32_MODULE_LOADLIBRARY_H

#include "engine/ports.h"

struct module_port module_port_loadlibrary(void);

#endif
