/*
 * The list of providers. Questions that read it look at what is there; those that change it use
 * names of their own only, and whoever asks them puts the list back (registry_guard.h).
 */
#include "questions.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "registry_guard.h"
#include "subject.h"

#define MODULE_PATH L"C:\\wdspxe-conformance\\nowhere.dll"
#define OTHER_PATH L"C:\\wdspxe-conformance\\other.dll"

enum { NAME_UNITS = 64 };

/* ---- helpers ---- */

/* A name that no provider has: our prefix, this process, a letter. Valid to the end. */
static const WCHAR *name(WCHAR letter)
{
    static WCHAR names[26][NAME_UNITS];
    WCHAR *text = names[letter - L'a'];

    _snwprintf(text, NAME_UNITS, SUBJECT_NAME_PREFIX L"%lu-%lc", GetCurrentProcessId(), letter);
    return text;
}

/* The same in capitals. */
static const WCHAR *name_upper(WCHAR letter)
{
    static WCHAR text[NAME_UNITS];

    wcscpy(text, name(letter));
    CharUpperW(text);
    return text;
}

static DWORD register_at(const WCHAR *provider, ULONG index)
{
    return PXE(PxeProviderRegister)(provider, MODULE_PATH, index, FALSE, NULL);
}

/* Registers at the end; the question makes no sense without it. */
static void must_register(const WCHAR *provider)
{
    DWORD error = register_at(provider, PXE_REG_INDEX_BOTTOM);

    if (error != ERROR_SUCCESS)
        not_asked("PxeProviderRegister returned %lu", error);
}

static HANDLE must_enumerate(void)
{
    HANDLE enumeration = NULL;
    DWORD error = PXE(PxeProviderEnumFirst)(&enumeration);

    if (error != ERROR_SUCCESS)
        not_asked("PxeProviderEnumFirst returned %lu", error);
    return enumeration;
}

/* The next element with this name, or NULL. Bounded: an enumeration may never end. */
static PPXE_PROVIDER element_find(HANDLE enumeration, const WCHAR *provider)
{
    for (int i = 0; i < 1000; i++) {
        PPXE_PROVIDER element = NULL;
        DWORD error = PXE(PxeProviderEnumNext)(enumeration, &element);

        if (error != ERROR_SUCCESS || element == NULL)
            return NULL;
        if (_wcsicmp(element->pwszName, provider) == 0)
            return element;
        PXE(PxeProviderFreeInfo)(element);
    }
    return NULL;
}

/* The place in the list, as the DLL tells; MAXDWORD if it does not. */
static ULONG place_of(const WCHAR *provider)
{
    ULONG index = MAXDWORD;

    return PXE(PxeProviderQueryIndex)(provider, &index) == ERROR_SUCCESS ? index : MAXDWORD;
}

static HKEY provider_key(const WCHAR *provider, BOOL create)
{
    WCHAR path[512];
    HKEY key = NULL;

    _snwprintf(path, 512, PXE_SERVER_KEY L"\\Providers\\%ls", provider);
    if (create)
        RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL);
    else
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, KEY_ALL_ACCESS, &key);
    return key;
}

/* ---- reading ---- */

static void first_null(void)
{
    answer("%lu", PXE(PxeProviderEnumFirst)(NULL));
}

static void next_end(void)
{
    HANDLE enumeration = must_enumerate();
    PPXE_PROVIDER element = (PPXE_PROVIDER)1;

    element_find(enumeration, L"\\no provider has this name");
    answer("%lu", PXE(PxeProviderEnumNext)(enumeration, &element));
    answer(element == NULL ? "pointer NULL" : "pointer not NULL");
    answer("again %lu", PXE(PxeProviderEnumNext)(enumeration, &element));
    answer("close %lu", PXE(PxeProviderEnumClose)(enumeration));
}

static void next_on(HANDLE enumeration)
{
    PPXE_PROVIDER element = (PPXE_PROVIDER)1;

    answer("%lu", PXE(PxeProviderEnumNext)(enumeration, &element));
    answer(element == NULL ? "pointer NULL" : "pointer not NULL");
}

static void next_null_handle(void)
{
    next_on(NULL);
}

static void next_closed(void)
{
    HANDLE enumeration = must_enumerate();

    PXE(PxeProviderEnumClose)(enumeration);
    next_on(enumeration);
}

static void next_null_output(void)
{
    answer("%lu", PXE(PxeProviderEnumNext)(must_enumerate(), NULL));
}

static void close_null(void)
{
    answer("%lu", PXE(PxeProviderEnumClose)(NULL));
}

static void close_twice(void)
{
    HANDLE enumeration = must_enumerate();

    answer("%lu", PXE(PxeProviderEnumClose)(enumeration));
    answer("%lu", PXE(PxeProviderEnumClose)(enumeration));
}

static void free_null(void)
{
    answer("%lu", PXE(PxeProviderFreeInfo)(NULL));
}

static void query(const WCHAR *provider)
{
    ULONG index = 0xeeeeeeee;

    answer("%lu", PXE(PxeProviderQueryIndex)(provider, &index));
    answer(index == 0xeeeeeeee ? "output unchanged" : "output changed");
}

static void query_unknown(void)
{
    query(name(L'a'));
}

static void query_null(void)
{
    query(NULL);
}

static void query_empty(void)
{
    query(L"");
}

static void query_null_output(void)
{
    answer("%lu", PXE(PxeProviderQueryIndex)(name(L'a'), NULL));
}

/* ---- registering ---- */

static void register_null_name(void)
{
    answer("%lu", register_at(NULL, PXE_REG_INDEX_BOTTOM));
}

static void register_empty_name(void)
{
    answer("%lu", register_at(L"", PXE_REG_INDEX_BOTTOM));
}

static void register_backslash(void)
{
    WCHAR text[NAME_UNITS + 2];

    _snwprintf(text, NAME_UNITS + 2, L"%ls\\x", name(L'a'));
    answer("%lu", register_at(text, PXE_REG_INDEX_BOTTOM));
}

static void register_long_name(void)
{
    WCHAR text[257];

    wmemset(text, L'x', 256);
    text[256] = L'\0';
    memcpy(text, name(L'a'), wcslen(name(L'a')) * sizeof(text[0]));
    answer("%lu", register_at(text, PXE_REG_INDEX_BOTTOM));
}

static void register_path(const WCHAR *path)
{
    answer("%lu", PXE(PxeProviderRegister)(name(L'a'), path, PXE_REG_INDEX_BOTTOM, FALSE, NULL));
}

static void register_null_path(void)
{
    register_path(NULL);
}

static void register_empty_path(void)
{
    register_path(L"");
}

static void register_bare_path(void)
{
    register_path(L"nowhere.dll");
}

static void register_null_key(void)
{
    answer("%lu", register_at(name(L'a'), PXE_REG_INDEX_BOTTOM));
}

static void register_bottom(void)
{
    must_register(name(L'a'));
    answer("%lu", register_at(name(L'b'), PXE_REG_INDEX_BOTTOM));
    answer(place_of(name(L'b')) == place_of(name(L'a')) + 1 ? "behind the last one" : "elsewhere");
}

static void register_beyond(void)
{
    must_register(name(L'a'));
    answer("%lu", register_at(name(L'b'), 1000000));
    answer(place_of(name(L'b')) == place_of(name(L'a')) + 1 ? "behind the last one" : "elsewhere");
}

static void register_top(void)
{
    answer("%lu", register_at(name(L'a'), PXE_REG_INDEX_TOP));
    answer("%lu", register_at(name(L'b'), PXE_REG_INDEX_TOP));
    answer("places %lu and %lu", place_of(name(L'a')), place_of(name(L'b')));
}

/* What is registered under name a, after a second registration that may have changed it. */
static void register_again(const WCHAR *second_name)
{
    PPXE_PROVIDER element;

    must_register(name(L'a'));
    must_register(name(L'b'));
    ULONG place = place_of(name(L'a'));
    answer("%lu",
           PXE(PxeProviderRegister)(second_name, OTHER_PATH, PXE_REG_INDEX_BOTTOM, FALSE, NULL));
    answer(place_of(name(L'a')) == place ? "place kept" : "moved");
    element = element_find(must_enumerate(), name(L'a'));
    if (element == NULL)
        answer("not listed");
    else
        answer(_wcsicmp(element->pwszFilePath, MODULE_PATH) == 0 ? "path kept" : "path changed");
}

static void register_duplicate(void)
{
    register_again(name(L'a'));
}

static void register_duplicate_case(void)
{
    register_again(name_upper(L'a'));
}

static void register_key(void)
{
    DWORD value = 5, size = sizeof(value), error;
    HKEY key = NULL, below = NULL;

    error = PXE(PxeProviderRegister)(name(L'a'), MODULE_PATH, PXE_REG_INDEX_BOTTOM, FALSE, &key);
    answer("%lu", error);
    if (error != ERROR_SUCCESS)
        return;
    answer("write %ld", RegSetValueExW(key, L"Test", 0, REG_DWORD, (BYTE *)&value, size));
    answer("read %ld", RegQueryValueExW(key, L"Test", NULL, NULL, (BYTE *)&value, &size));
    answer("key below %ld",
           RegCreateKeyExW(key, L"Below", 0, NULL, 0, KEY_READ, NULL, &below, NULL));
    RegCloseKey(below);
    answer("close %ld", RegCloseKey(key));
}

static void register_values(void)
{
    DWORD type, critical = 0, size = sizeof(critical);
    HKEY key;

    answer("%lu",
           PXE(PxeProviderRegister)(name(L'a'), MODULE_PATH, PXE_REG_INDEX_BOTTOM, TRUE, NULL));
    key = provider_key(name(L'a'), FALSE);
    if (key == NULL) {
        answer("no key of that name");
        return;
    }
    if (RegQueryValueExW(key, L"ProviderDLL", NULL, &type, NULL, NULL) == ERROR_SUCCESS)
        answer("ProviderDLL type %lu", type);
    if (RegQueryValueExW(key, L"IsCritical", NULL, &type, (BYTE *)&critical, &size) ==
        ERROR_SUCCESS)
        answer("IsCritical type %lu value %lu", type, critical);
    RegCloseKey(key);
}

static void register_leftover(void)
{
    DWORD value = 5;
    HKEY key = provider_key(name(L'a'), TRUE);

    if (key == NULL)
        not_asked("a key cannot be made");
    RegSetValueExW(key, L"Test", 0, REG_DWORD, (BYTE *)&value, sizeof(value));
    answer("%lu", register_at(name(L'a'), PXE_REG_INDEX_BOTTOM));
    answer(RegQueryValueExW(key, L"Test", NULL, NULL, NULL, NULL) == ERROR_SUCCESS
               ? "other value kept"
               : "other value gone");
    RegCloseKey(key);
}

static void query_case(void)
{
    must_register(name(L'a'));
    answer(place_of(name_upper(L'a')) == MAXDWORD ? "not found" : "found");
}

/* ---- unregistering ---- */

static void unregister_null(void)
{
    answer("%lu", PXE(PxeProviderUnRegister)(NULL));
}

static void unregister_empty(void)
{
    answer("%lu", PXE(PxeProviderUnRegister)(L""));
}

static void unregister_unknown(void)
{
    answer("%lu", PXE(PxeProviderUnRegister)(name(L'a')));
}

static void unregister_case(void)
{
    must_register(name(L'a'));
    answer("%lu", PXE(PxeProviderUnRegister)(name_upper(L'a')));
}

static void unregister_twice(void)
{
    must_register(name(L'a'));
    answer("%lu", PXE(PxeProviderUnRegister)(name(L'a')));
    answer("%lu", PXE(PxeProviderUnRegister)(name(L'a')));
}

static void unregister_subtree(void)
{
    HKEY key, below = NULL;

    must_register(name(L'a'));
    key = provider_key(name(L'a'), FALSE);
    if (key == NULL)
        not_asked("the provider has no key of its name");
    RegCreateKeyExW(key, L"Below", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &below, NULL);
    RegCloseKey(below);
    RegCloseKey(key);
    answer("%lu", PXE(PxeProviderUnRegister)(name(L'a')));
    key = provider_key(name(L'a'), FALSE);
    answer(key == NULL ? "key gone" : "key still there");
    if (key != NULL)
        RegCloseKey(key);
}

/* ---- enumerating what was registered ---- */

static void element_members(void)
{
    PPXE_PROVIDER element;

    answer("%lu",
           PXE(PxeProviderRegister)(name(L'a'), MODULE_PATH, PXE_REG_INDEX_BOTTOM, TRUE, NULL));
    element = element_find(must_enumerate(), name(L'a'));
    if (element == NULL) {
        answer("not listed");
        return;
    }
    answer("size %s", element->uSizeOfStruct == sizeof(*element) ? "as declared" : "differs");
    answer("name %s", wcscmp(element->pwszName, name(L'a')) == 0 ? "as registered" : "differs");
    answer("path %s",
           wcscmp(element->pwszFilePath, MODULE_PATH) == 0 ? "as registered" : "differs");
    answer("critical %d", element->bIsCritical);
    answer("index %s", element->uIndex == place_of(name(L'a')) ? "as queried" : "differs");
    answer("free %lu", PXE(PxeProviderFreeInfo)(element));
}

static void element_outlives(void)
{
    HANDLE enumeration;
    PPXE_PROVIDER element;

    must_register(name(L'a'));
    enumeration = must_enumerate();
    element = element_find(enumeration, name(L'a'));
    if (element == NULL)
        not_asked("the provider is not listed");
    answer("close %lu", PXE(PxeProviderEnumClose)(enumeration));
    answer("name %s", wcscmp(element->pwszName, name(L'a')) == 0 ? "readable" : "differs");
    answer("free %lu", PXE(PxeProviderFreeInfo)(element));
}

static void element_free_twice(void)
{
    PPXE_PROVIDER element;

    must_register(name(L'a'));
    element = element_find(must_enumerate(), name(L'a'));
    if (element == NULL)
        not_asked("the provider is not listed");
    answer("%lu", PXE(PxeProviderFreeInfo)(element));
    answer("%lu", PXE(PxeProviderFreeInfo)(element));
}

static void enum_snapshot(void)
{
    HANDLE enumeration = must_enumerate();

    must_register(name(L'a'));
    answer(element_find(enumeration, name(L'a')) == NULL ? "not seen" : "seen");
}

static void enum_snapshot_remove(void)
{
    HANDLE enumeration;

    must_register(name(L'a'));
    enumeration = must_enumerate();
    PXE(PxeProviderUnRegister)(name(L'a'));
    answer(element_find(enumeration, name(L'a')) == NULL ? "not seen" : "seen");
}

static void enum_missing_key(void)
{
    HANDLE enumeration;
    PPXE_PROVIDER element;
    WCHAR path[512];

    must_register(name(L'a'));
    must_register(name(L'b'));
    _snwprintf(path, 512, PXE_SERVER_KEY L"\\Providers\\%ls", name(L'a'));
    if (RegDeleteTreeW(HKEY_LOCAL_MACHINE, path) != ERROR_SUCCESS)
        not_asked("the provider has no key of its name");
    enumeration = must_enumerate();
    answer(element_find(enumeration, name(L'a')) == NULL ? "skipped" : "listed");
    PXE(PxeProviderEnumClose)(enumeration);
    element = element_find(must_enumerate(), name(L'b'));
    if (element == NULL)
        answer("the next one is not listed");
    else
        answer("the next one's index %s",
               element->uIndex == place_of(name(L'a')) + 1 ? "counts it" : "does not count it");
}

static void enum_no_critical(void)
{
    PPXE_PROVIDER element;
    HKEY key;

    must_register(name(L'a'));
    key = provider_key(name(L'a'), FALSE);
    if (key == NULL)
        not_asked("the provider has no key of its name");
    RegDeleteValueW(key, L"IsCritical");
    RegCloseKey(key);
    element = element_find(must_enumerate(), name(L'a'));
    if (element == NULL)
        answer("not listed");
    else
        answer("critical %d", element->bIsCritical);
}

/* ---- table ---- */

#define Q(id, text, choice, ask) {"list-" id, text, choice, ask, NEEDS_NOTHING}
#define W(id, text, choice, ask) {"list-" id, text, choice, ask, NEEDS_REGISTRY_CHANGE}
#define FIRST "PxeProviderEnumFirst: "
#define NEXT "PxeProviderEnumNext: "
#define CLOSE "PxeProviderEnumClose: "
#define FREE "PxeProviderFreeInfo: "
#define QUERY "PxeProviderQueryIndex: "
#define REGISTER "PxeProviderRegister: "
#define UNREGISTER "PxeProviderUnRegister: "

static const struct question questions[] = {
    Q("first-null", FIRST "output NULL", "87", first_null),
    Q("next-end", NEXT "end of the list", "259, pointer NULL, again 259, close 0", next_end),
    Q("next-null-handle", NEXT "handle NULL", "6, pointer NULL", next_null_handle),
    Q("next-closed", NEXT "closed handle", "6, pointer NULL", next_closed),
    Q("next-null-output", NEXT "output NULL", "87", next_null_output),
    Q("close-null", CLOSE "handle NULL", "6", close_null),
    Q("close-twice", CLOSE "twice", "0, 6", close_twice),
    Q("free-null", FREE "NULL", "87", free_null),
    Q("query-unknown", QUERY "name that is not registered", "1168, output unchanged",
      query_unknown),
    Q("query-null", QUERY "name NULL", "87, output unchanged", query_null),
    Q("query-empty", QUERY "empty name", "87, output unchanged", query_empty),
    Q("query-null-output", QUERY "output NULL", "87", query_null_output),

    W("register-null-name", REGISTER "name NULL", "87", register_null_name),
    W("register-empty-name", REGISTER "empty name", "87", register_empty_name),
    W("register-backslash", REGISTER "backslash in the name", "87", register_backslash),
    W("register-long-name", REGISTER "name of 256 characters", "87", register_long_name),
    W("register-null-path", REGISTER "path NULL", "87", register_null_path),
    W("register-empty-path", REGISTER "empty path", "87", register_empty_path),
    W("register-bare-path", REGISTER "path without folder, no such file", "0", register_bare_path),
    W("register-null-key", REGISTER "key pointer NULL; no such file", "0", register_null_key),
    W("register-bottom", REGISTER "index BOTTOM", "0, behind the last one", register_bottom),
    W("register-beyond", REGISTER "index 1000000", "0, behind the last one", register_beyond),
    W("register-top", REGISTER "twice at TOP", "0, 0, places 1 and 0", register_top),
    W("register-duplicate", REGISTER "name that is registered", "183, place kept, path kept",
      register_duplicate),
    W("register-duplicate-case", REGISTER "name that is registered, in capitals",
      "183, place kept, path kept", register_duplicate_case),
    W("register-key", REGISTER "the key that it returns",
      "0, write 0, read 0, key below 0, close 0", register_key),
    W("register-values", REGISTER "values in the key of the name, critical",
      "0, ProviderDLL type 1, IsCritical type 4 value 1", register_values),
    W("register-leftover", REGISTER "a key of the name was there", "0, other value kept",
      register_leftover),
    W("query-case", QUERY "name in capitals", "found", query_case),
    W("unregister-null", UNREGISTER "name NULL", "87", unregister_null),
    W("unregister-empty", UNREGISTER "empty name", "87", unregister_empty),
    W("unregister-unknown", UNREGISTER "name that is not registered", "1168", unregister_unknown),
    W("unregister-case", UNREGISTER "name in capitals", "0", unregister_case),
    W("unregister-twice", UNREGISTER "twice", "0, 1168", unregister_twice),
    W("unregister-subtree", UNREGISTER "the provider's key, with one below", "0, key gone",
      unregister_subtree),
    W("element", NEXT "members of the element",
      "0, size as declared, name as registered, path as registered, critical 1, "
      "index as queried, free 0",
      element_members),
    W("element-outlives", NEXT "element after the enumeration was closed",
      "close 0, name readable, free 0", element_outlives),
    W("element-free-twice", FREE "twice", "0, 87", element_free_twice),
    W("enum-register", NEXT "provider registered after PxeProviderEnumFirst", "not seen",
      enum_snapshot),
    W("enum-unregister", NEXT "provider unregistered after PxeProviderEnumFirst", "seen",
      enum_snapshot_remove),
    W("enum-missing-key", NEXT "listed name without a key",
      "skipped, the next one's index counts it", enum_missing_key),
    W("enum-no-critical", NEXT "key without IsCritical", "critical 0", enum_no_critical),
};

const struct question_group registry_questions = QUESTION_GROUP(questions);
