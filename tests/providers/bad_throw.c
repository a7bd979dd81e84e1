/*
 * fault: lets an exception of its own leave the callback, as C++ code does that does not catch.
 */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = PXE_BA_IGNORE;
    RaiseException(0xe06d7363, 0, 0, NULL); /* the code of Microsoft's C++ exceptions */
    return ERROR_SUCCESS;
}
