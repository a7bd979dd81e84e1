/* The registry's settings on the built server: what it listens on, whom it answers and when. */
#include "support/server_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/wdspxe_key.h"

enum { PATIENCE = 60000 }; /* milliseconds */

static const DWORD one = 1, seven = 7;

static void set_number(const WCHAR *name, DWORD number)
{
    assert_int_equal(WdsPxeExtSettingWrite(name, REG_DWORD, &number, sizeof(number)), 0);
}

/* One entry of a list, or a text. */
static void set_text(const WCHAR *name, DWORD type, const WCHAR *text)
{
    WCHAR value[64] = {0};
    size_t units = wcslen(text) + (type == REG_MULTI_SZ ? 2 : 1);

    wcscpy(value, text);
    assert_int_equal(WdsPxeExtSettingWrite(name, type, value, (ULONG)(units * sizeof(WCHAR))), 0);
}

/* A provider that answers; the interfaces are the registry's to choose. */
static int setup(void **state)
{
    int failed = rig_setup(state);

    rig.config.cInterfaces = 0;
    rig.config.ppszInterfaces = NULL;
    rig_set_text(rig_add(L"good", L"prov_answer", true), L"ReplyMode", L"null");
    return failed;
}

static int teardown(void **state)
{
    (void)WdsPxeExtSettingWrite(L"SharedPorts", REG_NONE, NULL, 0);
    return rig_teardown(state);
}

static void only_loopback(void)
{
    set_number(L"BindPolicy", 1);
    set_text(L"BindInterfaces", REG_MULTI_SZ, L"IP:127.0.0.1");
}

static const WCHAR *listening(const WCHAR *address, USHORT port)
{
    static WCHAR text[64];
    _snwprintf(text, 64, L"listening on %ls:%u", address, port);
    return text;
}

/* Waits until so many lines have this text. */
static void wait_logged(const WCHAR *text, size_t count)
{
    for (int i = 0; i < PATIENCE / 20 && rig_log_count(text) < count; i++)
        Sleep(20);
    if (rig_log_count(text) < count)
        rig_expect_log(MAXDWORD, text);
    assert_int_equal(rig_log_count(text), count);
}

/* ---- interfaces ---- */

static void included_interface_is_served_and_no_other(void **state)
{
    (void)state;
    only_loopback();
    rig_start();
    rig_expect_log(PXE_TRACE_INFO, listening(L"127.0.0.1", rig.dhcp_port));
    assert_int_equal(rig_log_count(L"listening on 1"), 2); /* both ports */
    (void)rig_exchange(rig.dhcp_port, 1, "boot\\x86\\wdsnbp.com");
    rig_stop();
}

static void nothing_included_is_no_start(void **state)
{
    (void)state;
    set_number(L"BindPolicy", 1);
    set_text(L"BindInterfaces", REG_MULTI_SZ, L"MAC:0200deadbeef");
    assert_int_equal(rig_try_start(), ERROR_NOT_FOUND);
    rig_expect_log(PXE_TRACE_ERROR, L"BindPolicy and BindInterfaces leave no interface that is up");
}

static void excluded_interface_is_not_served(void **state)
{
    (void)state;
    set_text(L"BindInterfaces", REG_MULTI_SZ, L"IP:127.0.0.1");
    if (rig_try_start() == ERROR_SUCCESS) /* the machine has others */
        rig_stop();
    assert_int_equal(rig_log_count(L"listening on 127."), 0);
}

static void options_win(void **state)
{
    static const LPCWSTR loopback = L"127.0.0.1";

    (void)state;
    set_text(L"BindInterfaces", REG_MULTI_SZ, L"IP:127.0.0.1");
    set_number(L"UseDhcpPorts", 0);
    rig.config.cInterfaces = 1;
    rig.config.ppszInterfaces = &loopback;
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 1, "boot\\x86\\wdsnbp.com");
    rig_stop();
}

static void running_server_follows(void **state)
{
    WCHAR gone[64];

    (void)state;
    only_loopback();
    rig_start();
    _snwprintf(gone, 64, L"no longer %ls", listening(L"127.0.0.1", rig.dhcp_port));
    set_text(L"BindInterfaces", REG_MULTI_SZ, L"MAC:0200deadbeef");
    wait_logged(gone, 1);
    wait_logged(L"leave no interface to listen on", 1);
    set_text(L"BindInterfaces", REG_MULTI_SZ, L"IP:127.0.0.1");
    /* the line of its leaving has these words, too */
    wait_logged(listening(L"127.0.0.1", rig.dhcp_port), 3);
    (void)rig_exchange(rig.dhcp_port, 1, "boot\\x86\\wdsnbp.com");

    wdspxe_key_set(NULL, L"BindInterfaces", REG_MULTI_SZ, L"eth0\0", 12);
    wait_logged(L"setting BindInterfaces has the entry \"eth0\"", 1);
    rig_expect_log(PXE_TRACE_WARNING, L"the server goes on as before");
    (void)rig_exchange(rig.dhcp_port, 2, "boot\\x86\\wdsnbp.com");
    rig_stop();
}

/* ---- wrong values ---- */

static void wrong_entry_is_no_start(void **state)
{
    (void)state;
    wdspxe_key_set(NULL, L"BindInterfaces", REG_MULTI_SZ, L"IP:127.0.0.1\0eth0\0", 38);
    assert_int_equal(rig_try_start(), ERROR_INVALID_DATA);
    rig_expect_log(PXE_TRACE_ERROR,
                   L"setting BindInterfaces has the entry \"eth0\"; allowed: MAC:");
    rig_expect_log(PXE_TRACE_ERROR, L"the server does not start");
    assert_int_equal(WdsPxeExtServerStop(), ERROR_INVALID_STATE);
}

static void wrong_number_is_told_and_its_default_used(void **state)
{
    (void)state;
    only_loopback();
    wdspxe_key_set(NULL, L"UseDhcpPorts", REG_DWORD, &seven, 4);
    wdspxe_key_set(NULL, L"AuthRecheckTime", REG_SZ, L"x", 4);
    rig_start();
    rig_expect_log(PXE_TRACE_WARNING,
                   L"setting UseDhcpPorts is 7; allowed: 0 or 1; its default is used");
    rig_expect_log(PXE_TRACE_WARNING, L"setting AuthRecheckTime is of type REG_SZ");
    rig_stop();
}

/* ---- ports ---- */

static void dhcp_ports_may_be_left_alone(void **state)
{
    (void)state;
    only_loopback();
    set_number(L"UseDhcpPorts", 0);
    rig.config.uDhcpPort = 0;
    rig.config.uDhcpv6Port = 0;
    rig.config.uFlags &= (USHORT)~WDSPXE_EXT_NO_IPV6;
    rig_start();
    rig_expect_log(PXE_TRACE_INFO, listening(L"127.0.0.1", rig.boot_port));
    assert_int_equal(rig_log_count(L"listening on 127.0.0.1"), 1);
    assert_in_range(rig_log_count(L"listening on ["), 0, 1); /* the boot port, if there is IPv6 */
    (void)rig_exchange(rig.boot_port, 1, "boot\\x86\\wdsnbp.com");
    rig_stop();
}

static void ports_are_shared_if_both_want_it(void **state)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SOCKET other = socket(AF_INET, SOCK_DGRAM, 0);

    (void)state;
    only_loopback();
    name.sin_port = htons(rig.dhcp_port);
    assert_int_equal(setsockopt(other, SOL_SOCKET, SO_REUSEADDR, (const char *)&one, sizeof(one)),
                     0);
    assert_int_equal(bind(other, (struct sockaddr *)&name, sizeof(name)), 0);
    assert_int_not_equal(rig_try_start(), ERROR_SUCCESS);
    rig_expect_log(PXE_TRACE_ERROR, L"cannot listen on 127.0.0.1");
    set_number(L"SharedPorts", 1);
    rig_start();
    rig_stop();
    closesocket(other);
}

/* ---- policy ---- */

static void answers_wait(void **state)
{
    (void)state;
    only_loopback();
    set_text(L"ResponseDelays", REG_MULTI_SZ, L"IP:127.0.0.1=300");
    rig_start();
    (void)rig_exchange(rig.dhcp_port, 1, "boot\\x86\\wdsnbp.com");
    assert_true(rig_report(1).microseconds >= 250000); /* a clock of 64 ticks per second */
    rig_stop();
}

static void stopping_does_not_wait_for_what_waits(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE];

    (void)state;
    only_loopback();
    set_text(L"ResponseDelays", REG_MULTI_SZ, L"ALL=60000");
    rig_start();
    rig_discover(request, 1, 1);
    for (int i = 0; i < 5; i++)
        rig_send(rig.dhcp_port, request, sizeof(request));
    for (int i = 0; i < PATIENCE / 20 && rig_counters().uReceived < 5; i++)
        Sleep(20);
    assert_int_equal(rig_counters().uOpenRequests, 5);
    ULONGLONG begin = GetTickCount64();
    rig_stop();
    assert_true(GetTickCount64() - begin < 50000);
    assert_int_equal(rig_counters().uOpenRequests, 0);
    assert_int_equal(rig_report_count(), 0);
}

/* The client's identifier, an option of nine bytes: type, length, kind, MAC address. */
static uint8_t *client_id(uint8_t request[RIG_REQUEST_SIZE])
{
    for (size_t i = 240; i < RIG_REQUEST_SIZE - 9; i++)
        if (memcmp(request + i, "\x3d\x07\x01\x52\x54", 5) == 0)
            return request + i + 2;
    fail_msg("the client has no identifier");
    return NULL;
}

static void others_clients_are_left_to_them(void **state)
{
    uint8_t request[RIG_REQUEST_SIZE];
    size_t own = 0;

    (void)state;
    only_loopback();
    set_text(L"LoadBalanceBuckets", REG_SZ, L"0-127");
    set_number(L"LoadBalanceTakeover", 0);
    rig_start();
    for (uint8_t i = 0; i < 40; i++) {
        rig_discover(request, i, i);
        client_id(request)[6] = i;
        rig_send(rig.dhcp_port, request, sizeof(request));
        struct rig_report report = rig_report(i + 1u);
        if (report.has_provider)
            own++;
        else
            assert_non_null(wcsstr(report.reason, L"another server's client (bucket "));
    }
    assert_in_range(own, 5, 35);
    rig_expect_log(PXE_TRACE_INFO, L"another server's client (bucket ");
    rig_stop();
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(included_interface_is_served_and_no_other),
        TEST(nothing_included_is_no_start),
        TEST(excluded_interface_is_not_served),
        TEST(options_win),
        TEST(running_server_follows),
        TEST(wrong_entry_is_no_start),
        TEST(wrong_number_is_told_and_its_default_used),
        TEST(dhcp_ports_may_be_left_alone),
        TEST(ports_are_shared_if_both_want_it),
        TEST(answers_wait),
        TEST(stopping_does_not_wait_for_what_waits),
        TEST(others_clients_are_left_to_them),
    };
    return cmocka_run_group_tests(tests, rig_group_setup, rig_group_teardown);
}
