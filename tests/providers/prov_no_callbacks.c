/*
 * Succeeds without having registered what is mandatory: nothing at all, or, by the value Register,
 * only the receive callback (1) or only the shutdown callback (2). The latter is called then.
 */
#include "answer.h"

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request;
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    (void)context;
    PxeTrace(NULL, PXE_TRACE_ERROR, L"a provider without shutdown was asked");
    *action = PXE_BA_IGNORE;
    return ERROR_SUCCESS;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    PxeTrace(NULL, PXE_TRACE_INFO, L"shutdown of half a provider");
    key_put(context, L"Shutdown", 1);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    switch (key_get(hProviderKey, L"Register", 0)) {
    case 1:
        return PxeRegisterCallback(hProvider, PXE_CALLBACK_RECV_REQUEST, (PVOID)(ULONG_PTR)receive,
                                   NULL);
    case 2:
        return PxeRegisterCallback(hProvider, PXE_CALLBACK_SHUTDOWN,
                                   (PVOID)(ULONG_PTR)shutdown_provider, hProviderKey);
    default:
        return ERROR_SUCCESS;
    }
}
