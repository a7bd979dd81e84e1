/*
 * Starts its own threads in DllMain, before it knows its handle; they answer the requests that its
 * callback leaves pending. Shutdown ends them, as it must before the DLL is unloaded.
 */
#include "answer.h"

enum { THREADS = 3, JOBS_MAX = 64 };

struct job {
    HANDLE request;
    PVOID packet;
    ULONG length;
    const PXE_ADDRESS *local;
};

static HANDLE threads[THREADS];
static HANDLE ready; /* a semaphore: a job, or the end */
static CRITICAL_SECTION lock;
static struct job jobs[JOBS_MAX]; /* guarded by `lock` */
static size_t job_count;
static HANDLE g_provider;
static HKEY g_key;
static volatile LONG started, answered, attached;

static BOOL job_take(struct job *job)
{
    EnterCriticalSection(&lock);
    BOOL taken = job_count > 0;
    if (taken)
        *job = jobs[--job_count];
    LeaveCriticalSection(&lock);
    return taken;
}

static void job_do(const struct job *job)
{
    ULONG length;
    PXE_BOOT_ACTION action = PXE_BA_IGNORE;
    PVOID reply = PxePacketAllocate(g_provider, job->request, ANSWER_SIZE);

    if (reply != NULL &&
        answer_fill(reply, job->packet, job->length, job->local, "thread.0", &length) ==
            ERROR_SUCCESS &&
        PxeSendReply(job->request, reply, length, NULL) == ERROR_SUCCESS)
        action = PXE_BA_NBP;
    PxePacketFree(g_provider, job->request, reply);
    InterlockedIncrement(&answered);
    PxeAsyncRecvDone(job->request, action);
}

static DWORD WINAPI work(void *context)
{
    struct job job;

    (void)context;
    InterlockedIncrement(&started);
    PxeTrace(NULL, PXE_TRACE_INFO, L"a thread from DllMain");
    while (WaitForSingleObject(ready, INFINITE) == WAIT_OBJECT_0 && job_take(&job))
        job_do(&job);
    return 0;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    (void)instance;
    (void)reserved;
    if (reason == DLL_THREAD_ATTACH)
        InterlockedIncrement(&attached);
    if (reason != DLL_PROCESS_ATTACH)
        return TRUE;
    InitializeCriticalSection(&lock);
    ready = CreateSemaphoreW(NULL, 0, JOBS_MAX + THREADS, NULL);
    for (size_t i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, work, NULL, 0, NULL);
    return ready != NULL && threads[0] != NULL && threads[1] != NULL && threads[2] != NULL;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)remote;
    (void)context;
    EnterCriticalSection(&lock);
    BOOL taken = job_count < JOBS_MAX;
    if (taken)
        jobs[job_count++] = (struct job){request, packet, length, local};
    LeaveCriticalSection(&lock);
    if (!taken) {
        *action = PXE_BA_REJECTED;
        return ERROR_SUCCESS;
    }
    ReleaseSemaphore(ready, 1, NULL);
    return ERROR_IO_PENDING;
}

static DWORD PXEAPI shut_down(PVOID context)
{
    (void)context;
    ReleaseSemaphore(ready, THREADS, NULL);
    DWORD ended = WaitForMultipleObjects(THREADS, threads, TRUE, 10000);
    key_put(g_key, L"Ended", ended < WAIT_OBJECT_0 + THREADS);
    key_put(g_key, L"Started", (DWORD)started);
    key_put(g_key, L"Answered", (DWORD)answered);
    key_put(g_key, L"Attached", (DWORD)attached);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    g_provider = hProvider;
    g_key = hProviderKey;
    return answer_register(hProvider, receive, shut_down, NULL);
}
