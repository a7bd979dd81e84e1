/*
 * fault, with one packet in millions: believes the length of the hardware address that a packet
 * tells. It may say 255, and a provider that takes all packets gets such ones, too.
 */
#define BAD_FILTER PXE_PROV_FILTER_ALL
#include "bad.h"

struct client {
    BYTE mac[PXE_DHCP_HWAADR_SIZE];
    const char *group;
    BYTE notes[256];
};

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    const PXE_DHCP_MESSAGE *message = packet;
    struct client client = {.group = "default"};
    BYTE *to = client.mac;

    (void)request, (void)local, (void)remote, (void)context;
    if (length < 300)
        return ERROR_SUCCESS;
    memcpy(to, message->HardwareAddress, message->HardwareAddressLength);
    *action = *(const volatile char *)client.group == 'd' ? PXE_BA_IGNORE : PXE_BA_REJECTED;
    return ERROR_SUCCESS;
}
