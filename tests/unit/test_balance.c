#include "engine/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SECOND = 1000000 };

/* By the algorithm of RFC 3074 section 6, worked out by another implementation of it. */
static void buckets_are_those_of_the_rfc(void **state)
{
    static const struct {
        uint8_t identifier[19];
        size_t length;
        uint8_t bucket;
    } cases[] = {
        {{0}, 0, 0},
        {{0x00}, 1, 175},
        {{0x52, 0x54, 0x00, 0xab, 0xcd, 0xef}, 6, 1},
        {{0x52, 0x54, 0x00, 0xab, 0xcd, 0xee}, 6, 31},
        {{0x00, 0x11, 0x22, 0x33, 0x44, 0x55}, 6, 135},
        {{0x01, 0x52, 0x54, 0x00, 0xab, 0xcd, 0xef}, 7, 57},
        {{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
          0xff},
         16,
         17},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
          0xff, 0xff, 0xff, 0xff},
         19,
         32},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(balance_bucket(cases[i].identifier, cases[i].length), cases[i].bucket);
}

/* One byte goes through the table alone: every bucket comes out once. */
static void table_is_a_permutation(void **state)
{
    bool seen[256] = {false};

    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t byte = (uint8_t)i, bucket = balance_bucket(&byte, 1);
        assert_false(seen[bucket]);
        seen[bucket] = true;
    }
}

/* Neighbours among 1,000 MAC addresses, as one delivery of machines has them. */
static void shares_are_even(void **state)
{
    unsigned lower = 0;

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        const uint8_t mac[6] = {0x52, 0x54, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};
        lower += balance_bucket(mac, 6) < 128;
    }
    assert_int_equal(lower, 499);
}

/* ---- waiting ---- */

static struct balance_waiters waiters;

static int setup(void **state)
{
    (void)state;
    memset(&waiters, 0, sizeof(waiters));
    balance_waiters_init(&waiters);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    balance_waiters_destroy(&waiters);
    return 0;
}

static uint32_t waited(const char *client, uint32_t transaction, uint64_t seconds)
{
    return balance_waited(&waiters, (const uint8_t *)client, strlen(client), transaction,
                          seconds * SECOND + 1);
}

static void repeats_are_one_attempt(void **state)
{
    (void)state;
    assert_int_equal(waited("a", 1, 100), 0);
    assert_int_equal(waited("a", 1, 104), 4);
    assert_int_equal(waited("b", 1, 105), 0);
    assert_int_equal(waited("a", 2, 106), 0);
    assert_int_equal(waited("a", 1, 112), 12);
    assert_int_equal(waited("b", 1, 112), 7);
    assert_int_equal(waited("", 1, 0), 0);
}

/* A thousand clients, and twice as many of whom nothing is heard any more: each keeps its count. */
static void thousand_are_kept_apart(void **state)
{
    char name[16];

    (void)state;
    for (uint32_t i = 0; i < 3000; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        assert_int_equal(waited(name, i, 1 + i / 1000), 0);
    }
    for (uint32_t i = 2000; i < 3000; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        assert_int_equal(waited(name, i, 7), 4);
    }
}

/* More clients than places: each still has its own count, those of long ago make room. */
static void crowd_makes_room_for_itself(void **state)
{
    char name[16];

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < 2 * BALANCE_WAITERS; i++) {
            (void)snprintf(name, sizeof(name), "%d.%u", round, i);
            (void)waited(name, 0, 10u + (uint64_t)round);
        }
    }
    assert_int_equal(waited("new", 0, 20), 0);
    assert_int_equal(waited("new", 0, 25), 5);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_those_of_the_rfc),
        cmocka_unit_test(table_is_a_permutation),
        cmocka_unit_test(shares_are_even),
        TEST(repeats_are_one_attempt),
        TEST(thousand_are_kept_apart),
        TEST(crowd_makes_room_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
