/*
 * The one allocator of the portable part, of the registry store and of the engine. It counts what
 * is outstanding and can be told to fail, so that tests prove two things about every path: nothing
 * leaks, and running out of memory is an ordinary result. All functions are safe on any thread.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* A block of `size` bytes, all zero (size 0: an empty block of its own). NULL: no memory. */
void *mem_alloc(size_t size);

/* A block for `count` items of `size` bytes, all zero. NULL: no memory, or too many of them. */
void *mem_alloc_array(size_t count, size_t size);

/* Releases a block from mem_alloc or mem_alloc_array; NULL is allowed. */
void mem_free(void *block);

/* How many blocks are allocated and not yet freed. */
size_t mem_outstanding(void);

/*
 * Test hook: the n-th allocation from now fails, counted from 1 and over all threads; those after
 * it succeed again. 0 or less switches the hook off (tests say -1).
 */
void mem_fail_after(long n);

#endif
