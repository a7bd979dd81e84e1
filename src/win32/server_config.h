/* The rules for a host's WDSPXE_EXT_SERVER_CONFIG. */
#ifndef WIN32_SERVER_CONFIG_H
#define WIN32_SERVER_CONFIG_H

#include <windows.h>

#include <stdbool.h>

#include "engine/endpoint.h"
#include "wdspxe_ext.h"

/*
 * Checks and copies; members that the caller's struct is too old to have become zero. The copy's
 * arrays are still the caller's, good until WdsPxeExtServerStart returns. out_interfaces has room
 * for INTERFACES_MAX; as many as config->cInterfaces are filled in.
 *   ERROR_INVALID_PARAMETER  what wdspxe_ext.h says at WdsPxeExtServerStart
 */
DWORD server_config_read(const WDSPXE_EXT_SERVER_CONFIG *given,
                         WDSPXE_EXT_SERVER_CONFIG *out_config, struct net_endpoint *out_interfaces);

static inline bool server_config_has_network(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    return (config->uFlags & WDSPXE_EXT_NO_NETWORK) == 0;
}

#endif
