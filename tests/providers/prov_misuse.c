/*
 * Does one thing wrong, which Misuse names, with a packet of Size bytes or with a handle. What it
 * writes goes to byte Offset of the packet (a LONG in a DWORD). Its requests are passed on.
 */
#include "answer.h"

#include <stdlib.h>

static HANDLE provider;
static WCHAR misuse[32];
static DWORD size;
static LONG offset;

static BOOL is(const WCHAR *name)
{
    return wcscmp(misuse, name) == 0;
}

static void misuse_packet(HANDLE request)
{
    volatile BYTE *packet = PxePacketAllocate(provider, request, size);

    if (is(L"write"))
        packet[offset] = 1;
    PxePacketFree(provider, request, (PVOID)(ULONG_PTR)packet);
    if (is(L"write freed"))
        packet[offset] = 1;
    if (is(L"read freed"))
        misuse[31] = packet[offset];
    if (is(L"append to freed")) {
        ULONG used = 240;
        PxeDhcpAppendOption((PVOID)(ULONG_PTR)packet, size, &used, 255, 0, NULL);
    }
}

static void misuse_arguments(void)
{
    BYTE packet[300] = {0};
    ULONG used = 301;

    PxeDhcpAppendOption(packet, sizeof(packet), &used, 255, 0, NULL); /* used is beyond the end */
    PxeDhcpv6IsValid(NULL, 0, TRUE, NULL);
    PxeTrace(provider, PXE_TRACE_INFO, NULL);
    PxeGetServerInfo(99, packet, sizeof(packet));
    PxeDhcpGetOptionValue(packet, sizeof(packet), 1, 53, NULL, NULL); /* no DHCP: not its fault */
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    (void)action;
    (void)context;
    if (is(L"arguments"))
        misuse_arguments();
    else if (is(L"sleep"))
        Sleep((DWORD)offset);
    else if (is(L"pend"))
        return ERROR_IO_PENDING;
    else
        misuse_packet(request);
    return ERROR_SUCCESS;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

/* As the destructor of a global object may do. */
BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved);
BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved)
{
    (void)instance;
    (void)reserved;
    if (reason == DLL_PROCESS_DETACH && is(L"late trace"))
        PxeTrace(provider, PXE_TRACE_INFO, L"goodbye");
    return TRUE;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    DWORD bytes = sizeof(misuse) - 2 * sizeof(*misuse);

    provider = hProvider;
    size = key_get(hProviderKey, L"Size", 300);
    offset = (LONG)key_get(hProviderKey, L"Offset", 0);
    RegQueryValueExW(hProviderKey, L"Misuse", NULL, NULL, (BYTE *)misuse, &bytes);
    return answer_register(hProvider, receive, shutdown_provider, NULL);
}
