/*
 * Allocates three packets for every request, answers with the first and frees none of them. With
 * Overrun it also writes one byte behind the last one.
 */
#include "answer.h"

static HANDLE provider;
static BOOL overruns;

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    BYTE *replies[3];
    ULONG reply_length;

    (void)remote;
    (void)context;
    for (int i = 0; i < 3; i++) {
        replies[i] = PxePacketAllocate(provider, request, ANSWER_SIZE);
        if (replies[i] == NULL)
            return GetLastError();
    }
    DWORD error = answer_fill(replies[0], packet, length, local, ANSWER_FILE, &reply_length);
    if (error == ERROR_SUCCESS)
        error = PxeSendReply(request, replies[0], reply_length, NULL);
    if (overruns)
        replies[2][ANSWER_SIZE] ^= 0xff;
    *action = PXE_BA_NBP;
    return error;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    (void)context;
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    provider = hProvider;
    overruns = key_get(hProviderKey, L"Overrun", FALSE) != FALSE;
    return answer_register(hProvider, receive, shutdown_provider, NULL);
}
