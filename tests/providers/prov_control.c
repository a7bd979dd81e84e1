/*
 * Writes into its key what it is told: every service control code (Control1, Control2, ... and
 * Controls, their number) and its shutdown. Return is what its control callback answers.
 */
#include "answer.h"

#include <stdio.h>

struct control {
    HKEY key;
    DWORD count;
};

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request;
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    (void)context;
    *action = PXE_BA_REJECTED;
    return ERROR_SUCCESS;
}

static DWORD PXEAPI service_control(PVOID context, DWORD code)
{
    struct control *control = context;
    WCHAR name[32];

    control->count++;
    swprintf(name, 32, L"Control%u", (unsigned)control->count);
    key_put(control->key, name, code);
    key_put(control->key, L"Controls", control->count);
    return key_get(control->key, L"Return", ERROR_SUCCESS);
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    struct control *control = context;

    key_put(control->key, L"Shutdown", 1);
    HeapFree(GetProcessHeap(), 0, control);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    struct control *control = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*control));

    if (control == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    control->key = hProviderKey;
    DWORD error = answer_register(hProvider, receive, shutdown_provider, control);
    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(hProvider, PXE_CALLBACK_SERVICE_CONTROL,
                                    (PVOID)(ULONG_PTR)service_control, control);
    return error;
}
