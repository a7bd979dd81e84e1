/* not-sent: says that it has answered although it had no answer. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = PXE_BA_NBP;
    return ERROR_SUCCESS;
}
