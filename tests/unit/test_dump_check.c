/* Minidumps that are whole, and every way in which one is not. */
#include "server/dump_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/bytes.h"

enum {
    STREAMS = 4,
    DIRECTORY = 32,
    THREADS = DIRECTORY + 12 * STREAMS,
    MEMORY = THREADS + 4 + 2 * 48,
    EXCEPTION = MEMORY + 4 + 2 * 16,
    MEMORY64 = EXCEPTION + 168,
    CONTENT = MEMORY64 + 16 + 2 * 16,
    DUMP_SIZE = CONTENT + 400,
};

static uint8_t dump[DUMP_SIZE];

static void location_put(uint8_t *at, uint32_t size, uint32_t place)
{
    put_le32(at, size);
    put_le32(at + 4, place);
}

static void stream_put(unsigned number, uint32_t type, uint32_t size, uint32_t place)
{
    uint8_t *entry = dump + DIRECTORY + 12 * number;

    put_le32(entry, type);
    location_put(entry + 4, size, place);
}

/* Two threads, two ranges of memory of either kind, an exception: all at the end of the file. */
static int begin(void **state)
{
    (void)state;
    memset(dump, 0, sizeof(dump));
    memcpy(dump, "MDMP", 4);
    put_le32(dump + 8, STREAMS);
    put_le32(dump + 12, DIRECTORY);
    stream_put(0, 3, 4 + 2 * 48, THREADS);
    stream_put(1, 5, 4 + 2 * 16, MEMORY);
    stream_put(2, 6, 168, EXCEPTION);
    stream_put(3, 9, 16 + 2 * 16, MEMORY64);
    put_le32(dump + THREADS, 2);
    put_le32(dump + MEMORY, 2);
    put_le32(dump + MEMORY64, 2);
    put_le32(dump + MEMORY64 + 8, CONTENT + 50);
    for (unsigned i = 0; i < 2; i++) {
        location_put(dump + THREADS + 4 + 48 * i + 32, 100, CONTENT);
        location_put(dump + THREADS + 4 + 48 * i + 40, 100, CONTENT + 100);
        location_put(dump + MEMORY + 4 + 16 * i + 8, 200, CONTENT + 200);
        put_le32(dump + MEMORY64 + 16 + 16 * i + 8, 150);
    }
    location_put(dump + EXCEPTION + 160, 100, CONTENT + 300);
    return 0;
}

static void a_whole_one_is(void **state)
{
    (void)state;
    assert_true(dump_is_whole(dump, sizeof(dump)));
}

static void one_that_ends_early_is_not(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(dump); size++) {
        uint8_t *part = malloc(size + 1); /* so that a sanitizer sees a read behind it */
        assert_non_null(part);
        memcpy(part, dump, size);
        assert_false(dump_is_whole(part, size));
        free(part);
    }
}

/* Where the beginning of a list was not written, there are zeros. */
static void one_with_a_hole_is_not(void **state)
{
    static const size_t holes[][2] = {
        {0, 32}, {DIRECTORY, 12}, {THREADS, 100}, {MEMORY, 36}, {MEMORY64, 48}};

    for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
        (void)begin(state);
        memset(dump + holes[i][0], 0, holes[i][1]);
        assert_false(dump_is_whole(dump, sizeof(dump)));
    }
}

/* Numbers as large as they can be do not lead out of the file. */
static void wild_numbers_are_not(void **state)
{
    static const size_t places[] = {8,
                                    12,
                                    DIRECTORY + 4,
                                    DIRECTORY + 8,
                                    THREADS,
                                    THREADS + 4 + 32,
                                    THREADS + 4 + 44,
                                    MEMORY,
                                    MEMORY + 4 + 8,
                                    EXCEPTION + 160,
                                    MEMORY64,
                                    MEMORY64 + 4,
                                    MEMORY64 + 12,
                                    MEMORY64 + 16 + 12};

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        (void)begin(state);
        put_le32(dump + places[i], UINT32_MAX);
        assert_false(dump_is_whole(dump, sizeof(dump)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_whole_one_is, begin),
        cmocka_unit_test_setup(one_that_ends_early_is_not, begin),
        cmocka_unit_test_setup(one_with_a_hole_is_not, begin),
        cmocka_unit_test_setup(wild_numbers_are_not, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
