/* The rules for a host's WDSPXE_EXT_SERVER_CONFIG. */
#ifndef WIN32_SERVER_SERVER_CONFIG_H
#define WIN32_SERVER_SERVER_CONFIG_H

#include <windows.h>

#include <stdbool.h>
#include <stdint.h>

#include "engine/endpoint.h"
#include "wdspxe_ext.h"

/*
 * Checks and copies, all that is pointed to included; members that the caller's struct is too old
 * to have become zero. Of the caller's memory nothing is needed afterwards. out_interfaces has room
 * for INTERFACES_MAX; as many as out_config->cInterfaces are filled in. Released with
 * server_config_forget.
 *   ERROR_INVALID_PARAMETER  what wdspxe_ext.h says at WdsPxeExtServerStart
 *   ERROR_NOT_ENOUGH_MEMORY
 */
DWORD server_config_read(const WDSPXE_EXT_SERVER_CONFIG *given,
                         WDSPXE_EXT_SERVER_CONFIG *out_config, struct net_endpoint *out_interfaces);

/* Frees the texts of a config that was read, which are needed during the start only. */
void server_config_forget(WDSPXE_EXT_SERVER_CONFIG *config);

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
