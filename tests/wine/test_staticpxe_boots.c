/*
 * staticpxe's count of boots: a process that counts is killed at any moment, and a file is cut at
 * any byte. A boot is then counted or not; none that was counted is lost, and no other machine's.
 */
#include "staticpxe/boots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/child_process.h"
#include "support/temp_ini.h"

#define ROUNDS 30
#define LIMIT 1000000
#define LONG_FILE 1200 /* lines: more than a file is left with, so that it is written anew */
#define WAIT_MS 60000  /* a bound, not a measure */

static const char counted[] = "mac-525400770001";
static const char other[] = "mac-525400770002";
static WCHAR path[MAX_PATH];

/* ---- the process that is killed ---- */

/* Boots that the process has counted; seen by the one that kills it. */
static LONG volatile *open_counter(LPCWSTR name)
{
    HANDLE mapping = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 4096, name);

    return mapping == NULL ? NULL : MapViewOfFile(mapping, FILE_MAP_ALL_ACCESS, 0, 0, 4096);
}

/* Does not return while it can count. */
static int count_until_killed(LPCWSTR file, LPCWSTR counter_name)
{
    LONG volatile *counter = open_counter(counter_name);
    struct boots *boots;

    if (counter == NULL || boots_open(file, &boots) != ERROR_SUCCESS)
        return 1;
    for (ULONG number = GetTickCount();; ++number) {
        if (!boots_admit(boots, counted, BOOT_SEARCH, number, FALSE, LIMIT) ||
            boots_count(boots, counted) != ERROR_SUCCESS)
            return 1;
        InterlockedIncrement(counter);
    }
}

/* Kills it after it has counted so many boots, and then some microseconds. */
static void kill_after(HANDLE process, const LONG volatile *counter, LONG boots, LONGLONG delay_us)
{
    ULONGLONG end = GetTickCount64() + WAIT_MS;
    LARGE_INTEGER frequency, start, now;

    while (*counter < boots) {
        assert_int_equal(WaitForSingleObject(process, 0), WAIT_TIMEOUT);
        assert_true(GetTickCount64() < end);
        SwitchToThread();
    }
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&start);
    do
        QueryPerformanceCounter(&now);
    while ((now.QuadPart - start.QuadPart) * 1000000 < delay_us * frequency.QuadPart);
    assert_true(TerminateProcess(process, 0));
    assert_int_equal(WaitForSingleObject(process, WAIT_MS), WAIT_OBJECT_0);
}

/* ---- the file ---- */

static void write_file(const char *text, size_t length, DWORD disposition)
{
    DWORD written;
    HANDLE file =
        CreateFileW(path, FILE_APPEND_DATA, 0, NULL, disposition, FILE_ATTRIBUTE_NORMAL, NULL);

    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(WriteFile(file, text, (DWORD)length, &written, NULL) && written == length);
    CloseHandle(file);
}

static struct journal_entry read_entry(const char *key)
{
    struct journal_entry *found, entry;
    struct boots *boots;

    assert_int_equal(boots_open(path, &boots), ERROR_SUCCESS);
    found = journal_find(boots_journal(boots), key);
    assert_non_null(found);
    entry = *found;
    boots_close(boots);
    return entry;
}

/* Repeats a machine's line until the next that is counted makes the file be written anew. */
static void make_file_long(void)
{
    static char text[LONG_FILE * JOURNAL_LINE_SIZE];
    struct journal_entry entry = read_entry(counted);
    size_t used = 0;

    for (int i = 0; i < LONG_FILE; ++i)
        used += journal_write(&entry, false, text + used);
    write_file(text, used, OPEN_EXISTING);
}

static void set(const char *key, ULONG served, ULONG limit)
{
    struct boots *boots;

    assert_int_equal(boots_open(path, &boots), ERROR_SUCCESS);
    assert_int_equal(boots_set(boots, key, served, limit), ERROR_SUCCESS);
    boots_close(boots);
}

static void expect_other(void)
{
    struct journal_entry entry = read_entry(other);

    assert_int_equal(entry.served, 7);
    assert_int_equal(entry.limit, 9);
}

static int set_up(void **state)
{
    (void)state;
    swprintf(path, MAX_PATH, L"%ls.boots", temp_ini_text(""));
    return 0;
}

static int tear_down(void **state)
{
    static const WCHAR *const tails[] = {L"", L".lock", L".new"};

    (void)state;
    for (int i = 0; i < 3; ++i) {
        WCHAR file[MAX_PATH];

        swprintf(file, MAX_PATH, L"%ls%ls", path, tails[i]);
        DeleteFileW(file);
    }
    temp_ini_remove();
    return 0;
}

/* ---- tests ---- */

static void a_process_killed_at_any_moment_loses_no_boot(void **state)
{
    WCHAR name[64], arguments[MAX_PATH + 80];
    LONG volatile *counter;
    ULONG served = 0;
    ULONG rewritten = 0;

    (void)state;
    swprintf(name, 64, L"wdspxe-boots-%lu", (unsigned long)GetCurrentProcessId());
    swprintf(arguments, MAX_PATH + 80, L"--count \"%ls\" %ls", path, name);
    counter = open_counter(name);
    assert_non_null(counter);
    set(counted, 0, JOURNAL_NO_LIMIT);
    set(other, 7, 9);
    for (int round = 0; round < ROUNDS; ++round) {
        ULONG before = served;
        struct boots *boots;

        if (round % 2 == 1)
            make_file_long();
        *counter = 0;
        kill_after(child_process_start(NULL, arguments, NULL, 0), counter, round % 3,
                   (LONGLONG)round * 83 % 1500);
        served = read_entry(counted).served;
        assert_in_range(served, before + (ULONG)*counter, before + (ULONG)*counter + 1);
        expect_other();
        assert_int_equal(boots_open(path, &boots), ERROR_SUCCESS);
        rewritten += round % 2 == 1 && boots_journal(boots)->lines < LONG_FILE;
        boots_close(boots);
    }
    assert_true(served > 0);
    assert_true(rewritten > 0);
}

/* What is left of a line that was cut off neither counts nor harms the next one. */
static void a_file_cut_at_any_byte_goes_on(void **state)
{
    struct journal_entry entry = {.limit = 9, .served = 7};
    char text[2 * JOURNAL_LINE_SIZE];
    size_t first, both;

    (void)state;
    strcpy(entry.key, other);
    first = journal_write(&entry, false, text);
    strcpy(entry.key, counted);
    entry.limit = JOURNAL_NO_LIMIT;
    entry.served = 3;
    both = first + journal_write(&entry, false, text + first);
    for (size_t cut = first; cut <= both; ++cut) {
        struct boots *boots;

        DeleteFileW(path);
        write_file(text, cut, CREATE_NEW);
        assert_int_equal(boots_open(path, &boots), ERROR_SUCCESS);
        assert_true(boots_admit(boots, counted, BOOT_SEARCH, 1, FALSE, LIMIT));
        assert_int_equal(boots_count(boots, counted), ERROR_SUCCESS);
        boots_close(boots);
        assert_int_equal(read_entry(counted).served, cut == both ? 4 : 1);
        expect_other();
    }
}

static BOOL is_child(LPWSTR *words, int count)
{
    return count == 4 && wcscmp(words[1], L"--count") == 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_process_killed_at_any_moment_loses_no_boot, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_cut_at_any_byte_goes_on, set_up, tear_down),
    };
    int count;
    LPWSTR *words = CommandLineToArgvW(GetCommandLineW(), &count);

    if (words != NULL && is_child(words, count))
        return count_until_killed(words[2], words[3]);
    return cmocka_run_group_tests_name("staticpxe_boots", tests, NULL, NULL);
}
