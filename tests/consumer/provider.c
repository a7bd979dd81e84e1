/* Traces each DHCP packet and leaves it to the next provider. Needs no C runtime. */
#include <wdspxe.h>

static HANDLE provider;

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    BOOL pxe = FALSE;

    (void)request, (void)local, (void)remote, (void)context;
    *action = PXE_BA_REJECTED;
    if (PxeDhcpIsValid(packet, length, TRUE, &pxe) == ERROR_SUCCESS)
        PxeTrace(provider, PXE_TRACE_INFO, L"%u bytes, PXE: %d", (unsigned)length, pxe);
    return ERROR_SUCCESS;
}

static DWORD PXEAPI stop(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    ULONG filter = PXE_PROV_FILTER_DHCP_ONLY;

    (void)hProviderKey;
    provider = hProvider;
    PxeProviderSetAttribute(provider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));
    PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, (PVOID)receive, NULL);
    return PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)stop, NULL);
}
