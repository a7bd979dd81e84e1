/* option-after-end: adds an option to an answer that is complete. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    static BYTE lease[4] = {0, 0, 14, 16};
    PxeDhcpAppendOption(reply, ANSWER_SIZE, &reply_length, 51, sizeof(lease), lease);
    (void)answer_send(request, reply, reply_length);
    *action = PXE_BA_NBP;
    return PxePacketFree(provider, request, reply);
}
