/* reply-type: acknowledges whatever is asked, a DISCOVER too. */
#include "bad.h"

enum { TYPE_VALUE = 242 };

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;
    BYTE *reply = answer_make(request, packet, length, local, &reply_length);

    (void)remote, (void)context;
    if (reply == NULL)
        return GetLastError();
    reply[TYPE_VALUE] = 5; /* behind the cookie option 53 comes first */
    (void)answer_send(request, reply, reply_length);
    *action = PXE_BA_NBP;
    return PxePacketFree(provider, request, reply);
}
