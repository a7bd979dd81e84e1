/* Addresses that nobody can be answered at, and what the server sent itself. */
#include "engine/source_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp/dhcp4.h"
#include "engine/ports.h"
#include "support/wire6.h"

#define V4(a, b, c, d) ((struct net_endpoint){.address = {a, b, c, d}, .length = 4, .port = 67})
#define V6(...) ((struct net_endpoint){.address = {__VA_ARGS__}, .length = 16, .port = 547})

static uint8_t discover[300];
static struct datagram datagram;
static char flaw[SOURCE_FLAW_SIZE];

static enum drop_kind check_from(struct net_endpoint remote)
{
    datagram.remote = remote;
    flaw[0] = '\0';
    return source_check(&datagram, true, flaw);
}

static int begin4(void **state)
{
    (void)state;
    memset(discover, 0, sizeof(discover));
    datagram = (struct datagram){
        .bytes = discover,
        .length = sizeof(discover),
        .local = V4(10, 0, 0, 2),
        .facts = {.ipv4_subnet = {10, 0, 0, 255}},
    };
    return 0;
}

static int begin6(void **state)
{
    static const uint8_t solicit[] = {WIRE6_OVMF_SOLICIT};

    (void)state;
    datagram = (struct datagram){
        .bytes = solicit, .length = sizeof(solicit), .local = V6(0xfd, 0x77, [15] = 2)};
    return 0;
}

static void sources_of_clients_and_relays(void **state)
{
    (void)state;
    assert_int_equal(check_from(V4(0, 0, 0, 0)), DROP_NONE); /* has no address yet */
    assert_int_equal(check_from(V4(10, 0, 0, 9)), DROP_NONE);
    assert_int_equal(check_from(V4(169, 254, 3, 4)), DROP_NONE);
    assert_int_equal(check_from(V4(203, 0, 113, 255)), DROP_NONE);
}

static void sources_of_nobody(void **state)
{
    (void)state;
    assert_int_equal(check_from(V4(0, 0, 0, 1)), DROP_ADDRESS);
    assert_int_equal(check_from(V4(127, 0, 0, 1)), DROP_ADDRESS);
    assert_string_equal(flaw, "its source is loopback: nobody to answer");
    assert_int_equal(check_from(V4(224, 0, 0, 1)), DROP_ADDRESS);
    assert_int_equal(check_from(V4(240, 0, 0, 1)), DROP_ADDRESS);
    assert_int_equal(check_from(V4(255, 255, 255, 255)), DROP_ADDRESS);
    assert_int_equal(check_from(V4(10, 0, 0, 255)), DROP_ADDRESS);
    assert_string_equal(flaw, "its source is the subnet's broadcast: nobody to answer");
    struct net_endpoint no_port = V4(10, 0, 0, 9);
    no_port.port = 0;
    assert_int_equal(check_from(no_port), DROP_ADDRESS);
    assert_string_equal(flaw, "its source port is 0: nobody to answer");
}

/* A server on loopback serves whoever is there. */
static void loopback_among_itself(void **state)
{
    (void)state;
    datagram.local = V4(127, 0, 0, 1);
    memcpy(discover + DHCP4_GIADDR, "\x7f\0\0\3", 4);
    assert_int_equal(check_from(V4(127, 0, 0, 3)), DROP_NONE);
}

static void fields_name_relay_and_client(void **state)
{
    static const size_t offsets[] = {DHCP4_GIADDR, DHCP4_CIADDR};
    static const uint8_t nobody[][4] = {{127, 1, 2, 3},       {224, 0, 0, 1}, {0, 1, 2, 3},
                                        {255, 255, 255, 255}, {250, 1, 1, 1}, {10, 0, 0, 255}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < sizeof(nobody) / sizeof(nobody[0]); j++) {
            memcpy(discover + offsets[i], nobody[j], 4);
            assert_int_equal(check_from(V4(10, 0, 0, 9)), DROP_ADDRESS);
            assert_non_null(strstr(flaw, i == 0 ? "giaddr" : "ciaddr"));
        }
        memcpy(discover + offsets[i], "\x0a\1\2\3", 4);
        assert_int_equal(check_from(V4(10, 0, 0, 9)), DROP_NONE);
    }
}

/* What is no DHCP message has no such fields; its source counts. */
static void fields_of_other_datagrams_are_not_read(void **state)
{
    (void)state;
    memset(discover, 0xff, sizeof(discover));
    datagram.remote = V4(10, 0, 0, 9);
    assert_int_equal(source_check(&datagram, false, flaw), DROP_NONE);
    datagram.length = 0;
    assert_int_equal(source_check(&datagram, false, flaw), DROP_NONE);
}

static void ipv6_sources(void **state)
{
    (void)state;
    assert_int_equal(check_from(V6(WIRE6_PEER)), DROP_NONE);
    assert_int_equal(check_from(V6(0xfd, 0x77, [15] = 9)), DROP_NONE);
    assert_int_equal(check_from(V6(0)), DROP_ADDRESS);
    assert_int_equal(check_from(V6([15] = 1)), DROP_ADDRESS);
    assert_int_equal(check_from(V6(0xff, 2, [15] = 1)), DROP_ADDRESS);
    assert_int_equal(check_from(V6([10] = 0xff, 0xff, 10, 0, 0, 9)), DROP_ADDRESS);
    assert_string_equal(flaw, "its source is v4-mapped: nobody to answer");
    assert_int_equal(check_from(V6([12] = 10, 0, 0, 9)), DROP_ADDRESS);
    datagram.local = V6([15] = 1);
    assert_int_equal(check_from(V6([15] = 1)), DROP_NONE);
}

/* Of each layer: the second is the relay's that asked the first. */
static void peers_of_relays(void **state)
{
    enum { LAYERS = 2, HEADER = 34 + 4 };
    static const uint8_t solicit[] = {WIRE6_OVMF_SOLICIT};
    static const uint8_t header[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 0};
    uint8_t packet[LAYERS * HEADER + sizeof(solicit)];

    (void)state;
    memcpy(packet + LAYERS * HEADER, solicit, sizeof(solicit));
    for (size_t i = LAYERS; i-- > 0;) {
        memcpy(packet + i * HEADER, header, HEADER);
        packet[i * HEADER + HEADER - 1] = (uint8_t)(sizeof(packet) - (i + 1) * HEADER);
    }
    datagram.bytes = packet;
    datagram.length = sizeof(packet);
    assert_int_equal(check_from(V6(0xfd, 0x88, [15] = 9)), DROP_NONE);
    for (size_t i = 0; i < LAYERS; i++) {
        uint8_t *peer = packet + i * HEADER + 18;
        memset(peer, 0, 16);
        assert_int_equal(check_from(V6(0xfd, 0x88, [15] = 9)), DROP_ADDRESS);
        assert_string_equal(flaw, "a peer-address is unspecified: nobody to answer");
        peer[0] = 0xff;
        assert_int_equal(check_from(V6(0xfd, 0x88, [15] = 9)), DROP_ADDRESS);
        memcpy(peer, header + 18, 16);
    }
}

static void what_the_server_sent_itself(void **state)
{
    (void)state;
    datagram.facts.is_own = true;
    assert_int_equal(check_from(V4(10, 0, 0, 2)), DROP_OWN);
    assert_string_equal(flaw, "this server sent it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(sources_of_clients_and_relays, begin4),
        cmocka_unit_test_setup(sources_of_nobody, begin4),
        cmocka_unit_test_setup(loopback_among_itself, begin4),
        cmocka_unit_test_setup(fields_name_relay_and_client, begin4),
        cmocka_unit_test_setup(fields_of_other_datagrams_are_not_read, begin4),
        cmocka_unit_test_setup(ipv6_sources, begin6),
        cmocka_unit_test_setup(peers_of_relays, begin6),
        cmocka_unit_test_setup(what_the_server_sent_itself, begin4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
