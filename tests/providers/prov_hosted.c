/* Lets the program that it is loaded by be the provider: what it exports as hosted_receive is the
 * receive callback. */
#include "wdspxe.h"

#include <string.h>

typedef DWORD(__cdecl *hosted_receive_fn)(HANDLE provider, HANDLE request, PVOID packet,
                                          ULONG length, PXE_BOOT_ACTION *action);

static HANDLE own_handle;
static hosted_receive_fn hosted_receive;

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)local;
    (void)remote;
    (void)context;
    return hosted_receive(own_handle, request, packet, length, action);
}

static DWORD PXEAPI shut_down(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    FARPROC found = GetProcAddress(GetModuleHandleW(NULL), "hosted_receive");

    (void)hProviderKey;
    if (found == NULL)
        return ERROR_PROC_NOT_FOUND;
    memcpy(&hosted_receive, &found, sizeof(found));
    own_handle = hProvider;
    DWORD error =
        PxeRegisterCallback(hProvider, PXE_CALLBACK_RECV_REQUEST, (PVOID)(UINT_PTR)receive, NULL);
    if (error == ERROR_SUCCESS)
        error =
            PxeRegisterCallback(hProvider, PXE_CALLBACK_SHUTDOWN, (PVOID)(UINT_PTR)shut_down, NULL);
    return error;
}
