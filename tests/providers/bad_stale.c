/*
 * stale-provider: its thread goes on using hProvider after the shutdown callback has returned, for
 * the callback tells the thread to end, but does not wait for it.
 */
#define BAD_SHUTDOWN
#include "bad.h"

static HANDLE stop_event;

/* Tells that it ends, again and again: some of it comes too late. Holds its own DLL meanwhile. */
static DWORD WINAPI work(PVOID module)
{
    WaitForSingleObject(stop_event, INFINITE);
    for (int i = 0; i < 1000; i++) {
        if (PxeTrace(provider, PXE_TRACE_VERBOSE, L"worker: ending") == ERROR_INVALID_HANDLE)
            break;
        Sleep(1);
    }
    FreeLibraryAndExitThread(module, 0);
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    SetEvent(stop_event);
    return ERROR_SUCCESS;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    static LONG has_worker;
    HMODULE module;

    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = PXE_BA_IGNORE;
    if (InterlockedExchange(&has_worker, 1) != 0)
        return ERROR_SUCCESS;
    stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, (LPCWSTR)(PVOID)&provider,
                            &module))
        return GetLastError();
    HANDLE worker = CreateThread(NULL, 0, work, module, 0, NULL);
    if (worker == NULL)
        return GetLastError();
    CloseHandle(worker);
    return ERROR_SUCCESS;
}
