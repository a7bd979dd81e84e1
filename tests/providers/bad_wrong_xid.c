/* wrong-transaction: answers every client with the first one's transaction. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    ((PXE_DHCP_MESSAGE *)reply)->TransactionID = 0x01020304;
    (void)answer_send(request, reply, reply_length);
    *action = PXE_BA_NBP;
    return PxePacketFree(provider, request, reply);
}
