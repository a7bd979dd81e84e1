/*
 * staticpxe.dll - a PXE provider that answers from a configuration file.
 *
 * Also the example to start a provider of your own from: this file is the frame that every provider
 * needs, config.c and answer.c are what this one does. It uses nothing but wdspxe.h and Windows.
 *
 * All state hangs on one context that the server hands back to each callback. So there are no
 * globals, no DllMain, and one DLL can be registered under two names with two configurations.
 */
#include "wdspxe.h"

#include <stddef.h>
#include <stdlib.h>
#include <wchar.h>

#include "answer.h"
#include "config.h"

#define PATH_CHARS 1024

struct provider {
    HANDLE handle;
    const struct static_config *config;
};

/* --- receiving -------------------------------------------------------------------------------- */

#define MAC_TEXT_CHARS (3 * PXE_DHCP_HWAADR_SIZE + 1)

/* "52-54-00-12-34-56", or "" if the packet is too short to have one. */
static void format_mac(const PXE_DHCP_MESSAGE *message, ULONG uPacketLen, WCHAR out[MAC_TEXT_CHARS])
{
    static const WCHAR digits[] = L"0123456789abcdef";
    ULONG length = 0;
    ULONG at = 0;

    if (uPacketLen >= offsetof(PXE_DHCP_MESSAGE, HostName))
        length = message->HardwareAddressLength;
    if (length > PXE_DHCP_HWAADR_SIZE)
        length = PXE_DHCP_HWAADR_SIZE;
    for (ULONG i = 0; i < length; ++i) {
        if (i > 0)
            out[at++] = L'-';
        out[at++] = digits[message->HardwareAddress[i] >> 4];
        out[at++] = digits[message->HardwareAddress[i] & 15];
    }
    out[at] = L'\0';
}

/* Builds the reply in a packet of the server's and sends it. */
static DWORD send_answer(const struct provider *provider, HANDLE hClientRequest, PVOID pPacket,
                         ULONG uPacketLen, const struct answer *answer)
{
    /* Relay, source port, broadcast bit: the server knows the rules (RFC 2131, section 4.1). */
    PXE_ADDRESS destination = {.uFlags = PXE_ADDR_USE_DHCP_RULES};
    ULONG used = 0;
    DWORD error;
    PVOID reply = PxePacketAllocate(provider->handle, hClientRequest, answer->size_limit);

    if (reply == NULL)
        return GetLastError();
    error = answer_build(answer, pPacket, uPacketLen, reply, answer->size_limit, &used);
    if (error == ERROR_SUCCESS)
        error = PxeSendReply(hClientRequest, reply, used, &destination);
    /* The packet stays ours, also after it was sent. */
    PxePacketFree(provider->handle, hClientRequest, reply);
    return error;
}

static void trace_sent(const struct provider *provider, LPCWSTR mac, const struct answer *answer)
{
    const BYTE *next = answer->next_server;

    if (answer->with_file)
        PxeTrace(provider->handle, PXE_TRACE_INFO, L"staticpxe: %s: %s, file %S from %u.%u.%u.%u",
                 mac, answer->kind == ANSWER_OFFER ? L"OFFER" : L"ACK", answer->file, next[0],
                 next[1], next[2], next[3]);
    else
        PxeTrace(provider->handle, PXE_TRACE_INFO,
                 L"staticpxe: %s: OFFER, boot server %u.%u.%u.%u will name file %S", mac, next[0],
                 next[1], next[2], next[3], answer->file);
}

static void trace_failed(const struct provider *provider, LPCWSTR mac, const struct answer *answer,
                         DWORD error)
{
    if (error == ERROR_INSUFFICIENT_BUFFER)
        PxeTrace(provider->handle, PXE_TRACE_ERROR,
                 L"staticpxe: %s: takes no more than %u bytes; configure fewer or shorter options",
                 mac, (unsigned)answer->size_limit);
    else
        PxeTrace(provider->handle, PXE_TRACE_ERROR, L"staticpxe: %s: reply not sent, error %u", mac,
                 (unsigned)error);
}

/*
 * Runs on several threads at once, for different requests. REJECTED passes a request on to the next
 * provider; IGNORE ends it unanswered.
 */
static DWORD PXEAPI receive_request(HANDLE hClientRequest, PVOID pPacket, ULONG uPacketLen,
                                    PXE_ADDRESS *pLocalAddress, PXE_ADDRESS *pRemoteAddress,
                                    PXE_BOOT_ACTION *pAction, PVOID pContext)
{
    const struct provider *provider = pContext;
    struct answer answer = answer_decide(provider->config, pPacket, uPacketLen, pLocalAddress);
    WCHAR mac[MAC_TEXT_CHARS];
    DWORD error;

    (void)pRemoteAddress; /* the reply goes where the DHCP rules say */
    format_mac(pPacket, uPacketLen, mac);
    if (answer.kind == ANSWER_NOT_MINE || answer.kind == ANSWER_NOBODY) {
        PxeTrace(provider->handle, PXE_TRACE_VERBOSE, L"staticpxe: %s: not answered: %s", mac,
                 answer.reason);
        *pAction = answer.kind == ANSWER_NOBODY ? PXE_BA_IGNORE : PXE_BA_REJECTED;
        return ERROR_SUCCESS;
    }

    error = send_answer(provider, hClientRequest, pPacket, uPacketLen, &answer);
    if (error == ERROR_SUCCESS) {
        trace_sent(provider, mac, &answer);
        *pAction = PXE_BA_NBP;
    } else {
        /* The client is ours: no other provider shall boot it with something else. */
        trace_failed(provider, mac, &answer, error);
        *pAction = PXE_BA_IGNORE;
    }
    return ERROR_SUCCESS;
}

/* --- starting and stopping -------------------------------------------------------------------- */

static void free_provider(struct provider *provider)
{
    if (provider != NULL)
        config_free(provider->config);
    free(provider);
}

/* No receive callback runs any more when this one is called. */
static DWORD PXEAPI shut_down(PVOID pContext)
{
    free_provider(pContext);
    return ERROR_SUCCESS;
}

/* The full path of this DLL. */
static DWORD find_module_path(WCHAR out[PATH_CHARS])
{
    HMODULE module;
    DWORD length;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (LPCWSTR)(ULONG_PTR)PxeProviderInitialize, &module))
        return GetLastError();
    length = GetModuleFileNameW(module, out, PATH_CHARS);
    if (length == 0)
        return GetLastError();
    return length < PATH_CHARS ? ERROR_SUCCESS : ERROR_BUFFER_OVERFLOW;
}

/* Keeps the first `keep` characters of path and puts tail behind them. FALSE if it does not fit. */
static BOOL replace_tail(WCHAR path[PATH_CHARS], SIZE_T keep, LPCWSTR tail)
{
    SIZE_T length = wcslen(tail);

    if (PATH_CHARS - keep <= length)
        return FALSE;
    wmemcpy(path + keep, tail, length + 1);
    return TRUE;
}

static SIZE_T folder_length(LPCWSTR path)
{
    LPCWSTR backslash = wcsrchr(path, L'\\');

    return backslash == NULL ? 0 : (SIZE_T)(backslash - path) + 1;
}

/* The value ConfigFile, its environment strings expanded; ERROR_FILE_NOT_FOUND if there is none. */
static DWORD read_config_value(HKEY hProviderKey, WCHAR out[PATH_CHARS])
{
    WCHAR stored[PATH_CHARS];
    DWORD size = sizeof(stored) - sizeof(stored[0]);
    DWORD type;
    DWORD length;
    LSTATUS error;

    error = RegQueryValueExW(hProviderKey, L"ConfigFile", NULL, &type, (LPBYTE)stored, &size);
    if (error != ERROR_SUCCESS)
        return (DWORD)error;
    if (type != REG_SZ && type != REG_EXPAND_SZ)
        return ERROR_INVALID_DATA;
    stored[size / sizeof(stored[0])] = L'\0'; /* the registry does not promise one */
    if (type == REG_SZ)
        return replace_tail(out, 0, stored) ? ERROR_SUCCESS : ERROR_BUFFER_OVERFLOW;
    length = ExpandEnvironmentStringsW(stored, out, PATH_CHARS);
    if (length == 0)
        return GetLastError();
    return length <= PATH_CHARS ? ERROR_SUCCESS : ERROR_BUFFER_OVERFLOW;
}

static BOOL is_absolute(LPCWSTR path)
{
    return (path[0] == L'\\' && path[1] == L'\\') || (path[0] != L'\0' && path[1] == L':');
}

/* Where the file is: ConfigFile, if relative then to the DLL's folder; else the DLL's name.ini. */
static DWORD find_config_path(HKEY hProviderKey, WCHAR out[PATH_CHARS])
{
    WCHAR configured[PATH_CHARS];
    LPCWSTR dot;
    BOOL fits;
    DWORD error = find_module_path(out);

    if (error != ERROR_SUCCESS)
        return error;
    error = read_config_value(hProviderKey, configured);
    if (error == ERROR_SUCCESS) {
        fits = replace_tail(out, is_absolute(configured) ? 0 : folder_length(out), configured);
    } else if (error == ERROR_FILE_NOT_FOUND) {
        dot = wcsrchr(out + folder_length(out), L'.');
        fits = replace_tail(out, dot == NULL ? wcslen(out) : (SIZE_T)(dot - out), L".ini");
    } else {
        return error;
    }
    return fits ? ERROR_SUCCESS : ERROR_BUFFER_OVERFLOW;
}

static DWORD load_config(struct provider *provider, HKEY hProviderKey)
{
    WCHAR path[PATH_CHARS];
    DWORD error = find_config_path(hProviderKey, path);

    if (error != ERROR_SUCCESS) {
        PxeTrace(provider->handle, PXE_TRACE_ERROR,
                 L"staticpxe: cannot tell where the configuration is, error %u; make the value "
                 L"ConfigFile of the provider's registry key a string (REG_SZ) of at most %u "
                 L"characters, or remove it",
                 (unsigned)error, (unsigned)(PATH_CHARS - 2));
        return error;
    }
    error = config_load(provider->handle, path, &provider->config);
    if (error == ERROR_SUCCESS)
        PxeTrace(provider->handle, PXE_TRACE_INFO, L"staticpxe: %s: %u rules", path,
                 (unsigned)provider->config->rule_count);
    return error;
}

/* Tells the server what to call and what to deliver. The two callbacks are the mandatory ones. */
static DWORD connect_provider(struct provider *provider)
{
    ULONG filter = PXE_PROV_FILTER_PXE_ONLY; /* valid DHCP messages of PXE clients, over IPv4 */
    DWORD error = PxeProviderSetAttribute(provider->handle, PXE_PROV_ATTR_FILTER, &filter,
                                          sizeof(filter));

    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider->handle, PXE_CALLBACK_SHUTDOWN, (PVOID)shut_down,
                                    provider);
    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider->handle, PXE_CALLBACK_RECV_REQUEST,
                                    (PVOID)receive_request, provider);
    if (error != ERROR_SUCCESS)
        PxeTrace(provider->handle, PXE_TRACE_ERROR,
                 L"staticpxe: the server refused the provider, error %u", (unsigned)error);
    return error;
}

/*
 * hProvider stays valid until shut_down has returned; hProviderKey belongs to the server. After an
 * error the server does not call shut_down, so everything is released here.
 */
DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    struct provider *provider = calloc(1, sizeof(*provider));
    DWORD error;

    if (provider == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    provider->handle = hProvider;
    error = load_config(provider, hProviderKey);
    if (error == ERROR_SUCCESS)
        error = connect_provider(provider);
    if (error != ERROR_SUCCESS)
        free_provider(provider);
    return error;
}
