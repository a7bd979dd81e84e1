/*
 * Takes requests whose hardware address ends in EE, sleeps over each one (Milliseconds, 2 seconds
 * if not set) on the server's own thread, and answers. All others it passes on at once. Most
 * becomes the number of threads that were in its callback at once. Inside is there as soon as one
 * was.
 *
 * With WaitForEvent it does not sleep but waits for the test's event SLOW_GO, and sets SLOW_BACK
 * before it returns.
 */
#include "answer.h"

#define SLOW_GO L"wdspxe-test-slow-go"
#define SLOW_BACK L"wdspxe-test-slow-back"

enum { SLOW_LIMIT = 120000 /* milliseconds: should the test fail */ };

static HANDLE provider;
static HKEY provider_key;
static DWORD milliseconds;
static volatile LONG running, most;
static HANDLE go, back; /* NULL: sleeps */

/* Sleeps, and counts who sleeps. */
static void take_time(void)
{
    LONG now = InterlockedIncrement(&running);

    for (LONG seen = most; now > seen; seen = most)
        InterlockedCompareExchange(&most, now, seen);
    key_put(provider_key, L"Inside", 1);
    if (go != NULL)
        (void)WaitForSingleObject(go, SLOW_LIMIT);
    else
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
    if (back != NULL)
        SetEvent(back);
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
    if (key_get(hProviderKey, L"WaitForEvent", 0) != 0) {
        go = OpenEventW(SYNCHRONIZE, FALSE, SLOW_GO);
        back = OpenEventW(EVENT_MODIFY_STATE, FALSE, SLOW_BACK);
        if (go == NULL || back == NULL)
            return GetLastError();
    }
    return answer_register(hProvider, receive, shutdown_provider, NULL);
}
