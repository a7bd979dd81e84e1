/* packet-freed-twice: cleans up where it is done, and again at the end. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    if (answer_send(request, reply, reply_length) == ERROR_SUCCESS) {
        *action = PXE_BA_NBP;
        PxePacketFree(provider, request, reply);
    }
    PxePacketFree(provider, request, reply);
    return ERROR_SUCCESS;
}
