/* fault: runs into code that was never meant to run (EXCEPTION_ILLEGAL_INSTRUCTION). */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = PXE_BA_IGNORE;
    __asm__ volatile("ud2");
    return ERROR_SUCCESS;
}
