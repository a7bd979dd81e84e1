#include <winsock2.h>
#include <ws2tcpip.h>

#include "win32/server/server_config.h"

#include <stddef.h>
#include <string.h>

#include "base/address.h"
#include "base/caller.h"
#include "base/mem.h"
#include "net/interfaces.h"

/* Where the struct of version 0.1 ended. */
enum { FIRST_SIZE = offsetof(WDSPXE_EXT_SERVER_CONFIG, cProviders) };

/* Units that every address and one more fit in; many more providers than are ever loaded, and few
 * enough that their texts are counted without overflow. */
enum { ADDRESS_UNITS = 80, PROVIDERS_MAX = 4096 };

enum {
    NETWORK_FLAGS = WDSPXE_EXT_WINSOCK_ONLY | WDSPXE_EXT_NATIVE_ONLY,
    KNOWN_FLAGS = WDSPXE_EXT_NO_IPV6 | WDSPXE_EXT_NO_NETWORK | WDSPXE_EXT_VERIFY |
                  WDSPXE_EXT_GUARD_PAGES | NETWORK_FLAGS | WDSPXE_EXT_LOG_WARNINGS |
                  WDSPXE_EXT_EVENT_LOG
};

/* ---- interfaces ---- */

/* "10.0.0.2", "fd77::2" or "fe80::1%2" */
static bool parse_address(const wchar_t *given, struct net_endpoint *out_endpoint)
{
    struct net_endpoint endpoint = {.length = 0};
    wchar_t text[ADDRESS_UNITS];
    char ascii[ADDRESS_UNITS];
    size_t length = caller_text_copy(given, text, ADDRESS_UNITS);

    if (length == ADDRESS_UNITS)
        return false; /* no address is as long, so it may have been cut */
    for (size_t i = 0; i < length; i++) {
        if (text[i] > 0x7f)
            return false;
        ascii[i] = (char)text[i];
    }
    endpoint.length = (uint8_t)address_read(ascii, endpoint.address, &endpoint.scope);
    if (endpoint.length != 0)
        *out_endpoint = endpoint;
    return endpoint.length != 0;
}

static bool interfaces_read_texts(const WDSPXE_EXT_SERVER_CONFIG *config,
                                  struct net_endpoint *interfaces)
{
    if (config->cInterfaces > INTERFACES_MAX ||
        (config->cInterfaces > 0 && config->ppszInterfaces == NULL))
        return false;
    for (ULONG i = 0; i < config->cInterfaces; i++) {
        const LPCWSTR text = config->ppszInterfaces[i];
        if (text == NULL || !parse_address(text, &interfaces[i]))
            return false;
    }
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

/* ---- providers ---- */

/* The units that a name or path takes; 0: it is none. */
static size_t text_units(const wchar_t *text)
{
    const size_t length = text != NULL ? caller_text_length(text) : 0;

    return length == 0 || length > CALLER_TEXT_MAX ? 0 : length + 1;
}

/* Looks at every name and path; how many units they take. */
static bool providers_measure(const WDSPXE_EXT_SERVER_CONFIG *config, size_t *out_units)
{
    size_t units = 0;

    if (config->cProviders > PROVIDERS_MAX ||
        (config->cProviders > 0 && config->pProviders == NULL))
        return false;
    caller_look(config->pProviders, config->cProviders * sizeof(config->pProviders[0]));
    for (ULONG i = 0; i < config->cProviders; i++) {
        const size_t name = text_units(config->pProviders[i].pszName);
        const size_t path = text_units(config->pProviders[i].pszPath);
        if (name == 0 || path == 0)
            return false;
        units += name + path;
    }
    *out_units = units;
    return true;
}

/* Copies a text to *next; should it have grown since it was measured, it is cut. */
static LPCWSTR text_keep(const wchar_t *given, wchar_t **next, const wchar_t *end)
{
    wchar_t *text = *next;

    if (text == end)
        return L"";
    *next += caller_text_copy(given, text, (size_t)(end - text));
    return text;
}

/* The providers, and their texts behind them. */
static DWORD providers_copy(WDSPXE_EXT_SERVER_CONFIG *config, size_t units)
{
    const size_t structs = config->cProviders * sizeof(WDSPXE_EXT_PROVIDER);
    WDSPXE_EXT_PROVIDER *own = mem_alloc(structs + units * sizeof(wchar_t));

    if (own == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    wchar_t *next = (wchar_t *)(void *)((uint8_t *)own + structs);
    const wchar_t *end = next + units;
    for (ULONG i = 0; i < config->cProviders; i++) {
        own[i] = config->pProviders[i];
        own[i].pszName = text_keep(own[i].pszName, &next, end);
        own[i].pszPath = text_keep(own[i].pszPath, &next, end);
    }
    config->pProviders = own;
    return ERROR_SUCCESS;
}

/* ---- the config ---- */

DWORD server_config_read(const WDSPXE_EXT_SERVER_CONFIG *given,
                         WDSPXE_EXT_SERVER_CONFIG *out_config, struct net_endpoint *out_interfaces)
{
    WDSPXE_EXT_SERVER_CONFIG config = {0};
    size_t units;

    if (given == NULL)
        return ERROR_INVALID_PARAMETER;
    const ULONG size = given->uSizeOfStruct;
    if (size != FIRST_SIZE && size != sizeof(config))
        return ERROR_INVALID_PARAMETER;
    memcpy(&config, given, size);
    if (!flags_are_valid(&config) || !providers_measure(&config, &units) ||
        !interfaces_read_texts(&config, out_interfaces))
        return ERROR_INVALID_PARAMETER;
    DWORD status = providers_copy(&config, units);
    if (status == ERROR_SUCCESS)
        *out_config = config;
    return status;
}

void server_config_forget(WDSPXE_EXT_SERVER_CONFIG *config)
{
    mem_free((void *)(uintptr_t)config->pProviders);
    config->pProviders = NULL;
    config->ppszInterfaces = NULL;
}
