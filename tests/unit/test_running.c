/* Callbacks that do not come back, providers that are gone: what is said, what goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chain.h"
#include "engine/packet.h"
#include "engine/running.h"
#include "support/engine_rig.h"

enum { NUMBER = 42 };

static const uint64_t SECOND = 1000000000;

static struct rig rig;
static struct scripted bad, good;

static int setup(void **state)
{
    (void)state;
    rig_init(&rig);
    rig.is_guarded = true;
    bad = (struct scripted){.name = "bad", .filter = -1};
    good = (struct scripted){.name = "good", .filter = -1};
    rig_add(&rig, &bad);
    rig_add(&rig, &good);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

static void receive_one(void)
{
    uint8_t discover[300];

    rig_discover(discover, 1);
    struct datagram datagram = rig_datagram(discover, sizeof(discover));
    datagram.number = NUMBER;
    rig_receive(&rig, &datagram);
}

/* ---- a thread of the network's ---- */

static pthread_mutex_t gate_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t gate_moved = PTHREAD_COND_INITIALIZER;
static int gate_inside;
static bool gate_is_open;

static void gate_pass(void)
{
    pthread_mutex_lock(&gate_lock);
    gate_inside++;
    pthread_cond_broadcast(&gate_moved);
    while (!gate_is_open)
        pthread_cond_wait(&gate_moved, &gate_lock);
    pthread_mutex_unlock(&gate_lock);
}

static void gate_open(void)
{
    pthread_mutex_lock(&gate_lock);
    gate_is_open = true;
    pthread_cond_broadcast(&gate_moved);
    pthread_mutex_unlock(&gate_lock);
}

static uint32_t hangs(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                      struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote;
    if (self->number > 0) {
        self->number--;
        gate_pass();
    }
    *action = ACTION_REJECTED;
    return PXE_OK;
}

static void *receive_thread(void *argument)
{
    (void)argument;
    receive_one();
    return NULL;
}

/* Starts so many threads, each of which hangs in the provider's callback. */
static void hang(pthread_t *threads, int count)
{
    gate_inside = 0;
    gate_is_open = false;
    bad.receive = hangs;
    for (int i = 0; i < count; i++) {
        bad.number = 1;
        assert_int_equal(pthread_create(&threads[i], NULL, receive_thread, NULL), 0);
        pthread_mutex_lock(&gate_lock);
        while (gate_inside <= i)
            pthread_cond_wait(&gate_moved, &gate_lock);
        pthread_mutex_unlock(&gate_lock);
    }
}

static size_t logged(const char *text)
{
    size_t count = 0;

    pthread_mutex_lock(&rig.lock);
    for (const char *at = rig.log; (at = strstr(at, text)) != NULL; at++)
        count++;
    pthread_mutex_unlock(&rig.lock);
    return count;
}

static void look_after(uint64_t seconds)
{
    atomic_fetch_add(&rig.stopwatch_ahead, seconds * SECOND);
    running_look(rig.engine);
}

/* ---- who holds threads ---- */

static void held_threads_are_told_at_once_then_ever_more_rarely(void **state)
{
    static const char text[] = "provider bad: holds 2 thread(s) in receive callbacks";
    pthread_t threads[2];

    (void)state;
    assert_int_equal(rig_start(&rig), PXE_OK);
    hang(threads, 2);
    running_look(rig.engine);
    assert_int_equal(logged(text), 0); /* not long enough to be told of */
    look_after(RUNNING_LONG);
    assert_int_equal(logged(text), 1);
    for (int i = 0; i < 62; i++)
        look_after(1);
    assert_int_equal(logged(text), 6); /* after 2, 4, 8, 16, 32, 64 seconds */
    assert_int_equal(logged("holds"), 6);
    gate_open();
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    running_look(rig.engine);
    running_look(rig.engine);
    assert_int_equal(logged("provider bad: its receive callbacks return again"), 1);
}

static void twice_as_many_are_told_at_once(void **state)
{
    pthread_t threads[3];

    (void)state;
    assert_int_equal(rig_start(&rig), PXE_OK);
    hang(threads, 1);
    look_after(100);
    assert_int_equal(logged("holds 1 thread(s)"), 1);
    hang(threads + 1, 2);
    look_after(2);
    assert_int_equal(logged("holds 3 thread(s)"), 1);
    gate_open();
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

/* The host takes its time over a fault, for a dump say: the callback is over. */
static void look_meanwhile(struct rig *self)
{
    (void)self;
    look_after(60);
}

static uint32_t throws(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                       struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)self, (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)action;
    rig_throw(&(struct fault){.code = 1});
}

static void fault_that_is_being_told_holds_no_thread(void **state)
{
    (void)state;
    rig.on_finding = look_meanwhile;
    bad.receive = throws;
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_one();
    assert_int_equal(rig.finding_count, 1);
    assert_int_equal(logged("holds"), 0);
}

/* A stop has given a thread up; the next run's stop does not wait for it again. */
static void thread_left_behind_is_waited_for_once(void **state)
{
    pthread_t thread;

    (void)state;
    assert_int_equal(rig_start(&rig), PXE_OK);
    hang(&thread, 1);
    assert_int_equal(engine_stop(rig.engine, 1), PXE_TIMEOUT);
    assert_int_equal(logged("callbacks are still running"), 1);
    assert_int_equal(rig_start(&rig), PXE_OK);
    bad.receive = NULL;
    receive_one();
    assert_int_equal(engine_stop(rig.engine, 60000),
                     PXE_OK); /* at once, or the test takes minutes */
    assert_int_equal(logged("callbacks are still running"), 1);
    gate_open();
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&rig.engine->left_behind), 0);
    assert_int_equal(atomic_load(&rig.engine->active), 0);
}

static void all_threads_held_is_an_event_and_counted(void **state)
{
    (void)state;
    assert_int_equal(rig_start(&rig), PXE_OK);
    for (uint32_t i = 0; i < 9; i++)
        running_all_held(rig.engine, 128, 7);
    assert_int_equal(atomic_load(&rig.engine->counters.all_held), 9);
    size_t events = 0;
    for (size_t i = 0; i < rig.event_count; i++)
        events += rig.events[i].id == EVENT_THREADS_HELD;
    assert_int_equal(events, 4); /* 1, 2, 4, 8 */
    const struct rig_event *event = rig_event(&rig, EVENT_THREADS_HELD);
    assert_int_equal(event->severity, LOG_ERROR);
    assert_non_null(strstr(event->text, "all 128 threads"));
    assert_non_null(strstr(event->text, "7 datagrams wait"));
}

static void a_server_without_threads_ends_after_a_while(void **state)
{
    (void)state;
    rig.policy = FAULT_CONTINUE;
    assert_int_equal(rig_start(&rig), PXE_OK);
    for (uint32_t i = 1; i < HELD_LIMIT; i++)
        running_all_held(rig.engine, 128, 7);
    running_all_held(rig.engine, 0, 0); /* one came back */
    for (uint32_t i = 1; i < HELD_LIMIT; i++)
        running_all_held(rig.engine, 128, 7);
    assert_true(atomic_load(&rig.engine->is_serving));
    atomic_store(&rig.engine->table.order[1]->running, 1); /* the holder */
    running_all_held(rig.engine, 128, 7);
    atomic_store(&rig.engine->table.order[1]->running, 0);
    assert_false(atomic_load(&rig.engine->is_serving));
    assert_int_equal(rig.findings[0].consequence, FAULT_STOP);
    assert_string_equal(rig.findings[0].provider, "good");
    assert_non_null(rig_event(&rig, EVENT_HALTED));
}

/* ---- threads that end ---- */

static uint32_t ends_its_thread(struct scripted *self, uintptr_t request, uint8_t *packet,
                                uint32_t length, struct pxe_address *local,
                                struct pxe_address *remote, uint32_t *action)
{
    void *bytes;

    (void)packet, (void)length, (void)local, (void)remote, (void)action;
    assert_int_equal(packet_allocate(self->rig->engine, self->handle, request, 300, &bytes),
                     PXE_OK);
    if (self->number != 0)
        assert_int_equal(chain_complete(self->rig->engine, request, self->number), PXE_OK);
    pthread_exit(NULL);
}

static void end_a_thread(void)
{
    pthread_t thread;

    bad.receive = ends_its_thread;
    assert_int_equal(pthread_create(&thread, NULL, receive_thread, NULL), 0);
    pthread_join(thread, NULL);
}

static void request_of_a_thread_that_ended_is_told_and_ended(void **state)
{
    (void)state;
    rig.policy = FAULT_DISABLE;
    assert_int_equal(rig_start(&rig), PXE_OK);
    end_a_thread();
    look_after(2);
    assert_int_equal(rig.reports, 0); /* its thread might be at work */
    atomic_store(&rig.threads_have_ended, true);
    running_look(rig.engine);
    running_look(rig.engine);
    assert_int_equal(rig.reports, 1);
    assert_int_equal(rig.finding_count, 1);
    assert_string_equal(rig.findings[0].provider, "bad");
    assert_string_equal(rig.findings[0].call, CALL_RECEIVE);
    assert_int_equal(rig.findings[0].number, NUMBER);
    assert_int_equal(rig.findings[0].consequence, FAULT_DISABLE);
    assert_non_null(strstr(rig_event(&rig, EVENT_PROVIDER_FAULT)->text, "its thread has ended"));
    assert_int_equal(atomic_load(&rig.engine->counters.dropped), 1);
    assert_int_equal(atomic_load(&rig.engine->counters.open_packets), 0);
    assert_int_equal(atomic_load(&rig.engine->pool.open), 0);
    assert_int_equal(atomic_load(&rig.engine->active), 0);
    receive_one();
    assert_int_equal(atomic_load(&bad.received), 1);
    assert_int_equal(atomic_load(&good.received), 1);
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_int_equal(bad.shut_down, 1);
}

/* The network's looks have ended by then. */
static void stopping_looks_for_threads_that_ended(void **state)
{
    (void)state;
    assert_int_equal(rig_start(&rig), PXE_OK);
    end_a_thread();
    atomic_store(&rig.threads_have_ended, true);
    atomic_fetch_add(&rig.stopwatch_ahead, 2 * SECOND);
    assert_int_equal(engine_stop(rig.engine, 60000), PXE_OK);
    assert_int_equal(rig.reports, 1);
    assert_int_equal(bad.shut_down, 1);
}

static void a_decision_before_the_thread_ended_counts(void **state)
{
    (void)state;
    rig.policy = FAULT_CONTINUE;
    bad.number = ACTION_IGNORE;
    assert_int_equal(rig_start(&rig), PXE_OK);
    end_a_thread();
    atomic_store(&rig.threads_have_ended, true);
    look_after(2);
    assert_int_equal(atomic_load(&rig.engine->counters.ignored), 1);
    assert_string_equal(rig.last_provider, "bad");
}

/* ---- who acts first ---- */

static bool was_switched_off;

static void look_when_told(struct rig *told)
{
    was_switched_off = atomic_load(&told->engine->table.order[0]->is_disabled) ||
                       !atomic_load(&told->engine->is_serving);
}

static void provider_is_off_before_anybody_is_told(void **state)
{
    static const enum fault_policy policies[] = {FAULT_DISABLE, FAULT_STOP};

    (void)state;
    rig.on_finding = look_when_told;
    bad.receive = throws;
    for (size_t i = 0; i < 2; i++) {
        was_switched_off = false;
        rig.policy = policies[i];
        assert_int_equal(rig_start(&rig), PXE_OK);
        receive_one();
        assert_true(was_switched_off);
        assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    }
}

static void the_last_providers_end_is_the_servers(void **state)
{
    (void)state;
    rig.policy = FAULT_DISABLE;
    bad.receive = good.receive = throws;
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_one();
    assert_int_equal(rig.findings[0].consequence, FAULT_DISABLE);
    assert_true(atomic_load(&rig.engine->is_serving));
    receive_one();
    assert_int_equal(rig.findings[1].consequence, FAULT_STOP);
    assert_false(atomic_load(&rig.engine->is_serving));
    assert_non_null(strstr(rig_event(&rig, EVENT_HALTED)->text,
                           "has failed, and no other provider is left"));
    assert_string_equal(rig_event(&rig, EVENT_HALTED)->provider, "good");
}

/* ---- providers that unload themselves ---- */

static uint32_t unloads(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                        struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)action;
    atomic_store(&self->rig->is_unloaded, true);
    rig_throw(&(struct fault){.code = 1});
}

static void unloaded_provider_is_not_called_again(void **state)
{
    (void)state;
    rig.policy = FAULT_CONTINUE; /* which nothing is left for */
    bad.receive = unloads;
    bad.with_control = true;
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_one();
    receive_one();
    assert_int_equal(atomic_load(&bad.received), 1);
    assert_non_null(strstr(rig_event(&rig, EVENT_PROVIDER_FAULT)->text, "it has unloaded itself"));
    provider_control_all(rig.engine, 128);
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_int_equal(bad.controlled, 0);
    assert_int_equal(bad.shut_down, 0);
    assert_int_equal(bad.closed, 1); /* its key */
}

/* ---- limits of the other callbacks ---- */

static void stuck_initialize_is_left_out(void **state)
{
    (void)state;
    rig.limited_end = CALL_STUCK;
    bad.is_critical = true;
    assert_int_equal(rig_start(&rig), PXE_TIMEOUT);
    assert_int_equal(bad.closed, 0); /* its code is running */
    const struct rig_event *event = rig_event(&rig, EVENT_CALLBACK_STUCK);
    assert_string_equal(event->provider, "bad");
    assert_non_null(strstr(event->text, "PxeProviderInitialize has not returned after 1 ms"));
    assert_int_equal(good.initialized, 0);
}

static void stuck_shutdown_does_not_keep_the_others(void **state)
{
    (void)state;
    assert_int_equal(rig_start(&rig), PXE_OK);
    rig.limited_end = CALL_STUCK;
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_TIMEOUT);
    assert_int_equal(bad.closed, 0);
    assert_int_equal(good.closed, 0);
    assert_int_equal(rig.event_count, 4); /* loaded, loaded, stuck, stuck: both were tried */
}

static void thread_that_ends_in_shutdown_is_told(void **state)
{
    (void)state;
    assert_int_equal(rig_start(&rig), PXE_OK);
    rig.limited_end = CALL_THREAD_ENDED;
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_non_null(strstr(rig_event(&rig, EVENT_PROVIDER_FAULT)->text, "its thread has ended"));
    assert_int_equal(bad.closed, 1);
    assert_int_equal(good.closed, 1);
}

static void stuck_control_is_not_called_again(void **state)
{
    (void)state;
    bad.with_control = true;
    assert_int_equal(rig_start(&rig), PXE_OK);
    rig.limited_end = CALL_STUCK;
    rig.limited_call = CALL_CONTROL;
    provider_control_all(rig.engine, 128);
    provider_control_all(rig.engine, 129);
    assert_int_equal(rig.stuck_count, 1);
    receive_one();
    assert_int_equal(atomic_load(&bad.received), 1); /* this one does return */
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_TIMEOUT);
    assert_int_equal(bad.shut_down, 0);
    assert_int_equal(good.shut_down, 1);
}

/* ---- the server's memory ---- */

static uint32_t writes_behind_the_request(struct scripted *self, uintptr_t request, uint8_t *packet,
                                          uint32_t length, struct pxe_address *local,
                                          struct pxe_address *remote, uint32_t *action)
{
    (void)self, (void)request, (void)local, (void)remote;
    memset(packet + length, 0x41, 512 - 300 + 1); /* the copy has room for 512 bytes */
    *action = ACTION_REJECTED;
    return PXE_OK;
}

static uint32_t writes_behind_and_throws(struct scripted *self, uintptr_t request, uint8_t *packet,
                                         uint32_t length, struct pxe_address *local,
                                         struct pxe_address *remote, uint32_t *action)
{
    (void)writes_behind_the_request(self, request, packet, length, local, remote, action);
    rig_throw(&(struct fault){.code = 1, .words = "made up"});
}

static uint32_t writes_behind_a_packet(struct scripted *self, uintptr_t request, uint8_t *packet,
                                       uint32_t length, struct pxe_address *local,
                                       struct pxe_address *remote, uint32_t *action)
{
    void *bytes = NULL;

    (void)packet, (void)length, (void)local, (void)remote;
    assert_int_equal(packet_allocate(self->rig->engine, self->handle, request, 100, &bytes),
                     PXE_OK);
    memset(bytes, 0x41, 128 + self->number); /* for 128 bytes, and a canary of 16 */
    assert_int_equal(packet_free(self->rig->engine, self->handle, request, bytes), PXE_OK);
    *action = ACTION_REJECTED;
    return PXE_OK;
}

static void assert_damaged(const char *text)
{
    const struct rig_event *event = rig_event(&rig, EVENT_HEAP_DAMAGED);

    assert_non_null(event);
    assert_string_equal(event->provider, "bad");
    assert_int_equal(event->severity, LOG_FATAL);
    assert_non_null(strstr(event->text, text));
    assert_non_null(rig_event(&rig, EVENT_HALTED));
    assert_int_equal(rig.findings[0].consequence, FAULT_STOP);
    assert_int_equal(atomic_load(&good.received), 0);
}

static void write_behind_the_request_stops_the_server(void **state)
{
    (void)state;
    rig.policy = FAULT_CONTINUE;
    bad.receive = writes_behind_the_request;
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_one();
    assert_damaged("the memory behind the request was written");
}

static void exception_after_such_a_write_stops_the_server(void **state)
{
    (void)state;
    rig.policy = FAULT_CONTINUE;
    bad.receive = writes_behind_and_throws;
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_one();
    assert_damaged("exception 0x00000001 (made up)");
    assert_int_equal(rig.finding_count, 1);
}

static void write_through_a_packets_block_stops_the_server(void **state)
{
    (void)state;
    rig.policy = FAULT_CONTINUE;
    bad.receive = writes_behind_a_packet;
    bad.number = 16;
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_one();
    assert_damaged("the memory behind a packet was written, in PxePacketFree");
}

static void write_that_stays_in_the_block_does_not(void **state)
{
    (void)state;
    rig.policy = FAULT_CONTINUE;
    bad.receive = writes_behind_a_packet;
    bad.number = 15;
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_one();
    assert_true(rig_logged(&rig, "provider bad: wrote past the end of a packet of 100 bytes"));
    assert_null(rig_event(&rig, EVENT_HEAP_DAMAGED));
    assert_int_equal(atomic_load(&good.received), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(held_threads_are_told_at_once_then_ever_more_rarely),
        TEST(twice_as_many_are_told_at_once),
        TEST(fault_that_is_being_told_holds_no_thread),
        TEST(thread_left_behind_is_waited_for_once),
        TEST(all_threads_held_is_an_event_and_counted),
        TEST(a_server_without_threads_ends_after_a_while),
        TEST(request_of_a_thread_that_ended_is_told_and_ended),
        TEST(stopping_looks_for_threads_that_ended),
        TEST(a_decision_before_the_thread_ended_counts),
        TEST(provider_is_off_before_anybody_is_told),
        TEST(the_last_providers_end_is_the_servers),
        TEST(unloaded_provider_is_not_called_again),
        TEST(stuck_initialize_is_left_out),
        TEST(stuck_shutdown_does_not_keep_the_others),
        TEST(thread_that_ends_in_shutdown_is_told),
        TEST(stuck_control_is_not_called_again),
        TEST(write_behind_the_request_stops_the_server),
        TEST(exception_after_such_a_write_stops_the_server),
        TEST(write_through_a_packets_block_stops_the_server),
        TEST(write_that_stays_in_the_block_does_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
