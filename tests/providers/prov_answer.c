/*
 * Answers every request at once with the published sample's sequence of calls. Where the reply goes
 * is told by the text ReplyMode in its key (rules, null, none: no reply, flags: what ReplyFlags,
 * ReplyAddress and ReplyPort say); Action and Return are what its callback says, Replies how often
 * it sends. A second registration of the same DLL is another provider with a state of its own.
 */
#include "answer.h"

struct answer {
    HANDLE provider;
    HKEY key;
    WCHAR mode[16];
    PXE_ADDRESS to;
    const char *file;
    DWORD action;
    DWORD result;
    DWORD replies;
    volatile LONG calls;
    DWORD send_result;
};

static DWORD answer_send(struct answer *answer, HANDLE request, PVOID packet, ULONG length)
{
    DWORD error = ERROR_SUCCESS;

    for (DWORD i = 0; i < answer->replies && error == ERROR_SUCCESS; i++) {
        if (wcscmp(answer->mode, L"none") == 0)
            continue;
        PXE_ADDRESS to = answer->to; /* the sample clears it: only the flags count */
        error =
            PxeSendReply(request, packet, length, wcscmp(answer->mode, L"null") == 0 ? NULL : &to);
    }
    answer->send_result = error;
    return error;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    struct answer *answer = context;
    ULONG reply_length;
    LONG call = InterlockedIncrement(&answer->calls);

    if (call == 1) {
        key_put(answer->key, L"PresetAction", *action);
        key_put(answer->key, L"Thread", GetCurrentThreadId());
        key_put_bytes(answer->key, L"Local", local, sizeof(*local));
        key_put_bytes(answer->key, L"Remote", remote, sizeof(*remote));
        key_put_bytes(answer->key, L"Packet", packet, length);
    }
    PxeTrace(answer->provider, PXE_TRACE_VERBOSE, L"asked about %u bytes", length);
    PVOID reply = PxePacketAllocate(answer->provider, request, ANSWER_SIZE);
    if (reply == NULL)
        return GetLastError();
    DWORD error = answer_fill(reply, packet, length, local, answer->file, &reply_length);
    if (error == ERROR_SUCCESS)
        error = answer_send(answer, request, reply, reply_length);
    DWORD free_error = PxePacketFree(answer->provider, request, reply);
    *action = answer->action;
    if (error != ERROR_SUCCESS && answer->action == PXE_BA_NBP)
        *action = PXE_BA_IGNORE;
    return free_error != ERROR_SUCCESS ? free_error : answer->result;
}

static DWORD PXEAPI shutdown_provider(PVOID context)
{
    struct answer *answer = context;

    PxeTrace(answer->provider, PXE_TRACE_INFO, L"in shutdown");
    key_put(answer->key, L"Calls", (DWORD)answer->calls);
    key_put(answer->key, L"SendResult", answer->send_result);
    DWORD result = key_get(answer->key, L"ShutdownReturn", ERROR_SUCCESS);
    HeapFree(GetProcessHeap(), 0, answer);
    return result;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    struct answer *answer = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*answer));
    DWORD size = sizeof(answer->mode) - sizeof(WCHAR);

    if (answer == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    answer->provider = hProvider;
    answer->key = hProviderKey;
    if (RegQueryValueExW(hProviderKey, L"ReplyMode", NULL, NULL, (BYTE *)answer->mode, &size) !=
        ERROR_SUCCESS)
        wcscpy(answer->mode, L"rules");
    answer->to.uFlags = key_get(hProviderKey, L"ReplyFlags", PXE_ADDR_USE_DHCP_RULES);
    answer->to.uIpAddress = key_get(hProviderKey, L"ReplyAddress", 0);
    answer->to.uAddrLen = key_get(hProviderKey, L"ReplyAddressLength", 0);
    answer->to.uPort = (USHORT)key_get(hProviderKey, L"ReplyPort", 0);
    answer->action = key_get(hProviderKey, L"Action", PXE_BA_NBP);
    answer->result = key_get(hProviderKey, L"Return", ERROR_SUCCESS);
    answer->replies = key_get(hProviderKey, L"Replies", 1);
    answer->file = key_get(hProviderKey, L"Second", 0) ? ANSWER_FILE_2 : ANSWER_FILE;
    DWORD error = answer_filter(hProvider, hProviderKey);
    if (error == ERROR_SUCCESS)
        error = answer_register(hProvider, receive, shutdown_provider, answer);
    return error;
}
