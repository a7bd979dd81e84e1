/*
 * Starting and stopping the built server: which providers it takes (API-2.4), what it returns
 * and says if it cannot start, and that it can be started again.
 */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

static void no_provider_no_server(void **state)
{
    (void)state;
    assert_int_equal(rig_try_start(), ERROR_NOT_FOUND);
    rig_expect_log(PXE_TRACE_FATAL, L"no provider is registered");
    assert_int_equal(WdsPxeExtServerStop(), ERROR_INVALID_STATE);
}

static void good_provider_is_loaded_asked_and_shut_down(void **state)
{
    (void)state;
    HKEY key = rig_add(L"good", L"prov_answer", true);
    rig_set_text(key, L"ReplyMode", L"null");
    rig_start();
    rig_expect_log(PXE_TRACE_INFO, L"provider good: loaded and initialized (event 262)");
    (void)rig_exchange(rig.dhcp_port, 1, "boot\\x86\\wdsnbp.com");
    rig_stop();
    rig_expect_log(PXE_TRACE_INFO, L"[good] in shutdown");
    rig_expect_log(PXE_TRACE_INFO, L"provider good: shut down (event 267)");
    rig_expect_log(PXE_TRACE_INFO, L"server stopped");
    assert_int_equal(rig_value(key, L"Calls"), 1);
}

static void critical_failure_stops_the_start_with_its_code(void **state)
{
    (void)state;
    (void)rig_add(L"first", L"prov_answer", false);
    HKEY key = rig_add(L"broken", L"prov_fail_init", true);
    (void)rig_add(L"never", L"prov_reject", false);
    rig_set(key, L"Code", 4711);
    assert_int_equal(rig_try_start(), 4711);
    rig_expect_log(PXE_TRACE_ERROR,
                   L"provider broken: PxeProviderInitialize returned error 4711; not used (event "
                   L"261)");
    rig_expect_log(PXE_TRACE_FATAL, L"provider broken: is critical");
    rig_expect_log(PXE_TRACE_INFO, L"[first] in shutdown");
    assert_int_equal(rig_logged(MAXDWORD, L"a failed provider"), 0);
    assert_int_equal(rig_logged(MAXDWORD, L"never"), 0);
    assert_int_equal(WdsPxeExtServerStop(), ERROR_INVALID_STATE);
    assert_int_equal(rig_counters().uOpenRequests, 0);
}

static void failures_of_others_do_not_matter(void **state)
{
    (void)state;
    HKEY half;

    (void)rig_add(L"broken", L"prov_fail_init", false);
    (void)rig_add(L"no export", L"prov_no_export", false);
    (void)rig_add(L"no file", L"prov_that_is_missing", false);
    (void)rig_add(L"nothing", L"prov_no_callbacks", false);
    half = rig_add(L"only receive", L"prov_no_callbacks", false);
    rig_set(half, L"Register", 1);
    half = rig_add(L"only shutdown", L"prov_no_callbacks", false);
    rig_set(half, L"Register", 2);
    rig_set_text(rig_add(L"good", L"prov_answer", true), L"ReplyMode", L"null");
    rig_start();
    rig_expect_log(PXE_TRACE_ERROR, L"provider broken: PxeProviderInitialize returned error 1627");
    rig_expect_log(PXE_TRACE_ERROR,
                   L"provider no export: its module does not export PxeProviderInitialize, error "
                   L"127 (a function that it needs is not found); not loaded (event 260)");
    rig_expect_log(PXE_TRACE_ERROR,
                   L"provider no file: its module did not load, error 126 (the file, or "
                   L"a DLL that it needs, is not found); not loaded (event 259)");
    rig_expect_log(PXE_TRACE_ERROR, L"provider nothing: did not register its "
                                    L"PXE_CALLBACK_RECV_REQUEST callback");
    rig_expect_log(PXE_TRACE_ERROR, L"provider only receive: did not register its "
                                    L"PXE_CALLBACK_SHUTDOWN callback during "
                                    L"PxeProviderInitialize; unloaded (event 263)");
    assert_int_equal(rig_value(half, L"Shutdown"), 1);
    (void)rig_exchange(rig.dhcp_port, 2, "boot\\x86\\wdsnbp.com");
    rig_stop();
    assert_int_equal(rig_logged(MAXDWORD, L"was asked"), 0);
    assert_int_equal(rig_logged(MAXDWORD, L"a failed provider"), 0);
}

/* Registers one bad provider as critical; the start must fail with this code. */
static void assert_critical(const WCHAR *dll, DWORD registers, DWORD code, const WCHAR *event)
{
    HKEY key = rig_add(L"bad", dll, true);

    rig_set(key, L"Register", registers);
    (void)rig_add(L"good", L"prov_reject", false);
    assert_int_equal(rig_try_start(), code);
    rig_expect_log(PXE_TRACE_ERROR, event);
    rig_expect_log(PXE_TRACE_FATAL, L"provider bad: is critical");
    assert_int_equal(PxeProviderUnRegister(L"bad"), ERROR_SUCCESS);
    assert_int_equal(PxeProviderUnRegister(L"good"), ERROR_SUCCESS);
    rig_forget();
}

static void every_kind_of_critical_failure(void **state)
{
    (void)state;
    assert_critical(L"prov_no_export", 0, ERROR_PROC_NOT_FOUND, L"(event 260)");
    assert_critical(L"prov_that_is_missing", 0, ERROR_MOD_NOT_FOUND, L"(event 259)");
    assert_critical(L"prov_no_callbacks", 0, ERROR_INVALID_STATE, L"(event 263)");
    assert_critical(L"prov_no_callbacks", 1, ERROR_INVALID_STATE, L"(event 263)");
    assert_critical(L"prov_no_callbacks", 2, ERROR_INVALID_STATE, L"(event 263)");
    assert_critical(L"prov_fail_init", 0, ERROR_FUNCTION_FAILED, L"(event 261)");
}

static void registration_that_is_damaged(void **state)
{
    DWORD number = 7;

    (void)state;
    HKEY key = rig_add(L"no path", L"prov_reject", false);
    assert_int_equal(RegDeleteValueW(key, L"ProviderDLL"), ERROR_SUCCESS);
    key = rig_add(L"odd path", L"prov_reject", false);
    assert_int_equal(RegSetValueExW(key, L"ProviderDLL", 0, REG_DWORD, (const BYTE *)&number,
                                    sizeof(number)),
                     ERROR_SUCCESS);
    assert_int_not_equal(rig_try_start(), ERROR_SUCCESS);
    rig_expect_log(PXE_TRACE_ERROR, L"provider no path: its registration is incomplete");
    rig_expect_log(PXE_TRACE_ERROR, L"provider odd path: its registration is incomplete");
    rig_expect_log(PXE_TRACE_FATAL, L"(event 268)");
}

static void all_failed_is_the_events_number(void **state)
{
    (void)state;
    rig_set(rig_add(L"one", L"prov_fail_init", false), L"Code", 1001);
    rig_set(rig_add(L"two", L"prov_fail_init", false), L"Code", 1002);
    (void)rig_add(L"three", L"prov_no_export", false);
    assert_int_equal(rig_try_start(), 0xc107010c);
    rig_expect_log(PXE_TRACE_ERROR, L"provider one: PxeProviderInitialize returned error 1001");
    rig_expect_log(PXE_TRACE_ERROR, L"provider two: PxeProviderInitialize returned error 1002");
    rig_expect_log(PXE_TRACE_FATAL, L"every registered provider failed");
    rig_expect_log(PXE_TRACE_FATAL, L"(event 268)");
}

static void shutdown_is_in_reverse_order_whatever_it_returns(void **state)
{
    (void)state;
    (void)rig_add(L"one", L"prov_reject", false);
    rig_set(rig_add(L"two", L"prov_answer", false), L"ShutdownReturn", 99);
    HKEY last = rig_add(L"three", L"prov_control", false);
    rig_start();
    rig_stop();
    assert_true(rig_logged(MAXDWORD, L"provider three: shut down") <
                rig_logged(MAXDWORD, L"[two] in shutdown"));
    rig_expect_log(PXE_TRACE_WARNING, L"provider two: shutdown returned error 99; going on");
    assert_true(rig_logged(MAXDWORD, L"[two] in shutdown") <
                rig_logged(MAXDWORD, L"[one] in shutdown"));
    assert_int_equal(rig_value(last, L"Shutdown"), 1);
}

static void ten_starts_and_stops(void **state)
{
    (void)state;
    rig_set_text(rig_add(L"good", L"prov_answer", true), L"ReplyMode", L"null");
    rig_set(rig_add(L"later", L"prov_later", false), L"Threads", 2);
    for (uint32_t i = 0; i < 10; i++) {
        rig_start();
        (void)rig_exchange(rig.dhcp_port, i, "boot\\x86\\wdsnbp.com");
        (void)rig_exchange(rig.boot_port, i + 100, "boot\\x86\\wdsnbp.com");
        (void)rig_report(2 * (size_t)i + 2);
        WDSPXE_EXT_COUNTERS counters = rig_counters();
        assert_int_equal(counters.uReceived, 2); /* since this start */
        assert_int_equal(counters.uReplies, 2);
        rig_stop();
        assert_int_equal(rig_counters().uOpenRequests, 0);
        assert_int_equal(rig_counters().uOpenPackets, 0);
    }
}

static void wrong_state_and_wrong_config(void **state)
{
    WDSPXE_EXT_COUNTERS counters = {.uSizeOfStruct = 4};
    LPCWSTR addresses[] = {L"127.0.0.1", L"10.255.254.253"};
    LPCWSTR scoped[] = {L"::1%4000000000"};
    LPCWSTR no_addresses[] = {
        L"localhost",   L"127.0.0.256", L"127.0.0",      L"127.0.0.1.", L"::1%",
        L"127.0.0.1%1", L"::1%eth0",    L"\x0131.0.0.1", L"",           NULL};

    (void)state;
    (void)rig_add(L"good", L"prov_reject", true);
    assert_int_equal(WdsPxeExtServerStop(), ERROR_INVALID_STATE);
    assert_int_equal(WdsPxeExtServerControl(128), ERROR_INVALID_STATE);
    assert_int_equal(WdsPxeExtServerGetCounters(NULL), ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtServerGetCounters(&counters), ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtServerStart(NULL), ERROR_INVALID_PARAMETER);
    rig.config.uSizeOfStruct--;
    assert_int_equal(rig_try_start(), ERROR_INVALID_PARAMETER);
    rig.config.uSizeOfStruct++;
    for (size_t i = 0; i < sizeof(no_addresses) / sizeof(no_addresses[0]); i++) {
        rig.config.ppszInterfaces = &no_addresses[i];
        assert_int_equal(rig_try_start(), ERROR_INVALID_PARAMETER);
    }
    rig.config.ppszInterfaces = NULL;
    assert_int_equal(rig_try_start(), ERROR_INVALID_PARAMETER);
    rig.config.ppszInterfaces = addresses;
    rig.config.cInterfaces = 2;
    assert_int_equal(rig_try_start(), ERROR_NOT_FOUND);
    rig_expect_log(PXE_TRACE_ERROR, L"no interface of this machine has the address 10.255.254.253");
    rig.config.cInterfaces = 1;
    rig.config.ppszInterfaces = scoped;
    assert_int_equal(rig_try_start(), ERROR_NOT_FOUND);
    rig_expect_log(PXE_TRACE_ERROR, L"no interface of this machine has the address ::1%4000000000");
    rig.config.ppszInterfaces = addresses;
    rig_start();
    assert_int_equal(rig_try_start(), ERROR_INVALID_STATE);
    rig_stop();
    assert_int_equal(WdsPxeExtServerStop(), ERROR_INVALID_STATE);
}

static void works_without_any_callback(void **state)
{
    (void)state;
    rig_set_text(rig_add(L"good", L"prov_answer", true), L"ReplyMode", L"null");
    rig.config.pfnLog = NULL;
    rig.config.pfnRequest = NULL;
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 77, "boot\\x86\\wdsnbp.com");
    rig_stop();
    assert_int_equal(rig_report_count(), 0);
}

static void port_in_use_is_said_clearly(void **state)
{
    WCHAR expected[64];
    USHORT taken;
    SOCKET owner = rig_socket(&taken);

    (void)state;
    HKEY key = rig_add(L"good", L"prov_control", true);
    for (int which = 0; which < 2; which++) {
        rig.config.uDhcpPort = which == 0 ? taken : rig.dhcp_port;
        rig.config.uBootServerPort = which == 1 ? taken : rig.boot_port;
        rig_forget();
        DWORD error = rig_try_start();
        assert_true(error == WSAEADDRINUSE || error == WSAEACCES);
        _snwprintf(expected, 64, L"cannot listen on 127.0.0.1:%u: error %lu", taken, error);
        rig_expect_log(PXE_TRACE_ERROR, expected);
        rig_expect_log(PXE_TRACE_ERROR, L"another program has this port");
        assert_false(rig_has_value(key, L"Shutdown")); /* no provider was bothered */
    }
    closesocket(owner);
    rig_start();
    rig_stop();
    assert_int_equal(rig_value(key, L"Shutdown"), 1);
}

static void second_server_process_cannot_share_our_port(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    BOOL on = TRUE;

    (void)state;
    (void)rig_add(L"good", L"prov_reject", true);
    rig_start();
    SOCKET rival = socket(AF_INET, SOCK_DGRAM, 0);
    address.sin_addr.s_addr = htonl(0x7f000001);
    address.sin_port = htons(rig.dhcp_port);
    setsockopt(rival, SOL_SOCKET, SO_REUSEADDR, (const char *)&on, sizeof(on));
    assert_int_not_equal(bind(rival, (struct sockaddr *)&address, sizeof(address)), 0);
    closesocket(rival);
    rig_stop();
}

/* ---- control ---- */

static void control_codes_reach_who_asked_for_them(void **state)
{
    (void)state;
    HKEY key = rig_add(L"listens", L"prov_control", false);
    (void)rig_add(L"does not", L"prov_reject", false);
    HKEY second = rig_add(L"listens too", L"prov_control", false);
    rig_start();
    assert_int_equal(WdsPxeExtServerControl(SERVICE_CONTROL_STOP), ERROR_INVALID_PARAMETER);
    assert_int_equal(WdsPxeExtServerControl(SERVICE_CONTROL_SHUTDOWN), ERROR_INVALID_PARAMETER);
    assert_false(rig_has_value(key, L"Controls"));
    assert_false(rig_has_value(second, L"Controls"));
    assert_int_equal(WdsPxeExtServerControl(SERVICE_CONTROL_PARAMCHANGE), ERROR_SUCCESS);
    assert_int_equal(WdsPxeExtServerControl(200), ERROR_SUCCESS);
    for (int i = 0; i < 2; i++) {
        HKEY one = i == 0 ? key : second;
        assert_int_equal(rig_value(one, L"Controls"), 2);
        assert_int_equal(rig_value(one, L"Control1"), SERVICE_CONTROL_PARAMCHANGE);
        assert_int_equal(rig_value(one, L"Control2"), 200);
    }
    rig_set(key, L"Return", 31);
    assert_int_equal(WdsPxeExtServerControl(130), ERROR_SUCCESS);
    rig_expect_log(PXE_TRACE_WARNING, L"provider listens: service control 130 returned error 31");
    assert_int_equal(rig_value(second, L"Control3"), 130); /* the next one is told all the same */
    rig_stop();
}

int main(void)
{
    const struct CMUnitTest server_start[] = {
        RIG_TEST(no_provider_no_server),
        RIG_TEST(good_provider_is_loaded_asked_and_shut_down),
        RIG_TEST(critical_failure_stops_the_start_with_its_code),
        RIG_TEST(failures_of_others_do_not_matter),
        RIG_TEST(every_kind_of_critical_failure),
        RIG_TEST(registration_that_is_damaged),
        RIG_TEST(all_failed_is_the_events_number),
        RIG_TEST(shutdown_is_in_reverse_order_whatever_it_returns),
        RIG_TEST(ten_starts_and_stops),
        RIG_TEST(wrong_state_and_wrong_config),
        RIG_TEST(works_without_any_callback),
        RIG_TEST(port_in_use_is_said_clearly),
        RIG_TEST(second_server_process_cannot_share_our_port),
        RIG_TEST(control_codes_reach_who_asked_for_them),
    };

    if (!wdspxe_key_is_ours())
        return 1;
    return cmocka_run_group_tests(server_start, rig_group_setup, rig_group_teardown);
}
