#include "dhcp/dhcp4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/wire.h"

static const uint8_t ipxe_discover[] = {WIRE_IPXE_DISCOVER};
static const uint8_t ovmf_discover[] = {WIRE_OVMF_DISCOVER};
static const uint8_t untouched_byte = 0;

typedef pxe_status find_function(const uint8_t *packet, size_t length, uint8_t code,
                                 uint32_t instance, const uint8_t **out_value, uint8_t *out_length);

/* Searches in a copy of exactly the packet's size; a failure must leave the outputs alone. */
static pxe_status find_in_copy(find_function *find, const uint8_t *packet, size_t length,
                               uint8_t code, uint32_t instance, size_t *out_offset,
                               uint8_t *out_length)
{
    uint8_t *copy = wire_copy(packet, length);
    const uint8_t *value = &untouched_byte;
    uint8_t value_length = 0xa5;
    pxe_status status = find(copy, length, code, instance, &value, &value_length);

    assert_int_equal(find(copy, length, code, instance, NULL, NULL), status);
    if (status == PXE_OK) {
        const uint8_t *alone = NULL;
        uint8_t length_alone = 0;

        assert_int_equal(find(copy, length, code, instance, &alone, NULL), PXE_OK);
        assert_ptr_equal(alone, value);
        assert_int_equal(find(copy, length, code, instance, NULL, &length_alone), PXE_OK);
        assert_int_equal(length_alone, value_length);
        assert_true(value >= copy && value <= copy + length);
        *out_offset = (size_t)(value - copy);
        *out_length = value_length;
    } else {
        assert_ptr_equal(value, &untouched_byte);
        assert_int_equal(value_length, 0xa5);
    }
    free(copy);
    return status;
}

static void expect_found(find_function *find, const uint8_t *packet, size_t length, uint8_t code,
                         uint32_t instance, const char *expected)
{
    size_t offset = 0;
    uint8_t value_length = 0;

    assert_int_equal(find_in_copy(find, packet, length, code, instance, &offset, &value_length),
                     PXE_OK);
    assert_int_equal(value_length, strlen(expected));
    assert_memory_equal(packet + offset, expected, strlen(expected));
}

static void expect_status(find_function *find, const uint8_t *packet, size_t length, uint8_t code,
                          uint32_t instance, pxe_status status)
{
    size_t offset = 0;
    uint8_t value_length = 0;

    assert_int_equal(find_in_copy(find, packet, length, code, instance, &offset, &value_length),
                     status);
}

#define FINDS(packet, code, instance, expected)                                                    \
    expect_found(dhcp4_option_find, packet, sizeof(packet), code, instance, expected)
#define MISSES(packet, code, instance)                                                             \
    expect_status(dhcp4_option_find, packet, sizeof(packet), code, instance, PXE_FILE_NOT_FOUND)
#define VENDOR_FINDS(packet, code, instance, expected)                                             \
    expect_found(dhcp4_vendor_option_find, packet, sizeof(packet), code, instance, expected)
#define VENDOR_MISSES(packet, code, instance)                                                      \
    expect_status(dhcp4_vendor_option_find, packet, sizeof(packet), code, instance,                \
                  PXE_FILE_NOT_FOUND)

/* ---- find ---- */

static void test_find_in_real_packets(void **state)
{
    (void)state;
    FINDS(ipxe_discover, 60, 1, "PXEClient:Arch:00000:UNDI:002001");
    FINDS(ipxe_discover, 77, 1, "iPXE");
    FINDS(ipxe_discover, 53, 1, "\x01");
    FINDS(ipxe_discover, 57, 1, "\x05\xc0");
    FINDS(ovmf_discover, 60, 1, "PXEClient:Arch:00007:UNDI:003000");
    MISSES(ipxe_discover, 43, 1);
    MISSES(ovmf_discover, 61, 1);
}

static void test_find_needs_length_and_cookie_only(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, 60, 1, 'x', WIRE_END};
    find_function *const finds[] = {dhcp4_option_find, dhcp4_vendor_option_find};

    (void)state;
    packet[DHCP4_OP] = 77;
    packet[DHCP4_HLEN] = 200;
    memset(packet + DHCP4_SNAME, 'x', DHCP4_SNAME_SIZE + DHCP4_FILE_SIZE);
    FINDS(packet, 60, 1, "x");
    for (size_t f = 0; f < 2; f++) {
        for (size_t length = 0; length < DHCP4_OPTIONS; length++) {
            expect_status(finds[f], packet, length, 60, 1, PXE_INVALID_DATA);
            expect_status(finds[f], packet, length, 60, 0, PXE_INVALID_DATA);
        }
        expect_status(finds[f], packet, DHCP4_OPTIONS, 60, 1, PXE_FILE_NOT_FOUND);
        for (size_t i = DHCP4_COOKIE; i < DHCP4_OPTIONS; i++) {
            packet[i] ^= 0x80;
            expect_status(finds[f], packet, sizeof(packet), 60, 1, PXE_INVALID_DATA);
            packet[i] ^= 0x80;
        }
    }
    FINDS(packet, 60, 1, "x");
}

static void test_find_instance_zero(void **state)
{
    static const uint8_t packet[] = {WIRE_HEADER, 43, 3, 6, 1, 3, WIRE_END};

    (void)state;
    expect_status(dhcp4_option_find, packet, sizeof(packet), 43, 0, PXE_INVALID_PARAMETER);
    expect_status(dhcp4_vendor_option_find, packet, sizeof(packet), 6, 0, PXE_INVALID_PARAMETER);
}

static void test_find_counts_instances(void **state)
{
    static const uint8_t packet[] = {WIRE_HEADER, 12,  1, 'a', 0,  12, 2,  'b', 'c', 13,
                                     1,           'x', 0, 0,   12, 0,  12, 1,   'd', WIRE_END};

    (void)state;
    FINDS(packet, 12, 1, "a");
    FINDS(packet, 12, 2, "bc");
    FINDS(packet, 12, 3, "");
    FINDS(packet, 12, 4, "d");
    MISSES(packet, 12, 5);
    MISSES(packet, 12, UINT32_MAX);
    FINDS(packet, 13, 1, "x");
    MISSES(packet, 13, 2);
    MISSES(packet, 14, 1);
}

static void test_pad_and_end_have_no_value(void **state)
{
    static const uint8_t packet[] = {WIRE_HEADER, 0, 1, 'a', 12, 1, 'b', WIRE_END, 1, 'c'};
    static const uint8_t vendor[] = {WIRE_HEADER, 43, 5, 0, 6, 0, 255, 0, WIRE_END};

    (void)state;
    MISSES(packet, DHCP4_OPT_PAD, 1);
    MISSES(packet, DHCP4_OPT_END, 1);
    VENDOR_MISSES(vendor, DHCP4_OPT_PAD, 1);
    VENDOR_MISSES(vendor, DHCP4_OPT_END, 1);
}

static void test_find_stops_at_end(void **state)
{
    static const uint8_t packet[] = {WIRE_HEADER, 12, 1, 'a', WIRE_END, 12, 1, 'b', 13, 1, 'c'};

    (void)state;
    FINDS(packet, 12, 1, "a");
    MISSES(packet, 12, 2);
    MISSES(packet, 13, 1);
}

static void test_find_without_end(void **state)
{
    static const uint8_t packet[] = {WIRE_HEADER, 12, 1, 'a', 13, 1, 'b'};
    static const uint8_t pads[] = {WIRE_HEADER, 12, 1, 'a', 0, 0, 0};
    static const uint8_t empty[] = {WIRE_HEADER, 12, 1, 'a', 13, 0};
    size_t offset = 0;
    uint8_t length = 9;

    (void)state;
    FINDS(packet, 13, 1, "b");
    MISSES(packet, 14, 1);
    FINDS(pads, 12, 1, "a");
    MISSES(pads, 12, 2);
    /* a zero-length value at the very end points right behind the packet */
    assert_int_equal(find_in_copy(dhcp4_option_find, empty, sizeof(empty), 13, 1, &offset, &length),
                     PXE_OK);
    assert_int_equal(offset, sizeof(empty));
    assert_int_equal(length, 0);
}

/* Every option of a real packet is found exactly as long as all of it is there. */
static void test_find_in_every_truncation(void **state)
{
    static const struct {
        uint8_t code;
        uint8_t size;
    } options[] = {{53, 1}, {57, 2}, {55, 35}, {97, 17}, {94, 3}, {93, 2}, {60, 32}};

    (void)state;
    for (size_t length = DHCP4_OPTIONS; length <= sizeof(ovmf_discover); length++) {
        size_t end = DHCP4_OPTIONS;

        for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
            size_t offset = 0;
            uint8_t size = 0;

            end += 2u + options[i].size;
            if (end > length) {
                expect_status(dhcp4_option_find, ovmf_discover, length, options[i].code, 1,
                              PXE_FILE_NOT_FOUND);
                continue;
            }
            assert_int_equal(find_in_copy(dhcp4_option_find, ovmf_discover, length, options[i].code,
                                          1, &offset, &size),
                             PXE_OK);
            assert_int_equal(offset, end - options[i].size);
            assert_int_equal(size, options[i].size);
        }
    }
}

static void test_overrun_ends_the_search(void **state)
{
    static const uint8_t by_one[] = {WIRE_HEADER, 12, 1, 'a', 13, 3, 14, 0};
    static const uint8_t by_many[] = {WIRE_HEADER, 13, 255, 14, 0, WIRE_END};
    static const uint8_t no_length[] = {WIRE_HEADER, 12, 1, 'a', 13};
    uint8_t overloaded[] = {WIRE_HEADER, 52, 1, DHCP4_OVERLOAD_FILE, 13, 9};

    (void)state;
    FINDS(by_one, 12, 1, "a");
    MISSES(by_one, 13, 1);
    MISSES(by_one, 14, 1);
    MISSES(by_many, 13, 1);
    MISSES(by_many, 14, 1);
    FINDS(no_length, 12, 1, "a");
    MISSES(no_length, 13, 1);
    overloaded[DHCP4_FILE] = 12;
    MISSES(overloaded, 12, 1); /* not even the overloaded fields are read any more */
    overloaded[sizeof(overloaded) - 2] = DHCP4_OPT_END;
    FINDS(overloaded, 12, 1, "");
}

/* ---- overload ---- */

/* options: 52 = value and 12 "o"; file: 12 "f"; sname: 12 "s" */
static void make_overloaded(uint8_t *packet, size_t size, uint8_t value)
{
    static const uint8_t file[] = {0, 12, 1, 'f', WIRE_END, 12, 1, 'x'};
    static const uint8_t sname[] = {12, 1, 's', 14, 2, 'n', 'm', WIRE_END, 12, 1, 'x'};
    const uint8_t whole[] = {WIRE_HEADER, 12, 1, 'o', 52, 1, value, WIRE_END};

    assert_int_equal(size, sizeof(whole));
    memcpy(packet, whole, sizeof(whole));
    memcpy(packet + DHCP4_FILE, file, sizeof(file));
    memcpy(packet + DHCP4_SNAME, sname, sizeof(sname));
}

static void test_overload_chooses_the_fields(void **state)
{
    uint8_t packet[DHCP4_OPTIONS + 7];

    (void)state;
    make_overloaded(packet, sizeof(packet), DHCP4_OVERLOAD_FILE);
    FINDS(packet, 12, 1, "o");
    FINDS(packet, 12, 2, "f");
    MISSES(packet, 12, 3);
    MISSES(packet, 14, 1);

    make_overloaded(packet, sizeof(packet), DHCP4_OVERLOAD_SNAME);
    FINDS(packet, 12, 2, "s");
    MISSES(packet, 12, 3);
    FINDS(packet, 14, 1, "nm");

    make_overloaded(packet, sizeof(packet), DHCP4_OVERLOAD_FILE | DHCP4_OVERLOAD_SNAME);
    FINDS(packet, 12, 1, "o");
    FINDS(packet, 12, 2, "f");
    FINDS(packet, 12, 3, "s");
    MISSES(packet, 12, 4);
    FINDS(packet, 14, 1, "nm");
    FINDS(packet, 52, 1, "\x03");
}

static void test_overload_must_be_well_formed(void **state)
{
    uint8_t packet[DHCP4_OPTIONS + 7];
    static const uint8_t strange[] = {0, 4, 5, 7, 128, 255};

    (void)state;
    for (size_t i = 0; i < sizeof(strange); i++) {
        make_overloaded(packet, sizeof(packet), strange[i]);
        FINDS(packet, 12, 1, "o");
        MISSES(packet, 12, 2);
    }
    make_overloaded(packet, sizeof(packet), DHCP4_OVERLOAD_FILE);
    packet[DHCP4_OPTIONS + 4] = 2; /* two bytes long, swallowing End */
    MISSES(packet, 12, 2);
    packet[DHCP4_OPTIONS + 4] = 0; /* empty, then 1 as a code */
    MISSES(packet, 12, 2);
    packet[DHCP4_OPTIONS + 4] = 1;
    FINDS(packet, 12, 2, "f");
    packet[DHCP4_OPTIONS + 3] = 51; /* without option 52 the fields are never read */
    MISSES(packet, 12, 2);
}

static void test_overload_without_end(void **state)
{
    static const uint8_t file[] = {12, 1, 'f'};
    uint8_t packet[] = {WIRE_HEADER, 52, 1, DHCP4_OVERLOAD_FILE};

    (void)state;
    memcpy(packet + DHCP4_FILE, file, sizeof(file));
    FINDS(packet, 12, 1, "f");
}

static void test_first_overload_counts(void **state)
{
    static const uint8_t file[] = {12, 1, 'f'};
    static const uint8_t sname[] = {12, 1, 's'};
    uint8_t packet[] = {WIRE_HEADER,         52,      1, DHCP4_OVERLOAD_SNAME, 52, 1,
                        DHCP4_OVERLOAD_FILE, WIRE_END};

    (void)state;
    memcpy(packet + DHCP4_FILE, file, sizeof(file));
    memcpy(packet + DHCP4_SNAME, sname, sizeof(sname));
    FINDS(packet, 12, 1, "s");
    MISSES(packet, 12, 2);
    packet[DHCP4_OPTIONS + 2] = 9; /* also if it makes no sense */
    MISSES(packet, 12, 1);
}

/* An option 52 in file or sname is an option like any other: it opens no field (and no loop). */
static void test_overload_counts_in_the_options_field_only(void **state)
{
    static const uint8_t field[] = {52,  1,       DHCP4_OVERLOAD_FILE | DHCP4_OVERLOAD_SNAME, 12, 1,
                                    'y', WIRE_END};
    uint8_t packet[] = {WIRE_HEADER, 52, 1, DHCP4_OVERLOAD_FILE, WIRE_END};

    (void)state;
    memcpy(packet + DHCP4_FILE, field, sizeof(field));
    memcpy(packet + DHCP4_SNAME, field, sizeof(field));
    FINDS(packet, 12, 1, "y");
    MISSES(packet, 12, 2);
    FINDS(packet, 52, 2, "\x03");
    MISSES(packet, 52, 3);
    packet[DHCP4_OPTIONS + 2] = DHCP4_OVERLOAD_SNAME;
    FINDS(packet, 12, 1, "y");
    MISSES(packet, 12, 2);
    MISSES(packet, 52, 3);
}

/* Options may fill a field to its last byte, but not cross into the next one (RFC 3396). */
static void check_field_bound(uint8_t overload, size_t offset, size_t size)
{
    uint8_t packet[] = {WIRE_HEADER, 52, 1, overload, WIRE_END};
    size_t found = 0;
    uint8_t length = 0;

    packet[offset] = 12;
    packet[offset + 1] = (uint8_t)(size - 2);
    assert_int_equal(find_in_copy(dhcp4_option_find, packet, sizeof(packet), 12, 1, &found,
                                  &length),
                     PXE_OK);
    assert_int_equal(found, offset + 2);
    assert_int_equal(length, size - 2);
    packet[offset + 1]++;
    MISSES(packet, 12, 1);

    memset(packet + offset, 0, size);
    packet[offset + size - 1] = 12; /* its length byte would be in the next field */
    MISSES(packet, 12, 1);
    packet[offset + size - 1] = 0;
    packet[offset + size - 2] = 12;
    expect_found(dhcp4_option_find, packet, sizeof(packet), 12, 1, "");
}

static void test_overloaded_fields_are_bounded(void **state)
{
    (void)state;
    check_field_bound(DHCP4_OVERLOAD_FILE, DHCP4_FILE, DHCP4_FILE_SIZE);
    check_field_bound(DHCP4_OVERLOAD_SNAME, DHCP4_SNAME, DHCP4_SNAME_SIZE);
}

/* ---- vendor options ---- */

static void test_vendor_find(void **state)
{
    static const uint8_t menu[] = {WIRE_HEADER, 60, 1, 'x', WIRE_BOOT_MENU, WIRE_END};

    (void)state;
    VENDOR_FINDS(menu, 6, 1, "\x03");
    VENDOR_MISSES(menu, 6, 2);
    VENDOR_MISSES(menu, 60, 1); /* not the packet's own options */
    VENDOR_MISSES(menu, 43, 1);
    VENDOR_MISSES(ovmf_discover, 6, 1);
    VENDOR_MISSES(ipxe_discover, 53, 1);

    const uint8_t *value = NULL;
    uint8_t length = 0;
    assert_int_equal(dhcp4_vendor_option_find(menu, sizeof(menu), 8, 1, &value, &length), PXE_OK);
    assert_ptr_equal(value, menu + 240 + 3 + 2 + 3 + 2);
    assert_int_equal(length, 7);
    assert_int_equal(dhcp4_vendor_option_find(menu, sizeof(menu), 10, 1, &value, &length), PXE_OK);
    assert_int_equal(length, 5);
    assert_memory_equal(value, "\0Mini", 5);
}

static void test_vendor_counts_across_blocks(void **state)
{
    static const uint8_t packet[] = {
        WIRE_HEADER, 43, 10, 9, 1,   'a', 0,   9, 0, 255, 9, 1, 'x', /* End ends this block only */
        6,           1,  1,                    /* the packet's own, not a sub-option */
        43,          0,                        /* nothing at all */
        43,          5,  9,  1, 'b', 7,   200, /* 7 overruns: the block ends */
        43,          4,  9,  1, 'c', 9,        /* no room for a length */
        43,          4,  0,  9, 1,   'd',      /* fits exactly, no End */
        WIRE_END,    43, 3,  9, 1,   'y',
    };

    (void)state;
    VENDOR_FINDS(packet, 9, 1, "a");
    VENDOR_FINDS(packet, 9, 2, "");
    VENDOR_FINDS(packet, 9, 3, "b");
    VENDOR_FINDS(packet, 9, 4, "c");
    VENDOR_FINDS(packet, 9, 5, "d");
    VENDOR_MISSES(packet, 9, 6);
    VENDOR_MISSES(packet, 7, 1);
    VENDOR_MISSES(packet, 6, 1);
    VENDOR_MISSES(packet, 9, UINT32_MAX);
}

static void test_vendor_block_is_bounded(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, 43, 4, 9, 2, 'a', 'b', 12, 1, 'x', WIRE_END};
    const size_t sub_length = DHCP4_OPTIONS + 3;

    (void)state;
    VENDOR_FINDS(packet, 9, 1, "ab");
    packet[sub_length] = 3; /* inside the packet, outside its block */
    VENDOR_MISSES(packet, 9, 1);
    packet[sub_length] = 255;
    VENDOR_MISSES(packet, 9, 1);
    packet[sub_length] = 2;
    VENDOR_FINDS(packet, 9, 1, "ab");
    packet[DHCP4_OPTIONS + 1] = 200; /* the block itself overruns */
    VENDOR_MISSES(packet, 9, 1);
}

static void test_vendor_blocks_in_overloaded_fields(void **state)
{
    static const uint8_t file[] = {43, 3, 9, 1, 'f'};
    static const uint8_t sname[] = {43, 3, 9, 1, 's'};
    uint8_t packet[] = {WIRE_HEADER, 43, 3, 9, 1, 'o', 52, 1, 3, WIRE_END};

    (void)state;
    memcpy(packet + DHCP4_FILE, file, sizeof(file));
    memcpy(packet + DHCP4_SNAME, sname, sizeof(sname));
    VENDOR_FINDS(packet, 9, 1, "o");
    VENDOR_FINDS(packet, 9, 2, "f");
    VENDOR_FINDS(packet, 9, 3, "s");
    VENDOR_MISSES(packet, 9, 4);
}

static void test_vendor_find_in_every_truncation(void **state)
{
    static const uint8_t packet[] = {WIRE_HEADER, 60, 1, 'x', WIRE_BOOT_MENU, WIRE_END};
    const size_t menu_end = DHCP4_OPTIONS + 3 + 31;

    (void)state;
    for (size_t length = DHCP4_OPTIONS; length <= sizeof(packet); length++) {
        if (length < menu_end) { /* a block that is not all there is not read */
            expect_status(dhcp4_vendor_option_find, packet, length, 6, 1, PXE_FILE_NOT_FOUND);
        } else {
            expect_found(dhcp4_vendor_option_find, packet, length, 6, 1, "\x03");
        }
    }
}

/* ---- walk ---- */

static void test_walk_steps(void **state)
{
    static const uint8_t list[] = {0, 1, 2, 'a', 'b', 0, 0, 3, 0, 255, 4, 5};
    struct dhcp4_walk walk = {list, sizeof(list)};
    const uint8_t *option = NULL;

    (void)state;
    assert_int_equal(dhcp4_walk_step(&walk, &option), DHCP4_STEP_PAD);
    assert_null(option);
    assert_int_equal(dhcp4_walk_step(&walk, &option), DHCP4_STEP_OPTION);
    assert_ptr_equal(option, list + 1);
    assert_ptr_equal(walk.next, list + 5);
    assert_int_equal(dhcp4_walk_step(&walk, &option), DHCP4_STEP_PAD);
    assert_int_equal(dhcp4_walk_step(&walk, &option), DHCP4_STEP_PAD);
    assert_int_equal(dhcp4_walk_step(&walk, &option), DHCP4_STEP_OPTION);
    assert_ptr_equal(option, list + 7);
    assert_int_equal(dhcp4_walk_step(&walk, &option), DHCP4_STEP_END);
    assert_ptr_equal(walk.next, list + 10);
    assert_int_equal(dhcp4_walk_step(&walk, &option), DHCP4_STEP_OVERRUN);
    assert_int_equal(dhcp4_walk_step(&walk, &option), DHCP4_STEP_OVERRUN);
    assert_ptr_equal(walk.next, list + 10);
    assert_int_equal(walk.left, 2);
    assert_ptr_equal(option, list + 7); /* untouched since */
}

/* What the last byte of a list can be. */
static void test_walk_ends(void **state)
{
    static const struct {
        uint8_t last;
        enum dhcp4_step step;
        enum dhcp4_step after;
    } ends[] = {{0, DHCP4_STEP_PAD, DHCP4_STEP_EXHAUSTED},
                {255, DHCP4_STEP_END, DHCP4_STEP_EXHAUSTED},
                {1, DHCP4_STEP_OVERRUN, DHCP4_STEP_OVERRUN},
                {254, DHCP4_STEP_OVERRUN, DHCP4_STEP_OVERRUN}};

    (void)state;
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        uint8_t *list = test_malloc(1); /* so that reading on is found */
        struct dhcp4_walk walk = {list, 1};
        const uint8_t *option = NULL;

        list[0] = ends[i].last;
        assert_int_equal(dhcp4_walk_step(&walk, &option), ends[i].step);
        assert_int_equal(dhcp4_walk_step(&walk, &option), ends[i].after);
        assert_null(option);
        test_free(list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find_in_real_packets),
        cmocka_unit_test(test_find_needs_length_and_cookie_only),
        cmocka_unit_test(test_find_instance_zero),
        cmocka_unit_test(test_find_counts_instances),
        cmocka_unit_test(test_pad_and_end_have_no_value),
        cmocka_unit_test(test_find_stops_at_end),
        cmocka_unit_test(test_find_without_end),
        cmocka_unit_test(test_find_in_every_truncation),
        cmocka_unit_test(test_overrun_ends_the_search),
        cmocka_unit_test(test_overload_chooses_the_fields),
        cmocka_unit_test(test_overload_must_be_well_formed),
        cmocka_unit_test(test_overload_without_end),
        cmocka_unit_test(test_first_overload_counts),
        cmocka_unit_test(test_overload_counts_in_the_options_field_only),
        cmocka_unit_test(test_overloaded_fields_are_bounded),
        cmocka_unit_test(test_vendor_find),
        cmocka_unit_test(test_vendor_counts_across_blocks),
        cmocka_unit_test(test_vendor_block_is_bounded),
        cmocka_unit_test(test_vendor_blocks_in_overloaded_fields),
        cmocka_unit_test(test_vendor_find_in_every_truncation),
        cmocka_unit_test(test_walk_steps),
        cmocka_unit_test(test_walk_ends),
    };

    return cmocka_run_group_tests_name("dhcp4_options", tests, NULL, NULL);
}
