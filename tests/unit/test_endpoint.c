/* Addresses as people read them: RFC 5952. */
#include "engine/endpoint.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const uint8_t *address, uint8_t length, uint32_t scope, const char *text)
{
    struct net_endpoint endpoint = {.length = length, .port = 546, .scope = scope};
    char buffer[ENDPOINT_TEXT_SIZE];

    memcpy(endpoint.address, address, length);
    assert_ptr_equal(endpoint_text(&endpoint, buffer), buffer);
    assert_string_equal(buffer, text);
}

static void ipv4(void **state)
{
    (void)state;
    expect((const uint8_t[]){10, 0, 0, 255}, 4, 0, "10.0.0.255:546");
}

static void ipv6_with_scope(void **state)
{
    (void)state;
    expect((const uint8_t[16]){0xfe, 0x80, [15] = 1}, 16, 3, "[fe80::1%3]:546");
}

static void ipv6_with_only_the_last_groups(void **state)
{
    (void)state;
    expect((const uint8_t[16]){[15] = 1}, 16, 0, "[::1]:546");
    expect((const uint8_t[16]){[12] = 0xab}, 16, 0, "[::ab00:0]:546");
}

/* The C library's own formatting is the oracle, for every way that zero groups can lie. */
static void ipv6_like_inet_ntop(void **state)
{
    (void)state;
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        /* inet_ntop shows the long-deprecated IPv4-compatible addresses with dots. */
        if ((pattern & 0x3f) == 0 && (pattern & 0xc0) != 0)
            continue;
        uint8_t address[16] = {0};
        char expected[INET6_ADDRSTRLEN], text[ENDPOINT_TEXT_SIZE];
        for (int i = 0; i < 8; i++)
            if (pattern & 1u << i)
                address[2 * i] = 0xab;
        assert_non_null(inet_ntop(AF_INET6, address, expected, sizeof(expected)));
        snprintf(text, sizeof(text), "[%s]:546", expected);
        expect(address, 16, 0, text);
    }
}

static void the_longest_text_fits(void **state)
{
    uint8_t address[16];

    (void)state;
    memset(address, 0xff, sizeof(address));
    expect(address, 16, 0xffffffff, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:546");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4),
        cmocka_unit_test(ipv6_with_scope),
        cmocka_unit_test(ipv6_with_only_the_last_groups),
        cmocka_unit_test(ipv6_like_inet_ntop),
        cmocka_unit_test(the_longest_text_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
