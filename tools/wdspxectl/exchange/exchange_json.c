#include "exchange/exchange_json.h"

#include "decode/names.h"
#include "decode/facts.h"
#include "decode/fields.h"
#include "exchange/ladder.h"
#include "text/text_net.h"

void json_text_member(struct json *json, const char *key, struct text *value)
{
    json_key(json, key);
    if (value->failed)
        json->out->failed = true;
    json_string(json, value->length > 0 ? text_chars(value) : NULL);
    text_free(value);
}

void endpoint_json_member(struct json *json, const char *key, const struct endpoint *endpoint)
{
    struct text value = TEXT_EMPTY;
    text_put_endpoint(&value, endpoint->address, endpoint->length, endpoint->port);
    json_text_member(json, key, &value);
}

/* ---- fields ---- */

/* Objects of fields with parts stay open while the parts are written. */
struct nesting {
    struct json *json;
    unsigned depth; /* how many are open */
};

static void close_parts(struct nesting *nesting, unsigned depth)
{
    for (; nesting->depth > depth; nesting->depth--) {
        json_end_array(nesting->json);
        json_end_object(nesting->json);
    }
}

static void write_field(const struct field *field, void *context)
{
    struct nesting *nesting = context;
    struct json *json = nesting->json;
    close_parts(nesting, field->depth);
    json_begin_object(json);
    if (!field->has_parts)
        json_flatten(json);
    if (field->kind == FIELD_REMARK) {
        json_key(json, "remark");
        json_string(json, field->value);
        json_end_object(json);
        return;
    }
    struct text hex = TEXT_EMPTY;
    text_put_hex(&hex, field->bytes, field->length);
    json_key(json, "id");
    json_string(json, field->id);
    json_key(json, "name");
    json_string(json, field->name[0] != '\0' ? field->name : NULL);
    json_key(json, "value");
    json_string(json, field->value);
    json_key(json, "hex");
    json_string(json, text_chars(&hex));
    text_free(&hex);
    if (!field->has_parts) {
        json_end_object(json);
        return;
    }
    json_key(json, "parts");
    json_begin_array(json);
    nesting->depth++;
}

void fields_json_member(struct json *json, size_t address_length, const uint8_t *packet,
                        size_t length)
{
    struct nesting nesting = {json, 0};
    json_key(json, "fields");
    json_begin_array(json);
    if (!fields_visit(address_length, packet, length, write_field, &nesting))
        json->out->failed = true;
    close_parts(&nesting, 0);
    json_end_array(json);
}

/* ---- exchanges ---- */

static void write_type(struct json *json, size_t address_length, const uint8_t *packet,
                       size_t length)
{
    struct text type = TEXT_EMPTY;
    message_put_type(&type, address_length, packet, length);
    json_text_member(json, "type", &type);
}

static void write_client(struct json *json, const struct message *request)
{
    struct request_facts facts;
    if (request->source.length == 4)
        request_facts_read(request->packet, request->length, &facts);
    else
        request6_facts_read(request->packet, request->length, &facts);
    json_key(json, "mac");
    json_string(json, facts.mac[0] != '\0' ? facts.mac : NULL);
    json_key(json, "guid");
    json_string(json, facts.guid[0] != '\0' ? facts.guid : NULL);
    facts_json_architectures(json, &facts);
}

static const char *origin_name(enum address_origin origin)
{
    static const char *const names[] = {"unicast", "given", "observed", "made up"};
    return names[origin];
}

/* The request as providers got it, or null if that is as it came in. */
static void write_repaired(struct json *json, const struct exchange *exchange)
{
    json_key(json, "repaired");
    if (exchange->repair == NULL || exchange->repaired == NULL) {
        json_null(json);
        return;
    }
    json_begin_object(json);
    json_key(json, "how");
    json_string(json, exchange->repair);
    json_key(json, "bytes");
    json_number(json, exchange->repaired_length);
    fields_json_member(json, exchange->request->source.length, exchange->repaired,
                       exchange->repaired_length);
    json_end_object(json);
}

static void write_request(struct json *json, const struct exchange *exchange)
{
    const struct message *request = exchange->request;
    json_key(json, "request");
    json_begin_object(json);
    endpoint_json_member(json, "from", &request->source);
    endpoint_json_member(json, "to", &request->destination);
    endpoint_json_member(json, "local", &exchange->local);
    json_key(json, "local_origin");
    json_string(json, origin_name(exchange->origin));
    write_type(json, request->source.length, request->packet, request->length);
    json_key(json, "bytes");
    json_number(json, request->length);
    fields_json_member(json, request->source.length, request->packet, request->length);
    write_repaired(json, exchange);
    json_end_object(json);
}

void reply_json_members(struct json *json, const struct exchange_reply *reply)
{
    endpoint_json_member(json, "from", &reply->source);
    endpoint_json_member(json, "to", &reply->destination);
    write_type(json, reply->source.length, reply->packet, reply->length);
    json_key(json, "bytes");
    json_number(json, reply->length);
    fields_json_member(json, reply->source.length, reply->packet, reply->length);
}

static void write_replies(struct json *json, const struct exchange *exchange)
{
    json_key(json, "reply_count");
    json_number(json, exchange->reply_count);
    json_key(json, "replies");
    json_begin_array(json);
    for (size_t i = 0; i < exchange_replies_kept(exchange); i++) {
        json_begin_object(json);
        json_key(json, "provider");
        json_string(json, exchange->replies[i].provider);
        reply_json_members(json, &exchange->replies[i]);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_calls(struct json *json, const struct exchange *exchange)
{
    json_key(json, "callbacks");
    json_begin_array(json);
    for (size_t i = 0; i < exchange_calls_kept(exchange); i++) {
        json_begin_object(json);
        json_key(json, "provider");
        json_string(json, exchange->calls[i].provider);
        json_key(json, "us");
        json_thousandths(json, exchange->calls[i].nanoseconds);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_findings(struct json *json, const struct exchange_list *list,
                           const struct exchange *exchange)
{
    json_key(json, "findings");
    json_begin_array(json);
    for (size_t i = 0; i < exchange_findings_kept(exchange); i++) {
        json_begin_object(json);
        finding_json_members(json, list, &exchange->findings[i].finding);
        json_end_object(json);
    }
    json_end_array(json);
}

static void write_frame(struct json *json, const struct exchange_list *list, uint64_t number)
{
    json_key(json, "capture");
    json_string(json, number != 0 ? exchanges_capture_name(list, number) : NULL);
    json_key(json, "frame");
    if (number != 0)
        json_number(json, message_frame(number));
    else
        json_null(json);
}

void exchange_json_members(struct json *json, const struct exchange_list *list,
                           const struct exchange *exchange)
{
    write_frame(json, list, exchange->request->number);
    json_key(json, "time_us");
    json_number(json, exchange->time);
    write_client(json, exchange->request);
    write_request(json, exchange);
    write_replies(json, exchange);
    json_key(json, "ended");
    json_bool(json, exchange->has_ended);
    json_key(json, "provider");
    json_string(json, exchange->provider);
    json_key(json, "action");
    json_string(json, exchange->action);
    json_key(json, "no_answer_reason");
    json_string(json, exchange->no_answer);
    json_key(json, "us");
    json_thousandths(json, exchange->nanoseconds);
    write_calls(json, exchange);
    write_findings(json, list, exchange);
}

void finding_json_members(struct json *json, const struct exchange_list *list,
                          const struct finding *finding)
{
    json_key(json, "rule");
    json_string(json, finding->rule_name);
    json_key(json, "rule_number");
    json_number(json, finding->rule);
    json_key(json, "provider");
    json_string(json, finding->provider);
    json_key(json, "call");
    json_string(json, finding->call);
    write_frame(json, list, finding->number);
    json_key(json, "text");
    json_string(json, finding->text);
    json_key(json, "reproducer");
    json_string(json, finding->reproducer);
}
