/* pended-and-done: calls PxeAsyncRecvDone and returns success as if it had not. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)packet, (void)length, (void)local, (void)remote, (void)context;
    PxeAsyncRecvDone(request, PXE_BA_IGNORE);
    *action = PXE_BA_IGNORE;
    return ERROR_SUCCESS;
}
