/*
 * staticpxe.dll - a PXE provider that answers from a configuration file.
 *
 * Also the example to start a provider of your own from: this file is the frame that every provider
 * needs, rules/, answer4.c and answer6.c are what this one does. It uses nothing but wdspxe.h,
 * Windows, and one thing of this project that the tool uses too: facts.h, which reads a request.
 *
 * All state hangs on one context that the server hands back to each callback. So there are no
 * globals, no DllMain, and one DLL can be registered under two names with two configurations.
 */
#include "wdspxe.h"

#include <stdlib.h>
#include <wchar.h>

#include "answer4.h"
#include "answer6.h"
#include "keeper.h"

#define PATH_CHARS 1024

struct provider {
    HANDLE handle;
    struct keeper *keeper; /* the configuration, and how often machines have booted */
    BYTE duid[VALUE_DUID_MAX];
    ULONG duid_length; /* 0 = this server has no DHCPv6 */
};

/* One request on its way through receive_request. */
struct visit {
    const struct provider *provider;
    HANDLE request;
    PVOID packet;
    ULONG length;
    const PXE_ADDRESS *local;
    struct answerer us; /* with the configuration that counts from its beginning to its end */
};

/* ---- receiving ---- */

/* The two protocols differ in everything but the way through a provider. */
static BOOL is_ipv6(const PXE_ADDRESS *pLocalAddress)
{
    return pLocalAddress->uAddrLen == 16;
}

static struct answer decide(const struct visit *visit)
{
    if (is_ipv6(visit->local))
        return answer6_decide(&visit->us, visit->packet, visit->length, visit->local);
    return answer4_decide(&visit->us, visit->packet, visit->length, visit->local);
}

/* A machine that has had its boots gets another answer. */
static struct answer decide_and_admit(struct visit *visit)
{
    struct answer answer = decide(visit);

    if (answer.kind != ANSWER_SEND || !answer.has_key ||
        boots_admit(keeper_boots(visit->provider->keeper), answer.key, answer.step, answer.xid,
                    answer.is_ipxe, answer.plan.boots))
        return answer;
    visit->us.is_spent = TRUE;
    return decide(visit);
}

/* Before the reply that names the boot file is sent: a crash in between loses no count. */
static void count_boot(const struct visit *visit, const struct answer *answer)
{
    DWORD error;

    if (!answer->with_file || !answer->has_key || visit->us.is_spent)
        return;
    error = boots_count(keeper_boots(visit->provider->keeper), answer->key);
    if (error != ERROR_SUCCESS)
        PxeTrace(visit->provider->handle, PXE_TRACE_ERROR,
                 L"staticpxe: %s: its boot is not counted: the file cannot be written, error %u",
                 answer->client, (unsigned)error);
}

static DWORD build(const struct visit *visit, const struct answer *answer, PVOID reply, ULONG *used)
{
    if (is_ipv6(visit->local))
        return answer6_build(&visit->us, answer, visit->packet, visit->length, reply,
                             answer->size_limit, used);
    return answer4_build(answer, visit->packet, visit->length, reply, answer->size_limit, used);
}

/* Builds the reply in a packet of the server's and sends it. */
static DWORD send_answer(const struct visit *visit, const struct answer *answer)
{
    /* Relay, source port, broadcast bit: the server knows the rules (RFC 2131, section 4.1; RFC
     * 8415, section 18.3.10). */
    PXE_ADDRESS destination = {.uFlags = PXE_ADDR_USE_DHCP_RULES};
    HANDLE handle = visit->provider->handle;
    ULONG used = 0;
    DWORD error;
    PVOID reply = PxePacketAllocate(handle, visit->request, answer->size_limit);

    if (reply == NULL)
        return GetLastError();
    error = build(visit, answer, reply, &used);
    if (error == ERROR_SUCCESS) {
        count_boot(visit, answer);
        error = PxeSendReply(visit->request, reply, used, &destination);
    }
    /* The packet stays ours, also after it was sent. */
    PxePacketFree(handle, visit->request, reply);
    return error;
}

static void trace_sent(const struct provider *provider, const PXE_ADDRESS *pLocalAddress,
                       const struct answer *answer)
{
    const BYTE *next = answer->next_server;

    if (answer->menu != NULL)
        PxeTrace(provider->handle, PXE_TRACE_INFO, L"staticpxe: %s: OFFER, menu %S", answer->client,
                 answer->menu->name);
    else if (is_ipv6(pLocalAddress) || answer->boot_class == FACTS_BOOT_HTTP)
        PxeTrace(provider->handle, PXE_TRACE_INFO, L"staticpxe: %s: %s, %s %S", answer->client,
                 answer->type_name, answer->with_file ? L"file" : L"boot server will name file",
                 answer->boot);
    else if (answer->with_file)
        PxeTrace(provider->handle, PXE_TRACE_INFO, L"staticpxe: %s: %s, file %S from %u.%u.%u.%u",
                 answer->client, answer->type_name, answer->boot, next[0], next[1], next[2],
                 next[3]);
    else
        PxeTrace(provider->handle, PXE_TRACE_INFO,
                 L"staticpxe: %s: OFFER, boot server %u.%u.%u.%u will name file %S", answer->client,
                 next[0], next[1], next[2], next[3], answer->boot);
}

static void trace_failed(const struct provider *provider, const struct answer *answer, DWORD error)
{
    if (error == ERROR_INSUFFICIENT_BUFFER)
        PxeTrace(provider->handle, PXE_TRACE_ERROR,
                 L"staticpxe: %s: takes no more than %u bytes; configure fewer or shorter options",
                 answer->client, (unsigned)answer->size_limit);
    else
        PxeTrace(provider->handle, PXE_TRACE_ERROR, L"staticpxe: %s: reply not sent, error %u",
                 answer->client, (unsigned)error);
}

/* For every kind of answer but ANSWER_SEND. REJECTED passes the request on to the next provider. */
static PXE_BOOT_ACTION leave_unanswered(const struct provider *provider,
                                        const struct answer *answer)
{
    PXE_SEVERITY severity = answer->kind == ANSWER_IMPOSSIBLE ? PXE_TRACE_ERROR : PXE_TRACE_VERBOSE;

    PxeTrace(provider->handle, severity, L"staticpxe: %s: not answered: %s", answer->client,
             answer->reason);
    return answer->kind == ANSWER_NOT_MINE ? PXE_BA_REJECTED : PXE_BA_IGNORE;
}

static PXE_BOOT_ACTION answer_visit(struct visit *visit)
{
    const struct provider *provider = visit->provider;
    struct answer answer = decide_and_admit(visit);
    DWORD error;

    if (answer.kind != ANSWER_SEND)
        return leave_unanswered(provider, &answer);
    error = send_answer(visit, &answer);
    if (error != ERROR_SUCCESS) {
        /* The client is ours: no other provider shall boot it with something else. */
        trace_failed(provider, &answer, error);
        return PXE_BA_IGNORE;
    }
    trace_sent(provider, visit->local, &answer);
    return PXE_BA_NBP;
}

/* Runs on several threads at once, for different requests. */
static DWORD PXEAPI receive_request(HANDLE hClientRequest, PVOID pPacket, ULONG uPacketLen,
                                    PXE_ADDRESS *pLocalAddress, PXE_ADDRESS *pRemoteAddress,
                                    PXE_BOOT_ACTION *pAction, PVOID pContext)
{
    const struct provider *provider = pContext;
    struct snapshot *snapshot = keeper_take(provider->keeper);
    struct visit visit = {
        .provider = provider,
        .request = hClientRequest,
        .packet = pPacket,
        .length = uPacketLen,
        .local = pLocalAddress,
        .us = {snapshot->config, provider->duid, provider->duid_length, FALSE},
    };

    (void)pRemoteAddress; /* the reply goes where the DHCP rules say */
    *pAction = answer_visit(&visit);
    keeper_give(snapshot);
    return ERROR_SUCCESS;
}

/* ---- starting and stopping ---- */

static void free_provider(struct provider *provider)
{
    if (provider != NULL)
        keeper_close(provider->keeper);
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
    return keeper_open(provider->handle, path, &provider->keeper);
}

/* Without an identifier of the server there is no DHCPv6; the provider does the rest without it. */
static void find_server_duid(struct provider *provider)
{
    ULONG length = 0;
    DWORD error =
        PxeGetServerInfoEx(PXE_GSI_SERVER_DUID, provider->duid, sizeof(provider->duid), &length);

    if (error == ERROR_SUCCESS)
        provider->duid_length = length;
    else
        PxeTrace(provider->handle, PXE_TRACE_WARNING,
                 L"staticpxe: the server has no DUID, error %u; clients are answered over IPv4 "
                 L"only",
                 (unsigned)error);
}

static DWORD set_attribute(const struct provider *provider, PXE_PROVIDER_ATTRIBUTE attribute,
                           ULONG value)
{
    return PxeProviderSetAttribute(provider->handle, attribute, &value, sizeof(value));
}

/*
 * Which packets to deliver. PXE_PROV_FILTER_PXE_ONLY would keep machines away that boot over HTTP,
 * so we ask for valid DHCP messages of all machines and look at the vendor class ourselves.
 */
static DWORD choose_packets(const struct provider *provider)
{
    DWORD error = set_attribute(provider, PXE_PROV_ATTR_FILTER, PXE_PROV_FILTER_DHCP_ONLY);

    if (error != ERROR_SUCCESS || provider->duid_length == 0)
        return error;
    error = set_attribute(provider, PXE_PROV_ATTR_FILTER_IPV6, PXE_PROV_FILTER_DHCP_ONLY);
    if (error == ERROR_SUCCESS)
        error = set_attribute(provider, PXE_PROV_ATTR_IPV6_CAPABLE, TRUE);
    return error;
}

/* Tells the server what to deliver and what to call. The two callbacks are the mandatory ones. */
static DWORD connect_provider(struct provider *provider)
{
    DWORD error = choose_packets(provider);

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
    if (error == ERROR_SUCCESS) {
        find_server_duid(provider);
        error = connect_provider(provider);
    }
    if (error != ERROR_SUCCESS)
        free_provider(provider);
    return error;
}
