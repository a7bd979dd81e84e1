/* Our own exports around the server, and the entry point of the original's service host. */
#include "wdspxe_ext.h"

#include "win32/server/runtime.h"
#include "win32/log/trace.h"

/* The original is hosted through this export, whose argument is a private interface. */
DWORD PXEAPI WdsProviderInitialize(PVOID pHost);

DWORD PXEAPI WdsProviderInitialize(PVOID pHost)
{
    (void)pHost;
    trace_write(
        PXE_TRACE_ERROR,
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
