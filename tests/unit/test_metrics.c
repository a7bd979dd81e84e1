/* Counters: histograms, and what the engine counts where. */
#include "engine/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf16.h"
#include "engine/chain.h"
#include "engine/policy.h"
#include "support/engine_rig.h"

/* ---- durations ---- */

static struct durations durations;

static struct duration_facts facts_of(const uint64_t *values, size_t count)
{
    memset(&durations, 0, sizeof(durations));
    for (size_t i = 0; i < count; i++)
        durations_add(&durations, values[i]);
    return durations_read(&durations);
}

static void nothing_is_all_zero(void **state)
{
    struct duration_facts facts = facts_of(NULL, 0);

    (void)state;
    assert_true(facts.count == 0 && facts.sum == 0 && facts.maximum == 0 && facts.p50 == 0 &&
                facts.p99 == 0);
}

static void one_value_is_every_percentile(void **state)
{
    static const uint64_t values[] = {0, 1, 7, 8, 9, 1000, 123456789, UINT64_MAX / 2};

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct duration_facts facts = facts_of(&values[i], 1);
        assert_true(facts.count == 1 && facts.sum == values[i] && facts.maximum == values[i]);
        assert_true(facts.p50 == values[i] && facts.p90 == values[i] && facts.p99 == values[i]);
    }
}

/* 1 to 1000: a percentile is at most a quarter of a doubling too high, never too low. */
static void percentiles_are_near(void **state)
{
    uint64_t values[1000];

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        values[i] = i + 1;
    struct duration_facts facts = facts_of(values, 1000);
    assert_int_equal(facts.count, 1000);
    assert_int_equal(facts.sum, 500500);
    assert_int_equal(facts.maximum, 1000);
    assert_in_range(facts.p50, 500, 625);
    assert_in_range(facts.p90, 900, 1000);
    assert_in_range(facts.p99, 990, 1000);
}

static void few_slow_ones_are_seen_in_p99_only(void **state)
{
    uint64_t values[100];

    (void)state;
    for (size_t i = 0; i < 100; i++)
        values[i] = i < 98 ? 5 : 1000000;
    struct duration_facts facts = facts_of(values, 100);
    assert_true(facts.p50 == 5 && facts.p90 == 5);
    assert_int_equal(facts.p99, 1000000);
}

/* Every value is in a step that begins and ends round it: none is lost between two. */
static void steps_leave_no_gap(void **state)
{
    (void)state;
    for (uint64_t value = 1; value < (uint64_t)1 << 40; value += value / 7 + 1) {
        const uint64_t pair[2] = {value, UINT64_MAX / 4};
        struct duration_facts facts = facts_of(pair, 2);
        assert_true(facts.p50 >= value);
        if (value < (uint64_t)1 << 31)
            assert_true(facts.p50 <= value + value / 4);
    }
}

/* ---- what is counted ---- */

static struct rig rig;
static struct scripted first, second;
static struct policy policy;

enum { PEND = 99, CRASH = 98 };

static uintptr_t pended;

static uint32_t decide(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                       struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    const struct pxe_address by_rules = {.flags = ADDR_USE_DHCP_RULES};

    (void)local;
    (void)remote;
    *action = self->number;
    if (self->number == PEND) {
        pended = request;
        return PXE_PENDING;
    }
    if (self->number == CRASH)
        rig_throw(&(struct fault){.code = 1});
    if (self->number == ACTION_NBP)
        return rig_answer(self, request, packet, length, &by_rules);
    return self->number == 0 ? 4711 : PXE_OK;
}

static int setup(void **state)
{
    (void)state;
    memset(&policy, 0, sizeof(policy));
    memset(&policy.buckets, 0xff, sizeof(policy.buckets));
    first = (struct scripted){.name = "first", .filter = FILTER_PXE_ONLY, .receive = decide};
    second = (struct scripted){.name = "second", .filter = -1, .receive = decide};
    rig_init(&rig);
    rig.is_guarded = true;
    rig.settings = &policy;
    rig_add(&rig, &first);
    rig_add(&rig, &second);
    assert_int_equal(rig_start(&rig), PXE_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

static void receive_from(uint8_t last_address_byte, const void *bytes, size_t length)
{
    struct datagram datagram = rig_datagram(bytes, length);

    datagram.local.address[3] = last_address_byte;
    rig_receive(&rig, &datagram);
}

static void discover(void)
{
    uint8_t packet[300];
    receive_from(1, packet, rig_discover(packet, 1));
}

static const struct provider_metrics *of(size_t provider)
{
    return &rig.engine->metrics.providers[provider];
}

static const struct interface_metrics *at(size_t interface)
{
    return &rig.engine->metrics.interfaces[interface];
}

static void providers_are_counted(void **state)
{
    (void)state;
    assert_int_equal(rig.engine->metrics.provider_count, 2);
    assert_string_equal(of(0)->name, "first");
    assert_string_equal(of(1)->name, "second");
    first.number = ACTION_REJECTED;
    second.number = ACTION_NBP;
    discover();
    first.number = 0; /* an error */
    second.number = ACTION_IGNORE;
    discover();
    first.number = ACTION_NBP;
    discover();
    receive_from(1, "rubbish", 7); /* not for the first one */
    assert_int_equal(of(0)->offered, 3);
    assert_int_equal(of(0)->filtered, 1);
    assert_int_equal(of(0)->rejected, 2);
    assert_int_equal(of(0)->failed, 1);
    assert_int_equal(of(0)->answered, 1);
    assert_int_equal(of(1)->offered, 3);
    assert_int_equal(of(1)->filtered, 0);
    assert_int_equal(of(1)->answered, 1);
    assert_int_equal(of(1)->ignored, 2);
    assert_int_equal(durations_read(&rig.engine->metrics.providers[0].durations).count, 3);
    assert_int_equal(durations_read(&rig.engine->metrics.durations).count, 2);
}

static void pended_ones_are_counted_and_decided_later(void **state)
{
    (void)state;
    first.number = PEND;
    discover();
    assert_int_equal(of(0)->pended, 1);
    assert_int_equal(of(0)->answered, 0);
    assert_int_equal(chain_complete(rig.engine, pended, ACTION_NBP), PXE_OK);
    assert_int_equal(of(0)->pended, 1);
    assert_int_equal(of(0)->answered, 1);
    assert_int_equal(of(0)->offered, 1);
}

/* A disabled provider gets no further request; that is not counted as kept away by its filter. */
static void crashed_ones_are_failed_and_dropped(void **state)
{
    (void)state;
    first.number = CRASH;
    second.number = ACTION_NBP;
    discover();
    assert_int_equal(of(0)->offered, 1);
    assert_int_equal(of(0)->failed, 1);
    assert_int_equal(of(0)->rejected, 1);
    assert_int_equal(of(1)->offered, 0);
    assert_int_equal(metrics_dropped(&rig.engine->metrics, DROP_FAULTED), 1);
    discover();
    assert_int_equal(of(0)->offered, 1);
    assert_int_equal(of(0)->filtered, 0);
    assert_int_equal(of(1)->answered, 1);
}

static void interfaces_are_counted(void **state)
{
    uint8_t packet[300];
    size_t length = rig_discover(packet, 1);

    (void)state;
    first.number = ACTION_NBP;
    second.number = ACTION_REJECTED;
    receive_from(1, packet, length);
    receive_from(2, packet, length);
    receive_from(2, "rubbish", 7);
    rig.send_status = PXE_ACCESS_DENIED;
    receive_from(2, packet, length);
    assert_int_equal(rig.engine->metrics.interface_count, 2);
    assert_int_equal(at(0)->received, 1);
    assert_int_equal(at(0)->answered, 1);
    assert_int_equal(at(0)->replies, 1);
    assert_int_equal(at(1)->local.address[3], 2);
    assert_int_equal(at(1)->local.port, 0);
    assert_int_equal(at(1)->received, 3);
    assert_int_equal(at(1)->answered, 1);
    assert_int_equal(at(1)->replies, 1);
    assert_int_equal(at(1)->send_errors, 1);
    assert_int_equal(at(1)->dropped[DROP_MALFORMED], 1);
}

static void drops_are_counted_by_reason(void **state)
{
    (void)state;
    first.number = second.number = ACTION_REJECTED;
    discover();
    second.number = ACTION_IGNORE;
    discover();
    atomic_store(&rig.engine->is_paused, true);
    discover();
    atomic_store(&rig.engine->is_paused, false);
    memset(&policy.buckets, 0, sizeof(policy.buckets));
    discover();
    assert_int_equal(metrics_dropped(&rig.engine->metrics, DROP_PASSED_ON), 1);
    assert_int_equal(metrics_dropped(&rig.engine->metrics, DROP_IGNORED), 1);
    assert_int_equal(metrics_dropped(&rig.engine->metrics, DROP_PAUSED), 1);
    assert_int_equal(metrics_dropped(&rig.engine->metrics, DROP_SHARED), 1);
    assert_int_equal(metrics_dropped(&rig.engine->metrics, DROP_FILTERED), 0);
}

static void too_many_interfaces_share_a_place(void **state)
{
    (void)state;
    first.number = second.number = ACTION_IGNORE;
    for (unsigned round = 0; round < 2; round++)
        for (unsigned i = 1; i <= METRICS_INTERFACES + 6; i++)
            receive_from((uint8_t)i, "rubbish", 7);
    assert_int_equal(rig.engine->metrics.interface_count, METRICS_INTERFACES + 1);
    assert_int_equal(at(METRICS_INTERFACES - 1)->received, 2);
    assert_int_equal(at(METRICS_INTERFACES)->received, 12);
    assert_int_equal(at(METRICS_INTERFACES)->local.length, 0);
}

static void last_line_is_kept_and_cut(void **state)
{
    struct metrics *metrics = &rig.engine->metrics;
    struct provider *provider = rig.engine->table.order[1];
    uint16_t longer[TOLD_UNITS + 10];

    (void)state;
    for (size_t i = 0; i < TOLD_UNITS + 9; i++)
        longer[i] = u'x';
    longer[TOLD_UNITS + 9] = 0;
    metrics_tell(metrics, provider, u"the first one", 17);
    first.number = ACTION_REJECTED;
    second.number = ACTION_NBP;
    discover();
    metrics_tell(metrics, provider, longer, 18);
    assert_int_equal(of(1)->told.lines, 2);
    assert_int_equal(of(1)->told.when, 18);
    assert_int_equal(of(1)->told.answered, 1);
    assert_int_equal(utf16_length(of(1)->told.text), TOLD_UNITS - 1);
    longer[TOLD_UNITS - 2] = 0xD83D; /* its other half does not fit */
    metrics_tell(metrics, provider, longer, 19);
    assert_int_equal(utf16_length(of(1)->told.text), TOLD_UNITS - 2);
    longer[TOLD_UNITS - 1] = 0;
    longer[TOLD_UNITS - 2] = u'y'; /* fits exactly */
    metrics_tell(metrics, provider, longer, 20);
    assert_true(utf16_equal(of(1)->told.text, longer));
    metrics_tell(metrics, provider, u"short", 21);
    assert_true(utf16_equal(of(1)->told.text, u"short"));
    assert_int_equal(of(0)->told.lines, 0);
    assert_int_equal(of(0)->told.text[0], 0);
}

/* A line of before the first request, and of a start that is over. */
static void lines_of_a_start_are_kept_once(void **state)
{
    struct provider *provider = rig.engine->table.order[0];

    (void)state;
    provider->metrics = NULL; /* as while it starts */
    metrics_tell(&rig.engine->metrics, provider, u"while it starts", 1);
    metrics_reset(&rig.engine->metrics, &rig.engine->table, 0);
    metrics_tell(&rig.engine->metrics, provider, u"while it serves", 2);
    assert_int_equal(of(0)->told.lines, 2);
    assert_true(utf16_equal(of(0)->told.text, u"while it serves"));
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_int_equal(of(0)->told.lines, 2); /* still to be read */
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(of(0)->told.lines, 0);
}

static void new_start_counts_from_zero(void **state)
{
    (void)state;
    first.number = ACTION_NBP;
    discover();
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_int_equal(of(0)->answered, 1); /* still to be read */
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(of(0)->answered, 0);
    assert_int_equal(rig.engine->metrics.interface_count, 0);
    assert_int_equal(durations_read(&rig.engine->metrics.durations).count, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_all_zero),
        cmocka_unit_test(one_value_is_every_percentile),
        cmocka_unit_test(percentiles_are_near),
        cmocka_unit_test(few_slow_ones_are_seen_in_p99_only),
        cmocka_unit_test(steps_leave_no_gap),
        TEST(providers_are_counted),
        TEST(pended_ones_are_counted_and_decided_later),
        TEST(crashed_ones_are_failed_and_dropped),
        TEST(interfaces_are_counted),
        TEST(drops_are_counted_by_reason),
        TEST(too_many_interfaces_share_a_place),
        TEST(last_line_is_kept_and_cut),
        TEST(lines_of_a_start_are_kept_once),
        TEST(new_start_counts_from_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
