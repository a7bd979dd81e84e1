/*
 * stale-provider: asked for twice, it keeps one handle for both, the second's. Providers shut down
 * in reverse, so the first one's good-bye goes by a handle that is gone.
 */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = PXE_BA_IGNORE;
    return ERROR_SUCCESS;
}
