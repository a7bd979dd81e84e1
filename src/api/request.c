/* PxeSendReply, PxeAsyncRecvDone */
#include "wdspxe.h"

#include "engine/chain.h"
#include "engine/reply.h"
#include "win32/server/runtime.h"

DWORD PXEAPI PxeSendReply(HANDLE hClientRequest, PVOID pPacket, ULONG uPacketLen,
                          PXE_ADDRESS *pAddress)
{
    struct engine *engine = runtime_engine();

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    return reply_send(engine, (uintptr_t)hClientRequest, pPacket, uPacketLen,
                      (const struct pxe_address *)pAddress);
}

DWORD PXEAPI PxeAsyncRecvDone(HANDLE hClientRequest, PXE_BOOT_ACTION Action)
{
    struct engine *engine = runtime_engine();

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    return chain_complete(engine, (uintptr_t)hClientRequest, Action);
}
