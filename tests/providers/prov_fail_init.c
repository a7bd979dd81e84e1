/*
 * Registers everything properly and then returns the error Code from its PxeProviderInitialize: it
 * must not be used, and its shutdown callback, which would trace, must not be called.
 */
#include "answer.h"

static HANDLE provider;

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request;
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    (void)context;
    PxeTrace(provider, PXE_TRACE_ERROR, L"a failed provider was asked");
    *action = PXE_BA_IGNORE;
    return ERROR_SUCCESS;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    PxeTrace(NULL, PXE_TRACE_ERROR, L"a failed provider was shut down");
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    provider = hProvider;
    DWORD error = answer_register(hProvider, receive, shutdown_provider, NULL);
    return error != ERROR_SUCCESS ? error : key_get(hProviderKey, L"Code", ERROR_FUNCTION_FAILED);
}
