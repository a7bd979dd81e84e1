/* staticpxe.dll: changes without a restart, and boots that are counted. */
#include "staticpxe/keeper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "staticpxe/event.h"
#include "support/fake_event_log.h"
#include "support/fake_pxe.h"
#include "support/provider_bench.h"
#include "support/pxe_clients.h"
#include "support/temp_ini.h"

#define WAIT_TRIES 6000 /* of 10 ms: a bound, not a measure */
#define SAVES 40
#define READERS 3
#define XID 4
#define ERROR_MESSAGE UINT32_C(0xC1070000)
#define WARNING_MESSAGE UINT32_C(0x81070000)

/* ---- files ---- */

static void write_file(LPCWSTR path, const char *text, size_t length)
{
    DWORD written;
    HANDLE file = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS,
                              FILE_ATTRIBUTE_NORMAL, NULL);

    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(WriteFile(file, text, (DWORD)length, &written, NULL));
    CloseHandle(file);
}

/* As editors do it: over the old file, by a new one that takes its name, or in two halves. */
static void save(LPCWSTR path, const char *text, unsigned way)
{
    WCHAR other[MAX_PATH];
    BOOL moved;

    if (way % 3 == 1) {
        swprintf(other, MAX_PATH, L"%ls.new", path);
        write_file(other, text, strlen(text));
        moved = MoveFileExW(other, path, MOVEFILE_REPLACE_EXISTING);
        for (int i = 0; i < WAIT_TRIES && !moved; ++i) { /* Windows does not replace an open file */
            Sleep(10);
            moved = MoveFileExW(other, path, MOVEFILE_REPLACE_EXISTING);
        }
        assert_true(moved);
        return;
    }
    if (way % 3 == 2)
        write_file(path, text, strlen(text) / 2);
    write_file(path, text, strlen(text));
}

static void remove_boots(LPCWSTR path)
{
    static const WCHAR *const tails[] = {L".boots", L".boots.lock", L".boots.new"};

    for (int i = 0; i < 3; ++i) {
        WCHAR file[MAX_PATH];

        swprintf(file, MAX_PATH, L"%ls%ls", path, tails[i]);
        DeleteFileW(file);
    }
}

/* ---- readers ---- */

static struct keeper *keeper;
static LONG volatile readers_end;
static LONG volatile mixtures;
static LONG volatile looks;

/* The version that is in force: the number behind each of its files, which must be one. */
static unsigned version_of(const struct static_config *config)
{
    unsigned first = 0, second = 1;

    if (sscanf(config->defaults->file, "f%u", &first) != 1 ||
        sscanf(config->defaults->ipxe_file, "i%u", &second) != 1 || first != second)
        InterlockedIncrement(&mixtures);
    return first;
}

static DWORD WINAPI read_all_the_time(LPVOID nothing)
{
    (void)nothing;
    while (readers_end == 0) {
        struct snapshot *snapshot = keeper_take(keeper);
        unsigned before = version_of(snapshot->config);

        SwitchToThread();
        if (version_of(snapshot->config) != before)
            InterlockedIncrement(&mixtures);
        keeper_give(snapshot);
        InterlockedIncrement(&looks);
    }
    return 0;
}

static unsigned version(void)
{
    struct snapshot *snapshot = keeper_take(keeper);
    unsigned number = version_of(snapshot->config);

    keeper_give(snapshot);
    return number;
}

static unsigned count_of(LPCWSTR text)
{
    unsigned count = 0;

    for (LPCWSTR at = fake_pxe.trace; (at = wcsstr(at, text)) != NULL; ++at)
        ++count;
    return count;
}

static void wait_for_version(unsigned number)
{
    for (int i = 0; i < WAIT_TRIES && version() != number; ++i)
        Sleep(10);
    assert_int_equal(version(), number);
}

static void wait_for_trace(LPCWSTR text)
{
    for (int i = 0; i < WAIT_TRIES && wcsstr(fake_pxe.trace, text) == NULL; ++i)
        Sleep(10);
    assert_non_null(wcsstr(fake_pxe.trace, text));
}

static void wait_for_event(LONG count, DWORD id)
{
    for (int i = 0; i < WAIT_TRIES && fake_event_log.count < count; ++i)
        Sleep(10);
    assert_int_equal(fake_event_log.count, count);
    assert_int_equal(fake_event_log.id, id);
    assert_int_equal(wcscmp(fake_event_log.provider, L"staticpxe"), 0);
}

/* A good version is in force in the end; a bad one is told once and changes nothing. */
static void save_and_wait(LPCWSTR path, unsigned number, unsigned in_force)
{
    char text[200];
    WCHAR told[64];

    fake_pxe.trace[0] = L'\0';
    if (number % 2 == 0) {
        snprintf(text, sizeof(text), "[default]\nfile=f%u\nipxe_file=i%u\n", number, number);
        save(path, text, number / 2);
        wait_for_version(number);
        return;
    }
    snprintf(text, sizeof(text), "[default]\nfile=f%u\nipxe_file=i%u\nfiel%u=x\n", number, number,
             number);
    save(path, text, number / 2);
    swprintf(told, 64, L"line 4, section [default], key fiel%u:", number);
    wait_for_trace(L"what was in force before still is");
    assert_int_equal(count_of(told), 1);
    assert_int_equal(version(), in_force);
}

static void every_save_counts_or_is_told_once(void **state)
{
    LPCWSTR path = temp_ini_text("[default]\nfile=f0\nipxe_file=i0\n");
    HANDLE readers[READERS];
    unsigned in_force = 0;

    (void)state;
    readers_end = 0;
    mixtures = 0;
    looks = 0;
    assert_int_equal(keeper_open(fake_provider(), path, &keeper), ERROR_SUCCESS);
    for (int i = 0; i < READERS; ++i) {
        readers[i] = CreateThread(NULL, 0, read_all_the_time, NULL, 0, NULL);
        assert_non_null(readers[i]);
    }
    for (unsigned number = 1; number <= SAVES; ++number) {
        save_and_wait(path, number, in_force);
        if (number % 2 == 0)
            in_force = number;
    }
    readers_end = 1;
    for (int i = 0; i < READERS; ++i) {
        WaitForSingleObject(readers[i], INFINITE);
        CloseHandle(readers[i]);
    }
    assert_int_equal(mixtures, 0);
    assert_true(looks > 0);
    keeper_close(keeper);
    remove_boots(path);
}

/* One event with all mistakes, one when it is right again, none for what was right before. */
static void a_refused_file_is_an_event(void **state)
{
    LPCWSTR path = temp_ini_text("[default]\nfile=f1\nipxe_file=i1\n");
    WCHAR mistakes[400];

    (void)state;
    fake_event_log.count = 0;
    assert_int_equal(keeper_open(fake_provider(), path, &keeper), ERROR_SUCCESS);
    save(path, "[default]\nfile=f2\nipxe_file=i2\n", 0);
    wait_for_version(2);
    assert_int_equal(fake_event_log.count, 0);
    save(path, "[default]\nfile=f3\nignore=maybe\nnext_server=10.0\n", 0);
    wait_for_event(1, ERROR_MESSAGE | EVENT_CONFIG_REFUSED);
    assert_int_equal(fake_event_log.type, EVENTLOG_ERROR_TYPE);
    swprintf(mistakes, 400,
             L"%ls, line 3, section [default], key ignore: write yes or no\r\n"
             L"%ls, line 4, section [default], key next_server: write an IPv4 address such as "
             L"192.168.0.1\r\n",
             path, path);
    assert_int_equal(wcscmp(fake_event_log.text, mistakes), 0);
    save(path, "[default]\nfile=f4\nipxe_file=i4\n", 0);
    wait_for_event(2, WARNING_MESSAGE | EVENT_CONFIG_RIGHT);
    assert_int_equal(fake_event_log.type, EVENTLOG_WARNING_TYPE);
    assert_int_equal(wcscmp(fake_event_log.text, path), 0);
    assert_true(DeleteFileW(path));
    wait_for_event(3, ERROR_MESSAGE | EVENT_CONFIG_REFUSED);
    assert_non_null(wcsstr(fake_event_log.text, L"cannot read the configuration "));
    keeper_close(keeper);
    remove_boots(path);
}

/* Of a thousand mistakes as many as fit, and how many more there are. */
static void an_event_holds_as_many_mistakes_as_fit(void **state)
{
    static char text[20000] = "[default]\n";
    LPCWSTR path = temp_ini_text("[default]\nfile=f1\nipxe_file=i1\n");
    SIZE_T told = 0;

    (void)state;
    for (SIZE_T length = strlen(text); length + 20 < sizeof(text); length += strlen(text + length))
        snprintf(text + length, 20, "fiel%u=x\n", (unsigned)length);
    fake_event_log.count = 0;
    assert_int_equal(keeper_open(fake_provider(), path, &keeper), ERROR_SUCCESS);
    save(path, text, 0);
    wait_for_event(1, ERROR_MESSAGE | EVENT_CONFIG_REFUSED);
    for (LPCWSTR at = fake_event_log.text; (at = wcsstr(at, L"unknown key")) != NULL; ++at)
        ++told;
    assert_true(told > 5);
    assert_non_null(wcsstr(fake_event_log.text, L" more lines: wdspxectl static check shows all"));
    keeper_close(keeper);
    remove_boots(path);
}

static void an_included_file_is_watched(void **state)
{
    static const char first[] = "[default]\nfile=f1\nipxe_file=i1\n";
    static const char second[] = "[default]\nfile=f2\nipxe_file=i2\n";
    LPCWSTR path = temp_ini_text("");
    WCHAR other[MAX_PATH];
    char ini[MAX_PATH + 40];
    LPCWSTR name;

    (void)state;
    swprintf(other, MAX_PATH, L"%ls.more", path);
    name = wcsrchr(other, L'\\') + 1;
    snprintf(ini, sizeof(ini), "[server]\ninclude=%ls\n", name);
    write_file(other, first, strlen(first));
    write_file(path, ini, strlen(ini));
    assert_int_equal(keeper_open(fake_provider(), path, &keeper), ERROR_SUCCESS);
    assert_int_equal(version(), 1);
    write_file(other, second, strlen(second));
    wait_for_version(2);
    keeper_close(keeper);
    remove_boots(path);
    DeleteFileW(other);
}

/* What is wrong is not in the file: saved again as it was, it is looked at again. */
static void a_file_that_cannot_count_boots_is_refused_until_it_can(void **state)
{
    static const char first[] = "[default]\nfile=f1\nipxe_file=i1\n";
    static const char second[] = "[default]\nfile=f2\nipxe_file=i2\nboots=1\n";
    LPCWSTR path = temp_ini_text(first);
    WCHAR boots[MAX_PATH];

    (void)state;
    swprintf(boots, MAX_PATH, L"%ls.boots", path);
    assert_int_equal(keeper_open(fake_provider(), path, &keeper), ERROR_SUCCESS);
    assert_true(CreateDirectoryW(boots, NULL));
    write_file(path, second, strlen(second));
    wait_for_trace(L"but wrong (1 mistakes); what was in force before still is (event 1033)");
    assert_int_equal(count_of(L"section [server], key boots_file: cannot write the file"), 1);
    assert_int_equal(version(), 1);
    assert_true(RemoveDirectoryW(boots));
    write_file(path, second, strlen(second));
    wait_for_version(2);
    wait_for_trace(L"right again; in force now: 1 rules, 0 machines of lists (event 1034)");
    keeper_close(keeper);
    remove_boots(path);
}

/* ---- boots ---- */

static struct packet with_number(const BYTE *bytes, size_t length, BYTE number)
{
    struct packet packet = packet_copy(bytes, length);

    packet.bytes[XID] = number;
    return packet;
}

static PXE_BOOT_ACTION discover(BYTE number)
{
    struct packet packet = with_number(ovmf_discover, sizeof(ovmf_discover), number);

    return bench_deliver_packet(&packet, DHCP_PORT);
}

static PXE_BOOT_ACTION ask(BYTE number)
{
    struct packet packet = with_number(ovmf_request_boot, sizeof(ovmf_request_boot), number);

    return bench_deliver_packet(&packet, BOOT_PORT);
}

/* The configuration that bench_start wrote: its boots are beside it. */
static void find_boots(WCHAR out[MAX_PATH], LPCWSTR tail)
{
    WCHAR path[MAX_PATH];
    DWORD size = sizeof(path);

    assert_int_equal(RegQueryValueExW(bench_key(), L"ConfigFile", NULL, NULL, (LPBYTE)path, &size),
                     0);
    swprintf(out, MAX_PATH, L"%ls%ls", path, tail);
}

static void restart(void)
{
    bench_stop();
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_SUCCESS);
}

static void expect_file(const char *file)
{
    assert_string_equal((const char *)fake_pxe.reply + 108, file);
}

static void a_machine_boots_once_also_across_restarts(void **state)
{
    WCHAR path[MAX_PATH], boots_path[MAX_PATH];
    struct boots *boots;

    (void)state;
    bench_start("[default]\nfile=install\nboots=1\n");
    find_boots(path, L"");
    find_boots(boots_path, L".boots");
    assert_int_equal(discover(1), PXE_BA_NBP);
    assert_int_equal(ask(2), PXE_BA_NBP);
    assert_int_equal(ask(2), PXE_BA_NBP);
    restart();
    assert_int_equal(ask(2), PXE_BA_NBP); /* the reply was lost with the server */
    assert_int_equal(discover(3), PXE_BA_REJECTED);
    assert_non_null(wcsstr(fake_pxe.trace, L"has had its boots"));
    assert_int_equal(ask(4), PXE_BA_REJECTED);

    /* As wdspxectl static again does it, beside the running provider. */
    assert_int_equal(boots_open(boots_path, &boots), ERROR_SUCCESS);
    assert_int_equal(boots_set(boots, "mac-525400770002", 0, JOURNAL_NO_LIMIT), ERROR_SUCCESS);
    boots_close(boots);
    for (int i = 0; i < WAIT_TRIES && discover(5) != PXE_BA_NBP; ++i)
        Sleep(10);
    assert_int_equal(discover(5), PXE_BA_NBP);
    assert_int_equal(ask(6), PXE_BA_NBP);
    assert_int_equal(discover(7), PXE_BA_REJECTED);
    bench_stop();
    remove_boots(path);
}

static void half_a_line_of_a_crash_harms_nothing(void **state)
{
    static const char half[] = "mac-525400770002 0 - 000";
    WCHAR path[MAX_PATH], boots_path[MAX_PATH];
    DWORD written;
    HANDLE file;

    (void)state;
    bench_start("[default]\nfile=install\nboots=2\nthen=disk\n[group:disk]\nfile=disk\n");
    find_boots(path, L"");
    find_boots(boots_path, L".boots");
    assert_int_equal(ask(1), PXE_BA_NBP);
    bench_stop();
    file = CreateFileW(boots_path, FILE_APPEND_DATA, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                       FILE_ATTRIBUTE_NORMAL, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(WriteFile(file, half, sizeof(half) - 1, &written, NULL));
    CloseHandle(file);
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_SUCCESS);
    assert_int_equal(ask(2), PXE_BA_NBP);
    expect_file("install");
    restart();
    assert_int_equal(ask(3), PXE_BA_NBP);
    expect_file("disk");
    bench_stop();
    remove_boots(path);
}

static void once_needs_no_key_in_the_file(void **state)
{
    WCHAR path[MAX_PATH], boots_path[MAX_PATH];
    struct boots *boots;

    (void)state;
    bench_start("[default]\nfile=install\n");
    find_boots(path, L"");
    find_boots(boots_path, L".boots");
    assert_int_equal(GetFileAttributesW(boots_path), INVALID_FILE_ATTRIBUTES);
    bench_stop();
    assert_int_equal(boots_open(boots_path, &boots), ERROR_SUCCESS);
    assert_int_equal(boots_set(boots, "mac-525400770002", 0, 1), ERROR_SUCCESS);
    boots_close(boots);
    assert_int_equal(PxeProviderInitialize(fake_provider(), bench_key()), ERROR_SUCCESS);
    assert_int_equal(ask(1), PXE_BA_NBP);
    assert_int_equal(ask(2), PXE_BA_REJECTED);
    bench_stop();
    assert_int_equal(boots_open(boots_path, &boots), ERROR_SUCCESS);
    assert_int_equal(boots_forget(boots, "mac-525400770002"), ERROR_SUCCESS);
    assert_int_equal(boots_forget(boots, "mac-525400770002"), ERROR_NOT_FOUND);
    boots_close(boots);
    remove_boots(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_save_counts_or_is_told_once),
        TEST(a_refused_file_is_an_event),
        TEST(an_event_holds_as_many_mistakes_as_fit),
        TEST(an_included_file_is_watched),
        TEST(a_file_that_cannot_count_boots_is_refused_until_it_can),
        TEST(a_machine_boots_once_also_across_restarts),
        TEST(half_a_line_of_a_crash_harms_nothing),
        TEST(once_needs_no_key_in_the_file),
    };

    return cmocka_run_group_tests_name("staticpxe_reload", tests, NULL, NULL);
}
