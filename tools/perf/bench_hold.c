/*
 * A provider that never comes to an end with some clients, those whose hardware address starts with
 * HELD_CLIENT: their requests stay pended until the server stops. All others go to the next
 * provider. At the end the number held is in the value Held of its key.
 */
#include "wdspxe.h"

enum { HELD_CLIENT = 0x56 };

static HKEY provider_key;
static volatile LONG held;

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    const PXE_DHCP_MESSAGE *message = packet;

    (void)request, (void)local, (void)remote, (void)context;
    *action = PXE_BA_REJECTED;
    if (length < sizeof(*message) || message->HardwareAddress[0] != HELD_CLIENT)
        return ERROR_SUCCESS;
    InterlockedIncrement(&held);
    return ERROR_IO_PENDING;
}

static DWORD PXEAPI stop(PVOID context)
{
    DWORD count = (DWORD)held;

    (void)context;
    RegSetValueExW(provider_key, L"Held", 0, REG_DWORD, (const BYTE *)&count, sizeof(count));
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE provider, HKEY key)
{
    provider_key = key;
    PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, (PVOID)receive, NULL);
    return PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)stop, NULL);
}
