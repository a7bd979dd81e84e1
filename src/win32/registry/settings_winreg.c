#include "win32/registry/settings_winreg.h"

#include "win32/registry/winreg_value.h"

/* What a 32-bit program sees of SOFTWARE is another key than everybody else's. */
enum { NAME_UNITS = 128, THE_VIEW = KEY_WOW64_64KEY };

const char *settings_winreg_path(const struct setting *setting)
{
    switch (setting->key) {
    case SETTING_IN_HOST:
        return "SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Parameters";
    case SETTING_IN_TRACING:
        return SETTINGS_TRACING_KEY;
    default:
        return "SYSTEM\\CurrentControlSet\\Services\\WDSServer\\Providers\\WDSPXE";
    }
}

/* Of plain characters, which the table's names and paths consist of. */
static const wchar_t *widen(const char *plain, wchar_t buffer[NAME_UNITS])
{
    size_t i = 0;

    for (; plain[i] != '\0' && i < NAME_UNITS - 1; i++)
        buffer[i] = (wchar_t)plain[i];
    buffer[i] = L'\0';
    return buffer;
}

static pxe_status key_open(const struct setting *setting, REGSAM access, HKEY *out_key)
{
    wchar_t path[NAME_UNITS];

    return (pxe_status)RegOpenKeyExW(HKEY_LOCAL_MACHINE, widen(settings_winreg_path(setting), path),
                                     0, access | THE_VIEW, out_key);
}

static pxe_status settings_read(void *context, const struct setting *setting,
                                struct setting_value *out_value)
{
    struct winreg_value value;
    wchar_t name[NAME_UNITS];
    HKEY key;
    pxe_status status = key_open(setting, KEY_QUERY_VALUE, &key);

    (void)context;
    if (status != PXE_OK)
        return status;
    status = winreg_value_read(key, widen(setting->name, name), &value);
    RegCloseKey(key);
    if (status == PXE_OK)
        *out_value = (struct setting_value){value.type, value.size, value.units};
    return status;
}

const struct settings_port *settings_winreg_port(void)
{
    static const struct settings_port port = {.read = settings_read};
    return &port;
}

pxe_status settings_winreg_write(const struct setting *setting, uint32_t type, const void *bytes,
                                 size_t size)
{
    wchar_t path[NAME_UNITS], name[NAME_UNITS];
    HKEY key;

    if (size > MAXDWORD)
        return PXE_INVALID_PARAMETER;
    LSTATUS status =
        RegCreateKeyExW(HKEY_LOCAL_MACHINE, widen(settings_winreg_path(setting), path), 0, NULL,
                        REG_OPTION_NON_VOLATILE, KEY_SET_VALUE | THE_VIEW, NULL, &key, NULL);
    if (status != ERROR_SUCCESS)
        return (pxe_status)status;
    status = RegSetValueExW(key, widen(setting->name, name), 0, type, bytes, (DWORD)size);
    RegCloseKey(key);
    return (pxe_status)status;
}

pxe_status settings_winreg_delete(const struct setting *setting)
{
    wchar_t name[NAME_UNITS];
    HKEY key;
    pxe_status status = key_open(setting, KEY_SET_VALUE, &key);

    if (status == PXE_OK) {
        status = (pxe_status)RegDeleteValueW(key, widen(setting->name, name));
        RegCloseKey(key);
    }
    return status == PXE_FILE_NOT_FOUND ? PXE_OK : status;
}
