/*
 * Providers as they are found in the wild, in the built server: careless ones, ones with threads
 * and DLLs of their own, in odd folders, linked to our DLL under another spelling and with several
 * copies of it around.
 */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <tlhelp32.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/child_process.h"
#include "support/wdspxe_key.h"

#define FILE_OF_SAMPLE "boot\\x86\\wdsnbp.com" /* prov_answer, rob_case */
#define FILE_OF_MISUSE "second.0"

enum { PATH_UNITS = 2 * MAX_PATH };

/* ---- folders ---- */

static WCHAR folder[PATH_UNITS]; /* of this test: spaces, and letters of several scripts */
static WCHAR other_folder[PATH_UNITS];
static WCHAR system_copy[PATH_UNITS]; /* what a test put into the system folder */

static const WCHAR *joined(const WCHAR *in, const WCHAR *name)
{
    static WCHAR paths[4][PATH_UNITS];
    static unsigned next;
    WCHAR *path = paths[next++ % 4];

    _snwprintf(path, PATH_UNITS - 1, L"%ls\\%ls", in, name);
    return path;
}

static void folder_remove(const WCHAR *path)
{
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW(joined(path, L"*"), &found);

    if (search == INVALID_HANDLE_VALUE)
        return;
    do
        DeleteFileW(joined(path, found.cFileName));
    while (FindNextFileW(search, &found));
    FindClose(search);
    RemoveDirectoryW(path);
}

static void folder_make(WCHAR *path, const WCHAR *name)
{
    WCHAR temporary[MAX_PATH];

    assert_in_range(GetTempPathW(MAX_PATH, temporary), 1, MAX_PATH - 1);
    /* Not the process id alone: Wine begins to count anew with every run. */
    _snwprintf(path, PATH_UNITS - 1, L"%ls%ls %lu-%I64u", temporary, name, GetCurrentProcessId(),
               GetTickCount64());
    if (!CreateDirectoryW(path, NULL))
        fail_msg("cannot make the folder '%S' (Wine needs a UTF-8 locale for it): error %lu", path,
                 GetLastError());
}

/* The folder that this program, and with it its wdspxe.dll, is in. */
static const WCHAR *own_folder(void)
{
    static WCHAR path[PATH_UNITS];

    assert_in_range(GetModuleFileNameW(NULL, path, PATH_UNITS), 1, PATH_UNITS - 1);
    *wcsrchr(path, L'\\') = L'\0';
    return path;
}

static void copy_file(const WCHAR *from, const WCHAR *to)
{
    if (!CopyFileW(from, to, FALSE))
        fail_msg("cannot copy %S to %S: error %lu", from, to, GetLastError());
}

static void copy_test_dll(const WCHAR *name, const WCHAR *to_folder, const WCHAR *to_name)
{
    copy_file(rig_dll_path(name), joined(to_folder, to_name));
}

static int folders_setup(void **state)
{
    system_copy[0] = L'\0';
    folder_make(folder, L"odd n\u00e4me \u0416\u6f22 of a folder");
    folder_make(other_folder, L"host");
    return rig_setup(state);
}

static int folders_teardown(void **state)
{
    int result = rig_teardown(state);

    if (system_copy[0] != L'\0')
        DeleteFileW(system_copy);
    folder_remove(folder);
    folder_remove(other_folder);
    return result;
}

#define FOLDER_TEST(test) cmocka_unit_test_setup_teardown(test, folders_setup, folders_teardown)

/* Registers a DLL that need not be in the usual folder, and keeps the key open. */
static HKEY add_path(const WCHAR *name, const WCHAR *path)
{
    HKEY key = rig_add(name, L"-", true);

    rig_set_text(key, L"ProviderDll", path);
    rig_set_text(key, L"ReplyMode", L"null");
    return key;
}

static HKEY add_misuse(const WCHAR *mode)
{
    HKEY key = rig_add(L"careless", L"rob_misuse", true);

    rig_set_text(key, L"Mode", mode);
    return key;
}

static void add_sample(void)
{
    rig_set_text(rig_add(L"sample", L"prov_answer", true), L"ReplyMode", L"null");
}

static unsigned modules_named(const WCHAR *name)
{
    MODULEENTRY32W entry = {.dwSize = sizeof(entry)};
    HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPMODULE, GetCurrentProcessId());
    unsigned count = 0;

    for (BOOL more = Module32FirstW(snapshot, &entry); more; more = Module32NextW(snapshot, &entry))
        count += _wcsicmp(entry.szModule, name) == 0;
    CloseHandle(snapshot);
    return count;
}

/* ---- careless providers ---- */

static void traces_that_should_not_be(void **state)
{
    (void)state;
    HKEY key = add_misuse(L"trace");
    rig_start();
    assert_int_equal(wcscmp(rig_log_line(L"no handle"), L"no handle: fine"), 0);
    rig_expect_log(PXE_TRACE_INFO, L"[careless] narrow for wide: \u6f62\u746f\u302e!");
    rig_expect_log(PXE_TRACE_INFO, L"[careless] unterminated: t.0 and .0!");
    rig_expect_log(PXE_TRACE_INFO, L"[careless] bad pointers: (unreadable) (unreadable)!");
    rig_expect_log(PXE_TRACE_INFO, L"[careless] before after");
    rig_expect_log(PXE_TRACE_INFO, L"[careless] ab%");
    const WCHAR *const names[] = {L"NullHandle", L"NarrowString", L"Unterminated", L"BadPointer",
                                  L"N",          L"Format",       L"BadFormat"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(rig_value(key, names[i]), ERROR_SUCCESS);
    assert_int_equal(rig_value(key, L"Victim"), 77);
    (void)rig_exchange(rig.dhcp_port, 1, FILE_OF_MISUSE);
    rig_stop();
}

static void reply_is_full_to_the_last_byte(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE], reply[1024], length;

    (void)state;
    HKEY key = add_misuse(L"full");
    rig_start();
    rig_discover(request, 1, 1);
    rig_send(rig.dhcp_port, request, sizeof(request));
    assert_int_equal(rig_receive(reply, sizeof(reply)), 300);
    assert_int_equal(reply[299], 255);
    const uint8_t *filling = rig_option(reply, 300, 224, &length);
    assert_non_null(filling);
    assert_int_equal(length, 300 - 240 - 3 - 2 - 1);
    assert_ptr_equal(filling + length, reply + 299);
    for (size_t i = 0; i < length; i++)
        assert_int_equal(filling[i], 0xee);
    (void)rig_report(1);
    assert_int_equal(rig_value(key, L"Length"), 300);
    assert_int_equal(rig_value(key, L"OneMore"), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(rig_value(key, L"OneMoreRaw"), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(rig_value(key, L"LengthAfter"), 300);
    rig_stop();
}

static void packet_is_the_providers_again_once_it_is_sent(void **state)
{
    (void)state;
    HKEY key = add_misuse(L"scribble");
    rig_start();
    for (uint32_t id = 1; id <= 20; id++)
        (void)rig_exchange(rig.dhcp_port, id, FILE_OF_MISUSE);
    assert_int_equal(rig_report(20).action, PXE_BA_NBP);
    assert_int_equal(rig_value(key, L"Free"), ERROR_SUCCESS);
    assert_int_equal(rig_value(key, L"FreeAgain"), ERROR_INVALID_PARAMETER);
    rig_wait_idle();
    assert_int_equal(rig_counters().uReclaimed, 0);
    rig_stop();
}

static void error_outweighs_the_action(void **state)
{
    const PXE_BOOT_ACTION actions[] = {PXE_BA_NBP, PXE_BA_CUSTOM, PXE_BA_IGNORE, PXE_BA_REJECTED};

    (void)state;
    HKEY key = add_misuse(L"error");
    add_sample();
    rig_start();
    for (uint32_t i = 0; i < 4; i++) {
        rig_set(key, L"Action", actions[i]);
        (void)rig_exchange(rig.dhcp_port, i + 1, FILE_OF_SAMPLE);
        struct rig_report report = rig_report(i + 1);
        assert_int_equal(wcscmp(report.provider, L"sample"), 0);
        assert_int_equal(report.action, PXE_BA_NBP);
    }
    rig_stop();
}

/* It is as if rejected even then: both answer. */
static void error_after_a_reply_is_still_an_error(void **state)
{
    uint8_t reply[1024];

    (void)state;
    HKEY key = add_misuse(L"error");
    rig_set(key, L"Action", PXE_BA_NBP);
    rig_set(key, L"Reply", 1);
    add_sample();
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 1, FILE_OF_MISUSE);
    assert_in_range(rig_receive(reply, sizeof(reply)), 240, 300);
    assert_string_equal((char *)reply + 108, FILE_OF_SAMPLE);
    assert_int_equal(wcscmp(rig_report(1).provider, L"sample"), 0);
    rig_stop();
}

static void second_registration_of_a_callback_counts(void **state)
{
    (void)state;
    HKEY key = add_misuse(L"twice");
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 1, FILE_OF_MISUSE);
    rig_stop();
    assert_false(rig_has_value(key, L"FirstReceive"));
    assert_false(rig_has_value(key, L"FirstShutdown"));
    assert_int_equal(rig_value(key, L"SecondShutdown"), 1);
}

/* ---- threads and DLLs of a provider's own ---- */

static void threads_from_dllmain(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE], reply[1024];
    const DWORD requests = 40;

    (void)state;
    HKEY key = rig_add(L"threads", L"rob_threads", true);
    for (DWORD round = 1; round <= 3; round++) { /* loaded and unloaded three times */
        rig_forget();
        rig_start();
        for (DWORD i = 0; i < requests; i++) {
            rig_discover(request, i, 1);
            rig_send(rig.dhcp_port, request, sizeof(request));
        }
        for (DWORD i = 0; i < requests; i++) {
            assert_in_range(rig_receive(reply, sizeof(reply)), 240, 300);
            assert_string_equal((char *)reply + 108, "thread.0");
        }
        assert_int_equal(rig_report(requests).action, PXE_BA_NBP);
        rig_stop();
        rig_expect_log(PXE_TRACE_INFO, L"a thread from DllMain");
        assert_int_equal(rig_value(key, L"Started"), 3);
        assert_int_equal(rig_value(key, L"Ended"), TRUE);
        assert_int_equal(rig_value(key, L"Answered"), requests);
        assert_in_range(rig_value(key, L"Attached"), 3, 100);
        assert_int_equal(modules_named(L"rob_threads.dll"), 0);
    }
}

static void dlls_beside_the_provider(void **state)
{
    (void)state;
    copy_test_dll(L"rob_second", folder, L"rob_second.dll");
    HKEY key = add_path(L"second", joined(folder, L"rob_second.dll"));
    copy_test_dll(L"rob_helper", folder, L"rob_helper.dll");
    assert_int_equal(rig_try_start(), ERROR_MOD_NOT_FOUND); /* its plug-in is not there */
    rig_expect_log(PXE_TRACE_ERROR, L"PxeProviderInitialize returned error 126");
    copy_test_dll(L"rob_helper", folder, L"rob_plugin.dll");
    rig_start();
    assert_int_equal(rig_value(key, L"Helper"), TRUE);
    (void)rig_exchange(rig.dhcp_port, 1, "helper.0");
    rig_stop();
    assert_int_equal(modules_named(L"rob_second.dll"), 0);
    assert_int_equal(modules_named(L"rob_helper.dll"), 0);
    assert_int_equal(modules_named(L"rob_plugin.dll"), 0);
}

/* ---- where a provider's DLL may be ---- */

static void path_with_spaces_and_letters_of_many_scripts(void **state)
{
    (void)state;
    const WCHAR *path = joined(folder, L"my pr\u00f6vider \u03a9.dll");
    copy_file(rig_dll_path(L"prov_answer"), path);
    (void)add_path(L"n\u00e4me \u0416", path);
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 1, FILE_OF_SAMPLE);
    rig_stop();
    rig_expect_log(PXE_TRACE_INFO, L"provider n\u00e4me \u0416: loaded and initialized");
}

static void path_that_is_to_be_expanded(void **state)
{
    const WCHAR path[] = L"%WDSPXE_ODD_FOLDER%\\answer.dll";

    (void)state;
    copy_test_dll(L"prov_answer", folder, L"answer.dll");
    assert_true(SetEnvironmentVariableW(L"WDSPXE_ODD_FOLDER", folder));
    HKEY key = add_path(L"expanded", L"-");
    assert_int_equal(RegSetValueExW(key, L"ProviderDll", 0, REG_EXPAND_SZ, (const BYTE *)path,
                                    sizeof(path)),
                     ERROR_SUCCESS);
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 1, FILE_OF_SAMPLE);
    rig_stop();
    assert_true(SetEnvironmentVariableW(L"WDSPXE_ODD_FOLDER", NULL));
}

/* ---- which wdspxe.dll a provider gets ---- */

/* The provider is linked to "WDSPXE.DLL". A copy lies beside it, but one is there already. */
static void loaded_dll_serves_a_provider_with_a_copy_beside_it(void **state)
{
    (void)state;
    copy_test_dll(L"rob_case", folder, L"rob_case.dll");
    copy_file(joined(own_folder(), L"wdspxe.dll"), joined(folder, L"wdspxe.dll"));
    (void)add_path(L"case", joined(folder, L"rob_case.dll"));
    rig_start(); /* in another copy there would be no server to register callbacks with */
    assert_int_equal(modules_named(L"wdspxe.dll"), 1);
    (void)rig_exchange(rig.dhcp_port, 1, FILE_OF_SAMPLE);
    rig_stop();
}

static HANDLE event_make(const WCHAR *suffix)
{
    WCHAR name[100];

    _snwprintf(name, 99, L"wdspxe-robustness-%lu-%ls", GetCurrentProcessId(), suffix);
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, name);
    assert_non_null(event);
    ResetEvent(event);
    return event;
}

/* Starts rob_host from other_folder, on the rig's ports. */
static HANDLE host_start(const WCHAR *dll, const WCHAR *expected)
{
    static WCHAR line[4 * PATH_UNITS];
    const WCHAR *program = joined(other_folder, L"rob_host.exe");

    copy_file(joined(own_folder(), L"started\\rob_host.exe"), program);
    _snwprintf(line, 4 * PATH_UNITS - 1, L"\"%ls\" \"%ls\" %u %u wdspxe-robustness-%lu", dll,
               expected, rig.dhcp_port, rig.boot_port, GetCurrentProcessId());
    return child_process_start(program, line, other_folder, 0);
}

/* Runs the server in a process of its own that loads `dll`, which must turn out to be `expected`;
 * asks the provider, which is linked to "WDSPXE.DLL". */
static void serve_from_another_process(const WCHAR *dll, const WCHAR *expected)
{
    HANDLE ready = event_make(L"ready"), stop = event_make(L"stop");
    DWORD exit_code = MAXDWORD;

    (void)add_path(L"case", joined(folder, L"rob_case.dll"));
    HANDLE process = host_start(dll, expected);
    HANDLE either[] = {ready, process};
    if (WaitForMultipleObjects(2, either, FALSE, 3 * RIG_WAIT) == WAIT_OBJECT_0)
        (void)rig_exchange(rig.dhcp_port, 1, FILE_OF_SAMPLE);
    SetEvent(stop);
    DWORD ended = WaitForSingleObject(process, 3 * RIG_WAIT);
    if (ended != WAIT_OBJECT_0)
        TerminateProcess(process, 99);
    assert_true(GetExitCodeProcess(process, &exit_code));
    CloseHandle(process);
    CloseHandle(ready);
    CloseHandle(stop);
    assert_int_equal(ended, WAIT_OBJECT_0);
    assert_int_equal(exit_code, 0);
}

static void dll_in_the_servers_folder(void **state)
{
    (void)state;
    copy_test_dll(L"rob_case", folder, L"rob_case.dll");
    copy_file(joined(own_folder(), L"wdspxe.dll"), joined(other_folder, L"wdspxe.dll"));
    serve_from_another_process(L"wdspxe.dll", joined(other_folder, L"wdspxe.dll"));
}

static void dll_in_the_system_folder(void **state)
{
    WCHAR system[MAX_PATH];

    (void)state;
    copy_test_dll(L"rob_case", folder, L"rob_case.dll");
    assert_in_range(GetSystemDirectoryW(system, MAX_PATH), 1, MAX_PATH - 1);
    const WCHAR *path = joined(system, L"wdspxe.dll");
    /* A real server has the original there. */
    if (!CopyFileW(joined(own_folder(), L"wdspxe.dll"), path, TRUE)) {
        assert_in_range(GetLastError(), ERROR_ACCESS_DENIED, ERROR_FILE_EXISTS);
        skip();
    }
    wcscpy(system_copy, path);
    serve_from_another_process(L"wdspxe.dll", system_copy);
}

static void dll_beside_the_provider_only(void **state)
{
    WCHAR path[PATH_UNITS];

    (void)state;
    copy_test_dll(L"rob_case", folder, L"rob_case.dll");
    wcscpy(path, joined(folder, L"wdspxe.dll"));
    copy_file(joined(own_folder(), L"wdspxe.dll"), path);
    serve_from_another_process(path, path);
}

int main(void)
{
    const struct CMUnitTest robustness[] = {
        RIG_TEST(traces_that_should_not_be),
        RIG_TEST(reply_is_full_to_the_last_byte),
        RIG_TEST(packet_is_the_providers_again_once_it_is_sent),
        RIG_TEST(error_outweighs_the_action),
        RIG_TEST(error_after_a_reply_is_still_an_error),
        RIG_TEST(second_registration_of_a_callback_counts),
        RIG_TEST(threads_from_dllmain),
        FOLDER_TEST(dlls_beside_the_provider),
        FOLDER_TEST(path_with_spaces_and_letters_of_many_scripts),
        FOLDER_TEST(path_that_is_to_be_expanded),
        FOLDER_TEST(loaded_dll_serves_a_provider_with_a_copy_beside_it),
        FOLDER_TEST(dll_in_the_servers_folder),
        FOLDER_TEST(dll_in_the_system_folder),
        FOLDER_TEST(dll_beside_the_provider_only),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(robustness, rig_group_setup, rig_group_teardown);
}
