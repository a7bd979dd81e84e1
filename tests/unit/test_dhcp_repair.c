/* Requests as the field sends them, and what becomes of them before a provider sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp/dhcp4.h"
#include "dhcp/dhcp4_repair.h"
#include "dhcp/dhcp6.h"
#include "dhcp/dhcp6_repair.h"
#include "support/wire.h"
#include "support/wire6.h"

enum { ROOM = 2048 };

/* A packet with room behind it, in which nothing but what belongs there may be written. */
struct packet {
    uint8_t bytes[ROOM];
    size_t length;
};

static void packet_make(struct packet *packet, const uint8_t *bytes, size_t length)
{
    memset(packet->bytes, 0xa5, sizeof(packet->bytes));
    memcpy(packet->bytes, bytes, length);
    packet->length = length;
}

#define PACKET(name, ...)                                                                          \
    struct packet name;                                                                            \
    do {                                                                                           \
        const uint8_t source[] = {__VA_ARGS__};                                                    \
        packet_make(&name, source, sizeof(source));                                                \
    } while (0)

static void assert_repaired(struct packet *packet, unsigned expected)
{
    bool is_pxe;

    assert_int_equal(dhcp4_repair(packet->bytes, &packet->length, ROOM), expected);
    assert_int_equal(dhcp4_check(packet->bytes, packet->length, true, &is_pxe), DHCP4_VALID);
    assert_int_equal(packet->bytes[packet->length], 0xa5);
}

static void assert_left_alone(struct packet *packet, size_t capacity)
{
    struct packet before = *packet;

    assert_int_equal(dhcp4_repair(packet->bytes, &packet->length, capacity), 0);
    assert_int_equal(packet->length, before.length);
    assert_memory_equal(packet->bytes, before.bytes, ROOM);
}

/* ---- DHCPv4 ---- */

static void test_a_valid_packet_is_left_alone(void **state)
{
    PACKET(packet, WIRE_IPXE_DISCOVER);
    (void)state;
    assert_left_alone(&packet, ROOM);
}

static void test_padding_behind_end_is_left_alone(void **state)
{
    PACKET(packet, WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_END, WIRE_ZERO_64);
    (void)state;
    assert_left_alone(&packet, ROOM);
}

/* An optical line terminal as relay pads with 0xff. */
static void test_bytes_behind_end_are_cleared(void **state)
{
    PACKET(packet, WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_END, 255, 255, 255, 255);
    size_t length = packet.length;
    (void)state;
    assert_repaired(&packet, DHCP4_REPAIRED_TAIL);
    assert_int_equal(packet.length, length);
    assert_memory_equal(packet.bytes + length - 5, "\xff\0\0\0\0", 5);
}

/* An option behind End counts for nobody, also if it would not fit. */
static void test_options_behind_end_are_cleared(void **state)
{
    PACKET(packet, WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_END, 53, 1, 3, 12, 200);
    const uint8_t *value;
    uint8_t size;
    (void)state;
    assert_repaired(&packet, DHCP4_REPAIRED_TAIL);
    assert_int_equal(dhcp4_option_find(packet.bytes, packet.length, 53, 1, &value, &size), PXE_OK);
    assert_int_equal(value[0], 1);
}

static void test_end_is_added(void **state)
{
    PACKET(packet, WIRE_HEADER, WIRE_MESSAGE_TYPE(1));
    size_t length = packet.length;
    (void)state;
    assert_repaired(&packet, DHCP4_REPAIRED_END);
    assert_int_equal(packet.length, length + 1);
}

/* Where padding follows the last option there is room for End already. */
static void test_end_takes_the_place_of_padding(void **state)
{
    PACKET(packet, WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_ZERO_64);
    size_t length = packet.length;
    (void)state;
    assert_repaired(&packet, DHCP4_REPAIRED_END);
    assert_int_equal(packet.length, length);
    assert_int_equal(packet.bytes[length - 64], 255);
}

static void test_fields_are_terminated(void **state)
{
    PACKET(packet, WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_END);
    (void)state;
    memset(packet.bytes + DHCP4_SNAME, 'x', DHCP4_SNAME_SIZE + DHCP4_FILE_SIZE);
    assert_repaired(&packet, DHCP4_REPAIRED_SNAME | DHCP4_REPAIRED_FILE);
    assert_int_equal(packet.bytes[DHCP4_FILE + DHCP4_FILE_SIZE - 2], 'x');
}

static void test_a_message_type_in_file_is_found(void **state)
{
    PACKET(packet, WIRE_HEADER, 52, 1, 1, 93, 2, 0, 7, WIRE_END);
    const uint8_t *value;
    uint8_t size;
    (void)state;
    memcpy(packet.bytes + DHCP4_FILE, "\x00\x35\x01\x03\x34\x01\x02\xff\x11", 9);
    assert_repaired(&packet, DHCP4_REPAIRED_OVERLOAD);
    assert_int_equal(dhcp4_option_find(packet.bytes, packet.length, 53, 1, &value, &size), PXE_OK);
    assert_int_equal(value[0], 3);
    assert_int_equal(dhcp4_option_find(packet.bytes, packet.length, 52, 1, &value, &size),
                     PXE_FILE_NOT_FOUND);
    for (size_t i = 0; i < DHCP4_FILE_SIZE; i++)
        assert_int_equal(packet.bytes[DHCP4_FILE + i], 0);
}

/* Fields full of options have no zero; what was in two pieces stays in that order (RFC 3396). */
static void test_full_overloaded_fields_are_moved(void **state)
{
    PACKET(packet, WIRE_HEADER, 52, 1, 3, 53, 1, 1, 60, 3, 'P', 'X', 'E', WIRE_END);
    const uint8_t *value;
    uint8_t size;
    (void)state;
    memset(packet.bytes + DHCP4_SNAME, 'x', DHCP4_SNAME_SIZE + DHCP4_FILE_SIZE);
    memcpy(packet.bytes + DHCP4_FILE,
           "\x3c\x06"
           "Client\x0c\x75",
           10);
    packet.bytes[DHCP4_FILE + 9] = DHCP4_FILE_SIZE - 11;
    packet.bytes[DHCP4_FILE + DHCP4_FILE_SIZE - 1] = 255;
    packet.bytes[DHCP4_SNAME] = 255;
    assert_repaired(&packet, DHCP4_REPAIRED_OVERLOAD);
    assert_int_equal(dhcp4_option_find(packet.bytes, packet.length, 60, 2, &value, &size), PXE_OK);
    assert_int_equal(size, 6);
    assert_memory_equal(value, "Client", 6);
}

static void test_what_cannot_be_understood_is_left_alone(void **state)
{
    PACKET(reply, WIRE_HEADER, WIRE_MESSAGE_TYPE(1));
    PACKET(long_address, WIRE_HEADER, WIRE_MESSAGE_TYPE(1));
    PACKET(no_cookie, WIRE_HEADER, WIRE_MESSAGE_TYPE(1));
    PACKET(overrun, WIRE_HEADER, WIRE_MESSAGE_TYPE(1), 12, 4, 'a');
    PACKET(bootp, WIRE_HEADER, 12, 1, 'a');
    (void)state;
    reply.bytes[DHCP4_OP] = 2;
    assert_left_alone(&reply, ROOM);
    long_address.bytes[DHCP4_HLEN] = 17;
    assert_left_alone(&long_address, ROOM);
    no_cookie.bytes[DHCP4_COOKIE] = 0;
    assert_left_alone(&no_cookie, ROOM);
    assert_left_alone(&overrun, ROOM);
    assert_left_alone(&bootp, ROOM);
}

static void test_an_overloaded_field_that_overruns_is_left_alone(void **state)
{
    PACKET(packet, WIRE_HEADER, 52, 1, 1, WIRE_END);
    (void)state;
    memcpy(packet.bytes + DHCP4_FILE, "\x35\x01\x03\x0c\xff", 5);
    assert_left_alone(&packet, ROOM);
}

static void test_without_room_nothing_is_written(void **state)
{
    PACKET(packet, WIRE_HEADER, WIRE_MESSAGE_TYPE(1));
    (void)state;
    assert_left_alone(&packet, packet.length);
}

static void test_words(void **state)
{
    char text[DHCP4_REPAIR_TEXT_SIZE];
    (void)state;
    dhcp4_repair_text(DHCP4_REPAIRED_TAIL | DHCP4_REPAIRED_FILE, text);
    assert_string_equal(text, "bytes behind option End cleared, file terminated");
    dhcp4_repair_text(31, text);
    assert_true(strlen(text) < sizeof(text) - 1);
    dhcp4_repair_text(0, text);
    assert_string_equal(text, "");
}

/* ---- DHCPv6 ---- */

static void test_stray_bytes_are_cut(void **state)
{
    for (size_t stray = 1; stray <= 3; stray++) {
        PACKET(packet, WIRE6_OVMF_SOLICIT, 0, 0, 0);
        size_t whole = packet.length - 3;
        (void)state;
        packet.length = whole + stray;
        assert_true(dhcp6_repair(packet.bytes, &packet.length));
        assert_int_equal(packet.length, whole);
        assert_int_equal(dhcp6_check(packet.bytes, packet.length, true, NULL), DHCP6_VALID);
    }
}

static void test_an_option_that_is_cut_short_is_cut_off(void **state)
{
    PACKET(packet, WIRE6_OVMF_SOLICIT, 0, 39, 0, 20, 'n', 'a');
    (void)state;
    assert_true(dhcp6_repair(packet.bytes, &packet.length));
    assert_int_equal(packet.length, 115);
}

static void test_a_valid_message_is_left_alone(void **state)
{
    PACKET(packet, WIRE6_RELAYED_SOLICIT);
    size_t length = packet.length;
    (void)state;
    assert_false(dhcp6_repair(packet.bytes, &packet.length));
    assert_int_equal(packet.length, length);
}

static void test_garbage_is_left_alone(void **state)
{
    PACKET(packet, WIRE6_HEADER(1), 'g', 'a', 'r', 'b', 'a', 'g', 'e');
    size_t length = packet.length;
    (void)state;
    assert_false(dhcp6_repair(packet.bytes, &packet.length));
    assert_int_equal(packet.length, length);
}

/* In the client's message, and in the relay's around it: what lies between moves. */
static void test_stray_bytes_inside_relays_are_cut(void **state)
{
    PACKET(packet, WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 117, WIRE6_OVMF_SOLICIT, 1, 2, 0, 18, 0, 4,
           'p', 'o', 'r', 't', 9);
    const uint8_t *message;
    const uint8_t *value;
    uint16_t size;
    size_t length;
    (void)state;
    assert_true(dhcp6_repair(packet.bytes, &packet.length));
    assert_int_equal(packet.length, 34 + 4 + 115 + 8);
    assert_int_equal(dhcp6_check(packet.bytes, packet.length, true, NULL), DHCP6_VALID);
    assert_int_equal(dhcp6_client_message(packet.bytes, packet.length, &message, &length), PXE_OK);
    assert_int_equal(length, 115);
    assert_int_equal(dhcp6_check(message, length, true, NULL), DHCP6_VALID);
    assert_int_equal(dhcp6_option_find(packet.bytes, packet.length, 18, 1, &value, &size), PXE_OK);
    assert_memory_equal(value, "port", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_valid_packet_is_left_alone),
        cmocka_unit_test(test_padding_behind_end_is_left_alone),
        cmocka_unit_test(test_bytes_behind_end_are_cleared),
        cmocka_unit_test(test_options_behind_end_are_cleared),
        cmocka_unit_test(test_end_is_added),
        cmocka_unit_test(test_end_takes_the_place_of_padding),
        cmocka_unit_test(test_fields_are_terminated),
        cmocka_unit_test(test_a_message_type_in_file_is_found),
        cmocka_unit_test(test_full_overloaded_fields_are_moved),
        cmocka_unit_test(test_what_cannot_be_understood_is_left_alone),
        cmocka_unit_test(test_an_overloaded_field_that_overruns_is_left_alone),
        cmocka_unit_test(test_without_room_nothing_is_written),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_stray_bytes_are_cut),
        cmocka_unit_test(test_an_option_that_is_cut_short_is_cut_off),
        cmocka_unit_test(test_a_valid_message_is_left_alone),
        cmocka_unit_test(test_garbage_is_left_alone),
        cmocka_unit_test(test_stray_bytes_inside_relays_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
