/* An exception leaves a provider's callback: what becomes of the request, the provider, the server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/chain.h"
#include "engine/packet.h"
#include "verify/verify.h"
#include "support/engine_rig.h"

enum { NUMBER = 42, CODE = 0x5e };

static const struct fault a_fault = {
    .code = CODE,
    .words = "made up",
    .address = 0x1234,
    .module = "prov.dll",
    .offset = 0x34,
};

static struct rig rig;
static struct scripted crashes, next;

/* ---- the rig ---- */

static int setup(void **state)
{
    (void)state;
    rig_init(&rig);
    rig.is_guarded = true;
    crashes = (struct scripted){.name = "crashes", .filter = -1};
    next = (struct scripted){.name = "next", .filter = -1};
    rig_add(&rig, &crashes);
    rig_add(&rig, &next);
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

static uint32_t throws(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                       struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    void *bytes;

    (void)packet, (void)length, (void)local, (void)remote;
    *action = ACTION_NBP;
    assert_int_equal(packet_allocate(self->rig->engine, self->handle, request, 300, &bytes),
                     PXE_OK);
    if (self->number == 1)
        self->data = (void *)request;
    rig_throw(&a_fault);
}

static void start(enum fault_policy policy)
{
    rig.policy = policy;
    crashes.receive = throws;
    assert_int_equal(rig_start(&rig), PXE_OK);
}

/* ---- what is always the same ---- */

static void assert_dropped(uint32_t reports)
{
    assert_int_equal(rig.reports, reports);
    assert_string_equal(rig.last_reason, "an exception left a provider's callback");
    assert_string_equal(rig.last_provider, "crashes");
    assert_int_equal(rig.last_report.action, ACTION_REJECTED);
    assert_int_equal(atomic_load(&rig.engine->pool.open), 0);
    assert_int_equal(atomic_load(&rig.engine->counters.open_packets), 0);
    assert_int_equal(atomic_load(&rig.engine->counters.dropped), reports);
    assert_int_equal(atomic_load(&crashes.rig->engine->counters.reclaimed), reports);
}

static void fault_is_told(void **state)
{
    (void)state;
    start(FAULT_CONTINUE);
    receive_one();
    assert_int_equal(rig.finding_count, 1);
    const struct rig_finding *found = &rig.findings[0];
    assert_int_equal(found->rule, RULE_FAULT);
    assert_string_equal(found->provider, "crashes");
    assert_string_equal(found->call, CALL_RECEIVE);
    assert_int_equal(found->number, NUMBER);
    assert_int_equal(found->length, 300);
    assert_true(found->has_fault);
    assert_int_equal(found->consequence, FAULT_CONTINUE);
    assert_string_equal(found->text, "exception 0x0000005e (made up) at prov.dll+0x34; no "
                                     "exception may leave a callback");
    assert_true(rig_logged(&rig, "provider crashes: exception 0x0000005e (made up) at "
                                 "prov.dll+0x34, in PXE_CALLBACK_RECV_REQUEST, datagram 42; it "
                                 "goes on being called"));
    assert_dropped(1);
}

/* ---- the policies ---- */

static void policy_continue(void **state)
{
    (void)state;
    start(FAULT_CONTINUE);
    receive_one();
    receive_one();
    assert_int_equal(atomic_load(&crashes.received), 2);
    assert_int_equal(atomic_load(&next.received), 0);
    assert_dropped(2);
}

static void policy_disable(void **state)
{
    (void)state;
    start(FAULT_DISABLE);
    receive_one();
    assert_dropped(1);
    receive_one();
    assert_int_equal(atomic_load(&crashes.received), 1);
    assert_int_equal(atomic_load(&next.received), 1);
    assert_true(rig_logged(&rig, "it gets no further request"));
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_int_equal(crashes.shut_down, 1); /* it may clean up all the same */
    /* The next start knows nothing of it. */
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_one();
    assert_int_equal(atomic_load(&crashes.received), 2);
}

static void policy_stop(void **state)
{
    (void)state;
    start(FAULT_STOP);
    receive_one();
    assert_dropped(1);
    receive_one();
    assert_int_equal(atomic_load(&crashes.received), 1);
    assert_int_equal(atomic_load(&next.received), 0);
    assert_int_equal(rig.reports, 1);
    assert_string_equal(rig_event(&rig, EVENT_PROVIDER_FAULT)->provider, "crashes");
    assert_int_equal(rig_event(&rig, EVENT_HALTED)->severity, LOG_FATAL);
    assert_true(rig_logged(&rig, "the server takes no further request and has to be stopped"));
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_int_equal(crashes.shut_down, 1);
    assert_int_equal(next.shut_down, 1);
}

static void default_disables_what_is_not_critical(void **state)
{
    (void)state;
    start(FAULT_DEFAULT);
    receive_one();
    receive_one();
    assert_int_equal(atomic_load(&next.received), 1);
    assert_int_equal(rig.findings[0].consequence, FAULT_DISABLE);
}

static void default_stops_for_a_critical_one(void **state)
{
    (void)state;
    crashes.is_critical = true;
    start(FAULT_DEFAULT);
    receive_one();
    receive_one();
    assert_int_equal(atomic_load(&next.received), 0);
    assert_int_equal(rig.findings[0].consequence, FAULT_STOP);
    assert_false(atomic_load(&rig.engine->is_serving));
}

/* ---- other callbacks ---- */

static void exception_in_initialize_is_a_failure(void **state)
{
    (void)state;
    crashes.throws_in_initialize = true;
    start(FAULT_STOP);
    assert_string_equal(rig.findings[0].call, CALL_INITIALIZE);
    assert_int_equal(rig.findings[0].number, 0);
    assert_int_equal(rig.findings[0].consequence, FAULT_DEFAULT);
    assert_int_equal(crashes.closed, 1);
    assert_true(rig_logged(&rig, "in PxeProviderInitialize; it is not used"));
    receive_one();
    assert_int_equal(atomic_load(&next.received), 1);
}

static void exception_in_a_critical_initialize_stops_the_start(void **state)
{
    (void)state;
    crashes.throws_in_initialize = true;
    crashes.is_critical = true;
    assert_int_equal(rig_start(&rig), PXE_UNHANDLED_EXCEPTION);
    assert_int_equal(rig.finding_count, 1);
}

static void exception_in_shutdown_stops_nothing(void **state)
{
    (void)state;
    next.throws_in_shutdown = true;
    start(FAULT_STOP);
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_string_equal(rig.findings[0].call, CALL_SHUTDOWN);
    assert_string_equal(rig.findings[0].provider, "next");
    assert_true(rig_logged(&rig, "it is being shut down"));
    assert_int_equal(crashes.shut_down, 1);
    assert_int_equal(next.closed, 1);
}

static void exception_in_control_disables(void **state)
{
    (void)state;
    crashes.with_control = crashes.throws_in_control = true;
    next.with_control = true;
    start(FAULT_DISABLE);
    provider_control_all(rig.engine, 128);
    assert_string_equal(rig.findings[0].call, CALL_CONTROL);
    assert_int_equal(next.controlled, 1);
    receive_one();
    assert_int_equal(atomic_load(&crashes.received), 0);
    assert_int_equal(atomic_load(&next.received), 1);
}

/* ---- requests in other hands ---- */

static uint32_t completes_and_throws(struct scripted *self, uintptr_t request, uint8_t *packet,
                                     uint32_t length, struct pxe_address *local,
                                     struct pxe_address *remote, uint32_t *action)
{
    (void)local, (void)remote, (void)action;
    assert_int_equal(rig_answer(self, request, packet, length, NULL), PXE_OK);
    assert_int_equal(chain_complete(self->rig->engine, request, self->number), PXE_OK);
    rig_throw(&a_fault);
}

static void decision_before_the_exception_counts(void **state)
{
    (void)state;
    start(FAULT_CONTINUE);
    crashes.receive = completes_and_throws;
    crashes.number = ACTION_NBP;
    receive_one();
    assert_string_equal(rig.last_reason, "");
    assert_string_equal(rig.last_provider, "crashes");
    assert_int_equal(rig.last_report.action, ACTION_NBP);
    crashes.number = ACTION_REJECTED;
    receive_one();
    assert_int_equal(atomic_load(&next.received), 1);
    assert_string_equal(rig.last_reason, ""); /* it was answered, and then passed on */
    assert_string_equal(rig.last_provider, "crashes");
}

/* The callback had given the request to a thread of the provider's. */
static void completion_after_the_exception_is_refused(void **state)
{
    (void)state;
    rig.is_verified = true;
    crashes.number = 1;
    start(FAULT_CONTINUE);
    receive_one();
    assert_dropped(1);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)crashes.data, ACTION_NBP),
                     PXE_INVALID_HANDLE);
    const struct rig_finding *found = rig_found(&rig, RULE_COMPLETED_TWICE);
    assert_non_null(found);
    assert_non_null(strstr(found->text, "after an exception had left the callback"));
    assert_null(rig_found(&rig, RULE_PACKET_LEAKED)); /* it had no chance to free it */
}

static uint32_t pends_once(struct scripted *self, uintptr_t request, uint8_t *packet,
                           uint32_t length, struct pxe_address *local, struct pxe_address *remote,
                           uint32_t *action)
{
    (void)packet, (void)length, (void)local, (void)remote, (void)action;
    if (self->data != NULL)
        rig_throw(&a_fault);
    self->data = (void *)request;
    return PXE_PENDING;
}

static void pended_requests_of_a_disabled_provider_go_on(void **state)
{
    (void)state;
    start(FAULT_DISABLE);
    crashes.receive = pends_once;
    receive_one();
    receive_one();
    assert_int_equal(rig.reports, 1);
    assert_int_equal(atomic_load(&rig.engine->pool.open), 1);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)crashes.data, ACTION_REJECTED), PXE_OK);
    assert_int_equal(atomic_load(&next.received), 1);
    assert_int_equal(rig.reports, 2);
}

/* ---- packets ---- */

static void assert_packet_fault(bool is_freed, uint32_t rule, const char *text)
{
    struct fault fault = a_fault;

    fault.is_in_packet = true;
    fault.is_packet_freed = is_freed;
    fault.packet_offset = is_freed ? 3 : -1;
    fault.packet_size = 300;
    rig.finding_count = 0;
    const struct callback callback = {
        .engine = rig.engine,
        .provider = rig.engine->table.order[0],
        .name = CALL_RECEIVE,
    };
    callback_faulted(&callback, &fault);
    assert_int_equal(rig.findings[0].rule, rule);
    assert_true(rig.findings[0].has_fault);
    assert_non_null(strstr(rig.findings[0].text, text));
}

static void exception_at_a_guarded_packet(void **state)
{
    (void)state;
    start(FAULT_CONTINUE);
    assert_packet_fault(false, RULE_PACKET_OVERRUN,
                        "byte -1 of a packet of 300 bytes was touched at prov.dll+0x34");
    assert_packet_fault(true, RULE_PACKET_USED_AFTER_FREE,
                        "byte 3 of a freed packet of 300 bytes was touched");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fault_is_told),
        TEST(policy_continue),
        TEST(policy_disable),
        TEST(policy_stop),
        TEST(default_disables_what_is_not_critical),
        TEST(default_stops_for_a_critical_one),
        TEST(exception_in_initialize_is_a_failure),
        TEST(exception_in_a_critical_initialize_stops_the_start),
        TEST(exception_in_shutdown_stops_nothing),
        TEST(exception_in_control_disables),
        TEST(decision_before_the_exception_counts),
        TEST(completion_after_the_exception_is_refused),
        TEST(pended_requests_of_a_disabled_provider_go_on),
        TEST(exception_at_a_guarded_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
