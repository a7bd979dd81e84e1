#include "support/wdspxe_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "os/wine.h"

bool wdspxe_key_is_ours(void)
{
    HKEY key;

    if (is_wine())
        return true;
    if (getenv("WDSPXE_TEST_MAY_WIPE") != NULL)
        return true;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, WDSPXE_KEY, 0, KEY_READ, &key) != ERROR_SUCCESS)
        return true;
    RegCloseKey(key);
    fprintf(stderr, "This machine has a list of PXE providers, which this test would delete.\n"
                    "Set WDSPXE_TEST_MAY_WIPE to let it.\n");
    return false;
}

void wdspxe_key_clear(void)
{
    LSTATUS status = RegDeleteTreeW(HKEY_LOCAL_MACHINE, WDSPXE_KEY);

    assert_true(status == ERROR_SUCCESS || status == ERROR_FILE_NOT_FOUND);
}

static void remove_if_empty(const WCHAR *path)
{
    DWORD keys = 1;
    DWORD values = 1;
    HKEY key;

    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key) != ERROR_SUCCESS)
        return;
    RegQueryInfoKeyW(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL);
    RegCloseKey(key);
    if (keys == 0 && values == 0)
        RegDeleteKeyW(HKEY_LOCAL_MACHINE, path);
}

void wdspxe_key_remove_parents(void)
{
    remove_if_empty(WDSPXE_HOST_KEY L"\\Providers");
    remove_if_empty(WDSPXE_HOST_KEY);
}

HKEY wdspxe_key_open(const WCHAR *name)
{
    HKEY base = NULL;
    HKEY providers = NULL;
    HKEY key = NULL;

    assert_int_equal(RegCreateKeyExW(HKEY_LOCAL_MACHINE, WDSPXE_KEY, 0, NULL, 0, KEY_ALL_ACCESS,
                                     NULL, &base, NULL),
                     ERROR_SUCCESS);
    if (name == NULL)
        return base;
    assert_int_equal(RegCreateKeyExW(base, L"Providers", 0, NULL, 0, KEY_ALL_ACCESS, NULL,
                                     &providers, NULL),
                     ERROR_SUCCESS);
    assert_int_equal(RegCreateKeyExW(providers, name, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL),
                     ERROR_SUCCESS);
    RegCloseKey(providers);
    RegCloseKey(base);
    return key;
}

void wdspxe_key_set(const WCHAR *name, const WCHAR *value, DWORD type, const void *data, DWORD size)
{
    HKEY key = wdspxe_key_open(name);

    assert_int_equal(RegSetValueExW(key, value, 0, type, data, size), ERROR_SUCCESS);
    RegCloseKey(key);
}
