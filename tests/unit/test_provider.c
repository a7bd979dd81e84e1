/* Starting, stopping and controlling providers: API-1.2, API-2.4. */
#include "engine/provider.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/engine_rig.h"

static struct rig rig;

static int set_up(void **state)
{
    (void)state;
    rig_init(&rig);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

static void good_providers_start_and_stop_in_reverse(void **state)
{
    static struct scripted one = {.name = "one"}, two = {.name = "two"}, three = {.name = "three"};

    (void)state;
    rig_add(&rig, &one);
    rig_add(&rig, &two);
    rig_add(&rig, &three);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(rig.engine->table.count, 3);
    assert_string_equal(rig.engine->table.order[0]->name, "one");
    assert_string_equal(rig.engine->table.order[2]->name, "three");
    assert_true(rig_logged(&rig, "provider two: loaded and initialized (event 262)"));
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_int_equal(three.shutdown_order, 1);
    assert_int_equal(two.shutdown_order, 2);
    assert_int_equal(one.shutdown_order, 3);
    assert_int_equal(one.closed, 1);
    assert_true(rig_logged(&rig, "provider two: shut down (event 267)"));
}

static void failing_initialize_is_left_out_without_shutdown(void **state)
{
    static struct scripted bad = {.name = "bad", .initialize_status = 1234},
                           good = {.name = "good"};

    (void)state;
    rig_add(&rig, &bad);
    rig_add(&rig, &good);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(rig.engine->table.count, 1);
    assert_int_equal(bad.shut_down, 0);
    assert_int_equal(bad.closed, 1);
    assert_null(provider_resolve(rig.engine, bad.handle));
    assert_true(rig_logged(&rig, "bad: PxeProviderInitialize returned error 1234"));
}

static void critical_failure_stops_the_others(void **state)
{
    static struct scripted good = {.name = "good"};
    static struct scripted bad = {.name = "bad", .is_critical = true, .initialize_status = 77};
    static struct scripted never = {.name = "never"};

    (void)state;
    rig_add(&rig, &good);
    rig_add(&rig, &bad);
    rig_add(&rig, &never);
    assert_int_equal(rig_start(&rig), 77);
    assert_int_equal(good.shut_down, 1);
    assert_int_equal(good.closed, 1);
    assert_int_equal(never.initialized, 0);
    assert_false(atomic_load(&rig.engine->is_serving));
    assert_true(rig_logged(&rig,
                           "provider bad: is critical and failed with error 77: the server stops"));
}

static void module_failures_carry_their_event(void **state)
{
    static struct scripted no_dll = {.name = "nodll", .open_status = 126, .open_event = 259};
    static struct scripted no_export = {.name = "noexport", .open_status = 127, .open_event = 260};
    static struct scripted no_key = {.name = "nokey", .open_status = 2, .open_event = 256};
    static struct scripted unreadable = {.name = "unreadable",
                                         .registration_status = PXE_FILE_NOT_FOUND};

    (void)state;
    rig_add(&rig, &no_dll);
    rig_add(&rig, &no_export);
    rig_add(&rig, &no_key);
    rig_add(&rig, &unreadable);
    assert_int_equal(rig_start(&rig), PXE_ALL_PROVIDERS_FAILED);
    assert_true(rig_logged(
        &rig, "nodll: its module did not load, error 126 (the file, or a DLL that it needs, is not "
              "found); not loaded (event 259)"));
    assert_true(rig_logged(&rig, "(event 260)"));
    assert_true(rig_logged(&rig, "(event 256)"));
    assert_true(rig_logged(&rig, "unreadable: its registration is incomplete or unreadable"));
    assert_true(rig_logged(&rig, "every registered provider failed: the server stops (event 268)"));
    assert_int_equal(unreadable.initialized, 0);
}

static void no_provider_at_all(void **state)
{
    (void)state;
    assert_int_equal(rig_start(&rig), PXE_NOT_FOUND);
    assert_true(rig_logged(&rig, "no provider is registered"));
}

static void missing_callbacks(void **state)
{
    static struct scripted no_receive = {.name = "noreceive", .without_receive = true};
    static struct scripted no_shutdown = {.name = "noshutdown", .without_shutdown = true};
    static struct scripted good = {.name = "good"};

    (void)state;
    rig_add(&rig, &no_receive);
    rig_add(&rig, &no_shutdown);
    rig_add(&rig, &good);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(rig.engine->table.count, 1);
    assert_int_equal(no_receive.shut_down, 1); /* it registered one, so it is told */
    assert_int_equal(no_receive.closed, 1);
    assert_int_equal(no_shutdown.shut_down, 0);
    assert_int_equal(no_shutdown.closed, 1);
    assert_true(rig_logged(&rig, "noreceive: did not register its PXE_CALLBACK_RECV_REQUEST"));
    assert_true(rig_logged(&rig, "noshutdown: did not register its PXE_CALLBACK_SHUTDOWN"));
}

static void critical_without_callbacks_fails_the_start(void **state)
{
    static struct scripted bad = {.name = "bad", .is_critical = true, .without_receive = true};
    static struct scripted good = {.name = "good"};

    (void)state;
    rig_add(&rig, &good);
    rig_add(&rig, &bad);
    assert_int_equal(rig_start(&rig), PXE_INVALID_STATE);
    assert_int_equal(good.shut_down, 1);
}

static void handles_die_with_their_provider(void **state)
{
    static struct scripted one = {.name = "one"};
    uint32_t filter = FILTER_ALL;

    (void)state;
    rig_add(&rig, &one);
    assert_int_equal(rig_start(&rig), PXE_OK);
    uintptr_t first = one.handle;
    assert_ptr_equal(provider_resolve(rig.engine, first), rig.engine->table.order[0]);
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_null(provider_resolve(rig.engine, first));
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_not_equal(one.handle, first);
    assert_int_equal(provider_set_attribute(rig.engine, first, ATTR_FILTER, &filter,
                                            sizeof(filter)),
                     PXE_INVALID_HANDLE);
    assert_int_equal(provider_set_attribute(rig.engine, one.handle, ATTR_FILTER, &filter,
                                            sizeof(filter)),
                     PXE_OK);
}

static void made_up_handles_are_refused(void **state)
{
    static struct scripted one = {.name = "one"};
    const uintptr_t made_up[] = {
        0, 1, 2, 3, 4, 0x1000, (uintptr_t)&one, UINTPTR_MAX, ~(uintptr_t)3, 0x7ffffffd, 0xfffffffd};

    (void)state;
    rig_add(&rig, &one);
    assert_int_equal(rig_start(&rig), PXE_OK);
    for (size_t i = 0; i < sizeof(made_up) / sizeof(made_up[0]); i++)
        assert_null(provider_resolve(rig.engine, made_up[i]));
    for (unsigned bit = 0; bit < 8 * sizeof(uintptr_t); bit++)
        assert_null(provider_resolve(rig.engine, one.handle ^ ((uintptr_t)1 << bit)));
}

/* What is off by a little is another provider's handle no more than any number is. */
static void handles_are_no_neighbours(void **state)
{
    enum { COUNT = 8, OFF_MAX = 4096 };
    static struct scripted scripted[COUNT] = {{.name = "a"}, {.name = "b"}, {.name = "c"},
                                              {.name = "d"}, {.name = "e"}, {.name = "f"},
                                              {.name = "g"}, {.name = "h"}};

    (void)state;
    for (size_t i = 0; i < COUNT; i++)
        rig_add(&rig, &scripted[i]);
    assert_int_equal(rig_start(&rig), PXE_OK);
    for (size_t i = 0; i < COUNT; i++) {
        assert_ptr_equal(provider_resolve(rig.engine, scripted[i].handle),
                         rig.engine->table.order[i]);
        for (uintptr_t off = 1; off <= OFF_MAX; off++) {
            assert_null(provider_resolve(rig.engine, scripted[i].handle + off));
            assert_null(provider_resolve(rig.engine, scripted[i].handle - off));
        }
    }
}

/* Another process draws another seed. */
static void handles_differ_by_the_seed(void **state)
{
    struct engine *a = engine_create(1), *b = engine_create(2);

    (void)state;
    assert_true(a != NULL && b != NULL);
    assert_true(provider_handle(a, &a->table.slots[0]) != provider_handle(b, &b->table.slots[0]));
    engine_destroy(a);
    engine_destroy(b);
}

static void callbacks_are_registered_during_initialize_only(void **state)
{
    static struct scripted one = {.name = "one"};
    struct engine *engine = rig.engine;
    void *function = (void *)(uintptr_t)provider_control_all; /* never called */

    (void)state;
    rig_add(&rig, &one);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(provider_register_callback(engine, one.handle, CALLBACK_SHUTDOWN, function, 0),
                     PXE_INVALID_STATE);
    assert_int_equal(provider_register_callback(engine, one.handle, CALLBACK_MAX, function, 0),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(provider_register_callback(engine, one.handle, CALLBACK_SHUTDOWN, NULL, 0),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(provider_register_callback(engine, one.handle + 4, CALLBACK_SHUTDOWN, function,
                                                0),
                     PXE_INVALID_HANDLE);
}

static void attributes_are_checked(void **state)
{
    static struct scripted one = {.name = "one"};
    struct engine *engine = rig.engine;
    uint32_t value = 2, too_big = 3, any = 0xffffffff;

    (void)state;
    rig_add(&rig, &one);
    assert_int_equal(rig_start(&rig), PXE_OK);
    const struct provider *provider = engine->table.order[0];
    assert_int_equal(provider_set_attribute(engine, one.handle, ATTR_FILTER, &value, 4), PXE_OK);
    assert_int_equal(atomic_load(&provider->filter), FILTER_PXE_ONLY);
    assert_int_equal(provider_set_attribute(engine, one.handle, ATTR_FILTER_IPV6, &value, 4),
                     PXE_OK);
    assert_int_equal(provider_set_attribute(engine, one.handle, ATTR_IPV6_CAPABLE, &any, 4),
                     PXE_OK);
    assert_int_equal(atomic_load(&provider->ipv6_capable), 1);

    assert_int_equal(provider_set_attribute(engine, one.handle, ATTR_FILTER, &too_big, 4),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(provider_set_attribute(engine, one.handle, ATTR_FILTER, NULL, 4),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(provider_set_attribute(engine, one.handle, ATTR_FILTER, &value, 3),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(provider_set_attribute(engine, one.handle, ATTR_FILTER, &value, 8),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(provider_set_attribute(engine, one.handle, 3, &value, 4),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(atomic_load(&provider->filter), FILTER_PXE_ONLY);
}

static void control_reaches_those_who_asked(void **state)
{
    static struct scripted with = {.name = "with", .with_control = true},
                           without = {.name = "without"};

    (void)state;
    rig_add(&rig, &with);
    rig_add(&rig, &without);
    assert_int_equal(rig_start(&rig), PXE_OK);
    provider_control_all(rig.engine, 128);
    assert_int_equal(with.controlled, 1);
    assert_int_equal(with.last_control, 128);
    assert_int_equal(without.controlled, 0);
}

static void shutdown_errors_are_logged_only(void **state)
{
    static struct scripted one = {.name = "one", .shutdown_status = 5};

    (void)state;
    rig_add(&rig, &one);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_int_equal(one.closed, 1);
    assert_true(rig_logged(&rig, "one: shutdown returned error 5"));
}

static void assert_event(enum event_id id, uint32_t severity, const char *provider,
                         const char *text)
{
    const struct rig_event *event = rig_event(&rig, id);

    assert_non_null(event);
    assert_int_equal(event->severity, severity);
    assert_string_equal(event->provider, provider);
    assert_string_equal(event->text, text);
}

static void what_an_administrator_must_know_is_an_event(void **state)
{
    static struct scripted good = {.name = "good", .is_critical_unreadable = true};
    static struct scripted bad = {.name = "bad", .initialize_status = 5};

    (void)state;
    rig_add(&rig, &good);
    rig_add(&rig, &bad);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_event(EVENT_IS_CRITICAL_UNREADABLE, LOG_ERROR, "good",
                 "its value IsCritical is no REG_DWORD; taken as 0");
    assert_event(EVENT_LOADED, LOG_INFO, "good", "loaded and initialized");
    assert_event(EVENT_INITIALIZE_FAILED, LOG_ERROR, "bad",
                 "PxeProviderInitialize returned error 5 (access denied); not used");
    assert_event(
        EVENT_NOT_CRITICAL_FAILED, LOG_ERROR, "bad",
        "is not critical and failed with error 5 (access denied): the server goes on without it");
    assert_event(EVENT_SHUT_DOWN, LOG_INFO, "good", "shut down");
    assert_int_equal(rig.event_count, 5);
}

static void a_server_without_providers_is_an_event_about_none(void **state)
{
    (void)state;
    assert_int_equal(rig_start(&rig), PXE_NOT_FOUND);
    assert_int_equal(rig.event_count, 1);
    assert_string_equal(rig_event(&rig, EVENT_NONE_REGISTERED)->provider, "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_providers_start_and_stop_in_reverse),
        TEST(failing_initialize_is_left_out_without_shutdown),
        TEST(critical_failure_stops_the_others),
        TEST(module_failures_carry_their_event),
        TEST(no_provider_at_all),
        TEST(missing_callbacks),
        TEST(critical_without_callbacks_fails_the_start),
        TEST(handles_die_with_their_provider),
        TEST(made_up_handles_are_refused),
        TEST(handles_are_no_neighbours),
        TEST(handles_differ_by_the_seed),
        TEST(callbacks_are_registered_during_initialize_only),
        TEST(attributes_are_checked),
        TEST(control_reaches_those_who_asked),
        TEST(shutdown_errors_are_logged_only),
        TEST(what_an_administrator_must_know_is_an_event),
        TEST(a_server_without_providers_is_an_event_about_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
