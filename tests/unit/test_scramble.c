#include "base/scramble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#define NUMBERS (UINTPTR_MAX >> 2)

static const uint64_t seeds[] = {0, 1, 4711, UINT64_MAX, UINT64_C(0x123456789abcdef0)};

/* What every number comes to is a number, and comes back: so no two come to the same. */
static void every_number_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        struct scramble scramble;
        scramble_seed(&scramble, seeds[i]);
        uintptr_t number = 0;
        for (uint32_t j = 0; j < 200000; j++) {
            const uintptr_t hidden = scramble_hide(&scramble, number);
            assert_true(hidden <= NUMBERS);
            assert_true(scramble_show(&scramble, hidden) == number);
            number =
                j % 2 != 0 ? (number * 6364136223 + 1442695041) & NUMBERS : (number + 1) & NUMBERS;
        }
        assert_true(scramble_show(&scramble, scramble_hide(&scramble, NUMBERS)) == NUMBERS);
    }
}

/* One bit more or less changes about half of the bits, wherever it is. */
static void neighbours_are_far_apart(void **state)
{
    const unsigned bits = sizeof(uintptr_t) * 8 - 2;
    struct scramble scramble;

    (void)state;
    scramble_seed(&scramble, 4711);
    for (unsigned bit = 0; bit < bits; bit++) {
        uint64_t changed = 0;
        for (uintptr_t number = 0; number < 1000; number++) {
            const uintptr_t difference = scramble_hide(&scramble, number) ^
                                         scramble_hide(&scramble, number ^ (uintptr_t)1 << bit);
            changed += (uint64_t)__builtin_popcountll(difference);
        }
        assert_in_range(changed, 1000 * bits * 2 / 5, 1000 * bits * 3 / 5);
    }
}

/* A handle that is off by a little, or made up, leads to none of the few that are in use. */
static void what_is_off_by_a_little_leads_nowhere(void **state)
{
    enum { USED = 4096 };
    uint32_t hits = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        struct scramble scramble;
        scramble_seed(&scramble, seeds[i]);
        for (uintptr_t number = 0; number < USED; number++) {
            const uintptr_t hidden = scramble_hide(&scramble, number);
            for (uintptr_t off = 1; off <= 8; off++) {
                hits += scramble_show(&scramble, (hidden + off) & NUMBERS) < USED;
                hits += scramble_show(&scramble, (hidden - off) & NUMBERS) < USED;
            }
        }
    }
    assert_in_range(hits, 0, sizeof(uintptr_t) == 8 ? 0 : 20);
}

static void each_seed_has_handles_of_its_own(void **state)
{
    struct scramble scrambles[sizeof(seeds) / sizeof(seeds[0])];

    (void)state;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
        scramble_seed(&scrambles[i], seeds[i]);
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++)
        for (size_t j = 0; j < i; j++)
            assert_true(scramble_hide(&scrambles[i], 5) != scramble_hide(&scrambles[j], 5));
}

int main(void)
{
    const struct CMUnitTest scramble[] = {
        cmocka_unit_test(every_number_comes_back),
        cmocka_unit_test(neighbours_are_far_apart),
        cmocka_unit_test(what_is_off_by_a_little_leads_nowhere),
        cmocka_unit_test(each_seed_has_handles_of_its_own),
    };

    return cmocka_run_group_tests(scramble, NULL, NULL);
}
