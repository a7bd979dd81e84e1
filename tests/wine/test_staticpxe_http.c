/* staticpxe.dll and machines that boot over HTTP: one reply, which has the URL. */
#include "wdspxe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/fake_pxe.h"
#include "support/provider_bench.h"
#include "support/pxe_clients.h"
#include "support/pxe_clients6.h"
#include "support/pxe_replies6.h"

#define FIXED_SIZE 240

#define XID 0x63, 0xaa, 0x0d
/* http://h.test/a.efi: 19 characters */
#define HTTP_URL                                                                                   \
    'h', 't', 't', 'p', ':', '/', '/', 'h', '.', 't', 'e', 's', 't', '/', 'a', '.', 'e', 'f', 'i'

static const char http_only[] = "[arch:16]\nhttp_url=http://h.test/a.efi\n";

/* For a machine that the IPv4 tests know: the fixed part of its reply. */
static void expect_reply4(const BYTE *request, const BYTE *options, size_t options_length)
{
    BYTE reply[FAKE_REPLY_MAX] = {0};
    ULONG length = FIXED_SIZE + (ULONG)options_length;

    if (length < 300)
        length = 300;
    memcpy(reply, request, 12);
    reply[0] = 2;
    memcpy(reply + 20, bench_address, sizeof(bench_address)); /* siaddr */
    memcpy(reply + 24, request + 24, 4 + 16);
    memcpy(reply + 236, request + 236, 4);
    memcpy(reply + FIXED_SIZE, options, options_length);
    assert_int_equal(fake_pxe.replies, 1);
    assert_int_equal(fake_pxe.reply_length, length);
    assert_memory_equal(fake_pxe.reply, reply, length);
    assert_int_equal(fake_pxe.destination.uFlags, PXE_ADDR_USE_DHCP_RULES);
}

static void expect_rejected(PXE_BOOT_ACTION action, LPCWSTR reason)
{
    assert_int_equal(action, PXE_BA_REJECTED);
    assert_int_equal(fake_pxe.replies, 0);
    assert_non_null(wcsstr(fake_pxe.trace, reason));
}

/* What every reply to the captured machine starts with, and ends with before what is configured. */
#define REPLY4_START(type)                                                                         \
    53, 1, type, 54, 4, 10, 77, 0, 2, 60, 10, HTTP_CLIENT, 97, 17, 0, 0x33, 0x22, 0x11, 0x00,      \
        0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 67, 19, HTTP_URL

static void ipv4_client_gets_its_url_in_the_offer(void **state)
{
    static const BYTE options[] = {REPLY4_START(2), 255};

    (void)state;
    bench_start(http_only);
    assert_int_equal(DELIVER(http_discover, DHCP_PORT), PXE_BA_NBP);
    expect_reply4(http_discover, options, sizeof(options));
    assert_non_null(wcsstr(fake_pxe.trace, L"52-54-00-77-00-02: OFFER, file http://h.test/a.efi"));
    expect_rejected(DELIVER(http_request_address, DHCP_PORT), L"asks another server");
}

static void ipv4_request_that_names_us_gets_it_too(void **state)
{
    static const BYTE options[] = {REPLY4_START(5), 252, 1, 9, 255};
    struct packet request = PACKET_COPY(http_request_address);

    (void)state;
    /* Option 67 is the URL, whatever PXE clients get there. */
    bench_start("[default]\nfile=a\nserver_name=b\noption.67=\"c\"\noption.252=u8:9\n"
                "http_url=http://h.test/a.efi\n");
    memcpy(packet_find(&request, 54), bench_address, sizeof(bench_address));
    /* An address is not ours to give, also where a DHCP server shares ours. */
    expect_rejected(bench_deliver_packet(&request, DHCP_PORT), L"for an address");
    packet_cut(&request, 50);
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply4(request.bytes, options, sizeof(options));
}

static void ipv4_longest_url_fits(void **state)
{
    char url[256] = "http://h/";
    char text[300];
    BYTE length;
    PVOID value;

    (void)state;
    memset(url + strlen(url), 'u', 255 - strlen(url));
    snprintf(text, sizeof(text), "[default]\nhttp_url=%s\n", url);
    bench_start(text);
    assert_int_equal(DELIVER(http_discover, DHCP_PORT), PXE_BA_NBP);
    assert_int_equal(PxeDhcpGetOptionValue(fake_pxe.reply, fake_pxe.reply_length, 1, 67, &length,
                                           &value),
                     ERROR_SUCCESS);
    assert_int_equal(length, 255);
    assert_memory_equal(value, url, 255);
}

static void ipv6_client_gets_its_url_in_the_advertise(void **state)
{
    static const BYTE solicit[] = {1, XID, CLIENT_ID, HTTP_MACHINE};
    static const BYTE advertise[] = {2, XID, CLIENT_ID, SERVER_ID, HTTP_CLASS, URL(19), HTTP_URL};

    (void)state;
    bench_start(http_only);
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_NBP);
    assert_int_equal(fake_pxe.reply_length, sizeof(advertise));
    assert_memory_equal(fake_pxe.reply, advertise, sizeof(advertise));
    /* The URL does not depend on our own address. */
    assert_int_equal(bench_deliver6(solicit, sizeof(solicit), DHCP6_PORT, bench_link_local),
                     PXE_BA_NBP);
    assert_memory_equal(fake_pxe.reply, advertise, sizeof(advertise));
    assert_non_null(wcsstr(fake_pxe.trace, L"ADVERTISE, file http://h.test/a.efi"));
}

static void ipv6_information_request_is_answered(void **state)
{
    static const BYTE request[] = {11, XID, CLIENT_ID, HTTP_MACHINE};
    static const BYTE reply[] = {7, XID, CLIENT_ID, SERVER_ID, HTTP_CLASS, URL(19), HTTP_URL};

    (void)state;
    bench_start(http_only);
    assert_int_equal(DELIVER6(request, DHCP6_PORT), PXE_BA_NBP);
    assert_int_equal(fake_pxe.reply_length, sizeof(reply));
    assert_memory_equal(fake_pxe.reply, reply, sizeof(reply));
}

/* A section may be for one kind of clients only. */
static void without_http_url_others_may_answer(void **state)
{
    static const BYTE solicit[] = {1, XID, CLIENT_ID, HTTP_MACHINE};

    (void)state;
    bench_start("[default]\nfile=a\nurl=http://h.test/a.efi\n");
    expect_rejected(DELIVER(http_discover, DHCP_PORT), L"no http_url");
    expect_rejected(DELIVER6(solicit, DHCP6_PORT), L"no http_url");
    bench_stop();

    bench_start("[default]\nhttp_url=http://h.test/a.efi\n");
    expect_rejected(DELIVER(ovmf_discover, DHCP_PORT), L"its section has no file");
    bench_stop();
}

/* The filter delivers every DHCP message; most machines do not boot. */
static void other_machines_are_left_alone(void **state)
{
    static const BYTE windows[] = {'M', 'S', 'F', 'T', ' ', '5', '.', '0'};
    static const BYTE other_case[] = {'p', 'x', 'e', 'c', 'l', 'i', 'e', 'n', 't'};
    struct packet request = PACKET_COPY(http_discover);

    (void)state;
    bench_start("[default]\nignore=yes\n[arch:16]\nfile=a\nhttp_url=http://h.test/a\n");
    packet_cut(&request, 60);
    expect_rejected(bench_deliver_packet(&request, DHCP_PORT), L"neither PXEClient");
    packet_add(&request, 60, windows, sizeof(windows));
    expect_rejected(bench_deliver_packet(&request, DHCP_PORT), L"neither PXEClient");
    packet_cut(&request, 60);
    packet_add(&request, 60, other_case, sizeof(other_case));
    expect_rejected(bench_deliver_packet(&request, DHCP_PORT), L"neither PXEClient");
    packet_cut(&request, 60);
    packet_add(&request, 60, "PXEClient", 8);
    expect_rejected(bench_deliver_packet(&request, DHCP_PORT), L"neither PXEClient");
    packet_cut(&request, 60);
    packet_add(&request, 60, "PXEClient", 9);
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ipv4_client_gets_its_url_in_the_offer),
        TEST(ipv4_request_that_names_us_gets_it_too),
        TEST(ipv4_longest_url_fits),
        TEST(ipv6_client_gets_its_url_in_the_advertise),
        TEST(ipv6_information_request_is_answered),
        TEST(without_http_url_others_may_answer),
        TEST(other_machines_are_left_alone),
    };

    return cmocka_run_group_tests_name("staticpxe_http", tests, NULL, NULL);
}
