/*
 * Does what careless but legal providers do; the text Mode in its key says what:
 *   full      fills its reply of 300 bytes to the last byte, and tries to go on.
 *   scribble  overwrites and frees its packet between sending it and returning.
 *   error     sets the number Action, answers if Reply is 1, and returns error 5.
 *   twice     registers each callback twice; the second one answers.
 *   trace     traces with what should not be traced; the results go into the key.
 */
#include "answer.h"

enum { FILL_OPTION = 224 };

static HANDLE g_provider;
static HKEY g_key;

static BOOL mode_is(const WCHAR *name)
{
    WCHAR mode[16] = L"";
    DWORD size = sizeof(mode) - sizeof(mode[0]);

    RegQueryValueExW(g_key, L"Mode", NULL, NULL, (BYTE *)mode, &size);
    return wcscmp(mode, name) == 0;
}

/* ---- replies ---- */

static DWORD fill(PVOID reply, PVOID packet, ULONG length, ULONG *reply_length)
{
    BYTE type = 2, filling[255];
    DWORD error = PxeDhcpInitialize(packet, length, reply, ANSWER_SIZE, reply_length);

    memset(filling, 0xee, sizeof(filling));
    if (error == ERROR_SUCCESS)
        error = PxeDhcpAppendOption(reply, ANSWER_SIZE, reply_length, 53, 1, &type);
    if (error == ERROR_SUCCESS) /* two bytes for code and length, one for End */
        error = PxeDhcpAppendOption(reply, ANSWER_SIZE, reply_length, FILL_OPTION,
                                    (BYTE)(ANSWER_SIZE - *reply_length - 3), filling);
    if (error == ERROR_SUCCESS)
        error = PxeDhcpAppendOption(reply, ANSWER_SIZE, reply_length, 255, 0, NULL);
    key_put(g_key, L"Length", *reply_length);
    key_put(g_key, L"OneMore", PxeDhcpAppendOption(reply, ANSWER_SIZE, reply_length, 0, 0, NULL));
    key_put(g_key, L"OneMoreRaw",
            PxeDhcpAppendOptionRaw(reply, ANSWER_SIZE, reply_length, 1, filling));
    key_put(g_key, L"LengthAfter", *reply_length);
    return error;
}

static DWORD answer(HANDLE request, PVOID packet, ULONG length, const PXE_ADDRESS *local)
{
    ULONG reply_length = 0;
    PVOID reply = PxePacketAllocate(g_provider, request, ANSWER_SIZE);

    if (reply == NULL)
        return GetLastError();
    DWORD error = mode_is(L"full")
                      ? fill(reply, packet, length, &reply_length)
                      : answer_fill(reply, packet, length, local, ANSWER_FILE_2, &reply_length);
    if (error == ERROR_SUCCESS)
        error = PxeSendReply(request, reply, reply_length, NULL);
    memset(reply, 0xdd, ANSWER_SIZE);
    key_put(g_key, L"Free", PxePacketFree(g_provider, request, reply));
    key_put(g_key, L"FreeAgain", PxePacketFree(g_provider, request, reply));
    return error;
}

/* ---- traces ---- */

/* A page with nothing behind it. */
static char *page_end(void)
{
    SYSTEM_INFO info;

    GetSystemInfo(&info);
    char *page = VirtualAlloc(NULL, 2 * info.dwPageSize, MEM_RESERVE, PAGE_NOACCESS);
    if (page == NULL || VirtualAlloc(page, info.dwPageSize, MEM_COMMIT, PAGE_READWRITE) == NULL)
        return NULL;
    return page + info.dwPageSize;
}

static void trace_all(void)
{
    char *end = page_end();
    int victim = 77;

    key_put(g_key, L"NullHandle", PxeTrace(NULL, PXE_TRACE_INFO, L"no handle: %s", L"fine"));
    memcpy(end - 7, "boot.0", 7);
    key_put(g_key, L"NarrowString",
            PxeTrace(g_provider, PXE_TRACE_INFO, L"narrow for wide: %s!", end - 7));
    key_put(g_key, L"Unterminated",
            PxeTrace(g_provider, PXE_TRACE_INFO, L"unterminated: %.3S and %S!", end - 4, end - 3));
    key_put(g_key, L"BadPointer",
            PxeTrace(g_provider, PXE_TRACE_INFO, L"bad pointers: %s %S!", end,
                     (char *)(ULONG_PTR)5));
    key_put(g_key, L"N", PxeTrace(g_provider, PXE_TRACE_INFO, L"before%n after", &victim));
    key_put(g_key, L"Victim", (DWORD)victim);
    memcpy(end - 6, L"ab%", 6);
    key_put(g_key, L"Format",
            PxeTrace(g_provider, PXE_TRACE_INFO, (const WCHAR *)(const void *)(end - 6)));
    key_put(g_key, L"BadFormat",
            PxeTrace(g_provider, PXE_TRACE_INFO, (const WCHAR *)(const void *)end));
}

/* ---- callbacks ---- */

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    DWORD error;

    (void)remote;
    (void)context;
    if (!mode_is(L"error")) {
        error = answer(request, packet, length, local);
        *action = error == ERROR_SUCCESS ? PXE_BA_NBP : PXE_BA_IGNORE;
        return error;
    }
    *action = key_get(g_key, L"Action", PXE_BA_NBP);
    if (key_get(g_key, L"Reply", 0) != 0)
        (void)answer(request, packet, length, local);
    return ERROR_ACCESS_DENIED;
}

static DWORD PXEAPI receive_first(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                                  PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    (void)request;
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    (void)context;
    key_put(g_key, L"FirstReceive", 1);
    *action = PXE_BA_IGNORE;
    return ERROR_SUCCESS;
}

static DWORD PXEAPI shut_down(PVOID context)
{
    key_put(g_key, context == NULL ? L"FirstShutdown" : L"SecondShutdown", 1);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    g_provider = hProvider;
    g_key = hProviderKey;
    DWORD error =
        answer_register(hProvider, mode_is(L"twice") ? receive_first : receive, shut_down, NULL);
    if (error == ERROR_SUCCESS && mode_is(L"twice"))
        error = answer_register(hProvider, receive, shut_down, &g_key);
    if (mode_is(L"trace"))
        trace_all();
    return error;
}
