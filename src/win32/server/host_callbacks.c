#include "win32/server/host_callbacks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/provider_table.h"
#include "verify/verify.h"
#include "os/inside.h"
#include "os/utf8.h"
#include "win32/log/trace.h"

enum {
    REASON_UNITS = 256,
    CALL_UNITS = 64,
    TEXT_UNITS = 1024,
    DEFAULT_SLOW_CALLBACK = 1000, /* milliseconds */
    DEFAULT_PEND_TIMEOUT = 30000,
};

#define NANOSECONDS_PER_MS UINT64_C(1000000)

PXE_ADDRESS host_address(const struct net_endpoint *endpoint)
{
    PXE_ADDRESS address = {.uFlags = PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT,
                           .uAddrLen = endpoint->length,
                           .uPort = endpoint->port};
    memcpy(address.bAddress, endpoint->address, endpoint->length);
    return address;
}

/* While the host is called, the thread is inside: what would wait for it is refused. */
static void host_enter(struct inside *inside)
{
    inside_enter(inside, inside_callback());
}

DWORD host_reply(const WDSPXE_EXT_SERVER_CONFIG *config, const struct net_reply *reply)
{
    wchar_t provider[PROVIDER_NAME_SIZE];
    const WDSPXE_EXT_REPLY told = {
        .uSizeOfStruct = sizeof(told),
        .uPacketLen = (ULONG)reply->length,
        .pPacket = reply->bytes,
        .uNumber = reply->number,
        .pszProvider = provider,
        .Local = host_address(&reply->from),
        .Remote = host_address(&reply->to),
    };

    struct inside inside;

    utf8_to_wide(reply->provider, provider, PROVIDER_NAME_SIZE);
    host_enter(&inside);
    DWORD status = config->pfnReply(&told, config->pContext);
    inside_leave(&inside);
    return status;
}

static void request_ended(void *context, const struct request_report *report)
{
    const WDSPXE_EXT_SERVER_CONFIG *config = context;
    wchar_t provider[PROVIDER_NAME_SIZE], reason[REASON_UNITS], repair[REASON_UNITS];
    WDSPXE_EXT_REQUEST request = {
        .uSizeOfStruct = sizeof(request),
        .pPacket = report->packet,
        .uPacketLen = (ULONG)report->length,
        .Action = report->action,
        .uReplies = report->replies,
        .uReplyLen = (ULONG)report->reply_length,
        .bReplyType = report->reply_type,
        .uMicroseconds = report->microseconds,
        .uNumber = report->number,
        .bLeftOut = report->is_left_out,
    };

    memcpy(&request.Local, report->local, sizeof(request.Local));
    memcpy(&request.Remote, report->remote, sizeof(request.Remote));
    memcpy(request.szBootFile, report->boot_file, sizeof(request.szBootFile));
    if (report->replies > 0)
        request.ReplyAddress = host_address(&report->reply_to);
    if (report->provider != NULL) {
        utf8_to_wide(report->provider, provider, PROVIDER_NAME_SIZE);
        request.pszProvider = provider;
    }
    if (report->drop_reason != NULL) {
        utf8_to_wide(report->drop_reason, reason, REASON_UNITS);
        request.pszDropReason = reason;
    }
    if (report->repair != NULL) {
        utf8_to_wide(report->repair, repair, REASON_UNITS);
        request.pszRepair = repair;
    }
    struct inside inside;
    host_enter(&inside);
    config->pfnRequest(&request, config->pContext);
    inside_leave(&inside);
}

static void callback_timed(void *context, const char *provider, uint64_t number,
                           uint64_t nanoseconds)
{
    const WDSPXE_EXT_SERVER_CONFIG *config = context;
    wchar_t name[PROVIDER_NAME_SIZE];

    struct inside inside;

    utf8_to_wide(provider, name, PROVIDER_NAME_SIZE);
    host_enter(&inside);
    config->pfnTiming(name, number, nanoseconds, config->pContext);
    inside_leave(&inside);
}

struct observer_port host_observer(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    return (struct observer_port){
        .context = (void *)(uintptr_t)config,
        .request_ended = config->pfnRequest != NULL ? request_ended : NULL,
        .callback_timed = config->pfnTiming != NULL ? callback_timed : NULL,
    };
}

static void fault_fill(const struct finding *source, wchar_t *module, WDSPXE_EXT_FINDING *finding)
{
    const struct fault *fault = source->fault;

    finding->dwException = fault->code;
    finding->uAddress = fault->address;
    finding->pExceptionPointers = fault->pointers;
    finding->uConsequence = source->consequence;
    if (fault->module == NULL)
        return;
    utf8_to_wide(fault->module, module, MAX_PATH);
    finding->pszModule = module;
    finding->uOffset = fault->offset;
}

static void host_finding(void *context, const struct finding *finding)
{
    const WDSPXE_EXT_SERVER_CONFIG *config = context;
    wchar_t rule[CALL_UNITS], provider[PROVIDER_NAME_SIZE], call[CALL_UNITS], text[TEXT_UNITS];
    wchar_t module[MAX_PATH];
    WDSPXE_EXT_FINDING host_finding = {
        .uSizeOfStruct = sizeof(host_finding),
        .uRule = finding->rule,
        .pszRule = rule,
        .pszCall = call,
        .pszText = text,
        .uNumber = finding->number,
        .pPacket = finding->packet,
        .uPacketLen = (ULONG)finding->length,
    };

    utf8_to_wide(finding->rule_name, rule, CALL_UNITS);
    utf8_to_wide(finding->call, call, CALL_UNITS);
    utf8_to_wide(finding->text, text, TEXT_UNITS);
    if (finding->provider != NULL) {
        utf8_to_wide(finding->provider, provider, PROVIDER_NAME_SIZE);
        host_finding.pszProvider = provider;
    }
    if (finding->fault != NULL)
        fault_fill(finding, module, &host_finding);
    struct inside inside;
    host_enter(&inside);
    config->pfnFinding(&host_finding, config->pContext);
    inside_leave(&inside);
}

static void finding_log(void *context, const struct finding *finding)
{
    char line[TEXT_UNITS];

    (void)context;
    snprintf(line, sizeof(line), "rule %s broken: provider %s, %s, datagram %" PRIu64 ": %s",
             finding->rule_name, finding->provider != NULL ? finding->provider : "unknown",
             finding->call, finding->number, finding->text);
    trace_write_utf8(PXE_TRACE_WARNING, line);
}

struct verifier host_verifier(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    const ULONG slow = config->uSlowCallback != 0 ? config->uSlowCallback : DEFAULT_SLOW_CALLBACK;
    const ULONG pend = config->uPendTimeout != 0 ? config->uPendTimeout : DEFAULT_PEND_TIMEOUT;
    const bool is_verified = (config->uFlags & WDSPXE_EXT_VERIFY) != 0;
    const bool has_host = config->pfnFinding != NULL;

    return (struct verifier){
        .context = (void *)(uintptr_t)config,
        .finding = !is_verified ? NULL
                   : has_host   ? host_finding
                                : finding_log,
        .faulted = has_host ? host_finding : NULL, /* the log has each exception anyway */
        .slow_callback = slow * NANOSECONDS_PER_MS,
        .pend_timeout = pend * NANOSECONDS_PER_MS,
    };
}

static uint64_t clock_microseconds(void *context)
{
    const WDSPXE_EXT_SERVER_CONFIG *config = context;
    return config->pfnClock(config->pContext);
}

struct clock_port host_clock(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    return (struct clock_port){
        .context = (void *)(uintptr_t)config,
        .microseconds = clock_microseconds,
    };
}
