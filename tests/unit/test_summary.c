/* Floods must not fill the log: a few lines, then numbers. */
#include "engine/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/packet.h"
#include "engine/reply.h"
#include "support/engine_rig.h"

enum { SECOND = 1000000, UNREACHABLE = 10051 };

static struct rig rig;
static struct scripted provider;

static int set_up(void **state)
{
    (void)state;
    memset(&provider, 0, sizeof(provider));
    provider.name = "only";
    provider.filter = FILTER_DHCP_ONLY;
    rig_init(&rig);
    rig.is_on_network = true;
    rig_add(&rig, &provider);
    return rig_start(&rig) != PXE_OK;
}

static int tear_down(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

#define SUMMARY_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static uint32_t lines_with(const char *text)
{
    uint32_t count = 0;

    for (const char *at = rig.log; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    return count;
}

static void write_summary(void)
{
    summary_write(rig.engine, /* is_last= */ false);
}

static void receive_rubbish(uint32_t count)
{
    struct datagram datagram = rig_datagram("rubbish", 7);

    for (uint32_t i = 0; i < count; i++)
        rig_receive(&rig, &datagram);
}

/* ---- refused datagrams ---- */

static void a_few_are_told_one_by_one(void **state)
{
    (void)state;
    receive_rubbish(LOG_BUDGET_BURST);
    assert_int_equal(lines_with("dropped 7 bytes"), LOG_BUDGET_BURST);
    write_summary();
    assert_false(rig_logged(&rig, "left out"));
}

enum { FLOOD = 10000 };

static void of_a_flood_the_number_is_told(void **state)
{
    char line[96];

    (void)state;
    receive_rubbish(FLOOD);
    uint32_t told = lines_with("dropped 7 bytes");
    assert_in_range(told, LOG_BUDGET_BURST, 100); /* on a slow machine time brings some back */
    assert_int_equal(rig.reports, FLOOD);         /* only the log is spared */
    assert_true(rig.last_report.is_left_out);
    write_summary();
    snprintf(line, sizeof(line), "left out the lines of %u more requests: %u malformed",
             FLOOD - told, FLOOD - told);
    assert_true(rig_logged(&rig, line));
    write_summary();
    assert_int_equal(lines_with("left out"), 1);
}

static void what_was_not_told_is_told_at_the_end(void **state)
{
    (void)state;
    receive_rubbish(FLOOD);
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_int_equal(lines_with("more requests"), 1);
}

/* What comes from nobody, and what the server sent itself, is a flood of another kind. */
static void kinds_are_told_apart(void **state)
{
    uint8_t packet[300];
    struct datagram own = rig_datagram(packet, rig_discover(packet, 1));
    struct datagram nobody = own;

    (void)state;
    own.facts.is_own = true;
    nobody.remote.port = 0;
    for (uint32_t i = 0; i < LOG_BUDGET_BURST; i++)
        rig_receive(&rig, &own);
    for (uint32_t i = 0; i < FLOOD; i++)
        rig_receive(&rig, i < 3 ? &own : &nobody);
    assert_int_equal(atomic_load(&provider.received), 0);
    assert_int_equal(metrics_dropped(&rig.engine->metrics, DROP_OWN), LOG_BUDGET_BURST + 3);
    write_summary();
    assert_true(rig_logged(&rig, " with nobody to answer, 3 of this server itself"));
}

/* ---- requests that providers get ---- */

/* Whoever asks for boot is told as well, by other lines than the rubbish. */
static void rubbish_hides_no_request(void **state)
{
    uint8_t packet[300];
    struct datagram datagram = rig_datagram(packet, rig_discover(packet, 1));

    (void)state;
    receive_rubbish(FLOOD);
    rig_receive(&rig, &datagram);
    assert_int_equal(lines_with("every provider passed it on"), 1);
    assert_false(rig.last_report.is_left_out);
}

/* A provider that answers everything, on a network that sends nothing, and says so each time. */
static uint32_t answer_and_complain(struct scripted *self, uintptr_t request, uint8_t *packet,
                                    uint32_t length, struct pxe_address *local,
                                    struct pxe_address *remote, uint32_t *action)
{
    void *reply;

    (void)local, (void)remote;
    assert_int_equal(packet_allocate(rig.engine, self->handle, request, length, &reply), PXE_OK);
    memcpy(reply, packet, length);
    assert_int_equal(reply_send(rig.engine, request, reply, length, NULL), UNREACHABLE);
    assert_int_equal(packet_free(rig.engine, self->handle, request, reply), PXE_OK);
    self->number += summary_admits_other(rig.engine, LOG_INFO);
    *action = ACTION_NBP;
    return PXE_OK;
}

static void errors_of_sending_are_no_flood(void **state)
{
    uint8_t packet[300];
    struct datagram datagram = rig_datagram(packet, rig_discover(packet, 1));

    (void)state;
    provider.receive = answer_and_complain;
    rig.send_status = UNREACHABLE;
    for (uint32_t i = 0; i < FLOOD; i++)
        rig_receive(&rig, &datagram);
    assert_in_range(lines_with("not sent: error 10051"), LOG_BUDGET_BURST, 99);
    assert_in_range(provider.number, LOG_BUDGET_BURST, 99); /* lines of its own */
    assert_int_equal(atomic_load(&rig.engine->counters.answered), 0);
    assert_int_equal(atomic_load(&rig.engine->counters.dropped), FLOOD);
    assert_int_equal(metrics_dropped(&rig.engine->metrics, DROP_UNSENT), FLOOD);
    assert_string_equal(rig.last_reason, "its answer could not be sent");
    write_summary();
    assert_true(rig_logged(&rig, " whose answer could not be sent"));
}

static uint32_t other_lines_admitted(void)
{
    uint32_t admitted = 0;

    for (uint32_t i = 0; i < FLOOD; i++)
        admitted += summary_admits_other(rig.engine, LOG_INFO);
    return admitted;
}

/* A thread of a provider's own, or of its host's: what it traces was not caused by the network. */
static void other_lines_are_all_written(void **state)
{
    (void)state;
    assert_int_equal(other_lines_admitted(), FLOOD);
    receive_rubbish(LOG_BUDGET_BURST); /* all told: no flood */
    assert_int_equal(other_lines_admitted(), FLOOD);
    write_summary();
    assert_false(rig_logged(&rig, "left out"));
}

/* But it may be at work on requests. */
static void other_lines_have_a_limit_in_a_flood(void **state)
{
    (void)state;
    receive_rubbish(FLOOD);
    /* Should this take more than a second it is still a flood: more of it comes. */
    uint32_t admitted = 0;
    for (uint32_t i = 0; i < FLOOD; i++) {
        receive_rubbish(1);
        admitted += summary_admits_other(rig.engine, LOG_INFO);
    }
    assert_in_range(admitted, LOG_BUDGET_BURST, 99);
    write_summary();
    assert_true(rig_logged(&rig, "more lines that belong to no request"));
    atomic_fetch_add(&rig.time_ahead, 2 * SECOND);
    assert_int_equal(other_lines_admitted(), FLOOD);
}

static void other_lines_have_no_limit_after_serving(void **state)
{
    (void)state;
    receive_rubbish(FLOOD);
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_int_equal(other_lines_admitted(), FLOOD);
}

/* What a provider calls an error is told though its other lines are not. */
static uint32_t complain(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                         struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)request, (void)packet, (void)length, (void)local, (void)remote;
    self->number += summary_admits_other(rig.engine, LOG_ERROR);
    *action = ACTION_REJECTED;
    return PXE_OK;
}

static void errors_are_told_in_a_flood(void **state)
{
    uint8_t packet[300];
    struct datagram datagram = rig_datagram(packet, rig_discover(packet, 1));

    (void)state;
    for (uint32_t i = 0; i < FLOOD; i++)
        rig_receive(&rig, &datagram);
    assert_true(rig.last_report.is_left_out);
    provider.receive = complain;
    for (uint32_t i = 0; i < FLOOD; i++)
        rig_receive(&rig, &datagram);
    assert_in_range(provider.number, LOG_BUDGET_BURST, 99);
}

/* Those of a server without memory, say. */
static void single_lines_of_the_network_have_a_limit(void **state)
{
    uint32_t admitted = 0;

    (void)state;
    for (uint32_t i = 0; i < FLOOD; i++)
        admitted += summary_admits_single(rig.engine);
    assert_in_range(admitted, LOG_BUDGET_BURST, 99);
    write_summary();
    assert_true(rig_logged(&rig, "more lines that belong to no request"));
}

/* It goes on and on: not a line each second for ever. */
static void an_endless_flood_is_told_less_often(void **state)
{
    enum { MINUTE = 60 };

    (void)state;
    for (uint32_t second = 0; second < MINUTE; second++) {
        receive_rubbish(FLOOD / 10);
        write_summary();
        atomic_fetch_add(&rig.time_ahead, SECOND);
    }
    assert_in_range(lines_with("left out"), 6, 12);
    summary_write(rig.engine, /* is_last= */ true);
    write_summary(); /* a second without one: */
    atomic_fetch_add(&rig.time_ahead, 60 * (uint64_t)SECOND);
    write_summary();
    uint32_t before = lines_with("left out");
    for (uint32_t second = 0; second < 3; second++) {
        receive_rubbish(FLOOD);
        write_summary();
    }
    assert_int_equal(lines_with("left out"), before + 3);
}

/* ---- datagrams that were dropped before they were handled ---- */

static void dropped_ones_are_told_once(void **state)
{
    struct intake_counters *dropped = &rig.engine->counters.unhandled;

    (void)state;
    write_summary();
    assert_false(rig_logged(&rig, "than could be handled"));
    atomic_fetch_add(&dropped->dropped_repeats, 7);
    atomic_fetch_add(&dropped->dropped_others, 5);
    write_summary();
    assert_true(rig_logged(&rig, "12 datagrams dropped, 7 of them sent again since"));
    write_summary();
    assert_int_equal(lines_with("than could be handled"), 1);
    atomic_fetch_add(&dropped->dropped_others, 1);
    write_summary();
    assert_true(rig_logged(&rig, "1 datagram dropped, 0 of them"));
}

static void a_start_begins_anew(void **state)
{
    (void)state;
    atomic_fetch_add(&rig.engine->counters.unhandled.dropped_others, 3);
    receive_rubbish(LOG_BUDGET_BURST + 1);
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(atomic_load(&rig.engine->counters.unhandled.dropped_others), 0);
    rig.log_length = 0;
    memset(rig.log, 0, sizeof(rig.log));
    write_summary();
    assert_int_equal(rig.log_length, 0);
    receive_rubbish(LOG_BUDGET_BURST);
    assert_int_equal(lines_with("dropped 7 bytes"), LOG_BUDGET_BURST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SUMMARY_TEST(a_few_are_told_one_by_one),
        SUMMARY_TEST(of_a_flood_the_number_is_told),
        SUMMARY_TEST(what_was_not_told_is_told_at_the_end),
        SUMMARY_TEST(kinds_are_told_apart),
        SUMMARY_TEST(rubbish_hides_no_request),
        SUMMARY_TEST(errors_of_sending_are_no_flood),
        SUMMARY_TEST(other_lines_are_all_written),
        SUMMARY_TEST(other_lines_have_a_limit_in_a_flood),
        SUMMARY_TEST(other_lines_have_no_limit_after_serving),
        SUMMARY_TEST(errors_are_told_in_a_flood),
        SUMMARY_TEST(single_lines_of_the_network_have_a_limit),
        SUMMARY_TEST(an_endless_flood_is_told_less_often),
        SUMMARY_TEST(dropped_ones_are_told_once),
        SUMMARY_TEST(a_start_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
