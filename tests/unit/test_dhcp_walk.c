/* wdspxectl: options one by one, also where a packet sends the walk round in circles. */
#include "wdspxectl/decode/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire.h"

enum { AT_FILE = 108, AT_SNAME = 44, MANY = 100 };

/* The codes in the order of the walk. */
static size_t codes_of(const uint8_t *packet, size_t length, unsigned *codes)
{
    struct dhcp_walk walk = dhcp4_walk(packet, length);
    struct dhcp_option option;
    size_t count = 0;
    while (count < MANY && dhcp4_next(&walk, &option))
        codes[count++] = option.code;
    return count;
}

static void test_overload_adds_file_then_sname(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, 52, 1, 3, 12, 1, 'a', WIRE_END};
    unsigned codes[MANY];
    (void)state;
    memcpy(packet + AT_FILE,
           "\x43\x01"
           "f\xff",
           4);
    memcpy(packet + AT_SNAME, "\x42\x01s\xff", 4);
    assert_int_equal(codes_of(packet, sizeof(packet), codes), 4);
    assert_int_equal(codes[0], 52);
    assert_int_equal(codes[1], 12);
    assert_int_equal(codes[2], 67);
    assert_int_equal(codes[3], 66);
}

/* Found by the mutations of the fuzzer: this one had no end. */
static void test_overload_in_an_added_field_adds_nothing(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, 52, 1, 1, WIRE_END};
    unsigned codes[MANY];
    (void)state;
    memcpy(packet + AT_FILE, "\x34\x01\x03\xff", 4);
    assert_int_equal(codes_of(packet, sizeof(packet), codes), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overload_adds_file_then_sname),
        cmocka_unit_test(test_overload_in_an_added_field_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
