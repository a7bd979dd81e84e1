/* process-ended: fails on a thread of its own, where nobody can catch it, with a request pended. */
#include "bad.h"

static DWORD WINAPI work(LPVOID nowhere)
{
    *(volatile int *)nowhere = 1;
    return 0;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)action;
    HANDLE thread = CreateThread(NULL, 0, work, context, 0, NULL);
    if (thread != NULL)
        CloseHandle(thread);
    return ERROR_IO_PENDING;
}
