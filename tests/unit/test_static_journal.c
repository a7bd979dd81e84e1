/* staticpxe's count of boots: which requests are one boot, and a file that no crash can spoil. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "staticpxe/rules/journal.h"

static const char key[] = "mac-525400770001";

/* The request is admitted and answered with the boot file. */
static bool serve(struct journal_entry *entry, enum boot_step step, uint32_t xid, bool is_ipxe)
{
    if (!journal_admit(entry, step, xid, is_ipxe, 1))
        return false;
    journal_count(entry);
    return true;
}

static struct journal_entry fresh(void)
{
    return (struct journal_entry){.limit = JOURNAL_NO_LIMIT};
}

static void a_machine_boots_once(void **state)
{
    struct journal_entry entry = fresh();

    (void)state;
    assert_true(journal_admit(&entry, BOOT_SEARCH, 1, false, 1));
    assert_true(serve(&entry, BOOT_ASK, 2, false));
    assert_int_equal(entry.served, 1);
    assert_true(serve(&entry, BOOT_ASK, 2, false));              /* the reply got lost */
    assert_true(journal_admit(&entry, BOOT_SEARCH, 3, true, 1)); /* iPXE, that it loaded */
    assert_true(serve(&entry, BOOT_ASK, 4, true));
    assert_int_equal(entry.served, 1);
    assert_false(journal_admit(&entry, BOOT_SEARCH, 5, false, 1));
    assert_false(journal_admit(&entry, BOOT_ASK, 6, false, 1));
    assert_false(journal_admit(&entry, BOOT_SEARCH, 7, true, 1));
}

static void who_searches_elsewhere_is_counted_by_what_it_asks(void **state)
{
    struct journal_entry entry = fresh();

    (void)state;
    assert_true(serve(&entry, BOOT_ASK, 1, false));
    assert_true(serve(&entry, BOOT_CHOOSE, 2, false)); /* from a menu, in the same boot */
    assert_int_equal(entry.served, 1);
    assert_false(serve(&entry, BOOT_ASK, 3, false));
}

static void a_rom_that_is_ipxe_has_no_second_stage(void **state)
{
    struct journal_entry entry = fresh();

    (void)state;
    assert_true(journal_admit(&entry, BOOT_SEARCH, 1, true, 1));
    assert_true(serve(&entry, BOOT_ASK, 1, true));
    assert_false(journal_admit(&entry, BOOT_SEARCH, 2, true, 1));
}

static void a_limit_of_its_own_goes_before_the_sections(void **state)
{
    struct journal_entry entry = fresh();

    (void)state;
    entry.limit = 1;
    assert_true(journal_admit(&entry, BOOT_ASK, 1, false, 0));
    journal_count(&entry);
    assert_false(journal_admit(&entry, BOOT_ASK, 2, false, 0));
    entry.limit = JOURNAL_NO_LIMIT;
    assert_true(journal_admit(&entry, BOOT_ASK, 3, false, 0));
}

/* Whatever a crash leaves of the last line, the count is that before it or that behind it. */
static void a_file_that_was_cut_anywhere_is_read(void **state)
{
    char text[2 * JOURNAL_LINE_SIZE];
    struct journal_entry entry = fresh();

    (void)state;
    strcpy(entry.key, key);
    entry.served = 1;
    size_t first = journal_write(&entry, false, text);
    entry.served = 2;
    entry.is_counted = true;
    entry.xid = 0x1234;
    size_t both = first + journal_write(&entry, false, text + first);
    for (size_t cut = 0; cut <= both; ++cut) {
        struct journal journal = JOURNAL_EMPTY;
        size_t used = journal_read(&journal, text, cut);
        const struct journal_entry *read = journal_find(&journal, key);

        assert_int_equal(used, cut == both ? both : cut >= first ? first : 0);
        if (cut < first)
            assert_null(read);
        else
            assert_int_equal(read->served, cut == both ? 2 : 1);
        journal_free(&journal);
    }
}

static void a_line_with_a_wrong_bit_is_no_line(void **state)
{
    char line[JOURNAL_LINE_SIZE];
    struct journal_entry entry = fresh();

    (void)state;
    strcpy(entry.key, key);
    entry.served = 3;
    size_t length = journal_write(&entry, false, line);
    for (size_t bit = 0; bit < (length - 1) * 8; ++bit) {
        struct journal journal = JOURNAL_EMPTY;

        line[bit / 8] = (char)(line[bit / 8] ^ 1 << bit % 8);
        journal_read(&journal, line, length);
        assert_int_equal(journal.count, 0);
        line[bit / 8] = (char)(line[bit / 8] ^ 1 << bit % 8);
        journal_free(&journal);
    }
}

static void the_last_line_of_a_machine_counts(void **state)
{
    struct journal journal = JOURNAL_EMPTY;
    char line[JOURNAL_LINE_SIZE];

    (void)state;
    for (uint32_t i = 0; i < 500; ++i) {
        struct journal_entry entry = fresh();

        snprintf(entry.key, sizeof(entry.key), "mac-%012x", (unsigned)(i % 100));
        entry.served = i;
        size_t length = journal_write(&entry, i % 100 == 7 && i > 400, line);
        assert_int_equal(journal_read(&journal, line, length), length);
    }
    assert_int_equal(journal.count, 99);
    assert_int_equal(journal.lines, 500);
    assert_null(journal_find(&journal, "mac-000000000007"));
    assert_int_equal(journal_find(&journal, "mac-000000000063")->served, 499);
    assert_false(journal_is_long(&journal));
    journal.lines = 1300;
    assert_true(journal_is_long(&journal));
    journal_free(&journal);
}

static void a_machine_is_called_by_the_best_that_it_tells(void **state)
{
    static const uint8_t mac[] = {0x52, 0x54, 0, 0x77, 0, 1};
    struct client_facts facts = {.is_dhcp = true};
    char name[JOURNAL_KEY_SIZE];

    (void)state;
    assert_false(journal_key(&facts, name));
    facts.duid = (struct fact_bytes){mac, 4};
    assert_true(journal_key(&facts, name));
    assert_string_equal(name, "duid-52540077");
    facts.has_guid = true;
    assert_true(journal_key(&facts, name));
    assert_string_equal(name, "guid-00000000000000000000000000000000");
    facts.mac = (struct fact_bytes){mac, sizeof(mac)};
    assert_true(journal_key(&facts, name));
    assert_string_equal(name, key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_machine_boots_once),
        cmocka_unit_test(who_searches_elsewhere_is_counted_by_what_it_asks),
        cmocka_unit_test(a_rom_that_is_ipxe_has_no_second_stage),
        cmocka_unit_test(a_limit_of_its_own_goes_before_the_sections),
        cmocka_unit_test(a_file_that_was_cut_anywhere_is_read),
        cmocka_unit_test(a_line_with_a_wrong_bit_is_no_line),
        cmocka_unit_test(the_last_line_of_a_machine_counts),
        cmocka_unit_test(a_machine_is_called_by_the_best_that_it_tells),
    };

    return cmocka_run_group_tests_name("static_journal", tests, NULL, NULL);
}
