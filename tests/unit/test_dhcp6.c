#include "dhcp/dhcp6.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire6.h"

static const uint8_t ovmf_solicit[] = {WIRE6_OVMF_SOLICIT};
static const uint8_t ovmf_request[] = {WIRE6_OVMF_REQUEST};
static const uint8_t isc_reply[] = {WIRE6_ISC_REPLY};
static const uint8_t ip_solicit[] = {WIRE6_IP_SOLICIT};
static const uint8_t relayed_solicit[] = {WIRE6_RELAYED_SOLICIT};
static const uint8_t relayed_ip_solicit[] = {WIRE6_RELAYED_IP_SOLICIT};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Checks a copy of exactly the packet's size, with and without the flag. */
static enum dhcp6_defect check_copy(const uint8_t *packet, size_t length, bool want_request,
                                    bool *out_is_pxe)
{
    uint8_t *copy = wire6_copy(packet, length);
    enum dhcp6_defect defect = dhcp6_check(copy, length, want_request, out_is_pxe);

    assert_int_equal(dhcp6_check(copy, length, want_request, NULL), defect);
    if (length > 0) {
        assert_memory_equal(copy, packet, length);
    }
    free(copy);
    return defect;
}

static enum dhcp6_defect request_check(const uint8_t *packet, size_t length)
{
    bool is_pxe;

    return check_copy(packet, length, true, &is_pxe);
}

static void expect_valid(const uint8_t *packet, size_t length, bool is_request, bool want_pxe)
{
    bool is_pxe = !want_pxe;

    assert_int_equal(check_copy(packet, length, is_request, &is_pxe), DHCP6_VALID);
    assert_int_equal(is_pxe, want_pxe);
    is_pxe = true;
    assert_int_equal(check_copy(packet, length, !is_request, &is_pxe), DHCP6_WRONG_TYPE);
    assert_false(is_pxe);
}

/* A valid request of a PXE client or not. */
#define IS_PXE(packet, expected) expect_valid(packet, sizeof(packet), true, expected)

static void test_real_packets_are_valid(void **state)
{
    (void)state;
    assert_int_equal(sizeof(ovmf_solicit), 115);
    IS_PXE(ovmf_solicit, true);
    assert_int_equal(sizeof(ovmf_request), 161);
    IS_PXE(ovmf_request, true);
    assert_int_equal(sizeof(ip_solicit), 54);
    IS_PXE(ip_solicit, false);
    assert_int_equal(sizeof(relayed_solicit), 153);
    IS_PXE(relayed_solicit, true);
    assert_int_equal(sizeof(relayed_ip_solicit), 92);
    IS_PXE(relayed_ip_solicit, false);
    assert_int_equal(sizeof(isc_reply), 120);
    expect_valid(isc_reply, sizeof(isc_reply), false, false);
}

static bool contains(const uint8_t *types, size_t count, unsigned type)
{
    return memchr(types, (int)type, count) != NULL;
}

static void test_every_type_in_both_directions(void **state)
{
    static const uint8_t requests[] = {1, 3, 4, 5, 6, 8, 9, 11, 12};
    static const uint8_t replies[] = {2, 7, 10, 13};
    uint8_t plain[] = {WIRE6_HEADER(0), WIRE6_CLIENT_ID};
    uint8_t relay[] = {WIRE6_RELAY_HEADER(0, 0), 0, 9, 0, 1, 'x'};

    (void)state;
    for (unsigned type = 0; type <= 255; type++) {
        bool is_relay = type == 12 || type == 13;
        uint8_t *packet = is_relay ? relay : plain;
        size_t length = is_relay ? sizeof(relay) : sizeof(plain);

        packet[DHCP6_TYPE] = (uint8_t)type;
        assert_int_equal(dhcp6_check(packet, length, true, NULL),
                         contains(requests, sizeof(requests), type) ? DHCP6_VALID
                                                                    : DHCP6_WRONG_TYPE);
        assert_int_equal(dhcp6_check(packet, length, false, NULL),
                         contains(replies, sizeof(replies), type) ? DHCP6_VALID : DHCP6_WRONG_TYPE);
        assert_int_equal(dhcp6_header_size((uint8_t)type), is_relay ? 34 : 4);
    }
}

/* One byte changed: the defect; the byte restored: valid again. */
static void expect_defect_at(uint8_t *packet, size_t length, size_t offset, uint8_t value,
                             enum dhcp6_defect defect)
{
    uint8_t saved = packet[offset];
    bool is_pxe = true;

    assert_true(offset < length && saved != value);
    packet[offset] = value;
    assert_int_equal(dhcp6_check(packet, length, true, &is_pxe), defect);
    assert_false(is_pxe);
    packet[offset] = saved;
    assert_int_equal(dhcp6_check(packet, length, true, &is_pxe), DHCP6_VALID);
    assert_true(is_pxe);
}

static void test_one_changed_byte_is_found(void **state)
{
    size_t length = sizeof(ovmf_solicit);
    uint8_t *packet = wire6_copy(ovmf_solicit, length);
    static const size_t lengths[] = {6, 28, 34, 50, 62, 69, 75}; /* of each option, high byte */

    (void)state;
    expect_defect_at(packet, length, DHCP6_TYPE, 0, DHCP6_WRONG_TYPE);
    expect_defect_at(packet, length, DHCP6_TYPE, 2, DHCP6_WRONG_TYPE);
    expect_defect_at(packet, length, DHCP6_TYPE, 200, DHCP6_WRONG_TYPE);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        expect_defect_at(packet, length, lengths[i], 1, DHCP6_OPTION_OVERRUN);
        expect_defect_at(packet, length, lengths[i], 255, DHCP6_OPTION_OVERRUN);
        expect_defect_at(packet, length, lengths[i] + 1, 255, DHCP6_OPTION_OVERRUN);
    }
    /* the last option, too short by one: what is left is no option; too long by one: overrun */
    expect_defect_at(packet, length, 76, 37, DHCP6_OPTION_OVERRUN);
    expect_defect_at(packet, length, 76, 39, DHCP6_OPTION_OVERRUN);
    free(packet);
}

static void test_one_changed_relay_byte_is_found(void **state)
{
    size_t length = sizeof(relayed_solicit);
    uint8_t *packet = wire6_copy(relayed_solicit, length);

    (void)state;
    expect_defect_at(packet, length, DHCP6_TYPE, DHCP6_RELAY_REPL, DHCP6_WRONG_TYPE);
    expect_defect_at(packet, length, DHCP6_RELAY_HOP_COUNT, 33, DHCP6_BAD_HOP_COUNT);
    expect_defect_at(packet, length, DHCP6_RELAY_HOP_COUNT, 255, DHCP6_BAD_HOP_COUNT);
    expect_defect_at(packet, length, 34, 1, DHCP6_NO_RELAY_MESSAGE);
    expect_defect_at(packet, length, 35, 8, DHCP6_NO_RELAY_MESSAGE);
    expect_defect_at(packet, length, 36, 1, DHCP6_OPTION_OVERRUN);
    expect_defect_at(packet, length, 37, 114, DHCP6_OPTION_OVERRUN);
    expect_defect_at(packet, length, 37, 116, DHCP6_OPTION_OVERRUN);
    free(packet);
}

static void test_every_hop_count(void **state)
{
    uint8_t packet[sizeof(relayed_solicit)];

    (void)state;
    memcpy(packet, relayed_solicit, sizeof(packet));
    for (unsigned hops = 0; hops <= 255; hops++) {
        packet[DHCP6_RELAY_HOP_COUNT] = (uint8_t)hops;
        assert_int_equal(request_check(packet, sizeof(packet)),
                         hops <= 32 ? DHCP6_VALID : DHCP6_BAD_HOP_COUNT);
    }
}

/* Every packet is valid exactly where an option ends; a relayed one only as a whole. */
static void test_every_truncation(void **state)
{
    static const size_t ends[] = {4, 26, 32, 48, 60, 67, 73, 115};

    (void)state;
    for (size_t length = 0; length <= sizeof(ovmf_solicit); length++) {
        enum dhcp6_defect expected = DHCP6_OPTION_OVERRUN;

        for (size_t i = 0; i < COUNT(ends); i++) {
            expected = ends[i] == length ? DHCP6_VALID : expected;
        }
        expected = length < 4 ? DHCP6_TOO_SHORT : expected;
        assert_int_equal(request_check(ovmf_solicit, length), expected);
    }
    assert_int_equal(dhcp6_check(NULL, 0, true, NULL), DHCP6_TOO_SHORT);
    for (size_t length = 0; length <= sizeof(relayed_solicit); length++) {
        enum dhcp6_defect expected = length < 34    ? DHCP6_TOO_SHORT
                                     : length == 34 ? DHCP6_NO_RELAY_MESSAGE
                                     : length < 153 ? DHCP6_OPTION_OVERRUN
                                                    : DHCP6_VALID;

        assert_int_equal(request_check(relayed_solicit, length), expected);
    }
}

/* All defects at once; each repair uncovers the next one. */
static void test_first_defect_counts(void **state)
{
    uint8_t packet[] = {WIRE6_RELAY_HEADER(13, 33), 0, 8, 0, 2, 1};

    (void)state;
    assert_int_equal(request_check(packet, 33), DHCP6_TOO_SHORT);
    assert_int_equal(request_check(packet, sizeof(packet)), DHCP6_WRONG_TYPE);
    packet[DHCP6_TYPE] = DHCP6_RELAY_FORW;
    assert_int_equal(request_check(packet, sizeof(packet)), DHCP6_BAD_HOP_COUNT);
    packet[DHCP6_RELAY_HOP_COUNT] = 32;
    assert_int_equal(request_check(packet, sizeof(packet)), DHCP6_OPTION_OVERRUN);
    packet[37] = 1;
    assert_int_equal(request_check(packet, sizeof(packet)), DHCP6_NO_RELAY_MESSAGE);
    packet[35] = 9;
    assert_int_equal(request_check(packet, sizeof(packet)), DHCP6_VALID);
}

static void test_relay_message_must_not_be_empty(void **state)
{
    static const uint8_t empty[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 0};
    static const uint8_t empty_first[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 0, 0, 9, 0, 1, 1};
    static const uint8_t empty_second[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 1, 1, 0, 9, 0, 0};
    static const uint8_t nested_only[] = {
        WIRE6_RELAY_HEADER(12, 0), 0, 17, 0, 9, 0, 0, 1, 0x57, 0, 9, 0, 1, 1};
    uint8_t reply[sizeof(empty)];

    (void)state;
    assert_int_equal(request_check(empty, sizeof(empty)), DHCP6_NO_RELAY_MESSAGE);
    assert_int_equal(request_check(empty_first, sizeof(empty_first)), DHCP6_NO_RELAY_MESSAGE);
    assert_int_equal(request_check(empty_second, sizeof(empty_second)), DHCP6_VALID);
    assert_int_equal(request_check(nested_only, sizeof(nested_only)), DHCP6_NO_RELAY_MESSAGE);
    memcpy(reply, empty, sizeof(reply));
    reply[DHCP6_TYPE] = DHCP6_RELAY_REPL;
    assert_int_equal(dhcp6_check(reply, sizeof(reply), false, NULL), DHCP6_NO_RELAY_MESSAGE);
}

/* ---- PXE flag ---- */

static void test_flag_needs_the_prefix(void **state)
{
    static const uint8_t exact[] = {WIRE6_HEADER(1), 0, 16, 0, 15, 0, 0, 1, 0x57, 0, 9,
                                    WIRE6_PXE_CLIENT};
    static const uint8_t short_class[] = {WIRE6_HEADER(1), 0, 16, 0, 15, 0, 0, 1, 0x57, 0, 8,
                                          WIRE6_PXE_CLIENT};
    static const uint8_t other_enterprise[] = {WIRE6_HEADER(1), 0, 16, 0, 15, 0xff, 1, 2, 3, 0, 9,
                                               WIRE6_PXE_CLIENT};
    static const uint8_t in_the_middle[] = {
        WIRE6_HEADER(1), 0, 16, 0, 16, 0, 0, 1, 0x57, 0, 10, 'x', WIRE6_PXE_CLIENT};
    static const uint8_t overrun[] = {WIRE6_HEADER(1), 0, 16, 0, 15, 0, 0, 1, 0x57, 0, 10,
                                      WIRE6_PXE_CLIENT};
    uint8_t http[sizeof(ovmf_solicit)];

    (void)state;
    IS_PXE(exact, true);
    IS_PXE(short_class, false);
    IS_PXE(other_enterprise, true);
    IS_PXE(in_the_middle, false);
    IS_PXE(overrun, false); /* the class does not fit, the option does: valid */
    memcpy(http, ovmf_solicit, sizeof(http));
    memcpy(http + 115 - 32, "HTTPClient", 10);
    IS_PXE(http, false);
}

static void test_flag_looks_at_all_classes(void **state)
{
    static const uint8_t second_class[] = {
        WIRE6_HEADER(1), 0, 16, 0, 18, 0, 0, 1, 0x57, 0, 1, 'x', 0, 9, WIRE6_PXE_CLIENT};
    static const uint8_t behind_empty_class[] = {
        WIRE6_HEADER(1), 0, 16, 0, 17, 0, 0, 1, 0x57, 0, 0, 0, 9, WIRE6_PXE_CLIENT};
    static const uint8_t second_option[] = {
        WIRE6_HEADER(1), 0, 16, 0, 7, 0, 0, 0, 9, 0, 1, 'x', 0, 16, 0, 15, 0, 0, 1, 0x57, 0, 9,
        WIRE6_PXE_CLIENT};
    static const uint8_t first_option[] = {
        WIRE6_HEADER(1), WIRE6_VENDOR_CLASS, 0, 16, 0, 7, 0, 0, 0, 9, 0, 1, 'x'};
    static const uint8_t behind_short[] = {WIRE6_HEADER(1),
                                           0,
                                           16,
                                           0,
                                           0,
                                           0,
                                           16,
                                           0,
                                           3,
                                           1,
                                           2,
                                           3,
                                           0,
                                           16,
                                           0,
                                           4,
                                           1,
                                           2,
                                           3,
                                           4,
                                           0,
                                           16,
                                           0,
                                           5,
                                           1,
                                           2,
                                           3,
                                           4,
                                           0,
                                           WIRE6_VENDOR_CLASS};
    static const uint8_t other_option[] = {WIRE6_HEADER(1), 0, 17, 0, 15, 0, 0, 1, 0x57, 0, 9,
                                           WIRE6_PXE_CLIENT};

    (void)state;
    IS_PXE(second_class, true);
    IS_PXE(behind_empty_class, true);
    IS_PXE(second_option, true);
    IS_PXE(first_option, true);
    IS_PXE(behind_short, true);
    expect_valid(behind_short, sizeof(behind_short) - 42, true, false);
    IS_PXE(other_option, false);
}

static void test_flag_of_replies(void **state)
{
    static const uint8_t advertise[] = {WIRE6_HEADER(2), WIRE6_SERVER_ID, WIRE6_VENDOR_CLASS};
    static const uint8_t relayed[] = {WIRE6_RELAY_HEADER(13, 0), 0, 9, 0, 46, WIRE6_HEADER(2),
                                      WIRE6_VENDOR_CLASS};
    static const uint8_t class_outside[] = {WIRE6_RELAY_HEADER(13, 0), 0, 9, 0, 1, 'x',
                                            WIRE6_VENDOR_CLASS};

    (void)state;
    expect_valid(advertise, sizeof(advertise), false, true);
    /* only a RELAY-FORW is taken apart: for a server's packet the outer message counts */
    expect_valid(relayed, sizeof(relayed), false, false);
    expect_valid(class_outside, sizeof(class_outside), false, true);
}

/* The client's class counts, not one that a relay added. */
static void test_flag_of_relayed_requests(void **state)
{
    static const uint8_t relay_class[] = {
        WIRE6_RELAY_HEADER(12, 0), WIRE6_VENDOR_CLASS, 0, 9, 0, 54, WIRE6_IP_SOLICIT};
    static const uint8_t two_levels[] = {WIRE6_RELAY_HEADER(12, 1), 0, 18, 0, 1, 'o', 0, 9, 0, 153,
                                         WIRE6_RELAYED_SOLICIT};
    static const uint8_t bad_inside[] = {WIRE6_RELAY_HEADER(12, 1),  0, 9, 0, 80,
                                         WIRE6_RELAY_HEADER(12, 33), 0, 9, 0, 42,
                                         WIRE6_VENDOR_CLASS};
    static const uint8_t short_inside[] = {WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 3, 1, 2, 3};

    (void)state;
    IS_PXE(relay_class, false);
    IS_PXE(two_levels, true);
    IS_PXE(bad_inside, false);
    IS_PXE(short_inside, false);
}

static void test_defect_texts(void **state)
{
    (void)state;
    for (int i = DHCP6_VALID; i <= DHCP6_NO_RELAY_MESSAGE; i++) {
        const char *text = dhcp6_defect_text((enum dhcp6_defect)i);

        assert_true(strlen(text) > 5);
        assert_string_not_equal(text, "unknown defect");
        for (int j = DHCP6_VALID; j < i; j++) {
            assert_string_not_equal(text, dhcp6_defect_text((enum dhcp6_defect)j));
        }
    }
    assert_string_equal(dhcp6_defect_text((enum dhcp6_defect)(DHCP6_NO_RELAY_MESSAGE + 1)),
                        "unknown defect");
}

/* ---- dhcp6_reply_start ---- */

/* Starts a reply to exact copies of both; a failure must change nothing. */
static pxe_status start(const uint8_t *request, size_t request_length, uint8_t *reply,
                        size_t capacity, size_t *out_length)
{
    uint8_t *request_copy = wire6_copy(request, request_length);
    uint8_t *reply_copy = wire6_copy(reply, capacity);
    size_t length = 4711;
    pxe_status status =
        dhcp6_reply_start(request_copy, request_length, reply_copy, capacity, &length);

    if (request_length > 0) {
        assert_memory_equal(request_copy, request, request_length);
    }
    if (status != PXE_OK) {
        assert_int_equal(length, 4711);
        if (capacity > 0) {
            assert_memory_equal(reply_copy, reply, capacity);
        }
    } else {
        memcpy(reply, reply_copy, capacity);
        *out_length = length;
    }
    free(request_copy);
    free(reply_copy);
    return status;
}

static void test_reply_to_every_type(void **state)
{
    static const uint8_t expected[] = {0, 2, 0, 7, 7, 7, 7, 0, 7, 7, 0, 7, 13, 0};
    uint8_t request[] = {WIRE6_RELAY_HEADER(0, 255), WIRE6_CLIENT_ID};

    (void)state;
    for (unsigned type = 0; type <= 255; type++) {
        uint8_t type_expected = type < sizeof(expected) ? expected[type] : 0;
        size_t header_size = type == 12 ? 34 : 4;
        uint8_t reply[64];
        size_t length = 0;

        memset(reply, 0xee, sizeof(reply));
        request[DHCP6_TYPE] = (uint8_t)type;
        if (type_expected == 0) {
            assert_int_equal(start(request, sizeof(request), reply, sizeof(reply), &length),
                             PXE_INVALID_DATA);
            continue;
        }
        assert_int_equal(start(request, sizeof(request), reply, sizeof(reply), &length), PXE_OK);
        assert_int_equal(length, header_size);
        assert_int_equal(reply[DHCP6_TYPE], type_expected);
        assert_memory_equal(reply + 1, request + 1, header_size - 1);
        for (size_t i = header_size; i < sizeof(reply); i++) {
            assert_int_equal(reply[i], 0xee);
        }
    }
}

static void check_reply_sizes(const uint8_t *request, size_t header_size)
{
    uint8_t reply[64] = {0};
    size_t length = 0;

    for (size_t size = 0; size <= header_size + 1; size++) {
        assert_int_equal(start(request, size, reply, sizeof(reply), &length),
                         size < header_size ? PXE_INVALID_DATA : PXE_OK);
        assert_int_equal(start(request, header_size + 1, reply, size, &length),
                         size < header_size ? PXE_INSUFFICIENT_BUFFER : PXE_OK);
    }
    assert_int_equal(length, header_size);
    /* a bad request is bad whatever the buffer's size */
    assert_int_equal(start(request, header_size - 1, reply, 0, &length), PXE_INVALID_DATA);
}

static void test_reply_needs_request_and_room(void **state)
{
    (void)state;
    check_reply_sizes(ovmf_solicit, 4);
    check_reply_sizes(relayed_solicit, 34);
}

static void test_reply_in_the_same_buffer(void **state)
{
    uint8_t buffer[sizeof(relayed_solicit) + 8];
    size_t length = 0;

    (void)state;
    for (size_t from = 0; from <= 8; from += 4) {
        memset(buffer, 0, sizeof(buffer));
        memcpy(buffer + from, relayed_solicit, sizeof(relayed_solicit));
        assert_int_equal(dhcp6_reply_start(buffer + from, sizeof(relayed_solicit), buffer + 4,
                                           sizeof(buffer) - 4, &length),
                         PXE_OK);
        assert_int_equal(length, 34);
        assert_int_equal(buffer[4], DHCP6_RELAY_REPL);
        assert_memory_equal(buffer + 5, relayed_solicit + 1, 33);
    }
}

/* What is built is valid and says the same. */
static void test_built_reply_is_valid(void **state)
{
    uint8_t reply[200];
    size_t length = 0;
    bool is_pxe = false;

    (void)state;
    assert_int_equal(dhcp6_reply_start(ovmf_request, sizeof(ovmf_request), reply, sizeof(reply),
                                       &length),
                     PXE_OK);
    assert_int_equal(dhcp6_raw_append(reply, sizeof(reply), &length, isc_reply + 4,
                                      sizeof(isc_reply) - 4),
                     PXE_OK);
    assert_int_equal(length, sizeof(isc_reply));
    assert_memory_equal(reply, isc_reply, length); /* the ISC server makes the same header */
    assert_int_equal(dhcp6_check(reply, length, false, &is_pxe), DHCP6_VALID);
    assert_false(is_pxe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_packets_are_valid),
        cmocka_unit_test(test_every_type_in_both_directions),
        cmocka_unit_test(test_one_changed_byte_is_found),
        cmocka_unit_test(test_one_changed_relay_byte_is_found),
        cmocka_unit_test(test_every_hop_count),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_first_defect_counts),
        cmocka_unit_test(test_relay_message_must_not_be_empty),
        cmocka_unit_test(test_flag_needs_the_prefix),
        cmocka_unit_test(test_flag_looks_at_all_classes),
        cmocka_unit_test(test_flag_of_replies),
        cmocka_unit_test(test_flag_of_relayed_requests),
        cmocka_unit_test(test_defect_texts),
        cmocka_unit_test(test_reply_to_every_type),
        cmocka_unit_test(test_reply_needs_request_and_room),
        cmocka_unit_test(test_reply_in_the_same_buffer),
        cmocka_unit_test(test_built_reply_is_valid),
    };

    return cmocka_run_group_tests_name("dhcp6", tests, NULL, NULL);
}
