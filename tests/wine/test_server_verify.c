/*
 * The verifier in the built server: what only Windows has (guard pages, handles of unloaded DLLs,
 * real time), and that findings arrive as wdspxe_ext.h says. The rules: tests/unit/test_verify.c.
 */
#include "support/bench_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

static HKEY start_misuse(USHORT flags, const WCHAR *misuse, DWORD size, LONG offset)
{
    HKEY key = rig_add(L"bad", L"prov_misuse", false);

    rig_set_text(key, L"Misuse", misuse);
    rig_set(key, L"Size", size);
    rig_set(key, L"Offset", (DWORD)offset);
    rig.config.uFlags = (USHORT)(WDSPXE_EXT_NO_NETWORK | flags);
    rig.config.uFaultPolicy = WDSPXE_EXT_FAULT_CONTINUE;
    rig_start();
    return key;
}

static void assert_has(const WCHAR *text, const WCHAR *part)
{
    if (wcsstr(text, part) == NULL)
        fail_msg("\"%S\" is not in \"%S\"", part, text);
}

/* ---- guard pages ---- */

enum { GUARDED = WDSPXE_EXT_VERIFY | WDSPXE_EXT_GUARD_PAGES };

/* It faults where it happens. */
static void assert_caught_at_once(const WCHAR *misuse, DWORD size, LONG offset, ULONG rule,
                                  const WCHAR *text)
{
    (void)start_misuse(GUARDED, misuse, size, offset);
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    const struct bench_finding *found = bench_only_finding(rule);
    assert_has(found->text, text);
    assert_int_equal(wcscmp(found->provider, L"bad"), 0);
    assert_int_equal(wcscmp(found->call, L"PXE_CALLBACK_RECV_REQUEST"), 0);
    assert_int_equal(found->finding.uNumber, BENCH_NUMBER);
    assert_int_equal(found->finding.dwException, EXCEPTION_ACCESS_VIOLATION);
    assert_int_equal(found->record_code, EXCEPTION_ACCESS_VIOLATION);
    assert_non_null(found->finding.pszModule);
    rig_stop();
    assert_int_equal(PxeProviderUnRegister(L"bad"), ERROR_SUCCESS);
    bench.findings = 0;
    memset(bench.found, 0, sizeof(bench.found));
}

static void overrun_faults_where_it_happens(void **state)
{
    (void)state;
    assert_caught_at_once(L"write", 300, 300, WDSPXE_EXT_RULE_PACKET_OVERRUN,
                          L"byte 300 of a packet of 300 bytes was touched at prov_misuse.dll+0x");
    assert_caught_at_once(L"write", 4096, 4096, WDSPXE_EXT_RULE_PACKET_OVERRUN,
                          L"byte 4096 of a packet of 4096 bytes");
    assert_caught_at_once(L"write", 65535, 65536, WDSPXE_EXT_RULE_PACKET_OVERRUN,
                          L"byte 65536 of a packet of 65535 bytes");
    assert_caught_at_once(L"write", 300, -4097, WDSPXE_EXT_RULE_PACKET_OVERRUN,
                          L"byte -4097 of a packet of 300 bytes");
}

static void use_after_free_faults_where_it_happens(void **state)
{
    (void)state;
    assert_caught_at_once(L"write freed", 300, 0, WDSPXE_EXT_RULE_PACKET_USED_AFTER_FREE,
                          L"byte 0 of a freed packet of 300 bytes was touched");
    assert_caught_at_once(L"read freed", 1000, 999, WDSPXE_EXT_RULE_PACKET_USED_AFTER_FREE,
                          L"byte 999 of a freed packet of 1000 bytes was touched");
    assert_caught_at_once(L"append to freed", 300, 0, WDSPXE_EXT_RULE_PACKET_USED_AFTER_FREE,
                          L"byte 240 of a freed packet of 300 bytes was touched at wdspxe.dll");
}

static void assert_caught_at_free(USHORT flags, DWORD size, LONG offset, const WCHAR *text)
{
    (void)start_misuse(flags, L"write", size, offset);
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    const struct bench_finding *found = bench_only_finding(WDSPXE_EXT_RULE_PACKET_OVERRUN);
    assert_has(found->text, text);
    assert_int_equal(wcscmp(found->call, L"PxePacketFree"), 0);
    assert_int_equal(found->finding.dwException, 0);
    rig_stop();
    assert_int_equal(PxeProviderUnRegister(L"bad"), ERROR_SUCCESS);
    bench.findings = 0;
    memset(bench.found, 0, sizeof(bench.found));
}

/* The bytes between a packet's end and the page, and those before it. */
static void marks_around_a_guarded_packet(void **state)
{
    (void)state;
    assert_caught_at_free(GUARDED, 301, 301, L"byte 301 of a packet of 301 bytes was written");
    assert_caught_at_free(GUARDED, 301, 303, L"byte 303 of a packet of 301 bytes was written");
    assert_caught_at_free(GUARDED, 300, -1, L"byte -1 of a packet of 300 bytes was written");
    assert_caught_at_free(GUARDED, 300, -3000, L"byte -3000 of a packet of 300 bytes");
    assert_caught_at_free(WDSPXE_EXT_VERIFY, 300, 300, L"byte 300 of a packet of 300 bytes");
    assert_caught_at_free(WDSPXE_EXT_VERIFY, 300, -1, L"byte -1 of a packet of 300 bytes");
}

static void good_provider_on_guarded_packets(void **state)
{
    (void)state;
    rig_set_text(rig_add(L"answer", L"prov_answer", false), L"ReplyMode", L"null");
    (void)rig_add(L"later", L"prov_later", false);
    rig.config.uFlags |= GUARDED;
    rig_start();
    /* More than are kept after they were freed. */
    for (uint32_t id = 0; id < 3000; id++)
        assert_int_equal(bench_discover(id), ERROR_SUCCESS);
    assert_int_equal(WdsPxeExtServerWaitIdle(BENCH_WAIT), ERROR_SUCCESS);
    assert_int_equal(bench.replies, 3000);
    assert_int_equal(bench.findings, 0);
    rig_stop();
}

static void asynchronous_provider_on_guarded_packets(void **state)
{
    (void)state;
    rig_set(rig_add(L"later", L"prov_later", false), L"Threads", 4);
    rig.config.uFlags |= GUARDED;
    rig_start();
    for (uint32_t id = 0; id < 300; id++)
        assert_int_equal(bench_discover(id), ERROR_SUCCESS);
    assert_int_equal(WdsPxeExtServerWaitIdle(BENCH_WAIT), ERROR_SUCCESS);
    assert_int_equal(bench.replies, 300);
    assert_int_equal(bench.findings, 0);
    rig_stop();
}

/* ---- arguments and handles ---- */

static void arguments_of_exports_without_handle(void **state)
{
    static const WCHAR *const calls[] = {L"PxeDhcpAppendOption", L"PxeDhcpv6IsValid", L"PxeTrace",
                                         L"PxeGetServerInfoEx"};

    (void)state;
    (void)start_misuse(WDSPXE_EXT_VERIFY, L"arguments", 300, 0);
    assert_int_equal(PxeDhcpIsValid(NULL, 0, TRUE, NULL), ERROR_INVALID_PARAMETER); /* not its */
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(bench.findings, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(bench.found[i].finding.uRule, WDSPXE_EXT_RULE_BAD_ARGUMENT);
        assert_int_equal(wcscmp(bench.found[i].call, calls[i]), 0);
        assert_int_equal(wcscmp(bench.found[i].provider, L"bad"), 0);
        assert_int_equal(bench.found[i].finding.uNumber, BENCH_NUMBER);
    }
    rig_stop();
}

static void provider_handle_used_after_shutdown(void **state)
{
    (void)state;
    (void)start_misuse(WDSPXE_EXT_VERIFY, L"late trace", 300, 0);
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(bench.findings, 0);
    rig_stop();
    const struct bench_finding *found = bench_only_finding(WDSPXE_EXT_RULE_STALE_PROVIDER);
    assert_int_equal(wcscmp(found->provider, L"bad"), 0);
    assert_int_equal(wcscmp(found->call, L"PxeTrace"), 0);
}

/* ---- time ---- */

static void slow_callback(void **state)
{
    (void)state;
    rig.config.uSlowCallback = 20;
    (void)start_misuse(WDSPXE_EXT_VERIFY, L"sleep", 300, 100);
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_has(bench_finding(WDSPXE_EXT_RULE_SLOW_CALLBACK)->text, L"allowed are 20 ms");
    assert_int_equal(wcscmp(bench_finding(WDSPXE_EXT_RULE_SLOW_CALLBACK)->call,
                            L"PXE_CALLBACK_RECV_REQUEST"),
                     0);
    rig_stop();
}

static ULONGLONG CALLBACK clock_that_stands(PVOID context)
{
    (void)context;
    return 5;
}

static void pended_request_is_found_while_waiting(void **state)
{
    (void)state;
    rig.config.uPendTimeout = 300;
    rig.config.pfnClock = clock_that_stands; /* real time counts */
    (void)start_misuse(WDSPXE_EXT_VERIFY, L"pend", 300, 0);
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(WdsPxeExtServerWaitIdle(300), ERROR_TIMEOUT);
    const struct bench_finding *found = bench_only_finding(WDSPXE_EXT_RULE_NEVER_COMPLETED);
    assert_int_equal(found->finding.uNumber, BENCH_NUMBER);
    assert_int_equal(found->finding.uPacketLen, RIG_REQUEST_SIZE);
    assert_has(found->text, L"pended for more than 300 ms");
    rig_stop();
    assert_int_equal(bench.findings, 1);
}

static void pended_request_is_found_while_nobody_waits(void **state)
{
    ULONGLONG end = GetTickCount64() + BENCH_WAIT;

    (void)state;
    rig.config.uPendTimeout = 1;
    (void)start_misuse(WDSPXE_EXT_VERIFY, L"pend", 300, 0);
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    while (bench.findings == 0 && GetTickCount64() < end)
        Sleep(10);
    rig_stop();
    (void)bench_only_finding(WDSPXE_EXT_RULE_NEVER_COMPLETED);
}

/* ---- where findings go ---- */

static void without_a_listener_they_are_logged(void **state)
{
    (void)state;
    rig.config.pfnFinding = NULL;
    rig_set(rig_add(L"leaks", L"prov_leak", false), L"Overrun", 1);
    rig.config.uFlags |= WDSPXE_EXT_VERIFY;
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    rig_expect_log(PXE_TRACE_WARNING, L"rule packet-leaked broken: provider leaks, "
                                      L"PXE_CALLBACK_RECV_REQUEST, datagram 4711: 3 packet(s)");
    rig_expect_log(PXE_TRACE_WARNING, L"rule packet-overrun broken: provider leaks");
    rig_stop();
}

static void without_the_flag_nothing_is_found(void **state)
{
    (void)state;
    (void)rig_add(L"leaks", L"prov_leak", false);
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(bench.findings, 0);
    assert_int_equal(rig_logged(MAXDWORD, L"broken"), 0);
    rig_stop();
}

static void misuse_of_every_handle_is_found(void **state)
{
    (void)state;
    (void)rig_add(L"handles", L"prov_handles", false);
    rig.config.uFlags |= WDSPXE_EXT_VERIFY;
    rig_start();
    for (uint32_t id = 0; id < 3; id++)
        assert_int_equal(bench_discover(id), ERROR_SUCCESS);
    assert_int_equal(WdsPxeExtServerWaitIdle(BENCH_WAIT), ERROR_SUCCESS);
    rig_stop();
    assert_true(bench_finding_count(WDSPXE_EXT_RULE_PACKET_FREED_TWICE) >= 2);
    assert_true(bench_finding_count(WDSPXE_EXT_RULE_PACKET_FOREIGN) >= 3);
    assert_true(bench_finding_count(WDSPXE_EXT_RULE_SENT_AFTER_END) >= 3);
    assert_true(bench_finding_count(WDSPXE_EXT_RULE_COMPLETED_TWICE) >= 3);
    assert_true(bench_finding_count(WDSPXE_EXT_RULE_ADDRESS_FLAGS) == 2);
    assert_true(bench_finding_count(WDSPXE_EXT_RULE_BAD_ACTION) >= 2);
    assert_true(bench_finding_count(WDSPXE_EXT_RULE_BAD_ARGUMENT) >= 10);
    assert_int_equal(bench_finding_count(WDSPXE_EXT_RULE_PENDED_AND_DONE), 1);
}

/* ---- a host that waits where it is told something ---- */

/* How often each callback waited for the server to be idle, which would be to wait for itself. */
static struct {
    volatile LONG log, request, reply, finding;
    volatile LONG other_results;
} waited;

static void wait_inside(volatile LONG *count)
{
    InterlockedIncrement(count);
    if (WdsPxeExtServerWaitIdle(BENCH_WAIT) != ERROR_INVALID_STATE)
        InterlockedIncrement(&waited.other_results);
}

static VOID CALLBACK log_waits(PXE_SEVERITY severity, LPCWSTR line, PVOID context)
{
    (void)severity, (void)line, (void)context;
    wait_inside(&waited.log);
}

static VOID CALLBACK request_waits(const WDSPXE_EXT_REQUEST *request, PVOID context)
{
    (void)request, (void)context;
    wait_inside(&waited.request);
}

static DWORD CALLBACK reply_waits(const WDSPXE_EXT_REPLY *reply, PVOID context)
{
    (void)reply, (void)context;
    wait_inside(&waited.reply);
    return ERROR_SUCCESS;
}

static VOID CALLBACK finding_waits(const WDSPXE_EXT_FINDING *finding, PVOID context)
{
    (void)finding, (void)context;
    wait_inside(&waited.finding);
}

static void no_host_callback_waits_for_itself(void **state)
{
    (void)state;
    rig.config.pfnLog = log_waits;
    rig.config.pfnRequest = request_waits;
    rig.config.pfnReply = reply_waits;
    rig.config.pfnFinding = finding_waits;
    rig_set_text(rig_add(L"answer", L"prov_answer", false), L"ReplyMode", L"null");
    HKEY key = rig_add(L"bad", L"prov_misuse", false);
    rig_set_text(key, L"Misuse", L"write");
    rig_set(key, L"Size", 300);
    rig_set(key, L"Offset", 300);
    assert_int_equal(WdsPxeExtProviderMove(L"bad", 0), ERROR_SUCCESS);
    rig.config.uFlags = WDSPXE_EXT_NO_NETWORK | WDSPXE_EXT_VERIFY;
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(WdsPxeExtServerWaitIdle(BENCH_WAIT), ERROR_SUCCESS);
    rig_stop();
    assert_true(waited.log > 0 && waited.request > 0 && waited.reply > 0 && waited.finding > 0);
    assert_int_equal(waited.other_results, 0);
}

int main(void)
{
    const struct CMUnitTest server_verify[] = {
        BENCH_TEST(overrun_faults_where_it_happens),
        BENCH_TEST(use_after_free_faults_where_it_happens),
        BENCH_TEST(marks_around_a_guarded_packet),
        BENCH_TEST(good_provider_on_guarded_packets),
        BENCH_TEST(asynchronous_provider_on_guarded_packets),
        BENCH_TEST(arguments_of_exports_without_handle),
        BENCH_TEST(provider_handle_used_after_shutdown),
        BENCH_TEST(slow_callback),
        BENCH_TEST(pended_request_is_found_while_waiting),
        BENCH_TEST(pended_request_is_found_while_nobody_waits),
        BENCH_TEST(without_a_listener_they_are_logged),
        BENCH_TEST(without_the_flag_nothing_is_found),
        BENCH_TEST(misuse_of_every_handle_is_found),
        BENCH_TEST(no_host_callback_waits_for_itself),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(server_verify, rig_group_setup, rig_group_teardown);
}
