/* address-flags: asks for a broadcast and for an address at once. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)context;
    if (reply == NULL)
        return GetLastError();
    PXE_ADDRESS to = *remote;
    to.uFlags = PXE_ADDR_BROADCAST | PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT;
    if (PxeSendReply(request, reply, reply_length, &to) == ERROR_SUCCESS)
        *action = PXE_BA_NBP;
    else
        *action = PXE_BA_IGNORE;
    return PxePacketFree(provider, request, reply);
}
