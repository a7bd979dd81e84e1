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
#include "fuzzer.h"

static void write_value(struct json *json, json_t *value);

static void write_members(struct json *json, json_t *object)
{
    const char *name;
    json_t *member;
    json_begin_object(json);
    json_object_foreach(object, name, member)
    {
        json_key(json, name);
        write_value(json, member);
    }
    json_end_object(json);
}

/* Depth is bounded by the reader. The writer has no number that is negative, or no integer. */
static void write_value(struct json *json, json_t *value)
{
    if (json_is_object(value)) {
        write_members(json, value);
    } else if (json_is_array(value)) {
        json_begin_array(json);
        for (size_t i = 0; i < json_array_size(value); i++)
            write_value(json, json_array_get(value, i));
        json_end_array(json);
    } else if (json_is_string(value)) {
        json_text(json, json_string_value(value));
    } else if (json_is_boolean(value)) {
        json_bool(json, json_is_true(value));
    } else if (json_integer_value(value) > 0) {
        json_number(json, (uint64_t)json_integer_value(value));
    } else {
        json_nothing(json);
    }
}

/* What is written once loses its other numbers; what is written twice must not change. */
static json_t *write_and_read(json_t *root, struct json json, struct text *text)
{
    json_error_t error;
    write_value(&json, root);
    REQUIRE(!text->failed);
    json_t *again = golden_read(text->chars, text->length, &error);
    REQUIRE(again != NULL);
    text_clear(text);
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
    struct text text = TEXT_EMPTY;
    json_t *root = golden_read(size > 0 ? (const char *)data : &nothing, size, &error);
    if (root == NULL) {
        REQUIRE(error.text[0] != '\0');
        return 0;
    }
    json_t *once = write_and_read(root, json_start(&text), &text);
    json_t *twice = write_and_read(once, json_start_indented(&text), &text);
    REQUIRE(json_equal(once, twice));
    text_free(&text);
    compare_as_golden(root);
    json_decref(root);
    json_decref(once);
    json_decref(twice);
    return 0;
}
