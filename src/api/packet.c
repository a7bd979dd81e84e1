/* PxePacketAllocate, PxePacketFree */
#include "wdspxe.h"

#include "engine/packet.h"
#include "win32/server/runtime.h"

PVOID PXEAPI PxePacketAllocate(HANDLE hProvider, HANDLE hClientRequest, ULONG uSize)
{
    struct engine *engine = runtime_engine();
    void *packet = NULL;
    DWORD status = engine == NULL ? ERROR_NOT_ENOUGH_MEMORY
                                  : packet_allocate(engine, (uintptr_t)hProvider,
                                                    (uintptr_t)hClientRequest, uSize, &packet);

    if (status == ERROR_SUCCESS)
        return packet;
    SetLastError(status);
    return NULL;
}

DWORD PXEAPI PxePacketFree(HANDLE hProvider, HANDLE hClientRequest, PVOID pPacket)
{
    struct engine *engine = runtime_engine();

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    return packet_free(engine, (uintptr_t)hProvider, (uintptr_t)hClientRequest, pPacket);
}
