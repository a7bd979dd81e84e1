#include "base/caller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"

/* A page that can be used, one that cannot behind it, and the end of the first. */
static uint8_t *page_end(size_t *out_page)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uint8_t *pages = mmap(NULL, 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages, page, PROT_READ | PROT_WRITE), 0);
    *out_page = page;
    return pages + page;
}

static void page_free(uint8_t *end, size_t page)
{
    assert_int_equal(munmap(end - page, 2 * page), 0);
}

/* To the last byte and not one further: what comes behind would end this program. */
static void nothing_is_looked_at_behind_the_end(void **state)
{
    struct caller_copy copy;
    struct caller_text text;
    size_t page;
    uint8_t *end = page_end(&page);

    (void)state;
    memset(end - page, 7, page);
    caller_look(end - page, page);
    caller_look(end - 1, 1);
    caller_look(end, 0);
    caller_touch(end - page, page);
    caller_touch(end - 1, 1);
    caller_touch(end, 0);
    caller_touch(NULL, 99);
    for (size_t i = 0; i < page; i++)
        assert_int_equal(*(end - page + i), 7);
    assert_true(caller_copy_take(&copy, end - 3, 3));
    assert_memory_equal(copy.bytes, "\7\7\7", 3);
    caller_copy_release(&copy);
    assert_true(caller_copy_take(&copy, NULL, 0));
    assert_int_equal(copy.length, 0);
    caller_copy_release(&copy);
    memcpy(end - 6, u"ab", 6);
    assert_int_equal(caller_text_take(&text, (const uint16_t *)(const void *)(end - 6)), PXE_OK);
    assert_memory_equal(text.units, u"ab", 6);
    caller_text_release(&text);
    page_free(end, page);
}

static void large_copies_are_allocated_and_freed(void **state)
{
    static uint8_t bytes[65535];
    struct caller_copy copy;

    (void)state;
    memset(bytes, 3, sizeof(bytes));
    assert_true(caller_copy_take(&copy, bytes, sizeof(copy.few)));
    assert_int_equal(mem_outstanding(), 0);
    caller_copy_release(&copy);
    assert_true(caller_copy_take(&copy, bytes, sizeof(bytes)));
    assert_int_equal(mem_outstanding(), 1);
    assert_int_equal(copy.length, sizeof(bytes));
    assert_memory_equal(copy.bytes, bytes, sizeof(bytes));
    caller_copy_release(&copy);
    assert_int_equal(mem_outstanding(), 0);
    mem_fail_after(1);
    assert_false(caller_copy_take(&copy, bytes, sizeof(bytes)));
    assert_true(caller_copy_make(&copy, 5));
    assert_memory_equal(copy.bytes, "\0\0\0\0\0", 5);
    caller_copy_release(&copy);
}

static void texts_of_every_length(void **state)
{
    static const size_t lengths[] = {0, 1, 262, 263, 264, 265, CALLER_TEXT_MAX};
    static uint16_t units[CALLER_TEXT_MAX + 2];
    struct caller_text text;

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        for (size_t j = 0; j < lengths[i]; j++)
            units[j] = (uint16_t)(j % 1000 + 1);
        units[lengths[i]] = 0;
        assert_int_equal(caller_text_take(&text, units), PXE_OK);
        assert_ptr_not_equal(text.units, units);
        assert_memory_equal(text.units, units, (lengths[i] + 1) * sizeof(units[0]));
        assert_int_equal(mem_outstanding(), lengths[i] > 263);
        caller_text_release(&text);
    }
    units[CALLER_TEXT_MAX] = 1;
    units[CALLER_TEXT_MAX + 1] = 0;
    assert_int_equal(caller_text_take(&text, units), PXE_INVALID_PARAMETER);
    units[CALLER_TEXT_MAX] = 0;
    mem_fail_after(1);
    assert_int_equal(caller_text_take(&text, units), PXE_NOT_ENOUGH_MEMORY);
    assert_int_equal(caller_text_take(&text, NULL), PXE_OK);
    assert_null(text.units);
    caller_text_release(&text);
    assert_int_equal(mem_outstanding(), 0);
}

static void text_at_an_odd_address_is_cut_where_there_is_no_room(void **state)
{
    uint8_t bytes[9] = {0, 'a', 0, 'b', 0, 'c', 0, 0, 0};
    const uint16_t *odd = (const uint16_t *)(const void *)(bytes + 1);
    uint16_t own[5] = {9, 9, 9, 9, 9};

    (void)state;
    assert_int_equal(caller_text_length(odd), 3);
    assert_int_equal(caller_text_copy(odd, own, 3), 3);
    assert_memory_equal(own, u"ab", 6);
    assert_int_equal(own[3], 9);
    assert_int_equal(caller_text_copy(odd, own, 5), 4);
    assert_memory_equal(own, u"abc", 8);
    assert_int_equal(own[4], 9);
    assert_int_equal(caller_text_copy(odd, own, 1), 1);
    assert_int_equal(own[0], 0);
}

int main(void)
{
    const struct CMUnitTest caller[] = {
        cmocka_unit_test(nothing_is_looked_at_behind_the_end),
        cmocka_unit_test(large_copies_are_allocated_and_freed),
        cmocka_unit_test(texts_of_every_length),
        cmocka_unit_test(text_at_an_odd_address_is_cut_where_there_is_no_room),
    };

    return cmocka_run_group_tests(caller, NULL, NULL);
}
