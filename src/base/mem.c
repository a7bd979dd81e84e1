#include "base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static atomic_size_t outstanding;
static atomic_long until_failure;

/* Counts one allocation down; true if it is the one that has to fail. */
static bool fails_now(void)
{
    long left = atomic_load(&until_failure);

    while (left > 0) {
        if (atomic_compare_exchange_weak(&until_failure, &left, left - 1))
            return left == 1;
    }
    return false;
}

void *mem_alloc(size_t size)
{
    void *block;

    if (fails_now())
        return NULL;
    block = calloc(1, size > 0 ? size : 1);
    if (block != NULL)
        atomic_fetch_add(&outstanding, 1);
    return block;
}

void *mem_alloc_array(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return mem_alloc(count * size);
}

void mem_free(void *block)
{
    if (block == NULL)
        return;
    atomic_fetch_sub(&outstanding, 1);
    free(block);
}

size_t mem_outstanding(void)
{
    return atomic_load(&outstanding);
}

void mem_fail_after(long n)
{
    atomic_store(&until_failure, n);
}
