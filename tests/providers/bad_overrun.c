/* packet-overrun: counts the replies in a byte of its own, one behind the packet's end. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    reply[ANSWER_SIZE] = 1;
    (void)answer_send(request, reply, reply_length);
    *action = PXE_BA_NBP;
    return PxePacketFree(provider, request, reply);
}
