/* slow-callback: asks something slow while the server waits. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    Sleep(1500); /* the verifier's limit is a second */
    *action = PXE_BA_IGNORE;
    return ERROR_SUCCESS;
}
