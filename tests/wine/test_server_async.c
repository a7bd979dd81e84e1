/*
 * Many requests at once through the built server: providers that answer later from threads of their
 * own, that are slow, that forget their packets, that are stopped in the middle of it.
 */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

#define FILE_1 "boot\\x86\\wdsnbp.com"
#define FILE_2 "second.0"

enum { MANY = 2000, WINDOW = 32, SLOW = 2000 /* milliseconds */ };

static uint32_t reply_id(const uint8_t *reply)
{
    uint32_t id;
    memcpy(&id, reply + 4, sizeof(id));
    return ntohl(id);
}

/* Sends MANY requests with ids from `first`, no more than WINDOW without a reply, and notes which
 * were answered: each must be, once. The provider looks at the id's bytes as they lie in memory. */
static void exchange_many(uint32_t first, uint8_t answers[MANY])
{
    uint8_t request[RIG_REQUEST_SIZE], reply[1024];
    uint32_t sent = 0, received = 0;

    while (received < MANY) {
        while (sent < MANY && sent - received < WINDOW) {
            rig_discover(request, first + sent, (uint8_t)sent);
            rig_send(sent % 2 ? rig.dhcp_port : rig.boot_port, request, sizeof(request));
            sent++;
        }
        assert_true(rig_receive(reply, sizeof(reply)) > 240);
        uint32_t index = reply_id(reply) - first;
        assert_in_range(index, 0, MANY - 1);
        assert_int_equal(answers[index], 0);
        answers[index]++;
        received++;
    }
}

static void each_of_many_is_answered_once(void **state)
{
    static uint8_t answers[MANY];
    uint8_t reply[1024];

    (void)state;
    HKEY key = rig_add(L"later", L"prov_later", true);
    rig_set(key, L"Threads", 4);
    rig_start();
    memset(answers, 0, sizeof(answers));
    exchange_many(0x10000, answers);
    rig_wait_idle();
    assert_int_equal(rig_receive_on(rig.client, reply, sizeof(reply), 200), 0);
    WDSPXE_EXT_COUNTERS counters = rig_counters();
    assert_int_equal(counters.uReceived, MANY);
    assert_int_equal(counters.uAnswered, MANY);
    assert_int_equal(counters.uReplies, MANY);
    assert_int_equal(counters.uDropped, 0);
    assert_int_equal(counters.uSendErrors, 0);
    assert_int_equal(counters.uReclaimed, 0);
    struct rig_report last = rig_report(MANY);
    assert_int_equal(last.action, PXE_BA_NBP);
    rig_stop();
    assert_int_equal(rig_value(key, L"Calls"), MANY);
    assert_int_equal(rig_value(key, L"Failures"), 0);
    assert_true(rig_value(key, L"Early") > MANY / 4); /* completed inside the callback */
    assert_int_equal(rig_report_count(), MANY);
}

static void many_are_passed_on_by_another_thread(void **state)
{
    static uint8_t answers[MANY];

    (void)state;
    HKEY key = rig_add(L"later", L"prov_later", true);
    rig_set(key, L"Threads", 4);
    rig_set(key, L"Action", PXE_BA_REJECTED); /* answers, and passes on all the same */
    rig_set_text(rig_add(L"silent", L"prov_answer", false), L"ReplyMode", L"none");
    rig_start();
    memset(answers, 0, sizeof(answers));
    exchange_many(0x20000, answers);
    (void)rig_report(MANY);
    rig_wait_idle();
    rig_stop();
    assert_int_equal(rig_value(key, L"Failures"), 0);
    assert_int_equal(rig_counters().uAnswered, MANY);
}

static void rejecting_later_asks_the_next_on_a_server_thread(void **state)
{
    (void)state;
    HKEY later = rig_add(L"later", L"prov_later", false);
    rig_set(later, L"Threads", 1);
    rig_set(later, L"Action", PXE_BA_REJECTED);
    HKEY next = rig_add(L"next", L"prov_answer", false);
    rig_set_text(next, L"ReplyMode", L"null");
    rig_set(next, L"Second", 1);
    rig_start();
    uint8_t request[RIG_REQUEST_SIZE], reply[1024];
    /* The provider takes the id in host order of the machine: 1 modulo 3 is "after". */
    rig_discover(request, 0x01000000, 1);
    rig_send(rig.dhcp_port, request, sizeof(request));
    (void)rig_receive(reply, sizeof(reply));
    assert_string_equal((char *)reply + 108, FILE_1);
    (void)rig_receive(reply, sizeof(reply));
    assert_string_equal((char *)reply + 108, FILE_2);
    struct rig_report report = rig_report(1);
    assert_int_equal(wcscmp(report.provider, L"next"), 0);
    rig_stop();
    assert_int_not_equal(rig_value(later, L"Worker"), rig_value(next, L"Thread"));
}

/* It hangs on a thread of the pool's, which is none of the network's, and no further request comes.
 */
static void callback_that_hangs_elsewhere_is_told(void **state)
{
    HANDLE go = CreateEventW(NULL, TRUE, FALSE, L"wdspxe-test-slow-go");
    HANDLE back = CreateEventW(NULL, TRUE, FALSE, L"wdspxe-test-slow-back");
    uint8_t request[RIG_REQUEST_SIZE], reply[1024];

    (void)state;
    assert_true(go != NULL && back != NULL);
    HKEY later = rig_add(L"later", L"prov_later", false);
    rig_set(later, L"Threads", 1);
    rig_set(later, L"Action", PXE_BA_REJECTED);
    HKEY hangs = rig_add(L"hangs", L"prov_slow", false);
    rig_set(hangs, L"WaitForEvent", 1);
    rig_start();
    rig_discover(request, 0x01000000, 0xee);
    rig_send(rig.dhcp_port, request, sizeof(request));
    (void)rig_receive(reply, sizeof(reply)); /* the first provider's */
    rig_await_log(PXE_TRACE_ERROR, L"provider hangs: holds 1 thread(s)");
    SetEvent(go);
    rig_await_log(PXE_TRACE_WARNING, L"provider hangs: its receive callbacks return again");
    rig_stop();
    ResetEvent(go); /* the provider has left it open, for the next test */
    ResetEvent(back);
    CloseHandle(go);
    CloseHandle(back);
}

static void slow_provider_does_not_delay_others(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE], reply[1024];
    USHORT slow_port;
    SOCKET fast = rig.client, slow = rig_socket(&slow_port);

    (void)state;
    (void)rig_add(L"slow", L"prov_slow", false);
    rig_set_text(rig_add(L"fast", L"prov_answer", false), L"ReplyMode", L"null");
    rig_start();
    ULONGLONG begin = GetTickCount64();
    rig.client = slow;
    for (uint32_t i = 0; i < 4; i++) {
        rig_discover(request, 0x900 + i, 0xee);
        rig_send(rig.dhcp_port, request, sizeof(request));
    }
    rig.client = fast;
    for (uint32_t i = 0; i < 20; i++)
        (void)rig_exchange(rig.dhcp_port, i, FILE_1);
    ULONGLONG fast_time = GetTickCount64() - begin;
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(rig_receive_on(slow, reply, sizeof(reply), RIG_WAIT) > 0);
        assert_string_equal((char *)reply + 108, FILE_2);
    }
    ULONGLONG slow_time = GetTickCount64() - begin;
    assert_true(slow_time >= SLOW - 100);
    assert_true(slow_time < 3 * SLOW); /* not one after the other, which takes 4 */
    assert_true(fast_time < SLOW - 500);
    rig_wait_idle();
    rig_stop();
    closesocket(slow);
}

static void forgotten_packets_are_reclaimed(void **state)
{
    (void)state;
    HKEY key = rig_add(L"leaks", L"prov_leak", true);
    rig_start();
    for (uint32_t i = 0; i < 50; i++)
        (void)rig_exchange(rig.dhcp_port, i, FILE_1);
    (void)rig_report(50);
    rig_wait_idle();
    assert_int_equal(rig_counters().uReclaimed, 150);
    rig_expect_log(PXE_TRACE_WARNING,
                   L"provider leaks: left 3 packet(s) of a request unfreed; reclaimed");
    assert_int_equal(rig_logged(PXE_TRACE_ERROR, L"past the end"), 0);
    rig_stop();
    rig_set(key, L"Overrun", 1);
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 60, FILE_1);
    (void)rig_report(51);
    rig_expect_log(PXE_TRACE_ERROR, L"provider leaks: wrote past the end of a packet of 300 bytes");
    rig_stop();
}

/* ---- stopping ---- */

/* Waits until a callback of prov_slow runs. A request is open a little earlier. */
static void wait_inside(HKEY slow)
{
    for (int i = 0; i < 3000 && !rig_has_value(slow, L"Inside"); i++)
        Sleep(10);
    assert_true(rig_has_value(slow, L"Inside"));
}

static void pended_requests_are_dropped_after_shutdown(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE], reply[1024];

    (void)state;
    HKEY key = rig_add(L"holds", L"prov_later", true);
    rig_set(key, L"Hold", 1);
    rig_start();
    for (uint32_t i = 0; i < 5; i++) {
        rig_discover(request, i, 1);
        rig_send(i % 2 ? rig.dhcp_port : rig.boot_port, request, sizeof(request));
    }
    for (int i = 0; i < 3000 && rig_counters().uOpenPackets < 5; i++)
        Sleep(10);
    assert_int_equal(rig_counters().uOpenRequests, 5);
    assert_int_equal(rig_counters().uOpenPackets, 5);
    assert_int_equal(rig_report_count(), 0);
    rig_stop();
    /* In its shutdown callback the provider can still send and complete. */
    assert_int_equal(rig_value(key, L"SendInShutdown"), ERROR_SUCCESS);
    assert_int_equal(rig_value(key, L"DoneInShutdown"), ERROR_SUCCESS);
    assert_true(rig_receive(reply, sizeof(reply)) > 240);
    assert_int_equal(rig_report(1).action, PXE_BA_NBP);
    for (size_t i = 2; i <= 5; i++) {
        struct rig_report report = rig_report(i);
        assert_int_equal(report.action, PXE_BA_REJECTED);
        assert_int_equal(wcscmp(report.reason, L"the server is stopping"), 0);
    }
    assert_int_equal(rig_report_count(), 5);
    assert_true(rig_logged_last(MAXDWORD, L"[holds] in shutdown") <
                rig_logged(MAXDWORD, L"the server is stopping"));
    assert_int_equal(rig_counters().uOpenRequests, 0);
    assert_int_equal(rig_counters().uOpenPackets, 0);
    rig_set(key, L"Hold", 0);
    rig_start(); /* and it serves again */
    (void)rig_exchange(rig.dhcp_port, 100, FILE_1);
    rig_stop();
}

static void stop_waits_for_a_running_callback(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE], reply[1024];

    (void)state;
    HKEY slow = rig_add(L"slow", L"prov_slow", true);
    rig_set(slow, L"Milliseconds", 700);
    rig_start();
    rig_discover(request, 1, 0xee);
    rig_send(rig.dhcp_port, request, sizeof(request));
    wait_inside(slow);
    rig_stop();
    assert_true(rig_receive(reply, sizeof(reply)) > 0);
    assert_int_equal(rig_report(1).action, PXE_BA_NBP);
    rig_expect_log(PXE_TRACE_INFO, L"[slow] in shutdown");
}

static void stop_gives_up_on_a_callback_that_hangs(void **state)
{
    HANDLE go = CreateEventW(NULL, TRUE, FALSE, L"wdspxe-test-slow-go");
    HANDLE back = CreateEventW(NULL, TRUE, FALSE, L"wdspxe-test-slow-back");
    uint8_t request[RIG_REQUEST_SIZE];

    (void)state;
    assert_true(go != NULL && back != NULL);
    HKEY good = rig_add(L"good", L"prov_control", false);
    HKEY hangs = rig_add(L"hangs", L"prov_slow", true);
    rig_set(hangs, L"WaitForEvent", 1);
    rig.config.uStopTimeout = 200;
    rig_start();
    rig_discover(request, 1, 0xee);
    rig_send(rig.dhcp_port, request, sizeof(request));
    wait_inside(hangs);
    /* The callback comes back when we say so, and that is later. */
    assert_int_equal(WdsPxeExtServerStop(), ERROR_TIMEOUT);
    assert_int_equal(WaitForSingleObject(back, 0), WAIT_TIMEOUT);
    rig_expect_log(PXE_TRACE_ERROR, L"callbacks are still running after 200 ms");
    rig_expect_log(PXE_TRACE_ERROR, L"provider hangs: a receive callback has not returned");
    assert_int_equal(rig_value(good, L"Shutdown"), 1);
    assert_int_equal(rig_logged(MAXDWORD, L"[hangs] in shutdown"), 0);
    assert_int_equal(WdsPxeExtServerStop(), ERROR_INVALID_STATE);
    SetEvent(go); /* the callback comes back to a server that is gone */
    assert_int_equal(WaitForSingleObject(back, RIG_WAIT), WAIT_OBJECT_0);
    rig_wait_idle();
    CloseHandle(go);
    CloseHandle(back);
    assert_int_equal(PxeProviderUnRegister(L"hangs"), ERROR_SUCCESS);
    rig_set_text(rig_add(L"other", L"prov_answer", true), L"ReplyMode", L"null");
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 3, FILE_1);
    rig_stop();
}

static volatile LONG sending;

static DWORD WINAPI send_all_the_time(PVOID argument)
{
    uint8_t request[RIG_REQUEST_SIZE];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(rig.dhcp_port)};

    (void)argument;
    to.sin_addr.s_addr = htonl(0x7f000001);
    rig_discover(request, 7, 1);
    while (sending) {
        sendto(rig.client, (const char *)request, sizeof(request), 0, (struct sockaddr *)&to,
               sizeof(to));
        Sleep(0);
    }
    return 0;
}

static void stops_under_load(void **state)
{
    (void)state;
    rig_set(rig_add(L"later", L"prov_later", false), L"Threads", 3);
    sending = 1;
    HANDLE sender = CreateThread(NULL, 0, send_all_the_time, NULL, 0, NULL);
    assert_non_null(sender);
    for (int i = 0; i < 5; i++) {
        rig_start();
        for (int j = 0; j < 3000 && rig_counters().uReceived < 50; j++)
            Sleep(10);
        rig_stop();
        WDSPXE_EXT_COUNTERS counters = rig_counters();
        assert_true(counters.uReceived > 0);
        assert_int_equal(counters.uOpenRequests, 0);
        assert_int_equal(counters.uOpenPackets, 0);
        assert_int_equal(counters.uReceived,
                         counters.uAnswered + counters.uIgnored + counters.uDropped);
    }
    InterlockedExchange(&sending, 0);
    WaitForSingleObject(sender, INFINITE);
    CloseHandle(sender);
}

int main(void)
{
    const struct CMUnitTest server_async[] = {
        RIG_TEST(each_of_many_is_answered_once),
        RIG_TEST(many_are_passed_on_by_another_thread),
        RIG_TEST(rejecting_later_asks_the_next_on_a_server_thread),
        RIG_TEST(callback_that_hangs_elsewhere_is_told),
        RIG_TEST(slow_provider_does_not_delay_others),
        RIG_TEST(forgotten_packets_are_reclaimed),
        RIG_TEST(pended_requests_are_dropped_after_shutdown),
        RIG_TEST(stop_waits_for_a_running_callback),
        RIG_TEST(stop_gives_up_on_a_callback_that_hangs),
        RIG_TEST(stops_under_load),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(server_async, rig_group_setup, rig_group_teardown);
}
