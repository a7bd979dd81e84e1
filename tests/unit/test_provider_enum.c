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

static void usable_entries_come_in_order(void **state)
{
    struct provider_enum_table table = {0};
    const struct provider_listing *info = NULL;
    uintptr_t handle = open_enum(&table);

    (void)state;
    assert_int_equal(provider_enum_current(&table, handle, &info), PXE_OK);
    assert_int_equal(info->index, 0);
    assert_int_equal(provider_enum_current(&table, handle, &info), PXE_OK);
    assert_int_equal(info->index, 0);
    provider_enum_advance(&table, handle);
    assert_int_equal(provider_enum_current(&table, handle, &info), PXE_OK);
    assert_int_equal(info->index, 2);
    provider_enum_advance(&table, handle);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(provider_enum_current(&table, handle, &info), PXE_NO_MORE_ITEMS);
        provider_enum_advance(&table, handle);
    }
    assert_int_equal(provider_enum_close(&table, handle), PXE_OK);
    assert_int_equal(mem_outstanding(), 0);
}

static void bad_handles_are_refused(void **state)
{
    struct provider_enum_table table = {0};
    const struct provider_listing *info;
    uintptr_t first = open_enum(&table);
    uintptr_t second = open_enum(&table);
    uintptr_t third;
    const uintptr_t bad[] = {0, 1, 2, 3, 4, UINTPTR_MAX, first + 1, first - 1, (uintptr_t)&table};

    (void)state;
    assert_true(first != second);
    assert_int_equal(first & 3, 3);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(provider_enum_current(&table, bad[i], &info), PXE_INVALID_HANDLE);
        assert_int_equal(provider_enum_close(&table, bad[i]), PXE_INVALID_HANDLE);
        provider_enum_advance(&table, bad[i]);
    }
    assert_int_equal(provider_enum_close(&table, first), PXE_OK);
    assert_int_equal(provider_enum_close(&table, first), PXE_INVALID_HANDLE);
    third = open_enum(&table);
    assert_true(third != first); /* a closed handle stays dead */
    assert_int_equal(provider_enum_current(&table, first, &info), PXE_INVALID_HANDLE);
    assert_int_equal(provider_enum_current(&table, second, &info), PXE_OK);
    assert_int_equal(provider_enum_close(&table, third), PXE_OK);
    assert_int_equal(provider_enum_close(&table, second), PXE_OK);
    assert_int_equal(mem_outstanding(), 0);
}

static void numbers_wrap_around_those_in_use(void **state)
{
    struct provider_enum_table table = {0};
    uintptr_t first = open_enum(&table);
    uintptr_t next;

    (void)state;
    table.last_number = UINTPTR_MAX / 4 - 1; /* the next one would be INVALID_HANDLE_VALUE */
    next = open_enum(&table);
    assert_true(next != UINTPTR_MAX);
    assert_true(next != first);
    assert_true(next != 0);
    assert_int_equal(provider_enum_close(&table, first), PXE_OK);
    assert_int_equal(provider_enum_close(&table, next), PXE_OK);
}

static void no_memory_leaves_the_snapshot(void **state)
{
    struct provider_enum_table table = {0};
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
        cmocka_unit_test(bad_handles_are_refused),
        cmocka_unit_test(numbers_wrap_around_those_in_use),
        cmocka_unit_test(no_memory_leaves_the_snapshot),
    };

    return cmocka_run_group_tests(provider_enum, NULL, NULL);
}
