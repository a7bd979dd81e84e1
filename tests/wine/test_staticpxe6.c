/*
 * staticpxe.dll over IPv6: the requests of real clients, the replies byte by byte, who is answered
 * and who is not.
 */
#include "wdspxe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/fake_pxe.h"
#include "support/provider_bench.h"
#include "support/pxe_clients6.h"
#include "support/pxe_replies6.h"

#define OPTION_PARAMS 60

static const BYTE solicit[] = {OVMF6_SOLICIT};
static const BYTE request_address[] = {OVMF6_REQUEST_ADDRESS};
static const BYTE request_boot[] = {OVMF6_REQUEST_BOOT};

/* Of `solicit` and `request_boot`. */
#define XID 0x63, 0xaa, 0x0d

static const char one_file[] = "[default]\nfile=a\n";

/* ---- what a reply must be ---- */

static void expect_bytes(const BYTE *expected, size_t length)
{
    assert_int_equal(fake_pxe.replies, 1);
    assert_int_equal(fake_pxe.reply_length, length);
    assert_memory_equal(fake_pxe.reply, expected, length);
    assert_int_equal(fake_pxe.destination.uFlags, PXE_ADDR_USE_DHCP_RULES);
    assert_int_equal(PxeDhcpv6IsValid(fake_pxe.reply, fake_pxe.reply_length, FALSE, NULL),
                     ERROR_SUCCESS);
}

#define EXPECT_REPLY(array) expect_bytes(array, sizeof(array))

/* The last reply has this boot URL; NULL = it has none. */
static void expect_url(const char *url)
{
    PVOID value;
    WORD length;
    DWORD error =
        PxeDhcpv6GetOptionValue(fake_pxe.reply, fake_pxe.reply_length, 1, 59, &length, &value);

    assert_int_equal(fake_pxe.replies, 1);
    if (url == NULL) {
        assert_int_equal(error, ERROR_FILE_NOT_FOUND);
        return;
    }
    assert_int_equal(error, ERROR_SUCCESS);
    assert_int_equal(length, strlen(url));
    assert_memory_equal(value, url, length);
}

static void expect_rejected(PXE_BOOT_ACTION action, LPCWSTR reason)
{
    assert_int_equal(action, PXE_BA_REJECTED);
    assert_int_equal(fake_pxe.replies, 0);
    assert_int_equal(fake_pxe.severities, PXE_TRACE_VERBOSE);
    if (wcsstr(fake_pxe.trace, reason) == NULL)
        fail_msg("the trace is \"%S\"", fake_pxe.trace);
}

/* ---- real clients ---- */

/* On one link, with link-local addresses: the very bytes that a machine booted with. */
static void uefi_client_boots(void **state)
{
    static const BYTE advertise[] = {OVMF6_ADVERTISE_BOOTED};
    static const BYTE reply[] = {OVMF6_REPLY_BOOTED};

    (void)state;
    bench_start("[arch:7]\nfile=nbp-x64.efi\nnext_server6=fd77::2\n");
    assert_int_equal(fake_pxe.filter, PXE_PROV_FILTER_DHCP_ONLY);
    assert_int_equal(fake_pxe.filter_ipv6, PXE_PROV_FILTER_DHCP_ONLY);
    assert_true(fake_pxe.ipv6_capable);

    assert_int_equal(bench_deliver6(solicit, sizeof(solicit), DHCP6_PORT, bench_link_local),
                     PXE_BA_NBP);
    EXPECT_REPLY(advertise);
    assert_non_null(wcsstr(fake_pxe.trace, L"00-04-33-22-11-00-55-44-77-66-88-99-aa-bb-cc-dd-ee-ff:"
                                           L" ADVERTISE, boot server will name file "
                                           L"tftp://[fd77::2]/nbp-x64.efi"));
    expect_rejected(DELIVER6(request_address, DHCP6_PORT), L"asks another server");
    assert_int_equal(bench_deliver6(request_boot, sizeof(request_boot), BOOT_PORT,
                                    bench_link_local),
                     PXE_BA_NBP);
    EXPECT_REPLY(reply);
    assert_non_null(wcsstr(fake_pxe.trace, L"REPLY, file tftp://[fd77::2]/nbp-x64.efi"));
    assert_int_equal(fake_pxe.severities, PXE_TRACE_INFO);
}

/* The client asks the host of the ADVERTISE's URL for the final one: so that host is us. */
static void advertise_names_ourselves(void **state)
{
    static const BYTE advertise[] = {2, XID, CLIENT_ID, SERVER_ID, PXE_CLASS, URL(18), TFTP_2, 'a'};
    static const BYTE reply[] = {7, XID, CLIENT_ID, SERVER_ID, PXE_CLASS, URL(18), TFTP_9, 'a'};

    (void)state;
    bench_start("[server]\nnext_server6=fd77::9\n[default]\nfile=a\n");
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_NBP);
    EXPECT_REPLY(advertise);
    assert_int_equal(DELIVER6(request_boot, BOOT_PORT), PXE_BA_NBP);
    EXPECT_REPLY(reply);
    bench_stop();

    bench_start(one_file); /* nothing but us */
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_NBP);
    EXPECT_REPLY(advertise);
    assert_int_equal(DELIVER6(request_boot, BOOT_PORT), PXE_BA_NBP);
    expect_url("tftp://[fd77::2]/a");
}

static void first_reply_says_everything_if_told(void **state)
{
    static const BYTE advertise[] = {
        2, XID, CLIENT_ID, SERVER_ID, PXE_CLASS, URL(18), TFTP_9, 'a', 0,  OPTION_PARAMS, 0, 9,
        0, 2,   '1',       '2',       0,         3,       'x',    '=', '1'};
    BYTE reply[sizeof(advertise)];

    (void)state;
    memcpy(reply, advertise, sizeof(reply));
    reply[0] = 7;
    bench_start("[server]\nfile_in_offer=yes\n"
                "[default]\nurl=tftp://[fd77::9]/a\nboot_params=12  x=1\n");
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_NBP);
    EXPECT_REPLY(advertise);
    assert_int_equal(bench_deliver6(solicit, sizeof(solicit), DHCP6_PORT, bench_link_local),
                     PXE_BA_NBP);
    EXPECT_REPLY(advertise);
    assert_int_equal(DELIVER6(request_boot, BOOT_PORT), PXE_BA_NBP);
    EXPECT_REPLY(reply);
    bench_stop();

    /* Not told: the parameters come with the file. */
    bench_start("[default]\nfile=a\nboot_params=12 x=1\n");
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_NBP);
    assert_int_equal(fake_pxe.reply_length, sizeof(advertise) - 13);
}

static void options_of_dhcpv6_are_sent(void **state)
{
    static const BYTE dns[16] = {0xfd, 0x77, [15] = 9};
    PVOID value;
    WORD length;

    (void)state;
    bench_start("[default]\nfile=a\noption6.23=ip6:fd77::9\n");
    assert_int_equal(DELIVER6(request_boot, BOOT_PORT), PXE_BA_NBP);
    assert_int_equal(PxeDhcpv6GetOptionValue(fake_pxe.reply, fake_pxe.reply_length, 1, 23, &length,
                                             &value),
                     ERROR_SUCCESS);
    assert_int_equal(length, sizeof(dns));
    assert_memory_equal(value, dns, sizeof(dns));
}

static void link_local_address_needs_a_server(void **state)
{
    (void)state;
    bench_start(one_file);
    assert_int_equal(bench_deliver6(solicit, sizeof(solicit), DHCP6_PORT, bench_link_local),
                     PXE_BA_IGNORE);
    assert_int_equal(fake_pxe.replies, 0);
    assert_int_equal(fake_pxe.severities, PXE_TRACE_ERROR);
    assert_non_null(wcsstr(fake_pxe.trace, L"write next_server6="));
}

/* The IP stack of the same machine asks for an address, beside its firmware. */
static void ip_stack_is_left_to_others(void **state)
{
    static const BYTE ip_solicit[] = {OVMF6_IP_SOLICIT};
    static const BYTE ip_release[] = {OVMF6_IP_RELEASE};

    (void)state;
    bench_start("[default]\nfile=a\nhttp_url=http://h/a\n");
    expect_rejected(DELIVER6(ip_solicit, DHCP6_PORT), L"neither PXEClient nor HTTPClient");
    expect_rejected(DELIVER6(ip_release, DHCP6_PORT), L"neither PXEClient nor HTTPClient");
}

/* ---- URLs ---- */

static void expect_boot(const char *config, const char *advertised, const char *final)
{
    bench_start(config);
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_NBP);
    expect_url(advertised);
    assert_int_equal(DELIVER6(request_boot, BOOT_PORT), PXE_BA_NBP);
    expect_url(final);
    bench_stop();
}

static void urls_are_made_from_files(void **state)
{
    (void)state;
    expect_boot("[default]\nfile=\\boot\\x64\\a b%.efi\n", "tftp://[fd77::2]/boot/x64/a%20b%25.efi",
                "tftp://[fd77::2]/boot/x64/a%20b%25.efi");
    expect_boot("[default]\nurl=http://srv.test:8080/d/a?b=c\n", "http://[fd77::2]/d/a?b=c",
                "http://srv.test:8080/d/a?b=c");
    expect_boot("[default]\nfile=http://srv.test/a\n", "http://[fd77::2]/a", "http://srv.test/a");
    expect_boot("[default]\nfile=a\nurl=tftp://[fd77::9]/b\n", "tftp://[fd77::2]/b",
                "tftp://[fd77::9]/b");
}

/* What a section says itself goes before what it inherits, whatever the key. */
static void own_file_goes_before_an_inherited_url(void **state)
{
    (void)state;
    expect_boot("[default]\nfile=a\nurl=tftp://[fd77::9]/b\n[arch:7]\nfile=c\n",
                "tftp://[fd77::2]/c", "tftp://[fd77::2]/c");
    expect_boot("[default]\nfile=a\nurl=tftp://[fd77::9]/b\n[arch:7]\nnext_server6=fd77::8\n",
                "tftp://[fd77::2]/a", "tftp://[fd77::8]/a");
    expect_boot("[default]\nfile=a\nurl=tftp://[fd77::9]/b\n[arch:7]\nnext_server=10.0.0.1\n",
                "tftp://[fd77::2]/b", "tftp://[fd77::9]/b");
    expect_boot("[default]\nurl=tftp://[fd77::9]/b\n[arch:7]\nfile=c\nurl=tftp://[fd77::8]/d\n",
                "tftp://[fd77::2]/d", "tftp://[fd77::8]/d");
}

static void ipxe_gets_its_own_file(void **state)
{
    static const BYTE user_class[] = {0, 2, 'a', 'b', 0, 4, 'i', 'P', 'X', 'E'};
    static const BYTE other_class[] = {0, 5, 'i', 'P', 'X', 'E', '2'};
    struct packet request = PACKET_COPY(request_boot);

    (void)state;
    bench_start("[default]\nurl=tftp://[fd77::9]/b\nipxe_file=http://srv.test/menu\n");
    packet6_add(&request, 15, other_class, sizeof(other_class));
    assert_int_equal(bench_deliver6_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_url("tftp://[fd77::9]/b");
    request = PACKET_COPY(request_boot);
    packet6_add(&request, 15, user_class, sizeof(user_class));
    assert_int_equal(bench_deliver6_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_url("http://srv.test/menu");
}

static void section_without_a_file_is_passed_on(void **state)
{
    (void)state;
    bench_start("[default]\nhttp_url=http://h/a\n");
    expect_rejected(DELIVER6(solicit, DHCP6_PORT), L"neither url nor file");
}

/* ---- who is answered ---- */

/* A client of that DUID asks for its boot file; the result is as for bench_deliver. */
static PXE_BOOT_ACTION deliver_duid(const BYTE *duid, size_t length)
{
    static const BYTE start[] = {3, XID, PXE_MACHINE};
    struct packet request = PACKET_COPY(start);

    packet6_add(&request, 1, duid, length);
    return bench_deliver6_packet(&request, BOOT_PORT);
}

static void most_particular_section_wins(void **state)
{
    static const char *const sections[] = {
        "[mac:52-54-00-77-00-02]\nfile=m\n",
        "[duid:00-03-00-01-52-54-00-77-00-02]\nfile=d\n",
        "[arch:7]\nfile=a\n",
        "[default]\nfile=x\n",
    };
    static const BYTE duid_ll[] = {0, 3, 0, 1, 0x52, 0x54, 0, 0x77, 0, 2};
    static const char *const urls[] = {"tftp://[fd77::2]/m", "tftp://[fd77::2]/d",
                                       "tftp://[fd77::2]/a", "tftp://[fd77::2]/x"};

    (void)state;
    for (int first = 0; first < 4; ++first) {
        char text[256] = "";

        for (int i = 3; i >= first; --i)
            strcat(text, sections[i]);
        bench_start(text);
        assert_int_equal(deliver_duid(duid_ll, sizeof(duid_ll)), PXE_BA_NBP);
        expect_url(urls[first]);
        bench_stop();
    }
}

static void identifiers_hold_addresses_and_guids(void **state)
{
    static const BYTE duid_llt[] = {0, 1, 0, 1, 9, 9, 9, 9, 0x52, 0x54, 0, 0x77, 0, 2};
    static const BYTE duid_en[] = {0, 2, 0, 1, 9, 9, 9, 9, 0x52, 0x54, 0, 0x77, 0, 2};
    static const BYTE infiniband[] = {0, 3, 0, 32, 0x52, 0x54, 0, 0x77, 0, 2};
    static const BYTE longer[] = {0, 3, 0, 1, 0x52, 0x54, 0, 0x77, 0, 2, 0};
    static const BYTE little_endian[] = {DUID_UUID};
    static const BYTE network_order[] = {0,    4,    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
                                         0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

    (void)state;
    bench_start("[mac:52-54-00-77-00-02]\nfile=m\n"
                "[guid:00112233-4455-6677-8899-aabbccddeeff]\nfile=g\n");
    assert_int_equal(deliver_duid(duid_llt, sizeof(duid_llt)), PXE_BA_NBP);
    expect_url("tftp://[fd77::2]/m");
    assert_int_equal(deliver_duid(little_endian, sizeof(little_endian)), PXE_BA_NBP);
    expect_url("tftp://[fd77::2]/g");
    assert_int_equal(deliver_duid(network_order, sizeof(network_order)), PXE_BA_NBP);
    expect_url("tftp://[fd77::2]/g");
    expect_rejected(deliver_duid(duid_en, sizeof(duid_en)), L"no section");
    expect_rejected(deliver_duid(infiniband, sizeof(infiniband)), L"no section");
    expect_rejected(deliver_duid(longer, sizeof(longer)), L"no section");
    expect_rejected(deliver_duid(little_endian, 17), L"no section");
    expect_rejected(deliver_duid(little_endian, 1), L"no section");
}

static void duid_matches_as_a_whole(void **state)
{
    static const BYTE duid[] = {0, 2, 0, 0, 1, 0x57, 7, 8};

    (void)state;
    bench_start("[duid:0002000001570708]\nfile=d\n");
    assert_int_equal(deliver_duid(duid, sizeof(duid)), PXE_BA_NBP);
    expect_rejected(deliver_duid(duid, sizeof(duid) - 1), L"no section");
}

static void ignored_client_gets_nothing(void **state)
{
    (void)state;
    bench_start("[default]\nfile=a\n[guid:00112233445566778899aabbccddeeff]\nignore=yes\n");
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_IGNORE);
    assert_int_equal(fake_pxe.replies, 0);
    expect_rejected(DELIVER6(request_address, DHCP6_PORT), L"asks another server");
}

static void server_id_decides(void **state)
{
    static const BYTE ours[] = {3, XID, CLIENT_ID, PXE_MACHINE, SERVER_ID};
    static const BYTE other[] = {3, XID, CLIENT_ID, PXE_MACHINE, OTHER_SERVER_ID};
    static const BYTE none[] = {3, XID, CLIENT_ID, PXE_MACHINE};
    static const BYTE information_for_other[] = {11, XID, PXE_MACHINE, OTHER_SERVER_ID};

    (void)state;
    bench_start(one_file);
    assert_int_equal(DELIVER6(ours, DHCP6_PORT), PXE_BA_NBP);
    assert_int_equal(DELIVER6(ours, BOOT_PORT), PXE_BA_NBP);
    expect_rejected(DELIVER6(other, DHCP6_PORT), L"asks another server");
    expect_rejected(DELIVER6(other, BOOT_PORT), L"asks another server");
    expect_rejected(DELIVER6(none, DHCP6_PORT), L"names its server");
    assert_int_equal(DELIVER6(none, BOOT_PORT), PXE_BA_NBP);
    expect_rejected(DELIVER6(information_for_other, DHCP6_PORT), L"asks another server");
}

/* A machine that makes its address itself asks for the rest; it need not identify itself. */
static void information_request_is_answered(void **state)
{
    static const BYTE request[] = {11, XID, PXE_MACHINE};
    static const BYTE reply[] = {7, XID, SERVER_ID, PXE_CLASS, URL(18), TFTP_2, 'a'};
    static const BYTE anonymous_solicit[] = {1, XID, PXE_MACHINE};

    (void)state;
    bench_start(one_file);
    assert_int_equal(DELIVER6(request, DHCP6_PORT), PXE_BA_NBP);
    EXPECT_REPLY(reply);
    assert_int_equal(DELIVER6(request, BOOT_PORT), PXE_BA_NBP);
    EXPECT_REPLY(reply);
    expect_rejected(DELIVER6(anonymous_solicit, DHCP6_PORT), L"does not identify itself");
}

static void message_type_and_port_decide(void **state)
{
    /* The reply's type for a request that names no server, 0 = none. */
    static const BYTE on_dhcp_port[15] = {[1] = 2, [11] = 7};
    static const BYTE on_boot_port[15] = {[3] = 7, [11] = 7};
    BYTE request[] = {0, XID, CLIENT_ID, PXE_MACHINE};

    (void)state;
    bench_start(one_file);
    for (BYTE type = 0; type < 15; ++type) {
        for (int is_boot = 0; is_boot < 2; ++is_boot) {
            BYTE reply = (is_boot ? on_boot_port : on_dhcp_port)[type];
            PXE_BOOT_ACTION action;

            request[0] = type;
            action = DELIVER6(request, is_boot ? BOOT_PORT : DHCP6_PORT);
            assert_int_equal(action, reply == 0 ? PXE_BA_REJECTED : PXE_BA_NBP);
            assert_int_equal(fake_pxe.replies, reply == 0 ? 0 : 1);
            if (reply != 0)
                assert_int_equal(fake_pxe.reply[0], reply);
        }
    }
}

static void ports_can_be_moved(void **state)
{
    (void)state;
    bench_start("[server]\ndhcp6_port=1547\n[default]\nfile=a\n");
    assert_int_equal(DELIVER6(solicit, 1547), PXE_BA_NBP);
    assert_int_equal(DELIVER6(request_boot, 14011), PXE_BA_NBP);
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_REJECTED);
}

static void any_vendor_class_counts(void **state)
{
    static const BYTE strange[] = {0, 0, 2, 0x37, 0, 3, 'a', 'b', 'c'};
    static const BYTE second[] = {0, 0, 0x12, 0x34, 0, 1, 'x', 0, 9, PXE_CLIENT};
    static const BYTE cut_off[] = {ENTERPRISE, 0, 10, PXE_CLIENT};
    static const BYTE start[] = {3, XID, CLIENT_ID};
    static const BYTE reply[] = {7, XID, CLIENT_ID,  SERVER_ID, 0,      16, 0, 15, 0, 0, 0x12, 0x34,
                                 0, 9,   PXE_CLIENT, URL(18),   TFTP_2, 'a'};
    struct packet request = PACKET_COPY(start);

    (void)state;
    bench_start(one_file);
    packet6_add(&request, 16, strange, 0);
    packet6_add(&request, 16, strange, 5);
    packet6_add(&request, 16, strange, sizeof(strange));
    packet6_add(&request, 16, cut_off, sizeof(cut_off));
    expect_rejected(bench_deliver6_packet(&request, BOOT_PORT), L"neither PXEClient");
    packet6_add(&request, 16, second, sizeof(second));
    assert_int_equal(bench_deliver6_packet(&request, BOOT_PORT), PXE_BA_NBP);
    EXPECT_REPLY(reply);
}

/* ---- sizes and failures ---- */

/* The class stands last in what is captured, so a part of it is nobody's. */
static void what_is_cut_off_is_passed_on(void **state)
{
    (void)state;
    bench_start(one_file);
    for (ULONG length = 1; length < sizeof(solicit); ++length)
        expect_rejected(bench_deliver6(solicit, length, DHCP6_PORT, bench_address6), L"");
}

static void longest_reply_fits_one_packet(void **state)
{
    char text[900] = "[default]\nfile=";
    BYTE duid[131] = {0, 2};

    (void)state;
    memset(text + strlen(text), ' ', 127); /* three characters each in the URL */
    text[strlen("[default]\nfile=")] = '"';
    text[strlen(text) - 1] = '"';
    strcat(text, "\nboot_params=");
    for (int i = 0; i < 127; ++i)
        strcat(text, "a ");
    strcat(text, "b\n");
    bench_start(text);
    assert_int_equal(deliver_duid(duid, 130), PXE_BA_NBP);
    assert_int_equal(fake_pxe.reply_length,
                     4 + 134 + (4 + FAKE_DUID_SIZE) + 19 + (4 + 17 + 3 * 125) + (4 + 384));
    expect_rejected(deliver_duid(duid, 131), L"no DHCPv6 message");
    expect_rejected(deliver_duid(duid, 0), L"no DHCPv6 message");
}

static void server_without_duid_serves_ipv4(void **state)
{
    (void)state;
    fake_pxe.fail_duid = ERROR_NOT_SUPPORTED;
    bench_start(one_file);
    assert_non_null(wcsstr(fake_pxe.trace, L"no DUID, error 50"));
    assert_false(fake_pxe.ipv6_capable);
    assert_int_equal(fake_pxe.filter, PXE_PROV_FILTER_DHCP_ONLY);
    expect_rejected(DELIVER6(solicit, DHCP6_PORT), L"no DHCPv6 message");
}

static void failures_of_the_server_are_survived(void **state)
{
    (void)state;
    bench_start(one_file);
    fake_pxe.fail_allocate = ERROR_NOT_ENOUGH_MEMORY;
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_IGNORE);
    assert_non_null(wcsstr(fake_pxe.trace, L"reply not sent, error 8"));
    fake_pxe.fail_allocate = 0;
    fake_pxe.fail_send = 10051;
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_IGNORE);
    assert_non_null(wcsstr(fake_pxe.trace, L"reply not sent, error 10051"));
    fake_pxe.fail_send = 0;
    assert_int_equal(DELIVER6(solicit, DHCP6_PORT), PXE_BA_NBP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(uefi_client_boots),
        TEST(advertise_names_ourselves),
        TEST(first_reply_says_everything_if_told),
        TEST(options_of_dhcpv6_are_sent),
        TEST(link_local_address_needs_a_server),
        TEST(ip_stack_is_left_to_others),
        TEST(urls_are_made_from_files),
        TEST(own_file_goes_before_an_inherited_url),
        TEST(ipxe_gets_its_own_file),
        TEST(section_without_a_file_is_passed_on),
        TEST(most_particular_section_wins),
        TEST(identifiers_hold_addresses_and_guids),
        TEST(duid_matches_as_a_whole),
        TEST(ignored_client_gets_nothing),
        TEST(server_id_decides),
        TEST(information_request_is_answered),
        TEST(message_type_and_port_decide),
        TEST(ports_can_be_moved),
        TEST(any_vendor_class_counts),
        TEST(what_is_cut_off_is_passed_on),
        TEST(longest_reply_fits_one_packet),
        TEST(server_without_duid_serves_ipv4),
        TEST(failures_of_the_server_are_survived),
    };

    return cmocka_run_group_tests_name("staticpxe6", tests, NULL, NULL);
}
