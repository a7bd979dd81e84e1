/* wdspxectl: from frames to UDP datagrams, over every link type; fragments; written frames read
 * back. */
#include "wdspxectl/capture/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wdspxectl/capture/write_pcap.h"

enum { ETHERNET = 1, COOKED = 113, COOKED_2 = 276, RAW = 101, LOOPBACK = 0 };

/* ---- frames by hand ---- */

struct bytes {
    size_t length;
    uint8_t at[70000];
};

static struct bytes frame;

static void add(const void *bytes, size_t length)
{
    memcpy(frame.at + frame.length, bytes, length);
    frame.length += length;
}

static void add_numbers(size_t count, ...)
{
    va_list numbers;
    va_start(numbers, count);
    while (count-- > 0)
        frame.at[frame.length++] = (uint8_t)va_arg(numbers, int);
    va_end(numbers);
}

#define ADD(...) add_numbers(sizeof((int[]){__VA_ARGS__}) / sizeof(int), __VA_ARGS__)

static void add_ethernet(int type)
{
    ADD(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 0x77, 0, 1, type >> 8, type & 255);
}

/* 10.77.0.5 to 10.77.0.2, with `options` bytes of options. */
static void add_ipv4(size_t payload, size_t options, int fragmentation, int protocol)
{
    size_t total = 20 + options + payload;
    ADD((int)(0x45 + options / 4), 0, (int)(total >> 8), (int)(total & 255), 0x12, 0x34,
        fragmentation >> 8, fragmentation & 255, 64, protocol, 0, 0, 10, 77, 0, 5, 10, 77, 0, 2);
    for (size_t i = 0; i < options; i++)
        ADD(1);
}

static void add_ipv6(size_t payload, int next)
{
    static const uint8_t source[16] = {0xfe, 0x80, [15] = 5}, destination[16] = {0xff, 2, [15] = 2};
    ADD(0x60, 0, 0, 0, (int)(payload >> 8), (int)(payload & 255), next, 1);
    add(source, 16);
    add(destination, 16);
}

static void add_udp(const char *payload, int source, int destination)
{
    size_t length = 8 + strlen(payload);
    ADD(source >> 8, source & 255, destination >> 8, destination & 255, (int)(length >> 8),
        (int)(length & 255), 0, 0);
    add(payload, strlen(payload));
}

/* ---- looking ---- */

static struct fragments fragments;
static struct datagram found;
static const char *problem;

static enum frame_result look_at(uint32_t link, size_t length, size_t original)
{
    /* Exactly as many bytes as there are, for the sanitizer. */
    uint8_t *exact = malloc(length > 0 ? length : 1);
    assert_non_null(exact);
    memcpy(exact, frame.at, length);
    const struct capture_frame captured = {
        .number = 1,
        .link_type = link,
        .bytes = exact,
        .length = length,
        .original_length = original,
    };
    static uint8_t payload[70000];
    problem = NULL;
    enum frame_result result = datagram_find(&fragments, &captured, &found, &problem);
    if (result == FRAME_DATAGRAM) {
        memcpy(payload, found.payload, found.length);
        found.payload = payload;
    }
    free(exact);
    return result;
}

static enum frame_result look(uint32_t link)
{
    return look_at(link, frame.length, frame.length);
}

static void assert_datagram(const char *payload, unsigned source, unsigned destination)
{
    assert_int_equal(found.length, strlen(payload));
    assert_memory_equal(found.payload, payload, found.length);
    assert_int_equal(found.source.port, source);
    assert_int_equal(found.destination.port, destination);
}

static int start(void **state)
{
    (void)state;
    frame.length = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    (void)fragments_end(&fragments);
    return 0;
}

/* ---- links ---- */

static void ethernet_with_and_without_tags(void **state)
{
    (void)state;
    for (int tags = 0; tags <= 8; tags++) {
        static const int types[] = {0x8100, 0x88a8, 0x9100, 0x9200};
        frame.length = 0;
        add_ethernet(tags > 0 ? types[tags % 4] : 0x0800);
        for (int i = tags; i > 0; i--) {
            int next = i > 1 ? types[(i - 1) % 4] : 0x0800;
            ADD(0x60, 7, next >> 8, next & 255);
        }
        add_ipv4(8 + 5, 0, 0, 17);
        add_udp("hello", 68, 67);
        assert_int_equal(look(ETHERNET), FRAME_DATAGRAM);
        assert_datagram("hello", 68, 67);
        assert_int_equal(found.source.length, 4);
        assert_memory_equal(found.source.address, "\x0a\x4d\x00\x05", 4);
        assert_memory_equal(found.destination.address, "\x0a\x4d\x00\x02", 4);
        assert_true(found.is_broadcast); /* to all stations of the link */
    }
}

/* Short frames are padded by the link; what the IP header does not count is not looked at. */
static void padding_is_left_out(void **state)
{
    (void)state;
    add_ethernet(0x0800);
    add_ipv4(8 + 2, 0, 0, 17);
    add_udp("hi", 1, 2);
    ADD(9, 9, 9, 9, 9, 9);
    assert_int_equal(look(ETHERNET), FRAME_DATAGRAM);
    assert_datagram("hi", 1, 2);
}

static void all_other_links(void **state)
{
    static const struct {
        uint32_t link;
        size_t header;
        size_t type_at;
        size_t broadcast_at; /* of the packet type, least byte; 0: none */
    } rows[] = {{COOKED, 16, 14, 1}, {COOKED_2, 20, 0, 10}, {RAW, 0, 0, 0},      {12, 0, 0, 0},
                {14, 0, 0, 0},       {228, 0, 0, 0},        {LOOPBACK, 4, 0, 0}, {108, 4, 0, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int is_broadcast = 0; is_broadcast < 2; is_broadcast++) {
            frame.length = rows[i].header;
            memset(frame.at, 0, frame.length);
            if (rows[i].broadcast_at > 0) {
                frame.at[rows[i].type_at] = 8;
                frame.at[rows[i].broadcast_at] = (uint8_t)is_broadcast;
            }
            add_ipv4(8 + 3, 0, 0, 17);
            add_udp("abc", 68, 67);
            assert_int_equal(look(rows[i].link), FRAME_DATAGRAM);
            assert_datagram("abc", 68, 67);
            assert_int_equal(found.is_broadcast, rows[i].broadcast_at > 0 && is_broadcast);
        }
    }
}

static void ipv6_over_every_link(void **state)
{
    (void)state;
    add_ethernet(0x86dd);
    add_ipv6(8 + 3, 17);
    add_udp("abc", 546, 547);
    assert_int_equal(look(ETHERNET), FRAME_DATAGRAM);
    assert_datagram("abc", 546, 547);
    assert_int_equal(found.source.length, 16);
    assert_int_equal(found.source.address[15], 5);
    assert_int_equal(found.destination.address[0], 0xff);
    assert_false(found.is_broadcast);
    memmove(frame.at, frame.at + 14, frame.length -= 14);
    assert_int_equal(look(RAW), FRAME_DATAGRAM);
    assert_int_equal(look(229), FRAME_DATAGRAM);
    memmove(frame.at + 4, frame.at, frame.length);
    frame.length += 4;
    assert_int_equal(look(LOOPBACK), FRAME_DATAGRAM);
}

static void unknown_links_are_told(void **state)
{
    (void)state;
    add_ethernet(0x0800);
    assert_int_equal(look(9999), FRAME_DAMAGED);
    assert_string_equal(problem, "its link type is not known");
}

/* ---- IP ---- */

static void ipv4_with_options(void **state)
{
    (void)state;
    add_ipv4(8 + 3, 40, 0x4000, 17);
    add_udp("abc", 4011, 4011);
    assert_int_equal(look(RAW), FRAME_DATAGRAM);
    assert_datagram("abc", 4011, 4011);
}

static void limited_broadcast_is_one(void **state)
{
    (void)state;
    add_ipv4(8, 0, 0, 17);
    add_udp("", 68, 67);
    memset(frame.at + 16, 255, 4);
    assert_int_equal(look(RAW), FRAME_DATAGRAM);
    assert_true(found.is_broadcast);
    assert_int_equal(found.length, 0);
}

/* The network card was to fill in the length; the sender's capture has none. */
static void ipv4_without_a_length(void **state)
{
    (void)state;
    add_ipv4(8 + 3, 0, 0, 17);
    add_udp("abc", 68, 67);
    frame.at[2] = frame.at[3] = 0;
    assert_int_equal(look(RAW), FRAME_DATAGRAM);
    assert_datagram("abc", 68, 67);
}

static void ipv6_extension_headers(void **state)
{
    (void)state;
    add_ipv6(8 + 16 + 24 + 8 + 8 + 3, 0);
    ADD(43, 0, 1, 4, 0, 0, 0, 0);                                                 /* hop by hop */
    ADD(51, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);                         /* routing */
    ADD(60, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0); /* AH: (4+2)*4 */
    ADD(17, 0, 1, 4, 0, 0, 0, 0);                                                 /* destination */
    add_udp("abc", 546, 547);
    assert_int_equal(look(RAW), FRAME_DATAGRAM);
    assert_datagram("abc", 546, 547);
}

static void endless_extension_headers_end(void **state)
{
    (void)state;
    add_ipv6(8 * 20, 60);
    for (int i = 0; i < 20; i++)
        ADD(60, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(look(RAW), FRAME_DAMAGED);
    assert_string_equal(problem, "it has too many IPv6 headers");
}

static void what_is_not_udp_is_passed_over(void **state)
{
    (void)state;
    add_ipv4(20, 0, 0, 6);
    ADD(0, 0, 0, 0);
    assert_int_equal(look(RAW), FRAME_OTHER);
    frame.length = 0;
    add_ipv6(8, 58);
    ADD(0, 0, 0, 0, 0, 0, 0, 0);
    assert_int_equal(look(RAW), FRAME_OTHER);
    frame.length = 0;
    add_ethernet(0x0806);
    assert_int_equal(look(ETHERNET), FRAME_OTHER);
    assert_int_equal(look_at(ETHERNET, 5, 5), FRAME_OTHER);
    assert_int_equal(look_at(RAW, 0, 0), FRAME_OTHER);
}

/* ---- damage ---- */

static void lengths_that_do_not_fit_are_told(void **state)
{
    (void)state;
    add_ipv4(8 + 3, 0, 0, 17);
    add_udp("abc", 68, 67);
    frame.at[25] = 12; /* UDP length: one more than there is */
    assert_int_equal(look(RAW), FRAME_DAMAGED);
    assert_string_equal(problem, "its UDP length does not fit into the frame");
    assert_int_equal(found.destination.port, 67);
    frame.at[25] = 7;
    assert_int_equal(look(RAW), FRAME_DAMAGED);
    frame.at[25] = 11;
    assert_int_equal(look(RAW), FRAME_DATAGRAM);
    frame.at[0] = 0x44;
    assert_int_equal(look(RAW), FRAME_DAMAGED);
    assert_string_equal(problem, "its IPv4 header makes no sense");
    frame.at[0] = 0x4f;
    assert_int_equal(look(RAW), FRAME_DAMAGED);
    frame.at[0] = 0x55;
    assert_int_equal(look(RAW), FRAME_DAMAGED);
    frame.at[0] = 0x45;
    frame.at[3] = 19;
    assert_int_equal(look(RAW), FRAME_DAMAGED);
}

/* Cut anywhere: never a datagram, and said why if it was to be one. */
static void frames_that_the_capture_cut(void **state)
{
    (void)state;
    for (int family = 4; family <= 6; family += 2) {
        frame.length = 0;
        add_ethernet(family == 4 ? 0x0800 : 0x86dd);
        if (family == 4)
            add_ipv4(8 + 3, 0, 0, 17);
        else
            add_ipv6(8 + 3, 17);
        add_udp("abc", 68, 67);
        for (size_t length = 15; length < frame.length; length++) {
            assert_int_equal(look_at(ETHERNET, length, frame.length), FRAME_DAMAGED);
            assert_string_equal(problem, "the capture has only the beginning of it");
            assert_int_equal(look_at(ETHERNET, length, length), FRAME_DAMAGED);
            assert_non_null(problem);
        }
        assert_int_equal(look(ETHERNET), FRAME_DATAGRAM);
    }
}

/* ---- fragments ---- */

enum { WHOLE = 3000, FIRST = 1480 };

/* The UDP datagram that is sent in pieces: header and counting bytes. */
static void make_whole(uint8_t *bytes)
{
    for (size_t i = 0; i < WHOLE; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    bytes[0] = 0, bytes[1] = 68, bytes[2] = 0, bytes[3] = 67;
    bytes[4] = WHOLE >> 8, bytes[5] = WHOLE & 255, bytes[6] = bytes[7] = 0;
}

static void add_fragment4(const uint8_t *whole, size_t offset, size_t length, int id)
{
    bool more = offset + length < WHOLE;
    frame.length = 0;
    add_ipv4(length, 0, (int)(offset / 8) | (more ? 0x2000 : 0), 17);
    frame.at[5] = (uint8_t)id;
    add(whole + offset, length);
}

static void add_fragment6(const uint8_t *whole, size_t offset, size_t length, int id)
{
    bool more = offset + length < WHOLE;
    frame.length = 0;
    add_ipv6(8 + length, 44);
    ADD(17, 0, (int)(offset >> 8), (int)(offset & 255) | more, 0, 0, 0, id);
    add(whole + offset, length);
}

static void assert_whole(const uint8_t *whole)
{
    assert_int_equal(found.length, WHOLE - 8);
    assert_memory_equal(found.payload, whole + 8, found.length);
    assert_int_equal(found.destination.port, 67);
}

/* In every order; a duplicate does no harm. */
static void fragments_are_put_together(void **state)
{
    static const int orders[][4] = {{0, 1, 2, -1}, {2, 1, 0, -1}, {1, 0, 2, -1}, {0, 0, 1, 2}};
    static uint8_t whole[WHOLE];
    (void)state;
    make_whole(whole);
    for (size_t i = 0; i < 8; i++) {
        const int *order = orders[i / 2];
        enum frame_result result = FRAME_OTHER;
        for (size_t k = 0; k < 4 && order[k] >= 0; k++) {
            size_t offset = (size_t)order[k] * FIRST;
            size_t length = WHOLE - offset < FIRST ? WHOLE - offset : FIRST;
            if (k > 0)
                assert_int_equal(result, FRAME_FRAGMENT);
            if (i % 2 == 0)
                add_fragment4(whole, offset, length, (int)i);
            else
                add_fragment6(whole, offset, length, (int)i);
            result = look(RAW);
        }
        assert_int_equal(result, FRAME_DATAGRAM);
        assert_whole(whole);
    }
    assert_int_equal(fragments_end(&fragments), 0);
}

/* Of many incomplete ones the oldest are given up, and all are counted. */
static void incomplete_fragments_are_counted(void **state)
{
    static uint8_t whole[WHOLE];
    (void)state;
    make_whole(whole);
    for (int id = 0; id < FRAGMENT_SLOTS + 3; id++) {
        add_fragment4(whole, 0, FIRST, id);
        assert_int_equal(look(RAW), FRAME_FRAGMENT);
    }
    /* 3..10 are still waiting; 0 is not. */
    for (int id = FRAGMENT_SLOTS + 2; id >= 0; id -= FRAGMENT_SLOTS + 2) {
        add_fragment4(whole, FIRST, FIRST, id);
        assert_int_equal(look(RAW), FRAME_FRAGMENT);
        add_fragment4(whole, 2 * FIRST, WHOLE - 2 * FIRST, id);
        assert_int_equal(look(RAW), id > 0 ? FRAME_DATAGRAM : FRAME_FRAGMENT);
    }
    assert_int_equal(fragments_end(&fragments), FRAGMENT_SLOTS + 3 + 1 - 1);
}

static void fragments_that_make_no_sense(void **state)
{
    static uint8_t whole[WHOLE];
    (void)state;
    make_whole(whole);
    add_fragment4(whole, 0, 13, 1); /* more follow, but no whole units */
    assert_int_equal(look(RAW), FRAME_FRAGMENT);
    add_fragment4(whole, 16, 0, 1);
    assert_int_equal(look(RAW), FRAME_FRAGMENT);
    frame.length = 0;
    add_ipv4(100, 0, 0x1fff, 17); /* ends behind 65535 */
    add(whole, 100);
    assert_int_equal(look(RAW), FRAME_FRAGMENT);
    assert_int_equal(fragments_end(&fragments), 0);

    add_fragment4(whole, 0, FIRST, 1);
    assert_int_equal(look_at(RAW, frame.length - 1, frame.length - 1), FRAME_DAMAGED);
    assert_string_equal(problem, "a fragment is not complete");
    assert_int_equal(look_at(RAW, frame.length - 1, frame.length), FRAME_DAMAGED);
    assert_string_equal(problem, "the capture has only the beginning of it");
}

/* ---- what the writer writes ---- */

static uint32_t checksum_of(uint32_t sum, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void assert_written(const struct endpoint *from, const struct endpoint *to,
                           const char *payload, const char *destination_mac)
{
    uint8_t headers[CAPTURE_FRAME_HEADERS_MAX];
    const struct capture_datagram datagram = {
        .time = 1234567890123456,
        .source = from,
        .destination = to,
        .payload = (const uint8_t *)payload,
        .length = strlen(payload),
    };
    size_t size = capture_frame_headers(&datagram, headers);
    frame.length = 0;
    add(headers + 16, size - 16);
    add(payload, strlen(payload));
    assert_memory_equal(headers, "\xd2\x02\x96\x49\x40\xe2\x01\x00", 8);
    assert_int_equal(headers[8] | headers[9] << 8, frame.length);
    assert_memory_equal(headers + 8, headers + 12, 4);
    assert_memory_equal(frame.at, destination_mac, 6);
    assert_int_equal(look(ETHERNET), FRAME_DATAGRAM);
    assert_datagram(payload, from->port, to->port);
    assert_memory_equal(found.source.address, from->address, from->length);
    assert_memory_equal(found.destination.address, to->address, to->length);

    /* Each sum over what a checksum covers, itself included, is all ones. */
    size_t udp = 14 + (from->length == 4 ? 20u : 40u);
    if (from->length == 4)
        assert_int_equal(checksum_of(0, frame.at + 14, 20), 0xffff);
    uint32_t sum = checksum_of(17 + (uint32_t)(frame.length - udp), from->address, from->length);
    sum = checksum_of(sum, to->address, to->length);
    assert_int_equal(checksum_of(sum, frame.at + udp, frame.length - udp), 0xffff);
}

static void written_frames_are_read_back(void **state)
{
    const struct endpoint client4 = {{0}, 4, 68}, server4 = {{10, 77, 0, 2}, 4, 67};
    const struct endpoint all4 = {{255, 255, 255, 255}, 4, 67}, group4 = {{239, 129, 2, 3}, 4, 67};
    const struct endpoint client6 = {{0xfe, 0x80, [15] = 9}, 16, 546};
    const struct endpoint group6 = {{0xff, 2, [13] = 1, [15] = 2}, 16, 547};
    (void)state;
    assert_written(&client4, &all4, "odd", "\xff\xff\xff\xff\xff\xff");
    assert_written(&server4, &client4, "even", "\x02\x00\x00\x00\x00\x00");
    assert_written(&client4, &server4, "", "\x02\x00\x0a\x4d\x00\x02");
    assert_written(&client4, &group4, "x", "\x01\x00\x5e\x01\x02\x03");
    assert_written(&client6, &group6, "odd", "\x33\x33\x00\x01\x00\x02");
    assert_written(&group6, &client6, "even", "\x02\x00\x00\x00\x00\x09");
    /* A payload whose checksum comes out as 0 is sent as ffff (RFC 768). */
    assert_written(&server4, &server4, "\xea\xb6", "\x02\x00\x0a\x4d\x00\x02");
    assert_memory_equal(frame.at + 14 + 20 + 6, "\xff\xff", 2);
}

int main(void)
{
    const struct CMUnitTest datagrams[] = {
        cmocka_unit_test_setup_teardown(ethernet_with_and_without_tags, start, end),
        cmocka_unit_test_setup_teardown(padding_is_left_out, start, end),
        cmocka_unit_test_setup_teardown(all_other_links, start, end),
        cmocka_unit_test_setup_teardown(ipv6_over_every_link, start, end),
        cmocka_unit_test_setup_teardown(unknown_links_are_told, start, end),
        cmocka_unit_test_setup_teardown(ipv4_with_options, start, end),
        cmocka_unit_test_setup_teardown(limited_broadcast_is_one, start, end),
        cmocka_unit_test_setup_teardown(ipv4_without_a_length, start, end),
        cmocka_unit_test_setup_teardown(ipv6_extension_headers, start, end),
        cmocka_unit_test_setup_teardown(endless_extension_headers_end, start, end),
        cmocka_unit_test_setup_teardown(what_is_not_udp_is_passed_over, start, end),
        cmocka_unit_test_setup_teardown(lengths_that_do_not_fit_are_told, start, end),
        cmocka_unit_test_setup_teardown(frames_that_the_capture_cut, start, end),
        cmocka_unit_test_setup_teardown(fragments_are_put_together, start, end),
        cmocka_unit_test_setup_teardown(incomplete_fragments_are_counted, start, end),
        cmocka_unit_test_setup_teardown(fragments_that_make_no_sense, start, end),
        cmocka_unit_test_setup_teardown(written_frames_are_read_back, start, end),
    };
    return cmocka_run_group_tests(datagrams, NULL, NULL);
}
