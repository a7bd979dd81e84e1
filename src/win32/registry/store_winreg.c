#include "win32/registry/store_winreg.h"

#include <assert.h>

#include "base/mem.h"
#include "base/utf16.h"
#include "win32/registry/winreg_value.h"

#define PROVIDERS_KEY STORE_WINREG_BASE L"\\Providers"
#define ORDER_VALUE L"ProvidersOrder"
#define DLL_VALUE L"ProviderDLL"
#define CRITICAL_VALUE L"IsCritical"

#define MUTEX_NAME L"wdspxe-provider-list"
#define LOCK_TIMEOUT 30000u /* milliseconds */

/* An environment string that grows between asking for its size and reading it. */
#define GROW_TRIES 16

static_assert(sizeof(wchar_t) == sizeof(uint16_t), "registry strings are UTF-16");
/* Only whoever owns the mutex touches this. */
static HANDLE held_mutex;

/*
 * Global so that a service and an installer in a session of its own meet in it. Asking for no more
 * rights than are needed lets one account open what another has created.
 */
static HANDLE open_mutex(void)
{
    const DWORD rights = SYNCHRONIZE | MUTEX_MODIFY_STATE;
    HANDLE mutex = CreateMutexExW(NULL, L"Global\\" MUTEX_NAME, 0, rights);

    if (mutex == NULL)
        mutex = CreateMutexExW(NULL, MUTEX_NAME, 0, rights);
    return mutex;
}

static pxe_status winreg_lock(void *context)
{
    HANDLE mutex = open_mutex();
    pxe_status status;
    DWORD waited;

    (void)context;
    if (mutex == NULL)
        return GetLastError();
    waited = WaitForSingleObject(mutex, LOCK_TIMEOUT);
    /* Abandoned: the holder died. What it left is consistent (registry/provider_list.h). */
    if (waited == WAIT_OBJECT_0 || waited == WAIT_ABANDONED) {
        held_mutex = mutex;
        return PXE_OK;
    }
    status = waited == WAIT_TIMEOUT ? PXE_TIMEOUT : GetLastError();
    CloseHandle(mutex);
    return status;
}

static void winreg_unlock(void *context)
{
    HANDLE mutex = held_mutex;

    (void)context;
    held_mutex = NULL;
    ReleaseMutex(mutex);
    CloseHandle(mutex);
}

/* Creates a key with all keys above it. */
static pxe_status create_key(HKEY parent, const wchar_t *path, REGSAM access, HKEY *out_key,
                             bool *out_created)
{
    DWORD disposition = 0;
    LSTATUS status = RegCreateKeyExW(parent, path, 0, NULL, REG_OPTION_NON_VOLATILE, access, NULL,
                                     out_key, &disposition);

    if (status == ERROR_SUCCESS && out_created != NULL)
        *out_created = disposition == REG_CREATED_NEW_KEY;
    return (pxe_status)status;
}

static pxe_status set_value(HKEY key, const wchar_t *name, DWORD type, const void *data,
                            size_t size)
{
    if (size > MAXDWORD)
        return PXE_INVALID_PARAMETER;
    return (pxe_status)RegSetValueExW(key, name, 0, type, data, (DWORD)size);
}

static pxe_status winreg_read_order(void *context, struct name_list *out_order)
{
    struct winreg_value value = {0};
    pxe_status status;
    HKEY base;

    (void)context;
    status =
        (pxe_status)RegOpenKeyExW(HKEY_LOCAL_MACHINE, STORE_WINREG_BASE, 0, KEY_QUERY_VALUE, &base);
    if (status == PXE_OK) {
        status = winreg_value_read(base, ORDER_VALUE, &value);
        RegCloseKey(base);
    }
    if (status == PXE_FILE_NOT_FOUND)
        return name_list_from_multi_sz(NULL, 0, out_order);
    if (status != PXE_OK)
        return status;
    /* Anything else is refused, not replaced: somebody wrote it and may want it back. */
    if (value.type != REG_MULTI_SZ)
        status = PXE_INVALID_DATA;
    else
        status = name_list_from_multi_sz(value.units, value.count, out_order);
    mem_free(value.units);
    return status;
}

static pxe_status winreg_write_order(void *context, const struct name_list *order)
{
    uint16_t *units;
    size_t count;
    pxe_status status;
    HKEY base;

    (void)context;
    status = name_list_to_multi_sz(order, &units, &count);
    if (status != PXE_OK)
        return status;
    status = create_key(HKEY_LOCAL_MACHINE, STORE_WINREG_BASE, KEY_SET_VALUE, &base, NULL);
    if (status == PXE_OK) {
        status = set_value(base, ORDER_VALUE, REG_MULTI_SZ, units, count * sizeof(*units));
        RegCloseKey(base);
    }
    mem_free(units);
    return status;
}

/* *out_text is released with mem_free. */
static pxe_status expand_text(const uint16_t *text, uint16_t **out_text)
{
    DWORD room = 260;

    for (int i = 0; i < GROW_TRIES; i++) {
        uint16_t *expanded = mem_alloc_array(room, sizeof(*expanded));
        DWORD needed;

        if (expanded == NULL)
            return PXE_NOT_ENOUGH_MEMORY;
        needed = ExpandEnvironmentStringsW(text, expanded, room);
        if (needed > 0 && needed <= room) {
            *out_text = expanded;
            return PXE_OK;
        }
        mem_free(expanded);
        if (needed == 0)
            return GetLastError();
        room = needed;
    }
    return PXE_INVALID_DATA;
}

/* *out_path is released with mem_free. */
static pxe_status read_path(HKEY key, uint16_t **out_path)
{
    struct winreg_value value = {0};
    uint16_t *path = NULL;
    pxe_status status = winreg_value_read(key, DLL_VALUE, &value);

    if (status != PXE_OK)
        return status;
    if (value.type == REG_SZ) {
        path = value.units; /* ends at the first NUL, and there is one */
        value.units = NULL;
    } else if (value.type == REG_EXPAND_SZ) {
        status = expand_text(value.units, &path);
    } else {
        status = PXE_INVALID_DATA;
    }
    mem_free(value.units);
    if (status == PXE_OK && path[0] == 0) {
        mem_free(path);
        return PXE_FILE_NOT_FOUND;
    }
    if (status == PXE_OK)
        *out_path = path;
    return status;
}

/* Optional (API-7.3.2): a value that is no DWORD counts as missing, with an event. */
static bool read_critical(HKEY key, bool *out_is_unreadable)
{
    DWORD value = 0;
    DWORD size = sizeof(value);
    DWORD type;
    LSTATUS status = RegQueryValueExW(key, CRITICAL_VALUE, NULL, &type, (BYTE *)&value, &size);

    bool is_number = status == ERROR_SUCCESS && type == REG_DWORD && size == sizeof(value);

    *out_is_unreadable = !is_number && status != ERROR_FILE_NOT_FOUND;
    return is_number && value != 0;
}

static pxe_status winreg_read_provider(void *context, const uint16_t *name,
                                       struct provider_values *out_values)
{
    uint16_t *path;
    pxe_status status;
    HKEY key;

    (void)context;
    status = store_winreg_open_provider(name, KEY_QUERY_VALUE, &key);
    if (status != PXE_OK)
        return status;
    status = read_path(key, &path);
    if (status == PXE_OK) {
        out_values->module_path = path;
        out_values->is_critical = read_critical(key, &out_values->is_critical_unreadable);
    }
    RegCloseKey(key);
    return status;
}

/* The path comes last: without it the key is no registration yet. */
static pxe_status write_values(HKEY key, const uint16_t *path, bool is_critical)
{
    const DWORD critical = is_critical ? 1 : 0;
    pxe_status status = set_value(key, CRITICAL_VALUE, REG_DWORD, &critical, sizeof(critical));

    if (status != PXE_OK)
        return status;
    return set_value(key, DLL_VALUE, REG_SZ, path, (utf16_length(path) + 1) * sizeof(*path));
}

static pxe_status winreg_delete_provider(void *context, const uint16_t *name)
{
    LSTATUS status;
    HKEY providers;

    (void)context;
    /* An empty name would delete every provider, one with '\' a part of another. */
    if (!provider_name_is_valid(name))
        return PXE_INVALID_PARAMETER;
    status = RegOpenKeyExW(HKEY_LOCAL_MACHINE, PROVIDERS_KEY, 0,
                           DELETE | KEY_ENUMERATE_SUB_KEYS | KEY_QUERY_VALUE, &providers);
    if (status == ERROR_SUCCESS) {
        status = RegDeleteTreeW(providers, name);
        RegCloseKey(providers);
    }
    return status == ERROR_FILE_NOT_FOUND ? PXE_OK : (pxe_status)status;
}

static pxe_status winreg_write_provider(void *context, const uint16_t *name,
                                        const uint16_t *module_path, bool is_critical,
                                        bool *out_created)
{
    bool created = false;
    pxe_status status;
    HKEY providers;
    HKEY key;

    if (!provider_name_is_valid(name))
        return PXE_INVALID_PARAMETER;
    status = create_key(HKEY_LOCAL_MACHINE, PROVIDERS_KEY, KEY_CREATE_SUB_KEY, &providers, NULL);
    if (status != PXE_OK)
        return status;
    status = create_key(providers, name, KEY_SET_VALUE, &key, &created);
    RegCloseKey(providers);
    if (status != PXE_OK)
        return status;
    status = write_values(key, module_path, is_critical);
    RegCloseKey(key);
    if (status == PXE_OK)
        *out_created = created;
    else if (created)
        (void)winreg_delete_provider(context, name);
    return status;
}

pxe_status store_winreg_open_provider(const uint16_t *name, REGSAM access, HKEY *out_key)
{
    HKEY providers;
    HKEY key;
    LSTATUS status;

    if (!provider_name_is_valid(name))
        return PXE_INVALID_PARAMETER;
    status =
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, PROVIDERS_KEY, 0, KEY_ENUMERATE_SUB_KEYS, &providers);
    if (status != ERROR_SUCCESS)
        return (pxe_status)status;
    status = RegOpenKeyExW(providers, name, 0, access, &key);
    RegCloseKey(providers);
    if (status == ERROR_SUCCESS)
        *out_key = key;
    return (pxe_status)status;
}

static pxe_status winreg_open_provider(void *context, const uint16_t *name, void **out_key)
{
    HKEY key;
    pxe_status status = store_winreg_open_provider(name, KEY_READ | KEY_WRITE, &key);

    (void)context;
    if (status == PXE_OK)
        *out_key = key;
    return status;
}

static void winreg_close_provider(void *context, void *key)
{
    (void)context;
    RegCloseKey(key);
}

static bool winreg_same_name(void *context, const uint16_t *a, const uint16_t *b)
{
    (void)context;
    return CompareStringOrdinal(a, -1, b, -1, /* bIgnoreCase= */ TRUE) == CSTR_EQUAL;
}

static const struct store_port winreg_port = {
    .context = NULL,
    .lock = winreg_lock,
    .unlock = winreg_unlock,
    .read_order = winreg_read_order,
    .write_order = winreg_write_order,
    .read_provider = winreg_read_provider,
    .write_provider = winreg_write_provider,
    .delete_provider = winreg_delete_provider,
    .open_provider = winreg_open_provider,
    .close_provider = winreg_close_provider,
    .same_name = winreg_same_name,
};

const struct store_port *store_winreg_port(void)
{
    return &winreg_port;
}
