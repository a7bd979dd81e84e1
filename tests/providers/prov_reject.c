/*
 * Passes every request on, counts them, and says so. Action and Return in its key replace what its
 * callback answers. With Scribble it first writes all over the packet and the two addresses, which
 * the next provider must not notice. At shutdown it leaves its number of calls in Calls.
 */
#include "answer.h"

struct reject {
    HANDLE provider;
    HKEY key;
    DWORD action;
    DWORD result;
    BOOL scribble;
    volatile LONG calls;
};

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    struct reject *reject = context;

    (void)request;
    InterlockedIncrement(&reject->calls);
    PxeTrace(reject->provider, PXE_TRACE_VERBOSE, L"passes %u bytes on", length);
    if (reject->scribble) {
        memset(packet, 0xa5, length);
        memset(local, 0xa5, sizeof(*local));
        memset(remote, 0xa5, sizeof(*remote));
    }
    *action = reject->action;
    return reject->result;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    struct reject *reject = context;

    PxeTrace(reject->provider, PXE_TRACE_INFO, L"in shutdown");
    key_put(reject->key, L"Calls", (DWORD)reject->calls);
    HeapFree(GetProcessHeap(), 0, reject);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    struct reject *reject = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*reject));

    if (reject == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    reject->provider = hProvider;
    reject->key = hProviderKey;
    reject->action = key_get(hProviderKey, L"Action", PXE_BA_REJECTED);
    reject->result = key_get(hProviderKey, L"Return", ERROR_SUCCESS);
    reject->scribble = key_get(hProviderKey, L"Scribble", FALSE) != FALSE;
    DWORD error = answer_filter(hProvider, hProviderKey);
    if (error == ERROR_SUCCESS)
        error = answer_register(hProvider, receive, shutdown_provider, reject);
    return error;
}
