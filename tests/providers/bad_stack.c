/* fault: recurses without an end (EXCEPTION_STACK_OVERFLOW). */
#include "bad.h"

static DWORD depth(const BYTE *packet, ULONG length)
{
    volatile BYTE copy[1024];

    copy[0] = packet[length / 2];
    return depth(packet, length) + copy[0];
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)local, (void)remote, (void)context;
    *action = depth(packet, length) > 0 ? PXE_BA_IGNORE : PXE_BA_REJECTED;
    return ERROR_SUCCESS;
}
