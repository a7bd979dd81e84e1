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

/* A message of the client's after so many tenths of a second; what the server takes it for. */
static uint32_t waited(const char *client, uint64_t tenths)
{
    return balance_waited(&waiters, (const uint8_t *)client, strlen(client),
                          tenths * (SECOND / 10) + 1);
}

/* Messages at these times; how long it had been asking at the last one. */
static uint32_t waited_at(const char *client, size_t count, const uint64_t *tenths)
{
    uint32_t last = 0;

    for (size_t i = 0; i < count; i++)
        last = waited(client, tenths[i]);
    return last;
}

#define WAITED(client, ...)                                                                        \
    waited_at(client, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),                  \
              (const uint64_t[]){__VA_ARGS__})

/* Whatever transactions the messages name: they are not asked for. */
static void clients_that_back_off_are_waiting(void **state)
{
    (void)state;
    assert_int_equal(WAITED("dhcp", 0, 40), 0);
    assert_int_equal(WAITED("dhcp, next", 0, 40, 120), 12);
    assert_int_equal(WAITED("dhcp, early and late", 0, 50, 120, 290), 29);
    assert_int_equal(WAITED("dhcp, late and early", 0, 30, 120, 270, 590), 59);
    assert_int_equal(WAITED("dhcpv6", 0, 10, 30, 70), 7);
    assert_int_equal(WAITED("dhcpv6, next", 0, 10, 30, 70, 150), 15);
}

static void even_intervals_are_believed_at_the_fifth(void **state)
{
    (void)state;
    assert_int_equal(WAITED("two seconds", 0, 20, 40, 60), 0);
    assert_int_equal(WAITED("two seconds, next", 0, 20, 40, 60, 80), 8);
    assert_true(WAITED("ten seconds", 0, 100, 200, 300, 400) >= 8);
}

/* Every boot is answered, by another server: all of them together are no wait. */
static void boots_one_after_another_are_not_waiting(void **state)
{
    (void)state;
    assert_int_equal(WAITED("a minute", 0, 600, 1200, 1800, 2400, 3000, 3600), 0);
    assert_int_equal(WAITED("twenty seconds", 0, 200, 450, 600, 900), 0);
    assert_int_equal(WAITED("firmware and boot program", 0, 70, 85), 0);
}

static void waiting_ends_by_silence(void **state)
{
    (void)state;
    assert_int_equal(WAITED("taken over", 0, 40, 120), 12);
    assert_int_equal(WAITED("taken over", 800), 0); /* its server is back */
    assert_int_equal(WAITED("taken over", 840, 920), 12);
}

static void copies_of_a_message_are_one(void **state)
{
    (void)state;
    assert_int_equal(WAITED("relayed twice", 0, 0, 40, 41, 120, 121), 12);
    assert_int_equal(WAITED("only copies", 0, 1, 2), 0);
}

static void choice_ends_the_waiting(void **state)
{
    (void)state;
    assert_int_equal(WAITED("a", 0, 40), 0);
    balance_ended(&waiters, (const uint8_t *)"a", 1);
    balance_ended(&waiters, (const uint8_t *)"b", 1);
    assert_int_equal(WAITED("a", 120), 0);
}

static void takeovers_count_once_for_a_boot(void **state)
{
    (void)state;
    assert_int_equal(WAITED("a", 0, 40, 120), 12);
    assert_true(balance_taken(&waiters, (const uint8_t *)"a", 1));
    assert_int_equal(WAITED("a", 280), 28);
    assert_false(balance_taken(&waiters, (const uint8_t *)"a", 1));
    assert_int_equal(WAITED("a", 3000), 0);
    assert_true(balance_taken(&waiters, (const uint8_t *)"a", 1));
}

/* A thousand clients, and twice as many of whom nothing is heard any more: each keeps its count. */
static void thousand_are_kept_apart(void **state)
{
    char name[16];

    (void)state;
    for (uint32_t i = 0; i < 3000; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        assert_int_equal(waited(name, 10 + i / 1000), 0);
    }
    for (uint32_t i = 2000; i < 3000; i++) {
        (void)snprintf(name, sizeof(name), "%u", i);
        assert_int_equal(waited(name, 52), 0);
        assert_int_equal(waited(name, 132), 12);
    }
}

/* More clients than places: each still has its own count, those of long ago make room. */
static void crowd_makes_room_for_itself(void **state)
{
    char name[16];

    (void)state;
    for (uint64_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < 2 * BALANCE_WAITERS; i++) {
            (void)snprintf(name, sizeof(name), "%u.%u", (unsigned)round, i);
            (void)waited(name, 100 + round * 10);
        }
    }
    assert_int_equal(WAITED("new", 200, 240, 320), 12);
}

/* ---- succession ---- */

static struct bucket_set part(const char *text)
{
    struct bucket_set set;

    assert_true(bucket_set_parse(text, &set));
    return set;
}

/* Of the living servers one is the first for each bucket of the dead one. */
static void check_group(const char *const *parts, size_t count)
{
    for (size_t dead = 0; dead < count; dead++) {
        const struct bucket_set lost = part(parts[dead]);
        for (unsigned bucket = 0; bucket < 256; bucket++) {
            unsigned ranks = 0;
            if (!bucket_set_has(&lost, (uint8_t)bucket))
                continue;
            for (size_t i = 0; i < count; i++) {
                const struct bucket_set own = part(parts[i]);
                uint32_t rank = i == dead ? 31 : balance_rank(&own, (uint8_t)bucket);
                assert_false(i != dead && (ranks >> rank & 1) != 0);
                ranks |= i == dead ? 0 : 1u << rank;
            }
            assert_true((ranks & 3) != 0);
        }
    }
}

static void equal_parts_have_one_successor(void **state)
{
    static const char *const two[] = {"0-127", "128-255"},
                             *const three[] = {"0-85", "86-170", "171-255"},
                             *const rounded[] = {"0-84", "85-169", "170-255"},
                             *const four[] = {"0-63", "64-127", "128-191", "192-255"},
                             *const five[] = {"0-51", "52-102", "103-153", "154-204", "205-255"};

    (void)state;
    check_group(two, 2);
    check_group(three, 3);
    check_group(rounded, 3);
    check_group(four, 4);
    check_group(five, 5);
}

static void other_parts_are_first(void **state)
{
    static const char *const parts[] = {"0-254", "255", "0-63,128", "10-90", "3", "0-99"};

    (void)state;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        const struct bucket_set own = part(parts[i]);
        for (unsigned bucket = 0; bucket < 256; bucket++)
            assert_int_equal(balance_rank(&own, (uint8_t)bucket), 0);
    }
    const struct bucket_set none = {{0}};
    assert_int_equal(balance_rank(&none, 7), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_those_of_the_rfc),
        cmocka_unit_test(table_is_a_permutation),
        cmocka_unit_test(shares_are_even),
        TEST(clients_that_back_off_are_waiting),
        TEST(even_intervals_are_believed_at_the_fifth),
        TEST(boots_one_after_another_are_not_waiting),
        TEST(waiting_ends_by_silence),
        TEST(copies_of_a_message_are_one),
        TEST(choice_ends_the_waiting),
        TEST(takeovers_count_once_for_a_boot),
        TEST(thousand_are_kept_apart),
        TEST(crowd_makes_room_for_itself),
        cmocka_unit_test(equal_parts_have_one_successor),
        cmocka_unit_test(other_parts_are_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
