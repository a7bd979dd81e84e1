/* The fuzzer's cases: the same every time, within bounds, of every kind; and made small again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wdspxectl/fuzz/mutate.h"

enum { CASES = 20000, V4_SIZE = 300, V6_SIZE = 60 };

static uint8_t v4[V4_SIZE], v6[V6_SIZE];
static struct fuzz_seed seeds[2];

static int set_up(void **state)
{
    static const uint8_t options4[] = {53, 1,   1,   57,  2,   5,   0xc0, 93,  2,   0,   7,  60,
                                       9,  'P', 'X', 'E', 'C', 'l', 'i',  'e', 'n', 't', 255};
    static const uint8_t options6[] = {0, 1, 0, 4,    0, 4, 1, 2,  0, 16, 0, 6,
                                       0, 0, 1, 0x57, 0, 0, 0, 61, 0, 2,  0, 7};
    (void)state;
    memset(v4, 0, sizeof(v4));
    v4[0] = 1, v4[1] = 1, v4[2] = 6;
    memcpy(v4 + 236, (uint8_t[]){99, 130, 83, 99}, 4);
    memcpy(v4 + 240, options4, sizeof(options4));
    memset(v6, 0, sizeof(v6));
    v6[0] = 1;
    memcpy(v6 + 4, options6, sizeof(options6));
    seeds[0] = (struct fuzz_seed){v4, sizeof(v4), false};
    seeds[1] = (struct fuzz_seed){v6, 4 + sizeof(options6), true};
    return 0;
}

static void test_same_numbers_same_case(void **state)
{
    static struct fuzz_case one, two;
    (void)state;
    for (uint64_t i = 1; i <= 1000; i++) {
        fuzz_case_make(seeds, 2, 7, i, &one);
        memset(&two, 0xa5, sizeof(two));
        fuzz_case_make(seeds, 2, 7, i, &two);
        assert_int_equal(one.length, two.length);
        assert_int_equal(one.seed, two.seed);
        assert_memory_equal(one.packet, two.packet, one.length);
    }
}

static void test_another_run_makes_other_cases(void **state)
{
    static struct fuzz_case one, two;
    unsigned different = 0;
    (void)state;
    for (uint64_t i = 1; i <= 100; i++) {
        fuzz_case_make(seeds, 2, 1, i, &one);
        fuzz_case_make(seeds, 2, 2, i, &two);
        different += one.length != two.length || memcmp(one.packet, two.packet, one.length) != 0;
    }
    assert_true(different > 90);
}

/* Under AddressSanitizer: nothing is read or written outside either. */
static void test_every_kind_within_bounds(void **state)
{
    static struct fuzz_case made;
    size_t count = fuzz_mutation_count();
    unsigned *seen = calloc(count, sizeof(*seen));
    unsigned changed = 0;
    (void)state;
    assert_non_null(seen);
    for (uint64_t i = 1; i <= CASES; i++) {
        fuzz_case_make(seeds, 2, 3, i, &made);
        assert_true(made.length <= FUZZ_PACKET_MAX);
        assert_in_range(made.mutation_count, 1, FUZZ_MUTATIONS_MAX);
        for (size_t m = 0; m < made.mutation_count; m++)
            seen[made.mutations[m]]++;
        const struct fuzz_seed *seed = &seeds[made.seed];
        changed +=
            made.length != seed->length || memcmp(made.packet, seed->packet, seed->length) != 0;
    }
    for (unsigned m = 0; m < count; m++)
        assert_true(seen[m] > CASES / 200);
    assert_true(changed > CASES * 9 / 10);
    free(seen);
}

/* What the contract asks of providers and of us is really in there. */
static void test_what_matters_is_made(void **state)
{
    static struct fuzz_case made;
    unsigned odd_hlen = 0, cut = 0, deep = 0, bad_cookie = 0, no_end = 0;
    (void)state;
    for (uint64_t i = 1; i <= CASES; i++) {
        fuzz_case_make(seeds, 2, 4, i, &made);
        bool is_v4 = made.seed == 0;
        odd_hlen += is_v4 && made.length > 2 && made.packet[2] > 16;
        cut += made.length < 4;
        bad_cookie += is_v4 && made.length >= 240 && memcmp(made.packet + 236, v4 + 236, 4) != 0;
        no_end +=
            is_v4 && made.length > 240 && memchr(made.packet + 240, 255, made.length - 240) == NULL;
        deep += !is_v4 && made.length > 33 * 38;
    }
    assert_true(odd_hlen > 100);
    assert_true(cut > 10);
    assert_true(bad_cookie > 100);
    assert_true(no_end > 100);
    assert_true(deep > 100);
}

static void test_empty_and_tiny_seeds(void **state)
{
    static struct fuzz_case made;
    const uint8_t byte = 12;
    const struct fuzz_seed tiny[] = {
        {&byte, 0, false}, {&byte, 1, false}, {&byte, 0, true}, {&byte, 1, true}};
    (void)state;
    for (uint64_t i = 1; i <= CASES; i++) {
        fuzz_case_make(tiny, 4, 5, i, &made);
        assert_true(made.length <= FUZZ_PACKET_MAX);
    }
}

static bool has_long_hlen(void *context, const uint8_t *packet, size_t length)
{
    unsigned *asked = context;
    ++*asked;
    return length > 2 && packet[2] > 16;
}

static void test_minimise(void **state)
{
    uint8_t packet[FUZZ_PACKET_MAX];
    size_t length = V4_SIZE;
    unsigned asked = 0;
    (void)state;
    memset(packet, 0xee, sizeof(packet));
    fuzz_minimise(&seeds[0], packet, &length, 2000, has_long_hlen, &asked);
    assert_true(asked <= 2000);
    assert_int_equal(length, 3);
    assert_int_equal(packet[0], v4[0]);
    assert_int_equal(packet[1], v4[1]);
    assert_int_equal(packet[2], 0xee);
}

static bool always(void *context, const uint8_t *packet, size_t length)
{
    (void)packet, (void)length;
    ++*(unsigned *)context;
    return true;
}

static void test_minimise_ends(void **state)
{
    uint8_t packet[FUZZ_PACKET_MAX];
    size_t length = FUZZ_PACKET_MAX;
    unsigned asked = 0;
    (void)state;
    memset(packet, 0xee, sizeof(packet));
    fuzz_minimise(&seeds[1], packet, &length, 50, always, &asked);
    assert_true(asked <= 50);
    assert_true(length < FUZZ_PACKET_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_numbers_same_case),
        cmocka_unit_test(test_another_run_makes_other_cases),
        cmocka_unit_test(test_every_kind_within_bounds),
        cmocka_unit_test(test_what_matters_is_made),
        cmocka_unit_test(test_empty_and_tiny_seeds),
        cmocka_unit_test(test_minimise),
        cmocka_unit_test(test_minimise_ends),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
