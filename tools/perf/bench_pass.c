/* A provider that leaves every request to the next one. */
#include "wdspxe.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)context;
    *action = PXE_BA_REJECTED;
    return ERROR_SUCCESS;
}

static DWORD PXEAPI stop(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE provider, HKEY key)
{
    (void)key;
    PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, (PVOID)receive, NULL);
    return PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)stop, NULL);
}
