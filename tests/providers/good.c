/*
 * A provider that does everything right, over IPv4 and IPv6, with and without relays: answers at
 * once or, if the transaction id is odd, from a thread of its own after the callback has returned.
 */
#include "answer.h"

#include <stdlib.h>

#define REPLY6_SIZE 2048
#define URL "tftp://[fd77::1]/good.efi"

static HANDLE provider;

/* An answer on its way, and what the thread needs to send it. */
struct job {
    HANDLE request;
    BYTE *reply;
    ULONG length;
};

static DWORD job_finish(const struct job *job)
{
    PXE_ADDRESS to = {.uFlags = PXE_ADDR_USE_DHCP_RULES};
    DWORD error = PxeSendReply(job->request, job->reply, job->length, &to);
    DWORD freed = PxePacketFree(provider, job->request, job->reply);

    return error != ERROR_SUCCESS ? error : freed;
}

static DWORD WINAPI job_thread(PVOID argument)
{
    struct job *job = argument;
    DWORD error = job_finish(job);

    PxeAsyncRecvDone(job->request, error == ERROR_SUCCESS ? PXE_BA_NBP : PXE_BA_REJECTED);
    free(job);
    return 0;
}

/* ---- IPv4 ---- */

/* FALSE: not a packet of this provider. */
static BOOL wants_answer4(PVOID packet, ULONG length, const PXE_ADDRESS *local)
{
    PVOID type, server;
    BYTE server_length;

    if (PxeDhcpGetOptionValue(packet, length, 1, 53, NULL, &type) != ERROR_SUCCESS)
        return FALSE;
    if (*(BYTE *)type == 1)
        return TRUE;
    if (*(BYTE *)type != 3)
        return FALSE;
    if (PxeDhcpGetOptionValue(packet, length, 1, 54, &server_length, &server) != ERROR_SUCCESS)
        return local->uPort != PXE_DHCP_SERVER_PORT;
    return server_length == 4 && memcmp(server, local->bAddress, 4) == 0;
}

static DWORD answer4(PVOID packet, ULONG length, const PXE_ADDRESS *local, struct job *job)
{
    job->reply = PxePacketAllocate(provider, job->request, ANSWER_SIZE);
    if (job->reply == NULL)
        return GetLastError();
    return answer_fill(job->reply, packet, length, local, ANSWER_FILE, &job->length);
}

/* ---- IPv6 ---- */

/* The options of an answer: the client's identifier, ours, the class, the URL. */
static DWORD options6(PVOID message, ULONG length, BYTE *reply, ULONG *used)
{
    static BYTE vendor_class[] = "\0\0\1\x57\0\x09PXEClient"; /* enterprise 343 */
    BYTE duid[130];
    ULONG duid_length;
    PVOID client;
    WORD client_length;
    DWORD error = PxeDhcpv6GetOptionValue(message, length, 1, 1, &client_length, &client);

    if (error == ERROR_SUCCESS)
        error = PxeGetServerInfoEx(PXE_GSI_SERVER_DUID, duid, sizeof(duid), &duid_length);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpv6Initialize(message, length, reply, REPLY6_SIZE, used);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpv6AppendOption(reply, REPLY6_SIZE, used, 1, client_length, client);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpv6AppendOption(reply, REPLY6_SIZE, used, 2, (WORD)duid_length, duid);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpv6AppendOption(reply, REPLY6_SIZE, used, 16, sizeof(vendor_class) - 1,
                                      vendor_class);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpv6AppendOption(reply, REPLY6_SIZE, used, 59, sizeof(URL) - 1,
                                      (PVOID)(ULONG_PTR)URL);
    return error;
}

static DWORD answer6_relayed(PVOID packet, ULONG length, struct job *job)
{
    PXE_DHCPV6_NESTED_RELAY_MESSAGE relays[PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT];
    BYTE inner_reply[REPLY6_SIZE];
    PBYTE inner;
    ULONG count, inner_length, used;

    DWORD error = PxeDhcpv6ParseRelayForw(packet, length, relays, PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT,
                                          &count, &inner, &inner_length);
    if (error == ERROR_SUCCESS)
        error = options6(inner, inner_length, inner_reply, &used);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpv6CreateRelayRepl(relays, count, inner_reply, used, job->reply,
                                         2 * REPLY6_SIZE, &job->length);
    return error;
}

static DWORD answer6(PVOID packet, ULONG length, struct job *job)
{
    job->reply = PxePacketAllocate(provider, job->request, 2 * REPLY6_SIZE);
    if (job->reply == NULL)
        return GetLastError();
    if (*(BYTE *)packet == 12 /* RELAY-FORW */)
        return answer6_relayed(packet, length, job);
    return options6(packet, length, job->reply, &job->length);
}

/* ---- the frame ---- */

/* Hands the job to a thread. ERROR_IO_PENDING, or why it did not work. */
static DWORD job_defer(const struct job *job)
{
    struct job *copy = malloc(sizeof(*copy));

    if (copy == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    *copy = *job;
    if (QueueUserWorkItem(job_thread, copy, WT_EXECUTEDEFAULT))
        return ERROR_IO_PENDING;
    free(copy);
    return GetLastError();
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    struct job job = {.request = request};
    const BOOL is_ipv6 = local->uAddrLen == 16;
    const BYTE last_of_xid = ((const BYTE *)packet)[is_ipv6 ? 3 : 7];

    (void)remote, (void)context;
    if (!is_ipv6 && !wants_answer4(packet, length, local))
        return ERROR_SUCCESS;
    DWORD error = is_ipv6 ? answer6(packet, length, &job) : answer4(packet, length, local, &job);
    if (error == ERROR_SUCCESS && last_of_xid % 2 == 1) {
        error = job_defer(&job);
        if (error == ERROR_IO_PENDING)
            return error;
    }
    if (error == ERROR_SUCCESS) {
        error = job_finish(&job);
        *action = PXE_BA_NBP;
        return error;
    }
    if (job.reply != NULL)
        PxePacketFree(provider, request, job.reply);
    PxeTrace(provider, PXE_TRACE_WARNING, L"no answer: error %u", error);
    return ERROR_SUCCESS; /* *action holds PXE_BA_REJECTED */
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    ULONG filter = PXE_PROV_FILTER_PXE_ONLY;
    BOOL yes = TRUE;
    DWORD error = PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));

    (void)hProviderKey;
    provider = hProvider;
    if (error == ERROR_SUCCESS)
        error =
            PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_FILTER_IPV6, &filter, sizeof(filter));
    if (error == ERROR_SUCCESS)
        error = PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_IPV6_CAPABLE, &yes, sizeof(yes));
    if (error != ERROR_SUCCESS)
        return error;
    return answer_register(hProvider, receive, shutdown_provider, NULL);
}
