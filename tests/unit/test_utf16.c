#include "base/utf16.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/mem.h"

static void length_counts_units(void **state)
{
    (void)state;
    assert_int_equal(utf16_length(u""), 0);
    assert_int_equal(utf16_length(u"a\u00e9\U0001f600"), 4);
    assert_int_equal(utf16_length_within(u"abc", 2), 2);
    assert_int_equal(utf16_length_within(u"abc", 9), 3);
    assert_int_equal(utf16_length_within(NULL, 0), 0);
}

static void duplicate_is_a_terminated_copy(void **state)
{
    const uint16_t text[] = {'a', 'b', 'c'}; /* no NUL: the part must not look further */
    uint16_t *part = utf16_duplicate_part(text, 3);
    uint16_t *whole = utf16_duplicate(u"x\u65e5");
    uint16_t *empty = utf16_duplicate_part(NULL, 0);

    (void)state;
    assert_true(utf16_equal(part, u"abc"));
    assert_true(utf16_equal(whole, u"x\u65e5"));
    assert_true(utf16_equal(empty, u""));
    mem_free(part);
    mem_free(whole);
    mem_free(empty);
    assert_int_equal(mem_outstanding(), 0);
}

static void duplicate_reports_no_memory(void **state)
{
    (void)state;
    mem_fail_after(1);
    assert_null(utf16_duplicate(u"a"));
    assert_null(utf16_duplicate_part(u"a", SIZE_MAX));
    assert_null(utf16_duplicate_part(u"a", SIZE_MAX / 2 + 1));
}

static void equal_compares_all_units(void **state)
{
    (void)state;
    assert_true(utf16_equal(u"", u""));
    assert_true(utf16_equal(u"ab", u"ab"));
    assert_false(utf16_equal(u"ab", u"aB"));
    assert_false(utf16_equal(u"ab", u"abc"));
    assert_false(utf16_equal(u"abc", u"ab"));
}

int main(void)
{
    const struct CMUnitTest utf16[] = {
        cmocka_unit_test(length_counts_units),
        cmocka_unit_test(duplicate_is_a_terminated_copy),
        cmocka_unit_test(duplicate_reports_no_memory),
        cmocka_unit_test(equal_compares_all_units),
    };

    return cmocka_run_group_tests(utf16, NULL, NULL);
}
