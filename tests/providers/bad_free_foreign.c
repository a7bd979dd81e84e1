/* packet-foreign: sends and frees a packet of its own making, not from PxePacketAllocate. */
#include "bad.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    static BYTE reply[ANSWER_SIZE];
    ULONG reply_length;
    DWORD error = answer_fill(reply, packet, length, local, ANSWER_FILE, &reply_length);

    (void)remote, (void)context;
    if (error != ERROR_SUCCESS)
        return error;
    if (answer_send(request, reply, reply_length) == ERROR_SUCCESS)
        *action = PXE_BA_NBP;
    else
        *action = PXE_BA_IGNORE;
    PxePacketFree(provider, request, reply);
    return ERROR_SUCCESS;
}
