/* Where a reply goes: API-3.4, API-5.5 and API-6.8. */
#include "engine/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"
#include "engine/request.h"
#include "support/engine_rig.h"

enum { UNKNOWN_FLAG = 16 };

/* The case that each test changes one thing of: 10.0.0.9:1068 asked on the DHCP port. */
struct asked {
    struct arrival arrival;
    uint8_t request[300];
    struct pxe_address wanted;
};

static struct asked usual(void)
{
    struct asked asked = {
        .arrival = {.local = {.address = {10, 0, 0, 1}, .length = 4, .port = 67},
                    .remote = {.address = {10, 0, 0, 9}, .length = 4, .port = 1068}},
        .wanted = {.address = {192, 168, 7, 7}, .address_length = 4, .port = 5555},
    };
    rig_discover(asked.request, 1);
    return asked;
}

static void expect(const struct asked *asked, const struct pxe_address *wanted, uint8_t a,
                   uint8_t b, uint8_t c, uint8_t d, uint16_t port)
{
    const uint8_t address[4] = {a, b, c, d};
    struct net_endpoint to;

    memset(&to, 0xee, sizeof(to));
    assert_int_equal(reply_destination(&asked->arrival, asked->request, wanted, &to), PXE_OK);
    assert_int_equal(to.length, 4);
    assert_memory_equal(to.address, address, 4);
    assert_int_equal(to.port, port);
}

static void expect_refused(const struct asked *asked, pxe_status status)
{
    struct net_endpoint to, untouched;

    memset(&to, 0xee, sizeof(to));
    memset(&untouched, 0xee, sizeof(untouched));
    assert_int_equal(reply_destination(&asked->arrival, asked->request, &asked->wanted, &to),
                     status);
    assert_memory_equal(&to, &untouched, sizeof(to));
}

static void no_address_is_the_source(void **state)
{
    struct asked asked = usual();

    (void)state;
    expect(&asked, NULL, 10, 0, 0, 9, 1068);
    asked.wanted.flags = 0;
    expect(&asked, &asked.wanted, 10, 0, 0, 9, 1068);
    asked.wanted.flags = ADDR_USE_PORT;
    expect(&asked, &asked.wanted, 10, 0, 0, 9, 5555);
}

static void source_without_address_is_broadcast(void **state)
{
    struct asked asked = usual();

    (void)state;
    memset(asked.arrival.remote.address, 0, 4);
    expect(&asked, NULL, 255, 255, 255, 255, 1068);
    asked.wanted.flags = ADDR_USE_PORT;
    expect(&asked, &asked.wanted, 255, 255, 255, 255, 5555);
}

static void explicit_address(void **state)
{
    struct asked asked = usual();

    (void)state;
    asked.wanted.flags = ADDR_USE_ADDR;
    expect(&asked, &asked.wanted, 192, 168, 7, 7, 1068);
    asked.wanted.flags = ADDR_USE_ADDR | ADDR_USE_PORT;
    expect(&asked, &asked.wanted, 192, 168, 7, 7, 5555);
}

static void broadcast(void **state)
{
    struct asked asked = usual();

    (void)state;
    asked.wanted.flags = ADDR_BROADCAST;
    expect(&asked, &asked.wanted, 255, 255, 255, 255, 1068);
    asked.wanted.flags = ADDR_BROADCAST | ADDR_USE_PORT;
    expect(&asked, &asked.wanted, 255, 255, 255, 255, 5555);
}

static void flags_that_contradict_are_refused(void **state)
{
    struct asked asked = usual();

    (void)state;
    asked.wanted.flags = ADDR_BROADCAST | ADDR_USE_ADDR;
    expect_refused(&asked, PXE_INVALID_PARAMETER);
    asked.wanted.flags = ADDR_USE_ADDR | UNKNOWN_FLAG;
    expect_refused(&asked, PXE_INVALID_PARAMETER);
    asked.wanted.flags = 0x80000000u;
    expect_refused(&asked, PXE_INVALID_PARAMETER);
    asked.wanted.flags = ADDR_USE_ADDR;
    for (uint32_t length = 0; length <= 17; length++) {
        asked.wanted.address_length = length;
        if (length != 4)
            expect_refused(&asked, PXE_INVALID_PARAMETER);
    }
}

static void rules_on_the_dhcp_port(void **state)
{
    struct asked asked = usual();

    (void)state;
    asked.wanted.flags = ADDR_USE_DHCP_RULES;
    /* nothing is known: broadcast, as with the broadcast bit */
    expect(&asked, &asked.wanted, 255, 255, 255, 255, 68);
    asked.request[DHCP4_FLAGS] = DHCP4_FLAG_BROADCAST;
    expect(&asked, &asked.wanted, 255, 255, 255, 255, 68);
    /* ciaddr before broadcast */
    memcpy(asked.request + DHCP4_CIADDR, "\x0a\x00\x00\x2a", 4);
    expect(&asked, &asked.wanted, 10, 0, 0, 42, 68);
    /* giaddr before ciaddr */
    memcpy(asked.request + DHCP4_GIADDR, "\x0a\x00\x00\xfe", 4);
    expect(&asked, &asked.wanted, 10, 0, 0, 254, 67);
    asked.arrival.relay_port = 1068; /* RFC 8357 */
    expect(&asked, &asked.wanted, 10, 0, 0, 254, 1068);
}

static void rules_on_the_boot_server_port(void **state)
{
    struct asked asked = usual();

    (void)state;
    asked.arrival.boot_server_port = true;
    asked.wanted.flags = ADDR_USE_DHCP_RULES;
    /* the source and its port before ciaddr and broadcast */
    memcpy(asked.request + DHCP4_CIADDR, "\x0a\x00\x00\x2a", 4);
    asked.request[DHCP4_FLAGS] = DHCP4_FLAG_BROADCAST;
    expect(&asked, &asked.wanted, 10, 0, 0, 9, 1068);
    /* without a source address: ciaddr, else broadcast, and still the port it asked from */
    memset(asked.arrival.remote.address, 0, 4);
    expect(&asked, &asked.wanted, 10, 0, 0, 42, 1068);
    memset(asked.request + DHCP4_CIADDR, 0, 4);
    expect(&asked, &asked.wanted, 255, 255, 255, 255, 1068);
    /* giaddr before the source */
    memcpy(asked.request + DHCP4_GIADDR, "\x0a\x00\x00\xfe", 4);
    expect(&asked, &asked.wanted, 10, 0, 0, 254, 67);
}

static void rules_ignore_the_other_members(void **state)
{
    struct asked asked = usual();

    (void)state;
    asked.wanted = (struct pxe_address){
        .flags = ADDR_USE_DHCP_RULES | ADDR_USE_PORT, .address_length = 99, .port = 5555};
    expect(&asked, &asked.wanted, 255, 255, 255, 255, 68);
}

static void rules_need_a_dhcp_request(void **state)
{
    struct asked asked = usual();

    (void)state;
    asked.wanted.flags = ADDR_USE_DHCP_RULES;
    asked.arrival.defect = "broken";
    expect_refused(&asked, PXE_INVALID_DATA);
    /* Anything else may still be answered. */
    expect(&asked, NULL, 10, 0, 0, 9, 1068);
}

/* ---- IPv6: API-6.8 ---- */

/* A client's link-local address on interface 3, asking from port 546. */
static struct asked usual6(void)
{
    struct asked asked = {
        .arrival =
            {.local = {.address = {0xfe, 0x80, [15] = 1}, .length = 16, .port = 547},
             .remote = {.address = {0xfe, 0x80, [15] = 9}, .length = 16, .port = 1546, .scope = 3}},
        .request = {DHCP6_SOLICIT, 1, 2, 3},
        .wanted = {.address = {0xfd, 0x77, [15] = 5}, .address_length = 16, .port = 5555},
    };
    return asked;
}

static void expect6(const struct asked *asked, const struct pxe_address *wanted,
                    const uint8_t *address, uint16_t port)
{
    struct net_endpoint to;

    assert_int_equal(reply_destination(&asked->arrival, asked->request, wanted, &to), PXE_OK);
    assert_int_equal(to.length, 16);
    assert_memory_equal(to.address, address, 16);
    assert_int_equal(to.port, port);
    assert_int_equal(to.scope, 3);
}

static void ipv6_source_and_explicit_address_keep_the_scope(void **state)
{
    struct asked asked = usual6();

    (void)state;
    expect6(&asked, NULL, asked.arrival.remote.address, 1546);
    asked.wanted.flags = ADDR_USE_PORT;
    expect6(&asked, &asked.wanted, asked.arrival.remote.address, 5555);
    asked.wanted.flags = ADDR_USE_ADDR | ADDR_USE_PORT;
    expect6(&asked, &asked.wanted, asked.wanted.address, 5555);
}

static void ipv6_rules(void **state)
{
    struct asked asked = usual6();
    const uint8_t *source = asked.arrival.remote.address;

    (void)state;
    asked.wanted.flags = ADDR_USE_DHCP_RULES;
    expect6(&asked, &asked.wanted, source, 546);
    asked.request[0] = DHCP6_RELAY_FORW;
    expect6(&asked, &asked.wanted, source, 547);
    asked.arrival.relay_port = 1546; /* RFC 8357 */
    expect6(&asked, &asked.wanted, source, 1546);
    asked.arrival.relay_port = 0;
    asked.arrival.boot_server_port = true;
    expect6(&asked, &asked.wanted, source, 1546);
    asked.request[0] = DHCP6_REQUEST;
    expect6(&asked, &asked.wanted, source, 1546);
    asked.arrival.defect = "broken";
    expect_refused(&asked, PXE_INVALID_DATA);
}

static void ipv6_has_no_broadcast_and_no_ipv4_address(void **state)
{
    struct asked asked = usual6();

    (void)state;
    asked.wanted.flags = ADDR_BROADCAST;
    expect_refused(&asked, PXE_INVALID_PARAMETER);
    asked.wanted.flags = ADDR_USE_ADDR;
    asked.wanted.address_length = 4;
    expect_refused(&asked, PXE_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_address_is_the_source),
        cmocka_unit_test(source_without_address_is_broadcast),
        cmocka_unit_test(explicit_address),
        cmocka_unit_test(broadcast),
        cmocka_unit_test(flags_that_contradict_are_refused),
        cmocka_unit_test(rules_on_the_dhcp_port),
        cmocka_unit_test(rules_on_the_boot_server_port),
        cmocka_unit_test(rules_ignore_the_other_members),
        cmocka_unit_test(rules_need_a_dhcp_request),
        cmocka_unit_test(ipv6_source_and_explicit_address_keep_the_scope),
        cmocka_unit_test(ipv6_rules),
        cmocka_unit_test(ipv6_has_no_broadcast_and_no_ipv4_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
