/* The smallest useful provider: tells every PXE client to load pxelinux.0 from this machine. */
#include "wdspxe.h"

#include <string.h>

static HANDLE provider;

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    static char offer[] = {2}, ack[] = {5}, pxe_client[] = "PXEClient";
    PXE_ADDRESS to = {.uFlags = PXE_ADDR_USE_DHCP_RULES};
    PXE_DHCP_MESSAGE *reply;
    PVOID type;
    ULONG used;

    (void)remote, (void)context;
    if (PxeDhcpGetOptionValue(packet, length, 1, 53, NULL, &type) != ERROR_SUCCESS ||
        (*(BYTE *)type != 1 && local->uPort == PXE_DHCP_SERVER_PORT))
        return ERROR_SUCCESS; /* not for us: *action holds PXE_BA_REJECTED */
    reply = PxePacketAllocate(provider, request, 300);
    if (reply == NULL)
        return GetLastError();
    PxeDhcpInitialize(packet, length, reply, 300, &used);
    reply->BootstrapServerAddress = local->uIpAddress;
    strcpy((char *)reply->BootFileName, "pxelinux.0");
    PxeDhcpAppendOption(reply, 300, &used, 53, 1, *(BYTE *)type == 1 ? offer : ack);
    PxeDhcpAppendOption(reply, 300, &used, 60, 9, pxe_client);
    PxeDhcpAppendOption(reply, 300, &used, 54, 4, local->bAddress);
    PxeDhcpAppendOption(reply, 300, &used, 255, 0, NULL);
    if (PxeSendReply(request, reply, used, &to) == ERROR_SUCCESS)
        *action = PXE_BA_NBP;
    return PxePacketFree(provider, request, reply);
}

static DWORD PXEAPI stop(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

__declspec(dllexport) DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    ULONG filter = PXE_PROV_FILTER_PXE_ONLY;

    (void)hProviderKey;
    provider = hProvider;
    PxeProviderSetAttribute(provider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));
    PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, (PVOID)receive, NULL);
    return PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)stop, NULL);
}
