/* An outlet that fails: told once, tried rarely, and told when it works again. */
#include "base/loss.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static struct loss loss;
static uint64_t now;
static uint64_t told_lost;
static unsigned tries, begins, ends;

static int begin(void **state)
{
    (void)state;
    loss = (struct loss){0};
    now = 5000000;
    told_lost = 0;
    tries = begins = ends = 0;
    return 0;
}

/* One line for an outlet that works or does not. */
static void put(bool works)
{
    uint64_t lost = 0;

    if (!loss_may_try(&loss, now))
        return;
    tries++;
    switch (loss_tried(&loss, works, now, &lost)) {
    case LOSS_BEGINS:
        begins++;
        break;
    case LOSS_ENDS:
        ends++;
        told_lost += lost;
        break;
    case LOSS_NO_NEWS:
        break;
    }
}

static void an_outlet_that_works_is_no_news(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        put(true);
    assert_int_equal(tries, 1000);
    assert_int_equal(begins + ends, 0);
}

static void an_outlet_that_fails_is_told_once(void **state)
{
    (void)state;
    put(true);
    for (unsigned i = 0; i < 100000; i++, now += 10) /* 1000 seconds */
        put(false);
    assert_int_equal(begins, 1);
    assert_int_equal(ends, 0);
    /* 1 + 2 + 4 + 8 seconds, then every 16 */
    assert_in_range(tries, 60, 80);
}

static void it_works_again_and_the_number_is_told(void **state)
{
    (void)state;
    put(true);
    for (unsigned i = 0; i < 2500; i++, now++)
        put(false);
    for (unsigned i = 0; i < 2500; i++, now++)
        put(true);
    assert_int_equal(begins, 1);
    assert_int_equal(ends, 1);
    assert_true(told_lost >= 2500);
    /* Whatever was put was written, or counted. */
    assert_int_equal(told_lost + tries, 1 + 5000 + /* tried and lost */ 2);
}

/* Whichever of two lines has just room: a disk that is nearly full. */
static void one_that_comes_and_goes_is_told_rarely(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 360000; i++, now += 10) /* an hour */
        put((i * UINT32_C(2654435761) >> 16 & 1) == 0);
    assert_in_range(begins, 50, 240);
    assert_in_range(ends, begins - 1, begins);
}

static void after_a_minute_of_calm_it_is_told_at_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100000; i++, now += 10)
        put(false);
    put(true); /* not yet */
    now += LOSS_PAUSE_MAX;
    put(true);
    assert_int_equal(ends, 1);
    now += LOSS_CALM;
    put(false);
    now += LOSS_PAUSE_MIN;
    put(true);
    assert_int_equal(ends, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_outlet_that_works_is_no_news, begin),
        cmocka_unit_test_setup(an_outlet_that_fails_is_told_once, begin),
        cmocka_unit_test_setup(it_works_again_and_the_number_is_told, begin),
        cmocka_unit_test_setup(one_that_comes_and_goes_is_told_rarely, begin),
        cmocka_unit_test_setup(after_a_minute_of_calm_it_is_told_at_once, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
