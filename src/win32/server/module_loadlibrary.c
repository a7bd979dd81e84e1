#include "win32/server/module_loadlibrary.h"

#include <stdatomic.h>
#include <string.h>
#include <wchar.h>
#include <windows.h>

#include "base/mem.h"
#include "win32/registry/provider_key.h"

enum { PATH_MAX_UNITS = 32768 };

/* A struct module's `instance`. */
struct loaded_module {
    HMODULE dll;
    struct provider_key key;
    _Atomic bool is_gone; /* somebody has unloaded it */
    struct loaded_module *next;
};

/* ---- modules that somebody else unloads ---- */

/* Documented for LdrRegisterDllNotification; no header of MinGW-w64 has them. */
struct unload_notice {
    ULONG flags;
    const void *full_name;
    const void *base_name;
    void *base;
    ULONG size;
};

enum { REASON_UNLOADED = 2 };

typedef VOID(CALLBACK *notice_function)(ULONG reason, const struct unload_notice *notice,
                                        PVOID context);
typedef LONG(NTAPI *register_function)(ULONG flags, notice_function function, PVOID context,
                                       PVOID *cookie);

static SRWLOCK modules_lock = SRWLOCK_INIT; /* nothing of the loader is called inside it */
static struct loaded_module *modules;

/* Under the loader's lock. */
static VOID CALLBACK unloaded(ULONG reason, const struct unload_notice *notice, PVOID context)
{
    (void)context;
    if (reason != REASON_UNLOADED)
        return;
    AcquireSRWLockShared(&modules_lock);
    for (struct loaded_module *module = modules; module != NULL; module = module->next)
        if ((void *)module->dll == notice->base)
            atomic_store(&module->is_gone, true);
    ReleaseSRWLockShared(&modules_lock);
}

static BOOL CALLBACK notices_ask_for(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    FARPROC function = GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "LdrRegisterDllNotification");
    register_function ask;
    void *cookie;

    (void)once;
    (void)parameter;
    (void)context;
    memcpy(&ask, &function, sizeof(ask));
    if (ask != NULL)
        (void)ask(0, unloaded, NULL, &cookie);
    return TRUE;
}

static void module_watch(struct loaded_module *loaded)
{
    static INIT_ONCE asked = INIT_ONCE_STATIC_INIT;

    (void)InitOnceExecuteOnce(&asked, notices_ask_for, NULL, NULL);
    AcquireSRWLockExclusive(&modules_lock);
    loaded->next = modules;
    modules = loaded;
    ReleaseSRWLockExclusive(&modules_lock);
}

static void module_unwatch(const struct loaded_module *loaded)
{
    AcquireSRWLockExclusive(&modules_lock);
    for (struct loaded_module **link = &modules; *link != NULL; link = &(*link)->next)
        if (*link == loaded) {
            *link = loaded->next;
            break;
        }
    ReleaseSRWLockExclusive(&modules_lock);
}

/* ---- loading ---- */

/* A path with a folder is taken as it is, so that the provider's own DLLs are found beside it; a
 * bare name is looked for beside the server's program and in the system folder, never elsewhere. */
static pxe_status module_load(const wchar_t *path, HMODULE *out_module)
{
    wchar_t *normal = HeapAlloc(GetProcessHeap(), 0, PATH_MAX_UNITS * sizeof(*normal));
    DWORD flags = LOAD_WITH_ALTERED_SEARCH_PATH;
    UINT old_mode;

    if (normal == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    if (wcslen(path) >= PATH_MAX_UNITS) {
        HeapFree(GetProcessHeap(), 0, normal);
        return PXE_INVALID_PARAMETER;
    }
    wcscpy(normal, path);
    for (wchar_t *unit = normal; *unit != L'\0'; unit++)
        if (*unit == L'/')
            *unit = L'\\';
    if (wcschr(normal, L'\\') == NULL)
        flags = LOAD_LIBRARY_SEARCH_APPLICATION_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32;
    /* A missing DLL is an error code, not a window that waits for somebody. */
    old_mode = SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOOPENFILEERRORBOX);
    HMODULE module = LoadLibraryExW(normal, NULL, flags);
    DWORD error = GetLastError();
    SetErrorMode(old_mode);
    HeapFree(GetProcessHeap(), 0, normal);
    if (module == NULL)
        return error != 0 ? error : ERROR_MOD_NOT_FOUND;
    *out_module = module;
    return PXE_OK;
}

static pxe_status module_entry_point(HMODULE module, pxe_initialize_fn *out_function)
{
    FARPROC function = GetProcAddress(module, "PxeProviderInitialize");

#ifdef __i386__
    /* Without a .def file MSVC and gcc decorate the name, each in its own way. */
    if (function == NULL)
        function = GetProcAddress(module, "_PxeProviderInitialize@8");
    if (function == NULL)
        function = GetProcAddress(module, "PxeProviderInitialize@8");
#endif
    if (function == NULL)
        return ERROR_PROC_NOT_FOUND;
    memcpy(out_function, &function, sizeof(function));
    return PXE_OK;
}

static pxe_status key_open(const struct module_source *source, struct provider_key *out_key)
{
    if (source->key != NULL) {
        *out_key = provider_key_lend(source->key);
        return PXE_OK;
    }
    pxe_status status = provider_key_open(source->name, out_key);
    if (!source->is_registered && (status == PXE_FILE_NOT_FOUND || status == PXE_INVALID_PARAMETER))
        status = provider_key_make_temporary(out_key);
    return status;
}

static pxe_status dll_open(const struct module_source *source, struct loaded_module *loaded,
                           struct module *out, enum event_id *out_event)
{
    *out_event = EVENT_MODULE_NOT_LOADED;
    pxe_status status = module_load((const wchar_t *)source->path, &loaded->dll);
    if (status != PXE_OK)
        return status;
    *out_event = EVENT_EXPORT_MISSING;
    status = module_entry_point(loaded->dll, &out->initialize);
    if (status != PXE_OK)
        FreeLibrary(loaded->dll);
    return status;
}

static pxe_status module_open(void *context, const struct provider_entry *entry, struct module *out,
                              enum event_id *out_event)
{
    struct module opened = {0};
    struct loaded_module *loaded = mem_alloc(sizeof(*loaded));

    (void)context;
    *out_event = EVENT_KEY_UNREADABLE;
    if (loaded == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    pxe_status status = key_open(entry->source, &loaded->key);
    if (status == PXE_OK) {
        status = dll_open(entry->source, loaded, &opened, out_event);
        if (status != PXE_OK)
            provider_key_close(&loaded->key);
    }
    if (status != PXE_OK) {
        mem_free(loaded);
        return status;
    }
    module_watch(loaded);
    opened.instance = loaded;
    opened.key = loaded->key.key;
    *out = opened;
    return PXE_OK;
}

static void module_close(void *context, const struct module *module)
{
    struct loaded_module *loaded = module->instance;

    (void)context;
    module_unwatch(loaded);
    if (!atomic_load(&loaded->is_gone))
        FreeLibrary(loaded->dll);
    provider_key_close(&loaded->key);
    mem_free(loaded);
}

static bool module_is_loaded(void *context, const struct module *module)
{
    const struct loaded_module *loaded = module->instance;

    (void)context;
    return !atomic_load(&loaded->is_gone);
}

struct module_port module_port_loadlibrary(void)
{
    return (struct module_port){
        .open = module_open, .close = module_close, .is_loaded = module_is_loaded};
}
