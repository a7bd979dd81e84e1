/*
 * Every setting that calls itself live is followed by a running server. The list is the DLL's own
 * (WdsPxeExtSettingDescribe): a new live setting fails here until it has its function below.
 */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

enum { ROUNDS = 3000, PAUSE = 20 /* milliseconds: a minute in all */ };

static WCHAR folder[MAX_PATH], log_path[MAX_PATH + 20], old_path[MAX_PATH + 20];
static WCHAR other_folder[MAX_PATH + 8], other_path[MAX_PATH + 24], console_path[MAX_PATH + 20];
static unsigned probes; /* lines traced; each has a number of its own */

/* ---- values ---- */

static void set_number(const WCHAR *name, DWORD number)
{
    assert_int_equal(WdsPxeExtSettingWrite(name, REG_DWORD, &number, sizeof(number)), 0);
}

/* One entry of a list, or a text. */
static void set_text(const WCHAR *name, DWORD type, const WCHAR *text)
{
    WCHAR value[MAX_PATH + 16] = {0};
    size_t units = wcslen(text) + (type == REG_MULTI_SZ ? 2 : 1);

    wcscpy(value, text);
    assert_int_equal(WdsPxeExtSettingWrite(name, type, value, (ULONG)(units * sizeof(WCHAR))), 0);
}

static void tracing_unset(void)
{
    static const WCHAR *const names[] = {
        L"EnableFileTracing", L"EnableConsoleTracing", L"FileTracingMask", L"ConsoleTracingMask",
        L"MaxFileSize",       L"FileDirectory",        L"TraceDisabled",   L"TracingDisabled"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)WdsPxeExtSettingWrite(names[i], REG_NONE, NULL, 0);
}

/* ---- looking ---- */

/* The file's bytes, zero-terminated; the caller frees them. NULL: there is no such file. */
static char *file_read(const WCHAR *path)
{
    HANDLE file =
        CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, 0, NULL);
    DWORD got = 0;

    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    DWORD size = GetFileSize(file, NULL);
    char *text = calloc(1, size + 1u);
    assert_non_null(text);
    assert_true(ReadFile(file, text, size, &got, NULL));
    CloseHandle(file);
    return text;
}

static bool file_has(const WCHAR *path, const char *word, unsigned number)
{
    char wanted[64];
    char *all = file_read(path);

    snprintf(wanted, sizeof(wanted), "%s %u\r\n", word, number);
    bool found = all != NULL && strstr(all, wanted) != NULL;
    free(all);
    return found;
}

/* Traces a warning and an error; tells which of them are in the file at once: 1, 2 or both. */
static unsigned probe(const WCHAR *path)
{
    unsigned number = ++probes;

    assert_int_equal(PxeTrace(NULL, PXE_TRACE_WARNING, L"warning %u", number), ERROR_SUCCESS);
    assert_int_equal(PxeTrace(NULL, PXE_TRACE_ERROR, L"error %u", number), ERROR_SUCCESS);
    return (file_has(path, "warning", number) ? 1u : 0u) |
           (file_has(path, "error", number) ? 2u : 0u);
}

static void wait_probe(const WCHAR *path, unsigned wanted)
{
    for (int i = 0; i < ROUNDS && probe(path) != wanted; i++)
        Sleep(PAUSE);
    assert_int_equal(probe(path), wanted);
}

/* Waits until so many lines have this text. */
static void wait_logged(const WCHAR *text, size_t count)
{
    for (int i = 0; i < ROUNDS && rig_log_count(text) < count; i++)
        Sleep(PAUSE);
    assert_in_range(rig_log_count(text), count, SIZE_MAX);
}

/* ---- what each live setting does under a running server ---- */

static const WCHAR *listening(const WCHAR *before)
{
    static WCHAR text[64];
    _snwprintf(text, 64, L"%lslistening on 127.0.0.1:%u", before, rig.dhcp_port);
    return text;
}

static void bind_policy_is_followed(void **state)
{
    (void)state;
    set_number(L"BindPolicy", 0); /* all but loopback */
    wait_logged(listening(L"no longer "), 1);
    set_number(L"BindPolicy", 1);
    wait_logged(listening(L""), 3); /* the line of its leaving has these words, too */
    (void)rig_exchange(rig.dhcp_port, 1, "boot\\x86\\wdsnbp.com");
}

static void bind_interfaces_is_followed(void **state)
{
    (void)state;
    set_text(L"BindInterfaces", REG_MULTI_SZ, L"MAC:0200deadbeef");
    wait_logged(listening(L"no longer "), 1);
    set_text(L"BindInterfaces", REG_MULTI_SZ, L"IP:127.0.0.1");
    wait_logged(listening(L""), 3);
    (void)rig_exchange(rig.dhcp_port, 1, "boot\\x86\\wdsnbp.com");
}

static void file_switch_is_followed(void **state)
{
    (void)state;
    assert_int_equal(probe(log_path), 0);
    set_number(L"EnableFileTracing", 1);
    wait_probe(log_path, 3);
    set_number(L"EnableFileTracing", 0);
    wait_probe(log_path, 0);
}

/* Whatever the other switches say. */
static void off_switch_works(const WCHAR *name)
{
    set_number(L"EnableFileTracing", 1);
    wait_probe(log_path, 3);
    set_number(name, 1);
    wait_probe(log_path, 0);
    set_number(name, 0);
    wait_probe(log_path, 3);
}

static void trace_disabled_is_followed(void **state)
{
    (void)state;
    off_switch_works(L"TraceDisabled");
}

static void tracing_disabled_is_followed(void **state)
{
    (void)state;
    off_switch_works(L"TracingDisabled");
}

static void file_mask_is_followed(void **state)
{
    (void)state;
    set_number(L"EnableFileTracing", 1);
    wait_probe(log_path, 3);
    set_number(L"FileTracingMask", PXE_TRACE_ERROR);
    wait_probe(log_path, 2);
    set_number(L"FileTracingMask", PXE_TRACE_WARNING);
    wait_probe(log_path, 1);
}

static void file_size_is_followed(void **state)
{
    WIN32_FILE_ATTRIBUTE_DATA data = {0};

    (void)state;
    set_number(L"EnableFileTracing", 1);
    wait_probe(log_path, 3);
    set_number(L"MaxFileSize", 2048);
    for (int i = 0; i < ROUNDS && !GetFileAttributesExW(old_path, GetFileExInfoStandard, &data);
         i++) {
        (void)probe(log_path);
        Sleep(PAUSE);
    }
    /* It became full long before the default of 65536 bytes. */
    assert_in_range(data.nFileSizeLow, 2048, 32768);
}

static void folder_is_followed(void **state)
{
    (void)state;
    set_number(L"EnableFileTracing", 1);
    wait_probe(log_path, 3);
    set_text(L"FileDirectory", REG_EXPAND_SZ, other_folder);
    wait_probe(other_path, 3);
    assert_int_equal(probe(log_path), 0);
}

/* Standard error, while `follows` runs, is a file. */
static void with_console(void (*follows)(void))
{
    HANDLE before = GetStdHandle(STD_ERROR_HANDLE);
    HANDLE file = CreateFileW(console_path, FILE_APPEND_DATA, FILE_SHARE_READ | FILE_SHARE_DELETE,
                              NULL, CREATE_ALWAYS, 0, NULL);

    assert_true(file != INVALID_HANDLE_VALUE);
    SetStdHandle(STD_ERROR_HANDLE, file);
    follows();
    set_number(L"EnableConsoleTracing", 0);
    SetStdHandle(STD_ERROR_HANDLE, before);
    CloseHandle(file);
}

static void console_switch_works(void)
{
    set_number(L"EnableConsoleTracing", 1);
    wait_probe(console_path, 3);
    set_number(L"EnableConsoleTracing", 0);
    wait_probe(console_path, 0);
}

static void console_mask_works(void)
{
    set_number(L"EnableConsoleTracing", 1);
    wait_probe(console_path, 3);
    set_number(L"ConsoleTracingMask", PXE_TRACE_ERROR);
    wait_probe(console_path, 2);
}

static void console_switch_is_followed(void **state)
{
    (void)state;
    with_console(console_switch_works);
}

static void console_mask_is_followed(void **state)
{
    (void)state;
    with_console(console_mask_works);
}

static const struct {
    const char *name;
    CMUnitTestFunction follows;
} live[] = {
    {"BindPolicy", bind_policy_is_followed},
    {"BindInterfaces", bind_interfaces_is_followed},
    {"TraceDisabled", trace_disabled_is_followed},
    {"TracingDisabled", tracing_disabled_is_followed},
    {"EnableFileTracing", file_switch_is_followed},
    {"EnableConsoleTracing", console_switch_is_followed},
    {"FileTracingMask", file_mask_is_followed},
    {"ConsoleTracingMask", console_mask_is_followed},
    {"MaxFileSize", file_size_is_followed},
    {"FileDirectory", folder_is_followed},
};

enum { LIVE_COUNT = sizeof(live) / sizeof(live[0]) };

/* ---- a server on loopback, and a folder for its log, for each test ---- */

static void files_remove(void)
{
    const WCHAR *const files[] = {log_path, old_path, other_path, console_path};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        (void)DeleteFileW(files[i]);
    (void)RemoveDirectoryW(other_folder);
    (void)RemoveDirectoryW(folder);
}

static int live_setup(void **state)
{
    static unsigned number;
    WCHAR temporary[MAX_PATH];

    assert_in_range(GetTempPathW(MAX_PATH, temporary), 1, MAX_PATH - 60);
    _snwprintf(folder, MAX_PATH, L"%lswdspxe-live-%lu-%u", temporary, GetCurrentProcessId(),
               ++number);
    _snwprintf(log_path, MAX_PATH + 20, L"%ls\\wdsserver.log", folder);
    _snwprintf(old_path, MAX_PATH + 20, L"%ls\\wdsserver.OLD", folder);
    _snwprintf(console_path, MAX_PATH + 20, L"%ls\\console", folder);
    _snwprintf(other_folder, MAX_PATH + 8, L"%ls\\other", folder);
    _snwprintf(other_path, MAX_PATH + 24, L"%ls\\wdsserver.log", other_folder);
    files_remove();
    assert_true(CreateDirectoryW(folder, NULL));
    tracing_unset();
    int failed = rig_setup(state);
    set_text(L"FileDirectory", REG_EXPAND_SZ, folder);
    set_number(L"BindPolicy", 1);
    set_text(L"BindInterfaces", REG_MULTI_SZ, L"IP:127.0.0.1");
    rig.config.cInterfaces = 0;
    rig.config.ppszInterfaces = NULL;
    rig_set_text(rig_add(L"good", L"prov_answer", true), L"ReplyMode", L"null");
    rig_start();
    return failed;
}

static int live_teardown(void **state)
{
    BOOL enabled;
    int result = rig_teardown(state);

    tracing_unset();
    /* Reads the switches, and so closes the file. */
    (void)PxeGetServerInfo(PXE_GSI_TRACE_ENABLED, &enabled, sizeof(enabled));
    files_remove();
    return result;
}

static size_t live_find(const char *name)
{
    size_t i = 0;
    while (i < LIVE_COUNT && strcmp(live[i].name, name) != 0)
        i++;
    return i;
}

static void the_list_is_complete(void **state)
{
    WDSPXE_EXT_SETTING setting = {.uSizeOfStruct = sizeof(setting)};
    size_t described = 0;

    (void)state;
    for (ULONG i = 0; WdsPxeExtSettingDescribe(i, &setting) == ERROR_SUCCESS; i++) {
        bool is_live = (setting.uFlags & WDSPXE_EXT_SETTING_LIVE) != 0;
        if (is_live != (live_find(setting.pszName) < LIVE_COUNT))
            fail_msg("%s: %s", setting.pszName,
                     is_live ? "is live, but nothing here sees it followed" : "is not live");
        described += is_live;
    }
    assert_int_equal(described, LIVE_COUNT);
}

int main(void)
{
    struct CMUnitTest tests[LIVE_COUNT + 1] = {cmocka_unit_test(the_list_is_complete)};

    for (size_t i = 0; i < LIVE_COUNT; i++)
        tests[i + 1] =
            (struct CMUnitTest){live[i].name, live[i].follows, live_setup, live_teardown, NULL};
    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(tests, rig_group_setup, rig_group_teardown);
}
