#include "settings.h"

#include <wchar.h>

/* ---- texts ---- */

/* "" if the value is not there. FALSE: it is no text, or too long. */
static BOOL read_text(HKEY key, LPCWSTR name, WCHAR out[SETTINGS_TEXT_CHARS])
{
    DWORD size = (SETTINGS_TEXT_CHARS - 1) * sizeof(WCHAR);
    DWORD type = REG_SZ;
    LSTATUS error = RegQueryValueExW(key, name, NULL, &type, (LPBYTE)out, &size);

    if (error == ERROR_FILE_NOT_FOUND)
        size = 0;
    else if (error != ERROR_SUCCESS || type != REG_SZ)
        return FALSE;
    out[size / sizeof(WCHAR)] = L'\0'; /* the registry does not promise one */
    return TRUE;
}

/* What can stand in a header of HTTP without changing it (RFC 6750, section 2.1, and more). */
static BOOL is_token(LPCWSTR text)
{
    for (; *text != L'\0'; ++text) {
        if (*text <= L' ' || *text > L'~')
            return FALSE;
    }
    return TRUE;
}

static DWORD tell(HANDLE provider, LPCWSTR name, LPCWSTR problem)
{
    PxeTrace(provider, PXE_TRACE_ERROR, L"webpxe: the value %s of the provider's registry key: %s",
             name, problem);
    return ERROR_INVALID_DATA;
}

static DWORD read_texts(HANDLE provider, HKEY key, struct web_settings *out)
{
    static const WCHAR not_text[] = L"it is no text (REG_SZ) of at most 1022 characters";

    if (!read_text(key, L"Url", out->urls[0]))
        return tell(provider, L"Url", not_text);
    if (out->urls[0][0] == L'\0')
        return tell(provider, L"Url",
                    L"it is missing; write where the service is, such as "
                    L"http://127.0.0.1:8080/boot");
    if (!read_text(key, L"Url2", out->urls[1]))
        return tell(provider, L"Url2", not_text);
    if (!read_text(key, L"CaFile", out->ca_file))
        return tell(provider, L"CaFile", not_text);
    if (!read_text(key, L"Token", out->token))
        return tell(provider, L"Token", not_text);
    if (!is_token(out->token))
        return tell(provider, L"Token", L"it has blanks or characters that are not ASCII");
    return ERROR_SUCCESS;
}

/* ---- numbers ---- */

static const struct number {
    LPCWSTR name;
    SIZE_T offset; /* of a DWORD in struct web_settings */
    DWORD least;
    DWORD most;
    DWORD otherwise;
} numbers[] = {
    {L"TimeLimit", offsetof(struct web_settings, time_limit), 50, 60000, 2000},
    {L"MaxQuestions", offsetof(struct web_settings, questions_max), 1, 5000, 200},
    {L"MaxWaiting", offsetof(struct web_settings, waiting_max), 1, 50000, 4000},
    {L"MaxAnswer", offsetof(struct web_settings, answer_max), 256, 1048576, 16384},
    {L"MaxFailures", offsetof(struct web_settings, failures_max), 1, 1000, 3},
    {L"Pause", offsetof(struct web_settings, pause), 100, 600000, 5000},
    {L"MaxKept", offsetof(struct web_settings, kept_max), 0, 65536, 1024},
    {L"DhcpPort", offsetof(struct web_settings, dhcp_port), 1, 65535, 67},
    {L"Dhcp6Port", offsetof(struct web_settings, dhcp6_port), 1, 65535, 547},
};

static DWORD read_number(HANDLE provider, HKEY key, const struct number *number, DWORD *out)
{
    DWORD size = sizeof(*out);
    DWORD type = REG_DWORD;
    LSTATUS error = RegQueryValueExW(key, number->name, NULL, &type, (LPBYTE)out, &size);
    WCHAR problem[80];

    if (error == ERROR_FILE_NOT_FOUND) {
        *out = number->otherwise;
        return ERROR_SUCCESS;
    }
    if (error == ERROR_SUCCESS && type == REG_DWORD && *out >= number->least &&
        *out <= number->most)
        return ERROR_SUCCESS;
    _snwprintf(problem, sizeof(problem) / sizeof(problem[0]) - 1,
               L"write a number (REG_DWORD) from %u to %u", (unsigned)number->least,
               (unsigned)number->most);
    problem[sizeof(problem) / sizeof(problem[0]) - 1] = L'\0';
    return tell(provider, number->name, problem);
}

DWORD settings_read(HANDLE provider, HKEY key, struct web_settings *out)
{
    DWORD error;

    *out = (struct web_settings){0};
    error = read_texts(provider, key, out);
    for (SIZE_T i = 0; error == ERROR_SUCCESS && i < sizeof(numbers) / sizeof(numbers[0]); ++i)
        error = read_number(provider, key, &numbers[i],
                            (DWORD *)(void *)((BYTE *)out + numbers[i].offset));
    return error;
}
