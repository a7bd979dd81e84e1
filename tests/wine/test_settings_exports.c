/* The exports about settings, on the real registry: arguments, sizes, what is left there. */
#include "wdspxe_ext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

static int setup(void **state)
{
    (void)state;
    wdspxe_key_clear();
    return 0;
}

static int begin(void **state)
{
    (void)state;
    return wdspxe_key_is_ours() ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    wdspxe_key_clear();
    wdspxe_key_remove_parents();
    return 0;
}

static void settings_are_described(void **state)
{
    WDSPXE_EXT_SETTING setting = {.uSizeOfStruct = sizeof(setting)};
    ULONG count = 0;

    (void)state;
    while (WdsPxeExtSettingDescribe(count, &setting) == ERROR_SUCCESS) {
        assert_int_equal(setting.uSizeOfStruct, sizeof(setting));
        assert_true(setting.pszName != NULL && setting.pszKey != NULL && setting.pszForm != NULL &&
                    setting.pszMeaning != NULL && setting.pszDefault != NULL);
        count++;
    }
    assert_in_range(count, 10, 100);
    assert_int_equal(WdsPxeExtSettingDescribe(count, &setting), ERROR_NO_MORE_ITEMS);
    assert_int_equal(WdsPxeExtSettingDescribe(MAXDWORD, &setting), ERROR_NO_MORE_ITEMS);
    assert_int_equal(WdsPxeExtSettingDescribe(0, NULL), ERROR_INVALID_PARAMETER);
    setting.uSizeOfStruct--;
    assert_int_equal(WdsPxeExtSettingDescribe(0, &setting), ERROR_INVALID_PARAMETER);
}

static void values_are_checked(void **state)
{
    const DWORD one = 1, seven = 7;
    WCHAR problem[WDSPXE_EXT_PROBLEM_SIZE] = L"?", small[4];

    (void)state;
    assert_int_equal(WdsPxeExtSettingCheck(L"useDHCPports", REG_DWORD, &one, 4, problem, 320), 0);
    assert_true(wcscmp(problem, L"?") == 0);
    assert_int_equal(WdsPxeExtSettingCheck(L"UseDhcpPorts", REG_DWORD, &seven, 4, problem, 320),
                     ERROR_INVALID_DATA);
    assert_true(wcscmp(problem, L"is 7; allowed: 0 or 1") == 0);
    assert_int_equal(WdsPxeExtSettingCheck(L"UseDhcpPorts", REG_DWORD, &seven, 4, small, 4),
                     ERROR_INVALID_DATA);
    assert_true(wcscmp(small, L"is ") == 0);
    assert_int_equal(WdsPxeExtSettingCheck(L"UseDhcpPorts", REG_DWORD, &seven, 4, small, 0),
                     ERROR_INVALID_DATA);
    assert_int_equal(WdsPxeExtSettingCheck(L"UseDhcpPorts", REG_DWORD, &seven, 4, NULL, 9),
                     ERROR_INVALID_DATA);
    assert_int_equal(WdsPxeExtSettingCheck(L"Nonsense", REG_DWORD, &one, 4, NULL, 0),
                     ERROR_NOT_FOUND);
    assert_int_equal(WdsPxeExtSettingCheck(NULL, REG_DWORD, &one, 4, NULL, 0),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtSettingCheck(L"UseDhcpPorts", REG_DWORD, NULL, 4, NULL, 0),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtSettingCheck(L"UseDhcpPorts", REG_DWORD, NULL, 0, NULL, 0),
                     ERROR_INVALID_DATA);
}

static void values_are_written_and_read(void **state)
{
    static const WCHAR list[] = L"IP:10.0.0.2\0";
    BYTE bytes[64];
    DWORD type = 0, size = 0;

    (void)state;
    assert_int_equal(WdsPxeExtSettingRead(L"BindInterfaces", &type, NULL, &size),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(WdsPxeExtSettingWrite(L"BindInterfaces", REG_MULTI_SZ, list, sizeof(list)), 0);
    assert_int_equal(WdsPxeExtSettingRead(L"BindInterfaces", &type, NULL, &size), ERROR_MORE_DATA);
    assert_int_equal(size, sizeof(list));
    size--;
    assert_int_equal(WdsPxeExtSettingRead(L"BindInterfaces", &type, bytes, &size), ERROR_MORE_DATA);
    size = sizeof(bytes);
    assert_int_equal(WdsPxeExtSettingRead(L"BINDINTERFACES", &type, bytes, &size), 0);
    assert_int_equal(size, sizeof(list));
    assert_int_equal(type, REG_MULTI_SZ);
    assert_memory_equal(bytes, list, sizeof(list));
    assert_int_equal(WdsPxeExtSettingRead(L"Nonsense", &type, bytes, &size), ERROR_NOT_FOUND);
    assert_int_equal(WdsPxeExtSettingRead(NULL, &type, bytes, &size), ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtSettingRead(L"BindPolicy", NULL, bytes, &size),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtSettingRead(L"BindPolicy", &type, bytes, NULL),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtSettingRead(L"BindPolicy", &type, NULL, &size),
                     ERROR_INVALID_PARAMETER);
}

static void wrong_values_are_not_written(void **state)
{
    static const WCHAR list[] = L"eth0\0";
    DWORD type, size = 0;

    (void)state;
    assert_int_equal(WdsPxeExtSettingWrite(L"BindInterfaces", REG_MULTI_SZ, list, sizeof(list)),
                     ERROR_INVALID_DATA);
    assert_int_equal(WdsPxeExtSettingRead(L"BindInterfaces", &type, NULL, &size),
                     ERROR_FILE_NOT_FOUND);
    assert_int_equal(WdsPxeExtSettingWrite(L"Nonsense", REG_SZ, L"", 2), ERROR_NOT_FOUND);
    assert_int_equal(WdsPxeExtSettingWrite(NULL, REG_SZ, L"", 2), ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtSettingWrite(L"BindPolicy", REG_DWORD, NULL, 4),
                     ERROR_INVALID_PARAMETER);
}

static void values_are_deleted(void **state)
{
    const DWORD one = 1;
    DWORD type, size = 0;

    (void)state;
    assert_int_equal(WdsPxeExtSettingWrite(L"BindPolicy", REG_DWORD, NULL, 0), 0); /* no key */
    assert_int_equal(WdsPxeExtSettingWrite(L"BindPolicy", REG_DWORD, &one, 4), 0);
    assert_int_equal(WdsPxeExtSettingWrite(L"BindPolicy", REG_NONE, NULL, 0), 0);
    assert_int_equal(WdsPxeExtSettingRead(L"BindPolicy", &type, NULL, &size), ERROR_FILE_NOT_FOUND);
    assert_int_equal(WdsPxeExtSettingWrite(L"BindPolicy", REG_NONE, NULL, 0), 0);
}

#define TEST(function) cmocka_unit_test_setup(function, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(settings_are_described),      TEST(values_are_checked),
        TEST(values_are_written_and_read), TEST(wrong_values_are_not_written),
        TEST(values_are_deleted),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
