/* How many lines the network may cause: few at once, some each second, none in a flood. */
#include "engine/log_budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SECOND = 1000000 };

static struct log_budget budget;

/* So many in so many seconds, evenly; returns how many were written. */
static unsigned ask(unsigned count, uint64_t *now, uint64_t seconds)
{
    unsigned written = 0;

    for (unsigned i = 0; i < count; i++) {
        *now += seconds * SECOND / count;
        written += log_budget_take(&budget, *now);
    }
    return written;
}

static int begin(void **state)
{
    (void)state;
    log_budget_fill(&budget, 0);
    return 0;
}

static void a_burst_is_cut(void **state)
{
    uint64_t now = 0;

    (void)state;
    assert_int_equal(ask(10000, &now, 0), LOG_BUDGET_BURST);
}

/* Whatever its speed: 10,000 within 1 to 20 seconds. */
static void a_flood_writes_nothing(void **state)
{
    (void)state;
    for (uint64_t seconds = 1; seconds <= 20; seconds++) {
        uint64_t now = 0;
        log_budget_fill(&budget, 0);
        assert_in_range(ask(10000, &now, seconds), LOG_BUDGET_BURST, LOG_BUDGET_BURST + 10);
    }
}

/* A class room: 13 requests a second for a minute. */
static void a_class_room_is_told(void **state)
{
    uint64_t now = 0;

    (void)state;
    assert_in_range(ask(800, &now, 60), 600, 800);
    log_budget_fill(&budget, now);
    assert_int_equal(ask(600, &now, 60), 600);
}

static void after_a_flood_it_comes_back(void **state)
{
    uint64_t now = 0;

    (void)state;
    (void)ask(100000, &now, 1);
    now += 2 * SECOND;
    assert_false(log_budget_take(&budget, now));
    now += SECOND;
    assert_true(log_budget_take(&budget, now));
    now += 60 * (uint64_t)SECOND;
    assert_int_equal(ask(1000, &now, 0), LOG_BUDGET_BURST);
}

static void a_clock_that_goes_back_adds_nothing(void **state)
{
    uint64_t now = 100 * (uint64_t)SECOND;

    (void)state;
    log_budget_fill(&budget, now);
    assert_int_equal(ask(1000, &now, 0), LOG_BUDGET_BURST);
    assert_false(log_budget_take(&budget, 1));
    assert_false(log_budget_take(&budget, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_burst_is_cut, begin),
        cmocka_unit_test_setup(a_flood_writes_nothing, begin),
        cmocka_unit_test_setup(a_class_room_is_told, begin),
        cmocka_unit_test_setup(after_a_flood_it_comes_back, begin),
        cmocka_unit_test_setup(a_clock_that_goes_back_adds_nothing, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
