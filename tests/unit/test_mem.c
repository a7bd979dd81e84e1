#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void blocks_are_zero_and_counted(void **state)
{
    static const char zeros[64];
    size_t before = mem_outstanding();
    char *a = mem_alloc(sizeof(zeros));
    void *b = mem_alloc(0);

    (void)state;
    assert_non_null(a);
    assert_non_null(b);
    assert_memory_equal(a, zeros, sizeof(zeros));
    assert_int_equal(mem_outstanding(), before + 2);
    mem_free(a);
    mem_free(NULL);
    assert_int_equal(mem_outstanding(), before + 1);
    mem_free(b);
    assert_int_equal(mem_outstanding(), before);
}

static void arrays_refuse_overflow(void **state)
{
    size_t before = mem_outstanding();
    void *block = mem_alloc_array(3, 0);

    (void)state;
    assert_non_null(block);
    mem_free(block);
    assert_null(mem_alloc_array(SIZE_MAX / 2 + 1, 2));
    assert_null(mem_alloc_array(2, SIZE_MAX / 2 + 1));
    assert_int_equal(mem_outstanding(), before);
}

static void only_the_nth_allocation_fails(void **state)
{
    void *blocks[4];

    (void)state;
    mem_fail_after(3);
    for (size_t i = 0; i < 4; i++)
        blocks[i] = mem_alloc(1);
    for (size_t i = 0; i < 4; i++) {
        if (i == 2)
            assert_null(blocks[i]);
        else
            assert_non_null(blocks[i]);
        mem_free(blocks[i]);
    }
}

static void failing_can_be_switched_off(void **state)
{
    void *block;

    (void)state;
    mem_fail_after(1);
    mem_fail_after(-1);
    block = mem_alloc(1);
    assert_non_null(block);
    mem_free(block);
}

int main(void)
{
    const struct CMUnitTest mem[] = {
        cmocka_unit_test(blocks_are_zero_and_counted),
        cmocka_unit_test(arrays_refuse_overflow),
        cmocka_unit_test(only_the_nth_allocation_fails),
        cmocka_unit_test(failing_can_be_switched_off),
    };

    return cmocka_run_group_tests(mem, NULL, NULL);
}
