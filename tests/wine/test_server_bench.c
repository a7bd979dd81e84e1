/*
 * The built server without a network: providers that the host names, datagrams that it hands in,
 * replies, reports and times that it gets back.
 */
#include "support/bench_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

#define FILE_1 "boot\\x86\\wdsnbp.com"
#define SOFTWARE_KEY L"Software"
#define TEMPORARY_KEY L"wdspxe-temporary-%lu-" /* the process's number */

enum { FIRST_CONFIG_SIZE = offsetof(WDSPXE_EXT_SERVER_CONFIG, cProviders) };

static volatile LONGLONG clock_now;
static volatile LONG timings;
static ULONGLONG timed_number;

/* ---- more of the host's callbacks ---- */

static ULONGLONG CALLBACK clock_step(PVOID context)
{
    if (context != &rig)
        abort();
    return (ULONGLONG)InterlockedExchangeAdd64(&clock_now, 1000000);
}

static VOID CALLBACK timing_keep(LPCWSTR provider, ULONGLONG number, ULONGLONG nanoseconds,
                                 PVOID context)
{
    if (context != &rig || wcscmp(provider, L"answer") != 0 || nanoseconds == 0)
        abort();
    timed_number = number;
    InterlockedIncrement(&timings);
}

/* Of this process: others may run servers, too, and one that was killed leaves its keys. */
static DWORD temporary_keys(void)
{
    WCHAR name[256];
    WCHAR prefix[64];
    HKEY software;
    DWORD found = 0;

    _snwprintf(prefix, sizeof(prefix) / sizeof(*prefix), TEMPORARY_KEY, GetCurrentProcessId());
    assert_int_equal(RegOpenKeyExW(HKEY_CURRENT_USER, SOFTWARE_KEY, 0, KEY_ENUMERATE_SUB_KEYS,
                                   &software),
                     0);
    for (DWORD i = 0; RegEnumKeyW(software, i, name, 256) == ERROR_SUCCESS; i++)
        found += wcsncmp(name, prefix, wcslen(prefix)) == 0;
    RegCloseKey(software);
    return found;
}

static void assert_address(const PXE_ADDRESS *address, const char *bytes, USHORT port)
{
    assert_int_equal(address->uAddrLen, 4);
    assert_memory_equal(address->bAddress, bytes, 4);
    assert_int_equal(address->uPort, port);
    assert_int_equal(address->uFlags, PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT);
}

/* ---- one exchange ---- */

static void datagram_goes_in_and_reply_comes_out(void **state)
{
    (void)state;
    bench_provider(L"answer", L"prov_answer", NULL);
    rig_start();
    assert_int_equal(rig_logged(MAXDWORD, L"listening"), 0);
    assert_int_equal(bench_discover(0x01020304), ERROR_SUCCESS);
    assert_int_equal(bench.replies, 1);
    const struct bench_reply *kept = &bench.kept[0];
    assert_int_equal(kept->reply.uNumber, BENCH_NUMBER);
    assert_int_equal(wcscmp(kept->provider, L"answer"), 0);
    assert_address(&kept->reply.Local, "\x0a\0\0\x01", 67);
    assert_address(&kept->reply.Remote, "\xff\xff\xff\xff", 68); /* by DHCP's rules */
    assert_int_equal(kept->bytes[0], 2);
    assert_memory_equal(kept->bytes + 4, "\x01\x02\x03\x04", 4);
    assert_string_equal((const char *)kept->bytes + 108, FILE_1);
    struct rig_report report = rig_report(1);
    assert_int_equal(report.number, BENCH_NUMBER);
    assert_int_equal(report.replies, 1);
    assert_int_equal(report.reply_length, kept->reply.uPacketLen);
    assert_int_equal(rig_counters().uReplies, 1);
    rig_stop();
}

static void arrival_is_what_the_host_says(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE] = {0};
    WDSPXE_EXT_DATAGRAM datagram = bench_datagram(request, sizeof(request));

    (void)state;
    bench_provider(L"answer", L"prov_answer", NULL);
    rig_start();
    rig_discover(request, 1, 1);
    datagram.Local.uPort = 4011;
    datagram.Remote.uPort = 5000;
    datagram.bBootServerPort = TRUE;
    datagram.bBroadcast = TRUE;
    assert_int_equal(WdsPxeExtServerReceive(&datagram), ERROR_SUCCESS);
    assert_address(&bench.kept[0].reply.Local, "\x0a\0\0\x01", 4011);
    assert_address(&bench.kept[0].reply.Remote, "\x0a\0\0\x09", 5000); /* to where it came from */
    assert_int_equal(rig_report(1).local.uFlags, PXE_ADDR_USE_ADDR | PXE_ADDR_BROADCAST);
    datagram.uPacketLen = 0;
    assert_int_equal(WdsPxeExtServerReceive(&datagram), ERROR_SUCCESS);
    assert_int_equal(rig_report(2).packet_length, 0);
    rig_stop();
}

static void ipv6_datagram_is_one(void **state)
{
    WDSPXE_EXT_DATAGRAM datagram = bench_datagram("\x01\x00\x00\x01", 4);

    (void)state;
    bench_provider(L"answer", L"prov_answer", NULL);
    rig_start();
    datagram.Local.uAddrLen = datagram.Remote.uAddrLen = 16;
    datagram.bBroadcast = TRUE; /* there is no such thing */
    assert_int_equal(WdsPxeExtServerReceive(&datagram), ERROR_SUCCESS);
    struct rig_report report = rig_report(1);
    assert_int_equal(report.remote.uAddrLen, 16);
    assert_int_equal(report.local.uFlags, PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT);
    assert_int_equal(wcscmp(report.reason, L"no provider takes such packets"), 0);
    rig_stop();
}

static void reply_callback_decides_what_the_provider_is_told(void **state)
{
    (void)state;
    HKEY key = rig_add(L"answer", L"prov_answer", false);
    bench.reply_result = ERROR_NETWORK_UNREACHABLE;
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(rig_counters().uSendErrors, 1);
    rig_stop();
    assert_int_equal(rig_value(key, L"SendResult"), ERROR_NETWORK_UNREACHABLE);
}

static void clock_and_timing_are_the_hosts(void **state)
{
    (void)state;
    bench_provider(L"answer", L"prov_answer", NULL);
    rig.config.pfnClock = clock_step; /* a second goes by with every look at it */
    rig.config.pfnTiming = timing_keep;
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(rig_report(1).microseconds, 1000000);
    assert_int_equal(timings, 1);
    assert_int_equal(timed_number, BENCH_NUMBER);
    rig_stop();
}

/* ---- providers and their keys ---- */

static void registered_providers_run_without_a_network(void **state)
{
    (void)state;
    HKEY key = rig_add(L"registered", L"prov_answer", false);
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(wcscmp(bench.kept[0].provider, L"registered"), 0);
    rig_stop();
    assert_int_equal(rig_value(key, L"Calls"), 1);
}

static void named_provider_gets_the_registered_key_of_its_name(void **state)
{
    (void)state;
    HKEY key = rig_add(L"answer", L"prov_that_is_missing", false);
    bench_provider(L"ANSWER", L"prov_answer", NULL);
    rig_start();
    assert_int_equal(temporary_keys(), 0);
    rig_stop();
    assert_int_equal(rig_value(key, L"Calls"), 0);
}

static void lent_key_stays_the_hosts(void **state)
{
    HKEY key;

    (void)state;
    assert_int_equal(RegCreateKeyExW(HKEY_CURRENT_USER, SOFTWARE_KEY L"\\wdspxe-lent", 0, NULL,
                                     REG_OPTION_VOLATILE, KEY_ALL_ACCESS, NULL, &key, NULL),
                     0);
    rig_set(key, L"Action", PXE_BA_CUSTOM);
    bench_provider(L"answer", L"prov_answer", key);
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(rig_report(1).action, PXE_BA_CUSTOM);
    rig_stop();
    assert_int_equal(rig_value(key, L"Calls"), 1);
    RegCloseKey(key);
    assert_int_equal(RegDeleteKeyW(HKEY_CURRENT_USER, SOFTWARE_KEY L"\\wdspxe-lent"), 0);
}

static void unregistered_provider_gets_a_key_that_goes_away(void **state)
{
    WDSPXE_EXT_PROVIDER two[2];

    (void)state;
    bench_provider(L"no key has \\ in its name", L"prov_reject", NULL);
    two[0] = two[1] = rig.config.pProviders[0];
    two[1].pszName = L"second";
    rig.config.cProviders = 2;
    rig.config.pProviders = two;
    rig_start();
    assert_int_equal(temporary_keys(), 2);
    rig_stop();
    assert_int_equal(temporary_keys(), 0);
}

static void failed_provider_leaves_no_key(void **state)
{
    (void)state;
    bench_provider(L"missing", L"prov_that_is_missing", NULL);
    assert_int_equal(rig_try_start(), 0xc107010c); /* every provider has failed */
    rig_expect_log(PXE_TRACE_ERROR, L"provider missing: its module did not load");
    bench_provider(L"broken", L"prov_fail_init", NULL);
    WDSPXE_EXT_PROVIDER critical = rig.config.pProviders[0];
    critical.bIsCritical = TRUE;
    rig.config.pProviders = &critical;
    assert_int_equal(rig_try_start(), ERROR_FUNCTION_FAILED);
    rig_expect_log(PXE_TRACE_FATAL, L"provider broken: is critical");
    assert_int_equal(temporary_keys(), 0);
}

/* ---- waiting ---- */

static void waits_for_pended_requests(void **state)
{
    (void)state;
    assert_int_equal(WdsPxeExtServerWaitIdle(0), ERROR_INVALID_STATE);
    bench_provider(L"later", L"prov_later", NULL);
    rig_start();
    assert_int_equal(WdsPxeExtServerWaitIdle(0), ERROR_SUCCESS);
    for (uint32_t id = 0; id < 30; id++)
        assert_int_equal(bench_discover(id), ERROR_SUCCESS);
    assert_int_equal(WdsPxeExtServerWaitIdle(BENCH_WAIT), ERROR_SUCCESS);
    assert_int_equal(rig_report_count(), 30);
    assert_int_equal(bench.replies, 30);
    assert_int_equal(rig_counters().uOpenRequests, 0);
    rig_stop();
    assert_int_equal(WdsPxeExtServerWaitIdle(0), ERROR_INVALID_STATE);
}

static void waiting_for_what_is_never_completed_ends(void **state)
{
    (void)state;
    rig_set(rig_add(L"holds", L"prov_later", false), L"Hold", 1);
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(WdsPxeExtServerWaitIdle(0), ERROR_TIMEOUT);
    assert_int_equal(WdsPxeExtServerWaitIdle(30), ERROR_TIMEOUT);
    assert_int_equal(rig_report_count(), 0);
    rig_stop();
}

enum { THREADS = 4, REQUESTS_EACH = 250 };

static DWORD WINAPI receive_many(PVOID failed)
{
    for (uint32_t i = 0; i < REQUESTS_EACH; i++)
        if (bench_discover(i) != ERROR_SUCCESS)
            InterlockedIncrement(failed);
    return 0;
}

static void several_threads_hand_in_at_once(void **state)
{
    HANDLE threads[THREADS];
    LONG failed = 0;

    (void)state;
    bench_provider(L"later", L"prov_later", NULL);
    rig_start();
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, receive_many, &failed, 0, NULL);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(WaitForSingleObject(threads[i], BENCH_WAIT), WAIT_OBJECT_0);
        CloseHandle(threads[i]);
    }
    assert_int_equal(failed, 0);
    assert_int_equal(WdsPxeExtServerWaitIdle(BENCH_WAIT), ERROR_SUCCESS);
    assert_int_equal(bench.replies, THREADS * REQUESTS_EACH);
    assert_int_equal(rig_counters().uAnswered, THREADS * REQUESTS_EACH);
    assert_int_equal(rig_counters().uOpenPackets, 0);
    rig_stop();
}

/* ---- refused ---- */

static void server_is_not_stopped_from_inside(void **state)
{
    (void)state;
    HKEY key = rig_add(L"handles", L"prov_handles", false);
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(rig_value(key, L"StartInside"), ERROR_INVALID_STATE);
    assert_int_equal(rig_value(key, L"StopInside"), ERROR_INVALID_STATE);
    assert_int_equal(rig_value(key, L"ControlInside"), ERROR_INVALID_STATE);
    assert_int_equal(rig_value(key, L"WaitInside"), ERROR_INVALID_STATE);
    rig_stop();
}

static void assert_config_refused(void)
{
    assert_int_equal(rig_try_start(), ERROR_INVALID_PARAMETER);
}

static void configs_that_make_no_sense(void **state)
{
    (void)state;
    bench_provider(L"reject", L"prov_reject", NULL);
    const WDSPXE_EXT_SERVER_CONFIG saved = rig.config;
    rig.config.pfnReply = NULL;
    assert_config_refused();
    rig.config = saved;
    rig.config.uFlags |= 256; /* not known */
    assert_config_refused();
    rig.config = saved;
    rig.config.uFlags |= WDSPXE_EXT_WINSOCK_ONLY | WDSPXE_EXT_NATIVE_ONLY;
    assert_config_refused();
    rig.config = saved;
    rig.config.uFlags |= WDSPXE_EXT_GUARD_PAGES; /* without VERIFY */
    assert_config_refused();
    rig.config = saved;
    rig.config.uFaultPolicy = WDSPXE_EXT_FAULT_UNHANDLED + 1;
    assert_config_refused();
    rig.config = saved;
    rig.config.uSizeOfStruct += 8;
    assert_config_refused();
    rig.config.uSizeOfStruct = FIRST_CONFIG_SIZE - 4;
    assert_config_refused();
    rig.config = saved;
    rig.config.pProviders = NULL;
    assert_config_refused();
    rig.config = saved;
    WDSPXE_EXT_PROVIDER bad[] = {saved.pProviders[0], saved.pProviders[0], saved.pProviders[0],
                                 saved.pProviders[0]};
    bad[0].pszName = L"";
    bad[1].pszName = NULL;
    bad[2].pszPath = L"";
    bad[3].pszPath = NULL;
    for (int i = 0; i < 4; i++) {
        rig.config.pProviders = &bad[i];
        assert_config_refused();
    }
    rig.config = saved;
    rig_start();
    rig_stop();
}

/* A host that was built against version 0.1. */
static void older_host_gets_zeros(void **state)
{
    (void)state;
    rig_set_text(rig_add(L"answer", L"prov_answer", false), L"ReplyMode", L"null");
    rig.config.uSizeOfStruct = FIRST_CONFIG_SIZE;
    rig.config.uFaultPolicy = 99; /* behind the end */
    rig.config.cProviders = 1;
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 1, FILE_1);
    assert_int_equal(rig_report(1).number, 0);
    assert_int_equal(bench_discover(1), ERROR_INVALID_STATE); /* it has a network */
    assert_int_equal(WdsPxeExtServerWaitIdle(BENCH_WAIT), ERROR_SUCCESS);
    rig_stop();
}

static DWORD refusals[4];

/* On a thread that is busy with a request: each of these would wait for it. */
static VOID CALLBACK wait_for_itself(LPCWSTR provider, ULONGLONG number, ULONGLONG nanoseconds,
                                     PVOID context)
{
    (void)provider, (void)number, (void)nanoseconds, (void)context;
    refusals[0] = WdsPxeExtServerWaitIdle(INFINITE);
    refusals[1] = WdsPxeExtServerStop();
    refusals[2] = WdsPxeExtServerControl(128);
    refusals[3] = WdsPxeExtServerStart(&rig.config);
}

static void waiting_inside_a_callback_is_refused(void **state)
{
    (void)state;
    bench_provider(L"answer", L"prov_answer", NULL);
    rig.config.pfnTiming = wait_for_itself;
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(refusals[i], ERROR_INVALID_STATE);
    assert_int_equal(WdsPxeExtServerWaitIdle(BENCH_WAIT), ERROR_SUCCESS);
    rig_stop();
}

static void assert_datagram_refused(const WDSPXE_EXT_DATAGRAM *datagram)
{
    assert_int_equal(WdsPxeExtServerReceive(datagram), ERROR_INVALID_PARAMETER);
}

static void datagrams_that_are_none(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE] = {0};
    const WDSPXE_EXT_DATAGRAM good = bench_datagram(request, sizeof(request));
    WDSPXE_EXT_DATAGRAM datagram = good;

    (void)state;
    rig_discover(request, 1, 1);
    assert_int_equal(WdsPxeExtServerReceive(&good), ERROR_INVALID_STATE);
    bench_provider(L"answer", L"prov_answer", NULL);
    rig_start();
    assert_datagram_refused(NULL);
    datagram.uSizeOfStruct++;
    assert_datagram_refused(&datagram);
    datagram = good;
    datagram.pPacket = NULL;
    assert_datagram_refused(&datagram);
    datagram = good;
    datagram.uPacketLen = 65536;
    assert_datagram_refused(&datagram);
    datagram = good;
    datagram.Local.uAddrLen = datagram.Remote.uAddrLen = 5;
    assert_datagram_refused(&datagram);
    datagram = good;
    datagram.Local.uAddrLen = 16;
    assert_datagram_refused(&datagram);
    assert_int_equal(rig_counters().uReceived, 0);
    assert_int_equal(WdsPxeExtServerReceive(&good), ERROR_SUCCESS);
    assert_int_equal(rig_counters().uReceived, 1);
    rig_stop();
    assert_int_equal(WdsPxeExtServerReceive(&good), ERROR_INVALID_STATE);
}

int main(void)
{
    const struct CMUnitTest server_bench[] = {
        BENCH_TEST(datagram_goes_in_and_reply_comes_out),
        BENCH_TEST(arrival_is_what_the_host_says),
        BENCH_TEST(ipv6_datagram_is_one),
        BENCH_TEST(reply_callback_decides_what_the_provider_is_told),
        BENCH_TEST(clock_and_timing_are_the_hosts),
        BENCH_TEST(waiting_inside_a_callback_is_refused),
        BENCH_TEST(registered_providers_run_without_a_network),
        BENCH_TEST(named_provider_gets_the_registered_key_of_its_name),
        BENCH_TEST(lent_key_stays_the_hosts),
        BENCH_TEST(unregistered_provider_gets_a_key_that_goes_away),
        BENCH_TEST(failed_provider_leaves_no_key),
        BENCH_TEST(waits_for_pended_requests),
        BENCH_TEST(waiting_for_what_is_never_completed_ends),
        BENCH_TEST(several_threads_hand_in_at_once),
        BENCH_TEST(server_is_not_stopped_from_inside),
        BENCH_TEST(configs_that_make_no_sense),
        BENCH_TEST(datagrams_that_are_none),
        RIG_TEST(older_host_gets_zeros),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(server_bench, rig_group_setup, rig_group_teardown);
}
