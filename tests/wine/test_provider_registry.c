/*
 * The provider registration of the DLL, through its exports, on the real registry: every sentence
 * of the contract, several processes at once, and processes that are killed at work.
 *
 * The program starts itself again with a word as first argument: race <number>, victim,
 * installer.
 */
#include "wdspxe.h"
#include "wdspxe_ext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/child_process.h"
#include "support/wdspxe_key.h"

#define NAMES_MAX 512
#define CHILD_TIMEOUT 120000u /* milliseconds */

#define RACERS 4u
#define RACER_NAMES 50u

#define KILLS 30u

static DWORD add(const WCHAR *name, ULONG index)
{
    return PxeProviderRegister(name, L"C:\\providers\\p.dll", index, FALSE, NULL);
}

/* Registers A, B and C, in that order. */
static void add_three(void)
{
    assert_int_equal(add(L"A", PXE_REG_INDEX_BOTTOM), ERROR_SUCCESS);
    assert_int_equal(add(L"B", PXE_REG_INDEX_BOTTOM), ERROR_SUCCESS);
    assert_int_equal(add(L"C", PXE_REG_INDEX_BOTTOM), ERROR_SUCCESS);
}

static void join(WCHAR *text, size_t size, const WCHAR *word)
{
    size_t used = wcslen(text);
    size_t length = wcslen(word);

    assert_true(length + 2 < size - used);
    if (used > 0)
        text[used++] = L' ';
    memcpy(text + used, word, (length + 1) * sizeof(*text));
}

/* What the value ProvidersOrder holds, its strings with blanks between; "-" if it is missing. */
static void assert_order(const WCHAR *expected)
{
    WCHAR raw[1000] = {0};
    WCHAR text[1000] = L"";
    DWORD size = sizeof(raw) - 2 * sizeof(*raw);
    DWORD type = 0;
    HKEY key;
    LSTATUS status;

    status = RegOpenKeyExW(HKEY_LOCAL_MACHINE, WDSPXE_KEY, 0, KEY_READ, &key);
    if (status == ERROR_SUCCESS) {
        status = RegQueryValueExW(key, L"ProvidersOrder", NULL, &type, (BYTE *)raw, &size);
        RegCloseKey(key);
    }
    if (status == ERROR_FILE_NOT_FOUND) {
        join(text, 1000, L"-");
    } else {
        assert_int_equal(status, ERROR_SUCCESS);
        assert_int_equal(type, REG_MULTI_SZ);
        assert_int_equal(raw[size / sizeof(*raw) - 1], 0);
        for (const WCHAR *word = raw; *word != L'\0'; word += wcslen(word) + 1)
            join(text, 1000, word);
    }
    assert_int_equal(wcscmp(text, expected), 0);
}

/* What an enumeration returns: names with their indexes, "A:0 C:2". */
static void assert_enumerates(const WCHAR *expected)
{
    WCHAR text[1000] = L"";
    WCHAR word[300];
    PPXE_PROVIDER provider;
    HANDLE list = NULL;
    DWORD code;

    assert_int_equal(PxeProviderEnumFirst(&list), ERROR_SUCCESS);
    while ((code = PxeProviderEnumNext(list, &provider)) == ERROR_SUCCESS) {
        assert_true(_snwprintf(word, 300, L"%s:%lu", provider->pwszName, provider->uIndex) > 0);
        join(text, 1000, word);
        assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
    }
    assert_int_equal(code, ERROR_NO_MORE_ITEMS);
    assert_int_equal(PxeProviderEnumClose(list), ERROR_SUCCESS);
    assert_int_equal(wcscmp(text, expected), 0);
}

/* The first entry of a fresh enumeration; freed by the caller. */
static PPXE_PROVIDER first_provider(void)
{
    PPXE_PROVIDER provider = NULL;
    HANDLE list = NULL;

    assert_int_equal(PxeProviderEnumFirst(&list), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumNext(list, &provider), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumClose(list), ERROR_SUCCESS);
    return provider;
}

static bool has_key(const WCHAR *name)
{
    WCHAR path[400];
    HKEY key;

    assert_true(_snwprintf(path, 400, L"%s\\Providers\\%s", WDSPXE_KEY, name) > 0);
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_READ, &key) != ERROR_SUCCESS)
        return false;
    RegCloseKey(key);
    return true;
}

/* ---- register ---- */

static void first_registration_creates_the_keys(void **state)
{
    DWORD number = 99;
    DWORD type = 0;
    DWORD size = sizeof(number);
    WCHAR text[100] = L"";
    HKEY key;

    (void)state;
    assert_order(L"-");
    assert_int_equal(PxeProviderRegister(L"My provider", L"C:\\Program Files\\my\\p.dll",
                                         PXE_REG_INDEX_TOP, 7, NULL),
                     ERROR_SUCCESS);
    assert_order(L"My provider");
    key = wdspxe_key_open(L"My provider");
    assert_int_equal(RegQueryValueExW(key, L"IsCritical", NULL, &type, (BYTE *)&number, &size), 0);
    assert_int_equal(type, REG_DWORD);
    assert_int_equal(number, 1);
    size = sizeof(text);
    assert_int_equal(RegQueryValueExW(key, L"ProviderDll", NULL, &type, (BYTE *)text, &size), 0);
    assert_int_equal(type, REG_SZ);
    assert_int_equal(size, (wcslen(L"C:\\Program Files\\my\\p.dll") + 1) * sizeof(WCHAR));
    assert_int_equal(wcscmp(text, L"C:\\Program Files\\my\\p.dll"), 0);
    RegCloseKey(key);
}

static void register_puts_it_at_the_index(void **state)
{
    (void)state;
    assert_int_equal(add(L"A", PXE_REG_INDEX_TOP), ERROR_SUCCESS);
    assert_int_equal(add(L"B", PXE_REG_INDEX_TOP), ERROR_SUCCESS);
    assert_int_equal(add(L"C", PXE_REG_INDEX_BOTTOM), ERROR_SUCCESS);
    assert_order(L"B A C");
    assert_int_equal(add(L"D", 1), ERROR_SUCCESS);
    assert_int_equal(add(L"E", 4), ERROR_SUCCESS);
    assert_int_equal(add(L"F", 100), ERROR_SUCCESS);
    assert_int_equal(add(L"G", 0xfffffffe), ERROR_SUCCESS);
    assert_order(L"B D A C E F G");
}

static void register_refuses_a_known_name(void **state)
{
    HKEY key = (HKEY)(uintptr_t)0x55;
    PPXE_PROVIDER provider;

    (void)state;
    assert_int_equal(add(L"\u00c4pfel", 0), ERROR_SUCCESS);
    assert_int_equal(add(L"B", 0), ERROR_SUCCESS);
    assert_int_equal(PxeProviderRegister(L"b", L"other.dll", 1, TRUE, &key), ERROR_ALREADY_EXISTS);
    assert_int_equal(PxeProviderRegister(L"\u00e4PFEL", L"other.dll", 1, TRUE, NULL),
                     ERROR_ALREADY_EXISTS);
    assert_true(key == (HKEY)(uintptr_t)0x55);
    assert_order(L"B \u00c4pfel");
    provider = first_provider();
    assert_int_equal(wcscmp(provider->pwszFilePath, L"C:\\providers\\p.dll"), 0);
    assert_false(provider->bIsCritical);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
}

static void register_checks_its_arguments(void **state)
{
    HKEY key = (HKEY)(uintptr_t)0x55;

    (void)state;
    assert_int_equal(PxeProviderRegister(NULL, L"p", 0, FALSE, &key), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderRegister(L"", L"p", 0, FALSE, &key), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderRegister(L"N", NULL, 0, FALSE, &key), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderRegister(L"N", L"", 0, FALSE, &key), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderRegister(L"N\\M", L"p", 0, FALSE, &key), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderRegister(L"\\", L"p", 0, FALSE, &key), ERROR_INVALID_PARAMETER);
    assert_true(key == (HKEY)(uintptr_t)0x55);
    assert_order(L"-");
    assert_false(has_key(L"N"));
}

static void register_takes_names_as_long_as_keys_can_have(void **state)
{
    WCHAR name[257];
    ULONG index = 99;

    (void)state;
    for (size_t i = 0; i < 256; i++)
        name[i] = L'n';
    name[256] = L'\0';
    assert_int_equal(add(name, 0), ERROR_INVALID_PARAMETER);
    assert_order(L"-");
    name[255] = L'\0';
    assert_int_equal(add(name, 0), ERROR_SUCCESS);
    assert_order(name);
    assert_true(has_key(name));
    assert_int_equal(PxeProviderQueryIndex(name, &index), ERROR_SUCCESS);
    assert_int_equal(index, 0);
    assert_int_equal(PxeProviderUnRegister(name), ERROR_SUCCESS);
    assert_false(has_key(name));
}

static void names_may_have_any_letters(void **state)
{
    static const WCHAR name[] = L"\u65e5\u672c \u00dcbung/1 \U0001f600";
    PPXE_PROVIDER provider;
    ULONG index = 99;

    (void)state;
    assert_int_equal(PxeProviderRegister(name, L"C:\\\u65e5\\\u00fc.dll", 0, FALSE, NULL),
                     ERROR_SUCCESS);
    assert_int_equal(PxeProviderQueryIndex(name, &index), ERROR_SUCCESS);
    assert_int_equal(PxeProviderQueryIndex(L"\u65e5\u672c \u00fcBUNG/1 \U0001f600", &index),
                     ERROR_SUCCESS);
    assert_int_equal(index, 0);
    provider = first_provider();
    assert_int_equal(wcscmp(provider->pwszName, name), 0);
    assert_int_equal(wcscmp(provider->pwszFilePath, L"C:\\\u65e5\\\u00fc.dll"), 0);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
    assert_int_equal(PxeProviderUnRegister(name), ERROR_SUCCESS);
    assert_order(L"");
}

static void register_returns_a_key_to_write_and_read(void **state)
{
    DWORD number = 42;
    DWORD size = sizeof(number);
    HKEY key = NULL;
    HKEY below = NULL;

    (void)state;
    assert_int_equal(PxeProviderRegister(L"A", L"a.dll", 0, FALSE, &key), ERROR_SUCCESS);
    assert_non_null(key);
    assert_int_equal(RegSetValueExW(key, L"Own", 0, REG_DWORD, (BYTE *)&number, sizeof(number)), 0);
    assert_int_equal(RegCreateKeyExW(key, L"Sub\\Deep", 0, NULL, 0, KEY_READ, NULL, &below, NULL),
                     0);
    assert_int_equal(RegCloseKey(below), 0);
    assert_int_equal(RegCloseKey(key), 0);
    number = 0;
    key = wdspxe_key_open(L"A");
    assert_int_equal(RegQueryValueExW(key, L"Own", NULL, NULL, (BYTE *)&number, &size), 0);
    assert_int_equal(number, 42);
    RegCloseKey(key);
}

static void register_takes_over_a_key_left_behind(void **state)
{
    DWORD one = 1;
    PPXE_PROVIDER provider;

    (void)state;
    wdspxe_key_set(L"A", L"ProviderDLL", REG_EXPAND_SZ, L"old.dll", 8 * sizeof(WCHAR));
    wdspxe_key_set(L"A", L"IsCritical", REG_DWORD, &one, sizeof(one));
    assert_int_equal(PxeProviderRegister(L"a", L"new.dll", 0, FALSE, NULL), ERROR_SUCCESS);
    provider = first_provider();
    assert_int_equal(wcscmp(provider->pwszFilePath, L"new.dll"), 0);
    assert_false(provider->bIsCritical);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
}

/* ---- unregister, query, move ---- */

static void unregister_removes_name_and_keys(void **state)
{
    HKEY key;
    HKEY below;

    (void)state;
    add_three();
    key = wdspxe_key_open(L"B");
    assert_int_equal(RegCreateKeyExW(key, L"x\\y", 0, NULL, 0, KEY_READ, NULL, &below, NULL), 0);
    RegCloseKey(below);
    RegCloseKey(key);
    assert_int_equal(PxeProviderUnRegister(L"b"), ERROR_SUCCESS);
    assert_order(L"A C");
    assert_false(has_key(L"B"));
    assert_true(has_key(L"A"));
    assert_true(has_key(L"C"));
    assert_int_equal(PxeProviderUnRegister(L"B"), ERROR_NOT_FOUND);
    assert_int_equal(PxeProviderUnRegister(NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderUnRegister(L""), ERROR_INVALID_PARAMETER);
    assert_int_equal(add(L"B", PXE_REG_INDEX_TOP), ERROR_SUCCESS);
    assert_order(L"B A C");
}

static void a_missing_list_has_no_names(void **state)
{
    ULONG index = 99;

    (void)state;
    assert_int_equal(PxeProviderUnRegister(L"A"), ERROR_NOT_FOUND);
    assert_int_equal(PxeProviderQueryIndex(L"A", &index), ERROR_NOT_FOUND);
    assert_int_equal(WdsPxeExtProviderMove(L"A", 0), ERROR_NOT_FOUND);
    assert_int_equal(index, 99);
    assert_order(L"-"); /* and asking creates nothing */
}

static void query_index_finds_positions(void **state)
{
    ULONG index = 99;

    (void)state;
    add_three();
    assert_int_equal(PxeProviderQueryIndex(L"A", &index), ERROR_SUCCESS);
    assert_int_equal(index, 0);
    assert_int_equal(PxeProviderQueryIndex(L"c", &index), ERROR_SUCCESS);
    assert_int_equal(index, 2);
    assert_int_equal(PxeProviderQueryIndex(L"D", &index), ERROR_NOT_FOUND);
    assert_int_equal(PxeProviderQueryIndex(L"", &index), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderQueryIndex(NULL, &index), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderQueryIndex(L"A", NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(index, 2);
}

static void query_index_helps_to_register_behind(void **state)
{
    ULONG index = 0;

    (void)state;
    add_three();
    assert_int_equal(PxeProviderQueryIndex(L"B", &index), ERROR_SUCCESS);
    assert_int_equal(add(L"after B", index + 1), ERROR_SUCCESS);
    assert_int_equal(add(L"before B", index), ERROR_SUCCESS);
    assert_order(L"A before B B after B C");
}

static void move_changes_the_order_only(void **state)
{
    (void)state;
    add_three();
    assert_int_equal(WdsPxeExtProviderMove(L"a", 1), ERROR_SUCCESS);
    assert_order(L"B A C");
    assert_int_equal(WdsPxeExtProviderMove(L"B", PXE_REG_INDEX_BOTTOM), ERROR_SUCCESS);
    assert_order(L"A C B");
    assert_int_equal(WdsPxeExtProviderMove(L"B", PXE_REG_INDEX_TOP), ERROR_SUCCESS);
    assert_order(L"B A C");
    assert_int_equal(WdsPxeExtProviderMove(L"A", 50), ERROR_SUCCESS);
    assert_order(L"B C A");
    assert_int_equal(WdsPxeExtProviderMove(L"X", 0), ERROR_NOT_FOUND);
    assert_int_equal(WdsPxeExtProviderMove(L"", 0), ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtProviderMove(NULL, 0), ERROR_INVALID_PARAMETER);
    assert_order(L"B C A");
    assert_enumerates(L"B:0 C:1 A:2");
}

/* ---- enumeration ---- */

static void empty_lists_enumerate_as_empty(void **state)
{
    (void)state;
    assert_enumerates(L"");
    assert_int_equal(add(L"A", 0), ERROR_SUCCESS);
    assert_int_equal(PxeProviderUnRegister(L"A"), ERROR_SUCCESS);
    assert_enumerates(L"");
}

static void enumeration_returns_every_member(void **state)
{
    PPXE_PROVIDER provider;

    (void)state;
    assert_int_equal(PxeProviderRegister(L"A", L"C:\\a.dll", 0, TRUE, NULL), ERROR_SUCCESS);
    provider = first_provider();
    assert_int_equal(provider->uSizeOfStruct, sizeof(PXE_PROVIDER));
    assert_int_equal(wcscmp(provider->pwszName, L"A"), 0);
    assert_int_equal(wcscmp(provider->pwszFilePath, L"C:\\a.dll"), 0);
    assert_int_equal(provider->bIsCritical, TRUE);
    assert_int_equal(provider->uIndex, 0);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
}

static void enumeration_is_a_snapshot(void **state)
{
    PPXE_PROVIDER provider = NULL;
    HANDLE list = NULL;

    (void)state;
    add_three();
    assert_int_equal(PxeProviderEnumFirst(&list), ERROR_SUCCESS);
    assert_int_equal(PxeProviderUnRegister(L"A"), ERROR_SUCCESS);
    assert_int_equal(add(L"D", 0), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumNext(list, &provider), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumClose(list), ERROR_SUCCESS);
    /* The struct outlives both its provider and its enumeration. */
    assert_int_equal(wcscmp(provider->pwszName, L"A"), 0);
    assert_int_equal(wcscmp(provider->pwszFilePath, L"C:\\providers\\p.dll"), 0);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
    assert_enumerates(L"D:0 B:1 C:2");
}

static void enumerations_do_not_disturb_each_other(void **state)
{
    PPXE_PROVIDER a = NULL;
    PPXE_PROVIDER b = NULL;
    HANDLE lists[2] = {NULL, NULL};

    (void)state;
    add_three();
    assert_int_equal(PxeProviderEnumFirst(&lists[0]), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumFirst(&lists[1]), ERROR_SUCCESS);
    assert_true(lists[0] != lists[1]);
    assert_int_equal(PxeProviderEnumNext(lists[0], &a), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumNext(lists[1], &b), ERROR_SUCCESS);
    assert_true(a != b);
    assert_int_equal(a->uIndex, 0);
    assert_int_equal(b->uIndex, 0);
    assert_int_equal(PxeProviderFreeInfo(a), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumClose(lists[0]), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumNext(lists[1], &a), ERROR_SUCCESS);
    assert_int_equal(a->uIndex, 1);
    assert_int_equal(PxeProviderEnumClose(lists[1]), ERROR_SUCCESS);
    assert_int_equal(PxeProviderFreeInfo(b), ERROR_SUCCESS);
    assert_int_equal(PxeProviderFreeInfo(a), ERROR_SUCCESS);
}

static void the_end_can_be_met_again(void **state)
{
    PPXE_PROVIDER provider = NULL;
    HANDLE list = NULL;

    (void)state;
    assert_int_equal(add(L"A", 0), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumFirst(&list), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumNext(list, &provider), ERROR_SUCCESS);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
    for (int i = 0; i < 3; i++) {
        provider = (PPXE_PROVIDER)(uintptr_t)0x55;
        assert_int_equal(PxeProviderEnumNext(list, &provider), ERROR_NO_MORE_ITEMS);
        assert_null(provider);
    }
    assert_int_equal(PxeProviderEnumClose(list), ERROR_SUCCESS);
}

static void bad_handles_are_refused(void **state)
{
    PPXE_PROVIDER provider;
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE list = NULL;
    HANDLE bad[] = {NULL,
                    INVALID_HANDLE_VALUE,
                    event,
                    GetCurrentProcess(),
                    &provider,
                    &list,
                    (HANDLE)(uintptr_t)1,
                    (HANDLE)(uintptr_t)3,
                    NULL};

    (void)state;
    assert_int_equal(add(L"A", 0), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumFirst(&list), ERROR_SUCCESS);
    bad[8] = (HANDLE)((uintptr_t)list + 4);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        provider = (PPXE_PROVIDER)(uintptr_t)0x55;
        assert_int_equal(PxeProviderEnumNext(bad[i], &provider), ERROR_INVALID_HANDLE);
        assert_null(provider);
        assert_int_equal(PxeProviderEnumClose(bad[i]), ERROR_INVALID_HANDLE);
    }
    assert_int_equal(PxeProviderEnumNext(list, NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderEnumFirst(NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderEnumNext(list, &provider), ERROR_SUCCESS);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumClose(list), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumClose(list), ERROR_INVALID_HANDLE);
    assert_int_equal(PxeProviderEnumNext(list, &provider), ERROR_INVALID_HANDLE);
    CloseHandle(event);
}

static void only_live_structs_are_freed(void **state)
{
    PXE_PROVIDER made_up = {.uSizeOfStruct = sizeof(made_up)};
    PPXE_PROVIDER provider;
    void *reserved = VirtualAlloc(NULL, 4096, MEM_RESERVE, PAGE_NOACCESS);

    (void)state;
    assert_int_equal(add(L"A", 0), ERROR_SUCCESS);
    provider = first_provider();
    assert_int_equal(PxeProviderFreeInfo(NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderFreeInfo(&made_up), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderFreeInfo(reserved), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderFreeInfo((PPXE_PROVIDER)(uintptr_t)1), ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderFreeInfo((PPXE_PROVIDER)((char *)provider + 8)),
                     ERROR_INVALID_PARAMETER);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_INVALID_PARAMETER);
    VirtualFree(reserved, 0, MEM_RELEASE);
}

/* As `reg add` and the published sample's readme make registrations: by hand. */
static void hand_made_registrations_count(void **state)
{
    static const WCHAR order[] = L"Plain\0Expanded\0Ghost\0NoPath\0plain\0A\\B\0Last\0";
    PPXE_PROVIDER provider;
    HANDLE list = NULL;
    WCHAR expected[300] = L"";
    ULONG index = 0;

    (void)state;
    wdspxe_key_set(NULL, L"ProvidersOrder", REG_MULTI_SZ, order, sizeof(order));
    wdspxe_key_set(L"Plain", L"ProviderDLL", REG_SZ, L"C:\\plain.dll", 13 * sizeof(WCHAR));
    wdspxe_key_set(L"Expanded", L"ProviderDLL", REG_EXPAND_SZ, L"%SystemRoot%\\e.dll",
                   19 * sizeof(WCHAR));
    wdspxe_key_set(L"NoPath", L"Other", REG_SZ, L"x", 2 * sizeof(WCHAR));
    wdspxe_key_set(L"A\\B", L"ProviderDLL", REG_SZ, L"x", 2 * sizeof(WCHAR));
    wdspxe_key_set(L"Last", L"providerdll", REG_SZ, L"l", 2 * sizeof(WCHAR));
    assert_enumerates(L"Plain:0 Expanded:1 Last:6");
    assert_int_equal(PxeProviderQueryIndex(L"Last", &index), ERROR_SUCCESS);
    assert_int_equal(index, 6);

    assert_int_equal(PxeProviderEnumFirst(&list), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumNext(list, &provider), ERROR_SUCCESS);
    assert_false(provider->bIsCritical);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumNext(list, &provider), ERROR_SUCCESS);
    assert_true(GetWindowsDirectoryW(expected, 280) > 0);
    wcscat(expected, L"\\e.dll");
    assert_int_equal(_wcsicmp(provider->pwszFilePath, expected), 0);
    assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
    assert_int_equal(PxeProviderEnumClose(list), ERROR_SUCCESS);

    assert_int_equal(PxeProviderUnRegister(L"PLAIN"), ERROR_SUCCESS);
    assert_int_equal(PxeProviderUnRegister(L"A\\B"), ERROR_SUCCESS);
    assert_order(L"Expanded Ghost NoPath Last");
    assert_true(has_key(L"A\\B")); /* a part of another key is not deleted */
}

static void exports_leave_the_last_error_alone_on_success(void **state)
{
    ULONG index;

    (void)state;
    assert_int_equal(add(L"A", 0), ERROR_SUCCESS);
    SetLastError(0x1234);
    assert_int_equal(PxeProviderQueryIndex(L"A", &index), ERROR_SUCCESS);
    assert_int_equal(GetLastError(), 0x1234);
}

/* ---- several processes ---- */

/* Those that still run when a test fails are ended after it: they would disturb the next one. */
static HANDLE children[RACERS + KILLS];
static size_t children_count;

/* The handle stays valid until the test ends. */
static HANDLE start_child(const WCHAR *arguments)
{
    assert_true(children_count < RACERS + KILLS);
    HANDLE child = child_process_start(NULL, arguments, NULL, 0);
    children[children_count++] = child;
    return child;
}

static void racer_name(WCHAR *name, size_t size, unsigned racer, unsigned i)
{
    _snwprintf(name, size, L"racer %u name %u", racer, i);
}

/* In the child: registers its names all over the list, and unregisters the odd ones again. */
static int run_racer(unsigned racer)
{
    WCHAR name[64];

    for (unsigned i = 0; i < RACER_NAMES; i++) {
        racer_name(name, 64, racer, i);
        if (add(name, i * 7 % 20) != ERROR_SUCCESS)
            return 2;
        if (WdsPxeExtProviderMove(name, i * 3 % 10) != ERROR_SUCCESS)
            return 3;
        if (i % 2 == 1 && PxeProviderUnRegister(name) != ERROR_SUCCESS)
            return 4;
    }
    return 0;
}

/* The names of the list, each of which must have a readable key. */
struct names {
    size_t count;
    WCHAR text[NAMES_MAX][64];
};

static void read_names(struct names *out_names)
{
    PPXE_PROVIDER provider;
    HANDLE list = NULL;

    out_names->count = 0;
    assert_int_equal(PxeProviderEnumFirst(&list), ERROR_SUCCESS);
    while (PxeProviderEnumNext(list, &provider) == ERROR_SUCCESS) {
        assert_true(out_names->count < NAMES_MAX);
        /* A name that leads nowhere would be skipped, and show as a gap. */
        assert_int_equal(provider->uIndex, out_names->count);
        assert_true(wcslen(provider->pwszName) < 64);
        assert_int_equal(wcscmp(provider->pwszFilePath, L"C:\\providers\\p.dll"), 0);
        wcscpy(out_names->text[out_names->count++], provider->pwszName);
        assert_int_equal(PxeProviderFreeInfo(provider), ERROR_SUCCESS);
    }
    assert_int_equal(PxeProviderEnumClose(list), ERROR_SUCCESS);
}

static size_t occurrences(const struct names *names, const WCHAR *name)
{
    size_t found = 0;

    for (size_t i = 0; i < names->count; i++)
        found += wcscmp(names->text[i], name) == 0;
    return found;
}

/* The raw order has as many names as the enumeration showed: none is hidden at its end. */
static void assert_order_has(size_t count)
{
    static WCHAR raw[NAMES_MAX * 64];
    DWORD size = sizeof(raw) - sizeof(*raw);
    size_t strings = 0;
    HKEY key = wdspxe_key_open(NULL);

    memset(raw, 0, sizeof(raw));
    assert_int_equal(RegQueryValueExW(key, L"ProvidersOrder", NULL, NULL, (BYTE *)raw, &size), 0);
    RegCloseKey(key);
    for (const WCHAR *word = raw; *word != L'\0'; word += wcslen(word) + 1)
        strings++;
    assert_int_equal(strings, count);
}

static void processes_at_once_lose_nothing(void **state)
{
    static struct names names;
    HANDLE racers[RACERS];
    WCHAR text[64];
    bool all_done = false;

    (void)state;
    for (unsigned i = 0; i < RACERS; i++) {
        _snwprintf(text, 64, L"race %u", i);
        racers[i] = start_child(text);
    }
    /* Reading meanwhile never meets a name without a key. */
    for (ULONGLONG end = GetTickCount64() + CHILD_TIMEOUT; !all_done && GetTickCount64() < end;) {
        read_names(&names);
        all_done = WaitForMultipleObjects(RACERS, racers, TRUE, 0) == WAIT_OBJECT_0;
    }
    assert_true(all_done);
    for (unsigned i = 0; i < RACERS; i++) {
        DWORD code = 99;

        assert_true(GetExitCodeProcess(racers[i], &code));
        assert_int_equal(code, 0);
    }
    read_names(&names);
    assert_int_equal(names.count, RACERS * RACER_NAMES / 2);
    assert_order_has(names.count);
    for (unsigned racer = 0; racer < RACERS; racer++) {
        for (unsigned i = 0; i < RACER_NAMES; i++) {
            racer_name(text, 64, racer, i);
            assert_int_equal(occurrences(&names, text), i % 2 == 0);
            assert_int_equal(has_key(text), i % 2 == 0);
        }
    }
}

/* In the child: changes the list until it is killed, or for a minute. */
static int run_victim(void)
{
    HANDLE at_work = OpenEventW(EVENT_MODIFY_STATE, FALSE, L"wdspxe-test-victim");
    ULONGLONG end = GetTickCount64() + 60000;
    WCHAR name[64];

    /* What an earlier victim left on the list is this one's to remove. */
    for (unsigned i = 0; GetTickCount64() < end; i = (i + 1) % 5) {
        DWORD code;

        _snwprintf(name, 64, L"victim %u", i);
        code = add(name, i);
        if (code != ERROR_SUCCESS && code != ERROR_ALREADY_EXISTS)
            return 2;
        if (at_work != NULL)
            SetEvent(at_work);
        if (WdsPxeExtProviderMove(L"Anchor", i) != ERROR_SUCCESS)
            return 3;
        _snwprintf(name, 64, L"victim %u", (i + 3) % 5);
        code = PxeProviderUnRegister(name);
        if (code != ERROR_SUCCESS && code != ERROR_NOT_FOUND)
            return 4;
    }
    return 0;
}

/* After a kill: whole, the neighbour still there, and the next writer can go on at once. */
static void assert_list_is_whole(struct names *names)
{
    read_names(names);
    assert_order_has(names->count);
    assert_int_equal(occurrences(names, L"Anchor"), 1);
    for (size_t i = 0; i < names->count; i++)
        assert_int_equal(occurrences(names, names->text[i]), 1);
    assert_int_equal(add(L"next", 0), ERROR_SUCCESS);
    assert_int_equal(PxeProviderUnRegister(L"next"), ERROR_SUCCESS);
}

static void a_killed_process_leaves_the_list_whole(void **state)
{
    static struct names names;
    HANDLE at_work = CreateEventW(NULL, FALSE, FALSE, L"wdspxe-test-victim");
    unsigned seed = (unsigned)GetTickCount64();

    (void)state;
    assert_non_null(at_work);
    print_message("seed %u\n", seed);
    srand(seed);
    assert_int_equal(add(L"Anchor", 0), ERROR_SUCCESS);
    for (unsigned i = 0; i < KILLS; i++) {
        HANDLE victim = start_child(L"victim");
        ULONGLONG spin;

        assert_int_equal(WaitForSingleObject(at_work, CHILD_TIMEOUT), WAIT_OBJECT_0);
        Sleep((DWORD)rand() % 8);
        spin = (ULONGLONG)rand() % 20000; /* between the ticks of Sleep */
        for (volatile ULONGLONG k = 0; k < spin; k++)
            continue;
        assert_true(TerminateProcess(victim, 77));
        assert_int_equal(WaitForSingleObject(victim, CHILD_TIMEOUT), WAIT_OBJECT_0);
        assert_list_is_whole(&names);
    }
    CloseHandle(at_work);
}

/* "installer": as one does it that was not linked with the DLL, while no server runs. */
static int run_installer(void)
{
    typedef DWORD(PXEAPI * register_function)(LPCWSTR, LPCWSTR, ULONG, BOOL, PHKEY);
    const HMODULE ours = GetModuleHandleW(L"wdspxe.dll"); /* this program is linked with it */
    WCHAR path[MAX_PATH];
    register_function register_provider;
    HMODULE module;

    GetSystemDirectoryW(path, MAX_PATH);
    wcscat(path, L"\\wdspxe.dll");
    module = LoadLibraryW(path);
    if (module == NULL)
        return 2;
    if (module == ours)
        return 3;
    register_provider =
        (register_function)(void (*)(void))GetProcAddress(module, "PxeProviderRegister");
    if (register_provider == NULL)
        return 4;
    return (int)register_provider(L"Installed", L"C:\\deploy\\not there.dll", 0, FALSE, NULL);
}

/* E14; that the provider's DLL is not there is E13. */
static void an_installer_loads_it_from_system32(void **state)
{
    WCHAR ours[MAX_PATH], path[MAX_PATH];
    DWORD code = 99;

    (void)state;
    assert_in_range(GetModuleFileNameW(GetModuleHandleW(L"wdspxe.dll"), ours, MAX_PATH), 1,
                    MAX_PATH - 1);
    GetSystemDirectoryW(path, MAX_PATH);
    wcscat(path, L"\\wdspxe.dll");
    if (!CopyFileW(ours, path, TRUE))
        skip(); /* somebody's own is there, or no right to it */
    assert_int_equal(add(L"Others", 0), ERROR_SUCCESS);
    HANDLE installer = start_child(L"installer");
    DWORD waited = WaitForSingleObject(installer, CHILD_TIMEOUT);
    GetExitCodeProcess(installer, &code);
    assert_true(DeleteFileW(path));
    assert_int_equal(waited, WAIT_OBJECT_0);
    assert_int_equal(code, ERROR_SUCCESS);
    assert_order(L"Installed Others");
}

static void end_children(void)
{
    while (children_count > 0) {
        HANDLE child = children[--children_count];

        TerminateProcess(child, 78);
        WaitForSingleObject(child, CHILD_TIMEOUT);
        CloseHandle(child);
    }
}

static int clear_around(void **state)
{
    (void)state;
    end_children();
    wdspxe_key_clear();
    return 0;
}

int main(int argc, char **argv)
{
#define CLEARED(test) cmocka_unit_test_setup_teardown(test, clear_around, clear_around)
    const struct CMUnitTest provider_registry[] = {
        CLEARED(first_registration_creates_the_keys),
        CLEARED(register_puts_it_at_the_index),
        CLEARED(register_refuses_a_known_name),
        CLEARED(register_checks_its_arguments),
        CLEARED(register_takes_names_as_long_as_keys_can_have),
        CLEARED(names_may_have_any_letters),
        CLEARED(register_returns_a_key_to_write_and_read),
        CLEARED(register_takes_over_a_key_left_behind),
        CLEARED(unregister_removes_name_and_keys),
        CLEARED(a_missing_list_has_no_names),
        CLEARED(query_index_finds_positions),
        CLEARED(query_index_helps_to_register_behind),
        CLEARED(move_changes_the_order_only),
        CLEARED(empty_lists_enumerate_as_empty),
        CLEARED(enumeration_returns_every_member),
        CLEARED(enumeration_is_a_snapshot),
        CLEARED(enumerations_do_not_disturb_each_other),
        CLEARED(the_end_can_be_met_again),
        CLEARED(bad_handles_are_refused),
        CLEARED(only_live_structs_are_freed),
        CLEARED(hand_made_registrations_count),
        CLEARED(exports_leave_the_last_error_alone_on_success),
        CLEARED(processes_at_once_lose_nothing),
        CLEARED(a_killed_process_leaves_the_list_whole),
        CLEARED(an_installer_loads_it_from_system32),
    };
    int failed;

    if (argc == 3 && strcmp(argv[1], "race") == 0)
        return run_racer((unsigned)strtoul(argv[2], NULL, 10));
    if (argc == 2 && strcmp(argv[1], "victim") == 0)
        return run_victim();
    if (argc == 2 && strcmp(argv[1], "installer") == 0)
        return run_installer();
    if (!wdspxe_key_is_ours())
        return 1;
    failed = cmocka_run_group_tests(provider_registry, NULL, NULL);
    wdspxe_key_remove_parents();
    return failed;
}
