/* "status" for Prometheus: its text exposition format, version 0.0.4. */
#include "status/status.h"
#include "text/wide.h"

#include <string.h>
#include <stddef.h>

/* ---- lines ---- */

/* Each metric's samples stand together, below these two lines. */
static void put_head(struct text *text, const char *name, const char *type, const char *help)
{
    text_format(text, "# HELP wdspxe_%s %s\n# TYPE wdspxe_%s %s\n", name, help, name, type);
}

static void put_single(struct text *text, const char *name, const char *type, const char *help,
                       ULONGLONG value)
{
    put_head(text, name, type, help);
    text_format(text, "wdspxe_%s %llu\n", name, (unsigned long long)value);
}

static void put_escaped(struct text *text, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\n') {
            text_put(text, "\\n");
            continue;
        }
        if (*value == '\\' || *value == '"')
            text_put_char(text, '\\');
        text_put_char(text, *value);
    }
}

static bool is_named_before(const WDSPXE_EXT_STATUS *status, ULONG index)
{
    for (ULONG i = 0; i < index; i++)
        if (wcscmp(status->Providers[i].szName, status->Providers[index].szName) == 0)
            return true;
    return false;
}

/*
 * provider="name", and place="2" if one that is called earlier has the same name: very long names
 * are cut, and a series that comes twice makes Prometheus refuse the whole page.
 */
static void put_provider_label(struct text *text, const WDSPXE_EXT_STATUS *status, ULONG index)
{
    SCOPED_TEXT name = TEXT_EMPTY;
    text_put_wide(&name, status->Providers[index].szName);
    text_put(text, "provider=\"");
    put_escaped(text, text_chars(&name));
    text_put_char(text, '"');
    if (is_named_before(status, index))
        text_format(text, ",place=\"%lu\"", index + 1);
}

/* interface="10.0.0.2" */
static void put_interface_label(struct text *text, const WDSPXE_EXT_INTERFACE_STATUS *nic)
{
    text_put(text, "interface=\"");
    status_put_interface(text, nic);
    text_put_char(text, '"');
}

static void put_seconds(struct text *text, ULONGLONG microseconds)
{
    text_format(text, "%llu.%06llu\n", (unsigned long long)(microseconds / 1000000),
                (unsigned long long)(microseconds % 1000000));
}

/* The samples of a summary; `label` may be "". */
static void put_summary(struct text *text, const char *name, const char *label,
                        const WDSPXE_EXT_DURATION *duration)
{
    const struct {
        const char *quantile;
        ULONGLONG value;
    } points[] = {{"0.5", duration->uP50}, {"0.9", duration->uP90}, {"0.99", duration->uP99}};
    const char *comma = label[0] != '\0' ? "," : "";
    const char *open = label[0] != '\0' ? "{" : "";
    const char *close = label[0] != '\0' ? "}" : "";

    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        text_format(text, "wdspxe_%s{%s%squantile=\"%s\"} ", name, label, comma,
                    points[i].quantile);
        put_seconds(text, points[i].value);
    }
    text_format(text, "wdspxe_%s_sum%s%s%s ", name, open, label, close);
    put_seconds(text, duration->uSum);
    text_format(text, "wdspxe_%s_count%s%s%s %llu\n", name, open, label, close,
                (unsigned long long)duration->uCount);
}

/* ---- what there is ---- */

/* why_not_native is empty unless it should be the native one. */
static void put_network(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    SCOPED_TEXT kind = TEXT_EMPTY, why_not = TEXT_EMPTY;

    text_put_wide(&kind, status->szNetwork);
    text_put_wide(&why_not, status->szNotNative);
    put_head(text, "network_info", "gauge", "1; what the network is made of.");
    text_put(text, "wdspxe_network_info{network=\"");
    put_escaped(text, text_chars(&kind));
    text_put(text, "\",why_not_native=\"");
    put_escaped(text, text_chars(&why_not));
    text_put(text, "\"} 1\n");
}

static const ULONGLONG SECONDS_1601_TO_1970 = 11644473600;

/* Seconds since 1970; 0: no client was taken over. */
static ULONGLONG last_taken_over(const struct server_status *server)
{
    const ULARGE_INTEGER taken = {
        .u = {.LowPart = server->taken.dwLowDateTime, .HighPart = server->taken.dwHighDateTime}};

    if (server->status.uTakenOver == 0)
        return 0;
    return taken.QuadPart / 10000000 - SECONDS_1601_TO_1970 - server->status.uLastTakenOver / 1000;
}

static void put_server(struct text *text, const struct server_status *server)
{
    const WDSPXE_EXT_STATUS *status = &server->status;
    const WDSPXE_EXT_COUNTERS *counters = &status->Counters;

    put_single(text, "paused", "gauge", "1 while the server is paused, else 0.",
               status->uState == WDSPXE_EXT_PAUSED);
    put_single(text, "uptime_seconds", "gauge", "Seconds since the server was started.",
               status->uMilliseconds / 1000);
    put_single(text, "open_requests", "gauge", "Requests without a decision.",
               counters->uOpenRequests);
    put_single(text, "open_packets", "gauge", "Packets that providers hold.",
               counters->uOpenPackets);
    put_single(text, "packets_reclaimed_total", "counter", "Packets that providers left unfreed.",
               counters->uReclaimed);
    put_single(text, "requests_repaired_total", "counter",
               "Requests that were made valid before providers got them.", counters->uRepaired);
    put_head(text, "unseen_total", "counter",
             "Datagrams dropped before they became requests, when more came than were handled.");
    text_format(text, "wdspxe_unseen_total{kind=\"repeat\"} %llu\n",
                (unsigned long long)counters->uUnseenRepeats);
    text_format(text, "wdspxe_unseen_total{kind=\"other\"} %llu\n",
                (unsigned long long)counters->uUnseenOthers);
    put_single(text, "share_buckets", "gauge",
               "Buckets of 256 whose clients are this server's (LoadBalanceBuckets).",
               status->cBuckets);
    put_single(text, "taken_over_total", "counter",
               "Other servers' clients answered here, once for each boot: one of them is silent.",
               status->uTakenOver);
    put_single(text, "last_taken_over_timestamp_seconds", "gauge",
               "When the latest of them was, in seconds since 1970; 0: none was.",
               last_taken_over(server));
    put_single(text, "all_threads_held_seconds_total", "counter",
               "Seconds with every thread in a callback that does not return while requests wait.",
               status->uAllHeld);
    put_network(text, status);
    put_head(text, "request_duration_seconds", "summary",
             "Answered requests, from receipt to end.");
    put_summary(text, "request_duration_seconds", "", &status->Duration);
}

/* A counter that each provider, or each interface, has: where it is in the struct. */
struct column {
    const char *name;
    const char *help;
    size_t offset;
};

static ULONGLONG column_value(const void *row, const struct column *column)
{
    return *(const ULONGLONG *)((const char *)row + column->offset);
}

static void put_interfaces(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    static const struct column columns[] = {
        {"requests_received_total", "Datagrams received.",
         offsetof(WDSPXE_EXT_INTERFACE_STATUS, uReceived)},
        {"requests_answered_total", "Requests that a provider answered.",
         offsetof(WDSPXE_EXT_INTERFACE_STATUS, uAnswered)},
        {"replies_sent_total", "Replies sent.", offsetof(WDSPXE_EXT_INTERFACE_STATUS, uReplies)},
        {"reply_send_errors_total", "Replies that could not be sent.",
         offsetof(WDSPXE_EXT_INTERFACE_STATUS, uSendErrors)},
    };

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        put_head(text, columns[i].name, "counter", columns[i].help);
        for (ULONG j = 0; j < status->cInterfaces; j++) {
            text_format(text, "wdspxe_%s{", columns[i].name);
            put_interface_label(text, &status->Interfaces[j]);
            text_format(text, "} %llu\n",
                        (unsigned long long)column_value(&status->Interfaces[j], &columns[i]));
        }
    }
}

static void put_interface_drops(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    put_head(text, "requests_dropped_total", "counter",
             "Requests that nobody answered, by reason.");
    for (ULONG i = 0; i < status->cInterfaces; i++)
        for (unsigned kind = 0; kind < WDSPXE_EXT_DROP_KINDS; kind++) {
            text_put(text, "wdspxe_requests_dropped_total{");
            put_interface_label(text, &status->Interfaces[i]);
            text_format(text, ",reason=\"%s\"} %llu\n", status_drop_name(kind),
                        (unsigned long long)status->Interfaces[i].uDropped[kind]);
        }
}

static void put_providers(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    static const struct column columns[] = {
        {"provider_offered_total", "Requests that the provider was called with.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uOffered)},
        {"provider_filtered_total", "Requests that its filter kept away from the provider.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uFiltered)},
        {"provider_answered_total", "Requests that the provider answered.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uAnswered)},
        {"provider_ignored_total", "Requests that the provider chose to ignore.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uIgnored)},
        {"provider_rejected_total", "Requests that the provider passed on, failed ones as well.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uRejected)},
        {"provider_failed_total", "Errors and exceptions of the provider's callback.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uFailed)},
        {"provider_pended_total", "Requests that the provider decided later.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uPended)},
        {"provider_warnings_total", "Lines at level WARNING or worse that the provider traced.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uWarnings)},
    };

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        put_head(text, columns[i].name, "counter", columns[i].help);
        for (ULONG j = 0; j < status->cProviders; j++) {
            text_format(text, "wdspxe_%s{", columns[i].name);
            put_provider_label(text, status, j);
            text_format(text, "} %llu\n",
                        (unsigned long long)column_value(&status->Providers[j], &columns[i]));
        }
    }
}

static void put_provider_durations(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    const char *name = "provider_duration_seconds";

    put_head(text, name, "summary", "From a provider's being called to its decision.");
    for (ULONG i = 0; i < status->cProviders; i++) {
        SCOPED_TEXT label = TEXT_EMPTY;
        put_provider_label(&label, status, i);
        put_summary(text, name, text_chars(&label), &status->Providers[i].Duration);
    }
}

void status_put_prometheus(struct text *text, const struct server_status *server)
{
    put_server(text, server);
    put_interfaces(text, &server->status);
    put_interface_drops(text, &server->status);
    put_providers(text, &server->status);
    put_provider_durations(text, &server->status);
}
