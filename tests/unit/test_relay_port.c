/* RFC 8357: where relay agents want to be answered. */
#include "engine/relay_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp/dhcp4.h"
#include "support/engine_rig.h"
#include "support/wire6.h"

enum { FROM = 1067 };

/* With these options behind those of a DISCOVER. */
static uint16_t asked4(const uint8_t *options, size_t length)
{
    const struct net_endpoint from = {.address = {10, 1, 0, 1}, .length = 4, .port = FROM};
    uint8_t packet[400] = {0};
    size_t used = rig_discover(packet, 1);

    while (packet[used - 1] != DHCP4_OPT_END)
        used--;
    memcpy(packet + used - 1, options, length);
    packet[used - 1 + length] = DHCP4_OPT_END;
    return relay_port(packet, sizeof(packet), &from);
}

#define ASKED4(...) asked4((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void sub_option_19(void **state)
{
    (void)state;
    assert_int_equal(ASKED4(82, 2, 19, 0), FROM);
    assert_int_equal(ASKED4(82, 6, 1, 2, 19, 0, 19, 0), FROM);
    assert_int_equal(ASKED4(82, 3, 1, 1, 7, 82, 2, 19, 0), FROM); /* in two parts */
    assert_int_equal(ASKED4(82, 4, 1, 2, 19, 0), 0);              /* in the value of another */
    assert_int_equal(ASKED4(82, 0), 0);
    assert_int_equal(ASKED4(82, 1, 19), 0);
    assert_int_equal(ASKED4(82, 3, 1, 9, 19), 0); /* runs past its end */
    assert_int_equal(ASKED4(43, 2, 19, 0), 0);
}

static uint16_t asked6(const uint8_t *packet, size_t length)
{
    const struct net_endpoint from = {.address = {WIRE6_LINK}, .length = 16, .port = FROM};
    return relay_port(packet, length, &from);
}

#define ASKED6(...) asked6((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void option_135(void **state)
{
    (void)state;
    assert_int_equal(ASKED6(WIRE6_RELAY_HEADER(12, 0), 0, 135, 0, 2, 0, 0, 0, 9, 0, 4,
                            WIRE6_HEADER(1)),
                     FROM);
    assert_int_equal(ASKED6(WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 4, WIRE6_HEADER(1)), 0);
    assert_int_equal(ASKED6(WIRE6_HEADER(1), 0, 135, 0, 2, 0, 0), 0); /* a client has none */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sub_option_19),
        cmocka_unit_test(option_135),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
