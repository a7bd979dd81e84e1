/* Floods must not fill the log: a few lines, then numbers. */
#include "engine/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/engine_rig.h"

enum { SECOND = 1000000 };

static struct rig rig;
static struct scripted provider;

static int set_up(void **state)
{
    (void)state;
    memset(&provider, 0, sizeof(provider));
    provider.name = "only";
    provider.filter = FILTER_DHCP_ONLY;
    rig_init(&rig);
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

static void receive_rubbish(uint32_t count)
{
    struct datagram datagram = rig_datagram("rubbish", 7);

    for (uint32_t i = 0; i < count; i++)
        rig_receive(&rig, &datagram);
}

/* ---- malformed datagrams ---- */

static void a_few_are_told_one_by_one(void **state)
{
    (void)state;
    receive_rubbish(SUMMARY_BURST);
    assert_int_equal(lines_with("dropped 7 bytes"), SUMMARY_BURST);
    summary_write(rig.engine);
    assert_false(rig_logged(&rig, "more malformed"));
}

enum { FLOOD = 10000 };

static void assert_more_told(uint32_t count)
{
    char line[64];

    snprintf(line, sizeof(line), "dropped %u more malformed datagrams", count);
    assert_true(rig_logged(&rig, line));
}

static void of_a_flood_the_number_is_told(void **state)
{
    (void)state;
    receive_rubbish(FLOOD);
    uint32_t told = (uint32_t)lines_with("dropped 7 bytes");
    assert_in_range(told, SUMMARY_BURST, FLOOD / 2); /* on a slow machine time brings some back */
    assert_int_equal(rig.reports, FLOOD);            /* only the log is spared */
    summary_write(rig.engine);
    assert_more_told(FLOOD - told);
    summary_write(rig.engine);
    assert_int_equal(lines_with("more malformed"), 1);
}

static void what_was_not_told_is_told_at_the_end(void **state)
{
    (void)state;
    receive_rubbish(FLOOD);
    uint32_t told = (uint32_t)lines_with("dropped 7 bytes");
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_more_told(FLOOD - told);
}

/* Well-formed requests that nobody takes are no flood of rubbish. */
static void others_are_not_counted(void **state)
{
    uint8_t packet[300];
    struct datagram datagram = rig_datagram(packet, rig_discover(packet, 1));

    (void)state;
    for (uint32_t i = 0; i < SUMMARY_BURST + 5; i++)
        rig_receive(&rig, &datagram);
    assert_int_equal(lines_with("every provider passed it on"), SUMMARY_BURST + 5);
}

static void time_brings_lines_back(void **state)
{
    struct summary *summary = &rig.engine->summary;
    uint64_t now = 5 * SECOND;
    uint32_t allowed = 0;

    (void)state;
    for (int i = 0; i < SUMMARY_BURST; i++)
        assert_true(summary_allows(summary, now));
    assert_false(summary_allows(summary, now));
    assert_false(summary_allows(summary, now + SECOND / SUMMARY_PER_SECOND - 1));
    assert_true(summary_allows(summary, now + SECOND / SUMMARY_PER_SECOND));
    for (int i = 0; i < 10 * SUMMARY_PER_SECOND; i++) /* twice as many as are allowed */
        allowed += summary_allows(summary, now += SECOND / (2 * SUMMARY_PER_SECOND));
    assert_in_range(allowed, 5 * SUMMARY_PER_SECOND - 1, 5 * SUMMARY_PER_SECOND + 1);
    now += 1000 * (uint64_t)SECOND; /* no more than the burst is saved up */
    for (int i = 0; i < SUMMARY_BURST; i++)
        assert_true(summary_allows(summary, now));
    assert_false(summary_allows(summary, now));
    assert_false(summary_allows(summary, 0)); /* a clock that goes back brings nothing */
}

/* ---- datagrams that were dropped before they were handled ---- */

static void dropped_ones_are_told_once(void **state)
{
    struct intake_counters *dropped = &rig.engine->counters.unhandled;

    (void)state;
    summary_write(rig.engine);
    assert_false(rig_logged(&rig, "dropped unseen"));
    atomic_fetch_add(&dropped->dropped_repeats, 7);
    atomic_fetch_add(&dropped->dropped_others, 5);
    summary_write(rig.engine);
    assert_true(rig_logged(&rig, "12 datagrams dropped unseen, 7 of them sent again since"));
    summary_write(rig.engine);
    assert_int_equal(lines_with("dropped unseen"), 1);
    atomic_fetch_add(&dropped->dropped_others, 1);
    summary_write(rig.engine);
    assert_true(rig_logged(&rig, "1 datagrams dropped unseen, 0 of them"));
}

static void a_start_begins_anew(void **state)
{
    (void)state;
    atomic_fetch_add(&rig.engine->counters.unhandled.dropped_others, 3);
    receive_rubbish(SUMMARY_BURST + 1);
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(atomic_load(&rig.engine->counters.unhandled.dropped_others), 0);
    rig.log_length = 0;
    memset(rig.log, 0, sizeof(rig.log));
    summary_write(rig.engine);
    assert_int_equal(rig.log_length, 0);
    receive_rubbish(SUMMARY_BURST);
    assert_int_equal(lines_with("dropped 7 bytes"), SUMMARY_BURST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SUMMARY_TEST(a_few_are_told_one_by_one),
        SUMMARY_TEST(of_a_flood_the_number_is_told),
        SUMMARY_TEST(what_was_not_told_is_told_at_the_end),
        SUMMARY_TEST(others_are_not_counted),
        SUMMARY_TEST(time_brings_lines_back),
        SUMMARY_TEST(dropped_ones_are_told_once),
        SUMMARY_TEST(a_start_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
