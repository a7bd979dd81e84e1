/* packet-leaked: frees its packet only if sending it failed. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    DWORD error = answer_send(request, reply, reply_length);
    if (error != ERROR_SUCCESS) {
        PxePacketFree(provider, request, reply);
        return error;
    }
    *action = PXE_BA_NBP;
    return ERROR_SUCCESS;
}
