#include "dhcp/dhcp4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "support/wire.h"

static const uint8_t ipxe_discover[] = {WIRE_IPXE_DISCOVER};
static const uint8_t ovmf_discover[] = {WIRE_OVMF_DISCOVER};
static const uint8_t ovmf_request[] = {WIRE_OVMF_REQUEST_4011};
static const uint8_t minimal[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_END};

static enum dhcp4_defect request_check(const uint8_t *packet, size_t length)
{
    return dhcp4_check(packet, length, true, NULL);
}

/* One byte changed: the defect; the byte restored: valid again. */
static void expect_defect_at(uint8_t *packet, size_t length, size_t offset, uint8_t value,
                             enum dhcp4_defect defect)
{
    uint8_t saved = packet[offset];
    bool is_pxe = true;

    assert_true(offset < length && saved != value);
    packet[offset] = value;
    assert_int_equal(dhcp4_check(packet, length, true, &is_pxe), defect);
    assert_false(is_pxe);
    packet[offset] = saved;
    assert_int_equal(dhcp4_check(packet, length, true, &is_pxe), DHCP4_VALID);
    assert_true(is_pxe);
}

static void test_real_requests_are_valid(void **state)
{
    bool is_pxe = false;

    (void)state;
    assert_int_equal(sizeof(ipxe_discover), 400);
    assert_int_equal(dhcp4_check(ipxe_discover, sizeof(ipxe_discover), true, &is_pxe), DHCP4_VALID);
    assert_true(is_pxe);
    is_pxe = false;
    assert_int_equal(sizeof(ovmf_discover), 347);
    assert_int_equal(dhcp4_check(ovmf_discover, sizeof(ovmf_discover), true, &is_pxe), DHCP4_VALID);
    assert_true(is_pxe);
    is_pxe = false;
    assert_int_equal(sizeof(ovmf_request), 347);
    assert_int_equal(dhcp4_check(ovmf_request, sizeof(ovmf_request), true, &is_pxe), DHCP4_VALID);
    assert_true(is_pxe);
    assert_int_equal(request_check(minimal, sizeof(minimal)), DHCP4_VALID);
}

static void test_one_changed_byte_is_found(void **state)
{
    size_t length = sizeof(ipxe_discover);
    uint8_t *packet = wire_copy(ipxe_discover, length);

    (void)state;
    expect_defect_at(packet, length, DHCP4_OP, 2, DHCP4_WRONG_OP);
    expect_defect_at(packet, length, DHCP4_OP, 0, DHCP4_WRONG_OP);
    expect_defect_at(packet, length, DHCP4_OP, 3, DHCP4_WRONG_OP);
    expect_defect_at(packet, length, DHCP4_HLEN, 17, DHCP4_BAD_HLEN);
    expect_defect_at(packet, length, DHCP4_HLEN, 255, DHCP4_BAD_HLEN);
    for (size_t i = 0; i < 4; i++) {
        expect_defect_at(packet, length, DHCP4_COOKIE + i, 0, DHCP4_BAD_COOKIE);
        expect_defect_at(packet, length, DHCP4_COOKIE + i, (uint8_t)(packet[DHCP4_COOKIE + i] ^ 1),
                         DHCP4_BAD_COOKIE);
    }
    expect_defect_at(packet, length, DHCP4_OPTIONS, 54, DHCP4_NO_MESSAGE_TYPE);
    expect_defect_at(packet, length, DHCP4_OPTIONS, 255, DHCP4_DATA_AFTER_END);
    expect_defect_at(packet, length, length - 1, 0, DHCP4_NO_END);
    expect_defect_at(packet, length, length - 1, 1, DHCP4_OPTION_OVERRUN);

    /* the UUID is the last option: 19 bytes, then End */
    size_t uuid_length = length - 1 - 18;
    assert_int_equal(packet[uuid_length - 1], 97);
    expect_defect_at(packet, length, uuid_length, 19, DHCP4_OPTION_OVERRUN);
    expect_defect_at(packet, length, uuid_length, 255, DHCP4_OPTION_OVERRUN);
    expect_defect_at(packet, length, uuid_length, 18, DHCP4_NO_END); /* swallows End exactly */
    free(packet);
}

static void test_reply_direction(void **state)
{
    uint8_t packet[sizeof(minimal)];

    (void)state;
    memcpy(packet, minimal, sizeof(packet));
    assert_int_equal(dhcp4_check(packet, sizeof(packet), false, NULL), DHCP4_WRONG_OP);
    packet[DHCP4_OP] = DHCP4_BOOTREPLY;
    assert_int_equal(dhcp4_check(packet, sizeof(packet), false, NULL), DHCP4_VALID);
    assert_int_equal(dhcp4_check(packet, sizeof(packet), true, NULL), DHCP4_WRONG_OP);
}

static void test_every_hardware_address_length(void **state)
{
    uint8_t packet[sizeof(minimal)];

    (void)state;
    memcpy(packet, minimal, sizeof(packet));
    for (unsigned hlen = 0; hlen <= 255; hlen++) {
        packet[DHCP4_HLEN] = (uint8_t)hlen;
        assert_int_equal(request_check(packet, sizeof(packet)),
                         hlen <= 16 ? DHCP4_VALID : DHCP4_BAD_HLEN);
    }
}

/* The zero may be anywhere in the field, also last; a zero in the next field does not count. */
static void check_termination(size_t offset, size_t size, enum dhcp4_defect defect)
{
    uint8_t packet[sizeof(minimal)];

    memcpy(packet, minimal, sizeof(packet));
    memset(packet + offset, 'x', size);
    assert_int_equal(request_check(packet, sizeof(packet)), defect);
    for (size_t i = 0; i < size; i++) {
        packet[offset + i] = 0;
        assert_int_equal(request_check(packet, sizeof(packet)), DHCP4_VALID);
        packet[offset + i] = 'x';
    }
}

static void test_strings_must_end_in_their_field(void **state)
{
    (void)state;
    check_termination(DHCP4_SNAME, DHCP4_SNAME_SIZE, DHCP4_SNAME_UNTERMINATED);
    check_termination(DHCP4_FILE, DHCP4_FILE_SIZE, DHCP4_FILE_UNTERMINATED);
}

/* All defects at once; each repair uncovers the next one. */
static void test_first_defect_counts(void **state)
{
    uint8_t packet[DHCP4_OPTIONS + 12];
    const size_t length = sizeof(packet);
    static const uint8_t overrun[] = {54, 200};
    static const uint8_t no_end[] = {54, 10};
    static const uint8_t data_after_end[] = {54, 4, 1, 2, 3, 4, 255, 9};
    static const uint8_t no_type[] = {54, 4, 1, 2, 3, 4, 255, 0};

    (void)state;
    memset(packet, 0xff, length);
    memcpy(packet + DHCP4_OPTIONS, overrun, sizeof(overrun));
    assert_int_equal(request_check(packet, DHCP4_OPTIONS - 1), DHCP4_TOO_SHORT);
    assert_int_equal(request_check(packet, length), DHCP4_WRONG_OP);
    packet[DHCP4_OP] = DHCP4_BOOTREQUEST;
    assert_int_equal(request_check(packet, length), DHCP4_BAD_HLEN);
    packet[DHCP4_HLEN] = 6;
    assert_int_equal(request_check(packet, length), DHCP4_BAD_COOKIE);
    be32_put(packet + DHCP4_COOKIE, DHCP4_MAGIC);
    assert_int_equal(request_check(packet, length), DHCP4_SNAME_UNTERMINATED);
    packet[DHCP4_SNAME] = 0;
    assert_int_equal(request_check(packet, length), DHCP4_FILE_UNTERMINATED);
    packet[DHCP4_FILE] = 0;
    assert_int_equal(request_check(packet, length), DHCP4_OPTION_OVERRUN);
    memcpy(packet + DHCP4_OPTIONS, no_end, sizeof(no_end));
    assert_int_equal(request_check(packet, length), DHCP4_NO_END);
    memset(packet + DHCP4_OPTIONS, 0, length - DHCP4_OPTIONS);
    memcpy(packet + DHCP4_OPTIONS, data_after_end, sizeof(data_after_end));
    assert_int_equal(request_check(packet, length), DHCP4_DATA_AFTER_END);
    memcpy(packet + DHCP4_OPTIONS, no_type, sizeof(no_type));
    assert_int_equal(request_check(packet, length), DHCP4_NO_MESSAGE_TYPE);
    packet[DHCP4_OPTIONS] = 53;
    assert_int_equal(request_check(packet, length), DHCP4_VALID);
}

/* Cut between two options End is missing; cut inside one it overruns. */
static void test_truncation_at_every_length(void **state)
{
    static const size_t option_sizes[] = {3, 4, 37, 19, 5, 4, 34}; /* OVMF DISCOVER, in order */
    size_t option = 0;
    size_t boundary = DHCP4_OPTIONS;

    (void)state;
    for (size_t length = 0; length < sizeof(ovmf_discover); length++) {
        uint8_t *packet = wire_copy(ovmf_discover, length);
        enum dhcp4_defect expected = DHCP4_OPTION_OVERRUN;

        if (length < DHCP4_OPTIONS) {
            expected = DHCP4_TOO_SHORT;
        } else if (length == boundary) {
            expected = DHCP4_NO_END;
            boundary += option < 7 ? option_sizes[option++] : 0;
        }
        assert_int_equal(request_check(packet, length), expected);
        free(packet);
    }
    assert_int_equal(boundary, sizeof(ovmf_discover) - 1);
}

static void test_padding(void **state)
{
    uint8_t packet[400];
    static const uint8_t options[] = {0, 0, 60, 2, 'x', 'y', 0, WIRE_MESSAGE_TYPE(3), 0, WIRE_END};

    (void)state;
    memset(packet, 0, sizeof(packet));
    memcpy(packet, minimal, DHCP4_OPTIONS);
    memcpy(packet + DHCP4_OPTIONS, options, sizeof(options));
    size_t end = DHCP4_OPTIONS + sizeof(options);
    for (size_t length = end; length <= sizeof(packet); length++) {
        assert_int_equal(request_check(packet, length), DHCP4_VALID);
    }
    for (size_t i = end; i < sizeof(packet); i++) {
        packet[i] = i % 2 ? DHCP4_OPT_END : 1; /* a second End is data, too */
        assert_int_equal(request_check(packet, sizeof(packet)), DHCP4_DATA_AFTER_END);
        packet[i] = 0;
    }
}

static void test_message_type_is_only_looked_for(void **state)
{
    static const uint8_t empty[] = {WIRE_HEADER, 53, 0, WIRE_END};
    static const uint8_t strange[] = {WIRE_HEADER, 60, 0, 53, 3, 99, 98, 97, WIRE_END};
    static const uint8_t inside[] = {WIRE_HEADER, 43, 3, WIRE_MESSAGE_TYPE(1), WIRE_END};
    static const uint8_t behind[] = {WIRE_HEADER, WIRE_END, WIRE_MESSAGE_TYPE(1), WIRE_END};
    uint8_t overloaded[] = {WIRE_HEADER, DHCP4_OPT_OVERLOAD, 1, DHCP4_OVERLOAD_FILE, WIRE_END};
    static const uint8_t type[] = {WIRE_MESSAGE_TYPE(1), WIRE_END};

    (void)state;
    assert_int_equal(request_check(empty, sizeof(empty)), DHCP4_VALID);
    assert_int_equal(request_check(strange, sizeof(strange)), DHCP4_VALID);
    assert_int_equal(request_check(inside, sizeof(inside)), DHCP4_NO_MESSAGE_TYPE);
    assert_int_equal(request_check(behind, sizeof(behind)), DHCP4_DATA_AFTER_END);
    memcpy(overloaded + DHCP4_FILE, type, sizeof(type)); /* only the options field counts */
    assert_int_equal(request_check(overloaded, sizeof(overloaded)), DHCP4_NO_MESSAGE_TYPE);
}

/* Is a packet with these vendor classes, each NULL or a string, one of PXE? */
static bool is_pxe_with(const char *first, const char *second)
{
    uint8_t packet[400];
    size_t length = sizeof(minimal) - 1;
    bool is_pxe = true;
    const char *const classes[] = {first, second};

    memcpy(packet, minimal, length);
    for (size_t i = 0; i < 2; i++) {
        if (classes[i]) {
            assert_int_equal(dhcp4_option_append(packet, sizeof(packet), &length, 60,
                                                 (const uint8_t *)classes[i],
                                                 (uint8_t)strlen(classes[i])),
                             PXE_OK);
        }
    }
    packet[length++] = DHCP4_OPT_END;
    assert_int_equal(dhcp4_check(packet, length, true, &is_pxe), DHCP4_VALID);
    return is_pxe;
}

static void test_pxe_vendor_class(void **state)
{
    (void)state;
    assert_true(is_pxe_with("PXEClient", NULL));
    assert_true(is_pxe_with("PXEClientX", NULL));
    assert_true(is_pxe_with("PXEClient:Arch:00007:UNDI:003000", NULL));
    assert_false(is_pxe_with(NULL, NULL));
    assert_false(is_pxe_with("", NULL));
    assert_false(is_pxe_with("PXEClien", NULL));
    assert_false(is_pxe_with("pxeclient", NULL));
    assert_false(is_pxe_with(" PXEClient", NULL));
    assert_false(is_pxe_with("HTTPClient:Arch:00016:UNDI:003000", NULL));
    assert_true(is_pxe_with("PXEClient", "other")); /* the first one counts */
    assert_false(is_pxe_with("other", "PXEClient"));
    assert_false(is_pxe_with("PXE", "Client")); /* and is not joined with the next */

    /* a class that is one letter short, before an option whose code is that letter */
    static const uint8_t cut[] = {
        WIRE_HEADER, WIRE_MESSAGE_TYPE(1), 60, 8, 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't', 0,
        WIRE_END};
    bool is_pxe = true;
    assert_int_equal(dhcp4_check(cut, sizeof(cut), true, &is_pxe), DHCP4_VALID);
    assert_false(is_pxe);
}

static void test_pxe_vendor_class_in_an_overloaded_field(void **state)
{
    static const uint8_t class[] = {60, 9, WIRE_PXE_CLIENT, WIRE_END};
    uint8_t packet[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(1), 52, 1, 1, WIRE_END};
    bool is_pxe = true;

    (void)state;
    assert_int_equal(dhcp4_check(packet, sizeof(packet), true, &is_pxe), DHCP4_VALID);
    assert_false(is_pxe);
    memcpy(packet + DHCP4_FILE, class, sizeof(class));
    assert_int_equal(dhcp4_check(packet, sizeof(packet), true, &is_pxe), DHCP4_VALID);
    assert_true(is_pxe);
    packet[sizeof(packet) - 2] = 2; /* sname instead */
    assert_int_equal(dhcp4_check(packet, sizeof(packet), true, &is_pxe), DHCP4_VALID);
    assert_false(is_pxe);
}

static void test_defect_texts(void **state)
{
    (void)state;
    for (int i = DHCP4_VALID; i <= DHCP4_NO_MESSAGE_TYPE; i++) {
        const char *text = dhcp4_defect_text((enum dhcp4_defect)i);

        assert_non_null(text);
        assert_true(strlen(text) > 5);
        for (int j = DHCP4_VALID; j < i; j++) {
            assert_string_not_equal(text, dhcp4_defect_text((enum dhcp4_defect)j));
        }
    }
    assert_string_equal(dhcp4_defect_text(DHCP4_OPTION_OVERRUN),
                        "option runs past the end of the packet");
    assert_string_equal(dhcp4_defect_text((enum dhcp4_defect)(DHCP4_NO_MESSAGE_TYPE + 1)),
                        "unknown defect");
}

/* A request in which no byte is zero and neighbours differ, so that each kept byte shows. */
static void fill_request(uint8_t *request, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        request[i] = (uint8_t)(1 + i % 251);
    }
    be32_put(request + DHCP4_COOKIE, DHCP4_MAGIC);
}

/* API-5.1.1, byte by byte. */
static uint8_t expected_reply_byte(const uint8_t *request, size_t offset)
{
    bool is_kept = offset == DHCP4_HTYPE || offset == DHCP4_HLEN ||
                   (offset >= DHCP4_XID && offset < DHCP4_FLAGS) ||
                   (offset >= DHCP4_CIADDR && offset < DHCP4_SNAME) ||
                   (offset >= DHCP4_COOKIE && offset < DHCP4_OPTIONS);

    if (offset == DHCP4_OP) {
        return DHCP4_BOOTREPLY;
    }
    return is_kept ? request[offset] : 0;
}

static void test_reply_start_fields(void **state)
{
    uint8_t request[300];
    uint8_t reply[320 + 1];
    size_t length = 0;

    (void)state;
    fill_request(request, sizeof(request));
    memset(reply, 0xee, sizeof(reply));
    assert_int_equal(dhcp4_reply_start(request, sizeof(request), reply, 320, &length), PXE_OK);
    assert_int_equal(length, 240);
    for (size_t i = 0; i < 320; i++) {
        if (reply[i] != expected_reply_byte(request, i)) {
            fail_msg("byte %u of the reply is %u", (unsigned)i, reply[i]);
        }
    }
    assert_int_equal(reply[320], 0xee);
}

static void test_reply_start_judges_length_and_cookie_only(void **state)
{
    uint8_t *request = wire_copy(minimal, DHCP4_OPTIONS);
    uint8_t *reply = wire_copy(minimal, DHCP4_OPTIONS);
    size_t length = 0;

    (void)state;
    request[DHCP4_OP] = 9;
    request[DHCP4_HLEN] = 200;
    assert_int_equal(dhcp4_reply_start(request, 240, reply, 240, &length), PXE_OK);
    assert_int_equal(length, 240);
    assert_int_equal(reply[DHCP4_HLEN], 200);
    free(request);
    free(reply);
}

static void test_reply_start_failures_change_nothing(void **state)
{
    uint8_t request[300];
    uint8_t reply[300];
    uint8_t before[300];
    size_t length = 77;

    (void)state;
    fill_request(request, sizeof(request));
    memset(reply, 0xee, sizeof(reply));
    memcpy(before, reply, sizeof(before));
    for (size_t size = 0; size < 240; size++) {
        uint8_t *cut = wire_copy(request, size);

        assert_int_equal(dhcp4_reply_start(cut, size, reply, 300, &length), PXE_INVALID_DATA);
        assert_int_equal(dhcp4_reply_start(request, 300, reply, size, &length),
                         PXE_INSUFFICIENT_BUFFER);
        assert_int_equal(dhcp4_reply_start(cut, size, reply, size, &length), PXE_INVALID_DATA);
        free(cut);
    }
    for (size_t i = DHCP4_COOKIE; i < DHCP4_OPTIONS; i++) {
        request[i] ^= 0x40;
        assert_int_equal(dhcp4_reply_start(request, 300, reply, 300, &length), PXE_INVALID_DATA);
        request[i] ^= 0x40;
    }
    assert_memory_equal(reply, before, sizeof(before));
    assert_int_equal(length, 77);
    assert_int_equal(dhcp4_reply_start(request, 300, reply, 300, &length), PXE_OK);
}

static void test_reply_start_may_overlap(void **state)
{
    uint8_t request[300];
    uint8_t expected[300];
    uint8_t arena[900];
    size_t length = 0;

    (void)state;
    fill_request(request, sizeof(request));
    assert_int_equal(dhcp4_reply_start(request, 300, expected, 300, &length), PXE_OK);
    for (size_t at = 0; at <= 600; at++) { /* 300 is the same buffer */
        length = 0;
        memset(arena, 0xee, sizeof(arena));
        memcpy(arena + 300, request, sizeof(request));
        assert_int_equal(dhcp4_reply_start(arena + 300, 300, arena + at, 300, &length), PXE_OK);
        assert_int_equal(length, 240);
        assert_memory_equal(arena + at, expected, sizeof(expected));
    }
}

static void test_reply_can_be_built_and_checked(void **state)
{
    static const uint8_t type[] = {5};
    static const uint8_t server_id[] = {10, 77, 0, 2};
    static const uint8_t menu[] = {WIRE_BOOT_MENU};
    uint8_t reply[300];
    size_t length = 0;
    bool is_pxe = false;

    (void)state;
    assert_int_equal(dhcp4_reply_start(ovmf_request, sizeof(ovmf_request), reply, 300, &length), 0);
    memcpy(reply + DHCP4_SIADDR, server_id, 4);
    assert_int_equal(dhcp4_option_append(reply, 300, &length, 53, type, 1), PXE_OK);
    assert_int_equal(dhcp4_option_append(reply, 300, &length, 60, (const uint8_t *)"PXEClient", 9),
                     PXE_OK);
    assert_int_equal(dhcp4_option_append(reply, 300, &length, 54, server_id, 4), PXE_OK);
    assert_int_equal(dhcp4_check(reply, length, false, NULL), DHCP4_NO_END);
    assert_int_equal(dhcp4_option_append(reply, 300, &length, DHCP4_OPT_END, NULL, 0), PXE_OK);
    assert_int_equal(length, 240 + 3 + 11 + 6 + 1);
    assert_int_equal(dhcp4_check(reply, length, false, &is_pxe), DHCP4_VALID);
    assert_true(is_pxe);
    assert_int_equal(dhcp4_check(reply, 300, false, NULL), DHCP4_VALID); /* the tail is padding */
    assert_int_equal(dhcp4_raw_append(reply, 300, &length, menu, sizeof(menu)), PXE_OK);
    assert_int_equal(dhcp4_check(reply, length, false, &is_pxe), DHCP4_DATA_AFTER_END);
    assert_false(is_pxe);
}

static void test_big_endian_numbers(void **state)
{
    uint8_t bytes[7] = {0xee, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0xee};

    (void)state;
    assert_int_equal(be16_get(bytes + 1), 0xfedc);
    assert_true(be32_get(bytes + 1) == UINT32_C(0xfedcba98));
    be16_put(bytes + 1, 0x8001);
    assert_int_equal(bytes[0], 0xee);
    assert_int_equal(bytes[1], 0x80);
    assert_int_equal(bytes[2], 0x01);
    assert_int_equal(bytes[3], 0xba);
    be32_put(bytes + 2, UINT32_C(0xf0010203));
    assert_int_equal(bytes[1], 0x80);
    assert_int_equal(bytes[2], 0xf0);
    assert_int_equal(bytes[3], 0x01);
    assert_int_equal(bytes[4], 0x02);
    assert_int_equal(bytes[5], 0x03);
    assert_int_equal(bytes[6], 0xee);
}

static void test_byte_reader_stays_inside(void **state)
{
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7};
    struct byte_reader reader = {bytes, sizeof(bytes)};
    struct byte_reader empty = {NULL, 0};
    const uint8_t *taken = NULL;
    uint16_t word = 0;
    uint32_t number = 0;

    (void)state;
    assert_true(byte_reader_be32(&reader, &number));
    assert_int_equal(number, 0x01020304);
    assert_false(byte_reader_be32(&reader, &number));
    assert_int_equal(number, 0x01020304);
    assert_true(byte_reader_be16(&reader, &word));
    assert_int_equal(word, 0x0506);
    assert_false(byte_reader_be16(&reader, &word));
    assert_int_equal(word, 0x0506);
    assert_false(byte_reader_take(&reader, SIZE_MAX, &taken));
    assert_null(taken);
    assert_true(byte_reader_take(&reader, 1, &taken));
    assert_ptr_equal(taken, bytes + 6);
    assert_int_equal(reader.left, 0);
    assert_true(byte_reader_take(&empty, 0, &taken));
    assert_null(taken);
    assert_false(byte_reader_take(&empty, 1, &taken));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_requests_are_valid),
        cmocka_unit_test(test_one_changed_byte_is_found),
        cmocka_unit_test(test_reply_direction),
        cmocka_unit_test(test_every_hardware_address_length),
        cmocka_unit_test(test_strings_must_end_in_their_field),
        cmocka_unit_test(test_first_defect_counts),
        cmocka_unit_test(test_truncation_at_every_length),
        cmocka_unit_test(test_padding),
        cmocka_unit_test(test_message_type_is_only_looked_for),
        cmocka_unit_test(test_pxe_vendor_class),
        cmocka_unit_test(test_pxe_vendor_class_in_an_overloaded_field),
        cmocka_unit_test(test_defect_texts),
        cmocka_unit_test(test_reply_start_fields),
        cmocka_unit_test(test_reply_start_judges_length_and_cookie_only),
        cmocka_unit_test(test_reply_start_failures_change_nothing),
        cmocka_unit_test(test_reply_start_may_overlap),
        cmocka_unit_test(test_reply_can_be_built_and_checked),
        cmocka_unit_test(test_big_endian_numbers),
        cmocka_unit_test(test_byte_reader_stays_inside),
    };

    return cmocka_run_group_tests_name("dhcp4", tests, NULL, NULL);
}
