/* staticpxe.dll while it starts: where it looks for its configuration, and what stops it. */
#include "wdspxe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/fake_pxe.h"
#include "support/provider_bench.h"
#include "support/temp_ini.h"

static const char good_config[] = "[default]\nfile=pxelinux.0\n";

static void refusal_of_the_server_is_returned(void **state)
{
    (void)state;
    bench_set_config_file(REG_SZ, temp_ini_text(good_config));
    fake_pxe.fail_attribute = ERROR_INVALID_HANDLE;
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_INVALID_HANDLE);
    fake_pxe.fail_attribute = 0;
    fake_pxe.fail_register = ERROR_INVALID_STATE;
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_INVALID_STATE);
    assert_null(fake_pxe.shutdown);
}

static void bad_config_stops_the_start(void **state)
{
    (void)state;
    bench_set_config_file(REG_SZ, temp_ini_text("[default]\nfiel=a\n"));
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_INVALID_DATA);
    assert_null(fake_pxe.receive);
    bench_set_config_file(REG_SZ, L"C:\\no-such-folder\\x.ini");
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_FILE_NOT_FOUND);
    assert_non_null(wcsstr(fake_pxe.trace, L"C:\\no-such-folder\\x.ini"));
    assert_null(fake_pxe.receive);
}

static void config_value_of_another_type(void **state)
{
    DWORD number = 1;
    WCHAR text[2000];

    (void)state;
    assert_int_equal(RegSetValueExW(bench_key(), L"ConfigFile", 0, REG_DWORD, (const BYTE *)&number,
                                    sizeof(number)),
                     ERROR_SUCCESS);
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_INVALID_DATA);
    assert_non_null(wcsstr(fake_pxe.trace, L"ConfigFile"));
    wmemset(text, L'x', 1999);
    text[1999] = L'\0';
    bench_set_config_file(REG_SZ, text);
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_MORE_DATA);
}

static void environment_is_expanded(void **state)
{
    LPCWSTR path = temp_ini_text(good_config);
    WCHAR value[MAX_PATH] = L"%SPXE_TEST_FOLDER%";

    (void)state;
    wcscat(value, wcsrchr(path, L'\\'));
    assert_true(SetEnvironmentVariableW(L"SPXE_TEST_FOLDER", L"C:\\no-such-folder"));
    bench_set_config_file(REG_EXPAND_SZ, value);
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_FILE_NOT_FOUND);
    assert_non_null(wcsstr(fake_pxe.trace, L"C:\\no-such-folder"));
}

/* Without a value: the program's own name with .ini. A relative value: beside the program. */
static void default_is_beside_the_module(void **state)
{
    WCHAR path[MAX_PATH];
    HANDLE file;
    DWORD written;

    (void)state;
    assert_in_range(GetModuleFileNameW(NULL, path, MAX_PATH), 5, MAX_PATH - 1);
    wcscpy(wcsrchr(path, L'.'), L".ini");
    DeleteFileW(path);
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_FILE_NOT_FOUND);
    assert_non_null(wcsstr(fake_pxe.trace, path));

    file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(WriteFile(file, good_config, sizeof(good_config) - 1, &written, NULL));
    CloseHandle(file);
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_SUCCESS);
    bench_stop();
    bench_set_config_file(REG_SZ, wcsrchr(path, L'\\') + 1);
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_SUCCESS);
    assert_true(DeleteFileW(path));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refusal_of_the_server_is_returned), TEST(bad_config_stops_the_start),
        TEST(config_value_of_another_type),      TEST(environment_is_expanded),
        TEST(default_is_beside_the_module),
    };

    return cmocka_run_group_tests_name("staticpxe_start", tests, NULL, NULL);
}
