/*
 * Leaves a callback by an exception: Fault says by which (fault.h), In in which one (a
 * PXE_CALLBACK_* number, MAXDWORD for PxeProviderInitialize). Every request that does not crash is
 * answered. With Once only the first one does.
 */
#include "answer.h"

#include <stdlib.h>

#include "fault.h"

static HANDLE provider;
static HKEY provider_key;
static DWORD fault, in, once;
static volatile LONG calls;

/* Not optimised away, and not into a loop. */
static __attribute__((noinline)) int overflow(volatile const char *above, volatile int *depth)
{
    volatile char here[512];

    memset((void *)(ULONG_PTR)here, above[0], sizeof(here));
    return ++*depth > 0 ? overflow(here, depth) + here[1] : here[2];
}

static LONG CALLBACK go_on(EXCEPTION_POINTERS *pointers)
{
    return pointers->ExceptionRecord->ExceptionCode == 0xe0000001 ? EXCEPTION_CONTINUE_EXECUTION
                                                                  : EXCEPTION_CONTINUE_SEARCH;
}

static void handled(void)
{
    PVOID handler = AddVectoredExceptionHandler(1, go_on);

    RaiseException(0xe0000001, 0, 0, NULL);
    RemoveVectoredExceptionHandler(handler);
}

static void crash(HANDLE request)
{
    volatile ULONG_PTR small = 16;
    volatile int zero = 0;
    void (*nowhere)(void) = (void (*)(void))small;
    PVOID packet;

    switch (fault) {
    case FAULT_READ:
        zero = *(volatile int *)small;
        break;
    case FAULT_WRITE:
        *(volatile int *)small = 1;
        break;
    case FAULT_JUMP:
        nowhere();
        break;
    case FAULT_ILLEGAL:
        __asm__ volatile("ud2");
        break;
    case FAULT_DIVIDE:
        zero = (int)small / zero;
        break;
    case FAULT_CPP:
        RaiseException(0xe06d7363, EXCEPTION_NONCONTINUABLE, 0, NULL);
        break;
    case FAULT_STACK:
        zero = overflow((const char *)&provider, &zero);
        break;
    case FAULT_HANDLED:
        handled();
        break;
    case FAULT_WILD_POINTER:
        packet = PxePacketAllocate(provider, request, 10);
        PxeSendReply(request, packet, 10, (PXE_ADDRESS *)small);
        break;
    default:
        break;
    }
}

static void crash_in(DWORD callback, HANDLE request)
{
    if (in == callback && (InterlockedIncrement(&calls) == 1 || !once))
        crash(request);
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;

    (void)remote;
    (void)context;
    PVOID reply = PxePacketAllocate(provider, request, ANSWER_SIZE);
    crash_in(PXE_CALLBACK_RECV_REQUEST, request);
    DWORD error = answer_fill(reply, packet, length, local, ANSWER_FILE, &reply_length);
    if (error == ERROR_SUCCESS)
        error = PxeSendReply(request, reply, reply_length, NULL);
    PxePacketFree(provider, request, reply);
    *action = PXE_BA_NBP;
    return error;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    key_put(provider_key, L"Shutdown", 1);
    crash_in(PXE_CALLBACK_SHUTDOWN, NULL);
    return ERROR_SUCCESS;
}

static DWORD PXEAPI service_control(PVOID context, DWORD control)
{
    (void)context;
    (void)control;
    crash_in(PXE_CALLBACK_SERVICE_CONTROL, NULL);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    provider = hProvider;
    provider_key = hProviderKey;
    fault = key_get(hProviderKey, L"Fault", 0);
    in = key_get(hProviderKey, L"In", PXE_CALLBACK_RECV_REQUEST);
    once = key_get(hProviderKey, L"Once", FALSE);
    calls = 0;
    crash_in(MAXDWORD, NULL);
    PxeRegisterCallback(provider, PXE_CALLBACK_SERVICE_CONTROL, (PVOID)(ULONG_PTR)service_control,
                        NULL);
    return answer_register(hProvider, receive, shutdown_provider, NULL);
}
