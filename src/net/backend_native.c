/*
 * Windows' side of the network's native half (src/net/native), which is there under Wine only:
 * wdspxenet.dll.so, an ELF library that Wine loads like a DLL. It is looked for beside this DLL and
 * nowhere else.
 */
#include "net/native/half.h"

#include <windows.h>

#include <assert.h>
#include <string.h>
#include <wchar.h>

#define NATIVE_FILE L"wdspxenet.dll.so"

/* wine/unixlib.h: calls a function of a native table, on this thread. */
typedef int32_t(WINAPI *native_dispatcher)(uint64_t table, unsigned number, void *arguments);
typedef const struct native_half *(WINAPI *native_get)(void);

static struct {
    uint64_t table;
    native_dispatcher dispatch;
} native;

static int native_call(enum native_number number, void *arguments)
{
    return native.dispatch(native.table, number, arguments);
}

/* ---- backend.h ---- */

static int native_startup(void)
{
    return 0;
}

static void native_cleanup(void)
{
}

static int native_addresses_read(struct interface_address *out_addresses, size_t capacity,
                                 size_t *out_count)
{
    struct native_addresses_read call = {.addresses = out_addresses, .capacity = capacity};
    int error = native_call(NATIVE_ADDRESSES_READ, &call);

    if (error == 0)
        *out_count = call.count;
    return error;
}

static int native_route_find(const struct net_endpoint *from, const struct net_endpoint *to,
                             uint32_t *out_interface_index)
{
    struct native_route_find call = {.from = from, .to = to};
    int error = native_call(NATIVE_ROUTE_FIND, &call);

    if (error == 0)
        *out_interface_index = call.interface_index;
    return error;
}

static int native_socket_open(const struct net_socket_spec *spec, struct net_socket **out_socket)
{
    struct native_socket_open call = {.spec = spec};
    int error = native_call(NATIVE_SOCKET_OPEN, &call);

    if (error == 0)
        *out_socket = call.socket;
    return error;
}

static int native_socket_join(struct net_socket *socket, const uint8_t *group,
                              const struct net_interface *nic)
{
    struct native_socket_join call = {socket, group, nic};
    return native_call(NATIVE_SOCKET_JOIN, &call);
}

static int native_socket_receive(struct net_socket *socket, struct net_buffer *buffers,
                                 size_t capacity, uint32_t milliseconds, size_t *out_count)
{
    struct native_socket_receive call = {
        .socket = socket, .buffers = buffers, .capacity = capacity, .milliseconds = milliseconds};
    int error = native_call(NATIVE_SOCKET_RECEIVE, &call);

    *out_count = call.count;
    return error;
}

static void native_socket_wake(struct net_socket *socket)
{
    struct native_socket call = {socket};
    (void)native_call(NATIVE_SOCKET_WAKE, &call);
}

static int native_socket_send(struct net_socket *socket, const struct net_endpoint *from,
                              const struct net_endpoint *to, uint32_t interface_index,
                              const uint8_t *bytes, size_t length)
{
    struct native_socket_send call = {socket, from, to, bytes, length, interface_index};
    return native_call(NATIVE_SOCKET_SEND, &call);
}

static void native_socket_close(struct net_socket *socket)
{
    struct native_socket call = {socket};
    (void)native_call(NATIVE_SOCKET_CLOSE, &call);
}

static int native_watch_open(struct net_watch **out_watch)
{
    struct native_watch call = {NULL};
    int error = native_call(NATIVE_WATCH_OPEN, &call);

    if (error == 0)
        *out_watch = call.watch;
    return error;
}

static enum net_news native_watch_wait(struct net_watch *watch, uint32_t milliseconds)
{
    struct native_watch_wait call = {.watch = watch, .milliseconds = milliseconds};

    (void)native_call(NATIVE_WATCH_WAIT, &call);
    return (enum net_news)call.news;
}

static void native_watch_wake(struct net_watch *watch)
{
    struct native_watch call = {watch};
    (void)native_call(NATIVE_WATCH_WAKE, &call);
}

static void native_watch_close(struct net_watch *watch)
{
    struct native_watch call = {watch};
    (void)native_call(NATIVE_WATCH_CLOSE, &call);
}

static const struct net_backend backend_native = {
    .name = "native",
    .is_free_to_send = true,
    .startup = native_startup,
    .cleanup = native_cleanup,
    .addresses_read = native_addresses_read,
    .route_find = native_route_find,
    .socket_open = native_socket_open,
    .socket_join = native_socket_join,
    .socket_receive = native_socket_receive,
    .socket_wake = native_socket_wake,
    .socket_send = native_socket_send,
    .socket_close = native_socket_close,
    .watch_open = native_watch_open,
    .watch_wait = native_watch_wait,
    .watch_wake = native_watch_wake,
    .watch_close = native_watch_close,
};

/* ---- loading ---- */

/* The full path of NATIVE_FILE in this DLL's folder. */
static bool file_path(wchar_t path[MAX_PATH])
{
    HMODULE self;

    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (const wchar_t *)(const void *)&backend_native, &self))
        return false;
    DWORD length = GetModuleFileNameW(self, path, MAX_PATH);
    wchar_t *slash = length < MAX_PATH ? wcsrchr(path, L'\\') : NULL;
    if (slash == NULL || (size_t)(slash + 1 - path) + wcslen(NATIVE_FILE) >= MAX_PATH)
        return false;
    wcscpy(slash + 1, NATIVE_FILE);
    return true;
}

static FARPROC ntdll_function(const char *name)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), name);
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
    return half->version == NATIVE_VERSION && half->buffer_size == sizeof(struct net_buffer) ? half
                                                                                             : NULL;
}

const struct net_backend *backend_native_load(struct native_refusal *out_refusal)
{
    *out_refusal = (struct native_refusal){"not under Wine", false};
    if (ntdll_function("wine_get_version") == NULL)
        return NULL;
    out_refusal->reason = "the native network is for 64-bit programs";
    if (sizeof(void *) != 8)
        return NULL;
    FARPROC dispatcher = ntdll_function("__wine_unix_call_dispatcher");
    *out_refusal = (struct native_refusal){"this Wine has no way into native code", true};
    if (dispatcher == NULL)
        return NULL;
    const struct native_half *half = half_load(&out_refusal->reason);
    if (half == NULL)
        return NULL;
    /* What ntdll exports is a variable that holds the function. */
    native.dispatch = *(native_dispatcher *)(void *)dispatcher;
    native.table = (uint64_t)(uintptr_t)half->functions;
    return &backend_native;
}
