#include "support/store_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/utf16.h"

static const struct store_port *port;
static void (*clear_store)(void);

/* More allocations than any single operation makes. */
#define ALLOCATIONS_MAX 2000

static void lock(void)
{
    assert_int_equal(port->lock(port->context), PXE_OK);
}

static void unlock(void)
{
    port->unlock(port->context);
}

static void write_order(const uint16_t *const *names, size_t count)
{
    struct name_list order = {0};

    for (size_t i = 0; i < count; i++)
        assert_int_equal(name_list_insert(&order, i, names[i]), PXE_OK);
    lock();
    assert_int_equal(port->write_order(port->context, &order), PXE_OK);
    unlock();
    name_list_free(&order);
}

static void assert_order(const uint16_t *const *names, size_t count)
{
    struct name_list order = {0};

    assert_int_equal(port->read_order(port->context, &order), PXE_OK);
    assert_int_equal(order.count, count);
    for (size_t i = 0; i < count; i++)
        assert_true(utf16_equal(order.names[i], names[i]));
    name_list_free(&order);
}

static bool write_provider(const uint16_t *name, const uint16_t *path, bool is_critical)
{
    bool created = false;

    lock();
    assert_int_equal(port->write_provider(port->context, name, path, is_critical, &created),
                     PXE_OK);
    unlock();
    return created;
}

static void assert_provider(const uint16_t *name, const uint16_t *path, bool is_critical)
{
    struct provider_values values = {0};

    assert_int_equal(port->read_provider(port->context, name, &values), PXE_OK);
    assert_true(utf16_equal(values.module_path, path));
    assert_int_equal(values.is_critical, is_critical);
    mem_free(values.module_path);
}

static void assert_no_provider(const uint16_t *name)
{
    struct provider_values values = {0};
    void *key = NULL;

    assert_int_equal(port->read_provider(port->context, name, &values), PXE_FILE_NOT_FOUND);
    assert_null(values.module_path);
    assert_int_equal(port->open_provider(port->context, name, &key), PXE_FILE_NOT_FOUND);
    assert_null(key);
}

static pxe_status delete_provider(const uint16_t *name)
{
    pxe_status status;

    lock();
    status = port->delete_provider(port->context, name);
    unlock();
    return status;
}

static void empty_store_reads_as_empty(void **state)
{
    (void)state;
    assert_order(NULL, 0);
    assert_no_provider(u"A");
    assert_int_equal(delete_provider(u"A"), PXE_OK);
}

static void order_is_read_as_written(void **state)
{
    static const uint16_t *const names[] = {u"Second", u"first name", u"\u00c9t\u00e9 \u65e5\u672c",
                                            u"a/b"};

    (void)state;
    write_order(names, 4);
    assert_order(names, 4);
}

static void order_is_replaced_as_a_whole(void **state)
{
    static const uint16_t *const names[] = {u"A", u"B", u"C"};

    (void)state;
    write_order(names, 3);
    write_order(names + 1, 1);
    assert_order(names + 1, 1);
    write_order(NULL, 0);
    assert_order(NULL, 0);
}

static void long_order_is_kept(void **state)
{
    static uint16_t text[300][PROVIDER_NAME_MAX + 1];
    const uint16_t *names[300];

    (void)state;
    for (size_t i = 0; i < 300; i++) {
        for (size_t k = 0; k < PROVIDER_NAME_MAX; k++)
            text[i][k] = (uint16_t)('a' + (i + k) % 26);
        text[i][0] = (uint16_t)(0x100 + i);
        names[i] = text[i];
    }
    write_order(names, 300);
    assert_order(names, 300);
}

static void provider_is_read_as_written(void **state)
{
    static uint16_t long_path[5001];

    (void)state;
    for (size_t i = 0; i < 5000; i++)
        long_path[i] = 'p';
    assert_true(write_provider(u"A", u"C:\\a.dll", false));
    assert_true(write_provider(u"B", u"C:\\%literal%\\\u00fc.dll", true));
    assert_true(write_provider(u"C", long_path, true));
    assert_provider(u"A", u"C:\\a.dll", false);
    assert_provider(u"B", u"C:\\%literal%\\\u00fc.dll", true);
    assert_provider(u"C", long_path, true);
}

static void provider_is_overwritten(void **state)
{
    (void)state;
    assert_true(write_provider(u"A", u"C:\\old.dll", true));
    assert_false(write_provider(u"A", u"C:\\new.dll", false));
    assert_provider(u"A", u"C:\\new.dll", false);
}

static void keys_are_found_without_case(void **state)
{
    (void)state;
    assert_true(write_provider(u"Mixed\u00c9", u"x.dll", false));
    assert_provider(u"mIXED\u00e9", u"x.dll", false);
    assert_false(write_provider(u"MIXED\u00c9", u"y.dll", false));
    assert_int_equal(delete_provider(u"mixed\u00e9"), PXE_OK);
    assert_no_provider(u"Mixed\u00c9");
}

static void delete_leaves_the_neighbours(void **state)
{
    (void)state;
    write_provider(u"A", u"a.dll", false);
    write_provider(u"AB", u"ab.dll", false);
    write_provider(u"B", u"b.dll", true);
    assert_int_equal(delete_provider(u"A"), PXE_OK);
    assert_no_provider(u"A");
    assert_provider(u"AB", u"ab.dll", false);
    assert_provider(u"B", u"b.dll", true);
    assert_int_equal(delete_provider(u"A"), PXE_OK);
}

static void longest_name_is_a_key(void **state)
{
    static uint16_t name[PROVIDER_NAME_MAX + 1];

    (void)state;
    for (size_t i = 0; i < PROVIDER_NAME_MAX; i++)
        name[i] = 'n';
    assert_true(write_provider(name, u"n.dll", false));
    assert_provider(name, u"n.dll", false);
    assert_int_equal(delete_provider(name), PXE_OK);
    assert_no_provider(name);
}

static void refuse_name(const uint16_t *name)
{
    struct provider_values values;
    bool created;
    void *key;

    lock();
    assert_int_equal(port->write_provider(port->context, name, u"x", false, &created),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(port->delete_provider(port->context, name), PXE_INVALID_PARAMETER);
    unlock();
    assert_int_equal(port->read_provider(port->context, name, &values), PXE_INVALID_PARAMETER);
    assert_int_equal(port->open_provider(port->context, name, &key), PXE_INVALID_PARAMETER);
}

static void names_of_no_key_touch_nothing(void **state)
{
    static uint16_t too_long[PROVIDER_NAME_MAX + 2];

    (void)state;
    for (size_t i = 0; i < PROVIDER_NAME_MAX + 1; i++)
        too_long[i] = 'n';
    write_provider(u"A", u"a.dll", false);
    refuse_name(u"");
    refuse_name(u"\\");
    refuse_name(u"A\\B");
    refuse_name(too_long);
    assert_provider(u"A", u"a.dll", false);
}

static void key_is_opened_and_closed(void **state)
{
    void *key = NULL;

    (void)state;
    write_provider(u"A", u"a.dll", false);
    assert_int_equal(port->open_provider(port->context, u"a", &key), PXE_OK);
    assert_non_null(key);
    port->close_provider(port->context, key);
}

static void names_compare_without_case(void **state)
{
    (void)state;
    assert_true(port->same_name(port->context, u"BINLSVC", u"binlSvc"));
    assert_true(port->same_name(port->context, u"\u00c9", u"\u00e9"));
    assert_true(port->same_name(port->context, u"", u""));
    assert_false(port->same_name(port->context, u"A", u"AB"));
    assert_false(port->same_name(port->context, u"AB", u"A"));
    assert_false(port->same_name(port->context, u"e", u"\u00e9"));
    /* Ordinal, not linguistic: no expansion, nothing is skipped. */
    assert_false(port->same_name(port->context, u"ss", u"\u00df"));
    assert_false(port->same_name(port->context, u"co-op", u"coop"));
}

static void lock_can_be_had_again(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        lock();
        unlock();
    }
}

/* Fails each allocation of `operation` in turn: code 8, nothing leaks; then it succeeds. */
static void fail_each_allocation(pxe_status (*operation)(void))
{
    pxe_status status = PXE_NOT_ENOUGH_MEMORY;
    long n;

    for (n = 1; n < ALLOCATIONS_MAX && status != PXE_OK; n++) {
        size_t before = mem_outstanding();

        mem_fail_after(n);
        status = operation();
        mem_fail_after(-1);
        if (status != PXE_OK) {
            assert_int_equal(status, PXE_NOT_ENOUGH_MEMORY);
            assert_int_equal(mem_outstanding(), before);
        }
    }
    assert_int_equal(status, PXE_OK);
    assert_true(n > 2); /* at least one failure was seen */
}

static pxe_status read_order_once(void)
{
    struct name_list order = {0};
    pxe_status status = port->read_order(port->context, &order);

    name_list_free(&order);
    return status;
}

static pxe_status read_provider_once(void)
{
    struct provider_values values = {0};
    pxe_status status = port->read_provider(port->context, u"A", &values);

    mem_free(values.module_path);
    return status;
}

static pxe_status write_order_once(void)
{
    uint16_t name[] = {'A', 0};
    uint16_t *names[] = {name};
    struct name_list order = {1, names};
    pxe_status status;

    lock();
    status = port->write_order(port->context, &order);
    unlock();
    return status;
}

static void running_out_of_memory_is_reported(void **state)
{
    static const uint16_t *const names[] = {u"A", u"B", u"C"};

    (void)state;
    write_order(names, 3);
    write_provider(u"A", u"C:\\a.dll", true);
    fail_each_allocation(read_order_once);
    fail_each_allocation(read_provider_once);
    assert_order(names, 3);
    fail_each_allocation(write_order_once);
    assert_order(names, 1);
}

static int clear_around(void **state)
{
    (void)state;
    clear_store();
    return 0;
}

int store_contract_run(const struct store_port *tested_port, void (*clear)(void))
{
#define CONTRACT(test) cmocka_unit_test_setup_teardown(test, clear_around, clear_around)
    const struct CMUnitTest store_contract[] = {
        CONTRACT(empty_store_reads_as_empty),   CONTRACT(order_is_read_as_written),
        CONTRACT(order_is_replaced_as_a_whole), CONTRACT(long_order_is_kept),
        CONTRACT(provider_is_read_as_written),  CONTRACT(provider_is_overwritten),
        CONTRACT(keys_are_found_without_case),  CONTRACT(delete_leaves_the_neighbours),
        CONTRACT(longest_name_is_a_key),        CONTRACT(names_of_no_key_touch_nothing),
        CONTRACT(key_is_opened_and_closed),     CONTRACT(names_compare_without_case),
        CONTRACT(lock_can_be_had_again),        CONTRACT(running_out_of_memory_is_reported),
    };
#undef CONTRACT

    port = tested_port;
    clear_store = clear;
    return cmocka_run_group_tests(store_contract, NULL, NULL);
}
