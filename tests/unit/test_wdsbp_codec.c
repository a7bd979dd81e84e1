#include "wdsbp/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "support/wire.h"
#include "wdsbp/build.h"
#include "wdsbp/option.h"

/* Names as numbers, on purpose not from the public header: these are what callers have compiled. */
enum {
    ARCHITECTURE = 0x00010202,
    NEXT_ACTION = 0x00020201,
    POLL_INTERVAL = 0x00030202,
    POLL_RETRY_COUNT = 0x00040202,
    REQUEST_ID = 0x00050203,
    MESSAGE = 0x00060205,
    VERSION_QUERY = 0x00070200,
    SERVER_VERSION = 0x00080203,
    REFERRAL_SERVER = 0x00090206,
    CLIENT_PROMPT = 0x000b0201,
    PROMPT_DONE = 0x000c0201,
    NBP_VER = 0x000d0202,
    ACTION_DONE = 0x000e0201,
    ALLOW_SELECTION = 0x000f0201,
    SERVER_FEATURES = 0x00100203,
    BCD_FILE_PATH = 0x00fc0405,
};
#define V6_NEXT_ACTION 0xc3510801u
#define V6_POLL_INTERVAL 0xc3520802u
#define V6_REQUEST_ID 0xc3540803u
#define V6_MESSAGE 0xc3550805u
#define V6_VERSION_QUERY 0xc3560800u
#define V6_REFERRAL_SERVER 0xc3580807u
#define V6_BCD_FILE_PATH 0xc35e0805u

static const char long_path[] =
    "\\SMSTemp\\2022.11.14.03.34.58.03.{5391141E-1089-4A89-AC33-DACA8D9DC578}.boot.bcd";

/* A piece of wire data, written down in hexadecimal. */
struct wire {
    uint8_t bytes[2048];
    size_t length;
};

static void wire_add(struct wire *wire, const char *hex)
{
    while (*hex != '\0') {
        char digits[3] = {hex[0], hex[1], '\0'};
        char *end;

        if (*hex == ' ') {
            hex++;
            continue;
        }
        assert_true(wire->length < sizeof(wire->bytes));
        wire->bytes[wire->length++] = (uint8_t)strtoul(digits, &end, 16);
        assert_ptr_equal(end, digits + 2);
        hex += 2;
    }
}

static struct wire wire_of(const char *hex)
{
    struct wire wire = {.length = 0};

    wire_add(&wire, hex);
    return wire;
}

/* A DHCPv4 request with these options. */
static struct wire request_of(const char *hex)
{
    static const uint8_t header[] = {WIRE_HEADER};
    struct wire wire = {.length = sizeof(header)};

    memcpy(wire.bytes, header, sizeof(header));
    wire_add(&wire, hex);
    return wire;
}

/* BP-3.3: the boot program's request, capture E in it. */
static const char frame_e[] = "5d 02 00 07"
                              "61 11 00 33 22 11 00 55 44 77 66 88 99 aa bb cc dd ee ff"
                              "35 01 03 3c 09 50 58 45 43 6c 69 65 6e 74"
                              "37 09 3c 80 81 82 83 84 85 86 87"
                              "fa 0f 0c 01 00 0d 02 08 00 01 02 00 07 0e 01 00 ff ff";

#define CLASS "3c 09 50 58 45 43 6c 69 65 6e 74"

/* ---- building ---- */

struct bench {
    struct wdsbp_build build;
    uint8_t *store; /* of the exact size, so that a sanitizer sees its end */
};

static struct bench bench_start(uint8_t packet_types)
{
    struct bench bench;
    size_t size = wdsbp_build_store_size(packet_types);

    assert_true(size > 0);
    bench.store = (uint8_t *)malloc(size);
    assert_non_null(bench.store);
    wdsbp_build_start(&bench.build, packet_types, bench.store);
    return bench;
}

static pxe_status add(struct bench *bench, uint32_t name, const void *value, size_t length)
{
    uint8_t *copy = value ? wire_copy((const uint8_t *)value, length) : NULL;
    pxe_status status = wdsbp_build_add(&bench->build, name, copy, length);

    free(copy);
    return status;
}

static void add_byte(struct bench *bench, uint32_t name, uint8_t value)
{
    assert_int_equal(add(bench, name, &value, sizeof(value)), PXE_OK);
}

static void add_short(struct bench *bench, uint32_t name, uint16_t value)
{
    assert_int_equal(add(bench, name, &value, sizeof(value)), PXE_OK);
}

static void add_long(struct bench *bench, uint32_t name, uint32_t value)
{
    assert_int_equal(add(bench, name, &value, sizeof(value)), PXE_OK);
}

static void add_text(struct bench *bench, uint32_t name, const char *text)
{
    assert_int_equal(add(bench, name, text, strlen(text)), PXE_OK);
}

/* Too little room, for every size below; then exactly enough. Ends the bench. */
static void expect_output(struct bench *bench, const char *hex)
{
    struct wire expected = wire_of(hex);

    for (size_t room = 0; room <= expected.length; room++) {
        uint8_t *buffer = (uint8_t *)malloc(room + 1);
        size_t length = 9999;
        pxe_status status;

        assert_non_null(buffer);
        memset(buffer, 0xee, room + 1);
        status = wdsbp_build_get(&bench->build, room > 0 ? buffer : NULL, room, &length);
        assert_int_equal(length, expected.length);
        assert_int_equal(buffer[room], 0xee);
        if (room < expected.length) {
            assert_int_equal(status, PXE_INSUFFICIENT_BUFFER);
            for (size_t i = 0; i < room; i++)
                assert_int_equal(buffer[i], 0xee);
        } else {
            assert_int_equal(status, PXE_OK);
            assert_memory_equal(buffer, expected.bytes, expected.length);
        }
        free(buffer);
    }
    free(bench->store);
}

/* BP-3.1.2, and an observed answer. */
static void test_build_bcd_path(void **state)
{
    struct bench bench = bench_start(PACKET_BCD);
    char expected[1024] = "fc 50";

    (void)state;
    add_text(&bench, BCD_FILE_PATH, "boot\\my.bcd");
    expect_output(&bench, "fc 0c 62 6f 6f 74 5c 6d 79 2e 62 63 64 00");

    bench = bench_start(PACKET_BCD);
    add_text(&bench, BCD_FILE_PATH, "boot\\x86\\my.bcd");
    expect_output(&bench, "fc 10 62 6f 6f 74 5c 78 38 36 5c 6d 79 2e 62 63 64 00");

    for (size_t i = 0; i < sizeof(long_path); i++)
        snprintf(expected + strlen(expected), 4, " %02x", (unsigned)long_path[i]);
    bench = bench_start(PACKET_BCD);
    add_text(&bench, BCD_FILE_PATH, long_path);
    expect_output(&bench, expected);
}

static void test_build_string_ends_in_one_zero(void **state)
{
    static const struct {
        size_t length;
        const char *expected;
    } cases[] = {
        {0, "fc 01 00"},
        {1, "fc 02 61 00"},
        {2, "fc 03 61 62 00"},
        {3, "fc 03 61 62 00"}, /* the caller counted the zero */
        {5, "fc 03 61 62 00"}, /* the caller passed a buffer */
        {6, "fc 07 61 62 00 00 00 63 00"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bench bench = bench_start(PACKET_BCD);

        assert_int_equal(add(&bench, BCD_FILE_PATH, "ab\0\0\0c", cases[i].length), PXE_OK);
        expect_output(&bench, cases[i].expected);
    }
    struct bench bench = bench_start(PACKET_BCD);
    assert_int_equal(add(&bench, BCD_FILE_PATH, NULL, 0), PXE_OK);
    expect_output(&bench, "fc 01 00");
}

/* BP-3.1.1, BP-3.5.1. */
static void test_build_boot_program_options(void **state)
{
    static const uint8_t server[] = {192, 0, 2, 20};
    struct bench bench = bench_start(PACKET_NBP);

    (void)state;
    add_byte(&bench, NEXT_ACTION, 1);
    expect_output(&bench, "fa 04 02 01 01 ff");

    bench = bench_start(PACKET_NBP);
    add_byte(&bench, NEXT_ACTION, 5);
    expect_output(&bench, "fa 04 02 01 05 ff");

    bench = bench_start(PACKET_NBP);
    add_byte(&bench, NEXT_ACTION, 3);
    assert_int_equal(add(&bench, REFERRAL_SERVER, server, sizeof(server)), PXE_OK);
    add_byte(&bench, ALLOW_SELECTION, 1);
    expect_output(&bench, "fa 0d 02 01 03 09 04 c0 00 02 14 0f 01 01 ff");

    bench = bench_start(PACKET_NBP);
    add_byte(&bench, CLIENT_PROMPT, 1);
    expect_output(&bench, "fa 04 0b 01 01 ff");

    bench = bench_start(PACKET_NBP);
    assert_int_equal(add(&bench, VERSION_QUERY, NULL, 0), PXE_OK);
    expect_output(&bench, "fa 03 07 00 ff");

    bench = bench_start(PACKET_NBP);
    add_byte(&bench, NEXT_ACTION, 1);
    add_long(&bench, REQUEST_ID, 17);
    add_short(&bench, POLL_INTERVAL, 10);
    add_short(&bench, POLL_RETRY_COUNT, 60);
    add_text(&bench, MESSAGE, "Waiting for approval");
    expect_output(&bench, "fa 29 02 01 01 05 04 00 00 00 11 03 02 00 0a 04 02 00 3c 06 15"
                          "57 61 69 74 69 6e 67 20 66 6f 72 20 61 70 70 72 6f 76 61 6c 00 ff");
}

/* BP-3.6.1: options of their own. */
static void test_build_dhcpv6(void **state)
{
    static const uint8_t server[] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x14};
    struct bench bench = bench_start(PACKET_DHCPV6);

    (void)state;
    add_byte(&bench, V6_NEXT_ACTION, 1);
    expect_output(&bench, "c3 51 00 01 01");

    bench = bench_start(PACKET_DHCPV6);
    assert_int_equal(add(&bench, V6_REFERRAL_SERVER, server, sizeof(server)), PXE_OK);
    expect_output(&bench, "c3 58 00 10 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 14");

    bench = bench_start(PACKET_DHCPV6);
    add_text(&bench, V6_BCD_FILE_PATH, "boot\\my.bcd");
    expect_output(&bench, "c3 5e 00 0c 62 6f 6f 74 5c 6d 79 2e 62 63 64 00");

    bench = bench_start(PACKET_DHCPV6);
    add_short(&bench, V6_POLL_INTERVAL, 0x1234);
    assert_int_equal(add(&bench, V6_VERSION_QUERY, NULL, 0), PXE_OK);
    add_long(&bench, V6_REQUEST_ID, 0x12345678);
    expect_output(&bench, "c3 52 00 02 12 34 c3 56 00 00 c3 54 00 04 12 34 56 78");
}

static void test_build_nothing(void **state)
{
    static const uint8_t types[] = {PACKET_NBP, PACKET_BCD, PACKET_NBP | PACKET_BCD, PACKET_DHCPV6};

    (void)state;
    for (size_t i = 0; i < sizeof(types); i++) {
        struct bench bench = bench_start(types[i]);

        expect_output(&bench, "");
    }
}

static void test_build_packet_types(void **state)
{
    (void)state;
    for (unsigned types = 0; types < 256; types++) {
        bool is_allowed = types == 2 || types == 4 || types == 6 || types == 8;

        assert_int_equal(wdsbp_build_store_size((uint8_t)types) > 0, is_allowed);
    }
}

static void test_build_both_kinds(void **state)
{
    static const uint8_t types[] = {PACKET_NBP | PACKET_BCD, PACKET_NBP};

    (void)state;
    for (size_t i = 0; i < sizeof(types); i++) {
        struct bench bench = bench_start(types[i]);

        add_text(&bench, BCD_FILE_PATH, "b"); /* still goes behind */
        add_byte(&bench, NEXT_ACTION, 1);
        expect_output(&bench, "fa 04 02 01 01 ff fc 02 62 00");
    }
}

static void test_build_replaces_in_place(void **state)
{
    struct bench bench = bench_start(PACKET_NBP);

    (void)state;
    add_text(&bench, MESSAGE, "one");
    add_byte(&bench, NEXT_ACTION, 1);
    add_byte(&bench, CLIENT_PROMPT, 2);
    add_byte(&bench, NEXT_ACTION, 5);   /* same size */
    add_text(&bench, MESSAGE, "three"); /* longer */
    add_byte(&bench, CLIENT_PROMPT, 3); /* the last one */
    add_text(&bench, BCD_FILE_PATH, "long");
    add_text(&bench, BCD_FILE_PATH, "b");
    struct bench shorter = bench_start(PACKET_NBP);
    shorter.build = bench.build;
    memcpy(shorter.store, bench.store, BUILD_NBP_MAX);
    shorter.build.options = shorter.store;
    expect_output(&bench, "fa 0f 06 06 74 68 72 65 65 00 02 01 05 0b 01 03 ff fc 02 62 00");
    add_text(&shorter, MESSAGE, "");
    expect_output(&shorter, "fa 0a 06 01 00 02 01 05 0b 01 03 ff fc 02 62 00");

    bench = bench_start(PACKET_DHCPV6);
    add_text(&bench, V6_MESSAGE, "one");
    add_byte(&bench, V6_NEXT_ACTION, 1);
    add_text(&bench, V6_MESSAGE, "");
    expect_output(&bench, "c3 55 00 01 00 c3 51 00 01 01");
}

/* Option 250 holds 254 bytes and its end mark; 252 holds 254 characters and a zero. */
static void test_build_dhcp4_limits(void **state)
{
    char text[300];
    size_t length;
    uint8_t output[600];
    struct bench bench = bench_start(PACKET_NBP);

    (void)state;
    memset(text, 'x', sizeof(text));
    assert_int_equal(add(&bench, MESSAGE, text, 252), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(add(&bench, MESSAGE, text, 251), PXE_OK);
    assert_int_equal(wdsbp_build_get(&bench.build, output, sizeof(output), &length), PXE_OK);
    assert_int_equal(length, 257);
    assert_int_equal(output[1], 255);
    assert_int_equal(output[256], 0xff);

    /* full: nothing more, but the same option may still change */
    assert_int_equal(add(&bench, VERSION_QUERY, NULL, 0), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(add(&bench, MESSAGE, text, 252), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(add(&bench, MESSAGE, text, 249), PXE_OK);
    assert_int_equal(add(&bench, NEXT_ACTION, text, 1), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(add(&bench, VERSION_QUERY, NULL, 0), PXE_OK);
    assert_int_equal(add(&bench, VERSION_QUERY, NULL, 0), PXE_OK);
    assert_int_equal(add(&bench, MESSAGE, text, 250), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(wdsbp_build_get(&bench.build, output, sizeof(output), &length), PXE_OK);
    assert_int_equal(length, 257);
    assert_memory_equal(output + 254, "\x07\x00\xff", 3);

    assert_int_equal(add(&bench, BCD_FILE_PATH, text, 255), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(add(&bench, BCD_FILE_PATH, text, sizeof(text)), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(wdsbp_build_get(&bench.build, output, sizeof(output), &length), PXE_OK);
    assert_int_equal(length, 257);
    assert_int_equal(add(&bench, BCD_FILE_PATH, text, 254), PXE_OK);
    assert_int_equal(wdsbp_build_get(&bench.build, output, sizeof(output), &length), PXE_OK);
    assert_int_equal(length, 257 + 257);
    assert_int_equal(output[258], 255);
    free(bench.store);
}

static void test_build_dhcpv6_limits(void **state)
{
    const size_t most = BUILD_DHCPV6_MAX - 4 - 1; /* header and zero byte */
    char *text = (char *)malloc(BUILD_DHCPV6_MAX + 1);
    uint8_t *output = (uint8_t *)malloc(BUILD_DHCPV6_MAX);
    struct bench bench = bench_start(PACKET_DHCPV6);
    size_t length;

    (void)state;
    assert_true(text && output);
    memset(text, 'x', BUILD_DHCPV6_MAX + 1);
    assert_int_equal(add(&bench, V6_MESSAGE, text, most + 1), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(add(&bench, V6_MESSAGE, text, BUILD_DHCPV6_MAX + 1), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(add(&bench, V6_MESSAGE, text, most), PXE_OK);
    assert_int_equal(add(&bench, V6_VERSION_QUERY, NULL, 0), WDSBP_BUFFER_OVERFLOW);
    assert_int_equal(wdsbp_build_get(&bench.build, output, BUILD_DHCPV6_MAX, &length), PXE_OK);
    assert_int_equal(length, BUILD_DHCPV6_MAX);
    assert_memory_equal(output, "\xc3\x55\xff\xfb", 4);
    assert_memory_equal(output + 4, text, most);
    assert_int_equal(output[length - 1], 0);
    /* not read: such a length is a mistake */
    assert_int_equal(wdsbp_build_add(&bench.build, V6_MESSAGE, (const uint8_t *)text, UINT32_MAX),
                     WDSBP_BUFFER_OVERFLOW);
    free(bench.store);
    free(text);
    free(output);
}

static void test_build_refuses(void **state)
{
    static const uint8_t value[17] = {0};
    static const struct {
        uint8_t packet_types;
        uint32_t name;
        size_t length;
    } bad[] = {
        {PACKET_BCD, NEXT_ACTION, 1},      /* not enabled */
        {PACKET_NBP, V6_NEXT_ACTION, 1},   /* other family */
        {PACKET_DHCPV6, NEXT_ACTION, 1},   /* the same */
        {PACKET_DHCPV6, BCD_FILE_PATH, 3}, /* the same */
        {PACKET_NBP, 0x00020202, 2},       /* next action is a byte */
        {PACKET_NBP, 0x00060204, 4},       /* WSTR */
        {PACKET_NBP, 0x00c80204, 4},       /* WSTR, unknown number */
        {PACKET_NBP, 0x00c80204, 0},
        {PACKET_NBP, 0x00c80208, 1},    /* no such value type */
        {PACKET_NBP, 0x00000201, 1},    /* number 0 */
        {PACKET_NBP, 0x00ff0201, 1},    /* number 255 */
        {PACKET_NBP, 0x01020201, 1},    /* number 258 */
        {PACKET_BCD, 0x00fd0405, 3},    /* BCD is option 252 */
        {PACKET_BCD, 0x00fc0401, 1},    /* and a string */
        {PACKET_NBP, 0x00020101, 1},    /* packet type DHCP */
        {PACKET_NBP, 0x00020001, 1},    /* packet type 0 */
        {PACKET_NBP, 0x00020601, 1},    /* two packet types */
        {PACKET_DHCPV6, 0x00000801, 1}, /* number 0 */
        {PACKET_DHCPV6, 0xc3510802, 2}, /* next action is a byte */
        {PACKET_DHCPV6, 0xc3620805, 2}, /* the last published one is a number */
        {PACKET_NBP, NEXT_ACTION, 0},   /* wrong lengths */
        {PACKET_NBP, NEXT_ACTION, 2},
        {PACKET_NBP, POLL_INTERVAL, 1},
        {PACKET_NBP, POLL_INTERVAL, 4},
        {PACKET_NBP, REQUEST_ID, 2},
        {PACKET_NBP, REQUEST_ID, 8},
        {PACKET_NBP, REFERRAL_SERVER, 16},
        {PACKET_NBP, VERSION_QUERY, 1},
        {PACKET_DHCPV6, V6_REFERRAL_SERVER, 4},
        {PACKET_DHCPV6, V6_REFERRAL_SERVER, 17},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bench bench = bench_start(bad[i].packet_types);

        assert_int_equal(add(&bench, bad[i].name, value, bad[i].length), PXE_INVALID_PARAMETER);
        expect_output(&bench, "");
    }
    struct bench bench = bench_start(PACKET_NBP);
    assert_int_equal(add(&bench, NEXT_ACTION, NULL, 1), PXE_INVALID_PARAMETER);
    assert_int_equal(add(&bench, MESSAGE, NULL, 5), PXE_INVALID_PARAMETER);
    expect_output(&bench, "");
}

static void test_build_accepts_unpublished(void **state)
{
    struct bench bench = bench_start(PACKET_NBP);

    (void)state;
    add_short(&bench, 0x000a0202, 0x0102); /* the gap in the published numbers */
    add_byte(&bench, 0x00110201, 1);
    add_long(&bench, 0x00fe0206, 0);
    expect_output(&bench, "fa 0e 0a 02 01 02 11 01 01 fe 04 00 00 00 00 ff");
    bench = bench_start(PACKET_DHCPV6);
    add_byte(&bench, 0x00010801, 1);
    add_byte(&bench, 0xc3630801, 2);
    add_byte(&bench, 0xffff0801, 3);
    expect_output(&bench, "00 01 00 01 01 c3 63 00 01 02 ff ff 00 01 03");
}

/* ---- parsing ---- */

struct reading {
    struct wdsbp_parsed parsed;
    uint8_t *store;
};

/* Both packet and store have the exact size, and the packet is gone afterwards. */
static pxe_status read_packet(struct reading *reading, const uint8_t *packet, size_t length,
                              bool is_v6)
{
    uint8_t *copy = wire_copy(packet, length);
    pxe_status status;

    reading->store = (uint8_t *)malloc(length);
    status = is_v6 ? wdsbp_parse6(copy, length, reading->store, &reading->parsed)
                   : wdsbp_parse4(copy, length, reading->store, &reading->parsed);
    if (length > 0)
        memset(copy, 0xee, length);
    free(copy);
    if (status != PXE_OK)
        free(reading->store);
    return status;
}

static struct reading read4(const char *options_hex, uint8_t packet_types)
{
    struct wire wire = request_of(options_hex);
    struct reading reading;

    assert_int_equal(read_packet(&reading, wire.bytes, wire.length, false), PXE_OK);
    assert_int_equal(reading.parsed.packet_types, packet_types);
    return reading;
}

static struct reading read6(const char *hex, uint8_t packet_types)
{
    struct wire wire = wire_of(hex);
    struct reading reading;

    assert_int_equal(read_packet(&reading, wire.bytes, wire.length, true), PXE_OK);
    assert_int_equal(reading.parsed.packet_types, packet_types);
    return reading;
}

/* Asks with every size up to one more than needed. */
static void expect_content(const struct reading *reading, uint32_t name, const void *expected,
                           size_t expected_length)
{
    for (size_t room = 0; room <= expected_length + 1; room++) {
        uint8_t *buffer = (uint8_t *)malloc(room + 1);
        size_t length = 9999;
        pxe_status status;

        assert_non_null(buffer);
        memset(buffer, 0xee, room + 1);
        status =
            wdsbp_parsed_query(&reading->parsed, name, room > 0 ? buffer : NULL, room, &length);
        assert_int_equal(length, expected_length);
        if (room < expected_length) {
            assert_int_equal(status, PXE_INSUFFICIENT_BUFFER);
            assert_int_equal(buffer[0], 0xee);
        } else {
            assert_int_equal(status, PXE_OK);
            assert_memory_equal(buffer, expected, expected_length);
            assert_int_equal(buffer[expected_length], 0xee);
        }
        free(buffer);
    }
}

static void expect_byte(const struct reading *reading, uint32_t name, uint8_t expected)
{
    expect_content(reading, name, &expected, sizeof(expected));
}

static void expect_short(const struct reading *reading, uint32_t name, uint16_t expected)
{
    expect_content(reading, name, &expected, sizeof(expected));
}

static void expect_long(const struct reading *reading, uint32_t name, uint32_t expected)
{
    expect_content(reading, name, &expected, sizeof(expected));
}

static void expect_text(const struct reading *reading, uint32_t name, const char *expected)
{
    expect_content(reading, name, expected, strlen(expected) + 1);
}

static void expect_status(const struct reading *reading, uint32_t name, pxe_status expected)
{
    uint8_t buffer[300];
    size_t length = 9999;

    memset(buffer, 0xee, sizeof(buffer));
    assert_int_equal(wdsbp_parsed_query(&reading->parsed, name, buffer, sizeof(buffer), &length),
                     expected);
    assert_int_equal(length, expected == PXE_INVALID_PARAMETER ? 9999 : 0);
    assert_int_equal(buffer[0], 0xee);
}

/* BP-3.3.1. */
static void test_parse_frame(void **state)
{
    struct reading reading = read4(frame_e, PACKET_DHCP | PACKET_NBP);

    (void)state;
    expect_short(&reading, ARCHITECTURE, 7);
    expect_short(&reading, NBP_VER, 0x0800);
    expect_byte(&reading, PROMPT_DONE, 0);
    expect_byte(&reading, ACTION_DONE, 0);
    expect_status(&reading, REQUEST_ID, PXE_FILE_NOT_FOUND);
    expect_status(&reading, BCD_FILE_PATH, PXE_FILE_NOT_FOUND);
    free(reading.store);
}

/* BP-3.2.1: contents seen in captures (the unknown byte of F is 6 here). */
static void test_parse_captures(void **state)
{
    enum { ABSENT = -1 };
    static const struct {
        const char *options;
        int prompt_done, action_done, arch, request_id;
    } captures[] = {
        {"fa 0f 0c 01 01 0d 02 08 00 0e 01 00 01 02 00 06 ff", 1, 0, 6, ABSENT},
        {"fa 12 0d 02 08 00 0e 01 01 01 02 00 06 05 04 00 00 00 02 ff", ABSENT, 1, 6, 2},
        {"fa 15 0c 01 01 0d 02 08 00 01 02 00 07 0e 01 01 05 04 00 00 00 11 ff", 1, 1, 7, 17},
        {"fa 12 0d 02 08 00 0e 01 01 01 02 00 06 05 04 00 00 00 06 ff", ABSENT, 1, 6, 6},
        {"fa 0f 0c 01 00 0d 02 08 00 01 02 00 07 0e 01 00 ff", 0, 0, 7, ABSENT},
        {"fa 0c 0d 02 08 00 0e 01 00 01 02 00 06 ff", ABSENT, 0, 6, ABSENT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
        char options[300];
        struct reading reading;

        snprintf(options, sizeof(options), CLASS "%s ff", captures[i].options);
        reading = read4(options, PACKET_DHCP | PACKET_NBP);
        expect_short(&reading, NBP_VER, 0x0800);
        expect_byte(&reading, ACTION_DONE, (uint8_t)captures[i].action_done);
        expect_short(&reading, ARCHITECTURE, (uint16_t)captures[i].arch);
        if (captures[i].prompt_done == ABSENT)
            expect_status(&reading, PROMPT_DONE, PXE_FILE_NOT_FOUND);
        else
            expect_byte(&reading, PROMPT_DONE, (uint8_t)captures[i].prompt_done);
        if (captures[i].request_id == ABSENT)
            expect_status(&reading, REQUEST_ID, PXE_FILE_NOT_FOUND);
        else
            expect_long(&reading, REQUEST_ID, (uint32_t)captures[i].request_id);
        free(reading.store);
    }
}

/* The packet may end anywhere: what is complete by then is found, the rest is not. */
static void test_parse_frame_truncated(void **state)
{
    struct wire wire = request_of(frame_e);
    const size_t content = wire.length - 1 - 15; /* of option 250 */

    (void)state;
    for (size_t length = 0; length <= wire.length; length++) {
        bool has_nbp = length >= content + 15; /* option 250 itself is complete */
        struct reading reading;

        if (length < 240) {
            assert_int_equal(read_packet(&reading, wire.bytes, length, false), PXE_INVALID_DATA);
            continue;
        }
        assert_int_equal(read_packet(&reading, wire.bytes, length, false), PXE_OK);
        assert_int_equal(reading.parsed.packet_types, has_nbp ? 3 : 1);
        if (has_nbp)
            expect_short(&reading, ARCHITECTURE, 7);
        else
            expect_status(&reading, ARCHITECTURE, PXE_FILE_NOT_FOUND);
        free(reading.store);
    }
}

/* The same for the content of option 250, whose length says less and less. */
static void test_parse_content_truncated(void **state)
{
    static const uint8_t ends[] = {3, 7, 11, 14}; /* of the four sub-options of capture E */
    static const uint32_t names[] = {PROMPT_DONE, NBP_VER, ARCHITECTURE, ACTION_DONE};

    (void)state;
    for (uint8_t length = 0; length <= 15; length++) {
        struct wire wire = request_of(CLASS);
        struct wire content = wire_of("0c 01 00 0d 02 08 00 01 02 00 07 0e 01 00 ff");
        struct reading reading;
        uint8_t buffer[8];
        size_t needed;

        wire.bytes[wire.length++] = 0xfa;
        wire.bytes[wire.length++] = length;
        memcpy(wire.bytes + wire.length, content.bytes, length);
        wire.length += length;
        assert_int_equal(read_packet(&reading, wire.bytes, wire.length, false), PXE_OK);
        assert_int_equal(reading.parsed.packet_types, length >= 3 ? 3 : 1);
        for (size_t i = 0; i < 4; i++) {
            pxe_status status =
                wdsbp_parsed_query(&reading.parsed, names[i], buffer, sizeof(buffer), &needed);

            assert_int_equal(status, length >= ends[i] ? PXE_OK : PXE_FILE_NOT_FOUND);
        }
        free(reading.store);
    }
}

static void test_parse4_header(void **state)
{
    struct wire wire = request_of("ff");
    struct reading reading;

    (void)state;
    for (unsigned op = 0; op < 256; op++) {
        pxe_status expected = op == 1 || op == 2 ? PXE_OK : PXE_INVALID_DATA;

        wire.bytes[0] = (uint8_t)op;
        assert_int_equal(read_packet(&reading, wire.bytes, wire.length, false), expected);
        if (expected == PXE_OK)
            free(reading.store);
    }
    wire.bytes[0] = 1;
    for (size_t i = 236; i < 240; i++) {
        wire.bytes[i] ^= 1;
        assert_int_equal(read_packet(&reading, wire.bytes, wire.length, false), PXE_INVALID_DATA);
        wire.bytes[i] ^= 1;
    }

    uint8_t *large = (uint8_t *)calloc(1, PARSE_PACKET_MAX + 1);
    assert_non_null(large);
    memcpy(large, wire.bytes, wire.length);
    assert_int_equal(read_packet(&reading, large, PARSE_PACKET_MAX + 1, false), PXE_INVALID_DATA);
    assert_int_equal(read_packet(&reading, large, PARSE_PACKET_MAX, false), PXE_OK);
    assert_int_equal(reading.parsed.packet_types, PACKET_DHCP);
    free(reading.store);
    large[0] = 1;
    assert_int_equal(read_packet(&reading, large, PARSE_PACKET_MAX + 1, true), PXE_INVALID_DATA);
    free(large);
}

/* Real firmware has no option 250: its client is "not recognised". */
static void test_parse_firmware(void **state)
{
    static const uint8_t ipxe[] = {WIRE_IPXE_DISCOVER};
    static const uint8_t ovmf[] = {WIRE_OVMF_DISCOVER};
    struct reading reading;

    (void)state;
    assert_int_equal(read_packet(&reading, ipxe, sizeof(ipxe), false), PXE_OK);
    assert_int_equal(reading.parsed.packet_types, PACKET_DHCP);
    expect_status(&reading, ARCHITECTURE, PXE_FILE_NOT_FOUND);
    free(reading.store);
    assert_int_equal(read_packet(&reading, ovmf, sizeof(ovmf), false), PXE_OK);
    assert_int_equal(reading.parsed.packet_types, PACKET_DHCP);
    free(reading.store);
}

static void test_parse_flags(void **state)
{
    static const struct {
        const char *options;
        uint8_t packet_types;
    } cases[] = {
        {"", 1},
        {"ff", 1},
        {"fa 03 0e 01 00 ff", 1},                            /* no class */
        {"fa 03 0e 01 00 3c 08 50 58 45 43 6c 69 65 6e", 1}, /* too short a class */
        {"fa 03 0e 01 00 3c 09 70 58 45 43 6c 69 65 6e 74", 1},
        {"fa 03 0e 01 00 3c 0a 50 58 45 43 6c 69 65 6e 74 3a", 3},
        {"fa 03 0e 01 00" CLASS, 3}, /* no end mark, no end */
        {CLASS "fa 00 ff", 1},       /* nothing inside */
        {CLASS "fa 02 ff ff", 1},
        {CLASS "fa 03 00 00 00", 1},
        {CLASS "fa 02 0e 01", 1}, /* nothing complete inside */
        {CLASS "fa 01 0e", 1},
        {CLASS "fa 04 0e 01 00 0d", 3}, /* one complete, one not */
        {CLASS "fa 02 c8 00", 3},       /* an unknown one */
        {CLASS "fa 03 0e 01", 1},       /* option 250 is not complete */
        {CLASS "ff fa 03 0e 01 00", 1}, /* behind the end */
        {CLASS "fc 00", 1},             /* empty path */
        {"fc 02 62 00", 5},
        {"fc 12 68 74 74 70 3a 2f 2f 78 2f 77 70 61 64 2e 64 61 74 00", 5}, /* a proxy's URL */
        {CLASS "fc 01 62 fa 03 0e 01 00 ff", 7},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct reading reading = read4(cases[i].options, cases[i].packet_types);

        free(reading.store);
    }
}

static void test_parse_inside_250(void **state)
{
    struct reading reading;

    (void)state;
    /* padding; the first one counts; nothing behind the end mark */
    reading = read4(CLASS "fa 10 00 00 0e 01 01 00 0e 01 02 00 ff 0d 02 08 00 00", 3);
    expect_byte(&reading, ACTION_DONE, 1);
    expect_status(&reading, NBP_VER, PXE_FILE_NOT_FOUND);
    free(reading.store);
    /* one that runs over the end stops the reading */
    reading = read4(CLASS "fa 08 0e 01 01 0d 04 08 00 01 ff", 3);
    expect_byte(&reading, ACTION_DONE, 1);
    expect_status(&reading, NBP_VER, PXE_FILE_NOT_FOUND);
    free(reading.store);
    /* sizes that do not fit the type */
    reading =
        read4(CLASS "fa 15 0e 02 01 01 0d 01 08 05 03 00 00 01 07 01 00 09 00 0b 00 0c 00", 3);
    expect_status(&reading, ACTION_DONE, PXE_INVALID_DATA);
    expect_status(&reading, NBP_VER, PXE_INVALID_DATA);
    expect_status(&reading, REQUEST_ID, PXE_INVALID_DATA);
    expect_status(&reading, VERSION_QUERY, PXE_INVALID_DATA);
    expect_status(&reading, REFERRAL_SERVER, PXE_INVALID_DATA);
    expect_status(&reading, CLIENT_PROMPT, PXE_INVALID_DATA);
    expect_status(&reading, PROMPT_DONE, PXE_INVALID_DATA);
    free(reading.store);
    /* options that a server sends are read as well */
    reading =
        read4(CLASS "fa 16 07 00 09 04 c0 00 02 14 06 03 61 62 00 08 04 01 02 03 04 c8 01 09", 3);
    expect_content(&reading, VERSION_QUERY, "", 0);
    expect_content(&reading, REFERRAL_SERVER, "\xc0\x00\x02\x14", 4);
    expect_text(&reading, MESSAGE, "ab");
    expect_long(&reading, SERVER_VERSION, 0x01020304);
    expect_status(&reading, SERVER_FEATURES, PXE_FILE_NOT_FOUND);
    expect_byte(&reading, 0x00c80201, 9);
    free(reading.store);
}

/* RFC 3396: one sub-option may even be split between two options 250. */
static void test_parse_joins_250(void **state)
{
    struct wire wire = request_of(CLASS);
    struct reading reading = read4(CLASS "fa 03 05 04 00 0c 01 78 fa 06 00 00 11 0e 01 01", 3);

    (void)state;
    expect_long(&reading, REQUEST_ID, 17);
    expect_byte(&reading, ACTION_DONE, 1);
    free(reading.store);

    /* the 33rd is left out */
    for (unsigned i = 1; i <= 33; i++) {
        uint8_t option[] = {0xfa, 3, (uint8_t)i, 1, 7};

        memcpy(wire.bytes + wire.length, option, sizeof(option));
        wire.length += sizeof(option);
    }
    assert_int_equal(read_packet(&reading, wire.bytes, wire.length, false), PXE_OK);
    expect_byte(&reading, 0x00200201, 7);
    expect_status(&reading, 0x00210201, PXE_FILE_NOT_FOUND);
    free(reading.store);
}

/* Options may also stand in file and sname (RFC 2132 section 9.3). */
static void test_parse_overload(void **state)
{
    struct wire wire = request_of("34 01 03 fa 03 0e 01 01 ff");
    struct wire in_file = wire_of("fc 02 62 00" CLASS "ff");
    struct wire in_sname = wire_of("fa 04 0d 02 08 00 ff");
    struct reading reading;

    (void)state;
    memcpy(wire.bytes + 108, in_file.bytes, in_file.length);
    memcpy(wire.bytes + 44, in_sname.bytes, in_sname.length);
    assert_int_equal(read_packet(&reading, wire.bytes, wire.length, false), PXE_OK);
    assert_int_equal(reading.parsed.packet_types, 7);
    expect_byte(&reading, ACTION_DONE, 1);
    expect_short(&reading, NBP_VER, 0x0800);
    expect_text(&reading, BCD_FILE_PATH, "b");
    free(reading.store);
}

static void test_parse_strings(void **state)
{
    static const struct {
        const char *options;
        const char *expected;
        uint8_t packet_types;
    } cases[] = {
        {"fc 02 61 62 fc 01 63", "ab", 5}, /* no zero; the first option counts */
        {"fc 03 61 62 00", "ab", 5},
        {"fc 05 61 62 00 00 00", "ab", 5},
        {"fc 01 00", "", 5},
        {"fc 00", "", 1},
    };
    struct wire wire = request_of("fc 50");
    struct reading reading;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        reading = read4(cases[i].options, cases[i].packet_types);
        expect_text(&reading, BCD_FILE_PATH, cases[i].expected);
        free(reading.store);
    }
    /* BP-3.4.1 */
    memcpy(wire.bytes + wire.length, long_path, sizeof(long_path));
    wire.length += sizeof(long_path);
    assert_int_equal(read_packet(&reading, wire.bytes, wire.length, false), PXE_OK);
    expect_text(&reading, BCD_FILE_PATH, long_path);
    free(reading.store);
    /* a zero inside stays */
    reading = read4("fc 04 61 00 62 00", 5);
    expect_content(&reading, BCD_FILE_PATH, "a\0b", 4);
    free(reading.store);
}

static void test_query_refuses(void **state)
{
    static const uint32_t bad[] = {0,          0x00020202,     0x00060204, 0x00c80204,
                                   0x00c80208, 0x00000201,     0x00ff0201, 0x00fd0405,
                                   0x00020101, V6_NEXT_ACTION, UINT32_MAX};
    struct reading reading = read4(frame_e, 3);
    size_t length = 9999;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_status(&reading, bad[i], PXE_INVALID_PARAMETER);
    assert_int_equal(wdsbp_parsed_query(&reading.parsed, ARCHITECTURE, NULL, 2, &length),
                     PXE_INVALID_PARAMETER);
    free(reading.store);
    reading = read6("01 00 00 01 c3 51 00 01 01", 10);
    expect_status(&reading, NEXT_ACTION, PXE_INVALID_PARAMETER);
    expect_status(&reading, BCD_FILE_PATH, PXE_INVALID_PARAMETER);
    free(reading.store);
}

static void test_parse6(void **state)
{
    struct reading reading;

    (void)state;
    reading = read6("01 00 00 01", 8);
    expect_status(&reading, V6_NEXT_ACTION, PXE_FILE_NOT_FOUND);
    free(reading.store);
    reading = read6("01 00 00 01 c3 50 00 00 c3 63 00 00", 8); /* just outside */
    free(reading.store);
    reading = read6("01 00 00 01 c3 62 00 00", 10);
    free(reading.store);
    reading = read6("01 00 00 01 00 08 00 02 00 00 c3 51 00 01 05 c3 51 00 01 06 c3 54 00 04 00 00"
                    "00 11 c3 5e 00 03 61 62 00 c3 56 00 00 c3 52 00 01 00 c3 52 00 02 00 01",
                    14);
    expect_byte(&reading, V6_NEXT_ACTION, 5);
    expect_long(&reading, V6_REQUEST_ID, 17);
    expect_text(&reading, V6_BCD_FILE_PATH, "ab");
    expect_content(&reading, V6_VERSION_QUERY, "", 0);
    expect_status(&reading, V6_POLL_INTERVAL, PXE_INVALID_DATA);
    expect_status(&reading, V6_MESSAGE, PXE_FILE_NOT_FOUND);
    expect_content(&reading, 0x00080805, "", 1); /* any other option, too */
    free(reading.store);
}

/* BP-3.6.1, inside option 17: only of our enterprise, and behind the options of their own. */
static void test_parse6_vendor_options(void **state)
{
    struct reading reading;

    (void)state;
    reading = read6("01 00 00 01 00 11 00 09 00 00 01 37 c3 51 00 01 01", 10);
    expect_byte(&reading, V6_NEXT_ACTION, 1);
    free(reading.store);
    reading = read6("01 00 00 01 00 11 00 03 00 00 01"
                    "00 11 00 09 00 00 01 57 c3 51 00 01 02"
                    "00 11 00 09 00 00 01 37 c3 52 00 09 01"
                    "00 11 00 0b 00 00 01 37 c3 5e 00 03 61 62 00",
                    14);
    expect_status(&reading, V6_NEXT_ACTION, PXE_FILE_NOT_FOUND);
    expect_text(&reading, V6_BCD_FILE_PATH, "ab");
    free(reading.store);
    reading = read6("01 00 00 01 00 11 00 09 00 00 01 37 c3 51 00 01 01 c3 51 00 01 02", 10);
    expect_byte(&reading, V6_NEXT_ACTION, 2);
    free(reading.store);
    reading = read6("01 00 00 01 00 11 00 09 00 00 01 57 c3 51 00 01 01", 8);
    free(reading.store);
}

static void test_parse6_truncated(void **state)
{
    struct wire wire = wire_of("01 00 00 01 00 08 00 02 00 00 c3 51 00 01 05 c3 5e 00 03 61 62 00");

    (void)state;
    for (size_t length = 0; length <= wire.length; length++) {
        struct reading reading;

        if (length < 4) {
            assert_int_equal(read_packet(&reading, wire.bytes, length, true), PXE_INVALID_DATA);
            continue;
        }
        assert_int_equal(read_packet(&reading, wire.bytes, length, true), PXE_OK);
        assert_int_equal(reading.parsed.packet_types, length < 15 ? 8 : length < 22 ? 10 : 14);
        if (length >= 15)
            expect_byte(&reading, V6_NEXT_ACTION, 5);
        else
            expect_status(&reading, V6_NEXT_ACTION, PXE_FILE_NOT_FOUND);
        free(reading.store);
    }
}

/* `relays` relay messages around a message with NEXT_ACTION 5. */
static struct wire relayed(unsigned relays, uint8_t type)
{
    struct wire wire = wire_of("01 00 00 01 c3 51 00 01 05");

    for (unsigned i = 0; i < relays; i++) {
        struct wire outer = wire_of("00 12 00 02 78 79 00 09"); /* Interface-Id first */

        memmove(outer.bytes + 34, outer.bytes, outer.length);
        memset(outer.bytes, 0, 34);
        outer.bytes[0] = type;
        outer.length += 34;
        be16_put(outer.bytes + outer.length, (uint16_t)wire.length);
        outer.length += 2;
        assert_true(outer.length + wire.length <= sizeof(outer.bytes));
        memcpy(outer.bytes + outer.length, wire.bytes, wire.length);
        outer.length += wire.length;
        wire = outer;
    }
    return wire;
}

static void test_parse6_relays(void **state)
{
    struct reading reading;
    struct wire wire;

    (void)state;
    for (unsigned relays = 0; relays <= 32; relays++) {
        wire = relayed(relays, relays % 2 ? 12 : 13);
        assert_int_equal(read_packet(&reading, wire.bytes, wire.length, true), PXE_OK);
        assert_int_equal(reading.parsed.packet_types, 10);
        expect_byte(&reading, V6_NEXT_ACTION, 5);
        free(reading.store);
    }
    wire = relayed(33, 12);
    assert_int_equal(read_packet(&reading, wire.bytes, wire.length, true), PXE_INVALID_DATA);

    /* a relayed message is complete or it is none */
    wire = relayed(2, 12);
    for (size_t length = 0; length < wire.length; length++)
        assert_int_equal(read_packet(&reading, wire.bytes, length, true), PXE_INVALID_DATA);
    wire = relayed(1, 12);
    be16_put(wire.bytes + 34 + 8, 3); /* too short for a message */
    assert_int_equal(read_packet(&reading, wire.bytes, wire.length, true), PXE_INVALID_DATA);
}

/* What is built is read again, with the same values. */
static void test_build_then_parse(void **state)
{
    static const uint8_t server[16] = {0xfe, 0x80, [15] = 9};
    struct wire wire = request_of(CLASS);
    struct bench bench = bench_start(PACKET_NBP | PACKET_BCD);
    struct reading reading;
    size_t length;

    (void)state;
    add_short(&bench, ARCHITECTURE, 0xfedc);
    add_long(&bench, SERVER_FEATURES, 0xfedcba98);
    add_text(&bench, MESSAGE, "m");
    add_text(&bench, BCD_FILE_PATH, "\\Boot\\x64\\default.bcd");
    assert_int_equal(wdsbp_build_get(&bench.build, wire.bytes + wire.length, 1000, &length), 0);
    wire.length += length;
    wire.bytes[wire.length++] = 255;
    assert_int_equal(read_packet(&reading, wire.bytes, wire.length, false), PXE_OK);
    assert_int_equal(reading.parsed.packet_types, 7);
    expect_short(&reading, ARCHITECTURE, 0xfedc);
    expect_long(&reading, SERVER_FEATURES, 0xfedcba98);
    expect_text(&reading, MESSAGE, "m");
    expect_text(&reading, BCD_FILE_PATH, "\\Boot\\x64\\default.bcd");
    free(reading.store);
    free(bench.store);

    bench = bench_start(PACKET_DHCPV6);
    assert_int_equal(add(&bench, V6_REFERRAL_SERVER, server, sizeof(server)), PXE_OK);
    add_text(&bench, V6_BCD_FILE_PATH, "p");
    wire = wire_of("07 00 00 01");
    assert_int_equal(wdsbp_build_get(&bench.build, wire.bytes + wire.length, 1000, &length), 0);
    wire.length += length;
    assert_int_equal(read_packet(&reading, wire.bytes, wire.length, true), PXE_OK);
    assert_int_equal(reading.parsed.packet_types, 14);
    expect_content(&reading, V6_REFERRAL_SERVER, server, sizeof(server));
    expect_text(&reading, V6_BCD_FILE_PATH, "p");
    free(reading.store);
    free(bench.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build_bcd_path),
        cmocka_unit_test(test_build_string_ends_in_one_zero),
        cmocka_unit_test(test_build_boot_program_options),
        cmocka_unit_test(test_build_dhcpv6),
        cmocka_unit_test(test_build_nothing),
        cmocka_unit_test(test_build_packet_types),
        cmocka_unit_test(test_build_both_kinds),
        cmocka_unit_test(test_build_replaces_in_place),
        cmocka_unit_test(test_build_dhcp4_limits),
        cmocka_unit_test(test_build_dhcpv6_limits),
        cmocka_unit_test(test_build_refuses),
        cmocka_unit_test(test_build_accepts_unpublished),
        cmocka_unit_test(test_parse_frame),
        cmocka_unit_test(test_parse_captures),
        cmocka_unit_test(test_parse_frame_truncated),
        cmocka_unit_test(test_parse_content_truncated),
        cmocka_unit_test(test_parse4_header),
        cmocka_unit_test(test_parse_firmware),
        cmocka_unit_test(test_parse_flags),
        cmocka_unit_test(test_parse_inside_250),
        cmocka_unit_test(test_parse_joins_250),
        cmocka_unit_test(test_parse_overload),
        cmocka_unit_test(test_parse_strings),
        cmocka_unit_test(test_query_refuses),
        cmocka_unit_test(test_parse6),
        cmocka_unit_test(test_parse6_vendor_options),
        cmocka_unit_test(test_parse6_truncated),
        cmocka_unit_test(test_parse6_relays),
        cmocka_unit_test(test_build_then_parse),
    };

    return cmocka_run_group_tests_name("wdsbp_codec", tests, NULL, NULL);
}
