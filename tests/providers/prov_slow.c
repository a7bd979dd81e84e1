/*
 * Takes requests whose hardware address ends in EE, sleeps over each one (Milliseconds, 2 seconds
 * if not set) on the server's own thread, and answers. All others it passes on at once. Most
 * becomes the number of threads that were in its callback at once.
 */
#include "answer.h"

static HANDLE provider;
static HKEY provider_key;
static DWORD milliseconds;
static volatile LONG running, most;

/* Sleeps, and counts who sleeps. */
static void take_time(void)
{
    LONG now = InterlockedIncrement(&running);

    for (LONG seen = most; now > seen; seen = most)
        InterlockedCompareExchange(&most, now, seen);
    Sleep(milliseconds);
    InterlockedDecrement(&running);
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    const PXE_DHCP_MESSAGE *message = packet;
    ULONG reply_length;

    (void)remote;
    (void)context;
    *action = PXE_BA_REJECTED;
    if (length < 240 || message->HardwareAddress[5] != 0xee)
        return ERROR_SUCCESS;
    take_time();
    PVOID reply = PxePacketAllocate(provider, request, ANSWER_SIZE);
    if (reply == NULL)
        return GetLastError();
    DWORD error = answer_fill(reply, packet, length, local, ANSWER_FILE_2, &reply_length);
    if (error == ERROR_SUCCESS)
        error = PxeSendReply(request, reply, reply_length, NULL);
    PxePacketFree(provider, request, reply);
    *action = PXE_BA_NBP;
    return error;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    key_put(provider_key, L"Most", (DWORD)most);
    PxeTrace(provider, PXE_TRACE_INFO, L"in shutdown");
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    provider = hProvider;
    provider_key = hProviderKey;
    milliseconds = key_get(hProviderKey, L"Milliseconds", 2000);
    return answer_register(hProvider, receive, shutdown_provider, NULL);
}
