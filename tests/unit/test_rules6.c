/* RFC 8415, sections 16 and 18.4: what a server discards. */
#include "engine/rules6.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp/dhcp6.h"
#include "support/wire6.h"

#define CLIENT WIRE6_CLIENT_ID
#define SERVER WIRE6_SERVER_ID
#define IA WIRE6_EMPTY_IA_NA(1, 2, 3, 4)

static struct datagram datagram;

#define FLAW(...) flaw_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static const char *flaw_of(const uint8_t *bytes, size_t length)
{
    datagram.bytes = bytes;
    datagram.length = length;
    return rules6_flaw(&datagram, dhcp6_check(bytes, length, true, NULL) == DHCP6_VALID);
}

static int begin(void **state)
{
    (void)state;
    datagram = (struct datagram){
        .remote = {.address = {WIRE6_PEER}, .length = 16, .port = 546},
        .multicast = true,
    };
    return 0;
}

static void identifiers_by_type(void **state)
{
    /* client, server: 0 must not, 1 must, 2 may */
    static const uint8_t rules[][3] = {{1, 1, 0}, {3, 1, 1}, {4, 1, 0}, {5, 1, 1},
                                       {6, 1, 0}, {8, 1, 1}, {9, 1, 1}, {11, 2, 2}};

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const uint8_t type = rules[i][0], client = rules[i][1], server = rules[i][2];
        assert_int_equal(FLAW(WIRE6_HEADER(type), CLIENT) == NULL, client != 0 && server != 1);
        assert_int_equal(FLAW(WIRE6_HEADER(type), CLIENT, SERVER) == NULL,
                         client != 0 && server != 0);
        assert_int_equal(FLAW(WIRE6_HEADER(type), SERVER) == NULL, client != 1 && server != 0);
        assert_int_equal(FLAW(WIRE6_HEADER(type), WIRE6_ARCH) == NULL, client != 1 && server != 1);
    }
}

static void two_of_a_kind(void **state)
{
    (void)state;
    assert_non_null(FLAW(WIRE6_HEADER(1), CLIENT, CLIENT));
    assert_non_null(FLAW(WIRE6_HEADER(3), CLIENT, SERVER, SERVER));
    assert_non_null(FLAW(WIRE6_HEADER(11), CLIENT, CLIENT));
}

static void information_is_no_address(void **state)
{
    (void)state;
    assert_non_null(FLAW(WIRE6_HEADER(11), CLIENT, IA));
    assert_null(FLAW(WIRE6_HEADER(1), CLIENT, IA));
}

static void messages_for_clients(void **state)
{
    static const uint8_t types[] = {2, 7, 10};

    (void)state;
    for (size_t i = 0; i < sizeof(types); i++)
        assert_non_null(FLAW(WIRE6_HEADER(types[i]), CLIENT, SERVER));
    assert_non_null(FLAW(WIRE6_RELAY_HEADER(13, 0), 0, 9, 0, 4, WIRE6_HEADER(2)));
    assert_non_null(FLAW(WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 4, WIRE6_HEADER(7)));
    assert_non_null(FLAW(2)); /* however short */
}

static void unicast_is_for_relays(void **state)
{
    (void)state;
    datagram.multicast = false;
    assert_non_null(FLAW(WIRE6_OVMF_SOLICIT));
    assert_non_null(FLAW(WIRE6_HEADER(3), CLIENT, SERVER));
    assert_null(FLAW(WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 26, WIRE6_HEADER(1), CLIENT));
    datagram.boot_server_port = true; /* firmware asks the server that it was told */
    assert_null(FLAW(WIRE6_HEADER(3), CLIENT));
}

static void other_links_have_relays(void **state)
{
    (void)state;
    datagram.facts.is_off_link = true;
    assert_non_null(FLAW(WIRE6_OVMF_SOLICIT));
    assert_null(FLAW(WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 26, WIRE6_HEADER(1), CLIENT));
    datagram.boot_server_port = true; /* the requests of clients behind a relay are routed */
    assert_null(FLAW(WIRE6_HEADER(3), CLIENT, SERVER));
}

/* Behind a relay, too. */
static void the_client_has_a_name(void **state)
{
    (void)state;
    assert_non_null(FLAW(WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 4, WIRE6_HEADER(1)));
    datagram.boot_server_port = true;
    assert_non_null(FLAW(WIRE6_HEADER(11), WIRE6_VENDOR_CLASS));
}

static void what_is_no_dhcpv6_is_not_judged(void **state)
{
    (void)state;
    datagram.multicast = false;
    assert_null(FLAW(1));
    assert_null(FLAW(WIRE6_HEADER(1), 0, 1, 0, 200));
    assert_null(flaw_of(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(identifiers_by_type, begin),
        cmocka_unit_test_setup(two_of_a_kind, begin),
        cmocka_unit_test_setup(information_is_no_address, begin),
        cmocka_unit_test_setup(messages_for_clients, begin),
        cmocka_unit_test_setup(unicast_is_for_relays, begin),
        cmocka_unit_test_setup(other_links_have_relays, begin),
        cmocka_unit_test_setup(the_client_has_a_name, begin),
        cmocka_unit_test_setup(what_is_no_dhcpv6_is_not_judged, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
