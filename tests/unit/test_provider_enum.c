#include "registry/provider_enum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/utf16.h"

/* Three entries of which the one in the middle cannot be used. */
static struct provider_snapshot make_snapshot(void)
{
    static const uint16_t *const names[] = {u"A", u"broken", u"C"};
    struct provider_snapshot snapshot = {0};

    snapshot.entries = mem_alloc_array(3, sizeof(*snapshot.entries));
    assert_non_null(snapshot.entries);
    for (uint32_t i = 0; i < 3; i++) {
        snapshot.entries[i].name = utf16_duplicate(names[i]);
        snapshot.entries[i].index = i;
        snapshot.entries[i].path = utf16_duplicate(u"C:\\p.dll");
        snapshot.entries[i].is_critical = i == 2;
        snapshot.entries[i].status = i == 1 ? PXE_FILE_NOT_FOUND : PXE_OK;
    }
    snapshot.count = 3;
    return snapshot;
}

static uintptr_t open_enum(struct provider_enum_table *table)
{
    struct provider_snapshot snapshot = make_snapshot();
    uintptr_t handle = 0;

    assert_int_equal(provider_enum_open(table, &snapshot, &handle), PXE_OK);
    assert_int_equal(snapshot.count, 0);
    assert_null(snapshot.entries);
    return handle;
}

static void table_init(struct provider_enum_table *table)
{
    memset(table, 0, sizeof(*table));
    mutex_init(&table->lock);
}

static void usable_entries_come_in_order(void **state)
{
    struct provider_enum_table table;
    struct provider_handout *first = NULL, *second = NULL, *none = NULL;

    (void)state;
    table_init(&table);
    uintptr_t handle = open_enum(&table);
    assert_int_equal(provider_enum_next(&table, handle, &first), PXE_OK);
    assert_int_equal(provider_enum_next(&table, handle, &second), PXE_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(provider_enum_next(&table, handle, &none), PXE_NO_MORE_ITEMS);
    assert_null(none);
    assert_int_equal(provider_enum_close(&table, handle), PXE_OK);
    /* They outlive it. */
    assert_int_equal(first->size, sizeof(*first));
    assert_true(utf16_equal(first->name, u"A"));
    assert_true(utf16_equal(first->path, u"C:\\p.dll"));
    assert_int_equal(first->index, 0);
    assert_int_equal(first->is_critical, 0);
    assert_true(utf16_equal(second->name, u"C"));
    assert_int_equal(second->index, 2);
    assert_int_equal(second->is_critical, 1);
    assert_int_equal(provider_enum_free_info(&table, first->name), PXE_INVALID_PARAMETER);
    assert_int_equal(provider_enum_free_info(&table, NULL), PXE_INVALID_PARAMETER);
    assert_int_equal(provider_enum_free_info(&table, first), PXE_OK);
    assert_int_equal(provider_enum_free_info(&table, first), PXE_INVALID_PARAMETER);
    assert_int_equal(provider_enum_free_info(&table, second), PXE_OK);
    assert_int_equal(mem_outstanding(), 0);
}

static void no_memory_leaves_the_position(void **state)
{
    struct provider_enum_table table;
    struct provider_handout *info = NULL;

    (void)state;
    table_init(&table);
    uintptr_t handle = open_enum(&table);
    mem_fail_after(1);
    assert_int_equal(provider_enum_next(&table, handle, &info), PXE_NOT_ENOUGH_MEMORY);
    assert_null(info);
    assert_int_equal(provider_enum_next(&table, handle, &info), PXE_OK);
    assert_int_equal(info->index, 0);
    assert_int_equal(provider_enum_free_info(&table, info), PXE_OK);
    assert_int_equal(provider_enum_close(&table, handle), PXE_OK);
    assert_int_equal(mem_outstanding(), 0);
}

static void bad_handles_are_refused(void **state)
{
    struct provider_enum_table table;
    struct provider_handout *info;
    table_init(&table);
    uintptr_t first = open_enum(&table);
    uintptr_t second = open_enum(&table);
    uintptr_t third;
    const uintptr_t bad[] = {0, 1, 2, 3, 4, UINTPTR_MAX, first + 1, first - 1, (uintptr_t)&table};

    (void)state;
    assert_true(first != second);
    assert_int_equal(first & 3, 3);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(provider_enum_next(&table, bad[i], &info), PXE_INVALID_HANDLE);
        assert_int_equal(provider_enum_close(&table, bad[i]), PXE_INVALID_HANDLE);
    }
    assert_int_equal(provider_enum_close(&table, first), PXE_OK);
    assert_int_equal(provider_enum_close(&table, first), PXE_INVALID_HANDLE);
    third = open_enum(&table);
    assert_true(third != first); /* a closed handle stays dead */
    assert_int_equal(provider_enum_next(&table, first, &info), PXE_INVALID_HANDLE);
    assert_int_equal(provider_enum_next(&table, second, &info), PXE_OK);
    assert_int_equal(provider_enum_free_info(&table, info), PXE_OK);
    assert_int_equal(provider_enum_close(&table, third), PXE_OK);
    assert_int_equal(provider_enum_close(&table, second), PXE_OK);
    assert_int_equal(mem_outstanding(), 0);
}

/* After the last number comes the first one, which is still open here. */
static void numbers_wrap_around_those_in_use(void **state)
{
    struct provider_enum_table table;

    (void)state;
    table_init(&table);
    table.last_number = UINTPTR_MAX >> 2;
    uintptr_t first = open_enum(&table);
    assert_int_equal(table.last_number, 0);
    table.last_number = (UINTPTR_MAX >> 2) - 1;
    uintptr_t last = open_enum(&table);
    uintptr_t next = open_enum(&table);
    assert_int_equal(table.last_number, 1);
    assert_true(first != last && last != next && next != first);
    assert_int_equal(provider_enum_close(&table, first), PXE_OK);
    assert_int_equal(provider_enum_close(&table, last), PXE_OK);
    assert_int_equal(provider_enum_close(&table, next), PXE_OK);
}

/* Handles one after the other are no neighbours, and another key gives others. */
static void handles_are_no_neighbours(void **state)
{
    enum { COUNT = 200 };
    struct provider_enum_table table;
    uintptr_t handles[COUNT];

    (void)state;
    table_init(&table);
    uintptr_t unseeded = open_enum(&table);
    assert_int_equal(provider_enum_close(&table, unseeded), PXE_OK);
    table.last_number = 0;
    scramble_seed(&table.numbers, 4711);
    for (size_t i = 0; i < COUNT; i++)
        handles[i] = open_enum(&table);
    assert_true(handles[0] != unseeded);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(provider_enum_close(&table, handles[i] + 4), PXE_INVALID_HANDLE);
        assert_int_equal(provider_enum_close(&table, handles[i] - 4), PXE_INVALID_HANDLE);
    }
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(provider_enum_close(&table, handles[i]), PXE_OK);
    assert_int_equal(mem_outstanding(), 0);
}

static void no_memory_leaves_the_snapshot(void **state)
{
    struct provider_enum_table table;
    table_init(&table);
    struct provider_snapshot snapshot = make_snapshot();
    uintptr_t handle = 7;

    (void)state;
    mem_fail_after(1);
    assert_int_equal(provider_enum_open(&table, &snapshot, &handle), PXE_NOT_ENOUGH_MEMORY);
    assert_int_equal(handle, 7);
    assert_int_equal(snapshot.count, 3);
    provider_snapshot_free(&snapshot);
    assert_int_equal(mem_outstanding(), 0);
}

int main(void)
{
    const struct CMUnitTest provider_enum[] = {
        cmocka_unit_test(usable_entries_come_in_order),
        cmocka_unit_test(no_memory_leaves_the_position),
        cmocka_unit_test(handles_are_no_neighbours),
        cmocka_unit_test(bad_handles_are_refused),
        cmocka_unit_test(numbers_wrap_around_those_in_use),
        cmocka_unit_test(no_memory_leaves_the_snapshot),
    };

    return cmocka_run_group_tests(provider_enum, NULL, NULL);
}
