/* Our own exports around the server, and the entry point of the original's service host. */
#include "wdspxe_ext.h"

#include <stddef.h>

#include "win32/runtime.h"
#include "win32/trace.h"

/* The original is hosted through this export, whose argument is a private interface. */
DWORD PXEAPI WdsProviderInitialize(PVOID pHost);

DWORD PXEAPI WdsProviderInitialize(PVOID pHost)
{
    (void)pHost;
    trace_write(PXE_TRACE_ERROR,
                L"WdsProviderInitialize: this wdspxe.dll cannot be hosted by the Windows Deployment "
                L"Services service; run 'wdspxectl serve' or call WdsPxeExtServerStart instead");
    return ERROR_NOT_SUPPORTED;
}

DWORD PXEAPI WdsPxeExtServerStart(const WDSPXE_EXT_SERVER_CONFIG *pConfig)
{
    return runtime_start(pConfig);
}

DWORD PXEAPI WdsPxeExtServerStop(VOID)
{
    return runtime_stop();
}

DWORD PXEAPI WdsPxeExtServerControl(DWORD dwControl)
{
    return runtime_control(dwControl);
}

DWORD PXEAPI WdsPxeExtServerReceive(const WDSPXE_EXT_DATAGRAM *pDatagram)
{
    return runtime_receive(pDatagram);
}

DWORD PXEAPI WdsPxeExtServerWaitIdle(ULONG uMilliseconds)
{
    return runtime_wait_idle(uMilliseconds);
}

DWORD PXEAPI WdsPxeExtServerGetCounters(WDSPXE_EXT_COUNTERS *pCounters)
{
    const ULONG first_size = offsetof(WDSPXE_EXT_COUNTERS, uUnseenRepeats); /* version 0.1 */
    struct engine *engine = runtime_engine();

    if (pCounters == NULL || (pCounters->uSizeOfStruct != first_size &&
                              pCounters->uSizeOfStruct != sizeof *pCounters))
        return ERROR_INVALID_PARAMETER;
    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    struct engine_counters *counters = &engine->counters;
    pCounters->uOpenRequests = atomic_load(&engine->pool.open);
    pCounters->uOpenPackets = atomic_load(&counters->open_packets);
    pCounters->uReserved = 0;
    pCounters->uReceived = atomic_load(&counters->received);
    pCounters->uAnswered = atomic_load(&counters->answered);
    pCounters->uIgnored = atomic_load(&counters->ignored);
    pCounters->uDropped = atomic_load(&counters->dropped);
    pCounters->uReplies = atomic_load(&counters->replies);
    pCounters->uSendErrors = atomic_load(&counters->send_errors);
    pCounters->uReclaimed = atomic_load(&counters->reclaimed);
    if (pCounters->uSizeOfStruct == first_size)
        return ERROR_SUCCESS;
    pCounters->uUnseenRepeats = atomic_load(&counters->unhandled.dropped_repeats);
    pCounters->uUnseenOthers = atomic_load(&counters->unhandled.dropped_others);
    return ERROR_SUCCESS;
}
