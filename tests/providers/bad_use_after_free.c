/* packet-used-after-free: notes in the packet that it was sent, after it was freed. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    (void)answer_send(request, reply, reply_length);
    *action = PXE_BA_NBP;
    DWORD error = PxePacketFree(provider, request, reply);
    ((PXE_DHCP_MESSAGE *)reply)->HopCount = 1;
    return error;
}
