#include "registry/provider_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/utf16.h"
#include "support/store_contract.h"
#include "support/store_memory.h"

#define TEXT_MAX 4096

/* More operations and allocations than any single call makes. */
#define STEPS_MAX 500

static struct memory_store store;

static void assert_store(const char *expected)
{
    char text[TEXT_MAX];

    memory_store_dump(&store, text, sizeof(text));
    assert_string_equal(text, expected);
}

static pxe_status add(const uint16_t *name, const uint16_t *path, uint32_t index)
{
    return provider_list_register(&store.port, name, path, index, false, NULL);
}

/* As an administrator does by hand: no rule is checked. */
static void order_by_hand(const uint16_t *units, size_t count)
{
    name_list_free(&store.order);
    assert_int_equal(name_list_from_multi_sz(units, count, &store.order), PXE_OK);
}

static void key_by_hand(const uint16_t *name, const uint16_t *path)
{
    bool created;

    store.locked = true;
    assert_int_equal(store.port.write_provider(&store, name, path, false, &created), PXE_OK);
    store.locked = false;
}

static int set_up_empty(void **state)
{
    (void)state;
    memory_store_init(&store);
    return 0;
}

static int set_up_three(void **state)
{
    (void)set_up_empty(state);
    return (int)(add(u"A", u"a", PROVIDER_INDEX_BOTTOM) | add(u"B", u"b", PROVIDER_INDEX_BOTTOM) |
                 add(u"C", u"c", PROVIDER_INDEX_BOTTOM));
}

static int tear_down(void **state)
{
    (void)state;
    mem_fail_after(-1);
    assert_false(store.locked);
    assert_int_equal(store.open_keys, 0);
    memory_store_free(&store);
    assert_int_equal(mem_outstanding(), 0);
    return 0;
}

/* ---- the rules ---- */

static void register_puts_it_at_the_index(void **state)
{
    (void)state;
    assert_int_equal(add(u"A", u"a", PROVIDER_INDEX_TOP), PXE_OK);
    assert_int_equal(add(u"B", u"b", PROVIDER_INDEX_TOP), PXE_OK);
    assert_store("B A | A=a B=b");
    assert_int_equal(add(u"C", u"c", 1), PXE_OK);
    assert_store("B C A | A=a B=b C=c");
    assert_int_equal(add(u"D", u"d", PROVIDER_INDEX_BOTTOM), PXE_OK);
    assert_int_equal(add(u"E", u"e", 4), PXE_OK);
    assert_int_equal(add(u"F", u"f", 77), PXE_OK);
    assert_store("B C A D E F | A=a B=b C=c D=d E=e F=f");
}

static void register_stores_the_values(void **state)
{
    void *key = NULL;

    (void)state;
    assert_int_equal(provider_list_register(&store.port, u"A", u"C:\\a.dll", 0, true, &key),
                     PXE_OK);
    assert_store("A | A=C:\\a.dll!");
    assert_int_equal(store.open_keys, 1);
    store.port.close_provider(&store, key);
}

static void register_checks_its_arguments(void **state)
{
    static uint16_t name[PROVIDER_NAME_MAX + 2];
    void *key = NULL;

    (void)state;
    for (size_t i = 0; i < PROVIDER_NAME_MAX + 1; i++)
        name[i] = 'n';
    assert_int_equal(add(NULL, u"p", 0), PXE_INVALID_PARAMETER);
    assert_int_equal(add(u"", u"p", 0), PXE_INVALID_PARAMETER);
    assert_int_equal(add(u"a\\b", u"p", 0), PXE_INVALID_PARAMETER);
    assert_int_equal(add(name, u"p", 0), PXE_INVALID_PARAMETER);
    assert_int_equal(add(u"N", NULL, 0), PXE_INVALID_PARAMETER);
    assert_int_equal(provider_list_register(&store.port, u"N", u"", 0, false, &key),
                     PXE_INVALID_PARAMETER);
    assert_null(key);
    assert_store("A B C | A=a B=b C=c");
}

static void register_refuses_a_known_name(void **state)
{
    (void)state;
    assert_int_equal(add(u"b", u"other", 0), PXE_ALREADY_EXISTS);
    assert_store("A B C | A=a B=b C=c");
}

static void register_takes_over_a_key_left_behind(void **state)
{
    (void)state;
    key_by_hand(u"X", u"old");
    assert_int_equal(provider_list_register(&store.port, u"x", u"new", 1, true, NULL), PXE_OK);
    assert_store("A x B C | A=a B=b C=c X=new!");
}

static void unregister_removes_name_and_key(void **state)
{
    (void)state;
    assert_int_equal(provider_list_unregister(&store.port, u"b"), PXE_OK);
    assert_store("A C | A=a C=c");
    assert_int_equal(provider_list_unregister(&store.port, u"B"), PXE_NOT_FOUND);
    assert_int_equal(provider_list_unregister(&store.port, NULL), PXE_INVALID_PARAMETER);
    assert_int_equal(provider_list_unregister(&store.port, u""), PXE_INVALID_PARAMETER);
    assert_int_equal(provider_list_unregister(&store.port, u"C"), PXE_OK);
    assert_int_equal(provider_list_unregister(&store.port, u"A"), PXE_OK);
    assert_store("|");
}

static void unregister_copes_with_a_hand_made_order(void **state)
{
    (void)state;
    order_by_hand(u"A\0b\0B\0A\\x\0Ghost\0", 16);
    assert_int_equal(provider_list_unregister(&store.port, u"B"), PXE_OK);
    assert_store("A A\\x Ghost | A=a C=c");
    assert_int_equal(provider_list_unregister(&store.port, u"A\\x"), PXE_OK);
    assert_int_equal(provider_list_unregister(&store.port, u"Ghost"), PXE_OK);
    assert_store("A | A=a C=c");
}

static void query_index_finds_positions(void **state)
{
    uint32_t index = 99;

    (void)state;
    assert_int_equal(provider_list_query_index(&store.port, u"A", &index), PXE_OK);
    assert_int_equal(index, 0);
    assert_int_equal(provider_list_query_index(&store.port, u"c", &index), PXE_OK);
    assert_int_equal(index, 2);
    index = 99;
    assert_int_equal(provider_list_query_index(&store.port, u"X", &index), PXE_NOT_FOUND);
    assert_int_equal(provider_list_query_index(&store.port, NULL, &index), PXE_INVALID_PARAMETER);
    assert_int_equal(provider_list_query_index(&store.port, u"", &index), PXE_INVALID_PARAMETER);
    assert_int_equal(index, 99);
}

static void move_counts_without_the_moved_one(void **state)
{
    static const struct {
        uint32_t index;
        const char *expected;
    } cases[] = {
        {0, "A B C | A=a B=b C=c"}, {1, "B A C | A=a B=b C=c"},
        {2, "B C A | A=a B=b C=c"}, {PROVIDER_INDEX_BOTTOM, "B C A | A=a B=b C=c"},
        {3, "B C A | A=a B=b C=c"}, {PROVIDER_INDEX_TOP, "A B C | A=a B=b C=c"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        order_by_hand(u"A\0B\0C\0", 7);
        assert_int_equal(provider_list_move(&store.port, u"a", cases[i].index), PXE_OK);
        assert_store(cases[i].expected);
    }
    assert_int_equal(provider_list_move(&store.port, u"C", 0), PXE_OK);
    assert_store("C A B | A=a B=b C=c");
    assert_int_equal(provider_list_move(&store.port, u"X", 0), PXE_NOT_FOUND);
    assert_int_equal(provider_list_move(&store.port, NULL, 0), PXE_INVALID_PARAMETER);
    assert_int_equal(provider_list_move(&store.port, u"", 0), PXE_INVALID_PARAMETER);
    assert_store("C A B | A=a B=b C=c");
}

static void snapshot_tells_what_is_unusable(void **state)
{
    static const pxe_status expected[] = {PXE_OK, PXE_FILE_NOT_FOUND, PXE_INVALID_PARAMETER,
                                          PXE_ALREADY_EXISTS, PXE_OK};
    struct provider_snapshot snapshot;

    (void)state;
    order_by_hand(u"A\0Ghost\0A\\x\0a\0C\0", 17);
    assert_int_equal(provider_list_snapshot(&store.port, &snapshot), PXE_OK);
    assert_int_equal(snapshot.count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(snapshot.entries[i].status, expected[i]);
        assert_int_equal(snapshot.entries[i].index, i);
    }
    assert_true(utf16_equal(snapshot.entries[1].name, u"Ghost"));
    assert_null(snapshot.entries[1].path);
    assert_true(utf16_equal(snapshot.entries[4].name, u"C"));
    assert_true(utf16_equal(snapshot.entries[4].path, u"c"));
    assert_false(snapshot.entries[4].is_critical);
    provider_snapshot_free(&snapshot);
    assert_int_equal(snapshot.count, 0);
}

static void snapshot_of_nothing_is_empty(void **state)
{
    struct provider_snapshot snapshot;

    (void)state;
    assert_int_equal(provider_list_snapshot(&store.port, &snapshot), PXE_OK);
    assert_int_equal(snapshot.count, 0);
    provider_snapshot_free(&snapshot);
}

/* ---- a store that fails ---- */

/* Passes on to the store in memory, and counts; what it does after the count is up differs. */
static struct {
    long left; /* operations until the failing one; negative: none fails */
    bool dies; /* the failing one and all that follow have no effect, unlock included */
    bool failed;
} faulty;

static struct store_port faulty_port;

static bool fails(void)
{
    if (faulty.failed && faulty.dies)
        return true;
    if (faulty.left < 0)
        return false;
    faulty.left--;
    if (faulty.left >= 0)
        return false;
    faulty.failed = true;
    return true;
}

static pxe_status faulty_lock(void *context)
{
    return fails() ? PXE_TIMEOUT : store.port.lock(context);
}

static void faulty_unlock(void *context)
{
    if (!(faulty.failed && faulty.dies))
        store.port.unlock(context);
}

static pxe_status faulty_read_order(void *context, struct name_list *out_order)
{
    return fails() ? PXE_ACCESS_DENIED : store.port.read_order(context, out_order);
}

static pxe_status faulty_write_order(void *context, const struct name_list *order)
{
    return fails() ? PXE_ACCESS_DENIED : store.port.write_order(context, order);
}

static pxe_status faulty_write_provider(void *context, const uint16_t *name, const uint16_t *path,
                                        bool is_critical, bool *out_created)
{
    if (fails())
        return PXE_ACCESS_DENIED;
    return store.port.write_provider(context, name, path, is_critical, out_created);
}

static pxe_status faulty_delete_provider(void *context, const uint16_t *name)
{
    return fails() ? PXE_ACCESS_DENIED : store.port.delete_provider(context, name);
}

static pxe_status faulty_open_provider(void *context, const uint16_t *name, void **out_key)
{
    return fails() ? PXE_ACCESS_DENIED : store.port.open_provider(context, name, out_key);
}

static void make_faulty(long left, bool dies)
{
    faulty.left = left;
    faulty.dies = dies;
    faulty.failed = false;
    faulty_port = store.port;
    faulty_port.lock = faulty_lock;
    faulty_port.unlock = faulty_unlock;
    faulty_port.read_order = faulty_read_order;
    faulty_port.write_order = faulty_write_order;
    faulty_port.write_provider = faulty_write_provider;
    faulty_port.delete_provider = faulty_delete_provider;
    faulty_port.open_provider = faulty_open_provider;
}

/* One change of the list A B C, with the list that a reader sees before and after it. */
struct change {
    pxe_status (*run)(const struct store_port *port);
    const char *before;
    const char *after;
    const char *dump_before;
};

static pxe_status run_register(const struct store_port *port)
{
    void *key = NULL;
    pxe_status status = provider_list_register(port, u"X", u"x", 1, true, &key);

    if (status == PXE_OK)
        port->close_provider(port->context, key);
    else
        assert_null(key);
    return status;
}

static pxe_status run_register_left_behind(const struct store_port *port)
{
    return provider_list_register(port, u"L", u"new", 0, true, NULL);
}

static pxe_status run_unregister(const struct store_port *port)
{
    return provider_list_unregister(port, u"B");
}

static pxe_status run_move(const struct store_port *port)
{
    return provider_list_move(port, u"C", 0);
}

static const struct change changes[] = {
    {run_register, "A=a B=b C=c", "A=a X=x! B=b C=c", "A B C | A=a B=b C=c L=old"},
    {run_register_left_behind, "A=a B=b C=c", "L=new! A=a B=b C=c", "A B C | A=a B=b C=c L=old"},
    {run_unregister, "A=a B=b C=c", "A=a C=c", "A B C | A=a B=b C=c L=old"},
    {run_move, "A=a B=b C=c", "C=c A=a B=b", "A B C | A=a B=b C=c L=old"},
};
#define CHANGES (sizeof(changes) / sizeof(changes[0]))

static void put_ascii(char *text, const uint16_t *units)
{
    size_t at = strlen(text);

    for (; *units != 0; units++)
        text[at++] = (char)*units;
    text[at] = '\0';
}

/* What a reader sees; an entry that leads nowhere is "?". */
static void read_list(char *out_text)
{
    struct provider_snapshot snapshot;

    out_text[0] = '\0';
    assert_int_equal(provider_list_snapshot(&store.port, &snapshot), PXE_OK);
    for (size_t i = 0; i < snapshot.count; i++) {
        const struct provider_listing *entry = &snapshot.entries[i];

        if (i > 0)
            strcat(out_text, " ");
        put_ascii(out_text, entry->name);
        strcat(out_text, "=");
        if (entry->status == PXE_OK)
            put_ascii(out_text, entry->path);
        else
            strcat(out_text, "?");
        if (entry->is_critical)
            strcat(out_text, "!");
    }
    provider_snapshot_free(&snapshot);
}

static void start_over(void)
{
    memory_store_free(&store);
    assert_int_equal(set_up_three(NULL), 0);
    key_by_hand(u"L", u"old");
}

/* The writer dies after `steps` operations. True if it had done its work by then. */
static bool die_after(const struct change *change, long steps, bool *out_saw_new)
{
    char seen[TEXT_MAX];
    pxe_status status;

    start_over();
    make_faulty(steps, /* dies= */ true);
    status = change->run(&faulty_port);
    store.locked = false; /* a mutex whose owner died is free */
    store.open_keys = 0;  /* and so are its keys */
    read_list(seen);
    if (!faulty.failed) {
        assert_int_equal(status, PXE_OK);
        assert_string_equal(seen, change->after);
        return true;
    }
    assert_int_not_equal(status, PXE_OK);
    *out_saw_new = *out_saw_new || strcmp(seen, change->after) == 0;
    if (strcmp(seen, change->after) != 0)
        assert_string_equal(seen, change->before);
    /* The next one who tries gets there, whatever was left behind. */
    status = change->run(&store.port);
    if (strcmp(seen, change->before) == 0)
        assert_int_equal(status, PXE_OK);
    read_list(seen);
    assert_string_equal(seen, change->after);
    return false;
}

static void dying_leaves_the_old_or_the_new_list(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANGES; i++) {
        bool saw_new = false;
        long steps = 0;

        while (!die_after(&changes[i], steps, &saw_new)) {
            steps++;
            assert_true(steps < STEPS_MAX);
        }
        assert_true(steps >= 3); /* it did die at lock, read and write */
        /* Only unregister works on after the order was written. */
        assert_int_equal(saw_new, changes[i].run == run_unregister);
    }
}

static bool holds_key_left_behind(void)
{
    char text[TEXT_MAX];

    memory_store_dump(&store, text, sizeof(text));
    return strstr(text, " L=") != NULL;
}

/* A single operation fails and the process lives: the list is as before, and so are the keys. */
static void a_failure_is_undone(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANGES; i++) {
        for (long steps = 0; steps < STEPS_MAX; steps++) {
            char seen[TEXT_MAX];
            pxe_status status;

            start_over();
            make_faulty(steps, /* dies= */ false);
            status = changes[i].run(&faulty_port);
            assert_false(store.locked);
            assert_int_equal(store.open_keys, 0);
            if (!faulty.failed) {
                assert_int_equal(status, PXE_OK);
                break;
            }
            assert_int_equal(status, steps == 0 ? PXE_TIMEOUT : PXE_ACCESS_DENIED);
            read_list(seen);
            if (changes[i].run == run_unregister && steps == 3) {
                assert_string_equal(seen, changes[i].after);
                assert_store("A C | A=a B=b C=c L=old"); /* off the list, key not deleted */
            } else if (changes[i].run == run_register_left_behind) {
                assert_string_equal(seen, changes[i].before);
                assert_true(holds_key_left_behind()); /* which is not ours to remove */
            } else {
                assert_store(changes[i].dump_before);
            }
        }
    }
}

static void readers_pass_failures_on(void **state)
{
    struct provider_snapshot snapshot;
    uint32_t index;

    (void)state;
    make_faulty(0, /* dies= */ true);
    assert_int_equal(provider_list_query_index(&faulty_port, u"A", &index), PXE_ACCESS_DENIED);
    assert_int_equal(provider_list_snapshot(&faulty_port, &snapshot), PXE_ACCESS_DENIED);
    order_by_hand(u"A\0Ghost\0", 9);
    make_faulty(1, /* dies= */ true); /* the order is read again because of Ghost */
    assert_int_equal(provider_list_snapshot(&faulty_port, &snapshot), PXE_ACCESS_DENIED);
}

static pxe_status refuse_provider(void *context, const uint16_t *name,
                                  struct provider_values *out_values)
{
    if (name[0] == 'B')
        return PXE_ACCESS_DENIED;
    return store.port.read_provider(context, name, out_values);
}

static void one_unreadable_key_does_not_hide_the_others(void **state)
{
    struct store_port port = store.port;
    struct provider_snapshot snapshot;

    (void)state;
    port.read_provider = refuse_provider;
    assert_int_equal(provider_list_snapshot(&port, &snapshot), PXE_OK);
    assert_int_equal(snapshot.count, 3);
    assert_int_equal(snapshot.entries[0].status, PXE_OK);
    assert_int_equal(snapshot.entries[1].status, PXE_ACCESS_DENIED);
    assert_int_equal(snapshot.entries[2].status, PXE_OK);
    provider_snapshot_free(&snapshot);
}

/* ---- a writer at work while the list is read ---- */

static int interruptions;

static pxe_status interrupted_read_provider(void *context, const uint16_t *name,
                                            struct provider_values *out_values)
{
    if (interruptions > 0 && name[0] == 'B') {
        interruptions--;
        assert_int_equal(provider_list_unregister(&store.port, u"B"), PXE_OK);
    }
    return store.port.read_provider(context, name, out_values);
}

static void snapshot_is_of_one_moment(void **state)
{
    struct store_port port = store.port;
    struct provider_snapshot snapshot;

    (void)state;
    port.read_provider = interrupted_read_provider;
    interruptions = 1;
    assert_int_equal(provider_list_snapshot(&port, &snapshot), PXE_OK);
    assert_int_equal(interruptions, 0);
    assert_int_equal(snapshot.count, 2);
    assert_int_equal(snapshot.entries[0].status, PXE_OK);
    assert_int_equal(snapshot.entries[1].status, PXE_OK);
    assert_true(utf16_equal(snapshot.entries[1].name, u"C"));
    provider_snapshot_free(&snapshot);
}

static int orders_read;

/* Every reading shows another order, each with a name that has no key. */
static pxe_status restless_read_order(void *context, struct name_list *out_order)
{
    const uint16_t name[] = {'G', (uint16_t)('a' + orders_read++ % 26), 0};

    (void)context;
    return name_list_insert(out_order, 0, name);
}

static void snapshot_ends_when_writers_do_not(void **state)
{
    struct store_port port = store.port;
    struct provider_snapshot snapshot;

    (void)state;
    orders_read = 0;
    port.read_order = restless_read_order;
    assert_int_equal(provider_list_snapshot(&port, &snapshot), PXE_OK);
    assert_in_range(orders_read, 3, 100);
    assert_int_equal(snapshot.count, 1);
    assert_int_equal(snapshot.entries[0].status, PXE_FILE_NOT_FOUND);
    provider_snapshot_free(&snapshot);
}

/* ---- running out of memory ---- */

static pxe_status run_query(const struct store_port *port)
{
    uint32_t index;

    return provider_list_query_index(port, u"C", &index);
}

static pxe_status run_snapshot(const struct store_port *port)
{
    struct provider_snapshot snapshot;
    pxe_status status = provider_list_snapshot(port, &snapshot);

    if (status == PXE_OK)
        provider_snapshot_free(&snapshot);
    return status;
}

static void fail_each_allocation(pxe_status (*run)(const struct store_port *port), bool keeps_keys)
{
    pxe_status status = PXE_NOT_ENOUGH_MEMORY;
    long n;

    for (n = 1; n < STEPS_MAX && status != PXE_OK; n++) {
        char seen[TEXT_MAX];
        size_t before;

        start_over();
        before = mem_outstanding();
        mem_fail_after(n);
        status = run(&store.port);
        mem_fail_after(-1);
        assert_false(store.locked);
        assert_int_equal(store.open_keys, 0);
        if (status == PXE_OK)
            break;
        assert_int_equal(status, PXE_NOT_ENOUGH_MEMORY);
        assert_int_equal(mem_outstanding(), before);
        read_list(seen);
        assert_string_equal(seen, changes[0].before);
        if (keeps_keys)
            assert_store(changes[0].dump_before);
    }
    assert_int_equal(status, PXE_OK);
    assert_true(n > 2);
}

static void no_memory_changes_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHANGES; i++)
        fail_each_allocation(changes[i].run, changes[i].run != run_register_left_behind);
    fail_each_allocation(run_query, true);
    fail_each_allocation(run_snapshot, true);
}

static void clear_store(void)
{
    memory_store_free(&store);
}

int main(void)
{
#define EMPTY(test) cmocka_unit_test_setup_teardown(test, set_up_empty, tear_down)
#define THREE(test) cmocka_unit_test_setup_teardown(test, set_up_three, tear_down)
    const struct CMUnitTest provider_list[] = {
        EMPTY(register_puts_it_at_the_index),
        EMPTY(register_stores_the_values),
        THREE(register_checks_its_arguments),
        THREE(register_refuses_a_known_name),
        THREE(register_takes_over_a_key_left_behind),
        THREE(unregister_removes_name_and_key),
        THREE(unregister_copes_with_a_hand_made_order),
        THREE(query_index_finds_positions),
        THREE(move_counts_without_the_moved_one),
        THREE(snapshot_tells_what_is_unusable),
        EMPTY(snapshot_of_nothing_is_empty),
        THREE(dying_leaves_the_old_or_the_new_list),
        THREE(a_failure_is_undone),
        THREE(readers_pass_failures_on),
        THREE(one_unreadable_key_does_not_hide_the_others),
        THREE(snapshot_is_of_one_moment),
        THREE(snapshot_ends_when_writers_do_not),
        THREE(no_memory_changes_nothing),
    };
    int failed;

    memory_store_init(&store);
    failed = store_contract_run(&store.port, clear_store);
    failed += cmocka_run_group_tests(provider_list, NULL, NULL);
    return failed;
}
