/* end-missing: leaves out the option that ends the others. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    /* END is the last byte of the answer. */
    (void)answer_send(request, reply, reply_length - 1);
    *action = PXE_BA_NBP;
    return PxePacketFree(provider, request, reply);
}
