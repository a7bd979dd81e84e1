/* Hangs: waits for an event that nobody sets, for ten minutes at most. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);

    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    WaitForSingleObject(event, 600000);
    CloseHandle(event);
    *action = PXE_BA_IGNORE;
    return ERROR_SUCCESS;
}
