/* wdspxectl's writer of pcapng, read by its reader; tshark reads it in test_wdspxectl_capture.sh.
 */
#include "wdspxectl/capture/write_pcapng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/capture_bytes.h"
#include "wdspxectl/text/bytes.h"

static const struct endpoint client4 = {{10, 0, 0, 9}, 4, 68}, server4 = {{10, 0, 0, 1}, 4, 67};
static const struct endpoint client6 = {{0xfe, 0x80, [15] = 9}, 16, 546},
                             server6 = {{0xfe, 0x80, [15] = 1}, 16, 547};
static uint8_t block[2048 + PCAPNG_PACKET_EXTRA];

static size_t write_one(const struct endpoint *source, const struct endpoint *destination,
                        size_t length, const char *comment)
{
    static uint8_t payload[2048];
    const struct capture_datagram datagram = {
        .time = UINT64_C(1700000000123456),
        .source = source,
        .destination = destination,
        .payload = payload,
        .length = length,
    };

    memset(payload, 0xab, sizeof(payload));
    memset(block, 0xee, sizeof(block));
    return pcapng_packet(&datagram, comment, block);
}

/* Of every length modulo 4, of both families. */
static void blocks_are_read_again(void **state)
{
    static struct capture_bytes file;
    uint8_t header[PCAPNG_FILE_HEADER_SIZE];
    struct capture_reader reader;
    struct capture_frame frame;

    (void)state;
    capture_reset(&file, false);
    pcapng_file_header(header);
    capture_add(&file, header, sizeof(header));
    for (size_t length = 0; length < 9; length++) {
        capture_add(&file, block, write_one(&client4, &server4, length, "to the server"));
        capture_add(&file, block, write_one(&server6, &client6, length, ""));
    }
    capture_open(&reader, capture_bytes_source(&file));
    for (size_t i = 0; i < 18; i++) {
        struct fragments fragments = {0};
        struct datagram datagram;
        const char *problem;

        assert_int_equal(capture_next(&reader, &frame), CAPTURE_OK);
        assert_int_equal(frame.time, UINT64_C(1700000000123456000));
        assert_int_equal(datagram_find(&fragments, &frame, &datagram, &problem), FRAME_DATAGRAM);
        assert_int_equal(datagram.length, i / 2);
        assert_int_equal(datagram.source.port, i % 2 == 0 ? 68 : 547);
        assert_int_equal(datagram.destination.length, i % 2 == 0 ? 4 : 16);
    }
    assert_int_equal(capture_next(&reader, &frame), CAPTURE_END);
    capture_close(&reader);
}

/* The block's length at both ends, and nothing behind it. */
static void assert_block(size_t size)
{
    assert_int_equal(size % 4, 0);
    assert_int_equal(get_le32(block + 4), size);
    assert_int_equal(get_le32(block + size - 4), size);
    assert_int_equal(block[size], 0xee);
}

static void blocks_fit_into_their_room(void **state)
{
    char comment[PCAPNG_COMMENT_MAX + 100];

    (void)state;
    memset(comment, 'x', sizeof(comment) - 1);
    comment[sizeof(comment) - 1] = '\0';
    for (size_t length = 2040; length <= 2048; length++) {
        size_t size = write_one(&server6, &client6, length, comment);
        assert_block(size);
        assert_in_range(size, length, length + PCAPNG_PACKET_EXTRA - 1);
    }
    assert_block(write_one(&client4, &server4, 3, ""));
}

/* The comment is the last option before the end of options and the block's length. */
static void long_comments_are_cut_between_characters(void **state)
{
    char comment[PCAPNG_COMMENT_MAX + 10];
    size_t headers = 28 + 14 + 20 + 8 + 2; /* padded */

    (void)state;
    memset(comment, 'x', sizeof(comment));
    memcpy(comment + PCAPNG_COMMENT_MAX - 1, "\xc3\xb6",
           3); /* o with two dots, half of it too much */
    write_one(&client4, &server4, 0, comment);
    assert_int_equal(get_le16(block + headers), 1);
    assert_int_equal(get_le16(block + headers + 2), PCAPNG_COMMENT_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_read_again),
        cmocka_unit_test(blocks_fit_into_their_room),
        cmocka_unit_test(long_comments_are_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
