/* The rules for a host's WDSPXE_EXT_SERVER_CONFIG. */
#ifndef WIN32_SERVER_SERVER_CONFIG_H
#define WIN32_SERVER_SERVER_CONFIG_H

#include <windows.h>

#include <stdbool.h>
#include <stdint.h>

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

/* Of which severities the host wants log lines; UINT32_MAX: all. */
static inline uint32_t server_config_severities(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    const uint32_t warnings = PXE_TRACE_WARNING | PXE_TRACE_ERROR | PXE_TRACE_FATAL;
    return (config->uFlags & WDSPXE_EXT_LOG_WARNINGS) != 0 ? warnings : UINT32_MAX;
}

#endif
