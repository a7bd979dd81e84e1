#include "registry_guard.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "subject.h"

enum { VALUES_MAX = 64, NAME_MAX_UNITS = 256, DATA_MAX = 65536, KEYS = 4 };

struct value {
    WCHAR name[NAME_MAX_UNITS];
    DWORD type;
    DWORD size;
    BYTE *data;
};

/* From the inside out: in this order they can be deleted. */
static const WCHAR *const key_paths[KEYS] = {
    PXE_SERVER_KEY L"\\Providers",
    PXE_SERVER_KEY,
    L"SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers",
    L"SYSTEM\\CurrentControlSet\\Services\\WDSServer",
};

static struct {
    bool existed[KEYS];
    struct value values[VALUES_MAX];
    size_t count;
} saved;

static HKEY key_open(const WCHAR *path, REGSAM access)
{
    HKEY key;

    return RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, access, &key) == ERROR_SUCCESS ? key : NULL;
}

DWORD registry_guard_access(void)
{
    LSTATUS status = ERROR_FILE_NOT_FOUND;
    HKEY key;

    for (size_t i = 0; i < KEYS && status == ERROR_FILE_NOT_FOUND; i++) {
        status = RegOpenKeyExW(HKEY_LOCAL_MACHINE, key_paths[i], 0, KEY_READ | KEY_WRITE, &key);
        if (status == ERROR_SUCCESS)
            RegCloseKey(key);
    }
    if (status == ERROR_FILE_NOT_FOUND) {
        status = RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"SYSTEM\\CurrentControlSet\\Services", 0,
                               KEY_CREATE_SUB_KEY, &key);
        if (status == ERROR_SUCCESS)
            RegCloseKey(key);
    }
    return (DWORD)status;
}

/* Deletes every key of ours below Providers. The index starts anew after each deletion. */
static bool keys_delete(void)
{
    HKEY providers = key_open(key_paths[0], KEY_READ | KEY_WRITE | DELETE);
    WCHAR name[NAME_MAX_UNITS];
    bool done = true;

    if (providers == NULL)
        return true;
    for (DWORD index = 0;;) {
        DWORD units = NAME_MAX_UNITS;

        if (RegEnumKeyExW(providers, index, name, &units, NULL, NULL, NULL, NULL) != ERROR_SUCCESS)
            break;
        if (_wcsnicmp(name, SUBJECT_NAME_PREFIX, wcslen(SUBJECT_NAME_PREFIX)) != 0) {
            index++;
        } else if (RegDeleteTreeW(providers, name) != ERROR_SUCCESS) {
            done = false;
            index++;
        }
    }
    RegCloseKey(providers);
    return done;
}

void registry_guard_clean(void)
{
    HKEY key = key_open(PXE_SERVER_KEY, KEY_READ | KEY_WRITE);
    WCHAR order[DATA_MAX / sizeof(WCHAR)] = {0};
    DWORD type, size = sizeof(order) - 2 * sizeof(order[0]);
    WCHAR *to = order;

    keys_delete();
    if (key == NULL)
        return;
    if (RegQueryValueExW(key, L"ProvidersOrder", NULL, &type, (BYTE *)order, &size) ==
            ERROR_SUCCESS &&
        type == REG_MULTI_SZ) {
        bool found = false;
        for (WCHAR *from = order; *from != L'\0';) {
            size_t units = wcslen(from) + 1;
            if (_wcsnicmp(from, SUBJECT_NAME_PREFIX, wcslen(SUBJECT_NAME_PREFIX)) == 0) {
                found = true;
            } else {
                memmove(to, from, units * sizeof(*to));
                to += units;
            }
            from += units;
        }
        *to++ = L'\0';
        if (found)
            RegSetValueExW(key, L"ProvidersOrder", 0, type, (const BYTE *)order,
                           (DWORD)((BYTE *)to - (BYTE *)order));
    }
    RegCloseKey(key);
}

/* One value; false behind the last one. *out_too_large: there is one, but we cannot keep it. */
static bool value_read(HKEY key, DWORD index, struct value *value, bool *out_too_large)
{
    static BYTE data[DATA_MAX];
    DWORD units = NAME_MAX_UNITS;

    value->size = sizeof(data);
    LSTATUS status =
        RegEnumValueW(key, index, value->name, &units, NULL, &value->type, data, &value->size);
    *out_too_large = status != ERROR_SUCCESS && status != ERROR_NO_MORE_ITEMS;
    if (status != ERROR_SUCCESS)
        return false;
    value->data = malloc((size_t)value->size + 1);
    if (value->data == NULL) {
        *out_too_large = true;
        return false;
    }
    memcpy(value->data, data, value->size);
    return true;
}

static void saved_forget(void)
{
    while (saved.count > 0)
        free(saved.values[--saved.count].data);
}

bool registry_guard_save(void)
{
    bool too_large = false;

    saved_forget();
    for (size_t i = 0; i < KEYS; i++) {
        HKEY key = key_open(key_paths[i], KEY_READ);
        saved.existed[i] = key != NULL;
        if (key != NULL)
            RegCloseKey(key);
    }
    if (!saved.existed[1])
        return true;
    HKEY key = key_open(PXE_SERVER_KEY, KEY_READ);
    if (key == NULL)
        return false;
    while (saved.count < VALUES_MAX &&
           value_read(key, (DWORD)saved.count, &saved.values[saved.count], &too_large))
        saved.count++;
    RegCloseKey(key);
    return !too_large && saved.count < VALUES_MAX;
}

static const struct value *saved_find(const WCHAR *name)
{
    for (size_t i = 0; i < saved.count; i++)
        if (_wcsicmp(saved.values[i].name, name) == 0)
            return &saved.values[i];
    return NULL;
}

/* Takes out values that were not there. */
static bool values_delete_new(HKEY key)
{
    WCHAR name[NAME_MAX_UNITS];
    DWORD index = 0, units = NAME_MAX_UNITS;

    while (RegEnumValueW(key, index, name, &units, NULL, NULL, NULL, NULL) == ERROR_SUCCESS) {
        if (saved_find(name) != NULL)
            index++;
        else if (RegDeleteValueW(key, name) != ERROR_SUCCESS)
            return false;
        units = NAME_MAX_UNITS;
    }
    return true;
}

static bool value_is_as_saved(HKEY key, const struct value *value)
{
    static BYTE data[DATA_MAX];
    DWORD type, size = sizeof(data);

    return RegQueryValueExW(key, value->name, NULL, &type, data, &size) == ERROR_SUCCESS &&
           type == value->type && size == value->size && memcmp(data, value->data, size) == 0;
}

static bool values_restore(void)
{
    HKEY key = key_open(PXE_SERVER_KEY, KEY_READ | KEY_WRITE);
    bool done = true;

    if (key == NULL)
        return !saved.existed[1];
    done = values_delete_new(key);
    for (size_t i = 0; i < saved.count; i++) {
        const struct value *value = &saved.values[i];
        if (!value_is_as_saved(key, value) &&
            RegSetValueExW(key, value->name, 0, value->type, value->data, value->size) !=
                ERROR_SUCCESS)
            done = false;
    }
    RegCloseKey(key);
    return done;
}

/* Deletes a key that was not there before; one that somebody has filled meanwhile stays. */
static bool key_delete_new(const WCHAR *path)
{
    DWORD keys = 0, values = 0;
    HKEY key = key_open(path, KEY_READ);

    if (key == NULL)
        return true;
    RegQueryInfoKeyW(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL);
    RegCloseKey(key);
    if (keys > 0 || values > 0)
        return false;
    return RegDeleteKeyW(HKEY_LOCAL_MACHINE, path) == ERROR_SUCCESS;
}

bool registry_guard_restore(void)
{
    bool done = values_restore();

    done = keys_delete() && done;
    for (size_t i = 0; i < KEYS; i++)
        if (!saved.existed[i])
            done = key_delete_new(key_paths[i]) && done;
    saved_forget();
    return done;
}
