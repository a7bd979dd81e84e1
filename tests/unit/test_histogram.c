#include "base/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* Every bucket begins behind the one before, however fine they are; nothing is told much too high.
 */
static void buckets_follow_one_another(void **state)
{
    (void)state;
    for (unsigned steps = 4; steps <= HISTOGRAM_STEPS; steps *= 2) {
        for (size_t i = 0; i + 1 < 40 * (size_t)steps; i++) {
            assert_true(bucket_end(i, steps) < bucket_end(i + 1, steps));
            assert_int_equal(bucket_of(bucket_end(i, steps), steps), i);
            assert_int_equal(bucket_of(bucket_end(i, steps) + 1, steps), i + 1);
        }
        for (uint64_t value = 1; value < UINT64_C(1) << 40; value += value / 7 + 1) {
            const uint64_t told = bucket_end(bucket_of(value, steps), steps);
            assert_true(told >= value && (told - value) * steps <= value);
        }
    }
    assert_int_equal(bucket_of(UINT64_MAX, HISTOGRAM_STEPS), HISTOGRAM_BUCKETS - 1);
    assert_true(bucket_end(HISTOGRAM_BUCKETS - 1, HISTOGRAM_STEPS) == UINT64_MAX);
}

static void the_last_bucket_has_what_is_larger(void **state)
{
    static const uint64_t counts[8] = {[0] = 1, [7] = 9};

    (void)state;
    assert_int_equal(buckets_permille(counts, 8, 4, 10, 12345, 100), 0);
    assert_int_equal(buckets_permille(counts, 8, 4, 10, 12345, 101), 12345);
}

static void histogram_is_close(void **state)
{
    static struct histogram histogram;
    (void)state;
    memset(&histogram, 0, sizeof(histogram));
    assert_int_equal(histogram_permille(&histogram, 500), 0);
    histogram_add(&histogram, 7);
    assert_int_equal(histogram_permille(&histogram, 10), 7);
    assert_int_equal(histogram_permille(&histogram, 1000), 7);
    memset(&histogram, 0, sizeof(histogram));
    for (uint64_t i = 1; i <= 100000; i++)
        histogram_add(&histogram, i);
    for (unsigned percent = 1; percent <= 100; percent++) {
        uint64_t exact = percent * 1000, found = histogram_permille(&histogram, percent * 10);
        assert_true(found >= exact && found <= exact + exact / 64 + 1);
    }
    assert_int_equal(histogram.maximum, 100000);
    histogram_add(&histogram, UINT64_MAX);
    histogram_add(&histogram, 0);
    assert_int_equal(histogram_permille(&histogram, 1000), UINT64_MAX);
}

/* Every power of two and its neighbours are in a cell of their own or one close by. */
static void histogram_over_the_whole_range(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        for (int delta = -1; delta <= 1; delta++) {
            static struct histogram histogram;
            uint64_t value = (UINT64_C(1) << bit) + (uint64_t)(int64_t)delta;
            memset(&histogram, 0, sizeof(histogram));
            histogram_add(&histogram, value);
            assert_int_equal(histogram_permille(&histogram, 500), value);
            histogram_add(&histogram, UINT64_MAX);
            uint64_t median = histogram_permille(&histogram, 500);
            assert_true(median >= value && median - value <= value / 32);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_follow_one_another),
        cmocka_unit_test(the_last_bucket_has_what_is_larger),
        cmocka_unit_test(histogram_is_close),
        cmocka_unit_test(histogram_over_the_whole_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
