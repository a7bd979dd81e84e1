/*
 * The frame of the bad providers: all that a provider needs but the receive callback, done right.
 * Each of them breaks one rule, in a way that somebody would.
 */
#ifndef TESTS_PROVIDERS_BAD_H
#define TESTS_PROVIDERS_BAD_H

#include "answer.h"

#ifndef BAD_FILTER
#define BAD_FILTER PXE_PROV_FILTER_PXE_ONLY
#endif

static HANDLE provider;

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context);

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    PxeTrace(provider, PXE_TRACE_VERBOSE, L"good-bye");
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    ULONG filter = BAD_FILTER;
    DWORD error = PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));

    (void)hProviderKey;
    provider = hProvider;
    if (error != ERROR_SUCCESS)
        return error;
    return answer_register(hProvider, receive, shutdown_provider, NULL);
}

/* An answer in a packet of ANSWER_SIZE bytes, NULL: the last error tells why not. */
static inline BYTE *answer_make(HANDLE request, PVOID packet, ULONG length,
                                const PXE_ADDRESS *local, ULONG *out_length)
{
    BYTE *reply = PxePacketAllocate(provider, request, ANSWER_SIZE);
    DWORD error;

    if (reply == NULL)
        return NULL;
    error = answer_fill(reply, packet, length, local, ANSWER_FILE, out_length);
    if (error == ERROR_SUCCESS)
        return reply;
    PxePacketFree(provider, request, reply);
    SetLastError(error);
    return NULL;
}

/* Sends to where the request came from, or broadcasts. */
static inline DWORD answer_send(HANDLE request, BYTE *reply, ULONG length)
{
    PXE_ADDRESS to = {.uFlags = PXE_ADDR_USE_DHCP_RULES};

    return PxeSendReply(request, reply, length, &to);
}

#endif
