/* stale-provider: says good-bye in DllMain, which comes after the shutdown callback has returned.
 */
#include "bad.h"

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    (void)instance, (void)reserved;
    if (reason == DLL_PROCESS_DETACH && provider != NULL)
        PxeTrace(provider, PXE_TRACE_VERBOSE, L"unloaded");
    return TRUE;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = PXE_BA_IGNORE;
    return ERROR_SUCCESS;
}
