/* What requests tell about their senders, as the field sends them: split, doubled, bare, listed. */
#include "facts/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire.h"
#include "support/wire6.h"

#define CLASS_OF(digit) WIRE_VENDOR_CLASS(digit, '3', '0')
#define GUID_ON_WIRE "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
#define GUID_SWAPPED "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"

static struct facts_store store;

/* Out of a block of the exact size, so that a sanitizer sees what is read beyond it. */
static struct client_facts read4(const uint8_t *bytes, size_t length, uint8_t **out_copy)
{
    struct client_facts facts;

    *out_copy = wire_copy(bytes, length);
    facts4_read(*out_copy, length, &store, &facts);
    return facts;
}

#define READ4(...)                                                                                 \
    const uint8_t packet[] = {__VA_ARGS__};                                                        \
    uint8_t *copy;                                                                                 \
    struct client_facts facts = read4(packet, sizeof(packet), &copy)

static struct client_facts read6(const uint8_t *bytes, size_t length, uint8_t **out_copy)
{
    struct client_facts facts;

    *out_copy = wire6_copy(bytes, length);
    facts6_read(*out_copy, length, &store, &facts);
    return facts;
}

#define READ6(...)                                                                                 \
    const uint8_t packet[] = {__VA_ARGS__};                                                        \
    uint8_t *copy;                                                                                 \
    struct client_facts facts = read6(packet, sizeof(packet), &copy)

static void assert_bytes(struct fact_bytes bytes, const char *expected, size_t length)
{
    assert_int_equal(bytes.length, length);
    assert_memory_equal(bytes.bytes, expected, length);
}

/* ---- DHCPv4 ---- */

static void test_firmware_tells_all(void **state)
{
    READ4(WIRE_OVMF_DISCOVER);
    (void)state;
    assert_true(facts.is_dhcp && facts.has_type && !facts.is_ipv6);
    assert_int_equal(facts.type, 1);
    assert_int_equal(facts.boot, FACTS_BOOT_PXE);
    assert_int_equal(facts.architecture_count, 1);
    assert_int_equal(facts.architectures[0], 7);
    assert_false(facts.is_architecture_of_class);
    assert_bytes(facts.mac, "\x52\x54\x00\x77\x00\x02", 6);
    assert_int_equal(facts.hardware_type, 1);
    assert_true(facts.has_guid && !facts.is_guid_order_unsure);
    assert_memory_equal(facts.guid, GUID_ON_WIRE, 16);
    assert_memory_equal(facts.guid_swapped, GUID_SWAPPED, 16);
    assert_true(facts.has_undi);
    assert_int_equal(facts.undi_major, 3);
    assert_int_equal(facts.undi_minor, 0);
    assert_int_equal(facts.max_size, 1472);
    assert_int_equal(facts.transaction, 0x7c7b840c);
    assert_int_equal(facts.wanted.length, 35);
    assert_false(facts.is_ipxe);
    assert_int_equal(facts.relay_count, 0);
    assert_int_equal(facts.relay.length, 0);
    free(copy);
}

static void test_the_class_tells_what_no_option_does(void **state)
{
    READ4(WIRE_HEADER, WIRE_MESSAGE_TYPE(3), CLASS_OF('7'), WIRE_END);
    (void)state;
    assert_int_equal(facts.architecture_count, 1);
    assert_int_equal(facts.architectures[0], 7);
    assert_true(facts.is_architecture_of_class);
    assert_true(facts.has_undi);
    assert_int_equal(facts.undi_major, 3);
    free(copy);
}

static void test_an_architecture_of_one_byte_is_none(void **state)
{
    READ4(WIRE_HEADER, WIRE_MESSAGE_TYPE(3), CLASS_OF('7'), 93, 1, 0, WIRE_END);
    (void)state;
    assert_int_equal(facts.architectures[0], 7);
    assert_true(facts.is_architecture_of_class);
    free(copy);
}

static void test_the_option_counts_before_the_class(void **state)
{
    READ4(WIRE_HEADER, WIRE_MESSAGE_TYPE(3), CLASS_OF('7'), WIRE_ARCH(9), WIRE_END);
    (void)state;
    assert_int_equal(facts.architecture_count, 1);
    assert_int_equal(facts.architectures[0], 9);
    free(copy);
}

/* RFC 3396: a value in two halves, wherever the cut is. */
static void test_split_options_are_joined(void **state)
{
    READ4(WIRE_HEADER, WIRE_MESSAGE_TYPE(1), 93, 3, 0, 7, 0, 97, 5, 0, 0x33, 0x22, 0x11, 0x00, 60,
          4, 'P', 'X', 'E', 'C', 93, 1, 9, 60, 16, 'l', 'i', 'e', 'n', 't', ':', 'A', 'r', 'c', 'h',
          ':', '0', '0', '0', '0', '7', 97, 12, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb,
          0xcc, 0xdd, 0xee, 0xff, WIRE_END);
    (void)state;
    assert_int_equal(facts.architecture_count, 2);
    assert_int_equal(facts.architectures[1], 9);
    assert_int_equal(facts.boot, FACTS_BOOT_PXE);
    assert_bytes(facts.vendor_class, "PXEClient:Arch:00007", 20);
    assert_true(facts.has_guid);
    assert_memory_equal(facts.guid, GUID_ON_WIRE, 16);
    free(copy);
}

/* Whoever says it twice means it once: no joined value of 34 bytes, of which nothing can be read.
 */
static void test_a_doubled_option_of_one_size_counts_once(void **state)
{
    READ4(WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_MESSAGE_TYPE(3), WIRE_UUID, WIRE_UUID, WIRE_END);
    (void)state;
    assert_true(facts.has_type && facts.has_guid);
    assert_int_equal(facts.type, 1);
    free(copy);
}

static void test_user_class_bare(void **state)
{
    READ4(WIRE_IPXE_DISCOVER);
    (void)state;
    assert_true(facts.is_ipxe);
    assert_int_equal(facts.user_class_count, 1);
    assert_true(facts_has_user_class(&facts, "iPXE"));
    free(copy);
}

static void test_user_class_as_a_list(void **state)
{
    READ4(WIRE_HEADER, 77, 9, 3, 'l', 'a', 'b', 4, 'i', 'P', 'X', 'E', WIRE_END);
    (void)state;
    assert_true(facts.is_ipxe);
    assert_int_equal(facts.user_class_count, 2);
    assert_true(facts_has_user_class(&facts, "lab"));
    free(copy);
}

/* Either one list that was cut, or two that stand for themselves. */
static void test_user_class_in_two_instances(void **state)
{
    READ4(WIRE_HEADER, 77, 6, 3, 'l', 'a', 'b', 4, 'i', 77, 3, 'P', 'X', 'E', WIRE_END);
    (void)state;
    assert_true(facts.is_ipxe);
    assert_int_equal(facts.user_class_count, 2);
    free(copy);
}

static void test_user_class_twice_bare(void **state)
{
    READ4(WIRE_HEADER, 77, 3, 'l', 'a', 'b', 77, 4, 'i', 'P', 'X', 'E', WIRE_END);
    (void)state;
    assert_true(facts.is_ipxe);
    assert_int_equal(facts.user_class_count, 2);
    free(copy);
}

static void test_ipxe_by_its_own_option(void **state)
{
    READ4(WIRE_HEADER, WIRE_IPXE_FEATURES, WIRE_END);
    (void)state;
    assert_true(facts.is_ipxe);
    assert_int_equal(facts.user_class_count, 0);
    free(copy);
}

/* The same number, used by somebody else. */
static void test_option_175_that_is_no_list_is_not_ipxe(void **state)
{
    READ4(WIRE_HEADER, 175, 3, 'a', 'b', 'c', WIRE_END);
    (void)state;
    assert_false(facts.is_ipxe);
    free(copy);
}

static void test_options_in_file_and_sname(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, 52, 1, 3, WIRE_END};
    struct client_facts facts;
    (void)state;
    memcpy(packet + 108, "\x35\x01\x03\x5d\x02\x00\x07\xff", 8);
    memcpy(packet + 44, "\x3c\x09PXEClient\xff", 12);
    facts4_read(packet, sizeof(packet), &store, &facts);
    assert_true(facts.has_type);
    assert_int_equal(facts.type, 3);
    assert_int_equal(facts.architectures[0], 7);
    assert_int_equal(facts.boot, FACTS_BOOT_PXE);
}

static void test_agent_options_in_two_instances(void **state)
{
    READ4(WIRE_HEADER, 82, 5, 1, 3, 'e', 't', 'h', 82, 7, 2, 2, 'h', 'q', 5, 1, 9, 82, 2, 19, 0,
          WIRE_END);
    (void)state;
    assert_bytes(facts.circuit_id, "eth", 3);
    assert_bytes(facts.remote_id, "hq", 2);
    assert_true(facts.has_relay_port);
    assert_int_equal(facts.link.length, 0); /* 82.5 has no address: giaddr counts, and is unset */
    free(copy);
}

static void test_link_selection_tells_the_subnet(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, 82, 6, 5, 4, 10, 9, 0, 0, WIRE_END};
    struct client_facts facts;
    (void)state;
    memcpy(packet + 24, "\x0a\x01\x00\x01", 4);
    facts4_read(packet, sizeof(packet), &store, &facts);
    assert_int_equal(facts.relay_count, 1);
    assert_memory_equal(facts.relay.bytes, "\x0a\x01\x00\x01", 4);
    assert_memory_equal(facts.link.bytes, "\x0a\x09\x00\x00", 4);
}

/* InfiniBand (RFC 4390): no chaddr, and an identifier with a DUID. */
static void test_identity_without_chaddr(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, 61, 15, 255, 0, 0, 0, 1, 0,       3,
                        0,           1,  2,  3,   4, 5, 6, 7, WIRE_END};
    struct client_facts facts;
    (void)state;
    packet[1] = 32;
    packet[2] = 0;
    facts4_read(packet, sizeof(packet), &store, &facts);
    assert_bytes(facts.duid, "\x00\x03\x00\x01\x02\x03\x04\x05\x06\x07", 10);
    assert_bytes(facts.mac, "\x02\x03\x04\x05\x06\x07", 6);
    assert_int_equal(facts.client_id.length, 15);
}

static void test_chosen_boot_item(void **state)
{
    READ4(WIRE_HEADER, WIRE_MESSAGE_TYPE(3), 43, 7, 71, 4, 0x80, 1, 0, 2, 255, WIRE_END);
    (void)state;
    assert_true(facts.has_boot_item);
    assert_int_equal(facts.boot_item_type, 0x8001);
    assert_int_equal(facts.boot_item_layer, 2);
    free(copy);
}

static void test_seconds_in_either_byte_order(void **state)
{
    (void)state;
    assert_int_equal(facts_seconds(4), 4);
    assert_int_equal(facts_seconds(0x0400), 4);
    assert_int_equal(facts_seconds(0x0101), 0x0101);
}

/* Short, and without cookie; then each length of a real one. */
static void test_anything_can_come(void **state)
{
    static const uint8_t whole[] = {WIRE_IPXE_DISCOVER};
    (void)state;
    for (size_t length = 0; length < sizeof(whole); length++) {
        uint8_t *copy;
        struct client_facts facts = read4(whole, length, &copy);

        assert_int_equal(facts.is_dhcp, length >= 240);
        free(copy);
    }
}

/* What does not fit the store any more is not joined, and nothing is lost of the first. */
static void test_too_much_to_join(void **state)
{
    enum { PIECES = 20, PIECE = 255 };
    static uint8_t packet[240 + PIECES * (2 + PIECE)] = {WIRE_HEADER};
    struct client_facts facts;
    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        uint8_t *piece = packet + 240 + i * (2 + PIECE);

        piece[0] = 60;
        piece[1] = PIECE;
        memcpy(piece + 2, "PXEClient", 9);
    }
    facts4_read(packet, sizeof(packet), &store, &facts);
    assert_int_equal(facts.boot, FACTS_BOOT_PXE);
    assert_int_equal(facts.vendor_class.length, PIECE);
}

/* ---- DHCPv6 ---- */

static void test_firmware6_tells_all(void **state)
{
    READ6(WIRE6_OVMF_SOLICIT);
    (void)state;
    assert_true(facts.is_dhcp && facts.is_ipv6);
    assert_int_equal(facts.type, 1);
    assert_int_equal(facts.boot, FACTS_BOOT_PXE);
    assert_int_equal(facts.vendor_enterprise, 343);
    assert_int_equal(facts.architectures[0], 7);
    assert_memory_equal(facts.guid, GUID_ON_WIRE, 16);
    assert_true(facts.is_guid_order_unsure);
    assert_int_equal(facts.duid.length, 18);
    assert_null(facts.mac.bytes);
    assert_int_equal(facts.transaction, 0x7aaf44);
    assert_bytes(facts.wanted, "\0\73\0\74\0\27\0\20", 8);
    free(copy);
}

/* iPXE has its UUID in network order; the machine must have the one GUID that firmware has. */
static void test_the_guid_of_ipxe6_is_that_of_firmware(void **state)
{
    READ6(WIRE6_HEADER(1), 0, 1, 0, 18, 0, 4, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
          0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0, 15, 0, 6, 0, 4, 'i', 'P', 'X', 'E');
    (void)state;
    assert_true(facts.is_ipxe);
    assert_memory_equal(facts.guid, GUID_ON_WIRE, 16);
    assert_memory_equal(facts.guid_swapped, GUID_SWAPPED, 16);
    free(copy);
}

static void test_the_class6_tells_what_no_option_does(void **state)
{
    READ6(WIRE6_HEADER(1), WIRE6_CLIENT_ID, WIRE6_VENDOR_CLASS);
    (void)state;
    assert_int_equal(facts.architectures[0], 7);
    assert_true(facts.is_architecture_of_class);
    free(copy);
}

static void test_the_class_that_boots_counts(void **state)
{
    READ6(WIRE6_HEADER(1), 0, 16, 0, 9, 0, 0, 0, 9, 0, 3, 'o', 't', 'h', WIRE6_VENDOR_CLASS);
    (void)state;
    assert_int_equal(facts.boot, FACTS_BOOT_PXE);
    assert_int_equal(facts.vendor_enterprise, 343);
    free(copy);
}

static void test_a_relay_tells_who_asks(void **state)
{
    READ6(WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 115, WIRE6_OVMF_SOLICIT, 0, 79, 0, 8, 0, 1, 0x52,
          0x54, 0, 0x77, 0, 9, 0, 18, 0, 4, 'p', 'o', 'r', 't', 0, 37, 0, 6, 0, 0, 0, 9, 'h', 'q');
    static const uint8_t link[] = {WIRE6_LINK};
    static const uint8_t peer[] = {WIRE6_PEER};
    (void)state;
    assert_int_equal(facts.type, 1);
    assert_bytes(facts.mac, "\x52\x54\x00\x77\x00\x09", 6);
    assert_bytes(facts.circuit_id, "port", 4);
    assert_bytes(facts.remote_id, "hq", 2);
    assert_int_equal(facts.relay_count, 1);
    assert_memory_equal(facts.link.bytes, link, 16);
    assert_memory_equal(facts.client.bytes, peer, 16);
    free(copy);
}

/* An L2 relay next to the client (RFC 6221) has no address; the one behind it tells the subnet. */
static void test_two_relays(void **state)
{
    enum { INNER = 115, MIDDLE = 34 + 4 + INNER + 12 };
    READ6(WIRE6_RELAY_HEADER(12, 1), 0, 9, 0, MIDDLE, 12, 0, WIRE_ZERO_16, WIRE6_PEER, 0, 9, 0,
          INNER, WIRE6_OVMF_SOLICIT, 0, 79, 0, 8, 0, 1, 0x52, 0x54, 0, 0x77, 0, 9, 0, 79, 0, 8, 0,
          1, 1, 1, 1, 1, 1, 1);
    static const uint8_t link[] = {WIRE6_LINK};
    (void)state;
    assert_int_equal(facts.relay_count, 2);
    assert_int_equal(facts.relay.length, 0);
    assert_int_equal(facts.link.length, 16);
    assert_memory_equal(facts.link.bytes, link, 16);
    assert_bytes(facts.mac, "\x52\x54\x00\x77\x00\x09", 6);
    free(copy);
}

/* The second relay sees the first one, not the client. */
static void test_only_the_first_relay_tells_who_asks(void **state)
{
    enum { INNER = 115, MIDDLE = 34 + 4 + INNER };
    READ6(WIRE6_RELAY_HEADER(12, 1), 0, 9, 0, MIDDLE, WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, INNER,
          WIRE6_OVMF_SOLICIT, 0, 79, 0, 8, 0, 1, 1, 1, 1, 1, 1, 1);
    (void)state;
    assert_int_equal(facts.relay_count, 2);
    assert_null(facts.mac.bytes);
    free(copy);
}

static void test_anything_can_come6(void **state)
{
    static const uint8_t whole[] = {WIRE6_RELAYED_SOLICIT};
    (void)state;
    for (size_t length = 0; length < sizeof(whole); length++) {
        uint8_t *copy;
        struct client_facts facts = read6(whole, length, &copy);

        assert_int_equal(facts.is_dhcp, length >= 34);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_firmware_tells_all),
        cmocka_unit_test(test_the_class_tells_what_no_option_does),
        cmocka_unit_test(test_an_architecture_of_one_byte_is_none),
        cmocka_unit_test(test_the_option_counts_before_the_class),
        cmocka_unit_test(test_split_options_are_joined),
        cmocka_unit_test(test_a_doubled_option_of_one_size_counts_once),
        cmocka_unit_test(test_user_class_bare),
        cmocka_unit_test(test_user_class_as_a_list),
        cmocka_unit_test(test_user_class_in_two_instances),
        cmocka_unit_test(test_user_class_twice_bare),
        cmocka_unit_test(test_ipxe_by_its_own_option),
        cmocka_unit_test(test_option_175_that_is_no_list_is_not_ipxe),
        cmocka_unit_test(test_options_in_file_and_sname),
        cmocka_unit_test(test_agent_options_in_two_instances),
        cmocka_unit_test(test_link_selection_tells_the_subnet),
        cmocka_unit_test(test_identity_without_chaddr),
        cmocka_unit_test(test_chosen_boot_item),
        cmocka_unit_test(test_seconds_in_either_byte_order),
        cmocka_unit_test(test_anything_can_come),
        cmocka_unit_test(test_too_much_to_join),
        cmocka_unit_test(test_firmware6_tells_all),
        cmocka_unit_test(test_the_guid_of_ipxe6_is_that_of_firmware),
        cmocka_unit_test(test_the_class6_tells_what_no_option_does),
        cmocka_unit_test(test_the_class_that_boots_counts),
        cmocka_unit_test(test_a_relay_tells_who_asks),
        cmocka_unit_test(test_two_relays),
        cmocka_unit_test(test_only_the_first_relay_tells_who_asks),
        cmocka_unit_test(test_anything_can_come6),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
