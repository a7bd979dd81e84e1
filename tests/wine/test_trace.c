/*
 * The server's log: what providers trace, the registry switches of API-7.6 with the file that
 * they make, and what PxeGetServerInfo tells of it.
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

#define TRACING_PARENT L"SOFTWARE\\Microsoft\\Tracing"
#define TRACING_NAME L"WDSServer"

/* A minute until a change must have shown, by fewer requests a second than have their lines written
 * (LOG_BUDGET_PER_SECOND). */
enum { ROUNDS = 550, PAUSE = 110 /* milliseconds */ };

static WCHAR folder[MAX_PATH];
static WCHAR log_path[MAX_PATH + 20];
static WCHAR old_path[MAX_PATH + 20];

/* ---- a tracing key and a folder for each test ---- */

static void files_remove(void)
{
    DeleteFileW(log_path);
    DeleteFileW(old_path);
    RemoveDirectoryW(folder);
}

/* There is one such key, in the 64-bit view of the registry, also for 32-bit programs. */
static HKEY tracing_key(void)
{
    HKEY key = NULL;

    assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, TRACING_PARENT L"\\" TRACING_NAME, 0, NULL,
                                     0, KEY_ALL_ACCESS | KEY_WOW64_64KEY, NULL, &key, NULL),
                     ERROR_SUCCESS);
    return key;
}

static void tracing_key_remove(void)
{
    HKEY parent;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, TRACING_PARENT, 0, KEY_ALL_ACCESS | KEY_WOW64_64KEY,
                      &parent) != ERROR_SUCCESS)
        return;
    RegDeleteTreeW(parent, TRACING_NAME);
    RegCloseKey(parent);
}

static void switch_set(const WCHAR *name, DWORD value)
{
    HKEY key = tracing_key();

    rig_set(key, name, value);
    RegCloseKey(key);
}

static void folder_set(const WCHAR *text)
{
    HKEY key = tracing_key();

    assert_int_equal(RegSetValueExW(key, L"FileDirectory", 0, REG_EXPAND_SZ, (const BYTE *)text,
                                    (DWORD)((wcslen(text) + 1) * sizeof(*text))),
                     ERROR_SUCCESS);
    RegCloseKey(key);
}

static int trace_setup(void **state)
{
    static unsigned number;
    WCHAR name[40], text[80];

    tracing_key_remove();
    _snwprintf(name, 40, L"wdspxe-trace-%lu-%u", GetCurrentProcessId(), ++number);
    _snwprintf(text, 80, L"%%TEMP%%\\%ls", name);
    assert_in_range(ExpandEnvironmentStringsW(text, folder, MAX_PATH), 2, MAX_PATH);
    _snwprintf(log_path, MAX_PATH + 20, L"%ls\\wdsserver.log", folder);
    _snwprintf(old_path, MAX_PATH + 20, L"%ls\\wdsserver.OLD", folder);
    files_remove();
    folder_set(text); /* to be expanded by the server */
    return rig_setup(state);
}

static int trace_teardown(void **state)
{
    BOOL enabled;
    int result = rig_teardown(state);

    tracing_key_remove();
    /* Reads the switches, and so closes the file. */
    (void)PxeGetServerInfo(PXE_GSI_TRACE_ENABLED, &enabled, sizeof(enabled));
    files_remove();
    return result;
}

#define TRACE_TEST(test) cmocka_unit_test_setup_teardown(test, trace_setup, trace_teardown)

/* ---- looking ---- */

static BOOL trace_is_enabled(void)
{
    BOOL enabled = 99;

    assert_int_equal(PxeGetServerInfo(PXE_GSI_TRACE_ENABLED, &enabled, sizeof(enabled)),
                     ERROR_SUCCESS);
    return enabled;
}

/* The bytes of the file, zero-terminated; NULL if there is none. The caller frees them. */
static char *file_read(const WCHAR *path)
{
    HANDLE file =
        CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, 0, NULL);
    DWORD size, got = 0;

    if (file == INVALID_HANDLE_VALUE)
        return NULL;
    size = GetFileSize(file, NULL);
    char *text = calloc(1, size + 1u);
    assert_non_null(text);
    assert_true(ReadFile(file, text, size, &got, NULL));
    CloseHandle(file);
    return text;
}

static bool file_has(const WCHAR *path, const char *text)
{
    char *all = file_read(path);
    bool found = all != NULL && strstr(all, text) != NULL;

    free(all);
    return found;
}

static bool exists(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* ---- PxeGetServerInfo ---- */

static void server_info_follows_the_switches(void **state)
{
    (void)state;
    assert_false(trace_is_enabled());
    switch_set(L"EnableFileTracing", 1);
    assert_int_equal(trace_is_enabled(), TRUE);
    switch_set(L"FileTracingMask", 0);
    assert_false(trace_is_enabled());
    switch_set(L"EnableConsoleTracing", 1);
    assert_int_equal(trace_is_enabled(), TRUE);
    switch_set(L"EnableConsoleTracing", 0);
    switch_set(L"FileTracingMask", PXE_TRACE_FATAL);
    assert_int_equal(trace_is_enabled(), TRUE);
    switch_set(L"EnableFileTracing", 0);
    assert_false(trace_is_enabled());
    assert_false(exists(folder)); /* asking makes no file */
}

static void server_info_errors(void **state)
{
    BYTE buffer[16];
    BOOL value;
    ULONG used = 77;

    (void)state;
    memset(buffer, 0xa5, sizeof(buffer));
    assert_int_equal(PxeGetServerInfo(PXE_GSI_TRACE_ENABLED, NULL, 4), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeGetServerInfo(0, buffer, 4), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeGetServerInfo(PXE_GSI_SERVER_DUID, buffer, 16), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeGetServerInfo(3, buffer, 16), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeGetServerInfo(PXE_GSI_TRACE_ENABLED, buffer, 3), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(buffer[0], 0xa5);
    assert_int_equal(PxeGetServerInfo(PXE_GSI_TRACE_ENABLED, buffer + 1, 15), ERROR_SUCCESS);
    memcpy(&value, buffer + 1, sizeof(value));
    assert_int_equal(value, FALSE);
    assert_int_equal(buffer[5], 0xa5);
    assert_int_equal(PxeGetServerInfoEx(PXE_GSI_TRACE_ENABLED, NULL, 4, &used),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeGetServerInfoEx(PXE_GSI_TRACE_ENABLED, buffer, 4, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeGetServerInfoEx(3, buffer, 16, &used), ERROR_INVALID_PARAMETER);
    assert_int_equal(used, 77);
    assert_int_equal(PxeGetServerInfoEx(PXE_GSI_TRACE_ENABLED, buffer, 3, &used),
                     ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(used, 4);
    used = 77;
    assert_int_equal(PxeGetServerInfoEx(PXE_GSI_TRACE_ENABLED, buffer, 16, &used), ERROR_SUCCESS);
    assert_int_equal(used, 4);
}

/* A UUID DUID that is made once: everybody gets the same, also after it was read anew. */
static void server_duid_is_stable(void **state)
{
    BYTE first[130], second[130];
    ULONG used = 0;

    (void)state;
    assert_int_equal(PxeGetServerInfoEx(PXE_GSI_SERVER_DUID, first, sizeof(first), &used),
                     ERROR_SUCCESS);
    assert_int_equal(used, 18);
    assert_memory_equal(first, "\0\4", 2); /* RFC 8415 section 11.5 */
    used = 0;
    assert_int_equal(PxeGetServerInfoEx(PXE_GSI_SERVER_DUID, second, 17, &used),
                     ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(used, 18);
    assert_int_equal(PxeGetServerInfoEx(PXE_GSI_SERVER_DUID, second, 18, &used), ERROR_SUCCESS);
    assert_memory_equal(first, second, 18);
}

/* ---- what providers trace ---- */

static void provider_may_trace_everything(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE];
    const WCHAR *names[] = {L"NullHandle", L"verbose",    L"info",          L"warning",
                            L"error",      L"fatal",      L"Strings",       L"LineBreak",
                            L"Long",       L"LongFormat", L"OtherSeverity", L"NoSeverity",
                            L"V"};

    (void)state;
    HKEY key = rig_add(L"tracer", L"prov_trace", true);
    rig_start();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(rig_value(key, names[i]), ERROR_SUCCESS);
    assert_int_equal(rig_value(key, L"MadeUpHandle"), ERROR_INVALID_HANDLE);
    assert_int_equal(rig_value(key, L"NullFormat"), ERROR_INVALID_PARAMETER);
    assert_int_equal(rig_value(key, L"VNullFormat"), ERROR_INVALID_PARAMETER);

    assert_int_equal(wcscmp(rig_log_line(L"no handle yet"), L"no handle yet 17"), 0);
    rig_expect_log(PXE_TRACE_VERBOSE, L"[tracer] line of severity verbose");
    rig_expect_log(PXE_TRACE_INFO, L"[tracer] line of severity info");
    rig_expect_log(PXE_TRACE_WARNING, L"[tracer] line of severity warning");
    rig_expect_log(PXE_TRACE_ERROR, L"[tracer] line of severity error");
    rig_expect_log(PXE_TRACE_FATAL, L"[tracer] line of severity fatal");
    rig_expect_log(PXE_TRACE_INFO, L"[tracer] wide W\u00e9 narrow thin number 42 hex 0000beef");
    assert_int_equal(wcscmp(rig_log_line(L"has a line"), L"[tracer] has a line break"), 0);
    rig_expect_log(PXE_TRACE_INFO, L"[tracer] by va_list text 3");
    rig_expect_log(0x80000000u, L"an unknown severity");
    rig_expect_log(PXE_TRACE_WARNING, L"from a made-up handle"); /* traced all the same */
    assert_non_null(rig_log_line(L"no severity"));
    const WCHAR *long_line = rig_log_line(L"[tracer] long abc");
    assert_non_null(long_line); /* bounded */
    assert_in_range(wcslen(long_line), 1000, 5000);
    assert_non_null(rig_log_line(L"[tracer] abcdef"));

    rig_discover(request, 1, 1);
    rig_send(rig.dhcp_port, request, sizeof(request));
    (void)rig_report(1);
    assert_int_equal(rig_value(key, L"RequestHandle"), ERROR_INVALID_HANDLE);
    rig_expect_log(PXE_TRACE_WARNING, L"from a request handle");
    rig_stop();
    assert_false(rig_has_value(key, L"StaleHandle"));
    rig_start();
    assert_int_equal(rig_value(key, L"StaleHandle"), ERROR_INVALID_HANDLE);
    rig_expect_log(PXE_TRACE_WARNING, L"from a stale handle");
    rig_stop();
}

static void tracing_without_a_server_is_nothing(void **state)
{
    (void)state;
    assert_int_equal(PxeTrace(NULL, PXE_TRACE_INFO, L"into the void %d", 1), ERROR_SUCCESS);
    assert_int_equal(PxeTrace(NULL, PXE_TRACE_INFO, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeTrace((HANDLE)(ULONG_PTR)1, PXE_TRACE_INFO, L"x"), ERROR_INVALID_HANDLE);
    assert_false(exists(folder));
}

/* ---- the file ---- */

static void file_is_made_and_masked(void **state)
{
    (void)state;
    switch_set(L"EnableFileTracing", 1);
    switch_set(L"FileTracingMask", PXE_TRACE_WARNING | PXE_TRACE_ERROR);
    assert_true(trace_is_enabled());
    (void)rig_add(L"tracer", L"prov_trace", true);
    rig_start();
    rig_stop();
    assert_true(exists(log_path));
    assert_true(file_has(log_path, ": [WDSPXE] [tracer] line of severity warning\r\n"));
    assert_true(file_has(log_path, "[tracer] line of severity error"));
    assert_false(file_has(log_path, "severity info"));
    assert_false(file_has(log_path, "severity verbose"));
    assert_false(file_has(log_path, "severity fatal"));
    assert_false(file_has(log_path, "loaded and initialized"));
    /* But the program that runs the server hears everything. */
    rig_expect_log(PXE_TRACE_VERBOSE, L"line of severity verbose");
}

static void verbose_lines_are_not_the_default(void **state)
{
    (void)state;
    switch_set(L"EnableFileTracing", 1);
    assert_true(trace_is_enabled());
    (void)rig_add(L"tracer", L"prov_trace", true);
    rig_start();
    rig_stop();
    assert_true(file_has(log_path, "[tracer] line of severity info"));
    assert_false(file_has(log_path, "severity verbose"));
}

/* "[thread] hh:mm:ss: [WDSPXE] text", in UTF-8 */
static void file_lines_look_like_the_originals(void **state)
{
    unsigned long thread = 0;
    unsigned hour, minute, second;
    int used = 0;

    (void)state;
    switch_set(L"EnableFileTracing", 1);
    assert_true(trace_is_enabled());
    assert_int_equal(PxeTrace(NULL, PXE_TRACE_INFO, L"caf\u00e9 %s", L"au lait"), ERROR_SUCCESS);
    char *text = file_read(log_path);
    assert_non_null(text);
    assert_int_equal(sscanf(text, "[%lu] %2u:%2u:%2u: [WDSPXE] %n", &thread, &hour, &minute,
                            &second, &used),
                     4);
    assert_int_equal(thread, GetCurrentThreadId());
    assert_string_equal(text + used, "caf\xc3\xa9 au lait\r\n");
    free(text);
}

static void longest_line_is_written_whole(void **state)
{
    static WCHAR text[1500];

    (void)state;
    switch_set(L"EnableFileTracing", 1);
    assert_true(trace_is_enabled());
    wmemset(text, 0x20ac, 1499); /* three bytes each */
    assert_int_equal(PxeTrace(NULL, PXE_TRACE_INFO, L"%s!", text), ERROR_SUCCESS);
    assert_true(file_has(log_path, "\xe2\x82\xac\xe2\x82\xac!\r\n"));
}

static void file_is_rotated(void **state)
{
    WIN32_FILE_ATTRIBUTE_DATA data;

    (void)state;
    switch_set(L"EnableFileTracing", 1);
    switch_set(L"MaxFileSize", 2000);
    assert_true(trace_is_enabled());
    for (int i = 0; i < 40; i++)
        assert_int_equal(PxeTrace(NULL, PXE_TRACE_INFO, L"line %02d of the rotated file ----------",
                                  i),
                         ERROR_SUCCESS);
    assert_true(exists(old_path));
    assert_true(file_has(log_path, "line 39 of"));
    assert_false(file_has(log_path, "line 00 of"));
    assert_true(file_has(old_path, "line 00 of"));
    assert_true(GetFileAttributesExW(old_path, GetFileExInfoStandard, &data));
    assert_in_range(data.nFileSizeLow, 2000, 2200);
}

/* Exchanges packets until that leaves a file, or leaves none where one has just been deleted. */
static void wait_exchanged(bool wants_file)
{
    uint32_t id = 2;

    for (int i = 0; i < ROUNDS && exists(log_path) != wants_file; i++) {
        Sleep(PAUSE);
        (void)DeleteFileW(log_path);
        (void)rig_exchange(rig.dhcp_port, id++, "boot\\x86\\wdsnbp.com");
    }
    assert_int_equal(exists(log_path), wants_file);
}

static void switches_work_while_the_server_runs(void **state)
{
    (void)state;
    rig_set_text(rig_add(L"good", L"prov_answer", true), L"ReplyMode", L"null");
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 1, "boot\\x86\\wdsnbp.com");
    assert_false(exists(log_path));
    switch_set(L"FileTracingMask", 0xffffffff); /* verbose lines, too */
    switch_set(L"EnableFileTracing", 1);
    wait_exchanged(true); /* the tracing may have begun in the middle of that exchange */
    (void)rig_exchange(rig.dhcp_port, ROUNDS + 2, "boot\\x86\\wdsnbp.com");
    assert_true(file_has(log_path, "[good] asked about 400 bytes"));
    switch_set(L"EnableFileTracing", 0);
    wait_exchanged(false);
    rig_stop();
}

static void folder_that_cannot_be_is_no_error(void **state)
{
    (void)state;
    switch_set(L"EnableFileTracing", 1);
    folder_set(L"C:\\no\\such\\folder\\anywhere");
    assert_true(trace_is_enabled());
    assert_int_equal(PxeTrace(NULL, PXE_TRACE_INFO, L"nowhere"), ERROR_SUCCESS);
}

/* ---- the original's host ---- */

static void original_host_is_refused_with_an_explanation(void **state)
{
    typedef DWORD(PXEAPI * initialize_fn)(PVOID host);
    FARPROC found = GetProcAddress(GetModuleHandleW(L"wdspxe.dll"), "WdsProviderInitialize");
    initialize_fn initialize;

    (void)state;
    assert_non_null(found);
    memcpy(&initialize, &found, sizeof(found));
    assert_int_equal(initialize(NULL), ERROR_NOT_SUPPORTED);
    switch_set(L"EnableFileTracing", 1);
    assert_true(trace_is_enabled());
    assert_int_equal(initialize((PVOID)(ULONG_PTR)0x1000), ERROR_NOT_SUPPORTED);
    assert_true(file_has(log_path, "cannot be hosted by the Windows Deployment Services service"));
    (void)rig_add(L"good", L"prov_reject", true);
    rig_start();
    assert_int_equal(initialize(NULL), ERROR_NOT_SUPPORTED);
    rig_expect_log(PXE_TRACE_ERROR, L"WdsProviderInitialize: this wdspxe.dll cannot be hosted");
    rig_stop();
}

int main(void)
{
    const struct CMUnitTest trace[] = {
        TRACE_TEST(server_info_follows_the_switches),
        TRACE_TEST(server_info_errors),
        TRACE_TEST(server_duid_is_stable),
        TRACE_TEST(provider_may_trace_everything),
        TRACE_TEST(tracing_without_a_server_is_nothing),
        TRACE_TEST(file_is_made_and_masked),
        TRACE_TEST(verbose_lines_are_not_the_default),
        TRACE_TEST(file_lines_look_like_the_originals),
        TRACE_TEST(longest_line_is_written_whole),
        TRACE_TEST(file_is_rotated),
        TRACE_TEST(switches_work_while_the_server_runs),
        TRACE_TEST(folder_that_cannot_be_is_no_error),
        TRACE_TEST(original_host_is_refused_with_an_explanation),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(trace, rig_group_setup, rig_group_teardown);
}
