/*
 * More datagrams than the providers can handle: what waits is bounded, what is dropped is told and
 * counted, and whoever can be served is served.
 */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

enum {
    SLOW_MAC = 0xee,   /* the last byte of those that prov_slow takes */
    PATIENCE = 120000, /* milliseconds for what takes seconds on an idle machine */
};

static void send_slow(uint32_t id)
{
    uint8_t request[RIG_REQUEST_SIZE];

    rig_discover(request, id, SLOW_MAC);
    rig_send(rig.dhcp_port, request, sizeof(request));
}

static uint32_t reply_id(const uint8_t *reply)
{
    uint32_t id;
    memcpy(&id, reply + 4, sizeof(id));
    return ntohl(id);
}

/* All threads that the server had end with it: nothing here needs a CPU. However busy the
 * machine, it cannot give more time to a process than has passed. */
static void assert_at_rest(void)
{
    enum { SAMPLE = 1000, MOST = 500 }; /* milliseconds */
    FILETIME created, ended;
    ULARGE_INTEGER kernel, user;
    ULONGLONG used[2];

    for (int i = 0; i < 2; i++) {
        assert_true(GetProcessTimes(GetCurrentProcess(), &created, &ended, (FILETIME *)&kernel,
                                    (FILETIME *)&user));
        used[i] = (kernel.QuadPart + user.QuadPart) / 10000;
        if (i == 0)
            Sleep(SAMPLE);
    }
    assert_in_range(used[1] - used[0], 0, MOST);
}

/* ---- slow providers ---- */

/* The window keeps what is on its way within the buffers of Wine's sockets. */
static void a_slow_provider_is_called_on_many_threads(void **state)
{
    enum { MANY = 1500, WINDOW = 100, DURATION = 60 };
    static uint8_t answers[MANY];
    uint8_t reply[1024];
    uint32_t sent = 0, received = 0;

    (void)state;
    HKEY key = rig_add(L"slow", L"prov_slow", true);
    rig_set(key, L"Milliseconds", DURATION);
    rig.config.pfnLog = NULL;
    rig_start();
    memset(answers, 0, sizeof(answers));
    while (received < MANY) {
        for (; sent < MANY && sent - received < WINDOW; sent++)
            send_slow(sent);
        assert_true(rig_receive_on(rig.client, reply, sizeof(reply), PATIENCE) > 240);
        uint32_t id = reply_id(reply);
        assert_in_range(id, 0, MANY - 1);
        assert_int_equal(answers[id]++, 0);
        received++;
    }
    rig_wait_idle();
    WDSPXE_EXT_COUNTERS counters = rig_counters();
    assert_int_equal(counters.uAnswered, MANY);
    assert_int_equal(counters.uUnseenRepeats + counters.uUnseenOthers, 0);
    rig_stop();
    assert_at_rest();
    assert_true(rig_value(key, L"Most") >= 8);
}

/* ---- the queue ---- */

/* All that can be called are stuck in a callback; one client asks again and again. */
static void the_queue_is_bounded_and_says_what_it_dropped(void **state)
{
    WDSPXE_EXT_COUNTERS counters = {0};
    ULONGLONG end = GetTickCount64() + PATIENCE;

    (void)state;
    rig_set(rig_add(L"slow", L"prov_slow", true), L"Milliseconds", 4000);
    rig.config.uStopTimeout = PATIENCE;
    rig_start();
    for (uint32_t id = 0; id < 300; id++)
        send_slow(id);
    while (counters.uUnseenRepeats < 500 && GetTickCount64() < end) {
        for (int i = 0; i < 50; i++)
            send_slow(1000);
        Sleep(1); /* let it drain its socket: it is not to be the system that drops */
        counters = rig_counters();
    }
    assert_true(counters.uUnseenRepeats >= 500);
    assert_int_equal(counters.uUnseenOthers, 0);
    while (rig_logged(PXE_TRACE_WARNING, L"more came in than could be handled") == 0 &&
           GetTickCount64() < end)
        Sleep(50);
    rig_expect_log(PXE_TRACE_WARNING, L"more came in than could be handled: ");
    rig_stop();
    assert_at_rest();
    /* Each line tells what was dropped since the one before, and not more than one a second. */
    counters = rig_counters();
    assert_int_equal(rig_log_sum(L"more came in than could be handled: %I64u"),
                     counters.uUnseenRepeats + counters.uUnseenOthers);
}

/* ---- rubbish ---- */

static void a_flood_of_rubbish_does_not_fill_the_log(void **state)
{
    enum { FLOOD = 3000 };

    (void)state;
    rig_set(rig_add(L"dhcp only", L"prov_reject", true), L"Filter", PXE_PROV_FILTER_DHCP_ONLY);
    rig_start();
    ULONGLONG begin = GetTickCount64();
    for (size_t i = 0; i < FLOOD; i++) {
        rig_send(rig.dhcp_port, "rubbish", 7);
        if (i % 50 == 49)
            (void)rig_report(i + 1);
    }
    rig_stop();
    uint64_t seconds = (GetTickCount64() - begin) / 1000 + 1;
    uint64_t lines = rig_log_count(L"dropped 7 bytes");
    assert_in_range(lines, 25, 25 + 10 * seconds); /* log_budget.h */
    assert_int_equal(rig_counters().uDropped, FLOOD);
    assert_int_equal(lines + rig_log_sum(L"left out the lines of %I64u more requests"), FLOOD);
}

int main(void)
{
    const struct CMUnitTest server_burst[] = {
        RIG_TEST(a_slow_provider_is_called_on_many_threads),
        RIG_TEST(the_queue_is_bounded_and_says_what_it_dropped),
        RIG_TEST(a_flood_of_rubbish_does_not_fill_the_log),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(server_burst, rig_group_setup, rig_group_teardown);
}
