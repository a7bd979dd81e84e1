#include "dhcp/dhcp6.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire6.h"

static const uint8_t ovmf_solicit[] = {WIRE6_OVMF_SOLICIT};
static const uint8_t isc_reply[] = {WIRE6_ISC_REPLY};
static const uint8_t relayed_solicit[] = {WIRE6_RELAYED_SOLICIT};
static const uint8_t untouched_byte = 0;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An enterprise number as a vendor search needs it; PLAIN searches the packet's own options. */
#define PLAIN (-1)
#define INTEL 343

static pxe_status find(const uint8_t *packet, size_t length, int64_t enterprise, uint16_t code,
                       uint32_t instance, const uint8_t **out_value, uint16_t *out_length)
{
    return enterprise == PLAIN
               ? dhcp6_option_find(packet, length, code, instance, out_value, out_length)
               : dhcp6_vendor_option_find(packet, length, (uint32_t)enterprise, code, instance,
                                          out_value, out_length);
}

/* Searches in a copy of exactly the packet's size; a failure must leave the outputs alone. */
static pxe_status find_in_copy(const uint8_t *packet, size_t length, int64_t enterprise,
                               uint16_t code, uint32_t instance, size_t *out_offset,
                               uint16_t *out_length)
{
    uint8_t *copy = wire6_copy(packet, length);
    const uint8_t *value = &untouched_byte;
    uint16_t value_length = 0xa5a5;
    pxe_status status = find(copy, length, enterprise, code, instance, &value, &value_length);

    assert_int_equal(find(copy, length, enterprise, code, instance, NULL, NULL), status);
    if (status == PXE_OK) {
        const uint8_t *alone = NULL;
        uint16_t length_alone = 0;

        assert_int_equal(find(copy, length, enterprise, code, instance, &alone, NULL), PXE_OK);
        assert_ptr_equal(alone, value);
        assert_int_equal(find(copy, length, enterprise, code, instance, NULL, &length_alone),
                         PXE_OK);
        assert_int_equal(length_alone, value_length);
        assert_true(value >= copy && value <= copy + length);
        *out_offset = (size_t)(value - copy);
        *out_length = value_length;
    } else {
        assert_ptr_equal(value, &untouched_byte);
        assert_int_equal(value_length, 0xa5a5);
    }
    free(copy);
    return status;
}

static void expect_found(const uint8_t *packet, size_t length, int64_t enterprise, uint16_t code,
                         uint32_t instance, const char *expected)
{
    size_t offset = 0;
    uint16_t value_length = 0;

    assert_int_equal(find_in_copy(packet, length, enterprise, code, instance, &offset,
                                  &value_length),
                     PXE_OK);
    assert_int_equal(value_length, strlen(expected));
    assert_memory_equal(packet + offset, expected, strlen(expected));
}

static void expect_status(const uint8_t *packet, size_t length, int64_t enterprise, uint16_t code,
                          uint32_t instance, pxe_status status)
{
    size_t offset = 0;
    uint16_t value_length = 0;

    assert_int_equal(find_in_copy(packet, length, enterprise, code, instance, &offset,
                                  &value_length),
                     status);
}

#define FINDS(packet, code, instance, expected)                                                    \
    expect_found(packet, sizeof(packet), PLAIN, code, instance, expected)
#define MISSES(packet, code, instance)                                                             \
    expect_status(packet, sizeof(packet), PLAIN, code, instance, PXE_FILE_NOT_FOUND)
#define VENDOR_FINDS(packet, enterprise, code, instance, expected)                                 \
    expect_found(packet, sizeof(packet), enterprise, code, instance, expected)
#define VENDOR_MISSES(packet, enterprise, code, instance)                                          \
    expect_status(packet, sizeof(packet), enterprise, code, instance, PXE_FILE_NOT_FOUND)

/* ---- find ---- */

static void test_find_in_real_packets(void **state)
{
    size_t offset = 0;
    uint16_t length = 0;

    (void)state;
    FINDS(isc_reply, DHCP6_OPT_BOOT_FILE_URL, 1, "tftp://[fd77::2]/nbp-x64.efi");
    MISSES(isc_reply, DHCP6_OPT_VENDOR_CLASS, 1);
    MISSES(ovmf_solicit, DHCP6_OPT_SERVER_ID, 1);
    assert_int_equal(find_in_copy(ovmf_solicit, sizeof(ovmf_solicit), PLAIN, 16, 1, &offset,
                                  &length),
                     PXE_OK);
    assert_int_equal(offset, 77);
    assert_int_equal(length, 38);
    assert_int_equal(find_in_copy(isc_reply, sizeof(isc_reply), PLAIN, 3, 1, &offset, &length),
                     PXE_OK);
    assert_int_equal(offset, 8);
    assert_int_equal(length, 40);
}

/* In relay types options start at 34; the nested message is one value, and nothing inside it. */
static void test_find_searches_the_outer_message(void **state)
{
    /* clang-format off */
    static const uint8_t in_ia[] = {WIRE6_HEADER(7), 0, 3, 0, 17, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
                                    11, 12, 0, 59, 0, 1, 'x'};
    /* clang-format on */
    uint8_t packet[] = {WIRE6_RELAY_HEADER(12, 0), 0, 59, 0, 1, 'o', 0, 9, 0, 5, 0, 59, 0, 1, 'i'};
    size_t offset = 0;
    uint16_t length = 0;

    (void)state;
    MISSES(in_ia, 59, 1);
    MISSES(in_ia, 5, 1);
    for (uint8_t type = DHCP6_RELAY_FORW; type <= DHCP6_RELAY_REPL; type++) {
        packet[DHCP6_TYPE] = type;
        FINDS(packet, 59, 1, "o");
        MISSES(packet, 59, 2);
    }
    MISSES(relayed_solicit, DHCP6_OPT_CLIENT_ID, 1);
    assert_int_equal(find_in_copy(relayed_solicit, sizeof(relayed_solicit), PLAIN, 9, 1, &offset,
                                  &length),
                     PXE_OK);
    assert_int_equal(offset, 38);
    assert_int_equal(length, 115);
}

static void test_find_needs_the_header_only(void **state)
{
    uint8_t packet[] = {WIRE6_RELAY_HEADER(0, 255), 0, 60, 0, 1, 'x'};
    uint8_t odd[] = {WIRE6_HEADER(0), 0, 60, 0, 1, 'x'};
    static const int64_t enterprises[] = {PLAIN, INTEL};

    (void)state;
    for (unsigned type = 0; type <= 255; type++) {
        size_t header_size = type == 12 || type == 13 ? 34 : 4;

        packet[DHCP6_TYPE] = (uint8_t)type;
        for (size_t e = 0; e < COUNT(enterprises); e++) {
            for (size_t length = 0; length < header_size; length++) {
                expect_status(packet, length, enterprises[e], 60, 1, PXE_INVALID_DATA);
                expect_status(packet, length, enterprises[e], 60, 0, PXE_INVALID_DATA);
            }
            expect_status(packet, header_size, enterprises[e], 60, 1, PXE_FILE_NOT_FOUND);
        }
        if (header_size == 34) {
            FINDS(packet, 60, 1, "x");
        } else {
            odd[DHCP6_TYPE] = (uint8_t)type;
            FINDS(odd, 60, 1, "x");
        }
    }
}

static void test_find_instance_zero(void **state)
{
    static const uint8_t packet[] = {WIRE6_HEADER(1), 0, 17, 0, 9, 0, 0, 1, 0x57, 0, 6, 0, 1, 3};

    (void)state;
    expect_status(packet, sizeof(packet), PLAIN, 17, 0, PXE_INVALID_PARAMETER);
    expect_status(packet, sizeof(packet), INTEL, 6, 0, PXE_INVALID_PARAMETER);
    VENDOR_FINDS(packet, INTEL, 6, 1, "\x03");
}

static void test_find_counts_instances(void **state)
{
    /* clang-format off */
    static const uint8_t packet[] = {WIRE6_HEADER(1), 1, 2, 0, 1, 'a', 1, 2, 0, 2, 'b', 'c',
                                     2, 1, 0, 1, 'x', 1, 2, 0, 0, 1, 2, 0, 1, 'd'};
    /* clang-format on */

    (void)state;
    FINDS(packet, 0x102, 1, "a");
    FINDS(packet, 0x102, 2, "bc");
    FINDS(packet, 0x102, 3, "");
    FINDS(packet, 0x102, 4, "d");
    MISSES(packet, 0x102, 5);
    MISSES(packet, 0x102, UINT32_MAX);
    FINDS(packet, 0x201, 1, "x");
    MISSES(packet, 0x201, 2);
    MISSES(packet, 1, 1); /* all of the code counts, not one byte of it */
    MISSES(packet, 2, 1);
}

/* No code means anything special: DHCPv6 has neither Pad nor End. */
static void test_find_every_code(void **state)
{
    uint8_t packet[] = {WIRE6_HEADER(1), 0, 0, 0, 1, 'a', 0, 0, 0, 1, 'b', 'e', 'n', 0, 1, 'd'};
    const size_t last = sizeof(packet) - 5;

    (void)state;
    for (unsigned code = 1; code <= UINT16_MAX; code++) {
        const uint8_t *value = NULL;
        uint16_t length = 0;

        packet[last] = (uint8_t)(code >> 8);
        packet[last + 1] = (uint8_t)code;
        assert_int_equal(dhcp6_option_find(packet, sizeof(packet), (uint16_t)code, 1, &value,
                                           &length),
                         PXE_OK);
        assert_ptr_equal(value, packet + last + 4);
        assert_int_equal(length, 1);
    }
    FINDS(packet, 0, 2, "b");
    MISSES(packet, 0, 3);
}

static void test_find_long_values(void **state)
{
    const size_t size = 4 + 4 + 65535 + 4;
    uint8_t *packet = (uint8_t *)calloc(1, size);
    const uint8_t *value = NULL;
    uint16_t length = 0;

    (void)state;
    assert_non_null(packet);
    packet[5] = 7;
    packet[6] = packet[7] = 0xff;
    packet[size - 3] = 8; /* an empty option at the very end: its value is behind the packet */
    assert_int_equal(dhcp6_option_find(packet, size, 7, 1, &value, &length), PXE_OK);
    assert_ptr_equal(value, packet + 8);
    assert_int_equal(length, 65535);
    assert_int_equal(dhcp6_option_find(packet, size, 8, 1, &value, &length), PXE_OK);
    assert_ptr_equal(value, packet + size);
    assert_int_equal(length, 0);
    assert_int_equal(dhcp6_option_find(packet, size - 5, 7, 1, NULL, NULL), PXE_FILE_NOT_FOUND);
    free(packet);
}

/* Every option of a real packet is found exactly as long as all of it is there. */
static void test_find_in_every_truncation(void **state)
{
    static const struct {
        uint16_t code;
        uint16_t size;
    } options[] = {{1, 18}, {8, 2}, {3, 12}, {6, 8}, {62, 3}, {61, 2}, {16, 38}};

    (void)state;
    for (size_t length = DHCP6_OPTIONS; length <= sizeof(ovmf_solicit); length++) {
        size_t end = DHCP6_OPTIONS;

        for (size_t i = 0; i < COUNT(options); i++) {
            size_t offset = 0;
            uint16_t size = 0;

            end += 4u + options[i].size;
            if (end > length) {
                expect_status(ovmf_solicit, length, PLAIN, options[i].code, 1, PXE_FILE_NOT_FOUND);
                continue;
            }
            assert_int_equal(find_in_copy(ovmf_solicit, length, PLAIN, options[i].code, 1, &offset,
                                          &size),
                             PXE_OK);
            assert_int_equal(offset, end - options[i].size);
            assert_int_equal(size, options[i].size);
        }
    }
}

static void test_overrun_ends_the_search(void **state)
{
    static const uint8_t by_one[] = {WIRE6_HEADER(1), 0, 12, 0, 1, 'a', 0, 13, 0, 5, 0, 14, 0, 0};
    static const uint8_t by_many[] = {WIRE6_HEADER(1), 0, 13, 0xff, 0xff, 0, 14, 0, 0};
    static const uint8_t no_length[] = {WIRE6_HEADER(1), 0, 12, 0, 1, 'a', 0, 13, 0};

    (void)state;
    FINDS(by_one, 12, 1, "a");
    MISSES(by_one, 13, 1);
    MISSES(by_one, 14, 1);
    MISSES(by_many, 13, 1);
    MISSES(by_many, 14, 1);
    FINDS(no_length, 12, 1, "a");
    MISSES(no_length, 13, 1);
}

static void test_walk(void **state)
{
    static const uint8_t packet[] = {WIRE6_HEADER(1), 1, 2, 0, 1, 'a', 0, 3, 0, 9, 'x'};
    struct dhcp6_walk walk = {NULL, NULL};
    struct dhcp6_option option = {NULL, 9, 9};

    (void)state;
    assert_false(dhcp6_walk_start(&walk, packet, 3));
    assert_null(walk.next);
    assert_true(dhcp6_walk_start(&walk, packet, sizeof(packet)));
    assert_int_equal(dhcp6_walk_next(&walk, &option), DHCP6_STEP_OPTION);
    assert_int_equal(option.code, 0x102);
    assert_int_equal(option.length, 1);
    assert_ptr_equal(option.value, packet + 8);
    assert_int_equal(dhcp6_walk_next(&walk, &option), DHCP6_STEP_OVERRUN);
    assert_int_equal(dhcp6_walk_next(&walk, &option), DHCP6_STEP_OVERRUN); /* it stays there */
    assert_int_equal(option.code, 0x102);
    assert_true(dhcp6_walk_start(&walk, packet, 9));
    assert_int_equal(dhcp6_walk_next(&walk, &option), DHCP6_STEP_OPTION);
    assert_int_equal(dhcp6_walk_next(&walk, &option), DHCP6_STEP_END);
    assert_int_equal(dhcp6_walk_next(&walk, &option), DHCP6_STEP_END);
}

/* ---- vendor options ---- */

static void test_vendor_find(void **state)
{
    /* clang-format off */
    static const uint8_t packet[] = {
        WIRE6_HEADER(1),
        0, 6,  0, 1,  'p',                                /* the packet's own */
        0, 17, 0, 16, 0, 0, 1, 0x57, 0, 6, 0, 1, 'a', 1, 6, 0, 3, 'b', 'c', 'd',
    };
    /* clang-format on */

    (void)state;
    VENDOR_FINDS(packet, INTEL, 6, 1, "a");
    VENDOR_MISSES(packet, INTEL, 6, 2);
    VENDOR_FINDS(packet, INTEL, 0x106, 1, "bcd");
    VENDOR_MISSES(packet, INTEL, 17, 1);
    VENDOR_MISSES(packet, INTEL, 1, 1);
    VENDOR_MISSES(packet, 0x57010000, 6, 1); /* the number is in host order */
    VENDOR_MISSES(packet, 311, 6, 1);
    VENDOR_MISSES(ovmf_solicit, INTEL, 0, 1); /* option 16 is no option 17 */
}

static void test_vendor_enterprise_is_32_bits(void **state)
{
    /* clang-format off */
    static const uint8_t packet[] = {WIRE6_HEADER(1),
                                     0, 17, 0, 9, 0xff, 0, 1, 0x57, 0, 6, 0, 1, 'h',
                                     0, 17, 0, 9, 0xff, 0xff, 0xff, 0xff, 0, 6, 0, 1, 'f',
                                     0, 17, 0, 9, 0, 0, 0, 0, 0, 6, 0, 1, 'z'};
    /* clang-format on */

    (void)state;
    VENDOR_MISSES(packet, INTEL, 6, 1);
    VENDOR_FINDS(packet, 0xff000157, 6, 1, "h");
    VENDOR_FINDS(packet, UINT32_MAX, 6, 1, "f");
    VENDOR_FINDS(packet, 0, 6, 1, "z");
    VENDOR_MISSES(packet, 0, 6, 2);
}

static void test_vendor_counts_across_options(void **state)
{
    /* clang-format off */
    static const uint8_t packet[] = {
        WIRE6_HEADER(1),
        0, 17, 0, 13, 0, 0, 1, 0x57, 0, 9, 0, 1, 'a', 0, 9, 0, 0,
        0, 17, 0, 0,                                           /* too short: skipped */
        0, 17, 0, 3,  0, 0, 1,                                 /* too short */
        0, 17, 0, 9,  0, 0, 1, 0x37, 0, 9, 0, 1, 'y',          /* another enterprise */
        0, 9,  0, 1,  'x',                                     /* the packet's own */
        0, 17, 0, 4,  0, 0, 1, 0x57,                           /* nothing inside */
        0, 17, 0, 14, 0, 0, 1, 0x57, 0, 9, 0, 1, 'b', 0, 9, 0, 2, 'z', /* overruns: ends here */
        0, 17, 0, 12, 0, 0, 1, 0x57, 0, 9, 0, 1, 'c', 0, 9, 0, /* no room for a length */
        0, 17, 0, 9,  0, 0, 1, 0x57, 0, 9, 0, 1, 'd',
        0, 17, 0, 99, 0, 0, 1, 0x57, 0, 9, 0, 1, 'n',          /* overruns the packet */
    };
    /* clang-format on */

    (void)state;
    VENDOR_FINDS(packet, INTEL, 9, 1, "a");
    VENDOR_FINDS(packet, INTEL, 9, 2, "");
    VENDOR_FINDS(packet, INTEL, 9, 3, "b");
    VENDOR_FINDS(packet, INTEL, 9, 4, "c");
    VENDOR_FINDS(packet, INTEL, 9, 5, "d");
    VENDOR_MISSES(packet, INTEL, 9, 6);
    VENDOR_FINDS(packet, 311, 9, 1, "y");
    VENDOR_MISSES(packet, 311, 9, 2);
}

static void test_vendor_find_in_every_truncation(void **state)
{
    /* clang-format off */
    static const uint8_t packet[] = {WIRE6_HEADER(1), 0, 17, 0, 9, 0, 0, 1, 0x57, 0, 6, 0, 1, 'a',
                                     0, 17, 0, 9, 0, 0, 1, 0x57, 0, 6, 0, 1, 'b'};
    /* clang-format on */

    (void)state;
    for (size_t length = 4; length < sizeof(packet); length++) {
        if (length < 17) {
            expect_status(packet, length, INTEL, 6, 1, PXE_FILE_NOT_FOUND);
        } else {
            expect_found(packet, length, INTEL, 6, 1, "a");
        }
        expect_status(packet, length, INTEL, 6, 2, PXE_FILE_NOT_FOUND);
    }
    VENDOR_FINDS(packet, INTEL, 6, 2, "b");
}

/* ---- append ---- */

struct reply {
    uint8_t bytes[600];
    size_t length;
};

static struct reply reply_empty(uint8_t type)
{
    static const uint8_t header[] = {WIRE6_RELAY_HEADER(0, 0)};
    struct reply reply;

    memset(reply.bytes, 0xee, sizeof(reply.bytes));
    reply.length = type == DHCP6_RELAY_FORW || type == DHCP6_RELAY_REPL ? 34 : 4;
    memcpy(reply.bytes, header, reply.length);
    reply.bytes[DHCP6_TYPE] = type;
    return reply;
}

static void expect_bytes(const struct reply *reply, size_t header_size, const char *expected,
                         size_t count)
{
    assert_int_equal(reply->length, header_size + count);
    assert_memory_equal(reply->bytes + header_size, expected, count);
    assert_int_equal(reply->bytes[reply->length], 0xee);
}

static void test_append_writes_options(void **state)
{
    const uint8_t *value = (const uint8_t *)"abc";

    (void)state;
    for (uint8_t type = 2; type <= 13; type += 11) {
        struct reply r = reply_empty(type);
        size_t header = r.length;

        assert_int_equal(dhcp6_option_append(r.bytes, 600, &r.length, 0x102, value, 3), PXE_OK);
        expect_bytes(&r, header, "\1\2\0\3abc", 7);
        assert_int_equal(dhcp6_option_append(r.bytes, 600, &r.length, 0, value, 1), PXE_OK);
        assert_int_equal(dhcp6_option_append(r.bytes, 600, &r.length, 255, value, 0), PXE_OK);
        assert_int_equal(dhcp6_option_append(r.bytes, 600, &r.length, 65535, NULL, 0), PXE_OK);
        expect_bytes(&r, header, "\1\2\0\3abc\0\0\0\1a\0\xff\0\0\xff\xff\0\0", 20);
    }
}

static void test_raw_append_copies(void **state)
{
    struct reply r = reply_empty(7);
    static const uint8_t odd[] = {255, 0, 9, 200, 1};

    (void)state;
    assert_int_equal(dhcp6_raw_append(r.bytes, 600, &r.length, odd, sizeof(odd)), PXE_OK);
    expect_bytes(&r, 4, "\xff\0\x09\xc8\1", 5);
    assert_int_equal(dhcp6_raw_append(r.bytes, 600, &r.length, odd, 0), PXE_OK);
    assert_int_equal(dhcp6_raw_append(r.bytes, 600, &r.length, NULL, 0), PXE_OK);
    expect_bytes(&r, 4, "\xff\0\x09\xc8\1", 5);
}

static void test_append_takes_65535_bytes(void **state)
{
    const size_t capacity = 4 + 4 + 65535 + 65535;
    uint8_t *packet = (uint8_t *)calloc(1, capacity);
    uint8_t *bytes = (uint8_t *)malloc(65535);
    size_t length = 4;

    (void)state;
    assert_true(packet && bytes);
    memset(bytes, 7, 65535);
    assert_int_equal(dhcp6_option_append(packet, 4 + 4 + 65534, &length, 9, bytes, 65535),
                     PXE_INSUFFICIENT_BUFFER);
    assert_int_equal(dhcp6_option_append(packet, 4 + 4 + 65535, &length, 9, bytes, 65535), PXE_OK);
    assert_int_equal(length, 4 + 4 + 65535);
    assert_memory_equal(packet + 4, "\0\x09\xff\xff", 4);
    assert_memory_equal(packet + 8, bytes, 65535);
    assert_int_equal(dhcp6_raw_append(packet, capacity - 1, &length, bytes, 65535),
                     PXE_INSUFFICIENT_BUFFER);
    assert_int_equal(dhcp6_raw_append(packet, capacity, &length, bytes, 65535), PXE_OK);
    assert_int_equal(length, capacity);
    assert_memory_equal(packet + 8 + 65535, bytes, 65535);
    free(packet);
    free(bytes);
}

/* Room for every size below what is needed: refused and unchanged. Exactly enough: done. */
static void check_room(uint8_t type, uint16_t value_length, bool is_raw)
{
    const size_t needed = value_length + (is_raw ? 0u : 4u);
    uint8_t value[300];

    memset(value, 'v', sizeof(value));
    for (size_t room = 0; room <= needed; room++) {
        struct reply r = reply_empty(type);
        const size_t header = r.length;
        const size_t capacity = header + room;
        uint8_t *packet = wire6_copy(r.bytes, capacity);
        size_t length = header;
        pxe_status status =
            is_raw ? dhcp6_raw_append(packet, capacity, &length, value, value_length)
                   : dhcp6_option_append(packet, capacity, &length, 12, value, value_length);

        if (room < needed) {
            assert_int_equal(status, PXE_INSUFFICIENT_BUFFER);
            assert_int_equal(length, header);
            assert_memory_equal(packet, r.bytes, capacity);
        } else {
            assert_int_equal(status, PXE_OK);
            assert_int_equal(length, header + needed);
            assert_memory_equal(packet, r.bytes, header);
        }
        free(packet);
    }
}

static void test_append_needs_room(void **state)
{
    (void)state;
    check_room(2, 0, false); /* the header of an option alone needs four bytes */
    check_room(2, 1, false);
    check_room(7, 300, false);
    check_room(13, 5, false);
    check_room(2, 1, true);
    check_room(13, 255, true);
}

static void test_append_refuses_bad_positions(void **state)
{
    static const size_t bad[] = {0, 1, 3, 301, SIZE_MAX - 1, SIZE_MAX};
    const uint8_t *value = (const uint8_t *)"abc";
    struct reply r = reply_empty(2);
    struct reply before = r;
    size_t length;

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        length = bad[i];
        assert_int_equal(dhcp6_option_append(r.bytes, 300, &length, 12, value, 3),
                         PXE_INVALID_PARAMETER);
        assert_int_equal(dhcp6_raw_append(r.bytes, 300, &length, value, 3), PXE_INVALID_PARAMETER);
        assert_int_equal(dhcp6_raw_append(r.bytes, 300, &length, value, 0), PXE_INVALID_PARAMETER);
        assert_int_equal(length, bad[i]);
    }
    length = 4;
    assert_int_equal(dhcp6_option_append(r.bytes, 300, &length, 12, NULL, 1),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(dhcp6_raw_append(r.bytes, 300, &length, NULL, 1), PXE_INVALID_PARAMETER);
    assert_int_equal(length, 4);
    length = 300; /* full is a position, too: it is only too small */
    assert_int_equal(dhcp6_option_append(r.bytes, 300, &length, 12, value, 0),
                     PXE_INSUFFICIENT_BUFFER);
    assert_int_equal(dhcp6_raw_append(r.bytes, 300, &length, value, 0), PXE_OK);
    assert_int_equal(length, 300);
    assert_memory_equal(r.bytes, before.bytes, sizeof(before.bytes));
}

/* The header's size follows from the type; an empty buffer has none that could be read. */
static void test_append_position_depends_on_the_type(void **state)
{
    uint8_t *nothing = wire6_copy(NULL, 0);
    size_t length;

    (void)state;
    for (unsigned type = 0; type <= 255; type++) {
        struct reply r = reply_empty((uint8_t)type);
        bool is_relay = type == 12 || type == 13;

        length = 33;
        assert_int_equal(dhcp6_raw_append(r.bytes, 600, &length, NULL, 0),
                         is_relay ? PXE_INVALID_PARAMETER : PXE_OK);
        length = is_relay ? 34 : 4;
        assert_int_equal(dhcp6_raw_append(r.bytes, 600, &length, NULL, 0), PXE_OK);
    }
    length = 0;
    assert_int_equal(dhcp6_raw_append(nothing, 0, &length, NULL, 0), PXE_INVALID_PARAMETER);
    length = 4;
    assert_int_equal(dhcp6_option_append(nothing, 0, &length, 1, NULL, 0), PXE_INVALID_PARAMETER);
    free(nothing);
}

static void test_appended_value_may_lie_in_the_packet(void **state)
{
    struct reply r = reply_empty(2);

    (void)state;
    memcpy(r.bytes + 4, "abcdef", 6); /* where the option itself will be */
    assert_int_equal(dhcp6_option_append(r.bytes, 600, &r.length, 12, r.bytes + r.length, 6), 0);
    expect_bytes(&r, 4, "\0\x0c\0\6abcdef", 10);
    assert_int_equal(dhcp6_raw_append(r.bytes, 600, &r.length, r.bytes + 4, 10), 0);
    expect_bytes(&r, 4, "\0\x0c\0\6abcdef\0\x0c\0\6abcdef", 20);
    assert_int_equal(dhcp6_option_append(r.bytes, 600, &r.length, 1, r.bytes + 2, 4), 0);
    expect_bytes(&r, 4, "\0\x0c\0\6abcdef\0\x0c\0\6abcdef\0\1\0\4\xfd\x88\0\x0c", 28);
}

/* What is built is found again, in order, with the same values. */
static void test_build_then_find(void **state)
{
    static const uint16_t sizes[] = {0, 1, 2, 17, 32, 255, 256, 1000};
    uint8_t packet[2000] = {WIRE6_HEADER(2)};
    uint8_t value[1000];
    size_t length = 4;

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        memset(value, (int)i + 1, sizeof(value));
        assert_int_equal(dhcp6_option_append(packet, sizeof(packet), &length, 0xfefe, value,
                                             sizes[i]),
                         PXE_OK);
        assert_int_equal(dhcp6_option_append(packet, sizeof(packet), &length, 1, value, 1), 0);
    }
    assert_int_equal(dhcp6_check(packet, length, false, NULL), DHCP6_VALID);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const uint8_t *found = NULL;
        uint16_t found_length = 0;

        memset(value, (int)i + 1, sizeof(value));
        assert_int_equal(dhcp6_option_find(packet, length, 0xfefe, (uint32_t)i + 1, &found,
                                           &found_length),
                         PXE_OK);
        assert_int_equal(found_length, sizes[i]);
        assert_memory_equal(found, value, found_length);
    }
    expect_status(packet, length, PLAIN, 0xfefe, 9, PXE_FILE_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_in_real_packets),
        cmocka_unit_test(test_find_searches_the_outer_message),
        cmocka_unit_test(test_find_needs_the_header_only),
        cmocka_unit_test(test_find_instance_zero),
        cmocka_unit_test(test_find_counts_instances),
        cmocka_unit_test(test_find_every_code),
        cmocka_unit_test(test_find_long_values),
        cmocka_unit_test(test_find_in_every_truncation),
        cmocka_unit_test(test_overrun_ends_the_search),
        cmocka_unit_test(test_walk),
        cmocka_unit_test(test_vendor_find),
        cmocka_unit_test(test_vendor_enterprise_is_32_bits),
        cmocka_unit_test(test_vendor_counts_across_options),
        cmocka_unit_test(test_vendor_find_in_every_truncation),
        cmocka_unit_test(test_append_writes_options),
        cmocka_unit_test(test_raw_append_copies),
        cmocka_unit_test(test_append_takes_65535_bytes),
        cmocka_unit_test(test_append_needs_room),
        cmocka_unit_test(test_append_refuses_bad_positions),
        cmocka_unit_test(test_append_position_depends_on_the_type),
        cmocka_unit_test(test_appended_value_may_lie_in_the_packet),
        cmocka_unit_test(test_build_then_find),
    };

    return cmocka_run_group_tests_name("dhcp6_options", tests, NULL, NULL);
}
