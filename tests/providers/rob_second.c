/*
 * Needs a second DLL beside it, rob_helper.dll, and loads a third one from its own folder at run
 * time: rob_plugin.dll, the same under another name. Answers with the file name from there.
 */
#include "answer.h"

const char *rob_helper_file(void);

static HANDLE g_provider;
static HMODULE g_plugin;
static const char *(*g_file)(void);

/* The folder of this DLL with another name in it. */
static DWORD path_beside(const WCHAR *name, WCHAR *path, DWORD size)
{
    HMODULE self;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (const WCHAR *)(const void *)&g_provider, &self))
        return GetLastError();
    DWORD length = GetModuleFileNameW(self, path, size);
    WCHAR *slash = wcsrchr(path, L'\\');
    if (length == 0 || length >= size || slash == NULL ||
        (size_t)(slash + 1 - path) + wcslen(name) >= size)
        return ERROR_FILENAME_EXCED_RANGE;
    wcscpy(slash + 1, name);
    return ERROR_SUCCESS;
}

static DWORD PXEAPI receive(HANDLE request, PVOID packet, ULONG length, PXE_ADDRESS *local,
                            PXE_ADDRESS *remote, PXE_BOOT_ACTION *action, PVOID context)
{
    ULONG reply_length;

    (void)remote;
    (void)context;
    PVOID reply = PxePacketAllocate(g_provider, request, ANSWER_SIZE);
    DWORD error = answer_fill(reply, packet, length, local, g_file(), &reply_length);
    if (error == ERROR_SUCCESS)
        error = PxeSendReply(request, reply, reply_length, NULL);
    PxePacketFree(g_provider, request, reply);
    *action = PXE_BA_NBP;
    return error;
}

static DWORD PXEAPI shut_down(PVOID context)
{
    (void)context;
    FreeLibrary(g_plugin);
    return ERROR_SUCCESS;
}

DWORD PXEAPI PxeProviderInitialize(HANDLE hProvider, HKEY hProviderKey)
{
    WCHAR path[2 * MAX_PATH];
    DWORD error = path_beside(L"rob_plugin.dll", path, 2 * MAX_PATH);

    g_provider = hProvider;
    key_put(hProviderKey, L"Helper", strcmp(rob_helper_file(), "helper.0") == 0);
    if (error != ERROR_SUCCESS)
        return error;
    g_plugin = LoadLibraryW(path);
    if (g_plugin == NULL)
        return GetLastError();
    FARPROC function = GetProcAddress(g_plugin, "rob_helper_file");
    memcpy(&g_file, &function, sizeof(g_file));
    if (g_file == NULL)
        return ERROR_PROC_NOT_FOUND;
    return answer_register(hProvider, receive, shut_down, NULL);
}
