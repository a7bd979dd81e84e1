#include "registry/name_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/utf16.h"

#define UNITS(...)                                                                                 \
    ((const uint16_t[]){__VA_ARGS__}), sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t)

/* Parses from a block of exactly that size, so that a sanitizer sees every overrun. */
static void assert_parses(const uint16_t *units, size_t count, size_t names, const uint16_t *first,
                          const uint16_t *last)
{
    uint16_t *exact = mem_alloc_array(count, sizeof(*exact));
    struct name_list list = {0};

    assert_non_null(exact);
    if (count > 0)
        memcpy(exact, units, count * sizeof(*exact));
    assert_int_equal(name_list_from_multi_sz(exact, count, &list), PXE_OK);
    mem_free(exact);
    assert_int_equal(list.count, names);
    if (names > 0) {
        assert_true(utf16_equal(list.names[0], first));
        assert_true(utf16_equal(list.names[names - 1], last));
    }
    name_list_free(&list);
    assert_int_equal(mem_outstanding(), 0);
}

static void multi_sz_is_read(void **state)
{
    (void)state;
    assert_parses(UNITS('A', 'B', 0, 'C', 0, 0), 2, u"AB", u"C");
    assert_parses(UNITS(0), 0, NULL, NULL);
    assert_parses(NULL, 0, 0, NULL, NULL);
}

static void multi_sz_may_lack_its_nuls(void **state)
{
    (void)state;
    assert_parses(UNITS('A', 'B', 0, 'C', 0), 2, u"AB", u"C");
    assert_parses(UNITS('A', 'B', 0, 'C'), 2, u"AB", u"C");
    assert_parses(UNITS('A'), 1, u"A", u"A");
}

static void multi_sz_may_have_empty_strings(void **state)
{
    (void)state;
    assert_parses(UNITS(0, 'A', 0, 0, 'B', 0, 0, 0, 0), 2, u"A", u"B");
    assert_parses(UNITS(0, 0, 0), 0, NULL, NULL);
}

static void multi_sz_is_written(void **state)
{
    static const uint16_t expected[] = {'A', 'B', 0, 'C', 0, 0};
    struct name_list list = {0};
    uint16_t *units;
    size_t count;

    (void)state;
    assert_int_equal(name_list_to_multi_sz(&list, &units, &count), PXE_OK);
    assert_int_equal(count, 1);
    assert_int_equal(units[0], 0);
    mem_free(units);
    assert_int_equal(name_list_insert(&list, 0, u"AB"), PXE_OK);
    assert_int_equal(name_list_insert(&list, 1, u"C"), PXE_OK);
    assert_int_equal(name_list_to_multi_sz(&list, &units, &count), PXE_OK);
    assert_int_equal(count, 6);
    assert_memory_equal(units, expected, sizeof(expected));
    mem_free(units);
    name_list_free(&list);
    assert_int_equal(mem_outstanding(), 0);
}

static void names_are_inserted_and_removed(void **state)
{
    struct name_list list = {0};
    struct name_list other = {0};

    (void)state;
    assert_int_equal(name_list_insert(&list, 7, u"C"), PXE_OK);
    assert_int_equal(name_list_insert(&list, 0, u"A"), PXE_OK);
    assert_int_equal(name_list_insert(&list, 1, u"B"), PXE_OK);
    assert_true(utf16_equal(list.names[0], u"A"));
    assert_true(utf16_equal(list.names[1], u"B"));
    assert_true(utf16_equal(list.names[2], u"C"));
    name_list_remove(&list, 1);
    assert_int_equal(list.count, 2);
    assert_true(utf16_equal(list.names[1], u"C"));

    assert_int_equal(name_list_insert(&other, 0, u"A"), PXE_OK);
    assert_false(name_list_equal(&list, &other));
    assert_int_equal(name_list_insert(&other, 1, u"c"), PXE_OK);
    assert_false(name_list_equal(&list, &other));
    name_list_remove(&other, 1);
    assert_int_equal(name_list_insert(&other, 1, u"C"), PXE_OK);
    assert_true(name_list_equal(&list, &other));
    name_list_free(&list);
    name_list_free(&other);
    assert_int_equal(list.count, 0);
    assert_int_equal(mem_outstanding(), 0);
}

static void no_memory_changes_nothing(void **state)
{
    struct name_list list = {0};
    uint16_t *units = NULL;
    size_t count;

    (void)state;
    for (long n = 1; n <= 2; n++) {
        mem_fail_after(n);
        assert_int_equal(name_list_insert(&list, 0, u"A"), PXE_NOT_ENOUGH_MEMORY);
        assert_int_equal(list.count, 0);
    }
    for (long n = 1; n <= 4; n++) {
        mem_fail_after(n);
        assert_int_equal(name_list_from_multi_sz(u"A\0B\0", 5, &list), PXE_NOT_ENOUGH_MEMORY);
        assert_int_equal(list.count, 0);
    }
    mem_fail_after(1);
    assert_int_equal(name_list_to_multi_sz(&list, &units, &count), PXE_NOT_ENOUGH_MEMORY);
    assert_null(units);
    mem_fail_after(-1);
    assert_int_equal(mem_outstanding(), 0);
}

static void names_of_keys(void **state)
{
    uint16_t name[PROVIDER_NAME_MAX + 2];

    (void)state;
    for (size_t i = 0; i < PROVIDER_NAME_MAX + 1; i++)
        name[i] = 'n';
    name[PROVIDER_NAME_MAX + 1] = 0;
    assert_false(provider_name_is_valid(name));
    name[PROVIDER_NAME_MAX] = 0;
    assert_true(provider_name_is_valid(name));
    assert_true(provider_name_is_valid(u"My provider / \u65e5\u672c"));
    assert_false(provider_name_is_valid(NULL));
    assert_false(provider_name_is_valid(u""));
    assert_false(provider_name_is_valid(u"\\"));
    assert_false(provider_name_is_valid(u"a\\"));
}

int main(void)
{
    const struct CMUnitTest name_list[] = {
        cmocka_unit_test(multi_sz_is_read),
        cmocka_unit_test(multi_sz_may_lack_its_nuls),
        cmocka_unit_test(multi_sz_may_have_empty_strings),
        cmocka_unit_test(multi_sz_is_written),
        cmocka_unit_test(names_are_inserted_and_removed),
        cmocka_unit_test(no_memory_changes_nothing),
        cmocka_unit_test(names_of_keys),
    };

    return cmocka_run_group_tests(name_list, NULL, NULL);
}
