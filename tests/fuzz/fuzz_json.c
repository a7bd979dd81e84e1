/*
 * Fuzzer for the JSON reader of wdspxectl. The input is JSON text, or is to look like it. What is
 * read is written again, read again, and must be the same; and compared as if it were a golden
 * file.
 *
 *   clang -fsanitize=fuzzer,address,undefined ...   the fuzzer
 *   cc ... replay.c                                 replays the files and directories in argv;
 *                                                   fails if there was nothing to replay
 */
#include <string.h>

#include "wdspxectl/exchange/golden.h"
#include "fuzzer.h"

/* Depth is bounded by the reader. Numbers that are no integers are written as 0. */
static void write_value(struct json *json, const struct json_value *value)
{
    switch (value->kind) {
    case JSON_NULL:
        json_null(json);
        return;
    case JSON_BOOL:
        json_bool(json, value->boolean);
        return;
    case JSON_NUMBER:
        json_number(json, value->integer);
        return;
    case JSON_STRING:
        json_string(json, value->string);
        return;
    default:
        break;
    }
    bool is_object = value->kind == JSON_OBJECT;
    if (is_object)
        json_begin_object(json);
    else
        json_begin_array(json);
    size_t count = 0;
    for (const struct json_value *item = value->items; item != NULL; item = item->next, count++) {
        if (is_object)
            json_key(json, item->name);
        write_value(json, item);
    }
    REQUIRE(count == value->count);
    if (is_object)
        json_end_object(json);
    else
        json_end_array(json);
}

static bool is_same_string(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void require_same(const struct json_value *a, const struct json_value *b)
{
    REQUIRE(a->kind == b->kind && a->count == b->count && a->integer == b->integer);
    REQUIRE(is_same_string(a->string, b->string) && is_same_string(a->name, b->name));
    for (a = a->items, b = b->items; a != NULL; a = a->next, b = b->next)
        require_same(a, b);
}

static void write_and_read_again(const struct json_value *root, struct json json, struct text *text)
{
    struct json_value *again = NULL;
    struct json_error error;
    write_value(&json, root);
    REQUIRE(!text->failed);
    REQUIRE(json_tree_read(text->chars, text->length, &again, &error));
    require_same(root, again);
    json_tree_free(again);
    text_clear(text);
}

static void ignore_line(const char *line, void *context)
{
    (void)line, (void)context;
}

/* A run of one request with one reply, as its frame 1. */
static void compare_as_golden(const struct json_value *root)
{
    static uint8_t packet[243] = {1, 1, 6, [236] = 99, 130, 83, 99, 53, 1, 1};
    static const struct message message = {
        .number = 1, .source = {.length = 4}, .packet = packet, .length = sizeof(packet)};
    struct exchange_reply reply = {{.length = 4}, {.length = 4}, "p", packet, sizeof(packet)};
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
    struct json_value *root = NULL;
    struct json_error error = {0, 0, NULL};
    struct text text = TEXT_EMPTY;
    if (!json_tree_read(size > 0 ? (const char *)data : &nothing, size, &root, &error)) {
        REQUIRE(root == NULL && error.text != NULL && error.line > 0 && error.column > 0);
        return 0;
    }
    write_and_read_again(root, json_start(&text), &text);
    write_and_read_again(root, json_start_indented(&text), &text);
    text_free(&text);
    compare_as_golden(root);
    json_tree_free(root);
    return 0;
}
