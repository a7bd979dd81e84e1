/* What is remembered of the routing table, and for how long. */
#include "net/route_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNREACHABLE = 10051 };

static struct route_cache cache;
static uint32_t table_index; /* what the routing table says; 0: there is no route */
static unsigned asked;

static int find(const struct net_endpoint *from, const struct net_endpoint *to,
                uint32_t *out_interface_index)
{
    (void)from, (void)to;
    asked++;
    *out_interface_index = table_index;
    return table_index != 0 ? 0 : UNREACHABLE;
}

static int ask(uint8_t last, uint64_t now, uint32_t *out_index)
{
    const struct net_endpoint from = {.address = {10, 0, 0, 1}, .length = 4};
    const struct net_endpoint to = {.address = {10, 1, 0, last}, .length = 4};
    return route_cache_ask(&cache, find, now, &from, &to, out_index);
}

static int begin(void **state)
{
    (void)state;
    route_cache_clear(&cache);
    asked = 0;
    table_index = 7;
    return 0;
}

static void it_is_asked_once_a_second(void **state)
{
    uint32_t index = 0;

    (void)state;
    for (uint64_t now = 0; now < ROUTE_CACHE_AGE; now++) {
        assert_int_equal(ask(9, now, &index), 0);
        assert_int_equal(index, 7);
    }
    assert_int_equal(asked, 1);
    table_index = 8;
    assert_int_equal(ask(9, ROUTE_CACHE_AGE, &index), 0);
    assert_int_equal(index, 8);
}

static void destinations_are_told_apart(void **state)
{
    uint32_t index;

    (void)state;
    for (unsigned last = 0; last < 256; last++) {
        table_index = last + 1;
        assert_int_equal(ask((uint8_t)last, 0, &index), 0);
        assert_int_equal(index, last + 1);
    }
    assert_int_equal(asked, 256);
}

static void no_route_is_not_remembered(void **state)
{
    uint32_t index;

    (void)state;
    table_index = 0;
    assert_int_equal(ask(9, 0, &index), UNREACHABLE);
    table_index = 3;
    assert_int_equal(ask(9, 0, &index), 0);
    assert_int_equal(index, 3);
}

/* More interfaces than a slot has room for: slower, but right. */
static void large_indexes(void **state)
{
    uint32_t index;

    (void)state;
    table_index = 1u << 20;
    assert_int_equal(ask(9, 0, &index), 0);
    assert_int_equal(ask(9, 0, &index), 0);
    assert_int_equal(index, 1u << 20);
    assert_int_equal(asked, 2);
}

static void clearing_forgets(void **state)
{
    uint32_t index;

    (void)state;
    assert_int_equal(ask(9, 0, &index), 0);
    route_cache_clear(&cache);
    table_index = 4;
    assert_int_equal(ask(9, 0, &index), 0);
    assert_int_equal(index, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_is_asked_once_a_second, begin),
        cmocka_unit_test_setup(destinations_are_told_apart, begin),
        cmocka_unit_test_setup(no_route_is_not_remembered, begin),
        cmocka_unit_test_setup(large_indexes, begin),
        cmocka_unit_test_setup(clearing_forgets, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
