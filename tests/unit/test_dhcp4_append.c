#include "dhcp/dhcp4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire.h"

struct reply {
    uint8_t bytes[600];
    size_t length;
};

static struct reply reply_empty(void)
{
    static const uint8_t header[] = {WIRE_HEADER};
    struct reply reply;

    memset(reply.bytes, 0xee, sizeof(reply.bytes));
    memcpy(reply.bytes, header, sizeof(header));
    reply.length = sizeof(header);
    return reply;
}

static void expect_bytes(const struct reply *reply, const char *expected, size_t count)
{
    assert_int_equal(reply->length, DHCP4_OPTIONS + count);
    assert_memory_equal(reply->bytes + DHCP4_OPTIONS, expected, count);
    assert_int_equal(reply->bytes[reply->length], 0xee);
}

static void test_append_writes_options(void **state)
{
    struct reply r = reply_empty();
    const uint8_t *value = (const uint8_t *)"abc";

    (void)state;
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 12, value, 3), PXE_OK);
    expect_bytes(&r,
                 "\x0c\x03"
                 "abc",
                 5);
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 254, value, 1), PXE_OK);
    expect_bytes(&r,
                 "\x0c\x03"
                 "abc\xfe\x01"
                 "a",
                 8);
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 1, value, 0), PXE_OK);
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 2, NULL, 0), PXE_OK);
    expect_bytes(&r,
                 "\x0c\x03"
                 "abc\xfe\x01"
                 "a\x01\0\x02\0",
                 12);
}

static void test_append_pad_and_end_are_one_byte(void **state)
{
    struct reply r = reply_empty();
    const uint8_t *value = (const uint8_t *)"abc";

    (void)state;
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 0, value, 3), PXE_OK);
    expect_bytes(&r, "\0", 1);
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 255, NULL, 200), PXE_OK);
    expect_bytes(&r, "\0\xff", 2);
    /* no look-back: an option goes behind End, and End may be repeated */
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 7, value, 1), PXE_OK);
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 255, value, 0), PXE_OK);
    expect_bytes(&r,
                 "\0\xff\x07\x01"
                 "a\xff",
                 6);
}

static void test_raw_append_copies(void **state)
{
    struct reply r = reply_empty();
    static const uint8_t odd[] = {255, 0, 9, 200};

    (void)state;
    assert_int_equal(dhcp4_raw_append(r.bytes, 600, &r.length, odd, sizeof(odd)), PXE_OK);
    expect_bytes(&r, "\xff\0\x09\xc8", 4);
    assert_int_equal(dhcp4_raw_append(r.bytes, 600, &r.length, odd, 0), PXE_OK);
    assert_int_equal(dhcp4_raw_append(r.bytes, 600, &r.length, NULL, 0), PXE_OK);
    expect_bytes(&r, "\xff\0\x09\xc8", 4);
}

static void test_raw_append_takes_65535_bytes(void **state)
{
    const size_t capacity = DHCP4_OPTIONS + 65535;
    uint8_t *packet = (uint8_t *)calloc(1, capacity);
    uint8_t *bytes = (uint8_t *)malloc(65535);
    size_t length = DHCP4_OPTIONS;

    (void)state;
    assert_true(packet && bytes);
    memset(bytes, 7, 65535);
    assert_int_equal(dhcp4_raw_append(packet, capacity - 1, &length, bytes, 65535),
                     PXE_INSUFFICIENT_BUFFER);
    assert_int_equal(length, DHCP4_OPTIONS);
    assert_int_equal(dhcp4_raw_append(packet, capacity, &length, bytes, 65535), PXE_OK);
    assert_int_equal(length, capacity);
    assert_memory_equal(packet + DHCP4_OPTIONS, bytes, 65535);
    free(packet);
    free(bytes);
}

/* Room for every size below what is needed: refused and unchanged. Exactly enough: done. */
static void check_room(uint8_t code, uint8_t value_length, size_t needed, bool is_raw)
{
    uint8_t value[255];

    memset(value, 'v', sizeof(value));
    for (size_t room = 0; room <= needed; room++) {
        struct reply r = reply_empty();
        uint8_t *packet = wire_copy(r.bytes, DHCP4_OPTIONS + room);
        size_t length = DHCP4_OPTIONS;
        pxe_status status =
            is_raw ? dhcp4_raw_append(packet, DHCP4_OPTIONS + room, &length, value, value_length)
                   : dhcp4_option_append(packet, DHCP4_OPTIONS + room, &length, code, value,
                                         value_length);

        if (room < needed) {
            assert_int_equal(status, PXE_INSUFFICIENT_BUFFER);
            assert_int_equal(length, DHCP4_OPTIONS);
            assert_memory_equal(packet, r.bytes, DHCP4_OPTIONS + room);
        } else {
            assert_int_equal(status, PXE_OK);
            assert_int_equal(length, DHCP4_OPTIONS + needed);
            assert_memory_equal(packet, r.bytes, DHCP4_OPTIONS);
        }
        free(packet);
    }
}

static void test_append_needs_room(void **state)
{
    (void)state;
    check_room(12, 0, 2, false);
    check_room(12, 1, 3, false);
    check_room(12, 254, 256, false);
    check_room(12, 255, 257, false);
    check_room(DHCP4_OPT_PAD, 9, 1, false);
    check_room(DHCP4_OPT_END, 9, 1, false);
    check_room(0, 1, 1, true);
    check_room(0, 255, 255, true);
}

static void test_append_refuses_bad_positions(void **state)
{
    struct reply r = reply_empty();
    struct reply before = r;
    static const size_t bad[] = {0, 1, 239, 301, 302, SIZE_MAX - 1, SIZE_MAX};
    static const uint8_t codes[] = {12, DHCP4_OPT_PAD, DHCP4_OPT_END};
    const uint8_t *value = (const uint8_t *)"abc";

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        size_t length = bad[i];

        for (size_t c = 0; c < sizeof(codes); c++) {
            assert_int_equal(dhcp4_option_append(r.bytes, 300, &length, codes[c], value, 3),
                             PXE_INVALID_PARAMETER);
        }
        assert_int_equal(dhcp4_raw_append(r.bytes, 300, &length, value, 3), PXE_INVALID_PARAMETER);
        assert_int_equal(dhcp4_raw_append(r.bytes, 300, &length, value, 0), PXE_INVALID_PARAMETER);
        assert_int_equal(length, bad[i]);
    }
    size_t length = DHCP4_OPTIONS;
    assert_int_equal(dhcp4_option_append(r.bytes, 300, &length, 12, NULL, 1),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(dhcp4_raw_append(r.bytes, 300, &length, NULL, 1), PXE_INVALID_PARAMETER);
    assert_int_equal(length, DHCP4_OPTIONS);
    length = 300; /* full is a position, too: it is only too small */
    assert_int_equal(dhcp4_option_append(r.bytes, 300, &length, 12, value, 0),
                     PXE_INSUFFICIENT_BUFFER);
    assert_int_equal(dhcp4_raw_append(r.bytes, 300, &length, value, 0), PXE_OK);
    assert_int_equal(length, 300);
    assert_memory_equal(r.bytes, before.bytes, sizeof(before.bytes));
}

static void test_appended_value_may_lie_in_the_packet(void **state)
{
    struct reply r = reply_empty();

    (void)state;
    memcpy(r.bytes + DHCP4_OPTIONS, "abcdef", 6); /* where the option itself will be */
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 12, r.bytes + r.length, 6), 0);
    expect_bytes(&r,
                 "\x0c\x06"
                 "abcdef",
                 8);
    assert_int_equal(dhcp4_raw_append(r.bytes, 600, &r.length, r.bytes + DHCP4_OPTIONS, 8), 0);
    expect_bytes(&r,
                 "\x0c\x06"
                 "abcdef\x0c\x06"
                 "abcdef",
                 16);
}

/* What is built is found again, in order, with the same values. */
static void test_build_then_find(void **state)
{
    struct reply r = reply_empty();
    uint8_t value[255];
    static const uint8_t sizes[] = {0, 1, 2, 17, 32, 255};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes); i++) {
        memset(value, (int)i + 1, sizeof(value));
        assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 252, value, sizes[i]), 0);
        assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 0, NULL, 0), 0);
    }
    assert_int_equal(dhcp4_option_append(r.bytes, 600, &r.length, 255, NULL, 0), PXE_OK);
    for (size_t i = 0; i < sizeof(sizes); i++) {
        const uint8_t *found = NULL;
        uint8_t length = 0;

        memset(value, (int)i + 1, sizeof(value));
        assert_int_equal(dhcp4_option_find(r.bytes, r.length, 252, (uint32_t)i + 1, &found,
                                           &length),
                         PXE_OK);
        assert_int_equal(length, sizes[i]);
        assert_memory_equal(found, value, length);
    }
    assert_int_equal(dhcp4_option_find(r.bytes, r.length, 252, 7, NULL, NULL), PXE_FILE_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_writes_options),
        cmocka_unit_test(test_append_pad_and_end_are_one_byte),
        cmocka_unit_test(test_raw_append_copies),
        cmocka_unit_test(test_raw_append_takes_65535_bytes),
        cmocka_unit_test(test_append_needs_room),
        cmocka_unit_test(test_append_refuses_bad_positions),
        cmocka_unit_test(test_appended_value_may_lie_in_the_packet),
        cmocka_unit_test(test_build_then_find),
    };

    return cmocka_run_group_tests_name("dhcp4_append", tests, NULL, NULL);
}
