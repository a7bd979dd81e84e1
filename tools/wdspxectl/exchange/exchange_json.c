#include "exchange/exchange_json.h"

#include "decode/names.h"
#include "decode/facts.h"
#include "decode/fields.h"
#include "exchange/ladder.h"
#include "text/text_net.h"

static void write_endpoint(struct writer *writer, const char *name, const struct endpoint *endpoint)
{
    SCOPED_TEXT value = TEXT_EMPTY;
    endpoint_put(&value, endpoint);
    write_text(writer, name, &value, NULL);
}

/* ---- fields ---- */

/* Objects of fields with parts stay open while the parts are written. */
struct nesting {
    struct writer *writer;
    unsigned depth; /* how many are open */
};

static void close_parts(struct nesting *nesting, unsigned depth)
{
    for (; nesting->depth > depth; nesting->depth--) {
        write_end_list(nesting->writer);
        write_end(nesting->writer);
    }
}

static void write_field(const struct field *field, void *context)
{
    struct nesting *nesting = context;
    struct writer *writer = nesting->writer;
    SCOPED_TEXT hex = TEXT_EMPTY;
    close_parts(nesting, field->depth);
    write_begin(writer, NULL);
    if (!field->has_parts)
        write_flat(writer);
    if (field->kind == FIELD_REMARK) {
        write_string(writer, "remark", field->value, NULL);
        write_end(writer);
        return;
    }
    text_put_hex(&hex, field->bytes, field->length);
    write_string(writer, "id", field->id, NULL);
    write_string(writer, "name", field->name[0] != '\0' ? field->name : NULL, NULL);
    write_string(writer, "value", field->value, NULL);
    write_string(writer, "hex", text_chars(&hex), NULL);
    if (!field->has_parts) {
        write_end(writer);
        return;
    }
    write_begin_list(writer, "parts");
    nesting->depth++;
}

static void write_fields(struct writer *writer, const struct message *message)
{
    struct nesting nesting = {writer, 0};
    write_begin_list(writer, "fields");
    if (!message_fields(message, write_field, &nesting))
        writer->text.failed = true;
    close_parts(&nesting, 0);
    write_end_list(writer);
}

/* ---- exchanges ---- */

/* Members "type", "bytes" and "fields". */
static void write_message(struct writer *writer, const struct message *message)
{
    SCOPED_TEXT type = TEXT_EMPTY;
    message_put_type(&type, message);
    write_text(writer, "type", &type, NULL);
    write_number(writer, "bytes", message->length, NULL);
    write_fields(writer, message);
}

static const char *origin_name(enum address_origin origin)
{
    static const char *const names[] = {"unicast", "given", "observed", "made up"};
    return names[origin];
}

/* The request as providers got it, or null if that is as it came in. */
static void write_repaired(struct writer *writer, const struct exchange *exchange)
{
    const struct message *repaired = exchange_repaired(exchange);
    if (repaired == NULL) {
        write_null(writer, "repaired");
        return;
    }
    write_begin(writer, "repaired");
    write_string(writer, "how", exchange->repair, NULL);
    write_number(writer, "bytes", repaired->length, NULL);
    write_fields(writer, repaired);
    write_end(writer);
}

static void write_request(struct writer *writer, const struct exchange *exchange)
{
    const struct message *request = exchange->request;
    write_begin(writer, "request");
    write_endpoint(writer, "from", &request->source);
    write_endpoint(writer, "to", &request->destination);
    write_endpoint(writer, "local", &exchange->local);
    write_string(writer, "local_origin", origin_name(exchange->origin), NULL);
    write_message(writer, request);
    write_repaired(writer, exchange);
    write_end(writer);
}

void reply_write(struct writer *writer, const struct message *reply)
{
    write_endpoint(writer, "from", &reply->source);
    write_endpoint(writer, "to", &reply->destination);
    write_message(writer, reply);
}

static void write_replies(struct writer *writer, const struct exchange *exchange)
{
    write_number(writer, "reply_count", exchange->reply_count + exchange->more_replies, NULL);
    write_begin_list(writer, "replies");
    for (size_t i = 0; i < exchange->reply_count; i++) {
        write_begin(writer, NULL);
        write_string(writer, "provider", exchange->replies[i].provider, NULL);
        reply_write(writer, &exchange->replies[i].message);
        write_end(writer);
    }
    write_end_list(writer);
}

static void write_calls(struct writer *writer, const struct exchange *exchange)
{
    write_begin_list(writer, "callbacks");
    for (size_t i = 0; i < exchange->call_count; i++) {
        write_begin(writer, NULL);
        write_string(writer, "provider", exchange->calls[i].provider, NULL);
        write_thousandths(writer, "us", exchange->calls[i].nanoseconds, NULL);
        write_end(writer);
    }
    write_end_list(writer);
}

static void write_findings(struct writer *writer, const struct exchange_list *list,
                           const struct exchange *exchange)
{
    write_begin_list(writer, "findings");
    for (size_t i = 0; i < exchange->finding_count; i++) {
        write_begin(writer, NULL);
        finding_write(writer, list, &exchange->findings[i].finding);
        write_end(writer);
    }
    write_end_list(writer);
}

void exchange_write(struct writer *writer, const struct exchange_list *list,
                    const struct exchange *exchange)
{
    struct request_facts facts;
    message_facts(exchange->request, &facts);
    frame_write(writer, "capture", "frame", list, exchange->request->number);
    write_number(writer, "time_us", exchange->time, NULL);
    facts_write(writer, &facts);
    facts_write_architectures(writer, &facts);
    write_request(writer, exchange);
    write_replies(writer, exchange);
    write_bool(writer, "ended", exchange->has_ended, NULL);
    write_string(writer, "provider", exchange->provider, NULL);
    write_string(writer, "action", exchange->action, NULL);
    write_string(writer, "no_answer_reason", exchange->no_answer, NULL);
    write_thousandths(writer, "us", exchange->nanoseconds, NULL);
    write_calls(writer, exchange);
    write_findings(writer, list, exchange);
}

void frame_write(struct writer *writer, const char *capture, const char *frame,
                 const struct exchange_list *list, uint64_t number)
{
    write_string(writer, capture, number != 0 ? exchanges_capture_name(list, number) : NULL, NULL);
    if (number != 0)
        write_number(writer, frame, message_frame(number), NULL);
    else
        write_null(writer, frame);
}

void finding_write(struct writer *writer, const struct exchange_list *list,
                   const struct finding *finding)
{
    const char *rule = finding->rule_name != NULL ? finding->rule_name : "?";
    SCOPED_TEXT at = TEXT_EMPTY;
    write_string(writer, "rule", finding->rule_name, NULL);
    write_number(writer, "rule_number", finding->rule, NULL);
    write_string_or(writer, "provider", finding->provider, "(unknown provider)", "%: ");
    write_string_or(writer, "call", finding->call, "(unknown call)", "%: ");
    frame_write(writer, "capture", "frame", list, finding->number);
    if (finding->number != 0)
        exchanges_put_frame(list, &at, finding->number);
    write_string(writer, "text", finding->text, "%");
    say(writer, " [%s%s%s]", rule, at.length > 0 ? ", " : "", text_chars(&at));
    write_string(writer, "reproducer", finding->reproducer, "; reproducer: %");
}
