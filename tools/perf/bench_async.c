/*
 * An asynchronous provider: the receive callback copies what it needs and returns
 * ERROR_IO_PENDING; threads of the provider's own build the reply, send it and complete the
 * request.
 */
#include "wdspxe.h"

#include <string.h>

enum { THREADS = 2, JOBS = 8192, REPLY_SIZE = 548, REPLY_MINIMUM = 300 };

struct job {
    HANDLE request;
    PVOID packet; /* ours to use until the request is completed */
    ULONG length;
    PXE_ADDRESS local;
};

static HANDLE provider;
static HANDLE threads[THREADS];
static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE not_empty = CONDITION_VARIABLE_INIT;
static struct job jobs[JOBS];
static ULONG first, count;
static BOOL stopping;

static const BYTE *option(const struct job *job, BYTE code, BYTE *out_length)
{
    PVOID value;

    return PxeDhcpGetOptionValue(job->packet, job->length, 1, code, out_length, &value) ==
                   ERROR_SUCCESS
               ? value
               : NULL;
}

/* OFFER to a DISCOVER, else ACK with the boot file; the number of bytes, 0 if it went wrong. */
static ULONG reply_fill(const struct job *job, PXE_DHCP_MESSAGE *reply)
{
    static char pxe_client[] = "PXEClient";
    BYTE size, type = 5;
    ULONG used;
    const BYTE *asked = option(job, 53, &size), *machine;

    if (asked != NULL && *asked == 1)
        type = 2;
    if (PxeDhcpInitialize(job->packet, job->length, reply, REPLY_SIZE, &used) != ERROR_SUCCESS)
        return 0;
    reply->BootstrapServerAddress = job->local.uIpAddress;
    if (type == 5)
        strcpy((char *)reply->BootFileName, "boot.0");
    PxeDhcpAppendOption(reply, REPLY_SIZE, &used, 53, 1, &type);
    PxeDhcpAppendOption(reply, REPLY_SIZE, &used, 54, 4, (PVOID)(ULONG_PTR)job->local.bAddress);
    PxeDhcpAppendOption(reply, REPLY_SIZE, &used, 60, sizeof(pxe_client) - 1, pxe_client);
    machine = option(job, 97, &size);
    if (machine != NULL)
        PxeDhcpAppendOption(reply, REPLY_SIZE, &used, 97, size, (PVOID)(ULONG_PTR)machine);
    PxeDhcpAppendOption(reply, REPLY_SIZE, &used, 255, 0, NULL);
    return used > REPLY_MINIMUM ? used : REPLY_MINIMUM;
}

static void job_do(const struct job *job)
{
    PXE_ADDRESS to = {.uFlags = PXE_ADDR_USE_DHCP_RULES};
    PXE_DHCP_MESSAGE *reply = PxePacketAllocate(provider, job->request, REPLY_SIZE);
    ULONG length = reply != NULL ? reply_fill(job, reply) : 0;
    DWORD action = PXE_BA_IGNORE;

    if (length != 0 && PxeSendReply(job->request, reply, length, &to) == ERROR_SUCCESS)
        action = PXE_BA_NBP;
    if (reply != NULL)
        PxePacketFree(provider, job->request, reply);
    PxeAsyncRecvDone(job->request, action);
}

static BOOL job_take(struct job *out_job)
{
    BOOL has_job;

    AcquireSRWLockExclusive(&lock);
    while (count == 0 && !stopping)
        SleepConditionVariableSRW(&not_empty, &lock, INFINITE, 0);
    has_job = count > 0;
    if (has_job) {
        *out_job = jobs[first++ % JOBS];
        count--;
    }
    ReleaseSRWLockExclusive(&lock);
    return has_job;
}

static DWORD WINAPI work(PVOID argument)
{
    struct job job;

    (void)argument;
    while (job_take(&job))
        job_do(&job);
    return 0;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    struct job job = {request, packet, length, *local};
    BOOL is_full;

    (void)remote, (void)context;
    *action = PXE_BA_IGNORE;
    AcquireSRWLockExclusive(&lock);
    is_full = count == JOBS;
    if (!is_full)
        jobs[(first + count++) % JOBS] = job;
    ReleaseSRWLockExclusive(&lock);
    if (is_full)
        return ERROR_SUCCESS; /* the client asks again */
    WakeConditionVariable(&not_empty);
    return ERROR_IO_PENDING;
}

static DWORD PXEAPI stop(PVOID context)
{
    (void)context;
    AcquireSRWLockExclusive(&lock);
    stopping = TRUE;
    ReleaseSRWLockExclusive(&lock);
    WakeAllConditionVariable(&not_empty);
    WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
    for (int i = 0; i < THREADS; i++)
        CloseHandle(threads[i]);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY key)
{
    ULONG filter = PXE_PROV_FILTER_PXE_ONLY;

    (void)key;
    provider = hProvider;
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, work, NULL, 0, NULL);
    PxeProviderSetAttribute(provider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));
    PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, (PVOID)receive, NULL);
    return PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)stop, NULL);
}
