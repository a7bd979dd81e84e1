/*
 * webpxe.dll - a PXE provider that asks a web service what a machine shall boot.
 *
 * An example of a provider that completes requests later: the receive callback puts a question on
 * its way and returns ERROR_IO_PENDING; the answer comes on a thread of WinHTTP, which writes the
 * reply and calls PxeAsyncRecvDone. It uses wdspxe.h, Windows, and two things of this project that
 * any provider may use: facts.h, which reads a request, and answer.h, which writes replies.
 */
#include "wdspxe.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/error_words.h"
#include "answer/answer.h"
#include "asker.h"
#include "settings.h"
#include "tell.h"

struct provider {
    HANDLE handle;
    struct web_settings settings;
    struct teller teller;
    struct asker *asker;
    BYTE duid[VALUE_DUID_MAX];
    ULONG duid_length; /* 0 = this server has no DHCPv6 */
};

static struct answer_server server_of(const struct provider *provider)
{
    return (struct answer_server){
        .dhcp_port = (USHORT)provider->settings.dhcp_port,
        .dhcp6_port = (USHORT)provider->settings.dhcp6_port,
        .duid = provider->duid,
        .duid_length = provider->duid_length,
    };
}

/* ---- answering ---- */

static DWORD send_answer(const struct provider *provider, HANDLE request,
                         const struct answer_request *read, const struct answer *answer)
{
    PXE_ADDRESS destination = {.uFlags = PXE_ADDR_USE_DHCP_RULES};
    struct answer_server us = server_of(provider);
    ULONG used = 0;
    DWORD error;
    PVOID reply = PxePacketAllocate(provider->handle, request, answer->size_limit);

    if (reply == NULL)
        return GetLastError();
    error = answer_build(&us, read, answer, reply, answer->size_limit, &used);
    if (error == ERROR_SUCCESS)
        error = PxeSendReply(request, reply, used, &destination);
    PxePacketFree(provider->handle, request, reply);
    return error;
}

static void trace_sent(const struct provider *provider, const struct answer_request *read,
                       const struct answer *answer, const struct verdict *verdict)
{
    PxeTrace(provider->handle, PXE_TRACE_INFO, L"webpxe: %s: %s, %s%S%s%S", read->client,
             answer->type_name,
             answer->menu != NULL ? L"a menu"
             : answer->with_file  ? L"file "
                                  : L"boot server will name file ",
             answer->menu != NULL ? "" : answer->boot, verdict->note[0] == '\0' ? L"" : L"; ",
             verdict->note);
}

/* With an answer of the service's. What it lacks is told, and the next provider may know better. */
static PXE_BOOT_ACTION answer_with(struct provider *provider, HANDLE request,
                                   const struct answer_request *read, const struct verdict *verdict)
{
    struct answer answer;
    WCHAR text[200];
    DWORD error;

    answer_decide(read, &verdict->plan, &answer);
    if (answer.kind != ANSWER_SEND) {
        _snwprintf(text, 199, L"the service's answer does not fit: %s", answer.reason);
        text[199] = L'\0';
        tell_problem(&provider->teller, read->client, text);
        return PXE_BA_REJECTED;
    }
    error = send_answer(provider, request, read, &answer);
    if (error == ERROR_SUCCESS) {
        trace_sent(provider, read, &answer, verdict);
        return PXE_BA_NBP;
    }
    _snwprintf(text, 199, L"reply not sent, error %u%hs", (unsigned)error, error_words(error));
    text[199] = L'\0';
    tell_problem(&provider->teller, read->client, text);
    return PXE_BA_IGNORE;
}

static PXE_BOOT_ACTION obey(struct provider *provider, HANDLE request,
                            const struct answer_request *read, const struct verdict *verdict)
{
    static const LPCWSTR names[] = {L"pass", L"answer", L"ignore", L"later"};

    if (verdict->kind == VERDICT_ANSWER)
        return answer_with(provider, request, read, verdict);
    PxeTrace(provider->handle, PXE_TRACE_VERBOSE, L"webpxe: %s: the service says \"%s\"%s%S",
             read->client, names[verdict->kind], verdict->note[0] == '\0' ? L"" : L"; ",
             verdict->note);
    return verdict->kind == VERDICT_PASS ? PXE_BA_REJECTED : PXE_BA_IGNORE;
}

/* An answer has come, or will not: the request that was pended goes on. On any thread. */
static void request_answered(void *context, const struct waiter *waiter,
                             const struct shared_verdict *shared)
{
    struct provider *provider = context;
    PXE_BOOT_ACTION action = PXE_BA_REJECTED;
    struct answer_server us = server_of(provider);
    struct answer_request read;

    if (shared != NULL) {
        answer_read(&us, (PVOID)(ULONG_PTR)waiter->packet, waiter->length, &waiter->local, &read);
        action = obey(provider, waiter->request, &read, &shared->verdict);
    }
    PxeAsyncRecvDone(waiter->request, action);
}

/* ---- asking ---- */

/* FALSE: no memory. */
static BOOL write_question(const struct answer_request *read, struct question_text *out)
{
    struct question_source source = {
        .facts = &read->facts,
        .message = read->packet,
        .length = read->length,
        .port = read->local.uPort,
        .is_first = answer_is_first(read),
    };

    source.server.length = (uint8_t)read->local.uAddrLen;
    memcpy(source.server.bytes, read->local.bAddress, read->local.uAddrLen);
    return question_write(&source, out);
}

static struct waiter *make_waiter(HANDLE request, const struct answer_request *read,
                                  const void *packet, ULONG length)
{
    struct waiter *waiter = malloc(sizeof(*waiter) + length);

    if (waiter == NULL)
        return NULL;
    waiter->request = request;
    waiter->local = read->local;
    waiter->is_ipxe = read->facts.is_ipxe;
    wcscpy(waiter->client, read->client);
    waiter->length = length;
    memcpy(waiter->packet, packet, length);
    return waiter;
}

/* Answers at once or later; the code and action of the receive callback. */
static DWORD ask(struct provider *provider, HANDLE request, const struct answer_request *read,
                 const void *packet, ULONG length, PXE_BOOT_ACTION *action)
{
    struct shared_verdict *kept = NULL;
    struct question_text text;
    struct waiter *waiter;
    enum asker_outcome outcome;

    if (!write_question(read, &text))
        return ERROR_NOT_ENOUGH_MEMORY;
    waiter = make_waiter(request, read, packet, length);
    if (waiter == NULL) {
        question_text_free(&text);
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    outcome = asker_ask(provider->asker, &text, waiter, &kept);
    if (outcome == ASKER_WAITS)
        return ERROR_IO_PENDING;
    free(waiter);
    if (outcome == ASKER_KEPT) {
        *action = obey(provider, request, read, &kept->verdict);
        verdict_give(kept);
    }
    return ERROR_SUCCESS;
}

/*
 * Runs on several threads at once, for different requests. Only what boots from the network and
 * asks a boot server is worth a question: all others would be one for each lease of the network.
 */
static DWORD PXEAPI receive_request(HANDLE hClientRequest, PVOID pPacket, ULONG uPacketLen,
                                    PXE_ADDRESS *pLocalAddress, PXE_ADDRESS *pRemoteAddress,
                                    PXE_BOOT_ACTION *pAction, PVOID pContext)
{
    struct provider *provider = pContext;
    struct answer_server us = server_of(provider);
    struct answer_request read;

    (void)pRemoteAddress;
    *pAction = PXE_BA_REJECTED;
    answer_read(&us, pPacket, uPacketLen, pLocalAddress, &read);
    if (!read.is_message || read.type == 0 || read.facts.boot == FACTS_BOOT_OTHER)
        return ERROR_SUCCESS;
    return ask(provider, hClientRequest, &read, pPacket, uPacketLen, pAction);
}

/* ---- starting and stopping ---- */

/*
 * The DLL stays loaded for good: a thread of WinHTTP may be on its way out of a callback when the
 * last connection is gone and the server lets go of the DLL.
 */
static void pin_module(void)
{
    HMODULE module;

    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                       (LPCWSTR)(ULONG_PTR)PxeProviderInitialize, &module);
}

static void free_provider(struct provider *provider)
{
    if (!asker_close(provider->asker)) {
        PxeTrace(provider->handle, PXE_TRACE_WARNING,
                 L"webpxe: a connection to a service could not be ended yet; its memory stays");
        return;
    }
    SecureZeroMemory(&provider->settings, sizeof(provider->settings));
    free(provider);
}

/* No receive callback runs any more when this one is called. */
static DWORD PXEAPI shut_down(PVOID pContext)
{
    free_provider(pContext);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    struct provider *provider = calloc(1, sizeof(*provider));
    DWORD error;

    if (provider == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    pin_module();
    provider->handle = hProvider;
    teller_open(&provider->teller, hProvider);
    error = settings_read(hProvider, hProviderKey, &provider->settings);
    if (error == ERROR_SUCCESS)
        error = asker_open(&provider->settings, &provider->teller, request_answered, provider,
                           &provider->asker);
    if (error == ERROR_SUCCESS) {
        provider->duid_length = answer_find_duid(hProvider, L"webpxe", provider->duid);
        error = answer_connect(hProvider, L"webpxe", provider->duid_length != 0, receive_request,
                               shut_down, provider);
    }
    if (error != ERROR_SUCCESS)
        free_provider(provider);
    return error;
}
