/*
 * Fuzzer for golden files and the JSON that wdspxectl writes. The input is JSON text, or is to look
 * like it. What is read is written by the tool's writer, read again, and must be the same; and
 * compared as if it were a golden file.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...   the fuzzer
 *   cc ... replay.c                                 replays the files and directories in argv;
 *                                                   fails if there was nothing to replay
 */
#include <string.h>

#include "wdspxectl/exchange/golden.h"
#include "wdspxectl/text/writer.h"
#include "fuzzer.h"

static void write_value(struct writer *writer, const char *name, json_t *value);

static void write_members(struct writer *writer, const char *own_name, json_t *object)
{
    const char *name;
    json_t *member;
    write_begin(writer, own_name);
    json_object_foreach(object, name, member)
    {
        write_value(writer, name, member);
    }
    write_end(writer);
}

/* Depth is bounded by the reader. The writer has no number that is negative, or no integer. */
static void write_value(struct writer *writer, const char *name, json_t *value)
{
    if (json_is_object(value)) {
        write_members(writer, name, value);
    } else if (json_is_array(value)) {
        write_begin_list(writer, name);
        for (size_t i = 0; i < json_array_size(value); i++)
            write_value(writer, NULL, json_array_get(value, i));
        write_end_list(writer);
    } else if (json_is_string(value)) {
        write_string(writer, name, json_string_value(value), NULL);
    } else if (json_is_boolean(value)) {
        write_bool(writer, name, json_is_true(value), NULL);
    } else if (json_integer_value(value) > 0) {
        write_number(writer, name, (uint64_t)json_integer_value(value), NULL);
    } else {
        write_null(writer, name);
    }
}

/* What is written once loses its other numbers; what is written twice must not change. */
static json_t *write_and_read(json_t *root, bool is_indented)
{
    json_error_t error;
    struct writer writer;
    if (is_indented)
        writer_start_indented(&writer);
    else
        writer_start(&writer, true);
    write_value(&writer, NULL, root);
    REQUIRE(!writer.text.failed);
    json_t *again = golden_read(writer.text.chars, writer.text.length, &error);
    REQUIRE(again != NULL);
    writer_free(&writer);
    return again;
}

static void ignore_line(const char *line, void *context)
{
    (void)line, (void)context;
}

/* A run of one request with one reply, as its frame 1. */
static void compare_as_golden(const json_t *root)
{
    static uint8_t packet[243] = {1, 1, 6, [236] = 99, 130, 83, 99, 53, 1, 1};
    static const struct message message = {
        .number = 1, .source = {.length = 4}, .packet = packet, .length = sizeof(packet)};
    struct exchange_reply reply = {{.source = {.length = 4},
                                    .destination = {.length = 4},
                                    .packet = packet,
                                    .length = sizeof(packet)},
                                   "p"};
    struct exchange exchange = {.request = &message, .reply_count = 1, .replies = &reply};
    struct exchange_list list = {.count = 1, .exchanges = &exchange};
    const struct golden_sink sink = {ignore_line, NULL};
    const char *problem = NULL;
    struct golden_result result;
    bool good = golden_compare(root, &list, 0, NULL, &sink, &result, &problem);
    REQUIRE(good == (problem == NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char nothing = 0;
    json_error_t error = {0};
    json_t *root = golden_read(size > 0 ? (const char *)data : &nothing, size, &error);
    if (root == NULL) {
        REQUIRE(error.text[0] != '\0');
        return 0;
    }
    json_t *once = write_and_read(root, false);
    json_t *twice = write_and_read(once, true);
    REQUIRE(json_equal(once, twice));
    compare_as_golden(root);
    json_decref(root);
    json_decref(once);
    json_decref(twice);
    return 0;
}
