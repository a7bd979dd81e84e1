/* fault: does not ask whether the option is there (EXCEPTION_ACCESS_VIOLATION). */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    PVOID value = NULL;

    (void)request, (void)local, (void)remote, (void)context;
    PxeDhcpGetOptionValue(packet, length, 1, 252, NULL, &value); /* which no client sends */
    *action = *(volatile BYTE *)value == 1 ? PXE_BA_IGNORE : PXE_BA_REJECTED;
    return ERROR_SUCCESS;
}
