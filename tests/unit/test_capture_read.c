/* wdspxectl's reader of pcap and pcapng. */
#include "wdspxectl/capture/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/capture_bytes.h"

static const uint32_t microseconds = 0xa1b2c3d4, nanoseconds = 0xa1b23c4d;
static const uint64_t second = 1000000000;
static const char frame_a[] = "frame", frame_b[] = "another frame";

static struct capture_bytes file;

/* Reads to the end; the frames must be `count`. Returns the final status. */
static enum capture_status read_all(size_t count, char problem[CAPTURE_PROBLEM_SIZE])
{
    struct capture_reader reader;
    struct capture_frame frame;
    enum capture_status status;
    size_t seen = 0;
    capture_open(&reader, capture_bytes_source(&file));
    while ((status = capture_next(&reader, &frame)) == CAPTURE_OK)
        assert_int_equal(frame.number, ++seen);
    assert_int_equal(seen, count);
    assert_int_equal(capture_next(&reader, &frame), status);
    memcpy(problem, reader.problem, CAPTURE_PROBLEM_SIZE);
    capture_close(&reader);
    return status;
}

static void assert_bad(size_t count, const char *what)
{
    char problem[CAPTURE_PROBLEM_SIZE];
    assert_int_equal(read_all(count, problem), CAPTURE_BAD);
    if (strstr(problem, what) == NULL)
        fail_msg("\"%s\" does not tell: %s", problem, what);
}

static void assert_frame(struct capture_reader *reader, uint64_t time, uint32_t link,
                         const char *bytes, size_t original_length)
{
    struct capture_frame frame;
    assert_int_equal(capture_next(reader, &frame), CAPTURE_OK);
    assert_int_equal(frame.time, time);
    assert_int_equal(frame.link_type, link);
    assert_int_equal(frame.length, strlen(bytes));
    assert_memory_equal(frame.bytes, bytes, frame.length);
    assert_int_equal(frame.original_length, original_length);
}

static void assert_end(struct capture_reader *reader)
{
    struct capture_frame frame;
    assert_int_equal(capture_next(reader, &frame), CAPTURE_END);
    assert_string_equal(reader->problem, "");
    capture_close(reader);
}

static void pcap_of_both_byte_orders_and_resolutions(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct capture_reader reader;
        bool is_fine = (i & 1) != 0;
        capture_reset(&file, (i & 2) != 0);
        capture_pcap_header(&file, is_fine ? nanoseconds : microseconds, 101);
        capture_pcap_frame(&file, 5, 7, frame_a, strlen(frame_a), 99);
        capture_pcap_frame(&file, UINT32_MAX, 999999, frame_b, strlen(frame_b), strlen(frame_b));
        capture_open(&reader, capture_bytes_source(&file));
        assert_frame(&reader, 5 * second + (is_fine ? 7 : 7000), 101, frame_a, 99);
        assert_frame(&reader, UINT32_MAX * second + (is_fine ? 999999 : 999999000), 101, frame_b,
                     strlen(frame_b));
        assert_end(&reader);
    }
}

/* The upper bits of the link type tell about checksums of the link. */
static void pcap_link_type_is_masked(void **state)
{
    struct capture_reader reader;
    (void)state;
    capture_reset(&file, false);
    capture_pcap_header(&file, microseconds, 0xf0000001);
    capture_pcap_frame(&file, 0, 0, frame_a, strlen(frame_a), strlen(frame_a));
    capture_open(&reader, capture_bytes_source(&file));
    assert_frame(&reader, 0, 1, frame_a, strlen(frame_a));
    assert_end(&reader);
}

static void pcapng_of_both_byte_orders(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct capture_reader reader;
        capture_reset(&file, i == 1);
        capture_section(&file);
        capture_block(&file, 0xbad, "unknown", 7);
        capture_interface_block(&file, 1, 0, -1, 0);
        capture_interface_block(&file, 113, 0, 9, 0);
        capture_enhanced(&file, 1, 1234567890123, frame_a, strlen(frame_a), 50);
        capture_enhanced(&file, 0, 5000001, frame_b, strlen(frame_b), strlen(frame_b));
        capture_open(&reader, capture_bytes_source(&file));
        assert_frame(&reader, 1234567890123, 113, frame_a, 50);
        assert_frame(&reader, 5000001000, 1, frame_b, strlen(frame_b));
        assert_end(&reader);
    }
}

/* Sections that follow each other may differ in everything. */
static void pcapng_sections_start_anew(void **state)
{
    struct capture_reader reader;
    (void)state;
    capture_reset(&file, false);
    capture_section(&file);
    capture_interface_block(&file, 1, 0, -1, 0);
    capture_enhanced(&file, 0, 1, frame_a, strlen(frame_a), strlen(frame_a));
    file.big_endian = true;
    capture_section(&file);
    capture_interface_block(&file, 276, 0, -1, 0);
    capture_enhanced(&file, 0, 2, frame_b, strlen(frame_b), strlen(frame_b));
    capture_open(&reader, capture_bytes_source(&file));
    assert_frame(&reader, 1000, 1, frame_a, strlen(frame_a));
    assert_frame(&reader, 2000, 276, frame_b, strlen(frame_b));
    assert_end(&reader);
}

static void pcapng_time_by_resolution_and_offset(void **state)
{
    static const struct {
        int resolution;
        int64_t offset;
        uint64_t ticks;
        uint64_t time;
    } rows[] = {
        {6, 0, 3, 3000},
        {0, 0, 3, 3 * 1000000000ull},
        {3, 0, 2500, 2500 * 1000000ull},
        {9, 0, UINT64_MAX, UINT64_MAX},
        {12, 0, 5000999, 5000},
        {19, 0, UINT64_MAX, UINT64_MAX / 10000000000ull},
        {100, 0, UINT64_MAX, 0},
        {0, 0, UINT64_MAX, UINT64_MAX}, /* what does not fit stays at the most */
        {0x80 | 0, 0, 7, 7 * 1000000000ull},
        {0x80 | 10, 0, 1536, 1500000000},
        {0x80 | 63, 0, 3ull << 62, 1500000000},
        {0x80 | 64, 0, UINT64_MAX, 0},
        {0xff, 0, UINT64_MAX, 0},
        {9, 2, 5, 2000000005},
        {9, -2, 3000000000, 1000000000},
        {9, -2, 5, 0},
        {9, INT64_MIN, 5, 0},
        {9, INT64_MAX, 5, UINT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct capture_reader reader;
        capture_reset(&file, i % 2 == 1);
        capture_section(&file);
        capture_interface_block(&file, 1, 0, rows[i].resolution, rows[i].offset);
        capture_enhanced(&file, 0, rows[i].ticks, frame_a, strlen(frame_a), strlen(frame_a));
        capture_open(&reader, capture_bytes_source(&file));
        assert_frame(&reader, rows[i].time, 1, frame_a, strlen(frame_a));
        assert_end(&reader);
    }
}

/* No time in it; its length follows from three other numbers. */
static void pcapng_simple_packets(void **state)
{
    static const struct {
        uint32_t original;
        uint32_t snap_length;
        size_t length;
    } rows[] = {{5, 0, 5}, {5, 3, 3}, {8, 0, 8}, {100, 0, 8}, {0, 0, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct capture_reader reader;
        uint8_t body[12] = {0, 0, 0, 0, 'f', 'r', 'a', 'm', 'e', '1', '2', '3'};
        char expected[9] = "frame123";
        body[3] = (uint8_t)rows[i].original;
        expected[rows[i].length] = '\0';
        capture_reset(&file, true);
        capture_section(&file);
        capture_interface_block(&file, 1, rows[i].snap_length, -1, 0);
        capture_block(&file, 3, body, sizeof(body));
        capture_open(&reader, capture_bytes_source(&file));
        assert_frame(&reader, 0, 1, expected, rows[i].original);
        assert_end(&reader);
    }
}

static void pcapng_obsolete_packets(void **state)
{
    struct capture_reader reader;
    static const uint8_t body[] = {
        0, 1, 0, 9,             /* interface 1, 9 dropped before */
        0, 0, 0, 0, 0, 0, 0, 7, /* time */
        0, 0, 0, 5, 0, 0, 0, 6, 'f', 'r', 'a', 'm', 'e',
    };
    (void)state;
    capture_reset(&file, true);
    capture_section(&file);
    capture_interface_block(&file, 1, 0, -1, 0);
    capture_interface_block(&file, 12, 0, -1, 0);
    capture_block(&file, 2, body, sizeof(body));
    capture_open(&reader, capture_bytes_source(&file));
    assert_frame(&reader, 7000, 12, frame_a, 6);
    assert_end(&reader);
}

static void what_is_no_capture_is_told(void **state)
{
    (void)state;
    capture_reset(&file, false);
    assert_bad(0, "offset 0: the file is empty");
    capture_add(&file, "MZ", 2);
    assert_bad(0, "neither pcap nor pcapng");
    capture_add(&file, "this is some text, not a capture", 30);
    assert_bad(0, "neither pcap nor pcapng");

    capture_reset(&file, false);
    capture_number(&file, microseconds, 4);
    assert_bad(0, "ends within its header");
    capture_reset(&file, false);
    capture_number(&file, microseconds, 4);
    capture_number(&file, 3, 2);
    capture_number(&file, 0, 8);
    capture_number(&file, 0, 8);
    capture_number(&file, 0, 2);
    assert_bad(0, "offset 4: pcap version 3");
}

static void damage_is_told_with_its_place(void **state)
{
    uint8_t body[32] = {0};
    (void)state;
    capture_reset(&file, false);
    capture_pcap_header(&file, microseconds, 1);
    capture_pcap_frame(&file, 0, 0, frame_a, strlen(frame_a), 5);
    capture_number(&file, 0, 8);
    capture_number(&file, CAPTURE_FRAME_MAX + 1, 4);
    capture_number(&file, 0, 4);
    assert_bad(1, "offset 45: a frame of 16777217 bytes");

    capture_reset(&file, false);
    capture_section(&file);
    capture_enhanced(&file, 0, 0, frame_a, strlen(frame_a), 5);
    assert_bad(0, "offset 28: a packet of interface 0, which the file does not describe");

    capture_reset(&file, false);
    capture_section(&file);
    capture_interface_block(&file, 1, 0, -1, 0);
    capture_block(&file, 6, body, 16);
    assert_bad(0, "a packet block of 16 bytes");

    capture_reset(&file, false);
    capture_section(&file);
    capture_interface_block(&file, 1, 0, -1, 0);
    body[12] = 13; /* captured length; the block has 12 behind its fixed part */
    capture_block(&file, 6, body, 32);
    assert_bad(0, "a packet of 13 bytes in a block that has 12");

    capture_reset(&file, false);
    capture_section(&file);
    capture_block(&file, 3, body, 16);
    assert_bad(0, "a simple packet block without an interface");
    capture_reset(&file, false);
    capture_section(&file);
    capture_interface_block(&file, 1, 0, -1, 0);
    capture_block(&file, 3, body, 0);
    assert_bad(0, "a simple packet block without its length");
    capture_reset(&file, false);
    capture_section(&file);
    capture_block(&file, 1, body, 4);
    assert_bad(0, "an interface block of 4 bytes");
}

static void damaged_blocks_are_told(void **state)
{
    (void)state;
    for (uint32_t total = 0; total < 16; total++) {
        capture_reset(&file, false);
        capture_section(&file);
        capture_number(&file, 0xbad, 4);
        capture_number(&file, total, 4);
        capture_number(&file, total, 4);
        if (total == 12)
            continue;
        assert_bad(0, "offset 28: a block of ");
    }
    capture_reset(&file, false);
    capture_section(&file);
    capture_number(&file, 6, 4);
    capture_number(&file, 0xfffffffc, 4);
    assert_bad(0, "a packet block of 4294967292 bytes");

    capture_reset(&file, false);
    capture_section(&file);
    capture_block(&file, 1, "12345678", 8);
    file.bytes[file.length - 4]++;
    assert_bad(0, "whose two lengths differ");

    capture_reset(&file, false);
    capture_section(&file);
    file.bytes[8] = 0;
    assert_bad(0, "offset 8: a section header without a byte order");
    capture_reset(&file, false);
    capture_section(&file);
    file.bytes[12] = 2;
    assert_bad(0, "offset 12: pcapng version 2");
    capture_reset(&file, false);
    capture_section(&file);
    file.bytes[4] = 27;
    assert_bad(0, "a section header of 27 bytes");
    file.bytes[4] = 24;
    assert_bad(0, "a section header of 24 bytes");
}

static void too_many_interfaces_are_told(void **state)
{
    (void)state;
    capture_reset(&file, false);
    capture_section(&file);
    for (int i = 0; i <= CAPTURE_INTERFACES_MAX; i++)
        capture_block(&file, 1, "12345678", 8);
    assert_bad(0, "more than 1024 interfaces");
}

/* Wherever a file is cut, what came before is good and the cut is told. */
static void assert_cuts_are_told(const size_t *frame_ends, size_t count)
{
    size_t whole = file.length;
    for (size_t length = whole - 1; length > 0; length--) {
        struct capture_reader reader;
        struct capture_frame frame;
        enum capture_status status;
        size_t expected = 0, seen = 0;
        while (expected < count && frame_ends[expected] <= length)
            expected++;
        file.length = length;
        capture_open(&reader, capture_bytes_source(&file));
        while ((status = capture_next(&reader, &frame)) == CAPTURE_OK)
            seen++;
        assert_int_equal(seen, expected);
        if (status == CAPTURE_END)
            assert_string_equal(reader.problem, "");
        else
            assert_memory_equal(reader.problem, "offset ", 7);
        capture_close(&reader);
    }
    file.length = whole;
}

static void every_cut_of_a_pcap(void **state)
{
    size_t ends[2];
    char problem[CAPTURE_PROBLEM_SIZE];
    (void)state;
    capture_reset(&file, false);
    capture_pcap_header(&file, microseconds, 1);
    capture_pcap_frame(&file, 0, 0, frame_a, strlen(frame_a), 5);
    ends[0] = file.length;
    capture_pcap_frame(&file, 0, 0, frame_b, strlen(frame_b), 13);
    ends[1] = file.length;
    assert_cuts_are_told(ends, 2);

    file.length = ends[1] - 3;
    assert_int_equal(read_all(1, problem), CAPTURE_CUT);
    assert_string_equal(problem, "offset 45: the file ends within a frame, 3 bytes are missing");
    file.length = ends[0] + 15;
    assert_int_equal(read_all(1, problem), CAPTURE_CUT);
    assert_string_equal(problem, "offset 45: the file ends within the header of a frame");
}

static void every_cut_of_a_pcapng(void **state)
{
    size_t ends[3];
    char problem[CAPTURE_PROBLEM_SIZE];
    (void)state;
    capture_reset(&file, false);
    capture_section(&file);
    capture_interface_block(&file, 1, 0, 9, 3);
    capture_enhanced(&file, 0, 1, frame_a, strlen(frame_a), 5);
    ends[0] = file.length;
    capture_block(&file, 3, "\5\0\0\0frame", 9);
    ends[1] = file.length;
    capture_section(&file);
    capture_interface_block(&file, 1, 0, -1, 0);
    capture_block(&file, 77, "unknown", 7);
    capture_enhanced(&file, 0, 1, frame_b, strlen(frame_b), 13);
    ends[2] = file.length;
    assert_cuts_are_told(ends, 3);

    file.length = ends[2] - 1;
    assert_int_equal(read_all(2, problem), CAPTURE_CUT);
}

int main(void)
{
    const struct CMUnitTest capture_read[] = {
        cmocka_unit_test(pcap_of_both_byte_orders_and_resolutions),
        cmocka_unit_test(pcap_link_type_is_masked),
        cmocka_unit_test(pcapng_of_both_byte_orders),
        cmocka_unit_test(pcapng_sections_start_anew),
        cmocka_unit_test(pcapng_time_by_resolution_and_offset),
        cmocka_unit_test(pcapng_simple_packets),
        cmocka_unit_test(pcapng_obsolete_packets),
        cmocka_unit_test(what_is_no_capture_is_told),
        cmocka_unit_test(damage_is_told_with_its_place),
        cmocka_unit_test(damaged_blocks_are_told),
        cmocka_unit_test(too_many_interfaces_are_told),
        cmocka_unit_test(every_cut_of_a_pcap),
        cmocka_unit_test(every_cut_of_a_pcapng),
    };
    return cmocka_run_group_tests(capture_read, NULL, NULL);
}
