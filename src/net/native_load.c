#include "net/native_load.h"

#include <windows.h>

#include <assert.h>
#include <string.h>
#include <wchar.h>

#include "os/wine.h"

static_assert(sizeof(void *) != 8 || sizeof(struct net_endpoint) == 24,
              "as the native half has it");

#define NATIVE_FILE L"wdspxenet.dll.so"

/* wine/unixlib.h: calls a function of a native table, on this thread. */
typedef int32_t(WINAPI *native_dispatcher)(uint64_t table, unsigned number, void *arguments);
typedef const struct native_half *(WINAPI *native_get)(void);

static struct {
    uint64_t table;
    native_dispatcher dispatch;
} native;

int native_call(enum native_number number, void *arguments)
{
    return native.dispatch(native.table, number, arguments);
}

/* The full path of NATIVE_FILE in the folder of what this is compiled into. */
static bool file_path(wchar_t path[MAX_PATH])
{
    HMODULE self;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (const wchar_t *)(const void *)&native, &self))
        return false;
    DWORD length = GetModuleFileNameW(self, path, MAX_PATH);
    wchar_t *slash = length < MAX_PATH ? wcsrchr(path, L'\\') : NULL;
    if (slash == NULL || (size_t)(slash + 1 - path) + wcslen(NATIVE_FILE) >= MAX_PATH)
        return false;
    wcscpy(slash + 1, NATIVE_FILE);
    return true;
}

/* It stays loaded: threads may be inside it for as long as the process lives. */
static const struct native_half *half_load(const char **out_reason)
{
    wchar_t path[MAX_PATH];

    *out_reason = "no wdspxenet.dll.so beside wdspxe.dll";
    if (!file_path(path) || GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES)
        return NULL;
    *out_reason = "wdspxenet.dll.so does not load";
    HMODULE module = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    FARPROC get = module != NULL ? GetProcAddress(module, "wdspxenet_get") : NULL;
    if (get == NULL)
        return NULL;
    const struct native_half *half = ((native_get)(void *)get)();
    *out_reason = "wdspxenet.dll.so is of another version";
    const bool is_ours = half->version == NATIVE_VERSION &&
                         half->buffer_size == sizeof(struct net_buffer) &&
                         half->outgoing_size == sizeof(struct net_outgoing);
    return is_ours ? half : NULL;
}

bool native_load(struct native_refusal *out_refusal)
{
    *out_refusal = (struct native_refusal){"not under Wine", false};
    if (!is_wine())
        return false;
    out_refusal->reason = "the native network is for 64-bit programs";
    if (sizeof(void *) != 8)
        return false;
    FARPROC dispatcher =
        GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "__wine_unix_call_dispatcher");
    *out_refusal = (struct native_refusal){"this Wine has no way into native code", true};
    if (dispatcher == NULL)
        return false;
    const struct native_half *half = half_load(&out_refusal->reason);
    if (half == NULL)
        return false;
    /* What ntdll exports is a variable that holds the function. */
    native.dispatch = *(native_dispatcher *)(void *)dispatcher;
    native.table = (uint64_t)(uintptr_t)half->functions;
    return true;
}
