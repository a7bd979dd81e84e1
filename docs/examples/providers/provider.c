/*
 * A provider in C: what a machine boots is a value in the provider's registry key, named by the architecture
 * that the client tells: BootFile0 for BIOS, BootFile7 for x64 UEFI (RFC 4578, section 2.1). A machine for
 * which there is no value is left to the next provider.
 */
#include "wdspxe.h"

#include <string.h>
#include <wchar.h>

#define REPLY_SIZE 400
#define DISCOVER 1
#define OFFER 2
#define REQUEST 3
#define ACK 5
#define INFORM 8

static HANDLE provider;
static HKEY settings;

/* The first value of option 93, which is a list of 16-bit numbers; a client without it is a BIOS. */
static unsigned architecture_of(PVOID packet, ULONG length)
{
    PVOID value;
    BYTE size;

    if (PxeDhcpGetOptionValue(packet, length, 1, 93, &size, &value) != ERROR_SUCCESS || size < 2)
        return 0;
    return ((BYTE *)value)[0] * 256u + ((BYTE *)value)[1];
}

/* FALSE: there is no value for this architecture, or it does not fit into the message. */
static BOOL boot_file_read(unsigned architecture, char file[PXE_DHCP_FILE_SIZE])
{
    WCHAR name[32], text[PXE_DHCP_FILE_SIZE];
    DWORD type, size = sizeof(text) - sizeof(*text);

    memset(text, 0, sizeof(text)); /* a value in the registry need not end in a zero */
    swprintf(name, 32, L"BootFile%u", architecture);
    if (RegQueryValueExW(settings, name, NULL, &type, (BYTE *)text, &size) != ERROR_SUCCESS || type != REG_SZ)
        return FALSE;
    return WideCharToMultiByte(CP_UTF8, 0, text, -1, file, PXE_DHCP_FILE_SIZE, NULL, NULL) > 1;
}

static DWORD reply_fill(PXE_DHCP_MESSAGE *reply, ULONG *used, PVOID packet, ULONG length, BYTE type,
                        PXE_ADDRESS *local, const char *file)
{
    static char pxe_client[] = "PXEClient";
    DWORD error = PxeDhcpInitialize(packet, length, reply, REPLY_SIZE, used);

    if (error != ERROR_SUCCESS)
        return error;
    reply->BootstrapServerAddress = local->uIpAddress;
    memcpy(reply->BootFileName, file, strlen(file));
    error = PxeDhcpAppendOption(reply, REPLY_SIZE, used, 53, 1, &type);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpAppendOption(reply, REPLY_SIZE, used, 54, 4, local->bAddress);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpAppendOption(reply, REPLY_SIZE, used, 60, sizeof(pxe_client) - 1, pxe_client);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpAppendOption(reply, REPLY_SIZE, used, 255, 0, NULL);
    return error;
}

/* The type of the reply; 0: not for a boot server. A REQUEST to port 67 is for the DHCP server. */
static BYTE reply_type(PVOID packet, ULONG length, const PXE_ADDRESS *local)
{
    PVOID type;

    if (PxeDhcpGetOptionValue(packet, length, 1, 53, NULL, &type) != ERROR_SUCCESS)
        return 0;
    if (*(BYTE *)type == DISCOVER)
        return OFFER;
    if (local->uPort == PXE_DHCP_SERVER_PORT)
        return 0;
    return *(BYTE *)type == REQUEST || *(BYTE *)type == INFORM ? ACK : 0;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local, PXE_ADDRESS *remote,
                            PXE_BOOT_ACTION *action, PVOID context)
{
    PXE_ADDRESS to = {.uFlags = PXE_ADDR_USE_DHCP_RULES};
    char file[PXE_DHCP_FILE_SIZE];
    const BYTE type = reply_type(packet, length, local);
    PVOID reply;
    ULONG used;
    DWORD error;

    (void)remote, (void)context;
    if (type == 0 || !boot_file_read(architecture_of(packet, length), file))
        return ERROR_SUCCESS; /* *action holds PXE_BA_REJECTED: the next provider is asked */
    reply = PxePacketAllocate(provider, request, REPLY_SIZE);
    if (reply == NULL)
        return GetLastError();
    error = reply_fill(reply, &used, packet, length, type, local, file);
    if (error == ERROR_SUCCESS)
        error = PxeSendReply(request, reply, used, &to);
    if (error == ERROR_SUCCESS)
        *action = PXE_BA_NBP;
    else
        PxeTrace(provider, PXE_TRACE_ERROR, L"no reply: error %u", error);
    PxePacketFree(provider, request, reply);
    return error;
}

static DWORD PXEAPI stop(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    ULONG filter = PXE_PROV_FILTER_PXE_ONLY;
    DWORD error = PxeProviderSetAttribute(hProvider, PXE_PROV_ATTR_FILTER, &filter, sizeof(filter));

    provider = hProvider;
    settings = hProviderKey; /* open until the shutdown callback has returned */
    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider, PXE_CALLBACK_RECV_REQUEST, (PVOID)receive, NULL);
    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)stop, NULL);
    return error;
}
