/* The provider of tests/e2e/hostile.sh that answers everything by broadcast, with what it got. */
#include <wdspxe.h>

static HANDLE provider;

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    PXE_ADDRESS everybody = {.uFlags = PXE_ADDR_BROADCAST};
    PVOID reply;

    (void)local, (void)remote, (void)context;
    *action = PXE_BA_REJECTED;
    reply = PxePacketAllocate(provider, request, length);
    if (reply == NULL)
        return ERROR_SUCCESS;
    for (ULONG i = 0; i < length; i++)
        ((BYTE *)reply)[i] = ((BYTE *)packet)[i];
    if (PxeSendReply(request, reply, length, &everybody) == ERROR_SUCCESS)
        *action = PXE_BA_CUSTOM;
    PxePacketFree(provider, request, reply);
    return ERROR_SUCCESS;
}

static DWORD PXEAPI stop(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    (void)hProviderKey;
    provider = hProvider;
    PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, (PVOID)receive, NULL);
    return PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)stop, NULL);
}
