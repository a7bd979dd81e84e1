/*
 * staticpxe.dll as the server sees it: started with a registry key, fed with requests of real
 * clients, stopped. The replies are compared byte by byte.
 */
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

#define FIXED_SIZE 240
#define SMALLEST_REPLY 300

#define MESSAGE_TYPE(type) 53, 1, type
#define SERVER_ID 54, 4, 10, 77, 0, 2
#define PXE_CLIENT 60, 9, 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't'
#define MACHINE_ID                                                                                 \
    97, 17, 0, 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, \
        0xee, 0xff
#define END 255

static const char two_files[] = "[default]\nfile=pxelinux.0\n[arch:7]\nfile=boot\\x64\\a.efi\n";

/* ---- what a reply must be ---- */

/* The fixed part of a reply to `request`; what the test does not set stays zero. */
struct expectation {
    const BYTE *request;
    BOOL with_ciaddr;
    BYTE siaddr[4];
    const char *sname;
    const char *file;
    const BYTE *options;
    size_t options_length;
};

static void expect_reply(const struct expectation *expected)
{
    BYTE reply[FAKE_REPLY_MAX] = {0};
    size_t length = FIXED_SIZE + expected->options_length;

    if (length < SMALLEST_REPLY)
        length = SMALLEST_REPLY;
    memcpy(reply, expected->request, 12); /* htype, hlen, xid, secs, flags */
    reply[0] = 2;
    reply[3] = 0; /* hops */
    if (expected->with_ciaddr)
        memcpy(reply + 12, expected->request + 12, 4);
    memcpy(reply + 20, expected->siaddr, 4);
    memcpy(reply + 24, expected->request + 24, 4 + 16); /* giaddr, chaddr */
    if (expected->sname != NULL)
        memcpy(reply + 44, expected->sname, strlen(expected->sname));
    if (expected->file != NULL)
        memcpy(reply + 108, expected->file, strlen(expected->file));
    memcpy(reply + 236, expected->request + 236, 4);
    memcpy(reply + FIXED_SIZE, expected->options, expected->options_length);

    assert_int_equal(fake_pxe.replies, 1);
    assert_int_equal(fake_pxe.reply_length, length);
    assert_memory_equal(fake_pxe.reply, reply, length);
    assert_int_equal(fake_pxe.destination.uFlags, PXE_ADDR_USE_DHCP_RULES);
}

static void expect_valid(void)
{
    BOOL is_pxe = FALSE;

    assert_int_equal(PxeDhcpIsValid(fake_pxe.reply, fake_pxe.reply_length, FALSE, &is_pxe),
                     ERROR_SUCCESS);
    assert_true(is_pxe);
}

static void expect_file(const char *file)
{
    assert_int_equal(fake_pxe.replies, 1);
    assert_string_equal((const char *)fake_pxe.reply + 108, file);
    expect_valid();
}

/* What the BIOS machine sends as option 61 comes back (RFC 6842); the UEFI machine sends none. */
#define CLIENT_ID 61, 7, 1, 0x52, 0x54, 0, 0x77, 0, 1

static const BYTE offer_options[] = {MESSAGE_TYPE(2), SERVER_ID, PXE_CLIENT, MACHINE_ID, END};
static const BYTE ack_options[] = {MESSAGE_TYPE(5), SERVER_ID, PXE_CLIENT, MACHINE_ID, END};
static const BYTE bios_offer_options[] = {MESSAGE_TYPE(2), SERVER_ID, PXE_CLIENT,
                                          MACHINE_ID,      CLIENT_ID, END};
static const BYTE bios_ack_options[] = {MESSAGE_TYPE(5), SERVER_ID, PXE_CLIENT,
                                        MACHINE_ID,      CLIENT_ID, END};

static BOOL is_bios(const BYTE *request)
{
    return request[28 + 5] == 1; /* by its MAC address */
}

static void expect_offer(const BYTE *request)
{
    const struct expectation expected = {
        .request = request,
        .siaddr = {10, 77, 0, 2},
        .options = is_bios(request) ? bios_offer_options : offer_options,
        .options_length = is_bios(request) ? sizeof(bios_offer_options) : sizeof(offer_options),
    };

    expect_reply(&expected);
    expect_valid();
}

static void expect_ack(const BYTE *request, const char *file)
{
    const struct expectation expected = {
        .request = request,
        .with_ciaddr = TRUE,
        .siaddr = {10, 77, 0, 2},
        .file = file,
        .options = is_bios(request) ? bios_ack_options : ack_options,
        .options_length = is_bios(request) ? sizeof(bios_ack_options) : sizeof(ack_options),
    };

    expect_reply(&expected);
    expect_valid();
}

static void expect_rejected(PXE_BOOT_ACTION action, LPCWSTR reason)
{
    assert_int_equal(action, PXE_BA_REJECTED);
    assert_int_equal(fake_pxe.replies, 0);
    assert_non_null(wcsstr(fake_pxe.trace, reason));
}

/* ---- real clients ---- */

static void bios_client_boots(void **state)
{
    (void)state;
    bench_start(two_files);
    assert_int_equal(DELIVER(bios_discover, DHCP_PORT), PXE_BA_NBP);
    expect_offer(bios_discover);
    expect_rejected(DELIVER(bios_request_address, DHCP_PORT), L"asks another server");
    assert_int_equal(DELIVER(bios_request_boot, BOOT_PORT), PXE_BA_NBP);
    expect_ack(bios_request_boot, "pxelinux.0");
    assert_non_null(wcsstr(fake_pxe.trace, L"52-54-00-77-00-01: ACK, file pxelinux.0 from "
                                           L"10.77.0.2"));
}

static void uefi_client_boots(void **state)
{
    (void)state;
    bench_start(two_files);
    assert_int_equal(DELIVER(ovmf_discover, DHCP_PORT), PXE_BA_NBP);
    expect_offer(ovmf_discover);
    expect_rejected(DELIVER(ovmf_request_address, DHCP_PORT), L"asks another server");
    assert_int_equal(DELIVER(ovmf_request_boot, BOOT_PORT), PXE_BA_NBP);
    expect_ack(ovmf_request_boot, "boot\\x64\\a.efi");
}

static void relayed_client_gets_its_offer(void **state)
{
    static const BYTE relay_information[] = {1, 4, 'e', 't', 'h', '1'};
    struct packet request = PACKET_COPY(ovmf_relayed_discover);
    /* clang-format off */
    static const BYTE options[] = {MESSAGE_TYPE(2), SERVER_ID, PXE_CLIENT, MACHINE_ID, 82, 6,
                                   1, 4, 'e', 't', 'h', '1', END};
    /* clang-format on */
    struct expectation expected = {
        .siaddr = {10, 77, 0, 2}, .options = options, .options_length = sizeof(options)};

    (void)state;
    bench_start(two_files);
    assert_int_equal(DELIVER(ovmf_relayed_discover, DHCP_PORT), PXE_BA_NBP);
    expect_offer(ovmf_relayed_discover);

    packet_add(&request, 82, relay_information, sizeof(relay_information));
    expected.request = request.bytes;
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply(&expected);
}

static void boot_item_is_repeated(void **state)
{
    /* clang-format off */
    static const BYTE options[] = {MESSAGE_TYPE(5), SERVER_ID, PXE_CLIENT, MACHINE_ID, CLIENT_ID,
                                   43, 7,
                                   0x47, 4, 0x80, 0, 0, 0, 255, END};
    /* clang-format on */
    const struct expectation expected = {
        .request = bios_request_item,
        .with_ciaddr = TRUE,
        .siaddr = {10, 77, 0, 2},
        .file = "pxelinux.0",
        .options = options,
        .options_length = sizeof(options),
    };

    (void)state;
    bench_start(two_files);
    assert_int_equal(DELIVER(bios_request_item, BOOT_PORT), PXE_BA_NBP);
    expect_reply(&expected);
    expect_valid();
}

static void boot_item_joins_configured_option_43(void **state)
{
    /* clang-format off */
    static const BYTE options[] = {MESSAGE_TYPE(5), SERVER_ID, PXE_CLIENT, MACHINE_ID, CLIENT_ID,
                                   252, 1, 9, 43, 10, 0x47, 4, 0x80, 0, 0, 0, 6, 1, 8, 255, END};
    /* clang-format on */
    const struct expectation expected = {
        .request = bios_request_item,
        .with_ciaddr = TRUE,
        .siaddr = {10, 77, 0, 2},
        .file = "a",
        .options = options,
        .options_length = sizeof(options),
    };

    (void)state;
    bench_start("[default]\nfile=a\noption.43=hex:060108ff\noption.252=u8:9\n");
    assert_int_equal(DELIVER(bios_request_item, BOOT_PORT), PXE_BA_NBP);
    expect_reply(&expected);
}

static void ack_carries_everything_configured(void **state)
{
    /* clang-format off */
    static const BYTE options[] = {MESSAGE_TYPE(5), SERVER_ID, PXE_CLIENT, MACHINE_ID, 252, 5,
                                   '\\', 'b', 'c', 'd', '\\', 150, 4, 10, 0, 0, 9, END};
    /* clang-format on */
    const struct expectation expected = {
        .request = ovmf_request_boot,
        .with_ciaddr = TRUE,
        .siaddr = {10, 0, 0, 9},
        .sname = "srv.test",
        .file = "a.efi",
        .options = options,
        .options_length = sizeof(options),
    };

    (void)state;
    bench_start("[default]\nfile=a.efi\nnext_server=10.0.0.9\nserver_name=srv.test\n"
                "option.252=\"\\bcd\\\"\noption.150=ip:10.0.0.9\n");
    assert_int_equal(DELIVER(ovmf_request_boot, BOOT_PORT), PXE_BA_NBP);
    expect_reply(&expected);
    /* A UEFI client asks the siaddr of an OFFER for the file's name, so there it is our own. */
    assert_int_equal(DELIVER(ovmf_discover, DHCP_PORT), PXE_BA_NBP);
    expect_offer(ovmf_discover);
}

static void offer_carries_the_file_if_told(void **state)
{
    /* clang-format off */
    static const BYTE options[] = {MESSAGE_TYPE(2), SERVER_ID, PXE_CLIENT, MACHINE_ID, 43, 4,
                                   6, 1, 8, 255, END};
    /* clang-format on */
    const struct expectation expected = {
        .request = ovmf_discover,
        .siaddr = {10, 0, 0, 9},
        .file = "a.efi",
        .options = options,
        .options_length = sizeof(options),
    };

    (void)state;
    bench_start("[server]\nfile_in_offer=yes\nnext_server=10.0.0.9\n"
                "[default]\nfile=a.efi\noption.43=hex:060108ff\n");
    assert_int_equal(DELIVER(ovmf_discover, DHCP_PORT), PXE_BA_NBP);
    expect_reply(&expected);
}

/* Some firmware keeps an old address in a DISCOVER; RFC 2131, table 3, wants none in an OFFER. */
static void offer_has_no_client_address(void **state)
{
    struct packet request = PACKET_COPY(ovmf_discover);

    (void)state;
    memcpy(request.bytes + 12, bench_address, sizeof(bench_address)); /* ciaddr */
    memcpy(request.bytes + 16, bench_address, sizeof(bench_address)); /* yiaddr */
    bench_start(two_files);
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_offer(request.bytes);
}

/* ---- who is answered ---- */

static void most_particular_section_wins(void **state)
{
    static const char *const sections[] = {
        "[mac:52-54-00-77-00-02]\nfile=mac\n",
        "[guid:00112233-4455-6677-8899-aabbccddeeff]\nfile=guid\n",
        "[arch:7]\nfile=arch\n",
        "[default]\nfile=default\n",
    };
    static const char *const files[] = {"mac", "guid", "arch", "default"};

    (void)state;
    for (int first = 0; first < 4; ++first) {
        char text[256] = "";

        for (int i = 3; i >= first; --i) /* the last in the file wins, so order does not matter */
            strcat(text, sections[i]);
        bench_start(text);
        assert_int_equal(DELIVER(ovmf_request_boot, BOOT_PORT), PXE_BA_NBP);
        expect_file(files[first]);
        bench_stop();
    }
}

static void any_listed_architecture_matches(void **state)
{
    static const BYTE odd[] = {0, 16, 0, 7, 0}; /* with the END behind it: 255 */
    struct packet request = PACKET_COPY(ovmf_request_boot);

    (void)state;
    bench_start("[arch:7]\nfile=seven\n[arch:0]\nfile=zero\n");
    packet_cut(&request, 93);
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_file("seven"); /* by the vendor class */
    packet_add(&request, 93, odd, sizeof(odd));
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_file("seven");
    bench_stop();

    bench_start("[arch:255]\nfile=a\n");
    expect_rejected(bench_deliver_packet(&request, BOOT_PORT), L"no section");
}

static void other_identities_do_not_match(void **state)
{
    /* clang-format off */
    static const BYTE other_type[] = {1,    0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                                      0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
    /* clang-format on */
    struct packet request = PACKET_COPY(ovmf_request_boot);

    (void)state;
    bench_start("[mac:52-54-00-77-00-02]\nfile=mac\n"
                "[guid:00112233445566778899aabbccddeeff]\nfile=b\n");
    request.bytes[2] = 7; /* hlen: another kind of address that begins alike */
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_file("b");
    packet_cut(&request, 97);
    expect_rejected(bench_deliver_packet(&request, BOOT_PORT), L"no section");
    packet_add(&request, 97, other_type, sizeof(other_type));
    expect_rejected(bench_deliver_packet(&request, BOOT_PORT), L"no section");
    request.bytes[2] = 6;
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_file("mac");
}

static void ipxe_gets_its_own_file(void **state)
{
    static const BYTE counted[] = {4, 'i', 'P', 'X', 'E'};
    struct packet request = PACKET_COPY(ovmf_request_boot);

    (void)state;
    bench_start("[default]\nfile=first\nipxe_file=second\n"
                "[mac:52-54-00-77-00-01]\nipxe_file=third\n");
    assert_int_equal(DELIVER(bios_request_boot, BOOT_PORT), PXE_BA_NBP);
    expect_file("third");
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_file("first");
    packet_add(&request, 77, counted, sizeof(counted));
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_file("second");
}

static void unknown_client_is_passed_on(void **state)
{
    (void)state;
    bench_start("[arch:11]\nfile=a\n");
    fake_pxe.severities = 0;
    expect_rejected(DELIVER(bios_discover, DHCP_PORT), L"no section");
    assert_int_equal(fake_pxe.severities, PXE_TRACE_VERBOSE);
}

static void ignored_client_gets_nothing(void **state)
{
    (void)state;
    bench_start("[default]\nfile=a\n[mac:52-54-00-77-00-01]\nignore=yes\n");
    assert_int_equal(DELIVER(bios_discover, DHCP_PORT), PXE_BA_IGNORE);
    assert_int_equal(fake_pxe.replies, 0);
    assert_int_equal(DELIVER(ovmf_discover, DHCP_PORT), PXE_BA_NBP);
    /* What is not for us stays with the other providers, also for this client. */
    expect_rejected(DELIVER(bios_request_address, DHCP_PORT), L"asks another server");
}

static void server_id_decides_about_a_request(void **state)
{
    static const BYTE other[] = {10, 77, 0, 1};
    struct packet request = PACKET_COPY(bios_request_boot);

    (void)state;
    bench_start(two_files);
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_ack(bios_request_boot, "pxelinux.0");

    memcpy(packet_find(&request, 54), other, sizeof(other));
    expect_rejected(bench_deliver_packet(&request, DHCP_PORT), L"asks another server");
    expect_rejected(bench_deliver_packet(&request, BOOT_PORT), L"asks another server");

    packet_cut(&request, 54);
    expect_rejected(bench_deliver_packet(&request, DHCP_PORT), L"renews the lease");
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);

    packet_add(&request, 54, bench_address, 3); /* a broken one is nobody's */
    expect_rejected(bench_deliver_packet(&request, BOOT_PORT), L"asks another server");
}

/* PXE 2.1, section 2.2.1, step 5: discovery by broadcast. The item alone tells it from a renewal.
 */
static void chosen_boot_server_is_found_by_broadcast(void **state)
{
    struct packet request = PACKET_COPY(bios_request_item);
    BYTE *type;

    (void)state;
    bench_start(two_files);
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_file("pxelinux.0");
    type = packet_find(&request, 53);
    *type = 8;
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    *type = 3;
    memset(request.bytes + 12, 0, 4); /* without ciaddr nobody can be answered */
    expect_rejected(bench_deliver_packet(&request, DHCP_PORT), L"no address yet");
}

static void option_50_asks_a_dhcp_server(void **state)
{
    static const BYTE address[] = {10, 77, 0, 199};
    struct packet request = PACKET_COPY(bios_request_boot);

    (void)state;
    bench_start(two_files);
    packet_add(&request, 50, address, sizeof(address));
    expect_rejected(bench_deliver_packet(&request, DHCP_PORT), L"for an address");
}

/* Both instances come back as they are (RFC 3046 and RFC 3396). */
static void relay_information_comes_back_whole(void **state)
{
    static const BYTE one[] = {1, 3, 'e', 't', 'h'};
    static const BYTE two[] = {2, 2, 'h', 'q'};
    struct packet request = PACKET_COPY(ovmf_discover);
    PVOID value;
    BYTE length;

    (void)state;
    bench_start(two_files);
    packet_add(&request, 82, one, sizeof(one));
    packet_add(&request, 82, two, sizeof(two));
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    for (ULONG i = 1; i <= 2; ++i)
        assert_int_equal(PxeDhcpGetOptionValue(fake_pxe.reply, fake_pxe.reply_length, i, 82,
                                               &length, &value),
                         ERROR_SUCCESS);
    assert_int_equal(length, 4);
}

static void ipxe_is_known_by_list_and_by_its_option(void **state)
{
    static const BYTE list[] = {3, 'l', 'a', 'b', 4, 'i', 'P', 'X', 'E'};
    static const BYTE features[] = {177, 1, 0};
    struct packet request = PACKET_COPY(ovmf_request_boot);

    (void)state;
    bench_start("[default]\nfile=a\nipxe_file=menu.ipxe\n");
    packet_add(&request, 77, list, sizeof(list));
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_file("menu.ipxe");
    packet_cut(&request, 77);
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_file("a");
    packet_add(&request, 175, features, sizeof(features));
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_file("menu.ipxe");
}

/* Else UEFI firmware asks the file's host, on port 4011, for what it has. */
static void offer_with_file_says_that_it_is_all(void **state)
{
    PVOID value;
    BYTE length;

    (void)state;
    bench_start("[server]\nfile_in_offer=yes\n[default]\nfile=a\n");
    assert_int_equal(DELIVER(ovmf_discover, DHCP_PORT), PXE_BA_NBP);
    assert_int_equal(PxeDhcpGetOptionValue(fake_pxe.reply, fake_pxe.reply_length, 1, 43, &length,
                                           &value),
                     ERROR_SUCCESS);
    assert_int_equal(length, 4);
    assert_memory_equal(value, "\x06\x01\x08\xff", 4);
}

static void message_type_and_port_decide(void **state)
{
    /* 1 DISCOVER, 2 OFFER, 3 REQUEST without 54, 4 DECLINE, 5 ACK, 6 NAK, 7 RELEASE, 8 INFORM */
    static const BYTE on_dhcp_port[] = {0, 2, 0, 0, 0, 0, 0, 0, 0, 0};
    static const BYTE on_boot_port[] = {0, 0, 0, 5, 0, 0, 0, 0, 5, 0};
    struct packet request = PACKET_COPY(ovmf_request_boot);

    (void)state;
    bench_start(two_files);
    for (BYTE type = 0; type < 10; ++type) {
        for (int is_boot = 0; is_boot < 2; ++is_boot) {
            BYTE reply = (is_boot ? on_boot_port : on_dhcp_port)[type];
            PXE_BOOT_ACTION action;

            *packet_find(&request, 53) = type;
            action = bench_deliver_packet(&request, is_boot ? BOOT_PORT : DHCP_PORT);
            assert_int_equal(action, reply == 0 ? PXE_BA_REJECTED : PXE_BA_NBP);
            assert_int_equal(fake_pxe.replies, reply == 0 ? 0 : 1);
            if (reply != 0)
                assert_int_equal(fake_pxe.reply[FIXED_SIZE + 2], reply);
        }
    }
}

static void ports_can_be_moved(void **state)
{
    (void)state;
    bench_start("[server]\ndhcp_port=1067\n[default]\nfile=a\n");
    assert_int_equal(DELIVER(ovmf_discover, 1067), PXE_BA_NBP);
    assert_int_equal(DELIVER(ovmf_request_boot, 14011), PXE_BA_NBP);
    assert_int_equal(DELIVER(ovmf_discover, DHCP_PORT), PXE_BA_REJECTED);
    assert_int_equal(DELIVER(ovmf_request_boot, 1067), PXE_BA_REJECTED);
}

static void what_is_no_dhcpv4_is_passed_on(void **state)
{
    struct packet request = PACKET_COPY(ovmf_discover);

    (void)state;
    bench_start(two_files);
    assert_int_equal(bench_deliver_from(ovmf_discover, sizeof(ovmf_discover), DHCP_PORT, 16),
                     PXE_BA_REJECTED);
    for (ULONG length = 1; length < FIXED_SIZE + 3; ++length)
        assert_int_equal(bench_deliver(ovmf_discover, length, DHCP_PORT), PXE_BA_REJECTED);
    request.bytes[236] ^= 1;
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_REJECTED);
    assert_int_equal(fake_pxe.replies, 0);
}

static void machine_id_is_repeated_only_if_sent(void **state)
{
    static const BYTE options[] = {MESSAGE_TYPE(2), SERVER_ID, PXE_CLIENT, END};
    struct packet request = PACKET_COPY(ovmf_discover);
    const struct expectation expected = {
        .request = request.bytes,
        .siaddr = {10, 77, 0, 2},
        .options = options,
        .options_length = sizeof(options),
    };

    (void)state;
    bench_start(two_files);
    packet_cut(&request, 97);
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply(&expected);
}

/* ---- sizes and failures ---- */

/* With the fixed options an ACK has 280 bytes; these fill it up to exactly `total`. */
static void start_with_options(ULONG total)
{
    char text[2200] = "[default]\nfile=a\n";
    ULONG left = total - FIXED_SIZE - (ULONG)sizeof(ack_options);

    for (int code = 128; left > 0; ++code) {
        ULONG size = left > 259 ? 257 : left > 257 ? 250 : left;

        assert_true(size >= 3);
        sprintf(text + strlen(text), "option.%d=hex:", code);
        for (ULONG i = 2; i < size; ++i)
            strcat(text, "cd");
        strcat(text, "\n");
        left -= size;
    }
    bench_start(text);
}

static void expect_limit(ULONG option_57, ULONG limit)
{
    BYTE value[] = {(BYTE)(option_57 >> 8), (BYTE)option_57};
    struct packet request = PACKET_COPY(ovmf_request_boot);

    memcpy(packet_find(&request, 57), value, sizeof(value));
    if (option_57 == 0)
        packet_cut(&request, 57);

    start_with_options(limit);
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    assert_int_equal(fake_pxe.reply_length, limit);
    expect_valid();
    bench_stop();

    start_with_options(limit + 1);
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_IGNORE);
    assert_int_equal(fake_pxe.replies, 0);
    assert_non_null(wcsstr(fake_pxe.trace, L"takes no more than"));
    bench_stop();
}

static void reply_fits_the_client(void **state)
{
    (void)state;
    expect_limit(0, 548);
    expect_limit(1, 548);
    expect_limit(575, 548);
    expect_limit(576, 548);
    expect_limit(577, 549);
    expect_limit(900, 872);
}

static void reply_is_never_above_1024(void **state)
{
    struct packet request = PACKET_COPY(bios_request_item);
    BYTE big[] = {0xff, 0x00};
    BYTE machine[255] = {1};

    (void)state;
    start_with_options(240 + sizeof(ack_options) + 700);
    memcpy(packet_find(&request, 57), big, sizeof(big));
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    assert_int_equal(fake_pxe.reply_length, 998);
    expect_valid();
    packet_cut(&request, 97);
    packet_add(&request, 97, machine, sizeof(machine)); /* 238 bytes more do not fit */
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_IGNORE);
}

static void longest_names_stay_terminated(void **state)
{
    char text[300] = "[default]\nfile=";

    (void)state;
    memset(text + strlen(text), 'f', 127);
    strcat(text, "\nserver_name=");
    memset(text + strlen(text), 'n', 63);
    strcat(text, "\n");
    bench_start(text);
    assert_int_equal(DELIVER(ovmf_request_boot, BOOT_PORT), PXE_BA_NBP);
    expect_valid();
    assert_int_equal(strlen((const char *)fake_pxe.reply + 108), 127);
    assert_int_equal(strlen((const char *)fake_pxe.reply + 44), 63);
}

static void failures_of_the_server_are_survived(void **state)
{
    (void)state;
    bench_start(two_files);
    fake_pxe.fail_allocate = ERROR_NOT_ENOUGH_MEMORY;
    assert_int_equal(DELIVER(bios_discover, DHCP_PORT), PXE_BA_IGNORE);
    assert_non_null(wcsstr(fake_pxe.trace, L"reply not sent, error 8"));
    fake_pxe.fail_allocate = 0;
    fake_pxe.fail_send = 10051;
    assert_int_equal(DELIVER(bios_discover, DHCP_PORT), PXE_BA_IGNORE);
    assert_non_null(wcsstr(fake_pxe.trace, L"reply not sent, error 10051"));
    fake_pxe.fail_send = 0;
    assert_int_equal(DELIVER(bios_discover, DHCP_PORT), PXE_BA_NBP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bios_client_boots),
        TEST(uefi_client_boots),
        TEST(relayed_client_gets_its_offer),
        TEST(boot_item_is_repeated),
        TEST(boot_item_joins_configured_option_43),
        TEST(ack_carries_everything_configured),
        TEST(offer_carries_the_file_if_told),
        TEST(offer_has_no_client_address),
        TEST(most_particular_section_wins),
        TEST(any_listed_architecture_matches),
        TEST(other_identities_do_not_match),
        TEST(ipxe_gets_its_own_file),
        TEST(unknown_client_is_passed_on),
        TEST(ignored_client_gets_nothing),
        TEST(server_id_decides_about_a_request),
        TEST(chosen_boot_server_is_found_by_broadcast),
        TEST(option_50_asks_a_dhcp_server),
        TEST(relay_information_comes_back_whole),
        TEST(ipxe_is_known_by_list_and_by_its_option),
        TEST(offer_with_file_says_that_it_is_all),
        TEST(message_type_and_port_decide),
        TEST(ports_can_be_moved),
        TEST(what_is_no_dhcpv4_is_passed_on),
        TEST(machine_id_is_repeated_only_if_sent),
        TEST(reply_fits_the_client),
        TEST(reply_is_never_above_1024),
        TEST(longest_names_stay_terminated),
        TEST(failures_of_the_server_are_survived),
    };

    return cmocka_run_group_tests_name("staticpxe", tests, NULL, NULL);
}
