/* The ladder diagrams of the report: SVG inside of the page, coloured by its style sheet. */
#include "text/html.h"
#include "exchange/ladder.h"
#include "exchange/report.h"
#include "text/text_net.h"

enum {
    WIDTH = 1020,
    TIME_X = 8,
    CLIENT_X = 130,
    SERVER_X = 640,
    NOTE_X = 660,
    HEAD = 52,
    ROW = 46,
    TAIL = 16,
    LABEL_CHARACTERS = 64,
    NOTE_CHARACTERS = 45,
};

static void put_arrow(struct text *out, int y, bool to_server, const char *class)
{
    int from = to_server ? CLIENT_X : SERVER_X, to = to_server ? SERVER_X : CLIENT_X;
    int back = to_server ? -9 : 9;
    text_format(out, "<line class=\"arrow %s\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", class,
                from, y, to + back, y);
    text_format(out, "<path class=\"head %s\" d=\"M%d %dl%d -5v10z\"/>", class, to, y, back);
}

/* Cuts what would leave its place in the drawing. */
static void fit(struct text *text, size_t characters)
{
    if (text_width(text_chars(text)) <= characters)
        return;
    text_shorten(text, text_span_of(text_chars(text), characters - 1));
    text_put(text, "\u2026");
}

/* On the arrow, or under it. */
static void put_label(struct text *out, int y, const char *class, struct text *label)
{
    text_format(out, "<text class=\"label %s\" x=\"%d\" y=\"%d\">", class,
                (CLIENT_X + SERVER_X) / 2, y);
    fit(label, LABEL_CHARACTERS);
    html_text_of(out, label);
    text_put(out, "</text>");
}

static void put_note(struct text *out, int y, const char *class, struct text *note)
{
    text_format(out, "<text class=\"note %s\" x=\"%d\" y=\"%d\">", class, (int)NOTE_X, y + 4);
    fit(note, NOTE_CHARACTERS);
    html_text_of(out, note);
    text_put(out, "</text>");
}

static void begin_link(struct text *out, size_t exchange_index, size_t packet)
{
    text_put(out, "<a href=\"#");
    report_put_id(out, exchange_index, packet);
    text_put(out, "\">");
}

static void put_request(struct text *out, const struct report_client *client, size_t index, int y)
{
    const struct exchange *exchange = &client->list->exchanges[index];
    const struct message *request = exchange->request;
    SCOPED_TEXT label = TEXT_EMPTY, note = TEXT_EMPTY;
    begin_link(out, index, 0);
    text_format(out, "<text class=\"time\" x=\"%d\" y=\"%d\">", (int)TIME_X, y + 4);
    ladder_put_time(out, exchange->time);
    text_put(out, " s</text>");
    put_arrow(out, y, true, "request");
    message_put_type(&label, request);
    put_label(out, y - 7, "request", &label);
    endpoint_put(&note, &request->destination);
    text_format(&note, ", frame %llu", (unsigned long long)message_frame(request->number));
    put_note(out, y, "muted", &note);
    text_put(out, "</a>");
}

static void put_reply(struct text *out, const struct report_client *client, size_t index,
                      size_t number, int y)
{
    const struct exchange_reply *reply = &client->list->exchanges[index].replies[number];
    SCOPED_TEXT label = TEXT_EMPTY, file = TEXT_EMPTY, note = TEXT_EMPTY;
    begin_link(out, index, number + 1);
    put_arrow(out, y, false, "reply");
    message_put_type(&label, &reply->message);
    put_label(out, y - 7, "reply", &label);
    message_put_boot_file(&file, &reply->message);
    if (file.length > 0)
        put_label(out, y + 14, "file", &file);
    text_put(&note, "to ");
    endpoint_put(&note, &reply->message.destination);
    if (reply->provider != NULL)
        text_format(&note, ", by %s", reply->provider);
    put_note(out, y, "muted", &note);
    text_put(out, "</a>");
}

/* Where an answer would stand. */
static void put_no_answer(struct text *out, const struct exchange *exchange, int y)
{
    SCOPED_TEXT note = TEXT_EMPTY;
    text_format(out, "<path class=\"cross\" d=\"M%d %dl10 10m0 -10l-10 10\"/>", SERVER_X - 5,
                y - 5);
    exchange_put_outcome(&note, exchange);
    put_note(out, y, "warn", &note);
}

static void put_finding(struct text *out, const struct finding *finding, int y)
{
    SCOPED_TEXT note = TEXT_EMPTY;
    text_format(out, "<circle class=\"finding\" cx=\"%d\" cy=\"%d\" r=\"6\"/>", (int)SERVER_X, y);
    text_format(&note, "%s in %s", finding->rule_name != NULL ? finding->rule_name : "?",
                finding->call != NULL ? finding->call : "?");
    put_note(out, y, "bad", &note);
}

static size_t rows_of(const struct exchange *exchange)
{
    size_t replies = exchange->reply_count;
    return 1 + (replies > 0 ? replies : 1) + exchange->finding_count;
}

/* Returns the y of the row behind. */
static int put_exchange(struct text *out, const struct report_client *client, size_t index, int y)
{
    const struct exchange *exchange = &client->list->exchanges[index];
    put_request(out, client, index, y);
    y += ROW;
    for (size_t i = 0; i < exchange->reply_count; i++, y += ROW)
        put_reply(out, client, index, i, y);
    if (exchange->reply_count == 0) {
        put_no_answer(out, exchange, y);
        y += ROW;
    }
    for (size_t i = 0; i < exchange->finding_count; i++, y += ROW)
        put_finding(out, &exchange->findings[i].finding, y);
    return y;
}

static void put_lifeline(struct text *out, int x, int height, const char *name)
{
    text_format(out, "<rect class=\"actor\" x=\"%d\" y=\"6\" width=\"92\" height=\"26\" rx=\"6\"/>",
                x - 46);
    text_format(out, "<text class=\"actor-name\" x=\"%d\" y=\"24\">%s</text>", x, name);
    text_format(out, "<line class=\"life\" x1=\"%d\" y1=\"32\" x2=\"%d\" y2=\"%d\"/>", x, x,
                height - 4);
}

void report_put_ladder(struct text *out, const struct report_client *client)
{
    size_t rows = 0;
    for (size_t i = 0; i < client->count; i++)
        rows += rows_of(&client->list->exchanges[client->exchanges[i]]);
    int height = HEAD + (int)rows * ROW + TAIL, y = HEAD + ROW / 2;
    text_format(out,
                "<svg class=\"ladder\" viewBox=\"0 0 %d %d\" role=\"img\" "
                "aria-label=\"ladder diagram\">",
                (int)WIDTH, height);
    put_lifeline(out, CLIENT_X, height, "client");
    put_lifeline(out, SERVER_X, height, "provider");
    for (size_t i = 0; i < client->count; i++)
        y = put_exchange(out, client, client->exchanges[i], y);
    text_put(out, "</svg>\n");
}
