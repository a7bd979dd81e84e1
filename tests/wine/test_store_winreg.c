/* The store on the real registry: the contract of all stores, and what only the registry can do. */
#include "win32/registry/store_winreg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/utf16.h"
#include "registry/provider_list.h"
#include "support/store_contract.h"
#include "support/wdspxe_key.h"

static const struct store_port *port;

/* ---- the order, as hands and other programs write it ---- */

static void put_order(DWORD type, const void *data, DWORD size)
{
    wdspxe_key_set(NULL, L"ProvidersOrder", type, data, size);
}

static void assert_order(size_t count, const uint16_t *first, const uint16_t *last)
{
    struct name_list order = {0};

    assert_int_equal(port->read_order(port->context, &order), PXE_OK);
    assert_int_equal(order.count, count);
    if (count > 0) {
        assert_true(utf16_equal(order.names[0], first));
        assert_true(utf16_equal(order.names[count - 1], last));
    }
    name_list_free(&order);
}

static void order_may_be_malformed(void **state)
{
    (void)state;
    put_order(REG_MULTI_SZ, L"A\0B\0", 5 * sizeof(WCHAR));
    assert_order(2, L"A", L"B");
    put_order(REG_MULTI_SZ, L"A\0B", 4 * sizeof(WCHAR));
    assert_order(2, L"A", L"B");
    put_order(REG_MULTI_SZ, L"A\0B", 3 * sizeof(WCHAR));
    assert_order(2, L"A", L"B");
    put_order(REG_MULTI_SZ, L"A\0\0B\0\0", 7 * sizeof(WCHAR));
    assert_order(2, L"A", L"B");
    put_order(REG_MULTI_SZ, L"A\0BC", 4 * sizeof(WCHAR) - 1); /* half of the 'C' is missing */
    assert_order(2, L"A", L"B");
    put_order(REG_MULTI_SZ, NULL, 0);
    assert_order(0, NULL, NULL);
    put_order(REG_MULTI_SZ, L"", 1);
    assert_order(0, NULL, NULL);
}

static void order_of_another_type_is_neither_read_nor_replaced(void **state)
{
    struct name_list order = {0};
    WCHAR text[8];
    DWORD size = sizeof(text);
    HKEY base;

    (void)state;
    put_order(REG_SZ, L"A B", 4 * sizeof(WCHAR));
    assert_int_equal(port->read_order(port->context, &order), PXE_INVALID_DATA);
    assert_int_equal(provider_list_register(port, L"X", L"x", 0, false, NULL), PXE_INVALID_DATA);
    base = wdspxe_key_open(NULL);
    assert_int_equal(RegQueryValueExW(base, L"ProvidersOrder", NULL, NULL, (BYTE *)text, &size), 0);
    assert_true(utf16_equal(text, L"A B"));
    RegCloseKey(base);
}

static volatile LONG growing;

/* Writes a short and a long order in turn, as often as it can. */
static DWORD WINAPI keep_growing(void *context)
{
    static WCHAR names[2000];
    HKEY base = context;

    for (size_t i = 0; i < 1998; i++)
        names[i] = i % 4 == 3 ? L'\0' : L'n';
    for (DWORD i = 0; growing != 0; i++) {
        DWORD units = i % 2 == 0 ? 5 : 2000;

        RegSetValueExW(base, L"ProvidersOrder", 0, REG_MULTI_SZ, (const BYTE *)names,
                       units * (DWORD)sizeof(WCHAR));
    }
    return 0;
}

static void order_may_grow_while_it_is_read(void **state)
{
    HKEY base;
    HANDLE thread;

    (void)state;
    put_order(REG_MULTI_SZ, L"nnn\0n", 5 * sizeof(WCHAR));
    base = wdspxe_key_open(NULL);
    growing = 1;
    thread = CreateThread(NULL, 0, keep_growing, base, 0, NULL);
    assert_non_null(thread);
    for (int i = 0; i < 1000; i++) {
        struct name_list order = {0};

        assert_int_equal(port->read_order(port->context, &order), PXE_OK);
        assert_true(order.count == 2 || order.count == 500);
        name_list_free(&order);
    }
    growing = 0;
    assert_int_equal(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    CloseHandle(thread);
    RegCloseKey(base);
}

/* ---- a provider's key ---- */

static void assert_provider(const WCHAR *name, const WCHAR *path, bool is_critical)
{
    struct provider_values values = {0};

    assert_int_equal(port->read_provider(port->context, name, &values), PXE_OK);
    assert_true(utf16_equal(values.module_path, path));
    assert_int_equal(values.is_critical, is_critical);
    mem_free(values.module_path);
}

static void assert_unusable(const WCHAR *name, pxe_status expected)
{
    struct provider_values values = {0};

    assert_int_equal(port->read_provider(port->context, name, &values), expected);
    assert_null(values.module_path);
}

static void path_may_be_malformed(void **state)
{
    DWORD number = 1;

    (void)state;
    wdspxe_key_set(L"A", L"ProviderDll", REG_SZ, L"a.dll", 5 * sizeof(WCHAR)); /* no NUL */
    assert_provider(L"A", L"a.dll", false);
    wdspxe_key_set(L"A", L"ProviderDll", REG_SZ, L"a.dll", 5 * sizeof(WCHAR) - 1);
    assert_provider(L"A", L"a.dl", false);
    wdspxe_key_set(L"A", L"ProviderDll", REG_SZ, L"a.dll\0junk", 11 * sizeof(WCHAR));
    assert_provider(L"A", L"a.dll", false);
    wdspxe_key_set(L"A", L"ProviderDll", REG_SZ, L"", sizeof(WCHAR));
    assert_unusable(L"A", PXE_FILE_NOT_FOUND);
    wdspxe_key_set(L"A", L"ProviderDll", REG_SZ, NULL, 0);
    assert_unusable(L"A", PXE_FILE_NOT_FOUND);
    wdspxe_key_set(L"A", L"ProviderDll", REG_DWORD, &number, sizeof(number));
    assert_unusable(L"A", PXE_INVALID_DATA);
    wdspxe_key_set(L"B", L"IsCritical", REG_DWORD, &number, sizeof(number));
    assert_unusable(L"B", PXE_FILE_NOT_FOUND);
}

static void only_expandable_paths_are_expanded(void **state)
{
    static WCHAR long_text[3001];

    (void)state;
    for (size_t i = 0; i < 3000; i++)
        long_text[i] = L'v';
    assert_true(SetEnvironmentVariableW(L"WDSPXE_TEST", long_text));
    wdspxe_key_set(L"L", L"ProviderDLL", REG_EXPAND_SZ, L"%WDSPXE_TEST%", 14 * sizeof(WCHAR));
    assert_provider(L"L", long_text, false);
    assert_true(SetEnvironmentVariableW(L"WDSPXE_TEST", L"C:\\here"));
    wdspxe_key_set(L"A", L"ProviderDLL", REG_EXPAND_SZ, L"%WDSPXE_TEST%\\a.dll",
                   20 * sizeof(WCHAR));
    assert_provider(L"A", L"C:\\here\\a.dll", false);
    wdspxe_key_set(L"A", L"ProviderDLL", REG_EXPAND_SZ, L"%WDSPXE_TEST%\\a.dll",
                   19 * sizeof(WCHAR)); /* no NUL */
    assert_provider(L"A", L"C:\\here\\a.dll", false);
    wdspxe_key_set(L"B", L"ProviderDLL", REG_SZ, L"%WDSPXE_TEST%\\a.dll", 20 * sizeof(WCHAR));
    assert_provider(L"B", L"%WDSPXE_TEST%\\a.dll", false);
    SetEnvironmentVariableW(L"WDSPXE_TEST", NULL);
}

static void critical_is_a_number_or_nothing(void **state)
{
    const DWORD one = 1;
    const DWORD seven = 7;
    const DWORD zero = 0;
    const uint64_t wide = 1;

    (void)state;
    wdspxe_key_set(L"A", L"ProviderDLL", REG_SZ, L"a", 2 * sizeof(WCHAR));
    assert_provider(L"A", L"a", false);
    wdspxe_key_set(L"A", L"IsCritical", REG_DWORD, &one, sizeof(one));
    assert_provider(L"A", L"a", true);
    wdspxe_key_set(L"A", L"IsCritical", REG_DWORD, &seven, sizeof(seven));
    assert_provider(L"A", L"a", true);
    wdspxe_key_set(L"A", L"IsCritical", REG_DWORD, &zero, sizeof(zero));
    assert_provider(L"A", L"a", false);
    wdspxe_key_set(L"A", L"IsCritical", REG_SZ, L"1", 2 * sizeof(WCHAR));
    assert_provider(L"A", L"a", false);
    wdspxe_key_set(L"A", L"IsCritical", REG_QWORD, &wide, sizeof(wide));
    assert_provider(L"A", L"a", false);
    wdspxe_key_set(L"A", L"IsCritical", REG_DWORD, &one, 2);
    assert_provider(L"A", L"a", false);
}

static void path_has_no_memory_to_expand_in(void **state)
{
    struct provider_values values = {0};
    pxe_status status = PXE_NOT_ENOUGH_MEMORY;
    long n;

    (void)state;
    wdspxe_key_set(L"A", L"ProviderDLL", REG_EXPAND_SZ, L"%SystemRoot%", 13 * sizeof(WCHAR));
    for (n = 1; n < 10 && status != PXE_OK; n++) {
        size_t before = mem_outstanding();

        mem_fail_after(n);
        status = port->read_provider(port->context, L"A", &values);
        mem_fail_after(-1);
        if (status != PXE_OK) {
            assert_int_equal(status, PXE_NOT_ENOUGH_MEMORY);
            assert_int_equal(mem_outstanding(), before);
        }
    }
    assert_int_equal(status, PXE_OK);
    assert_int_equal(n, 4); /* the value, then the expanded text */
    mem_free(values.module_path);
}

static void key_is_opened_with_the_rights_asked_for(void **state)
{
    HKEY key = NULL;
    DWORD number = 5;

    (void)state;
    wdspxe_key_set(L"A", L"ProviderDLL", REG_SZ, L"a", 2 * sizeof(WCHAR));
    assert_int_equal(store_winreg_open_provider(L"a", KEY_READ, &key), PXE_OK);
    assert_int_equal(RegSetValueExW(key, L"n", 0, REG_DWORD, (BYTE *)&number, sizeof(number)),
                     ERROR_ACCESS_DENIED);
    RegCloseKey(key);
    assert_int_equal(store_winreg_open_provider(L"A", KEY_READ | KEY_WRITE, &key), PXE_OK);
    assert_int_equal(RegSetValueExW(key, L"n", 0, REG_DWORD, (BYTE *)&number, sizeof(number)), 0);
    RegCloseKey(key);
    key = NULL;
    assert_int_equal(store_winreg_open_provider(L"none", KEY_READ, &key), PXE_FILE_NOT_FOUND);
    assert_int_equal(store_winreg_open_provider(L"A\\B", KEY_READ, &key), PXE_INVALID_PARAMETER);
    assert_int_equal(store_winreg_open_provider(L"", KEY_READ, &key), PXE_INVALID_PARAMETER);
    assert_null(key);
}

/* ---- the lock ---- */

static DWORD WINAPI lock_and_keep(void *context)
{
    (void)context;
    return port->lock(port->context); /* the thread ends as the owner */
}

static void dead_owner_does_not_block(void **state)
{
    HANDLE keep = CreateMutexW(NULL, FALSE, L"Global\\wdspxe-provider-list");
    HANDLE thread = CreateThread(NULL, 0, lock_and_keep, NULL, 0, NULL);
    DWORD code = 1;

    (void)state;
    assert_non_null(keep);
    assert_non_null(thread);
    assert_int_equal(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    assert_true(GetExitCodeThread(thread, &code));
    assert_int_equal(code, PXE_OK);
    assert_int_equal(port->lock(port->context), PXE_OK);
    port->unlock(port->context);
    CloseHandle(thread);
    CloseHandle(keep);
}

static DWORD WINAPI register_one(void *context)
{
    (void)context;
    return provider_list_register(port, L"A", L"a", 0, false, NULL);
}

static void writers_wait_for_the_lock(void **state)
{
    HANDLE thread;
    DWORD code = 1;

    (void)state;
    assert_int_equal(port->lock(port->context), PXE_OK);
    thread = CreateThread(NULL, 0, register_one, NULL, 0, NULL);
    assert_non_null(thread);
    assert_int_equal(WaitForSingleObject(thread, 300), WAIT_TIMEOUT);
    assert_order(0, NULL, NULL);
    port->unlock(port->context);
    assert_int_equal(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    assert_true(GetExitCodeThread(thread, &code));
    assert_int_equal(code, PXE_OK);
    assert_order(1, L"A", L"A");
    CloseHandle(thread);
}

/* Takes its 30 seconds: only if the environment says so. */
static void waiting_for_the_lock_ends(void **state)
{
    HANDLE thread;
    DWORD code = 1;

    (void)state;
    if (getenv("WDSPXE_SLOW_TESTS") == NULL)
        skip();
    assert_int_equal(port->lock(port->context), PXE_OK);
    thread = CreateThread(NULL, 0, register_one, NULL, 0, NULL);
    assert_non_null(thread);
    assert_int_equal(WaitForSingleObject(thread, 25000), WAIT_TIMEOUT);
    assert_int_equal(WaitForSingleObject(thread, 15000), WAIT_OBJECT_0);
    port->unlock(port->context);
    assert_true(GetExitCodeThread(thread, &code));
    assert_int_equal(code, PXE_TIMEOUT);
    assert_order(0, NULL, NULL);
    CloseHandle(thread);
}

static int clear_around(void **state)
{
    (void)state;
    wdspxe_key_clear();
    return 0;
}

int main(void)
{
#define CLEARED(test) cmocka_unit_test_setup_teardown(test, clear_around, clear_around)
    const struct CMUnitTest store_winreg[] = {
        CLEARED(order_may_be_malformed),
        CLEARED(order_of_another_type_is_neither_read_nor_replaced),
        CLEARED(order_may_grow_while_it_is_read),
        CLEARED(path_may_be_malformed),
        CLEARED(only_expandable_paths_are_expanded),
        CLEARED(critical_is_a_number_or_nothing),
        CLEARED(path_has_no_memory_to_expand_in),
        CLEARED(key_is_opened_with_the_rights_asked_for),
        CLEARED(dead_owner_does_not_block),
        CLEARED(writers_wait_for_the_lock),
        CLEARED(waiting_for_the_lock_ends),
    };
    int failed;

    if (!wdspxe_key_is_ours())
        return 1;
    port = store_winreg_port();
    failed = store_contract_run(port, wdspxe_key_clear);
    failed += cmocka_run_group_tests(store_winreg, NULL, NULL);
    wdspxe_key_remove_parents();
    return failed;
}
