#include "exchange/golden.h"

#include <string.h>

#include "exchange/exchange_json.h"
#include "exchange/golden_fields.h"
#include "exchange/ladder.h"
#include "text/text_net.h"

enum { GOLDEN_VERSION = 1 };

/* ---- making one ---- */

static void write_exchange(struct writer *writer, const struct exchange_list *list,
                           const struct exchange *exchange)
{
    const struct message *request = exchange->request;
    SCOPED_TEXT type = TEXT_EMPTY, client = TEXT_EMPTY;
    message_put_type(&type, request);
    message_put_client(&client, request);
    write_begin(writer, NULL);
    frame_write(writer, "capture", "frame", list, request->number);
    write_text(writer, "client", &client, NULL);
    write_text(writer, "request", &type, NULL);
    write_string(writer, "provider", exchange->provider, NULL);
    write_string(writer, "action", exchange->action, NULL);
    write_begin_list(writer, "replies");
    for (size_t i = 0; i < exchange->reply_count; i++) {
        write_begin(writer, NULL);
        reply_write(writer, &exchange->replies[i].message);
        write_end(writer);
    }
    write_end_list(writer);
    write_end(writer);
}

void golden_put(struct text *out, const struct exchange_list *list, size_t ignored_count,
                const char *const *ignored)
{
    struct writer writer;
    writer_start_indented(&writer);
    write_begin(&writer, NULL);
    write_number(&writer, "wdspxe_golden", GOLDEN_VERSION, NULL);
    write_begin_list(&writer, "ignore");
    for (size_t i = 0; i < ignored_count; i++)
        write_string(&writer, NULL, ignored[i], NULL);
    write_end_list(&writer);
    write_begin_list(&writer, "exchanges");
    for (size_t i = 0; i < list->count; i++)
        write_exchange(&writer, list, &list->exchanges[i]);
    write_end_list(&writer);
    write_end(&writer);
    text_put(out, text_chars(&writer.text));
    text_put_char(out, '\n');
    out->failed |= writer.text.failed;
    writer_free(&writer);
}

/* ---- comparing ---- */

struct comparison {
    const json_t *golden;
    const struct exchange_list *list;
    size_t ignored_count;
    const char *const *ignored;
    const struct golden_sink *sink;
    struct golden_result result;
    struct text where; /* "frame 6, REQUEST of 52:54:00:77:00:02, reply 1" */
};

TEXT_PRINTF(2, 3)
static void differs(struct comparison *comparison, const char *format, ...)
{
    SCOPED_TEXT line = TEXT_EMPTY;
    va_list arguments;
    text_format(&line, "%s: ", text_chars(&comparison->where));
    va_start(arguments, format);
    text_format_v(&line, format, arguments);
    va_end(arguments);
    comparison->sink->difference(text_chars(&line), comparison->sink->context);
    comparison->result.differences++;
}

/* Is `path` this name, or inside of what it names? */
static bool is_within(const char *path, const char *name)
{
    size_t length = strlen(name);
    return strncmp(path, name, length) == 0 && (path[length] == '\0' || path[length] == '.');
}

static bool is_ignored(const struct comparison *comparison, const char *path)
{
    for (size_t i = 0; i < comparison->ignored_count; i++) {
        if (is_within(path, comparison->ignored[i]))
            return true;
    }
    const json_t *list = json_object_get(comparison->golden, "ignore");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        if (item != NULL && is_within(path, item))
            return true;
    }
    return false;
}

static void put_label(struct text *label, const struct golden_field *field)
{
    text_put(label, field->path);
    if (field->name != NULL && field->name[0] != '\0' && strcmp(field->name, field->path) != 0)
        text_format(label, " (%s)", field->name);
}

static const char *shown(const struct golden_field *field, bool as_hex)
{
    if (as_hex || field->value == NULL || field->value[0] == '\0')
        return field->hex != NULL && field->hex[0] != '\0' ? field->hex : "(empty)";
    return field->value;
}

/* Bytes decide where the file has them, else the words. */
static bool is_same(const struct golden_field *expected, const struct golden_field *got)
{
    if (expected->has_parts && got->has_parts)
        return true;
    if (expected->hex != NULL && got->hex != NULL && expected->hex[0] != '\0')
        return strcmp(expected->hex, got->hex) == 0;
    if (expected->value != NULL)
        return got->value != NULL && strcmp(expected->value, got->value) == 0;
    return expected->hex != NULL && got->hex != NULL && strcmp(expected->hex, got->hex) == 0;
}

static void tell_field(struct comparison *comparison, const struct golden_field *expected,
                       const struct golden_field *got)
{
    SCOPED_TEXT label = TEXT_EMPTY;
    put_label(&label, got != NULL ? got : expected);
    if (got == NULL) {
        differs(comparison, "%s: expected %s, but it is not there", text_chars(&label),
                shown(expected, false));
    } else if (expected == NULL) {
        differs(comparison, "%s: not expected, but there is %s", text_chars(&label),
                shown(got, false));
    } else {
        bool as_hex =
            strcmp(shown(expected, false), shown(got, false)) == 0 || expected->value == NULL;
        differs(comparison, "%s: expected %s, got %s", text_chars(&label), shown(expected, as_hex),
                shown(got, as_hex));
    }
}

/* Fields of the same path are compared in their order, others in any. */
static void compare_fields(struct comparison *comparison, const struct golden_fields *expected,
                           const struct golden_fields *got)
{
    for (size_t i = 0; i < expected->count; i++) {
        const struct golden_field *field = &expected->fields[i];
        if (field->path == NULL || is_ignored(comparison, field->path))
            continue;
        struct golden_field *match = golden_fields_find(got, field->path);
        if (match != NULL)
            match->is_matched = true;
        if (match == NULL || !is_same(field, match))
            tell_field(comparison, field, match);
    }
    for (size_t i = 0; i < got->count; i++) {
        const struct golden_field *field = &got->fields[i];
        if (field->path != NULL && !field->is_matched && !is_ignored(comparison, field->path))
            tell_field(comparison, NULL, field);
    }
}

/* A member of a reply or exchange that is a string, compared if the file has it. */
static void compare_string(struct comparison *comparison, const json_t *golden, const char *name,
                           const char *got)
{
    const json_t *member = json_object_get(golden, name);
    if (member == NULL || is_ignored(comparison, name))
        return;
    const char *expected = json_is_string(member) ? json_string_value(member) : "(none)";
    if (got == NULL)
        got = "(none)";
    if (strcmp(expected, got) != 0)
        differs(comparison, "%s: expected %s, got %s", name, expected, got);
}

static void compare_endpoint(struct comparison *comparison, const json_t *golden, const char *name,
                             const struct endpoint *got)
{
    SCOPED_TEXT text = TEXT_EMPTY;
    endpoint_put(&text, got);
    compare_string(comparison, golden, name, text_chars(&text));
}

static const char *compare_reply(struct comparison *comparison, const json_t *golden,
                                 const struct message *reply)
{
    struct golden_fields expected = {0}, got = {0};
    const json_t *bytes = json_object_get(golden, "bytes");
    compare_endpoint(comparison, golden, "from", &reply->source);
    compare_endpoint(comparison, golden, "to", &reply->destination);
    if (json_is_integer(bytes) && json_integer_value(bytes) != (json_int_t)reply->length &&
        !is_ignored(comparison, "bytes"))
        differs(comparison, "bytes: expected %lld, got %lu", (long long)json_integer_value(bytes),
                (unsigned long)reply->length);
    const char *problem = golden_fields_of_json(&expected, json_object_get(golden, "fields"));
    if (problem == NULL) {
        golden_fields_of_message(&got, reply);
        compare_fields(comparison, &expected, &got);
    }
    if (problem == NULL && (expected.failed || got.failed))
        problem = "out of memory";
    golden_fields_free(&expected);
    golden_fields_free(&got);
    return problem;
}

static const char *compare_replies(struct comparison *comparison, const json_t *golden,
                                   const struct exchange *exchange)
{
    const json_t *replies = json_object_get(golden, "replies");
    size_t base = comparison->where.length, count = json_array_size(replies);
    if (!json_is_array(replies))
        return "an exchange has no array \"replies\"";
    size_t sent = exchange->reply_count + exchange->more_replies;
    if (count != sent)
        differs(comparison, "expected %lu replies, got %lu", (unsigned long)count,
                (unsigned long)sent);
    for (size_t index = 0; index < count && index < exchange->reply_count; index++) {
        text_format(&comparison->where, ", reply %lu", (unsigned long)index + 1);
        const char *problem = compare_reply(comparison, json_array_get(replies, index),
                                            &exchange->replies[index].message);
        if (problem != NULL)
            return problem;
        text_shorten(&comparison->where, base);
    }
    return NULL;
}

static void set_where(struct comparison *comparison, const struct exchange *exchange)
{
    const struct message *request = exchange->request;
    struct text *where = &comparison->where;
    text_clear(where);
    exchanges_put_frame(comparison->list, where, request->number);
    text_put(where, ", ");
    message_put_type(where, request);
    text_put(where, " of ");
    message_put_client(where, request);
}

/* Does an exchange of the file speak of this one? Without a capture's name, the frame decides. */
static bool is_about(const json_t *golden, const struct exchange_list *list,
                     const struct exchange *exchange)
{
    uint64_t number = exchange->request->number;
    const json_t *frame = json_object_get(golden, "frame");
    const char *capture = json_string_value(json_object_get(golden, "capture"));
    return json_is_integer(frame) &&
           json_integer_value(frame) == (json_int_t)message_frame(number) &&
           (capture == NULL || strcmp(capture, exchanges_capture_name(list, number)) == 0);
}

/* The place of an exchange in the file; their count: it is not there. `from`: where to begin, for
 * files have the order of the run. */
static size_t find_golden(const json_t *exchanges, size_t from, const struct exchange_list *list,
                          const struct exchange *exchange)
{
    size_t count = json_array_size(exchanges);
    for (size_t i = 0; i < count; i++) {
        size_t place = (from + i) % count;
        if (is_about(json_array_get(exchanges, place), list, exchange))
            return place;
    }
    return count;
}

static const char *compare_exchange(struct comparison *comparison, const json_t *golden,
                                    const struct exchange *exchange)
{
    set_where(comparison, exchange);
    if (golden == NULL) {
        differs(comparison, "the golden file does not have this request");
        return NULL;
    }
    comparison->result.compared++;
    compare_string(comparison, golden, "provider", exchange->provider);
    compare_string(comparison, golden, "action", exchange->action);
    return compare_replies(comparison, golden, exchange);
}

static const char *compare_all(struct comparison *comparison, const json_t *exchanges)
{
    size_t count = json_array_size(exchanges), next = 0;
    for (size_t i = 0; i < comparison->list->count; i++) {
        const struct exchange *exchange = &comparison->list->exchanges[i];
        size_t place = find_golden(exchanges, next, comparison->list, exchange);
        if (place < count)
            next = place + 1;
        const char *problem =
            compare_exchange(comparison, json_array_get(exchanges, place), exchange);
        if (problem != NULL)
            return problem;
    }
    if (comparison->result.compared < count) {
        text_clear(&comparison->where);
        text_put(&comparison->where, "golden file");
        differs(comparison, "%lu of its %lu requests are not in the run",
                (unsigned long)(count - comparison->result.compared), (unsigned long)count);
    }
    return comparison->where.failed ? "out of memory" : NULL;
}

json_t *golden_read(const char *bytes, size_t length, json_error_t *out_error)
{
    /* Jansson overlooks a NUL behind a number. */
    if (length > 0 && memchr(bytes, '\0', length) != NULL) {
        *out_error = (json_error_t){.line = 1, .column = 1, .text = "it has bytes that are 0"};
        return NULL;
    }
    return json_loadb(bytes, length, JSON_REJECT_DUPLICATES, out_error);
}

bool golden_compare(const json_t *golden, const struct exchange_list *list, size_t ignored_count,
                    const char *const *ignored, const struct golden_sink *sink,
                    struct golden_result *out_result, const char **out_problem)
{
    struct comparison comparison = {
        .golden = golden,
        .list = list,
        .ignored_count = ignored_count,
        .ignored = ignored,
        .sink = sink,
        .where = TEXT_EMPTY,
    };
    const json_t *exchanges = json_object_get(golden, "exchanges");
    const char *problem = NULL;
    if (json_integer_value(json_object_get(golden, "wdspxe_golden")) != GOLDEN_VERSION)
        problem = "it has no member \"wdspxe_golden\" with the number 1";
    else if (!json_is_array(exchanges))
        problem = "it has no array \"exchanges\"";
    else
        problem = compare_all(&comparison, exchanges);
    text_free(&comparison.where);
    *out_result = comparison.result;
    *out_problem = problem;
    return problem == NULL;
}
