/* option-overrun: the length of an option that it wrote itself counts more than was sent. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    /* In place of END: option 67 with a length byte that counts what is still to come. */
    reply[reply_length - 1] = 67;
    reply[reply_length++] = 64;
    memcpy(reply + reply_length, "boot", 4);
    reply_length += 4;
    (void)answer_send(request, reply, reply_length);
    *action = PXE_BA_NBP;
    return PxePacketFree(provider, request, reply);
}
