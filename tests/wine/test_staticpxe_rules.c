/* staticpxe.dll: replies that only rules and menus make: Raspberry Pi, U-Boot, menus, long URLs. */
#include "wdspxe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/fake_pxe.h"
#include "support/provider_bench.h"
#include "support/pxe_clients.h"

#define SIADDR 20
#define GIADDR 24
#define FILE_FIELD 108

/* The last reply has this option, and it is so. */
static void expect_option(BYTE code, const void *expected, size_t size)
{
    PVOID value;
    BYTE length;

    assert_int_equal(fake_pxe.replies, 1);
    assert_int_equal(PxeDhcpGetOptionValue(fake_pxe.reply, fake_pxe.reply_length, 1, code, &length,
                                           &value),
                     ERROR_SUCCESS);
    assert_int_equal(length, size);
    assert_memory_equal(value, expected, size);
}

static void expect_option_begins(BYTE code, const BYTE *expected, size_t size)
{
    PVOID value;
    BYTE length;

    assert_int_equal(PxeDhcpGetOptionValue(fake_pxe.reply, fake_pxe.reply_length, 1, code, &length,
                                           &value),
                     ERROR_SUCCESS);
    assert_in_range(length, size, 255);
    assert_memory_equal(value, expected, size);
}

static void expect_no_option(BYTE code)
{
    PVOID value;
    BYTE length;

    assert_int_equal(PxeDhcpGetOptionValue(fake_pxe.reply, fake_pxe.reply_length, 1, code, &length,
                                           &value),
                     ERROR_FILE_NOT_FOUND);
}

static void expect_reply(BYTE type, const char *file, BYTE last_of_siaddr)
{
    expect_option(53, &type, 1);
    assert_string_equal((const char *)fake_pxe.reply + FILE_FIELD, file);
    assert_int_equal(fake_pxe.reply[SIADDR + 3], last_of_siaddr);
}

/* A UEFI client's DISCOVER with another vendor class and architecture. */
static struct packet discover_of(const char *vendor_class, BYTE arch)
{
    struct packet request = PACKET_COPY(ovmf_discover);
    const BYTE archs[] = {0, arch};

    packet_cut(&request, 60);
    packet_add(&request, 60, vendor_class, (BYTE)strlen(vendor_class));
    packet_cut(&request, 93);
    packet_add(&request, 93, archs, sizeof(archs));
    return request;
}

static void uboot_gets_file_and_server_in_the_offer(void **state)
{
    struct packet request = discover_of("U-Boot.armv8", 22);

    (void)state;
    bench_start("[default]\nfile=default.0\n[arch:22]\nfile=boot.scr.uimg\n"
                "next_server=10.77.0.9\n");
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply(2, "boot.scr.uimg", 9);
    bench_stop();
    bench_start("[default]\nfile=default.0\n");
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_REJECTED);
}

static void raspberry_pi_gets_its_text_and_file_in_the_offer(void **state)
{
    static const BYTE pi[] = {0xdc, 0xa6, 0x32, 1, 2, 3};
    static const char text[] = "Raspberry Pi Boot";
    struct packet request = discover_of("PXEClient:Arch:00000:UNDI:002001", 0);

    (void)state;
    memcpy(request.bytes + 28, pi, sizeof(pi));
    bench_start("[default]\nfile=pc.0\n[rule:pi]\nmac=dc-a6-32-*, b8-27-eb-*\n"
                "file=bootcode.bin\nfile_in_offer=yes\noption.43=\"Raspberry Pi Boot\"\n");
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply(2, "bootcode.bin", 2);
    expect_option(43, text, sizeof(text) - 1);
    request.bytes[28] = 0x52; /* a PC beside it */
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply(2, "", 2);
    expect_no_option(43);
}

static void a_menu_is_offered_and_the_chosen_item_booted(void **state)
{
    static const BYTE menu[] = {6,   1,   3,    8,   7,   0x80, 0,   1,   10,  77,  0,  2,
                                9,   15,  0x80, 0,   4,   'T',  'e', 's', 't', 0,   0,  5,
                                'L', 'o', 'c',  'a', 'l', 10,   3,   7,   'G', 'o', 255};
    static const BYTE item[] = {0x47, 4, 0x80, 0, 0, 0, 255};

    (void)state;
    bench_start("[default]\nfile=plain.0\nmenu=m\n[menu:m]\nprompt=Go\ntimeout=7\n"
                "item=test, \"Test\"\nitem=local, \"Local\"\n"
                "[group:test]\nfile=test.0\nnext_server=10.77.0.9\n");
    assert_int_equal(DELIVER(bios_discover, DHCP_PORT), PXE_BA_NBP);
    expect_reply(2, "", 2);
    expect_option(43, menu, sizeof(menu));
    assert_int_equal(DELIVER(bios_request_item, BOOT_PORT), PXE_BA_NBP);
    expect_reply(5, "test.0", 9);
    expect_option(43, item, sizeof(item));
    assert_int_equal(DELIVER(ovmf_request_boot, BOOT_PORT), PXE_BA_NBP);
    expect_reply(5, "plain.0", 2);
}

/* EDK II takes the file from the server that it asked, unless it asked everybody. */
static void uefi_finds_a_menus_server_by_broadcast_if_the_files_are_elsewhere(void **state)
{
    static const char menu[] = "item=a, \"A\"\n[group:a]\nfile=a.efi\n";
    static const BYTE unicast[] = {6, 1, 3, 8, 7};
    static const BYTE broadcast[] = {6, 1, 2, 9, 4};
    static const struct {
        const char *head, *tail;
        const BYTE *uefi;
    } cases[] = {
        {"[default]\nmenu=m\nfile=f\n[menu:m]\n", "", unicast},
        {"[default]\nmenu=m\nfile=f\n[menu:m]\n", "next_server=10.77.0.9\n", broadcast},
        {"[default]\nmenu=m\nfile=f\n[menu:m]\n", "use=b\n[group:b]\nnext_server=10.77.0.9\n",
         broadcast},
        {"[default]\nmenu=m\nfile=f\nnext_server=10.77.0.9\n[menu:m]\n", "", broadcast},
        {"[default]\nmenu=m\nfile=f\nnext_server=10.77.0.9\n[menu:m]\ndiscovery=unicast\n", "",
         unicast},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        char ini[300];

        snprintf(ini, sizeof(ini), "%s%s%s", cases[i].head, menu, cases[i].tail);
        bench_start(ini);
        assert_int_equal(DELIVER(ovmf_discover, DHCP_PORT), PXE_BA_NBP);
        expect_option_begins(43, cases[i].uefi, 5);
        assert_int_equal(DELIVER(bios_discover, DHCP_PORT), PXE_BA_NBP);
        expect_option_begins(43, unicast, 5);
        bench_stop();
    }
}

static void a_long_url_goes_into_option_67_if_that_is_asked_for(void **state)
{
    static const BYTE asks[] = {66, 67, 43};
    static const BYTE asks_not[] = {66, 43};
    struct packet request = PACKET_COPY(ovmf_request_boot);
    char url[201] = "http://boot.example.test/";
    char ini[300];

    (void)state;
    memset(url + strlen(url), 'x', sizeof(url) - 1 - strlen(url));
    snprintf(ini, sizeof(ini), "[default]\nfile=%s\n", url);
    bench_start(ini);
    packet_cut(&request, 55);
    packet_add(&request, 55, asks, sizeof(asks));
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_NBP);
    expect_reply(5, "", 2);
    expect_option(67, url, sizeof(url) - 1);
    packet_cut(&request, 55);
    packet_add(&request, 55, asks_not, sizeof(asks_not));
    assert_int_equal(bench_deliver_packet(&request, BOOT_PORT), PXE_BA_IGNORE);
    assert_non_null(wcsstr(fake_pxe.trace, L"option 67"));
}

static void a_section_may_leave_a_client_to_the_next_provider(void **state)
{
    (void)state;
    bench_start("[default]\nfile=a\n[rule:r]\nsubnet=10.77.0.0/16\nleave=yes\n");
    assert_int_equal(DELIVER(ovmf_discover, DHCP_PORT), PXE_BA_REJECTED);
    assert_non_null(wcsstr(fake_pxe.trace, L"leave=yes"));
}

static void a_client_is_known_by_its_switch_port_its_identifier_and_its_subnet(void **state)
{
    static const char ini[] = "[server]\nfile_in_offer=yes\n"
                              "[rule:port]\ncircuit_id=eth-0/7*\nfile=port.efi\n"
                              "[rule:id]\nclient_id=hex:00aabb\nfile=id.efi\n"
                              "[rule:net]\nsubnet=10.88.0.0/16\nfile=net.efi\n"
                              "[default]\nfile=d.efi\n";
    static const BYTE circuit[] = {1, 8, 'e', 't', 'h', '-', '0', '/', '7', '1'};
    static const BYTE id[] = {0, 0xaa, 0xbb};
    static const BYTE relay[] = {10, 88, 0, 254};
    struct packet request = PACKET_COPY(ovmf_discover);

    (void)state;
    bench_start(ini);
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply(2, "d.efi", 2);
    memcpy(request.bytes + GIADDR, relay, sizeof(relay));
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply(2, "net.efi", 2);
    packet_add(&request, 61, id, sizeof(id));
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply(2, "id.efi", 2);
    packet_add(&request, 82, circuit, sizeof(circuit));
    assert_int_equal(bench_deliver_packet(&request, DHCP_PORT), PXE_BA_NBP);
    expect_reply(2, "port.efi", 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(uboot_gets_file_and_server_in_the_offer),
        TEST(raspberry_pi_gets_its_text_and_file_in_the_offer),
        TEST(a_menu_is_offered_and_the_chosen_item_booted),
        TEST(uefi_finds_a_menus_server_by_broadcast_if_the_files_are_elsewhere),
        TEST(a_long_url_goes_into_option_67_if_that_is_asked_for),
        TEST(a_client_is_known_by_its_switch_port_its_identifier_and_its_subnet),
        TEST(a_section_may_leave_a_client_to_the_next_provider),
    };

    return cmocka_run_group_tests_name("staticpxe_rules", tests, NULL, NULL);
}
