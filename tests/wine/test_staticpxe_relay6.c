/* staticpxe.dll behind DHCPv6 relays: what comes in a RELAY-FORW is answered in a RELAY-REPL. */
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

#define FORW 12
#define REPL 13
#define RELAY_OPTIONS 34
#define INTERFACE_ID(name) 0, 18, 0, 4, 'e', 't', 'h', name
#define RELAY_MESSAGE(length) 0, 9, 0, length

/* The reply to a SOLICIT with this transaction id. */
#define ADVERTISE(x, y, z) 2, x, y, z, CLIENT_ID, SERVER_ID, PXE_CLASS, URL(18), TFTP_2, 'a'
#define ADVERTISE_SIZE 85

static const BYTE solicit[] = {OVMF6_SOLICIT};
static const char one_file[] = "[default]\nfile=a\n";

static void expect_bytes(const BYTE *expected, size_t length)
{
    assert_int_equal(fake_pxe.replies, 1);
    assert_int_equal(fake_pxe.reply_length, length);
    assert_memory_equal(fake_pxe.reply, expected, length);
    assert_int_equal(fake_pxe.destination.uFlags, PXE_ADDR_USE_DHCP_RULES);
}

#define EXPECT_REPLY(array) expect_bytes(array, sizeof(array))

/* Puts a relay around the message; `options` stand before the message in it. */
static void wrap(struct packet *packet, BYTE hops, const BYTE *options, size_t options_length)
{
    static const BYTE header[] = {RELAY(FORW, 0)};
    struct packet inner = *packet;

    *packet = PACKET_COPY(header);
    packet->bytes[1] = hops;
    if (options_length > 0)
        memcpy(packet->bytes + packet->length, options, options_length);
    packet->length += (ULONG)options_length;
    packet6_add(packet, 9, inner.bytes, inner.length);
}

static void relayed_client_gets_its_reply(void **state)
{
    static const BYTE request[] = {OVMF6_RELAYED_SOLICIT};
    static const BYTE address[] = {OVMF6_RELAYED_REQUEST_ADDRESS};
    static const BYTE ip_stack[] = {OVMF6_RELAYED_IP_SOLICIT};
    static const BYTE reply[] = {RELAY(REPL, 0), RELAY_MESSAGE(ADVERTISE_SIZE),
                                 ADVERTISE(0x9f, 0xcd, 0xd7)};

    (void)state;
    bench_start(one_file);
    assert_int_equal(DELIVER6(request, DHCP6_PORT), PXE_BA_NBP);
    EXPECT_REPLY(reply);
    assert_non_null(wcsstr(fake_pxe.trace, L"00-04-33-22-11-00-55-44-77-66-88-99-aa-bb-cc-dd-ee-ff:"
                                           L" ADVERTISE"));
    assert_int_equal(DELIVER6(address, DHCP6_PORT), PXE_BA_REJECTED);
    assert_non_null(wcsstr(fake_pxe.trace, L"asks another server"));
    assert_int_equal(DELIVER6(ip_stack, DHCP6_PORT), PXE_BA_REJECTED);
}

static void two_relays_get_their_own_back(void **state)
{
    static const BYTE inner_options[] = {INTERFACE_ID('0'), 0, 37, 0, 2, 9, 9};
    static const BYTE outer_options[] = {INTERFACE_ID('1')};
    struct packet request = PACKET_COPY(solicit);
    BYTE reply[] = {RELAY(REPL, 1),
                    INTERFACE_ID('1'),
                    RELAY_MESSAGE(RELAY_OPTIONS + 8 + 4 + ADVERTISE_SIZE),
                    RELAY(REPL, 0),
                    INTERFACE_ID('0'),
                    RELAY_MESSAGE(ADVERTISE_SIZE),
                    ADVERTISE(0x63, 0xaa, 0x0d)};

    (void)state;
    wrap(&request, 0, inner_options, sizeof(inner_options));
    wrap(&request, 1, outer_options, sizeof(outer_options));
    request.bytes[2] = reply[2] = 0xfc; /* the outer link is another one */
    bench_start(one_file);
    assert_int_equal(bench_deliver6_packet(&request, DHCP6_PORT), PXE_BA_NBP);
    EXPECT_REPLY(reply);
}

static void thirty_two_relays_are_the_most(void **state)
{
    static const BYTE advertise[] = {ADVERTISE(0x63, 0xaa, 0x0d)};
    struct packet request = PACKET_COPY(solicit);
    const BYTE *at = fake_pxe.reply;

    (void)state;
    bench_start(one_file);
    for (BYTE hops = 0; hops < 32; ++hops)
        wrap(&request, hops, NULL, 0);
    assert_int_equal(bench_deliver6_packet(&request, DHCP6_PORT), PXE_BA_NBP);
    assert_int_equal(fake_pxe.reply_length, 32 * (RELAY_OPTIONS + 4) + ADVERTISE_SIZE);
    for (BYTE hops = 32; hops > 0; --hops, at += RELAY_OPTIONS + 4) {
        assert_int_equal(at[0], REPL);
        assert_int_equal(at[1], hops - 1);
    }
    assert_memory_equal(at, advertise, sizeof(advertise));

    wrap(&request, 32, NULL, 0);
    assert_int_equal(bench_deliver6_packet(&request, DHCP6_PORT), PXE_BA_REJECTED);
    assert_int_equal(fake_pxe.replies, 0);
}

static void long_interface_ids_find_room(void **state)
{
    BYTE options[600] = {0, 18};
    struct packet request = PACKET_COPY(solicit);

    (void)state;
    options[2] = (sizeof(options) - 4) / 256;
    options[3] = (sizeof(options) - 4) % 256;
    bench_start(one_file);
    wrap(&request, 0, options, sizeof(options));
    wrap(&request, 1, options, sizeof(options));
    assert_int_equal(bench_deliver6_packet(&request, DHCP6_PORT), PXE_BA_NBP);
    assert_int_equal(fake_pxe.reply_length, 2 * (RELAY_OPTIONS + 4 + 600) + ADVERTISE_SIZE);
}

/* On the wrong side of a router nobody hears a client that asks its whole link. */
static void relayed_client_is_always_given_a_host(void **state)
{
    static const BYTE request[] = {OVMF6_RELAYED_SOLICIT};
    static const BYTE reply[] = {RELAY(REPL, 0), RELAY_MESSAGE(ADVERTISE_SIZE),
                                 ADVERTISE(0x9f, 0xcd, 0xd7)};

    (void)state;
    bench_start("[default]\nfile=a\nnext_server6=fd77::2\n");
    assert_int_equal(bench_deliver6(request, sizeof(request), DHCP6_PORT, bench_link_local),
                     PXE_BA_NBP);
    EXPECT_REPLY(reply);
}

static void first_relay_tells_the_mac(void **state)
{
    static const BYTE seen[] = {0, 79, 0, 8, 0, 1, 0x52, 0x54, 0, 0x77, 0, 2};
    static const BYTE infiniband[] = {0, 79, 0, 8, 0, 32, 0x52, 0x54, 0, 0x77, 0, 2};
    static const BYTE too_long[] = {0, 79, 0, 9, 0, 1, 0x52, 0x54, 0, 0x77, 0, 2, 0};
    static const BYTE empty[] = {0, 79, 0, 0};
    struct packet request = PACKET_COPY(solicit);
    struct packet twice;

    (void)state;
    bench_start("[mac:52-54-00-77-00-02]\nfile=a\n");
    wrap(&request, 0, seen, sizeof(seen));
    assert_int_equal(bench_deliver6_packet(&request, DHCP6_PORT), PXE_BA_NBP);
    twice = request;
    wrap(&twice, 1, NULL, 0);
    assert_int_equal(bench_deliver6_packet(&twice, DHCP6_PORT), PXE_BA_NBP);

    twice = PACKET_COPY(solicit); /* the second relay sees the first, not the client */
    wrap(&twice, 0, NULL, 0);
    wrap(&twice, 1, seen, sizeof(seen));
    assert_int_equal(bench_deliver6_packet(&twice, DHCP6_PORT), PXE_BA_REJECTED);

    request = PACKET_COPY(solicit);
    wrap(&request, 0, infiniband, sizeof(infiniband));
    assert_int_equal(bench_deliver6_packet(&request, DHCP6_PORT), PXE_BA_REJECTED);
    request = PACKET_COPY(solicit);
    wrap(&request, 0, too_long, sizeof(too_long));
    assert_int_equal(bench_deliver6_packet(&request, DHCP6_PORT), PXE_BA_REJECTED);
    request = PACKET_COPY(solicit);
    wrap(&request, 0, empty, sizeof(empty));
    assert_int_equal(bench_deliver6_packet(&request, DHCP6_PORT), PXE_BA_REJECTED);
}

static void broken_relay_messages_are_passed_on(void **state)
{
    static const BYTE request[] = {OVMF6_RELAYED_SOLICIT};
    struct packet reply = PACKET_COPY(solicit);

    (void)state;
    bench_start(one_file);
    for (ULONG length = 1; length < sizeof(request); ++length) {
        assert_int_equal(bench_deliver6(request, length, DHCP6_PORT, bench_address6),
                         PXE_BA_REJECTED);
        assert_non_null(wcsstr(fake_pxe.trace, L"no DHCPv6 message"));
    }
    wrap(&reply, 0, NULL, 0);
    reply.bytes[0] = REPL;
    assert_int_equal(bench_deliver6_packet(&reply, DHCP6_PORT), PXE_BA_REJECTED);
    wrap(&reply, 0, NULL, 0);
    assert_int_equal(bench_deliver6_packet(&reply, DHCP6_PORT), PXE_BA_REJECTED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(relayed_client_gets_its_reply),         TEST(two_relays_get_their_own_back),
        TEST(thirty_two_relays_are_the_most),        TEST(long_interface_ids_find_room),
        TEST(relayed_client_is_always_given_a_host), TEST(first_relay_tells_the_mac),
        TEST(broken_relay_messages_are_passed_on),
    };

    return cmocka_run_group_tests_name("staticpxe_relay6", tests, NULL, NULL);
}
