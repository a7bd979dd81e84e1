/* bad-action: decides with a number that is none of PXE_BA_*. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = 7;
    return ERROR_SUCCESS;
}
