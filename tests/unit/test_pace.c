/* How many threads may run callbacks at once: what raises the limit, what lowers it. */
#include "net/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { MOST = 128 };

static struct pace pace;

static int setup(void **state)
{
    (void)state;
    pace_init(&pace, MOST);
    return 0;
}

/* So many windows of ticks, each with so much done in all, and waiting all the time. */
static void windows(uint32_t count, uint32_t done, uint32_t waiting)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t tick = 0; tick < PACE_WINDOW_TICKS; tick++)
            pace_tick(&pace, &(struct pace_look){.done = tick == 0 ? done : 0,
                                                 .waiting = waiting,
                                                 .is_on_time = true});
}

static void starts_quick(void **state)
{
    (void)state;
    assert_true(pace_is_quick(&pace));
    windows(1, 0, 0);
    assert_int_equal(pace_handler_limit(&pace), 1);
}

static void a_stuck_receiver_lets_another_thread_handle_at_once(void **state)
{
    (void)state;
    pace_tick(&pace, &(struct pace_look){.has_stuck = true, .is_on_time = true});
    assert_int_equal(pace_handler_limit(&pace), 2);
    pace_tick(&pace, &(struct pace_look){.has_stuck = true, .is_on_time = true});
    assert_int_equal(pace_handler_limit(&pace), 2); /* only out of 1 */
}

/* The first window counts as one in which nothing waited, as nothing is known of what was before.
 */
static void nothing_done_while_something_waits_doubles_the_limit(void **state)
{
    (void)state;
    windows(1, 0, 5);
    assert_int_equal(pace_handler_limit(&pace), 1);
    windows(1, 0, 5);
    assert_int_equal(pace_handler_limit(&pace), 2);
    windows(1, 0, 5);
    assert_int_equal(pace_handler_limit(&pace), 4);
    windows(1, 0, 5);
    assert_int_equal(pace_handler_limit(&pace), 8);
}

static void the_limit_ends_at_the_most(void **state)
{
    (void)state;
    windows(20, 0, 5);
    assert_int_equal(pace_handler_limit(&pace), MOST);
}

/* With many threads, a single window without a result is no reason for more. */
static void many_handlers_need_two_idle_windows(void **state)
{
    (void)state;
    windows(4, 0, 5);
    assert_int_equal(pace_handler_limit(&pace), 8);
    windows(1, 20, 5); /* the trial brought something: goes on */
    assert_int_equal(pace_handler_limit(&pace), 16);
    windows(1, 0, 5);
    assert_int_equal(pace_handler_limit(&pace), 16);
    windows(1, 0, 5);
    assert_int_equal(pace_handler_limit(&pace), 32);
}

static void many_callbacks_in_a_window_lower_the_limit(void **state)
{
    (void)state;
    windows(4, 0, 5);
    windows(1, 128, 5);
    assert_int_equal(pace_handler_limit(&pace), 4);
    windows(1, 128, 5);
    windows(1, 128, 5);
    windows(1, 128, 5);
    assert_int_equal(pace_handler_limit(&pace), 1);
}

/* A higher limit that brings less than a quarter more is taken back and not tried for a second. */
static void a_trial_that_brings_nothing_is_taken_back(void **state)
{
    (void)state;
    windows(1, 40, 5);
    windows(1, 40, 5); /* nothing known: the first trial */
    assert_int_equal(pace_handler_limit(&pace), 2);
    windows(1, 49, 5);
    assert_int_equal(pace_handler_limit(&pace), 1);
    windows(PACE_TICKS_PER_SECOND / PACE_WINDOW_TICKS, 40, 5);
    assert_int_equal(pace_handler_limit(&pace), 1);
    windows(1, 40, 5);
    assert_int_equal(pace_handler_limit(&pace), 2);
    windows(1, 50, 5); /* a quarter more: kept, and the next one tried */
    assert_int_equal(pace_handler_limit(&pace), 4);
}

/* Half, once a second. */
static void the_limit_goes_down_when_nothing_waits(void **state)
{
    (void)state;
    windows(20, 0, 5); /* a whole second */
    assert_int_equal(pace_handler_limit(&pace), MOST);
    windows(20, 3, 0);
    assert_int_equal(pace_handler_limit(&pace), MOST / 2);
    windows(20, 3, 0);
    assert_int_equal(pace_handler_limit(&pace), MOST / 4);
    windows(6 * 20, 3, 0);
    assert_int_equal(pace_handler_limit(&pace), 1);
}

/* A thread that did not get its turn looks stuck, and others help out: not for a second, though. */
static void quick_callbacks_of_few_handlers_end_the_help(void **state)
{
    (void)state;
    pace_tick(&pace, &(struct pace_look){.has_stuck = true, .is_on_time = true});
    assert_int_equal(pace_handler_limit(&pace), 2);
    windows(1, 200, 0);
    assert_true(pace_is_quick(&pace));
}

/* As many callbacks of many handlers are slow ones: these keep up because they are many. */
static void many_handlers_that_keep_up_stay(void **state)
{
    (void)state;
    windows(4, 0, 5);
    assert_int_equal(pace_handler_limit(&pace), 8);
    windows(3, 200, 0);
    assert_int_equal(pace_handler_limit(&pace), 8);
}

/* A tick that came late says nothing about callbacks: the window begins anew. */
static void a_late_tick_forgets_the_window(void **state)
{
    (void)state;
    windows(1, 0, 5);
    for (uint32_t i = 0; i < PACE_WINDOW_TICKS; i++)
        pace_tick(&pace, &(struct pace_look){
                             .done = i == 0 ? 128 : 0, .waiting = 5, .is_on_time = i != 3});
    /* What was done before tick 3 does not count: nothing was done. */
    assert_int_equal(pace_handler_limit(&pace), 2);
}

static void ticks_on_time_are_less_than_three_apart(void **state)
{
    (void)state;
    (void)pace_is_on_time(&pace, 1000000);
    assert_true(pace_is_on_time(&pace, 1000000 + 29999));
    assert_false(pace_is_on_time(&pace, 1000000 + 29999 + 30000));
    assert_true(pace_is_on_time(&pace, 1000000 + 29999 + 30001));
}

static void a_second_has_its_ticks(void **state)
{
    uint32_t seconds = 0;

    (void)state;
    for (uint32_t i = 0; i < 3 * PACE_TICKS_PER_SECOND; i++) {
        pace_tick(&pace, &(struct pace_look){.is_on_time = true});
        seconds += pace_is_second(&pace);
    }
    assert_int_equal(seconds, 3);
}

static void quiet_is_a_second_without_anything(void **state)
{
    (void)state;
    windows(19, 0, 0);
    assert_false(pace_is_quiet(&pace));
    windows(1, 0, 0);
    assert_true(pace_is_quiet(&pace));
    assert_false(pace_is_quiet(&pace)); /* the next one has begun */
    windows(19, 0, 0);
    windows(1, 1, 0);
    assert_false(pace_is_quiet(&pace));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(starts_quick, setup),
        cmocka_unit_test_setup(a_stuck_receiver_lets_another_thread_handle_at_once, setup),
        cmocka_unit_test_setup(nothing_done_while_something_waits_doubles_the_limit, setup),
        cmocka_unit_test_setup(the_limit_ends_at_the_most, setup),
        cmocka_unit_test_setup(many_handlers_need_two_idle_windows, setup),
        cmocka_unit_test_setup(many_callbacks_in_a_window_lower_the_limit, setup),
        cmocka_unit_test_setup(a_trial_that_brings_nothing_is_taken_back, setup),
        cmocka_unit_test_setup(the_limit_goes_down_when_nothing_waits, setup),
        cmocka_unit_test_setup(quick_callbacks_of_few_handlers_end_the_help, setup),
        cmocka_unit_test_setup(many_handlers_that_keep_up_stay, setup),
        cmocka_unit_test_setup(a_late_tick_forgets_the_window, setup),
        cmocka_unit_test_setup(ticks_on_time_are_less_than_three_apart, setup),
        cmocka_unit_test_setup(a_second_has_its_ticks, setup),
        cmocka_unit_test_setup(quiet_is_a_second_without_anything, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
