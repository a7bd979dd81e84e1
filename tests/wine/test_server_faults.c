/*
 * Exceptions that leave a provider's callback, in the built server: each kind is contained and
 * told, nothing is lost, and the server goes on or stops as the policy says.
 */
#include "support/bench_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "providers/fault.h"
#include "support/child_process.h"
#include "support/wdspxe_key.h"

static HKEY add_fault(enum fault fault, DWORD in)
{
    HKEY key = rig_add(L"crashes", L"prov_fault", false);

    rig_set(key, L"Fault", fault);
    rig_set(key, L"In", in);
    return key;
}

static LONG CALLBACK exit_with_its_code(EXCEPTION_POINTERS *pointers)
{
    ExitProcess(pointers->ExceptionRecord->ExceptionCode);
}

static void assert_nothing_held(void)
{
    assert_int_equal(WdsPxeExtServerWaitIdle(0), ERROR_SUCCESS);
    assert_int_equal(rig_counters().uOpenRequests, 0);
    assert_int_equal(rig_counters().uOpenPackets, 0);
}

/* ---- kinds ---- */

static const struct bench_finding *fault_in_receive(enum fault fault, DWORD code,
                                                    const WCHAR *words, const WCHAR *module)
{
    WCHAR expected[128];

    (void)add_fault(fault, PXE_CALLBACK_RECV_REQUEST);
    rig.config.uFaultPolicy = WDSPXE_EXT_FAULT_CONTINUE;
    rig_start();
    for (uint32_t id = 0; id < 3; id++)
        assert_int_equal(bench_discover(id), ERROR_SUCCESS);
    assert_int_equal(bench.findings, 3);
    const struct bench_finding *found = &bench.found[2];
    assert_int_equal(found->finding.uRule, WDSPXE_EXT_RULE_FAULT);
    assert_int_equal(wcscmp(found->rule, L"fault"), 0);
    assert_int_equal(wcscmp(found->provider, L"crashes"), 0);
    assert_int_equal(wcscmp(found->call, L"PXE_CALLBACK_RECV_REQUEST"), 0);
    assert_int_equal(found->finding.uNumber, BENCH_NUMBER);
    assert_int_equal(found->finding.uPacketLen, RIG_REQUEST_SIZE);
    assert_int_equal(found->first_byte, 1);
    assert_int_equal(found->finding.dwException, code);
    assert_int_equal(found->record_code, code);
    assert_true(module == NULL || _wcsicmp(found->module, module) == 0);
    _snwprintf(expected, 128, L"exception 0x%08lx (%ls", code, words);
    assert_int_equal(wcsncmp(found->text, expected, wcslen(expected)), 0);
    rig_expect_log(PXE_TRACE_ERROR, L"in PXE_CALLBACK_RECV_REQUEST, datagram 4711");
    struct rig_report report = rig_report(3);
    assert_true(report.has_reason);
    assert_int_equal(wcscmp(report.reason, L"an exception left a provider's callback"), 0);
    assert_int_equal(report.action, PXE_BA_REJECTED);
    assert_int_equal(wcscmp(report.provider, L"crashes"), 0);
    assert_int_equal(rig_counters().uReclaimed, fault == FAULT_WILD_POINTER ? 6 : 3);
    assert_nothing_held();
    rig_stop();
    return found;
}

static void access_violation_reading(void **state)
{
    (void)state;
    const struct bench_finding *found =
        fault_in_receive(FAULT_READ, EXCEPTION_ACCESS_VIOLATION,
                         L"access violation reading 0x10) at prov_fault.dll+0x", L"prov_fault.dll");
    assert_in_range(found->finding.uOffset, 0x1000, 0x10000);
    assert_true(found->finding.uAddress > found->finding.uOffset);
}

static void access_violation_writing(void **state)
{
    (void)state;
    (void)fault_in_receive(FAULT_WRITE, EXCEPTION_ACCESS_VIOLATION,
                           L"access violation writing 0x10) at prov_fault.dll+0x",
                           L"prov_fault.dll");
}

static void jump_to_nowhere(void **state)
{
    (void)state;
    const struct bench_finding *found =
        fault_in_receive(FAULT_JUMP, EXCEPTION_ACCESS_VIOLATION, L"access violation", NULL);
    assert_null(found->finding.pszModule);
    assert_int_equal(found->finding.uAddress, 16);
}

static void illegal_instruction(void **state)
{
    (void)state;
    (void)fault_in_receive(FAULT_ILLEGAL, EXCEPTION_ILLEGAL_INSTRUCTION,
                           L"illegal instruction) at prov_fault.dll+0x", L"prov_fault.dll");
}

static void division_by_zero(void **state)
{
    (void)state;
    (void)fault_in_receive(FAULT_DIVIDE, EXCEPTION_INT_DIVIDE_BY_ZERO,
                           L"division by zero) at prov_fault.dll+0x", L"prov_fault.dll");
}

static void cpp_exception(void **state)
{
    (void)state;
    (void)fault_in_receive(FAULT_CPP, 0xe06d7363, L"C++ exception)", NULL);
}

#ifdef __x86_64__
/* g++ unwinds by itself on x86, past every handler: there it ends the process. */
static void cpp_exception_of_gcc(void **state)
{
    (void)state;
    (void)rig_add(L"throws", L"throwprovider", false);
    rig.config.uFaultPolicy = WDSPXE_EXT_FAULT_CONTINUE;
    rig_start();
    for (uint32_t id = 0; id < 3; id++)
        assert_int_equal(bench_discover(id), ERROR_SUCCESS);
    assert_int_equal(bench.findings, 3);
    assert_non_null(wcsstr(bench.found[0].text, L"(C++ exception)"));
    assert_int_equal(rig_counters().uOpenPackets, 0);
    assert_int_equal(rig_counters().uReclaimed, 0); /* its destructors have freed them */
    assert_nothing_held();
    rig_stop();
}
#endif

static void stack_overflow(void **state)
{
    (void)state;
    (void)fault_in_receive(FAULT_STACK, EXCEPTION_STACK_OVERFLOW, L"stack overflow)",
                           L"prov_fault.dll");
}

static void wild_pointer_given_to_an_export(void **state)
{
    (void)state;
    (void)fault_in_receive(FAULT_WILD_POINTER, EXCEPTION_ACCESS_VIOLATION,
                           L"access violation reading", L"wdspxe.dll");
}

static void what_the_provider_handles_is_its_own(void **state)
{
    (void)state;
    (void)add_fault(FAULT_HANDLED, PXE_CALLBACK_RECV_REQUEST);
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(bench.findings, 0);
    assert_int_equal(bench.replies, 1);
    rig_stop();
}

static void host_may_not_want_to_know(void **state)
{
    (void)state;
    (void)add_fault(FAULT_READ, PXE_CALLBACK_RECV_REQUEST);
    rig.config.pfnFinding = NULL;
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    rig_expect_log(PXE_TRACE_FATAL, L"no other provider is left"); /* it was the only one */
    rig_stop();
}

/* ---- policies ---- */

static void provider_is_disabled_and_the_next_one_asked(void **state)
{
    (void)state;
    HKEY key = add_fault(FAULT_WRITE, PXE_CALLBACK_RECV_REQUEST);
    (void)rig_add(L"answer", L"prov_answer", true);
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(bench.replies, 0);
    assert_int_equal(bench_discover(2), ERROR_SUCCESS);
    assert_int_equal(bench.replies, 1);
    assert_int_equal(wcscmp(bench.kept[0].provider, L"answer"), 0);
    assert_int_equal(bench_only_finding(WDSPXE_EXT_RULE_FAULT)->finding.uConsequence,
                     WDSPXE_EXT_FAULT_DISABLE);
    rig_stop();
    assert_int_equal(rig_value(key, L"Shutdown"), 1);
    bench.findings = 0;
    rig_start(); /* begins anew */
    assert_int_equal(bench_discover(3), ERROR_SUCCESS);
    assert_int_equal(bench.findings, 1);
    rig_stop();
}

static void server_stops_for_a_critical_provider(void **state)
{
    (void)state;
    HKEY key = rig_add(L"crashes", L"prov_fault", true);
    rig_set(key, L"Fault", FAULT_WRITE);
    (void)rig_add(L"answer", L"prov_answer", false);
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(bench_only_finding(WDSPXE_EXT_RULE_FAULT)->finding.uConsequence,
                     WDSPXE_EXT_FAULT_STOP);
    rig_expect_log(PXE_TRACE_FATAL, L"has to be stopped");
    assert_int_equal(bench_discover(2), ERROR_INVALID_STATE);
    assert_int_equal(WdsPxeExtServerWaitIdle(BENCH_WAIT), ERROR_SUCCESS);
    rig_stop();
    assert_int_equal(rig_value(key, L"Shutdown"), 1);
}

static void policies_overrule_what_is_critical(void **state)
{
    (void)state;
    HKEY key = rig_add(L"crashes", L"prov_fault", true);
    rig_set(key, L"Fault", FAULT_WRITE);
    rig_set(key, L"Once", TRUE);
    rig.config.uFaultPolicy = WDSPXE_EXT_FAULT_CONTINUE;
    rig_start();
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(bench_discover(2), ERROR_SUCCESS);
    assert_int_equal(bench.replies, 1);
    rig_stop();
}

/* What the child process of the next test does. */
static void crash_unhandled(void **state)
{
    (void)state;
    (void)add_fault(FAULT_WRITE, PXE_CALLBACK_RECV_REQUEST);
    rig.config.uFaultPolicy = WDSPXE_EXT_FAULT_UNHANDLED;
    rig_start();
    SetUnhandledExceptionFilter(exit_with_its_code);
    (void)bench_discover(1);
    fail_msg("the exception was contained");
}

static void unhandled_is_left_to_the_process(void **state)
{
    DWORD code;

    (void)state;
    HANDLE process = child_process_start(NULL, L"unhandled", NULL, DETACHED_PROCESS);
    assert_int_equal(WaitForSingleObject(process, BENCH_WAIT), WAIT_OBJECT_0);
    assert_true(GetExitCodeProcess(process, &code));
    assert_int_equal(code, EXCEPTION_ACCESS_VIOLATION);
    CloseHandle(process);
}

/* ---- other callbacks ---- */

static void fault_in_initialize(void **state)
{
    (void)state;
    (void)add_fault(FAULT_READ, MAXDWORD);
    (void)rig_add(L"answer", L"prov_answer", false);
    rig_start();
    const struct bench_finding *found = bench_only_finding(WDSPXE_EXT_RULE_FAULT);
    assert_int_equal(wcscmp(found->call, L"PxeProviderInitialize"), 0);
    assert_int_equal(found->finding.uNumber, 0);
    assert_null(found->finding.pPacket);
    assert_int_equal(found->finding.uConsequence, 0);
    rig_expect_log(PXE_TRACE_ERROR, L"it is not used");
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(bench.replies, 1);
    rig_stop();
}

static void fault_in_the_only_initialize_fails_the_start(void **state)
{
    (void)state;
    (void)add_fault(FAULT_CPP, MAXDWORD);
    assert_int_equal(rig_try_start(), 0xc107010c); /* every provider has failed */
}

static void fault_in_shutdown_stops_all_the_same(void **state)
{
    (void)state;
    HKEY first = rig_add(L"control", L"prov_control", false);
    (void)add_fault(FAULT_ILLEGAL, PXE_CALLBACK_SHUTDOWN);
    rig_start();
    rig_stop();
    assert_int_equal(wcscmp(bench_only_finding(WDSPXE_EXT_RULE_FAULT)->call,
                            L"PXE_CALLBACK_SHUTDOWN"),
                     0);
    assert_int_equal(rig_value(first, L"Shutdown"), 1);
}

static void fault_in_service_control(void **state)
{
    (void)state;
    (void)add_fault(FAULT_DIVIDE, PXE_CALLBACK_SERVICE_CONTROL);
    HKEY second = rig_add(L"control", L"prov_control", false);
    rig_start();
    assert_int_equal(WdsPxeExtServerControl(128), ERROR_SUCCESS);
    assert_int_equal(wcscmp(bench_only_finding(WDSPXE_EXT_RULE_FAULT)->call,
                            L"PXE_CALLBACK_SERVICE_CONTROL"),
                     0);
    assert_int_equal(rig_value(second, L"Controls"), 1);
    assert_int_equal(bench_discover(1), ERROR_SUCCESS);
    assert_int_equal(bench.replies, 0); /* it is disabled */
    rig_stop();
}

/* ---- many, and on the network's threads ---- */

enum { THREADS = 4, FAULTS_EACH = 500 };

static DWORD WINAPI fault_many(PVOID unused)
{
    (void)unused;
    for (uint32_t i = 0; i < FAULTS_EACH; i++)
        (void)bench_discover(i);
    return 0;
}

static void faults_on_several_threads_at_once(void **state)
{
    HANDLE threads[THREADS];

    (void)state;
    (void)add_fault(FAULT_READ, PXE_CALLBACK_RECV_REQUEST);
    rig.config.uFaultPolicy = WDSPXE_EXT_FAULT_CONTINUE;
    rig.config.pfnFinding = NULL;
    rig_start();
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, fault_many, NULL, 0, NULL);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(WaitForSingleObject(threads[i], BENCH_WAIT), WAIT_OBJECT_0);
        CloseHandle(threads[i]);
    }
    assert_int_equal(rig_counters().uDropped, THREADS * FAULTS_EACH);
    assert_nothing_held();
    rig_stop();
}

static void server_with_a_network_survives(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE];

    (void)state;
    (void)add_fault(FAULT_STACK, PXE_CALLBACK_RECV_REQUEST);
    rig_set_text(rig_add(L"answer", L"prov_answer", false), L"ReplyMode", L"null");
    rig_start();
    rig_discover(request, 1, 1);
    rig_send(rig.dhcp_port, request, sizeof(request));
    assert_int_equal(wcscmp(rig_report(1).reason, L"an exception left a provider's callback"), 0);
    (void)rig_exchange(rig.dhcp_port, 2, "boot\\x86\\wdsnbp.com");
    rig_stop();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest unhandled[] = {
        BENCH_TEST(crash_unhandled),
    };
    const struct CMUnitTest server_faults[] = {
        BENCH_TEST(access_violation_reading),
        BENCH_TEST(access_violation_writing),
        BENCH_TEST(jump_to_nowhere),
        BENCH_TEST(illegal_instruction),
        BENCH_TEST(division_by_zero),
        BENCH_TEST(cpp_exception),
#ifdef __x86_64__
        BENCH_TEST(cpp_exception_of_gcc),
#endif
        BENCH_TEST(stack_overflow),
        BENCH_TEST(wild_pointer_given_to_an_export),
        BENCH_TEST(what_the_provider_handles_is_its_own),
        BENCH_TEST(host_may_not_want_to_know),
        BENCH_TEST(provider_is_disabled_and_the_next_one_asked),
        BENCH_TEST(server_stops_for_a_critical_provider),
        BENCH_TEST(policies_overrule_what_is_critical),
        BENCH_TEST(unhandled_is_left_to_the_process),
        BENCH_TEST(fault_in_initialize),
        BENCH_TEST(fault_in_the_only_initialize_fails_the_start),
        BENCH_TEST(fault_in_shutdown_stops_all_the_same),
        BENCH_TEST(fault_in_service_control),
        BENCH_TEST(faults_on_several_threads_at_once),
        RIG_TEST(server_with_a_network_survives),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    if (argc == 2 && strcmp(argv[1], "unhandled") == 0)
        return cmocka_run_group_tests(unhandled, rig_group_setup, rig_group_teardown);
    return cmocka_run_group_tests(server_faults, rig_group_setup, rig_group_teardown);
}
