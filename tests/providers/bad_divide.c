/* fault: divides by what a client sent (EXCEPTION_INT_DIVIDE_BY_ZERO). */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    const PXE_DHCP_MESSAGE *message = packet;
    volatile DWORD relays = message->HopCount; /* of a client that is near: 0 */

    (void)request, (void)length, (void)local, (void)remote, (void)context;
    *action = 100 / relays > 50 ? PXE_BA_IGNORE : PXE_BA_REJECTED;
    return ERROR_SUCCESS;
}
