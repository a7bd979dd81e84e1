/* base/address.h: the one reader and writer of IP addresses. */
#include "base/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    size_t length;
    uint32_t scope;
    uint8_t bytes[16];
} addresses[] = {
    {"10.0.0.2", 4, 0, {10, 0, 0, 2}},
    {"255.255.255.255", 4, 0, {255, 255, 255, 255}},
    {"::", 16, 0, {0}},
    {"::1", 16, 0, {[15] = 1}},
    {"fd77::2", 16, 0, {0xfd, 0x77, [15] = 2}},
    {"FD77::", 16, 0, {0xfd, 0x77}},
    {"1:2:3:4:5:6:7:8", 16, 0, {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
    {"::ffff:10.0.0.2", 16, 0, {[10] = 0xff, 0xff, 10, 0, 0, 2}},
    {"fe80::1%2", 16, 2, {0xfe, 0x80, [15] = 1}},
    {"fe80::1%4294967295", 16, UINT32_MAX, {0xfe, 0x80, [15] = 1}},
};

static void reads_both_families(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        uint8_t bytes[16];
        uint32_t scope = 77;
        memset(bytes, 0xee, sizeof(bytes));
        assert_int_equal(address_read(addresses[i].text, bytes, &scope), addresses[i].length);
        assert_memory_equal(bytes, addresses[i].bytes, sizeof(bytes));
        assert_int_equal(scope, addresses[i].scope);
        assert_int_equal(address_read(addresses[i].text, bytes, NULL),
                         addresses[i].scope == 0 ? addresses[i].length : 0);
    }
}

static void reads_nothing_else(void **state)
{
    static const char *const wrong[] = {"",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "1.2.3.256",
                                        "1.2.3.4 ",
                                        " 1.2.3.4",
                                        "0x7.0.0.1",
                                        "1.2.3.0004",
                                        "1..2.3",
                                        ":",
                                        ":::",
                                        "1::2::3",
                                        "1:2:3:4:5:6:7",
                                        "1:2:3:4:5:6:7:8:9",
                                        "12345::",
                                        "g::",
                                        "[::1]",
                                        "::1/64",
                                        "fe80::1%",
                                        "fe80::1%0",
                                        "fe80::1%eth0",
                                        "fe80::1%-1",
                                        "fe80::1%4294967296",
                                        "fe80::1%99999999999999999999",
                                        "fe80::1%2 ",
                                        "%2",
                                        "10.0.0.2%2",
                                        "fe80::1%2%3",
                                        "0000000000000000000000000000000000000000000000::%2",
                                        "localhost"};
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        uint8_t bytes[16] = {1, 2, 3}, before[16] = {1, 2, 3};
        uint32_t scope = 77;
        if (address_read(wrong[i], bytes, &scope) != 0)
            fail_msg("\"%s\" is taken for an address", wrong[i]);
        assert_memory_equal(bytes, before, sizeof(bytes));
        assert_int_equal(scope, 77);
    }
}

static void writes_what_it_reads(void **state)
{
    static const char *const texts[] = {"0.0.0.0",
                                        "192.168.200.100",
                                        "::",
                                        "::1",
                                        "1::",
                                        "fd77::2",
                                        "1:0:2::3",
                                        "1:2:3:4:5:6:7:8",
                                        "a:b:c:d:0:f:1:2",
                                        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
    char text[ADDRESS_TEXT_SIZE];
    uint8_t bytes[16];
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t length = address_read(texts[i], bytes, NULL);
        assert_string_equal(address_format(bytes, length, text), texts[i]);
    }
    assert_string_equal(address_format(bytes, 6, text), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_both_families),
        cmocka_unit_test(reads_nothing_else),
        cmocka_unit_test(writes_what_it_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
