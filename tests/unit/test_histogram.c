#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "histogram.h"

/* Every bucket begins behind the one before, and no value is told more than 1.6 % too high. */
static void test_buckets(void **state)
{
    (void)state;
    for (unsigned i = 0; i + 1 < HISTOGRAM_BUCKETS; i++) {
        assert_true(histogram_value(i) < histogram_value(i + 1));
        assert_int_equal(histogram_bucket(histogram_value(i)), i);
        assert_int_equal(histogram_bucket(histogram_value(i) + 1), i + 1);
    }
    for (uint64_t value = 1; value < UINT64_C(1) << 40; value += value / 7 + 1) {
        uint64_t told = histogram_value(histogram_bucket(value));
        assert_true(told >= value && (told - value) * 1000 <= value * 16);
    }
}

static void test_what_is_too_long_goes_into_the_last(void **state)
{
    (void)state;
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

static void test_quantiles(void **state)
{
    static struct histogram histogram;

    (void)state;
    assert_int_equal(histogram_quantile(&histogram, 0.5), 0);
    for (unsigned value = 1; value <= 100; value++)
        histogram_add(&histogram, value);
    assert_int_equal(histogram_quantile(&histogram, 0), 1);
    assert_int_equal(histogram_quantile(&histogram, 0.5), 51);
    assert_int_equal(histogram_quantile(&histogram, 0.99), 100);
    assert_int_equal(histogram_quantile(&histogram, 1), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buckets),
        cmocka_unit_test(test_what_is_too_long_goes_into_the_last),
        cmocka_unit_test(test_quantiles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
