#include "win32/host_callbacks.h"

#include <string.h>

#include "engine/provider.h"

enum { REASON_UNITS = 256 };

void host_text(const char *utf8, wchar_t *wide, int units)
{
    if (MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, units) == 0)
        wide[0] = L'\0';
}

PXE_ADDRESS host_address(const struct net_endpoint *endpoint)
{
    PXE_ADDRESS address = {.uFlags = PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT,
                           .uAddrLen = endpoint->length,
                           .uPort = endpoint->port};
    memcpy(address.bAddress, endpoint->address, endpoint->length);
    return address;
}

static void request_ended(void *context, const struct request_report *report)
{
    const WDSPXE_EXT_SERVER_CONFIG *config = context;
    wchar_t provider[PROVIDER_NAME_SIZE], reason[REASON_UNITS];
    WDSPXE_EXT_REQUEST request = {
        .uSizeOfStruct = sizeof request,
        .pPacket = report->packet,
        .uPacketLen = (ULONG)report->length,
        .Action = report->action,
        .uReplies = report->replies,
        .uReplyLen = (ULONG)report->reply_length,
        .bReplyType = report->reply_type,
        .uMicroseconds = report->microseconds,
        .uNumber = report->number,
    };

    memcpy(&request.Local, report->local, sizeof request.Local);
    memcpy(&request.Remote, report->remote, sizeof request.Remote);
    memcpy(request.szBootFile, report->boot_file, sizeof request.szBootFile);
    if (report->replies > 0)
        request.ReplyAddress = host_address(&report->reply_to);
    if (report->provider != NULL) {
        host_text(report->provider, provider, PROVIDER_NAME_SIZE);
        request.pszProvider = provider;
    }
    if (report->drop_reason != NULL) {
        host_text(report->drop_reason, reason, REASON_UNITS);
        request.pszDropReason = reason;
    }
    config->pfnRequest(&request, config->pContext);
}

static void callback_timed(void *context, const char *provider, uint64_t number,
                           uint64_t nanoseconds)
{
    const WDSPXE_EXT_SERVER_CONFIG *config = context;
    wchar_t name[PROVIDER_NAME_SIZE];

    host_text(provider, name, PROVIDER_NAME_SIZE);
    config->pfnTiming(name, number, nanoseconds, config->pContext);
}

struct observer_port host_observer(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    return (struct observer_port){
        .context = (void *)(uintptr_t)config,
        .request_ended = config->pfnRequest != NULL ? request_ended : NULL,
        .callback_timed = config->pfnTiming != NULL ? callback_timed : NULL,
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
