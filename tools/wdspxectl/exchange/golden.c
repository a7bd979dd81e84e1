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
    struct text type = TEXT_EMPTY, client = TEXT_EMPTY;
    message_put_type(&type, request->source.length, request->packet, request->length);
    message_put_client(&client, request);
    write_begin(writer, NULL);
    frame_write(writer, "capture", "frame", list, request->number);
    write_text(writer, "client", &client, NULL);
    write_text(writer, "request", &type, NULL);
    write_string(writer, "provider", exchange->provider, NULL);
    write_string(writer, "action", exchange->action, NULL);
    write_begin_list(writer, "replies");
    for (size_t i = 0; i < exchange_replies_kept(exchange); i++) {
        write_begin(writer, NULL);
        reply_write(writer, &exchange->replies[i]);
        write_end(writer);
    }
    write_end_list(writer);
    write_end(writer);
}

void golden_put(struct text *out, const struct exchange_list *list, size_t ignored_count,
                const char *const *ignored)
{
    struct writer writer;
    writer_start(&writer, true);
    writer.json = json_start_indented(&writer.text);
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
    const struct json_value *golden;
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
    struct text line = TEXT_EMPTY;
    va_list arguments;
    text_format(&line, "%s: ", text_chars(&comparison->where));
    va_start(arguments, format);
    text_format_v(&line, format, arguments);
    va_end(arguments);
    comparison->sink->difference(text_chars(&line), comparison->sink->context);
    comparison->result.differences++;
    text_free(&line);
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
    const struct json_value *list = json_member(comparison->golden, "ignore");
    for (const struct json_value *item = list == NULL ? NULL : list->items; item != NULL;
         item = item->next) {
        if (item->kind == JSON_STRING && is_within(path, item->string))
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
    struct text label = TEXT_EMPTY;
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
    text_free(&label);
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
static void compare_string(struct comparison *comparison, const struct json_value *golden,
                           const char *name, const char *got)
{
    const struct json_value *member = json_member(golden, name);
    if (member == NULL || is_ignored(comparison, name))
        return;
    const char *expected = member->kind == JSON_STRING ? member->string : "(none)";
    if (got == NULL)
        got = "(none)";
    if (strcmp(expected, got) != 0)
        differs(comparison, "%s: expected %s, got %s", name, expected, got);
}

static void compare_endpoint(struct comparison *comparison, const struct json_value *golden,
                             const char *name, const struct endpoint *got)
{
    struct text text = TEXT_EMPTY;
    endpoint_put(&text, got);
    compare_string(comparison, golden, name, text_chars(&text));
    text_free(&text);
}

static const char *compare_reply(struct comparison *comparison, const struct json_value *golden,
                                 const struct exchange_reply *reply)
{
    struct golden_fields expected = {0}, got = {0};
    uint64_t bytes = 0;
    compare_endpoint(comparison, golden, "from", &reply->source);
    compare_endpoint(comparison, golden, "to", &reply->destination);
    if (json_member_integer(golden, "bytes", &bytes) && bytes != reply->length &&
        !is_ignored(comparison, "bytes"))
        differs(comparison, "bytes: expected %llu, got %lu", (unsigned long long)bytes,
                (unsigned long)reply->length);
    const char *problem = golden_fields_of_json(&expected, json_member(golden, "fields"));
    if (problem == NULL) {
        golden_fields_of_packet(&got, reply->source.length, reply->packet, reply->length);
        compare_fields(comparison, &expected, &got);
    }
    if (problem == NULL && (expected.failed || got.failed))
        problem = "out of memory";
    golden_fields_free(&expected);
    golden_fields_free(&got);
    return problem;
}

static const char *compare_replies(struct comparison *comparison, const struct json_value *golden,
                                   const struct exchange *exchange)
{
    const struct json_value *replies = json_member(golden, "replies");
    size_t base = comparison->where.length, index = 0;
    if (replies == NULL || replies->kind != JSON_ARRAY)
        return "an exchange has no array \"replies\"";
    if (replies->count != exchange->reply_count)
        differs(comparison, "expected %lu replies, got %lu", (unsigned long)replies->count,
                (unsigned long)exchange->reply_count);
    for (const struct json_value *item = replies->items; item != NULL; item = item->next, index++) {
        if (index == exchange_replies_kept(exchange))
            break;
        text_format(&comparison->where, ", reply %lu", (unsigned long)index + 1);
        const char *problem = compare_reply(comparison, item, &exchange->replies[index]);
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
    message_put_type(where, request->source.length, request->packet, request->length);
    text_put(where, " of ");
    message_put_client(where, request);
}

/* Does an exchange of the file speak of this one? Without a capture's name, the frame decides. */
static bool is_about(const struct json_value *golden, const struct exchange_list *list,
                     const struct exchange *exchange)
{
    uint64_t frame = 0, number = exchange->request->number;
    const char *capture = json_member_string(golden, "capture");
    return json_member_integer(golden, "frame", &frame) && frame == message_frame(number) &&
           (capture == NULL || strcmp(capture, exchanges_capture_name(list, number)) == 0);
}

/* `from`: where to begin, for files have the order of the run. */
static const struct json_value *find_golden(const struct json_value *exchanges,
                                            const struct json_value *from,
                                            const struct exchange_list *list,
                                            const struct exchange *exchange)
{
    for (const struct json_value *item = from; item != NULL; item = item->next) {
        if (is_about(item, list, exchange))
            return item;
    }
    for (const struct json_value *item = exchanges->items; item != from; item = item->next) {
        if (is_about(item, list, exchange))
            return item;
    }
    return NULL;
}

static const char *compare_exchange(struct comparison *comparison, const struct json_value *golden,
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

static const char *compare_all(struct comparison *comparison, const struct json_value *exchanges)
{
    const struct json_value *next = exchanges->items;
    for (size_t i = 0; i < comparison->list->count; i++) {
        const struct exchange *exchange = &comparison->list->exchanges[i];
        const struct json_value *golden = find_golden(exchanges, next, comparison->list, exchange);
        if (golden != NULL)
            next = golden->next;
        const char *problem = compare_exchange(comparison, golden, exchange);
        if (problem != NULL)
            return problem;
    }
    if (comparison->result.compared < exchanges->count) {
        text_clear(&comparison->where);
        text_put(&comparison->where, "golden file");
        differs(comparison, "%lu of its %lu requests are not in the run",
                (unsigned long)(exchanges->count - comparison->result.compared),
                (unsigned long)exchanges->count);
    }
    return comparison->where.failed ? "out of memory" : NULL;
}

bool golden_compare(const struct json_value *golden, const struct exchange_list *list,
                    size_t ignored_count, const char *const *ignored,
                    const struct golden_sink *sink, struct golden_result *out_result,
                    const char **out_problem)
{
    uint64_t version = 0;
    struct comparison comparison = {
        .golden = golden,
        .list = list,
        .ignored_count = ignored_count,
        .ignored = ignored,
        .sink = sink,
        .where = TEXT_EMPTY,
    };
    const struct json_value *exchanges = json_member(golden, "exchanges");
    const char *problem = NULL;
    if (!json_member_integer(golden, "wdspxe_golden", &version) || version != GOLDEN_VERSION)
        problem = "it has no member \"wdspxe_golden\" with the number 1";
    else if (exchanges == NULL || exchanges->kind != JSON_ARRAY)
        problem = "it has no array \"exchanges\"";
    else
        problem = compare_all(&comparison, exchanges);
    text_free(&comparison.where);
    *out_result = comparison.result;
    *out_problem = problem;
    return problem == NULL;
}
