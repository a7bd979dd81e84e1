/*
 * staticpxe.dll - a PXE provider that answers from a configuration file.
 *
 * Also the example to start a provider of your own from: this file is the frame that every provider
 * needs, rules/ and decide.c are what this one does. It uses nothing but wdspxe.h, Windows, and two
 * things of this project that any provider may use: facts.h, which reads a request, and answer.h,
 * which writes replies.
 *
 * All state hangs on one context that the server hands back to each callback. So there are no
 * globals, no DllMain, and one DLL can be registered under two names with two configurations.
 */
#include "wdspxe.h"

#include <stdlib.h>
#include <wchar.h>

#include "base/error_words.h"
#include "decide.h"
#include "keeper.h"

#define PATH_CHARS 1024

struct provider {
    HANDLE handle;
    struct keeper *keeper; /* the configuration, and how often machines have booted */
    BYTE duid[VALUE_DUID_MAX];
    ULONG duid_length; /* 0 = this server has no DHCPv6 */
};

/* One request on its way through receive_request. It refers to itself: it is not copied. */
struct visit {
    const struct provider *provider;
    HANDLE handle;
    const struct static_config *config; /* what counts from its beginning to its end */
    struct answer_server us;
    struct answer_request request;
    struct decision decision;
    BOOL is_spent; /* the machine has had its `boots` */
};

/* ---- receiving ---- */

/* The two protocols differ in everything but the way through a provider. */
static BOOL is_ipv6(const struct visit *visit)
{
    return visit->request.local.uAddrLen == IPV6_SIZE;
}

/* A machine that has had its boots gets another answer. */
static void decide_and_admit(struct visit *visit)
{
    struct decision *decision = &visit->decision;

    decide(visit->config, &visit->request, FALSE, decision);
    if (decision->answer.kind != ANSWER_SEND || !decision->has_key ||
        boots_admit(keeper_boots(visit->provider->keeper), decision->key, decision->step,
                    decision->xid, visit->request.facts.is_ipxe, decision->plan.boots))
        return;
    visit->is_spent = TRUE;
    decide(visit->config, &visit->request, TRUE, decision);
}

/* Before the reply that names the boot file is sent: a crash in between loses no count. */
static void count_boot(const struct visit *visit)
{
    const struct decision *decision = &visit->decision;
    DWORD error;

    if (!decision->answer.with_file || !decision->has_key || visit->is_spent)
        return;
    error = boots_count(keeper_boots(visit->provider->keeper), decision->key);
    if (error != ERROR_SUCCESS)
        PxeTrace(visit->provider->handle, PXE_TRACE_ERROR,
                 L"staticpxe: %s: its boot is not counted: the file cannot be written, error %u%hs",
                 visit->request.client, (unsigned)error, error_words(error));
}

/* Builds the reply in a packet of the server's and sends it. */
static DWORD send_answer(const struct visit *visit)
{
    /* Relay, source port, broadcast bit: the server knows the rules (RFC 2131, section 4.1; RFC
     * 8415, section 18.3.10). */
    PXE_ADDRESS destination = {.uFlags = PXE_ADDR_USE_DHCP_RULES};
    const struct answer *answer = &visit->decision.answer;
    HANDLE handle = visit->provider->handle;
    ULONG used = 0;
    DWORD error;
    PVOID reply = PxePacketAllocate(handle, visit->handle, answer->size_limit);

    if (reply == NULL)
        return GetLastError();
    error = answer_build(&visit->us, &visit->request, answer, reply, answer->size_limit, &used);
    if (error == ERROR_SUCCESS) {
        count_boot(visit);
        error = PxeSendReply(visit->handle, reply, used, &destination);
    }
    /* The packet stays ours, also after it was sent. */
    PxePacketFree(handle, visit->handle, reply);
    return error;
}

static void trace_sent(const struct visit *visit)
{
    HANDLE handle = visit->provider->handle;
    LPCWSTR client = visit->request.client;
    const struct answer *answer = &visit->decision.answer;
    const BYTE *next = answer->next_server;

    if (answer->menu != NULL)
        PxeTrace(handle, PXE_TRACE_INFO, L"staticpxe: %s: OFFER, menu %S", client,
                 answer->menu->name);
    else if (is_ipv6(visit) || answer->boot_class == FACTS_BOOT_HTTP)
        PxeTrace(handle, PXE_TRACE_INFO, L"staticpxe: %s: %s, %s %S", client, answer->type_name,
                 answer->with_file ? L"file" : L"boot server will name file", answer->boot);
    else if (answer->with_file)
        PxeTrace(handle, PXE_TRACE_INFO, L"staticpxe: %s: %s, file %S from %u.%u.%u.%u", client,
                 answer->type_name, answer->boot, next[0], next[1], next[2], next[3]);
    else
        PxeTrace(handle, PXE_TRACE_INFO,
                 L"staticpxe: %s: OFFER, boot server %u.%u.%u.%u will name file %S", client,
                 next[0], next[1], next[2], next[3], answer->boot);
}

static void trace_failed(const struct visit *visit, DWORD error)
{
    HANDLE handle = visit->provider->handle;

    if (error == ERROR_INSUFFICIENT_BUFFER)
        PxeTrace(handle, PXE_TRACE_ERROR,
                 L"staticpxe: %s: takes no more than %u bytes; configure fewer or shorter options",
                 visit->request.client, (unsigned)visit->decision.answer.size_limit);
    else
        PxeTrace(handle, PXE_TRACE_ERROR, L"staticpxe: %s: reply not sent, error %u%hs",
                 visit->request.client, (unsigned)error, error_words(error));
}

/* For every kind of answer but ANSWER_SEND. REJECTED passes the request on to the next provider. */
static PXE_BOOT_ACTION leave_unanswered(const struct visit *visit)
{
    const struct answer *answer = &visit->decision.answer;
    PXE_SEVERITY severity = answer->kind == ANSWER_IMPOSSIBLE ? PXE_TRACE_ERROR : PXE_TRACE_VERBOSE;

    PxeTrace(visit->provider->handle, severity, L"staticpxe: %s: not answered: %s",
             visit->request.client, answer->reason);
    return answer->kind == ANSWER_NOT_MINE ? PXE_BA_REJECTED : PXE_BA_IGNORE;
}

static PXE_BOOT_ACTION answer_visit(struct visit *visit)
{
    DWORD error;

    decide_and_admit(visit);
    if (visit->decision.answer.kind != ANSWER_SEND)
        return leave_unanswered(visit);
    error = send_answer(visit);
    if (error != ERROR_SUCCESS) {
        /* The client is ours: no other provider shall boot it with something else. */
        trace_failed(visit, error);
        return PXE_BA_IGNORE;
    }
    trace_sent(visit);
    return PXE_BA_NBP;
}

static struct answer_server server_of(const struct provider *provider,
                                      const struct static_config *config)
{
    return (struct answer_server){
        .dhcp_port = config->dhcp_port,
        .dhcp6_port = config->dhcp6_port,
        .duid = provider->duid,
        .duid_length = provider->duid_length,
    };
}

/* Runs on several threads at once, for different requests. */
static DWORD PXEAPI receive_request(HANDLE hClientRequest, PVOID pPacket, ULONG uPacketLen,
                                    PXE_ADDRESS *pLocalAddress, PXE_ADDRESS *pRemoteAddress,
                                    PXE_BOOT_ACTION *pAction, PVOID pContext)
{
    const struct provider *provider = pContext;
    struct snapshot *snapshot = keeper_take(provider->keeper);
    struct visit visit; /* its parts are written whole when their turn comes */

    visit.provider = provider;
    visit.handle = hClientRequest;
    visit.config = snapshot->config;
    visit.us = server_of(provider, snapshot->config);
    visit.is_spent = FALSE;
    answer_read(&visit.us, pPacket, uPacketLen, pLocalAddress, &visit.request);

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
                 L"staticpxe: cannot tell where the configuration is, error %u%hs; make the value "
                 L"ConfigFile of the provider's registry key a string (REG_SZ) of at most %u "
                 L"characters, or remove it",
                 (unsigned)error, error_words(error), (unsigned)(PATH_CHARS - 2));
        return error;
    }
    return keeper_open(provider->handle, path, &provider->keeper);
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
        provider->duid_length = answer_find_duid(hProvider, L"staticpxe", provider->duid);
        error = answer_connect(hProvider, L"staticpxe", provider->duid_length != 0, receive_request,
                               shut_down, provider);
    }
    if (error != ERROR_SUCCESS)
        free_provider(provider);
    return error;
}
