#include "bench/key.h"

#include <string.h>

#include "provider/registry_path.h"

static enum exit_code open_registered(const wchar_t *name, struct replay_key *out_key)
{
    struct text path = TEXT_EMPTY;
    text_format(&path, PROVIDERS_PATH L"\\%ls", name);
    LSTATUS status =
        wcschr(name, L'\\') != NULL
            ? ERROR_FILE_NOT_FOUND
            : RegOpenKeyExW(HKEY_LOCAL_MACHINE, text_chars(&path), 0, KEY_READ, &out_key->key);
    text_free(&path);
    if (status != ERROR_SUCCESS)
        return output_win32_error((DWORD)status, L"cannot open the key of provider \"%ls\"", name);
    return EXIT_CODE_OK;
}

static enum exit_code make_temporary(struct replay_key *out_key)
{
    (void)_snwprintf(out_key->temporary, sizeof(out_key->temporary) / sizeof(wchar_t),
                     L"Software\\wdspxectl-replay-%lu", GetCurrentProcessId());
    LSTATUS status =
        RegCreateKeyExW(HKEY_CURRENT_USER, out_key->temporary, 0, NULL, REG_OPTION_VOLATILE,
                        KEY_READ | KEY_WRITE, NULL, &out_key->key, NULL);
    if (status == ERROR_SUCCESS)
        return EXIT_CODE_OK;
    out_key->temporary[0] = L'\0';
    return output_win32_error((DWORD)status, L"cannot make a registry key for the provider");
}

/* "NAME=text" or "NAME=dword:5". */
static LSTATUS set_value(HKEY key, const wchar_t *setting)
{
    static const wchar_t dword_prefix[] = L"dword:";
    const wchar_t *value = wcschr(setting, L'=') + 1;
    struct text name = TEXT_EMPTY;
    uint32_t number = 0;
    LSTATUS status;
    text_put_span(&name, setting, (size_t)(value - setting) - 1);
    bool is_number = wcsncmp(value, dword_prefix, wcslen(dword_prefix)) == 0;
    if (name.failed)
        status = ERROR_NOT_ENOUGH_MEMORY;
    else if (!is_number)
        status = RegSetValueExW(key, text_chars(&name), 0, REG_SZ, (const BYTE *)value,
                                (DWORD)((wcslen(value) + 1) * sizeof(*value)));
    else if (!number_parse(value + wcslen(dword_prefix), 0, UINT32_MAX, &number))
        status = ERROR_INVALID_DATA;
    else
        status = RegSetValueExW(key, text_chars(&name), 0, REG_DWORD, (const BYTE *)&number,
                                sizeof(number));
    text_free(&name);
    return status;
}

enum exit_code replay_key_open(const struct replay_options *options, struct replay_key *out_key)
{
    memset(out_key, 0, sizeof(*out_key));
    if (options->key != NULL)
        return open_registered(options->key, out_key);
    if (options->setting_count == 0)
        return EXIT_CODE_OK;
    enum exit_code code = make_temporary(out_key);
    for (size_t i = 0; i < options->setting_count && code == EXIT_CODE_OK; i++) {
        LSTATUS status = set_value(out_key->key, options->settings[i]);
        if (status != ERROR_SUCCESS)
            code = output_win32_error((DWORD)status, L"cannot set \"%ls\"", options->settings[i]);
    }
    if (code != EXIT_CODE_OK)
        replay_key_close(out_key);
    return code;
}

void replay_key_close(struct replay_key *key)
{
    if (key->key != NULL)
        RegCloseKey(key->key);
    if (key->temporary[0] != L'\0')
        (void)RegDeleteTreeW(HKEY_CURRENT_USER, key->temporary);
    memset(key, 0, sizeof(*key));
}
