/*
 * completed-twice: a worker completes the request, and so does the callback that waited for it.
 */
#include "bad.h"

static DWORD WINAPI work(PVOID argument)
{
    PxeAsyncRecvDone(argument, PXE_BA_IGNORE);
    return 0;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    HANDLE worker = CreateThread(NULL, 0, work, request, 0, NULL);

    (void)packet, (void)length, (void)local, (void)remote, (void)action, (void)context;
    if (worker == NULL)
        return GetLastError();
    WaitForSingleObject(worker, INFINITE);
    CloseHandle(worker);
    PxeAsyncRecvDone(request, PXE_BA_IGNORE);
    return ERROR_IO_PENDING;
}
