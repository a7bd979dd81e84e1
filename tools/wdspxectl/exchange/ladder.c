#include "exchange/ladder.h"

#include <string.h>

#include "text/bytes.h"
#include "decode/walk.h"
#include "decode/facts.h"
#include "decode/fields.h"
#include "text/text_net.h"

enum { INDENT = 12, INDENT_PER_DEPTH = 4, NAME_COLUMN = 34, VALUE_WIDTH = 90 };

void ladder_put_time(struct text *out, uint64_t microseconds)
{
    text_format(out, "%llu.%06lu", (unsigned long long)(microseconds / 1000000),
                (unsigned long)(microseconds % 1000000));
}

void message_put_type(struct text *out, const struct message *message)
{
    struct request_facts facts;
    message_facts(message, &facts);
    if (!facts.is_dhcp) {
        text_put(out, facts.is_ipv6 ? "no DHCPv6" : "no DHCP");
        return;
    }
    /* Of a relayed message the facts are those of the innermost one. */
    bool is_relayed = facts.is_ipv6 && message->packet[0] != facts.type;
    if (is_relayed) {
        facts_put_type_number(out, true, true, message->packet[0]);
        text_put(out, " (");
    }
    facts_put_type(out, &facts);
    if (is_relayed)
        text_put_char(out, ')');
}

/* The `file` field, else option 67 (RFC 2132 section 9.5). */
static void put_boot_file4(struct text *out, const struct message *message)
{
    enum { OPTION_BOOT_FILE = 67 };
    if (!dhcp4_is_message(message->packet, message->length))
        return;
    const char *file = (const char *)message->packet + DHCP4_AT_FILE;
    struct dhcp_option option = dhcp4_find(message->packet, message->length, OPTION_BOOT_FILE);
    if (file[0] != '\0')
        text_put_bytes(out, file, strnlen(file, DHCP4_FILE_SIZE));
    else if (option.value != NULL)
        text_put_bytes(out, (const char *)option.value, option.length);
}

static void put_boot_file6(struct text *out, const struct message *message)
{
    enum { OPTION6_BOOT_FILE_URL = 59 };
    struct dhcp_option inner = dhcp6_innermost(message->packet, message->length);
    struct dhcp_option url = dhcp6_find(inner.value, inner.length, OPTION6_BOOT_FILE_URL);
    if (url.value != NULL)
        text_put_bytes(out, (const char *)url.value, url.length);
}

void message_put_boot_file(struct text *out, const struct message *message)
{
    (message->source.length == 4 ? put_boot_file4 : put_boot_file6)(out, message);
}

void message_put_client(struct text *out, const struct message *message)
{
    struct request_facts facts;
    message_facts(message, &facts);
    bool is_known = facts.mac[0] != '\0' || facts.guid[0] != '\0';
    text_put(out, is_known ? facts.mac : "unknown client");
    if (facts.guid[0] != '\0')
        text_format(out, facts.mac[0] != '\0' ? " %s" : "%s", facts.guid);
    facts_put_architectures(out, &facts);
}

/* ---- fields ---- */

/* Where the line is to end: behind the last comma that fits, else at the end of the value. */
static size_t line_length(const char *value, size_t length)
{
    size_t fits = text_span_of(value, VALUE_WIDTH);
    if (length <= fits)
        return length;
    for (size_t i = fits; i > 0; i--) {
        if (value[i] == ' ' && value[i - 1] == ',')
            return i;
    }
    return length;
}

static void put_value(struct text *out, const char *value, size_t indent)
{
    size_t left = strlen(value);
    while (left > 0) {
        size_t length = line_length(value, left);
        text_put_char(out, ' ');
        text_put_span(out, value, length);
        text_put_char(out, '\n');
        if (length < left) {
            text_format(out, "%*s", (int)indent, "");
            length++; /* the blank behind the comma */
        }
        value += length;
        left -= length;
    }
}

/* A field of the header that is all zero says nothing, but for the operation or type. */
static bool is_worth_a_line(const struct field *field)
{
    return field->kind != FIELD_HEADER || !all_zero(field->bytes, field->length);
}

static void put_field(const struct field *field, void *context)
{
    struct text *out = context;
    if (!is_worth_a_line(field))
        return;
    size_t indent = INDENT + INDENT_PER_DEPTH * (size_t)field->depth;
    text_format(out, "%*s", (int)indent, "");
    if (field->kind == FIELD_REMARK) {
        text_format(out, "!! %s\n", field->value);
        return;
    }
    size_t start = out->length;
    if (field->kind == FIELD_OPTION)
        text_format(out, "%3s %s", field->id, field->name[0] != '\0' ? field->name : "?");
    else
        text_format(out, "    %s", field->name);
    for (size_t used = out->length - start; used < NAME_COLUMN; used++)
        text_put_char(out, ' ');
    if (field->value[0] == '\0')
        text_put_char(out, '\n');
    else
        put_value(out, field->value, indent + NAME_COLUMN);
}

static void put_fields(const struct ladder *ladder, struct text *out, const struct message *message)
{
    if (!ladder->is_brief && !message_fields(message, put_field, out))
        out->failed = true;
}

/* ---- exchanges ---- */

/* "OFFER  10.0.0.1:67 -> 10.0.0.9:68  300 bytes" */
static void put_message(struct text *out, const struct message *message)
{
    message_put_type(out, message);
    text_put(out, "  ");
    endpoint_put(out, &message->source);
    text_put(out, " -> ");
    endpoint_put(out, &message->destination);
    text_format(out, "  %lu bytes", (unsigned long)message->length);
}

static const char *origin_text(enum address_origin origin)
{
    static const char *const texts[] = {
        [ADDRESS_UNICAST] = "",
        [ADDRESS_GIVEN] = ", as given",
        [ADDRESS_OBSERVED] = ", a server of the capture",
        [ADDRESS_MADE_UP] = ", made up",
    };
    return texts[origin];
}

static void put_request(const struct ladder *ladder, struct text *out,
                        const struct exchange *exchange)
{
    const struct message *request = exchange->request;
    text_put(out, "  ");
    ladder_put_time(out, exchange->time);
    text_put(out, "  ");
    put_message(out, request);
    if (exchange->origin != ADDRESS_UNICAST) {
        text_put(out, ", heard at ");
        text_put_address(out, exchange->local.address, exchange->local.length);
        text_put(out, origin_text(exchange->origin));
    }
    text_put_char(out, '\n');
    put_fields(ladder, out, request);
}

/* What providers got instead of what came in. */
static void put_repaired(const struct ladder *ladder, struct text *out,
                         const struct exchange *exchange)
{
    const struct message *repaired = exchange_repaired(exchange);
    if (repaired == NULL)
        return;
    text_format(out, "  repaired  %s: %lu bytes\n", exchange->repair,
                (unsigned long)repaired->length);
    put_fields(ladder, out, repaired);
}

static void put_reply(const struct ladder *ladder, struct text *out,
                      const struct exchange_reply *reply)
{
    text_put(out, "  reply     ");
    put_message(out, &reply->message);
    text_format(out, ", by %s\n", reply->provider != NULL ? reply->provider : "(unknown)");
    put_fields(ladder, out, &reply->message);
}

void exchange_put_outcome(struct text *out, const struct exchange *exchange)
{
    if (!exchange->has_ended) {
        text_put(out, "not ended");
        return;
    }
    if (exchange->reply_count > 0)
        text_put(out, exchange->action != NULL ? exchange->action : "answered");
    else
        text_format(out, "no answer, %s",
                    exchange->no_answer != NULL ? exchange->no_answer : "reason unknown");
    if (exchange->provider != NULL)
        text_format(out, ", by %s", exchange->provider);
    text_format(out, ", %llu.%u \u00b5s", (unsigned long long)(exchange->nanoseconds / 1000),
                (unsigned)(exchange->nanoseconds % 1000 / 100));
}

void ladder_put(struct ladder *ladder, struct text *out, const struct exchange *exchange)
{
    if (!ladder->is_empty && !ladder->is_brief)
        text_put_char(out, '\n');
    ladder->is_empty = false;
    exchanges_put_frame(ladder->list, out, exchange->request->number);
    text_put(out, "  ");
    message_put_client(out, exchange->request);
    text_put_char(out, '\n');
    put_request(ladder, out, exchange);
    put_repaired(ladder, out, exchange);
    for (size_t i = 0; i < exchange->reply_count; i++)
        put_reply(ladder, out, &exchange->replies[i]);
    if (exchange->more_replies > 0)
        text_format(out, "  and %lu more replies\n", (unsigned long)exchange->more_replies);
    text_put(out, "  outcome   ");
    exchange_put_outcome(out, exchange);
    text_put_char(out, '\n');
}
