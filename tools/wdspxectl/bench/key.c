#include "bench/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provider/registry_path.h"
#include "text/wide.h"

static enum exit_code open_registered(const char *name, struct replay_key *out_key)
{
    SCOPED_TEXT path = TEXT_EMPTY;
    text_format(&path, PROVIDERS_PATH "\\%s", name);
    SCOPED_MEMORY wchar_t *wide = wide_of(text_chars(&path));
    LSTATUS status = strchr(name, '\\') != NULL ? ERROR_FILE_NOT_FOUND
                     : wide == NULL
                         ? ERROR_NOT_ENOUGH_MEMORY
                         : RegOpenKeyExW(HKEY_LOCAL_MACHINE, wide, 0, KEY_READ, &out_key->key);
    if (status != ERROR_SUCCESS)
        return output_win32_error((DWORD)status, "cannot open the key of provider \"%s\"", name);
    return EXIT_CODE_OK;
}

static enum exit_code make_temporary(struct replay_key *out_key)
{
    char path[sizeof(out_key->temporary) / sizeof(wchar_t)];
    (void)snprintf(path, sizeof(path), "Software\\wdspxectl-replay-%lu", GetCurrentProcessId());
    (void)text_to_utf16(path, out_key->temporary);
    LSTATUS status =
        RegCreateKeyExW(HKEY_CURRENT_USER, out_key->temporary, 0, NULL, REG_OPTION_VOLATILE,
                        KEY_READ | KEY_WRITE, NULL, &out_key->key, NULL);
    if (status == ERROR_SUCCESS)
        return EXIT_CODE_OK;
    out_key->temporary[0] = L'\0';
    return output_win32_error((DWORD)status, "cannot make a registry key for the provider");
}

static LSTATUS set_text(HKEY key, const wchar_t *name, const char *value)
{
    SCOPED_MEMORY wchar_t *wide = wide_of(value);
    return wide == NULL ? ERROR_NOT_ENOUGH_MEMORY
                        : RegSetValueExW(key, name, 0, REG_SZ, (const BYTE *)wide,
                                         (DWORD)((wcslen(wide) + 1) * sizeof(*wide)));
}

static LSTATUS set_number(HKEY key, const wchar_t *name, const char *digits)
{
    uint32_t number = 0;
    if (!number_parse(digits, 0, UINT32_MAX, &number))
        return ERROR_INVALID_DATA;
    return RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&number, sizeof(number));
}

/* "NAME=text" or "NAME=dword:5". */
static LSTATUS set_value(HKEY key, const char *setting)
{
    static const char dword_prefix[] = "dword:";
    const char *value = strchr(setting, '=') + 1;
    SCOPED_TEXT name = TEXT_EMPTY;
    text_put_span(&name, setting, (size_t)(value - setting) - 1);
    SCOPED_MEMORY wchar_t *wide = name.failed ? NULL : wide_of(text_chars(&name));
    return wide == NULL ? ERROR_NOT_ENOUGH_MEMORY
           : strncmp(value, dword_prefix, strlen(dword_prefix)) == 0
               ? set_number(key, wide, value + strlen(dword_prefix))
               : set_text(key, wide, value);
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
            code = output_win32_error((DWORD)status, "cannot set \"%s\"", options->settings[i]);
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
