/*
 * Answers from threads of its own (their number is Threads). By the request's transaction id, a
 * third of the requests is completed before the receive callback has returned, a third some time
 * after it, and the rest whenever it happens. Action is what it completes with. With Hold nothing
 * is ever completed; at shutdown, the first request held is still answered, to see that this works.
 */
#include "answer.h"

#include <stdlib.h>

enum { THREADS_MAX = 16, QUEUE_SIZE = 4096, TIMING_KINDS = 3, BEFORE = 0, AFTER = 1 };

struct job {
    HANDLE request;
    PVOID reply;
    ULONG length;
    DWORD timing;
    HANDLE done; /* an event, for BEFORE */
};

static HANDLE provider;
static HKEY provider_key;
static DWORD completes_with;
static BOOL holds;
static HANDLE threads[THREADS_MAX];
static DWORD thread_count;
static CRITICAL_SECTION lock;
static HANDLE jobs_waiting;
static struct job *queue[QUEUE_SIZE];
static unsigned queue_head, queue_tail;
static volatile LONG failures, early, calls;
static volatile LONG worker_id;

static void job_do(struct job *job)
{
    if (job->timing == AFTER)
        Sleep(2);
    if (PxeSendReply(job->request, job->reply, job->length, NULL) != ERROR_SUCCESS)
        InterlockedIncrement(&failures);
    if (PxePacketFree(provider, job->request, job->reply) != ERROR_SUCCESS)
        InterlockedIncrement(&failures);
    if (PxeAsyncRecvDone(job->request, completes_with) != ERROR_SUCCESS)
        InterlockedIncrement(&failures);
    InterlockedExchange(&worker_id, (LONG)GetCurrentThreadId());
    if (job->done != NULL)
        SetEvent(job->done); /* the callback frees the job */
    else
        free(job);
}

static struct job *queue_take(void)
{
    struct job *job = NULL;

    EnterCriticalSection(&lock);
    if (queue_tail != queue_head)
        job = queue[queue_tail++ % QUEUE_SIZE];
    LeaveCriticalSection(&lock);
    return job;
}

/* Ends when it is woken and finds nothing. */
static DWORD WINAPI worker(PVOID argument)
{
    struct job *job;

    (void)argument;
    for (;;) {
        WaitForSingleObject(jobs_waiting, INFINITE);
        job = queue_take();
        if (job == NULL)
            return 0;
        job_do(job);
    }
}

static void queue_put(struct job *job)
{
    EnterCriticalSection(&lock);
    if (queue_head - queue_tail < QUEUE_SIZE)
        queue[queue_head++ % QUEUE_SIZE] = job;
    else
        InterlockedIncrement(&failures);
    LeaveCriticalSection(&lock);
    if (!holds)
        ReleaseSemaphore(jobs_waiting, 1, NULL);
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    struct job *job = calloc(1, sizeof(*job));
    DWORD id = 0;

    (void)remote;
    (void)context;
    *action = 99; /* must be ignored */
    if (job == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    InterlockedIncrement(&calls);
    memcpy(&id, (const BYTE *)packet + 4, sizeof(id));
    job->request = request;
    job->timing = id % TIMING_KINDS;
    job->reply = PxePacketAllocate(provider, request, ANSWER_SIZE);
    if (job->reply == NULL || answer_fill(job->reply, packet, length, local, ANSWER_FILE,
                                          &job->length) != ERROR_SUCCESS) {
        InterlockedIncrement(&failures);
        free(job);
        return ERROR_GEN_FAILURE;
    }
    if (job->timing != BEFORE || holds) {
        queue_put(job);
        return ERROR_IO_PENDING;
    }
    HANDLE done = CreateEventW(NULL, TRUE, FALSE, NULL);
    job->done = done;
    queue_put(job);
    WaitForSingleObject(done, INFINITE);
    CloseHandle(done);
    free(job);
    InterlockedIncrement(&early);
    return ERROR_IO_PENDING;
}

static void answer_held(void)
{
    struct job *job = queue_take();

    if (job == NULL)
        return;
    key_put(provider_key, L"SendInShutdown",
            PxeSendReply(job->request, job->reply, job->length, NULL));
    key_put(provider_key, L"DoneInShutdown", PxeAsyncRecvDone(job->request, PXE_BA_NBP));
    free(job);
    while ((job = queue_take()) != NULL)
        free(job); /* the server drops their requests and reclaims their packets */
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    if (thread_count > 0) {
        ReleaseSemaphore(jobs_waiting, (LONG)thread_count, NULL);
        WaitForMultipleObjects(thread_count, threads, TRUE, INFINITE);
    }
    for (DWORD i = 0; i < thread_count; i++)
        CloseHandle(threads[i]);
    key_put(provider_key, L"Calls", (DWORD)calls);
    key_put(provider_key, L"Failures", (DWORD)failures);
    key_put(provider_key, L"Early", (DWORD)early);
    key_put(provider_key, L"Worker", (DWORD)worker_id);
    answer_held();
    PxeTrace(provider, PXE_TRACE_INFO, L"in shutdown");
    CloseHandle(jobs_waiting);
    DeleteCriticalSection(&lock);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    provider = hProvider;
    provider_key = hProviderKey;
    completes_with = key_get(hProviderKey, L"Action", PXE_BA_NBP);
    holds = key_get(hProviderKey, L"Hold", FALSE) != FALSE;
    /* A worker that is woken at shutdown must find nothing to do. */
    thread_count = holds ? 0 : key_get(hProviderKey, L"Threads", 1);
    if (thread_count > THREADS_MAX)
        return ERROR_INVALID_DATA;
    InitializeCriticalSection(&lock);
    jobs_waiting = CreateSemaphoreW(NULL, 0, MAXLONG, NULL);
    for (DWORD i = 0; i < thread_count; i++)
        threads[i] = CreateThread(NULL, 0, worker, NULL, 0, NULL);
    return answer_register(hProvider, receive, shutdown_provider, NULL);
}
