/*
 * Misuses every function that takes a handle or a packet: NULL, stale, foreign and invented ones,
 * twice, too late, from its own thread, from inside every callback. Each result goes into its key
 * under a name that says what was tried; the server must survive all of it.
 */
#include "answer.h"

#include "wdspxe_ext.h"

static HANDLE provider;
static HKEY results;
static HANDLE last_request;
static PVOID last_packet;
static HANDLE late_thread;
static volatile LONG calls;

#define TRY(name, call) key_put(results, L"" name, (call))

static HANDLE made_up(ULONG_PTR value)
{
    return (HANDLE)value;
}

/* ---- callbacks and attributes ---- */

static DWORD PXEAPI never_called(PVOID context)
{
    (void)context;
    TRY("NeverCalled", 1);
    return ERROR_SUCCESS;
}

static void try_register(HANDLE request)
{
    PVOID function = (PVOID)(ULONG_PTR)never_called;

    TRY("RegisterNull", PxeRegisterCallback(NULL, 1, function, NULL));
    TRY("RegisterMadeUp", PxeRegisterCallback(made_up(0xdeadbee1), 1, function, NULL));
    TRY("RegisterPointer", PxeRegisterCallback(&provider, 1, function, NULL));
    TRY("RegisterRequest", PxeRegisterCallback(request, 1, function, NULL));
    TRY("RegisterType", PxeRegisterCallback(provider, PXE_CALLBACK_MAX, function, NULL));
    TRY("RegisterTypeHuge", PxeRegisterCallback(provider, MAXDWORD, function, NULL));
    TRY("RegisterNoFunction", PxeRegisterCallback(provider, 1, NULL, NULL));
}

static void try_attribute(HANDLE request)
{
    ULONG value = 0, bad = 3;
    BOOL large = 17;

    TRY("AttributeNull", PxeProviderSetAttribute(NULL, 0, &value, 4));
    TRY("AttributeMadeUp", PxeProviderSetAttribute(made_up(0x5), 0, &value, 4));
    TRY("AttributeRequest", PxeProviderSetAttribute(request, 0, &value, 4));
    TRY("AttributeNoBuffer", PxeProviderSetAttribute(provider, 0, NULL, 4));
    TRY("AttributeLength0", PxeProviderSetAttribute(provider, 0, &value, 0));
    TRY("AttributeLength3", PxeProviderSetAttribute(provider, 0, &value, 3));
    TRY("AttributeLength8", PxeProviderSetAttribute(provider, 0, &value, 8));
    TRY("AttributeUnknown", PxeProviderSetAttribute(provider, 3, &value, 4));
    TRY("AttributeFilter3", PxeProviderSetAttribute(provider, 0, &bad, 4));
    TRY("AttributeFilter3V6", PxeProviderSetAttribute(provider, 1, &bad, 4));
    TRY("AttributeGood", PxeProviderSetAttribute(provider, 0, &value, 4));
    TRY("AttributeGoodV6", PxeProviderSetAttribute(provider, 1, &value, 4));
    TRY("AttributeBool", PxeProviderSetAttribute(provider, 2, &large, 4));
}

/* ---- packets ---- */

static DWORD allocate_error(HANDLE of_provider, HANDLE request, ULONG size)
{
    SetLastError(ERROR_SUCCESS);
    return PxePacketAllocate(of_provider, request, size) == NULL ? GetLastError() : ERROR_SUCCESS;
}

static void try_allocate(HANDLE request)
{
    TRY("AllocateZero", allocate_error(provider, request, 0));
    TRY("Allocate65536", allocate_error(provider, request, 65536));
    TRY("AllocateHuge", allocate_error(provider, request, MAXDWORD));
    TRY("AllocateNullProvider", allocate_error(NULL, request, 300));
    TRY("AllocateNullRequest", allocate_error(provider, NULL, 300));
    TRY("AllocateSwapped", allocate_error(request, provider, 300));
    TRY("AllocateMadeUp", allocate_error(provider, made_up(0xdeadbee2), 300));
    if (last_request != NULL)
        TRY("AllocateStale", allocate_error(provider, last_request, 300));
}

static DWORD is_zero_filled(const BYTE *bytes, ULONG size)
{
    for (ULONG i = 0; i < size; i++)
        if (bytes[i] != 0)
            return FALSE;
    return TRUE;
}

static void try_free(HANDLE request, PVOID packet)
{
    BYTE on_the_stack[300] = {0};

    TRY("FreeNullPacket", PxePacketFree(provider, request, NULL));
    TRY("FreeForeign", PxePacketFree(provider, request, on_the_stack));
    TRY("FreeInside", PxePacketFree(provider, request, (BYTE *)packet + 1));
    TRY("FreeNullProvider", PxePacketFree(NULL, request, packet));
    TRY("FreeNullRequest", PxePacketFree(provider, NULL, packet));
    TRY("FreeSwapped", PxePacketFree(request, provider, packet));
    if (last_request != NULL) {
        TRY("FreeStaleRequest", PxePacketFree(provider, last_request, packet));
        TRY("FreeStalePacket", PxePacketFree(provider, request, last_packet));
    }
}

static void try_send(HANDLE request, PVOID packet)
{
    BYTE on_the_stack[300] = {0};
    PXE_ADDRESS unknown = {.uFlags = 0x10}, both = {.uFlags = 5, .uAddrLen = 4};
    PXE_ADDRESS short_address = {.uFlags = 4, .uAddrLen = 3};
    PXE_ADDRESS v6 = {.uFlags = 4, .uAddrLen = 16}, huge = {.uFlags = 4, .uAddrLen = MAXDWORD};

    TRY("SendNullRequest", PxeSendReply(NULL, packet, 300, NULL));
    TRY("SendProvider", PxeSendReply(provider, packet, 300, NULL));
    TRY("SendMadeUp", PxeSendReply(made_up(0xdeadbee2), packet, 300, NULL));
    TRY("SendNullPacket", PxeSendReply(request, NULL, 300, NULL));
    TRY("SendForeign", PxeSendReply(request, on_the_stack, 300, NULL));
    TRY("SendInside", PxeSendReply(request, (BYTE *)packet + 1, 1, NULL));
    TRY("SendNothing", PxeSendReply(request, packet, 0, NULL));
    TRY("SendTooLong", PxeSendReply(request, packet, 301, NULL));
    TRY("SendMaxLength", PxeSendReply(request, packet, MAXDWORD, NULL));
    TRY("SendUnknownFlag", PxeSendReply(request, packet, 300, &unknown));
    TRY("SendBroadcastAddr", PxeSendReply(request, packet, 300, &both));
    TRY("SendAddr3", PxeSendReply(request, packet, 300, &short_address));
    TRY("SendAddr16", PxeSendReply(request, packet, 300, &v6));
    TRY("SendAddrHuge", PxeSendReply(request, packet, 300, &huge));
    if (last_request != NULL)
        TRY("SendStaleRequest", PxeSendReply(last_request, packet, 300, NULL));
}

/* ---- the server, from inside ---- */

static void try_server(void)
{
    WDSPXE_EXT_SERVER_CONFIG config = {.uSizeOfStruct = sizeof(config)};
    WDSPXE_EXT_COUNTERS counters = {.uSizeOfStruct = sizeof(counters)};

    TRY("StartInside", WdsPxeExtServerStart(&config));
    TRY("StopInside", WdsPxeExtServerStop());
    TRY("ControlInside", WdsPxeExtServerControl(128));
    TRY("WaitInside", WdsPxeExtServerWaitIdle(20000));
    TRY("CountersInside", WdsPxeExtServerGetCounters(&counters));
}

/* ---- the second request is completed from another thread ---- */

static DWORD WINAPI complete_late(PVOID request)
{
    PVOID packet = PxePacketAllocate(provider, request, 300);

    TRY("LateAllocate", packet != NULL);
    TRY("DoneUnknownAction", PxeAsyncRecvDone(request, 0));
    TRY("DoneAction5", PxeAsyncRecvDone(request, 5));
    TRY("DoneNull", PxeAsyncRecvDone(NULL, PXE_BA_IGNORE));
    TRY("DoneProvider", PxeAsyncRecvDone(provider, PXE_BA_IGNORE));
    TRY("DoneMadeUp", PxeAsyncRecvDone(made_up(0xdeadbee2), PXE_BA_IGNORE));
    TRY("DoneStale", PxeAsyncRecvDone(last_request, PXE_BA_IGNORE));
    TRY("LateSend", PxeSendReply(request, packet, 1, NULL));
    TRY("Done", PxeAsyncRecvDone(request, PXE_BA_CUSTOM));
    TRY("DoneTwice", PxeAsyncRecvDone(request, PXE_BA_CUSTOM));
    TRY("DoneTwiceOther", PxeAsyncRecvDone(request, PXE_BA_REJECTED));
    TRY("SendAfterDone", PxeSendReply(request, packet, 1, NULL));
    TRY("FreeAfterDone", PxePacketFree(provider, request, packet));
    TRY("AllocateAfterDone", allocate_error(provider, request, 300));
    TRY("RegisterFromThread",
        PxeRegisterCallback(provider, 1, (PVOID)(ULONG_PTR)never_called, NULL));
    TRY("Finished", 1);
    return 0;
}

static DWORD first_request(HANDLE request)
{
    PVOID packet = PxePacketAllocate(provider, request, 300);
    BYTE *largest = PxePacketAllocate(provider, request, 65535);

    if (packet == NULL || largest == NULL)
        return ERROR_GEN_FAILURE;
    TRY("ZeroFilled", is_zero_filled(packet, 300) && is_zero_filled(largest, 65535));
    largest[65534] = 1;
    TRY("FreeLargest", PxePacketFree(provider, request, largest));
    TRY("FreeLargestTwice", PxePacketFree(provider, request, largest));
    try_register(request);
    try_attribute(request);
    try_allocate(request);
    try_free(request, packet);
    try_send(request, packet);
    try_server();
    TRY("RegisterLate", PxeRegisterCallback(provider, 1, (PVOID)(ULONG_PTR)never_called, NULL));
    TRY("SendGood", PxeSendReply(request, packet, 300, NULL));
    TRY("FreeGood", PxePacketFree(provider, request, packet));
    TRY("FreeTwice", PxePacketFree(provider, request, packet));
    TRY("SendAfterFree", PxeSendReply(request, packet, 300, NULL));
    last_request = request;
    last_packet = packet;
    return ERROR_SUCCESS;
}

/* Completes by itself, and then returns something else than ERROR_IO_PENDING. */
static DWORD third_request(HANDLE request, PXE_BOOT_ACTION *action)
{
    TRY("SyncDone", PxeAsyncRecvDone(request, PXE_BA_IGNORE));
    TRY("SyncDoneTwice", PxeAsyncRecvDone(request, PXE_BA_NBP));
    TRY("SyncAllocateAfterDone", allocate_error(provider, request, 300));
    *action = PXE_BA_REJECTED;
    return ERROR_SUCCESS;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    (void)context;
    switch (InterlockedIncrement(&calls)) {
    case 1:
        *action = PXE_BA_CUSTOM;
        return first_request(request);
    case 2:
        try_free(request, request); /* now there is a stale one, too */
        try_send(request, request);
        try_allocate(request);
        late_thread = CreateThread(NULL, 0, complete_late, request, 0, NULL);
        return ERROR_IO_PENDING;
    case 3:
        return third_request(request, action);
    default:
        return ERROR_SUCCESS; /* the action is preset: passed on */
    }
}

static DWORD PXEAPI control(PVOID context, DWORD code)
{
    (void)context;
    (void)code;
    TRY("StopInControl", WdsPxeExtServerStop());
    TRY("ControlInControl", WdsPxeExtServerControl(129));
    return ERROR_SUCCESS;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    ULONG filter = 0;

    (void)context;
    if (late_thread != NULL) {
        WaitForSingleObject(late_thread, INFINITE);
        CloseHandle(late_thread);
    }
    TRY("StopInShutdown", WdsPxeExtServerStop());
    TRY("AttributeInShutdown", PxeProviderSetAttribute(provider, 0, &filter, sizeof(filter)));
    TRY("RegisterInShutdown",
        PxeRegisterCallback(provider, 1, (PVOID)(ULONG_PTR)never_called, NULL));
    key_put_bytes(results, L"Provider", &provider, sizeof(provider));
    key_put_bytes(results, L"Request", &last_request, sizeof(last_request));
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    WDSPXE_EXT_SERVER_CONFIG config = {.uSizeOfStruct = sizeof(config)};

    provider = hProvider;
    results = hProviderKey;
    TRY("StartInInitialize", WdsPxeExtServerStart(&config));
    TRY("StopInInitialize", WdsPxeExtServerStop());
    TRY("AllocateInInitialize", allocate_error(provider, provider, 300));
    /* The second registration of a type counts. */
    DWORD error =
        PxeRegisterCallback(provider, PXE_CALLBACK_SHUTDOWN, (PVOID)(ULONG_PTR)never_called, NULL);
    if (error == ERROR_SUCCESS)
        error = answer_register(provider, receive, shutdown_provider, NULL);
    if (error == ERROR_SUCCESS)
        error = PxeRegisterCallback(provider, PXE_CALLBACK_SERVICE_CONTROL,
                                    (PVOID)(ULONG_PTR)control, NULL);
    return error;
}
