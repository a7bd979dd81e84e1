/* bad-argument: allocates a packet of no bytes. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = PXE_BA_IGNORE;
    if (PxePacketAllocate(provider, request, 0) == NULL)
        return ERROR_SUCCESS;
    return ERROR_GEN_FAILURE;
}
