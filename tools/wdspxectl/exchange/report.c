#include "exchange/report.h"

#include <string.h>
#include <stdlib.h>

#include "exchange/report_style.h" /* made of report.css by the build */
#include "text/html.h"
#include "exchange/ladder.h"

/* ---- head ---- */

static void put_head(struct text *out, const struct report *report)
{
    text_put(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'unsafe-inline'\">\n<title>Replay: ");
    html_text(out, report->title);
    text_put(out, "</title>\n<style>\n");
    text_put(out, report_style);
    text_put(out, "</style></head>\n<body><main>\n<h1>Replay of ");
    html_text(out, report->title);
    text_put(out, "</h1>\n<div class=\"muted\">");
    for (size_t i = 0; report->list->capture_names[i] != NULL; i++) {
        text_put(out, i > 0 ? ", " : "");
        html_text(out, report->list->capture_names[i]);
    }
    text_put(out, "</div>\n");
}

/* ---- numbers ---- */

static void put_card(struct text *out, uint64_t number, const char *name, bool is_alarm)
{
    text_format(out, "<div class=\"card%s\"><b>%llu</b>%s</div>", is_alarm ? " alarm" : "",
                (unsigned long long)number, name);
}

static void put_cards(struct text *out, const struct report *report)
{
    text_put(out, "<div class=\"cards\">");
    put_card(out, report->asked, "requests", false);
    put_card(out, report->answered, "answered", false);
    put_card(out, report->ignored, "ignored", false);
    put_card(out, report->unanswered, "without answer", false);
    put_card(out, report->replies, "replies", false);
    put_card(out, report->findings, "findings", report->findings > 0);
    if (report->has_golden)
        put_card(out, report->differences, "differences from the golden file",
                 report->differences > 0);
    text_put(out, "</div>\n");
}

static void put_string_cell(struct text *out, const char *string)
{
    text_put(out, "<td>");
    html_text(out, string != NULL ? string : "unknown");
    text_put(out, "</td>");
}

static void put_tallies(struct text *out, const struct report *report)
{
    if (report->tally_count == 0)
        return;
    text_put(out, "<h2>Findings</h2><div class=\"panel\"><table class=\"findings\"><thead><tr>"
                  "<th>rule</th><th>provider</th><th>call</th><th class=\"number\">times</th>"
                  "<th>first at</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->tally_count; i++) {
        const struct finding_tally *tally = &report->tallies[i];
        SCOPED_TEXT first = TEXT_EMPTY;
        if (tally->first_number != 0)
            exchanges_put_frame(report->list, &first, tally->first_number);
        text_put(out, "<tr class=\"bad\">");
        put_string_cell(out, tally->rule_name);
        put_string_cell(out, tally->provider);
        put_string_cell(out, tally->call);
        text_format(out, "<td class=\"number\">%llu</td>", (unsigned long long)tally->count);
        put_string_cell(out, text_chars(&first));
        text_put(out, "</tr>\n");
    }
    text_put(out, "</tbody></table></div>\n");
}

static void put_time_cell(struct text *out, uint64_t nanoseconds)
{
    text_format(out, "<td class=\"number\">%llu.%u \u00b5s</td>",
                (unsigned long long)(nanoseconds / 1000), (unsigned)(nanoseconds % 1000 / 100));
}

static void put_timings(struct text *out, const struct report *report)
{
    if (report->timing_count == 0)
        return;
    text_put(out, "<h2>Time in callbacks</h2><div class=\"panel\"><table class=\"timing\"><thead>"
                  "<tr><th>provider</th><th class=\"number\">callbacks</th>"
                  "<th class=\"number\">median</th><th class=\"number\">p99</th>"
                  "<th class=\"number\">maximum</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < report->timing_count; i++) {
        const struct histogram *histogram = &report->timings[i].nanoseconds;
        text_put(out, "<tr>");
        put_string_cell(out, report->timings[i].provider);
        text_format(out, "<td class=\"number\">%llu</td>", (unsigned long long)histogram->count);
        put_time_cell(out, histogram_permille(histogram, 500));
        put_time_cell(out, histogram_permille(histogram, 990));
        put_time_cell(out, histogram->maximum);
        text_put(out, "</tr>\n");
    }
    text_put(out, "</tbody></table></div>\n");
}

/* ---- clients ---- */

/* An exchange with the client that it belongs to, for sorting. */
struct entry {
    char *client;
    size_t index;
    size_t first; /* index of the client's first exchange */
};

static int compare_client(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = strcmp(a->client, b->client);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static int compare_first(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static void free_entries(struct entry *entries, size_t count)
{
    for (size_t i = 0; entries != NULL && i < count; i++)
        free(entries[i].client);
    free(entries);
}

/* Clients by their first exchange, exchanges of each in order. NULL if memory is short. */
static struct entry *sort_by_client(const struct exchange_list *list, size_t count)
{
    struct entry *entries = calloc(count + 1, sizeof(*entries));
    for (size_t i = 0; entries != NULL && i < count; i++) {
        struct text client = TEXT_EMPTY;
        message_put_client(&client, list->exchanges[i].request);
        entries[i] = (struct entry){client.chars, i, i};
        if (client.failed) {
            free_entries(entries, i + 1);
            return NULL;
        }
    }
    if (entries == NULL)
        return NULL;
    qsort(entries, count, sizeof(*entries), compare_client);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(entries[i].client, entries[i - 1].client) == 0)
            entries[i].first = entries[i - 1].first;
    }
    qsort(entries, count, sizeof(*entries), compare_first);
    return entries;
}

static void flush(struct text *out, const struct report_sink *sink)
{
    sink->put(out, sink->context);
    text_clear(out);
}

static void put_client(struct text *out, const struct report_client *client, const char *name,
                       const struct report_sink *sink)
{
    text_put(out, "<section class=\"client\"><h2>");
    html_text(out, name);
    text_put(out, "</h2><div class=\"panel\">\n");
    report_put_ladder(out, client);
    text_put(out, "</div><div class=\"panel\">\n");
    for (size_t i = 0; i < client->count; i++) {
        report_put_exchange(out, client->list, client->exchanges[i]);
        flush(out, sink);
    }
    text_put(out, "</div></section>\n");
    flush(out, sink);
}

static bool put_clients(struct text *out, const struct report *report,
                        const struct report_sink *sink)
{
    size_t count =
        report->list->count < REPORT_EXCHANGES_MAX ? report->list->count : REPORT_EXCHANGES_MAX;
    struct entry *entries = sort_by_client(report->list, count);
    SCOPED_MEMORY size_t *indexes = calloc(count + 1, sizeof(*indexes));
    bool good = entries != NULL && indexes != NULL;
    for (size_t i = 0, end; good && i < count; i = end) {
        for (end = i; end < count && entries[end].first == entries[i].first; end++)
            indexes[end] = entries[end].index;
        put_client(out,
                   &(struct report_client){
                       .list = report->list,
                       .count = end - i,
                       .exchanges = indexes + i,
                   },
                   entries[i].client, sink);
    }
    free_entries(entries, count);
    if (count < report->list->count)
        text_format(out, "<p class=\"warn\">The first %lu of %lu requests are shown.</p>\n",
                    (unsigned long)count, (unsigned long)report->list->count);
    return good;
}

bool report_write(const struct report *report, const struct report_sink *sink)
{
    SCOPED_TEXT out = TEXT_EMPTY;
    put_head(&out, report);
    put_cards(&out, report);
    put_tallies(&out, report);
    put_timings(&out, report);
    flush(&out, sink);
    bool good = put_clients(&out, report, sink);
    text_put(&out, "<p class=\"muted\">wdspxectl ");
    html_text(&out, report->version);
    text_put(&out, "</p>\n</main></body></html>\n");
    flush(&out, sink);
    return good && !out.failed;
}
