#include <winsock2.h>
#include <ws2tcpip.h>

#include "win32/server/server_config.h"

#include <stddef.h>
#include <string.h>

#include "net/interfaces.h"

/* Where the struct of version 0.1 ended. */
enum { FIRST_SIZE = offsetof(WDSPXE_EXT_SERVER_CONFIG, cProviders) };

enum {
    NETWORK_FLAGS = WDSPXE_EXT_WINSOCK_ONLY | WDSPXE_EXT_NATIVE_ONLY,
    KNOWN_FLAGS = WDSPXE_EXT_NO_IPV6 | WDSPXE_EXT_NO_NETWORK | WDSPXE_EXT_VERIFY |
                  WDSPXE_EXT_GUARD_PAGES | NETWORK_FLAGS | WDSPXE_EXT_LOG_WARNINGS |
                  WDSPXE_EXT_EVENT_LOG
};

/* "10.0.0.2" or "fd77::2" */
static bool parse_address(const wchar_t *text, struct net_endpoint *out_endpoint)
{
    struct net_endpoint endpoint = {.length = 4};

    if (InetPtonW(AF_INET, text, endpoint.address) != 1) {
        endpoint.length = 16;
        if (InetPtonW(AF_INET6, text, endpoint.address) != 1)
            return false;
    }
    *out_endpoint = endpoint;
    return true;
}

static bool interfaces_read_texts(const WDSPXE_EXT_SERVER_CONFIG *config,
                                  struct net_endpoint *interfaces)
{
    if (config->cInterfaces > INTERFACES_MAX ||
        (config->cInterfaces > 0 && config->ppszInterfaces == NULL))
        return false;
    for (ULONG i = 0; i < config->cInterfaces; i++)
        if (config->ppszInterfaces[i] == NULL ||
            !parse_address(config->ppszInterfaces[i], &interfaces[i]))
            return false;
    return true;
}

static bool flags_are_valid(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    const USHORT flags = config->uFlags;

    if ((flags & ~KNOWN_FLAGS) != 0 || config->uFaultPolicy > WDSPXE_EXT_FAULT_UNHANDLED)
        return false;
    if ((flags & NETWORK_FLAGS) == NETWORK_FLAGS)
        return false;
    if ((flags & WDSPXE_EXT_GUARD_PAGES) != 0 && (flags & WDSPXE_EXT_VERIFY) == 0)
        return false;
    return server_config_has_network(config) || config->pfnReply != NULL;
}

static bool providers_are_valid(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    if (config->cProviders > 0 && config->pProviders == NULL)
        return false;
    for (ULONG i = 0; i < config->cProviders; i++) {
        const WDSPXE_EXT_PROVIDER *provider = &config->pProviders[i];
        if (provider->pszName == NULL || provider->pszName[0] == L'\0' ||
            provider->pszPath == NULL || provider->pszPath[0] == L'\0')
            return false;
    }
    return true;
}

DWORD server_config_read(const WDSPXE_EXT_SERVER_CONFIG *given,
                         WDSPXE_EXT_SERVER_CONFIG *out_config, struct net_endpoint *out_interfaces)
{
    WDSPXE_EXT_SERVER_CONFIG config = {0};

    if (given == NULL ||
        (given->uSizeOfStruct != FIRST_SIZE && given->uSizeOfStruct != sizeof(config)))
        return ERROR_INVALID_PARAMETER;
    memcpy(&config, given, given->uSizeOfStruct);
    if (!flags_are_valid(&config) || !providers_are_valid(&config) ||
        !interfaces_read_texts(&config, out_interfaces))
        return ERROR_INVALID_PARAMETER;
    *out_config = config;
    return ERROR_SUCCESS;
}
