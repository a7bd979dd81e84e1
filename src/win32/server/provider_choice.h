/* Which providers a server starts: those that its host names, or the registered ones. */
#ifndef WIN32_SERVER_PROVIDER_CHOICE_H
#define WIN32_SERVER_PROVIDER_CHOICE_H

#include <stddef.h>

#include "base/status.h"
#include "engine/ports.h"
#include "registry/provider_list.h"
#include "wdspxe_ext.h"
#include "win32/server/module_loadlibrary.h"

struct provider_choice {
    size_t count;
    struct provider_entry *entries;
    struct module_source *sources;       /* one for each entry */
    struct provider_snapshot registered; /* what the entries of registered ones point into */
};

/* The entries of the host's point into its config. Released with provider_choice_free.
 * PXE_NOT_ENOUGH_MEMORY, codes of the registry. */
pxe_status provider_choice_make(const WDSPXE_EXT_SERVER_CONFIG *config,
                                struct provider_choice *out_choice);

void provider_choice_free(struct provider_choice *choice);

#endif
