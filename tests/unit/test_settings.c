#include "registry/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/settings_memory.h"

enum { REG_SZ = 1, REG_EXPAND_SZ = 2, REG_BINARY = 3, REG_DWORD = 4, REG_MULTI_SZ = 7 };

static const uint32_t numbers[] = {0, 1, 2, 0xffff, 0x10000, UINT32_MAX, 0x3ff, 0x80000000u};
enum { ZERO, ONE, TWO, LARGE, LARGER, LARGEST, SMALL_FILE, LARGE_FILE };

static struct settings_memory memory;

static void put_number(enum setting_id id, const uint32_t *number)
{
    settings_memory_set(&memory, id, REG_DWORD, number, sizeof(*number));
}

/* The literal's own NUL is the last one. */
#define PUT_TEXT(id, type, literal) settings_memory_set(&memory, id, type, literal, sizeof(literal))

static int setup(void **state)
{
    (void)state;
    settings_memory_init(&memory);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(mem_outstanding(), 0);
    return 0;
}

static void assert_told(enum setting_id id, const char *part)
{
    assert_ptr_equal(memory.setting, setting_at(id));
    assert_non_null(strstr(memory.text, part));
}

/* ---- the table ---- */

static void every_setting_is_complete(void **state)
{
    (void)state;
    for (int id = 0; id < SETTING_COUNT; id++) {
        const struct setting *setting = setting_at((enum setting_id)id);
        uint16_t name[64] = {0};
        assert_true(setting->name != NULL && setting->form != NULL && setting->meaning != NULL);
        assert_int_equal(setting->entry != NULL, setting->type == SETTING_LIST);
        assert_int_equal(setting->text != NULL,
                         setting->type == SETTING_TEXT || setting->type == SETTING_PATH);
        if (setting->type == SETTING_NUMBER)
            assert_true(setting->minimum < setting->maximum &&
                        setting->number >= setting->minimum && setting->number <= setting->maximum);
        for (size_t i = 0; setting->name[i] != '\0'; i++) {
            bool to_lower = setting->name[i] >= 'A' && setting->name[i] <= 'Z';
            name[i] = (uint16_t)(setting->name[i] + (to_lower ? 'a' - 'A' : 0));
        }
        assert_ptr_equal(setting_find(name), setting);
    }
    assert_ptr_equal(setting_find(u"UseDHCPPorts"), setting_at(SETTING_USE_DHCP_PORTS));
    assert_null(setting_find(u"UseDhcpPort"));
    assert_null(setting_find(u"UseDhcpPortss"));
    assert_null(setting_find(u""));
}

/* ---- numbers ---- */

/* Every number: its default, two values that it may have, a wrong type, a wrong size, and what lies
 * outside its range, if anything does. */
static void numbers_are_read(void **state)
{
    static const struct {
        enum setting_id id;
        uint32_t initial;
        int low, high;
        int outside[2]; /* -1: nothing */
    } cases[] = {
        {SETTING_USE_DHCP_PORTS, 1, ZERO, ONE, {TWO, LARGEST}},
        {SETTING_SHARED_PORTS, 0, ZERO, ONE, {TWO, LARGEST}},
        {SETTING_BIND_POLICY, 0, ZERO, ONE, {TWO, LARGEST}},
        {SETTING_BALANCE_TAKEOVER, 8, ZERO, LARGE, {LARGER, LARGEST}},
        {SETTING_STRICT_REQUESTS, 0, ZERO, ONE, {TWO, LARGEST}},
        {SETTING_MAX_PENDING, 10000, ONE, LARGE, {ZERO, LARGEST}},
        {SETTING_AUTH_RECHECK_TIME, 3600, ZERO, LARGEST, {-1, -1}},
        {SETTING_AUTH_FAILURE_RETRY_TIME, 30, ZERO, LARGEST, {-1, -1}},
        {SETTING_DISABLE_ROGUE_DETECTION, 0, ZERO, ONE, {TWO, LARGEST}},
        {SETTING_TRACE_DISABLED, 0, ZERO, LARGEST, {-1, -1}},
        {SETTING_TRACING_DISABLED, 0, ZERO, LARGEST, {-1, -1}},
        {SETTING_FILE_TRACING, 0, ZERO, ONE, {TWO, LARGEST}},
        {SETTING_CONSOLE_TRACING, 0, ZERO, ONE, {TWO, LARGEST}},
        {SETTING_FILE_MASK, 0xfffe0000u, ZERO, LARGEST, {-1, -1}},
        {SETTING_CONSOLE_MASK, 0xfffe0000u, ZERO, LARGEST, {-1, -1}},
        {SETTING_FILE_SIZE, 0x10000, LARGE, LARGER, {SMALL_FILE, LARGE_FILE}},
    };
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const enum setting_id id = cases[i].id;
        const int good[] = {cases[i].low, cases[i].high};
        settings_memory_init(&memory);
        assert_int_equal(settings_number(&memory.port, &memory.listener, id), cases[i].initial);
        for (size_t j = 0; j < 2; j++) {
            put_number(id, &numbers[good[j]]);
            assert_int_equal(settings_number(&memory.port, &memory.listener, id), numbers[good[j]]);
        }
        assert_int_equal(memory.problems, 0);

        settings_memory_set(&memory, id, REG_BINARY, &numbers[good[0]], 4);
        assert_int_equal(settings_number(&memory.port, &memory.listener, id), cases[i].initial);
        assert_told(id, "is of type REG_BINARY, but must be of type REG_DWORD");
        settings_memory_set(&memory, id, REG_DWORD, &numbers[good[0]], 3);
        assert_int_equal(settings_number(&memory.port, &memory.listener, id), cases[i].initial);
        assert_told(id, "has 3 bytes");
        settings_memory_set(&memory, id, REG_DWORD, numbers, 8);
        assert_int_equal(settings_number(&memory.port, &memory.listener, id), cases[i].initial);
        assert_told(id, "has 8 bytes");
        for (size_t j = 0; j < 2 && cases[i].outside[j] >= 0; j++) {
            put_number(id, &numbers[cases[i].outside[j]]);
            assert_int_equal(settings_number(&memory.port, &memory.listener, id), cases[i].initial);
            assert_told(id, setting_at(id)->form);
        }
        assert_int_equal(memory.problems, 3u + (cases[i].outside[0] >= 0 ? 2u : 0u));
        assert_int_equal(memory.vital_problems, 0);
    }
    for (int id = 0; id < SETTING_COUNT; id++)
        count += setting_at((enum setting_id)id)->type == SETTING_NUMBER;
    assert_int_equal(count, sizeof(cases) / sizeof(cases[0]));
}

static void unreadable_number_is_told(void **state)
{
    (void)state;
    memory.values[SETTING_SHARED_PORTS].status = PXE_ACCESS_DENIED;
    assert_int_equal(settings_number(&memory.port, &memory.listener, SETTING_SHARED_PORTS), 0);
    assert_told(SETTING_SHARED_PORTS, "cannot be read: error 5");
    assert_int_equal(settings_number(&memory.port, NULL, SETTING_SHARED_PORTS), 0);
}

/* ---- everything ---- */

static void nothing_set_means_defaults(void **state)
{
    struct settings settings;

    (void)state;
    assert_int_equal(settings_load(&memory.port, &memory.listener, &settings), PXE_OK);
    assert_true(settings.use_dhcp_ports);
    assert_false(settings.shared_ports);
    assert_int_equal(settings.bind.policy, BIND_EXCLUDE);
    assert_int_equal(settings.bind.list.count, 0);
    assert_int_equal(settings.banned_guids.count, 0);
    assert_int_equal(settings.delays.count, 0);
    assert_true(bucket_set_is_full(&settings.buckets));
    assert_int_equal(settings.takeover, 8);
    assert_int_equal(memory.problems, 0);
    settings_free(&settings);
}

static void what_is_set_counts(void **state)
{
    struct settings settings;

    (void)state;
    put_number(SETTING_USE_DHCP_PORTS, &numbers[ZERO]);
    put_number(SETTING_SHARED_PORTS, &numbers[ONE]);
    put_number(SETTING_BIND_POLICY, &numbers[ONE]);
    PUT_TEXT(SETTING_BIND_INTERFACES, REG_MULTI_SZ, u"IP:10.0.0.2\0MAC:001122AABBCC\0");
    PUT_TEXT(SETTING_BANNED_GUIDS, REG_MULTI_SZ, u"{00112233445566778899AABBCCDDEEFF}\0");
    PUT_TEXT(SETTING_RESPONSE_DELAYS, REG_MULTI_SZ, u"ALL=500\0");
    PUT_TEXT(SETTING_MULTICAST_GROUPS, REG_MULTI_SZ,
             u"239.1.2.3\0"
             u"224.0.1.77\0");
    PUT_TEXT(SETTING_BALANCE_BUCKETS, REG_SZ, u"0-127");
    put_number(SETTING_BALANCE_TAKEOVER, &numbers[TWO]);
    assert_int_equal(settings_load(&memory.port, &memory.listener, &settings), PXE_OK);
    assert_false(settings.use_dhcp_ports);
    assert_true(settings.shared_ports);
    assert_int_equal(settings.bind.policy, BIND_INCLUDE);
    assert_int_equal(settings.bind.list.count, 2);
    assert_int_equal(settings.bind.list.rules[0].subject, SUBJECT_IP);
    assert_int_equal(settings.bind.list.rules[1].subject, SUBJECT_MAC);
    assert_int_equal(settings.banned_guids.count, 1);
    assert_int_equal(settings.delays.count, 1);
    assert_int_equal(settings.delays.rules[0].milliseconds, 500);
    assert_int_equal(settings.groups.count, 2);
    assert_memory_equal(settings.groups.rules[0].bytes, "\xef\1\2\3", 4);
    assert_memory_equal(settings.groups.rules[1].bytes, "\xe0\0\1\x4d", 4);
    assert_true(bucket_set_has(&settings.buckets, 127));
    assert_false(bucket_set_has(&settings.buckets, 128));
    assert_int_equal(settings.takeover, 2);
    assert_int_equal(memory.problems, 0);
    settings_free(&settings);
}

/* A wrong list or share stops the server; each is told once, all of them in one go. */
static void wrong_vital_values_refuse_the_start(void **state)
{
    static const enum setting_id ids[] = {SETTING_BIND_INTERFACES, SETTING_BANNED_GUIDS,
                                          SETTING_RESPONSE_DELAYS, SETTING_MULTICAST_GROUPS,
                                          SETTING_BALANCE_BUCKETS};
    struct settings settings;

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        uint32_t type = ids[i] == SETTING_BALANCE_BUCKETS ? REG_SZ : REG_MULTI_SZ;
        settings_memory_init(&memory);
        PUT_TEXT(ids[i], type, u"eth0");
        assert_int_equal(settings_load(&memory.port, &memory.listener, &settings),
                         PXE_INVALID_DATA);
        assert_told(ids[i], "\"eth0\"; allowed: ");
        put_number(ids[i], &numbers[ONE]);
        assert_int_equal(settings_load(&memory.port, &memory.listener, &settings),
                         PXE_INVALID_DATA);
        assert_told(ids[i], "is of type REG_DWORD, but must be of type ");
        memory.values[ids[i]].status = PXE_ACCESS_DENIED;
        assert_int_equal(settings_load(&memory.port, &memory.listener, &settings),
                         PXE_ACCESS_DENIED);
        assert_int_equal(memory.problems, 3);
        assert_int_equal(memory.vital_problems, 3);
    }
    settings_memory_init(&memory);
    for (size_t i = 0; i < 4; i++)
        put_number(ids[i], &numbers[ONE]);
    assert_int_equal(settings_load(&memory.port, &memory.listener, &settings), PXE_INVALID_DATA);
    assert_int_equal(memory.vital_problems, 4);
}

static void one_wrong_entry_spoils_the_list(void **state)
{
    struct bind_rules rules;

    (void)state;
    PUT_TEXT(SETTING_BIND_INTERFACES, REG_MULTI_SZ, u"IP:10.0.0.2\0IP:10.0.0.\u00b2\0");
    assert_int_equal(settings_load_bind(&memory.port, &memory.listener, &rules), PXE_INVALID_DATA);
    assert_told(SETTING_BIND_INTERFACES, "has the entry \"IP:10.0.0.?\"");
}

static void long_entries_are_refused(void **state)
{
    static uint16_t text[2000];
    struct bind_rules rules;

    (void)state;
    for (size_t i = 0; i < 1998; i++)
        text[i] = '7';
    settings_memory_set(&memory, SETTING_BIND_INTERFACES, REG_MULTI_SZ, text, sizeof(text));
    assert_int_equal(settings_load_bind(&memory.port, &memory.listener, &rules), PXE_INVALID_DATA);
    settings_memory_set(&memory, SETTING_BALANCE_BUCKETS, REG_SZ, text, sizeof(text));
    assert_int_equal(memory.problems, 1);
}

/* As hands and other programs write them: no final NULs, half a unit, nothing at all. */
static void texts_may_be_cut_off(void **state)
{
    struct settings settings;

    (void)state;
    settings_memory_set(&memory, SETTING_BALANCE_BUCKETS, REG_SZ, u"0-63", 8);
    settings_memory_set(&memory, SETTING_BIND_INTERFACES, REG_MULTI_SZ, u"IP:10.0.0.2", 22);
    settings_memory_set(&memory, SETTING_BANNED_GUIDS, REG_MULTI_SZ, u"", 1);
    settings_memory_set(&memory, SETTING_RESPONSE_DELAYS, REG_MULTI_SZ, u"", 0);
    assert_int_equal(settings_load(&memory.port, &memory.listener, &settings), PXE_OK);
    assert_true(bucket_set_has(&settings.buckets, 63));
    assert_false(bucket_set_has(&settings.buckets, 64));
    assert_int_equal(settings.bind.list.count, 1);
    assert_int_equal(settings.banned_guids.count, 0);
    settings_free(&settings);
    settings_memory_set(&memory, SETTING_BALANCE_BUCKETS, REG_SZ, u"0-63", 7);
    assert_int_equal(settings_load(&memory.port, &memory.listener, &settings), PXE_OK);
    assert_true(bucket_set_has(&settings.buckets, 6));
    assert_false(bucket_set_has(&settings.buckets, 7));
    settings_free(&settings);
    settings_memory_set(&memory, SETTING_BALANCE_BUCKETS, REG_SZ, u"", 0);
    assert_int_equal(settings_load(&memory.port, &memory.listener, &settings), PXE_INVALID_DATA);
}

/* ---- the folder of the log file ---- */

static bool path_is_fine(uint32_t type, const void *bytes, size_t size)
{
    uint16_t units[400] = {0};
    const struct setting_value value = {type, size, units};
    char problem[SETTING_PROBLEM_SIZE];

    memcpy(units, bytes, size);
    return setting_check(setting_at(SETTING_FILE_DIRECTORY), &value, problem);
}

static void folder_is_a_path(void **state)
{
    static uint16_t text[261];

    (void)state;
    for (size_t i = 0; i < 260; i++)
        text[i] = 'd';
    assert_true(path_is_fine(REG_EXPAND_SZ, u"%TEMP%", 14));
    assert_true(path_is_fine(REG_SZ, u"C:\\logs", 16));
    assert_false(path_is_fine(REG_MULTI_SZ, u"C:\\logs\0", 18));
    assert_false(path_is_fine(REG_SZ, u"", 2));
    assert_false(path_is_fine(REG_SZ, u"", 0));
    assert_true(path_is_fine(REG_SZ, text + 1, sizeof(text) - 2));
    assert_false(path_is_fine(REG_SZ, text, sizeof(text)));
}

/* ---- memory ---- */

static void memory_may_run_out_anywhere(void **state)
{
    struct settings settings;
    pxe_status status = PXE_NOT_ENOUGH_MEMORY;

    (void)state;
    PUT_TEXT(SETTING_BIND_INTERFACES, REG_MULTI_SZ, u"IP:10.0.0.2\0MAC:001122AABBCC\0");
    PUT_TEXT(SETTING_BANNED_GUIDS, REG_MULTI_SZ, u"{00112233445566778899AABBCCDDEEFF}\0");
    PUT_TEXT(SETTING_BALANCE_BUCKETS, REG_SZ, u"0-127");
    for (long n = 1; status != PXE_OK; n++) {
        assert_in_range(n, 1, 100);
        mem_fail_after(n);
        status = settings_load(&memory.port, &memory.listener, &settings);
        mem_fail_after(-1);
        assert_int_equal(mem_outstanding(), status == PXE_OK ? 2 : 0);
    }
    settings_free(&settings);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_setting_is_complete),
        TEST(numbers_are_read),
        TEST(unreadable_number_is_told),
        TEST(nothing_set_means_defaults),
        TEST(what_is_set_counts),
        TEST(wrong_vital_values_refuse_the_start),
        TEST(one_wrong_entry_spoils_the_list),
        TEST(long_entries_are_refused),
        TEST(texts_may_be_cut_off),
        TEST(folder_is_a_path),
        TEST(memory_may_run_out_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
