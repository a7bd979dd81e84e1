/* The packets of the report: one line each, which unfolds to every field and the bytes. */
#include "decode/fields.h"
#include "text/html.h"
#include "exchange/exchange_json.h"
#include "exchange/ladder.h"
#include "exchange/report.h"
#include "text/text_net.h"

enum { HEX_PER_LINE = 16 };

void report_put_id(struct text *out, size_t exchange_index, size_t packet)
{
    text_format(out, "p%lu-%lu", (unsigned long)exchange_index, (unsigned long)packet);
}

static void put_field(const struct field *field, void *context)
{
    struct text *out = context;
    SCOPED_TEXT hex = TEXT_EMPTY;
    if (field->kind == FIELD_REMARK) {
        text_put(out, "<tr class=\"bad\"><td></td><td colspan=\"2\">");
        html_text(out, field->value);
        text_put(out, "</td></tr>");
        return;
    }
    text_put_hex(&hex, field->bytes, field->length);
    text_format(out, "<tr class=\"d%u%s\"><td>", field->depth < 6 ? field->depth : 6,
                field->kind == FIELD_HEADER ? " fixed" : "");
    if (field->kind == FIELD_OPTION)
        html_text(out, field->id);
    text_put(out, "</td><td>");
    html_text(out, field->name);
    text_put(out, "</td><td title=\"");
    html_text_of(out, &hex);
    text_put(out, "\">");
    html_text(out, field->value);
    text_put(out, "</td></tr>\n");
}

static void put_hex_line(struct text *out, const uint8_t *packet, size_t at, size_t length)
{
    SCOPED_TEXT ascii = TEXT_EMPTY;
    text_format(out, "%04lx ", (unsigned long)at);
    for (size_t i = 0; i < HEX_PER_LINE; i++) {
        bool is_there = at + i < length;
        text_format(out, is_there ? " %02x" : "   ", is_there ? (unsigned)packet[at + i] : 0);
        if (is_there)
            text_put_char(&ascii, packet[at + i] >= 0x20 && packet[at + i] < 0x7f
                                      ? (char)packet[at + i]
                                      : '.');
    }
    text_put(out, "  ");
    html_text_of(out, &ascii);
    text_put_char(out, '\n');
}

static void put_bytes(struct text *out, const struct message *message)
{
    text_put(out, "<pre class=\"hex\">");
    for (size_t at = 0; at < message->length; at += HEX_PER_LINE)
        put_hex_line(out, message->packet, at, message->length);
    text_put(out, "</pre>");
}

/* Where a packet is in the page. */
struct place {
    size_t exchange_index;
    size_t number; /* 0: the request; behind the replies: what it was repaired to */
};

static void put_packet(struct text *out, struct place place, const char *class,
                       const struct message *message, const struct text *note)
{
    SCOPED_TEXT type = TEXT_EMPTY, way = TEXT_EMPTY;
    message_put_type(&type, message);
    endpoint_put(&way, &message->source);
    text_put(&way, " \u2192 ");
    endpoint_put(&way, &message->destination);
    text_format(out, "<details class=\"packet %s\"><summary><b>", class);
    html_text_of(out, &type);
    text_put(out, "</b> <span class=\"way\">");
    html_text_of(out, &way);
    text_format(out, "</span> <span class=\"muted\">%lu bytes", (unsigned long)message->length);
    html_text_of(out, note);
    text_put(out, "</span></summary><div class=\"inside\" id=\"");
    report_put_id(out, place.exchange_index, place.number);
    text_put(out, "\"><table class=\"fields\"><tbody>\n");
    if (!message_fields(message, put_field, out))
        out->failed = true;
    text_put(out, "</tbody></table>");
    put_bytes(out, message);
    text_put(out, "</div></details>\n");
}

static void put_request(struct text *out, const struct exchange_list *list, size_t index)
{
    const struct exchange *exchange = &list->exchanges[index];
    const struct message *repaired = exchange_repaired(exchange);
    SCOPED_TEXT note = TEXT_EMPTY;
    text_put(&note, ", ");
    exchanges_put_frame(list, &note, exchange->request->number);
    text_put(&note, " at ");
    ladder_put_time(&note, exchange->time);
    text_put(&note, " s");
    put_packet(out, (struct place){index, 0}, "request", exchange->request, &note);
    if (repaired == NULL)
        return;
    text_clear(&note);
    text_format(&note, ", as providers got it: %s", exchange->repair);
    put_packet(out, (struct place){index, exchange->reply_count + 1}, "request repaired", repaired,
               &note);
}

static void put_reply(struct text *out, const struct exchange_list *list, size_t index,
                      size_t number)
{
    const struct exchange_reply *reply = &list->exchanges[index].replies[number];
    SCOPED_TEXT note = TEXT_EMPTY;
    if (reply->provider != NULL)
        text_format(&note, ", by %s", reply->provider);
    put_packet(out, (struct place){index, number + 1}, "reply", &reply->message, &note);
}

static void put_outcome(struct text *out, const struct exchange *exchange)
{
    SCOPED_TEXT outcome = TEXT_EMPTY;
    exchange_put_outcome(&outcome, exchange);
    text_format(out, "<p class=\"outcome %s\">", exchange->reply_count > 0 ? "muted" : "warn");
    html_text_of(out, &outcome);
    text_put(out, "</p>");
}

static void put_finding(struct text *out, const struct exchange_list *list,
                        const struct finding *finding)
{
    struct finding shown = *finding;
    struct writer line;
    shown.reproducer = NULL;
    writer_start(&line, false);
    finding_write(&line, list, &shown);
    text_put(out, "<p class=\"bad\">");
    html_text_of(out, &line.text);
    text_put(out, "</p>");
    writer_free(&line);
}

void report_put_exchange(struct text *out, const struct exchange_list *list, size_t exchange_index)
{
    const struct exchange *exchange = &list->exchanges[exchange_index];
    text_put(out, "<div class=\"exchange\">");
    put_request(out, list, exchange_index);
    for (size_t i = 0; i < exchange->reply_count; i++)
        put_reply(out, list, exchange_index, i);
    put_outcome(out, exchange);
    for (size_t i = 0; i < exchange->finding_count; i++)
        put_finding(out, list, &exchange->findings[i].finding);
    text_put(out, "</div>\n");
}
