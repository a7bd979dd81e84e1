#include "service/event_source.h"

#include <wchar.h>

#define SOURCE_KEY L"SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\WDSPXE"
#define FILE_VALUE L"EventMessageFile"
#define CATEGORY_FILE_VALUE L"CategoryMessageFile"
#define CATEGORY_COUNT_VALUE L"CategoryCount"

enum { PATH_UNITS = 32768 };

/* Of the server's DLL, in static memory. NULL with the last error set: it has none. */
static const wchar_t *message_file(void)
{
    static wchar_t path[PATH_UNITS];
    DWORD length = GetModuleFileNameW(GetModuleHandleW(L"wdspxe.dll"), path, PATH_UNITS);

    return length > 0 && length < PATH_UNITS ? path : NULL;
}

static LSTATUS number_write(HKEY key, const wchar_t *name, DWORD value)
{
    return RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&value, sizeof(value));
}

static LSTATUS path_write(HKEY key, const wchar_t *name, const wchar_t *path)
{
    const DWORD size = (DWORD)((wcslen(path) + 1) * sizeof(*path));
    return RegSetValueExW(key, name, 0, REG_EXPAND_SZ, (const BYTE *)path, size);
}

static DWORD values_write(HKEY key, const wchar_t *path)
{
    const DWORD types = EVENTLOG_ERROR_TYPE | EVENTLOG_WARNING_TYPE | EVENTLOG_INFORMATION_TYPE;
    const DWORD categories = 1;
    LSTATUS error = number_write(key, L"TypesSupported", types);

    if (error == ERROR_SUCCESS)
        error = number_write(key, CATEGORY_COUNT_VALUE, categories);
    if (error == ERROR_SUCCESS)
        error = path_write(key, CATEGORY_FILE_VALUE, path);
    if (error == ERROR_SUCCESS)
        error = path_write(key, FILE_VALUE, path);
    return (DWORD)error;
}

DWORD event_source_add(void)
{
    const wchar_t *path = message_file();
    DWORD disposition;
    HKEY key;

    if (path == NULL)
        return GetLastError();
    LSTATUS error = RegCreateKeyExW(HKEY_LOCAL_MACHINE, SOURCE_KEY, 0, NULL, 0,
                                    KEY_QUERY_VALUE | KEY_SET_VALUE, NULL, &key, &disposition);
    if (error != ERROR_SUCCESS)
        return (DWORD)error;
    DWORD result = ERROR_SUCCESS;
    if (RegQueryValueExW(key, FILE_VALUE, NULL, NULL, NULL, NULL) == ERROR_FILE_NOT_FOUND)
        result = values_write(key, path);
    RegCloseKey(key);
    return result;
}

DWORD event_source_remove(void)
{
    static wchar_t registered[PATH_UNITS];
    const wchar_t *path = message_file();
    DWORD size = sizeof(registered);

    if (path == NULL)
        return GetLastError();
    LSTATUS error =
        RegGetValueW(HKEY_LOCAL_MACHINE, SOURCE_KEY, FILE_VALUE,
                     RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND, NULL, registered, &size);
    if (error == ERROR_FILE_NOT_FOUND ||
        (error == ERROR_SUCCESS && _wcsicmp(registered, path) != 0))
        return ERROR_SUCCESS;
    return error == ERROR_SUCCESS ? (DWORD)RegDeleteKeyW(HKEY_LOCAL_MACHINE, SOURCE_KEY)
                                  : (DWORD)error;
}
