/* "status" for Prometheus: its text exposition format, version 0.0.4. */
#include "status/status.h"

#include <stddef.h>
#include <wchar.h>

/* ---- lines ---- */

/* Each metric's samples stand together, below these two lines. */
static void put_head(struct text *text, const wchar_t *name, const wchar_t *type,
                     const wchar_t *help)
{
    text_format(text, L"# HELP wdspxe_%ls %ls\n# TYPE wdspxe_%ls %ls\n", name, help, name, type);
}

static void put_single(struct text *text, const wchar_t *name, const wchar_t *type,
                       const wchar_t *help, ULONGLONG value)
{
    put_head(text, name, type, help);
    text_format(text, L"wdspxe_%ls %llu\n", name, (unsigned long long)value);
}

static void put_escaped(struct text *text, const wchar_t *value)
{
    for (; *value != L'\0'; value++) {
        if (*value == L'\n') {
            text_put(text, L"\\n");
            continue;
        }
        if (*value == L'\\' || *value == L'"')
            text_put_char(text, L'\\');
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
    text_put(text, L"provider=\"");
    put_escaped(text, status->Providers[index].szName);
    text_put_char(text, L'"');
    if (is_named_before(status, index))
        text_format(text, L",place=\"%lu\"", index + 1);
}

/* interface="10.0.0.2" */
static void put_interface_label(struct text *text, const WDSPXE_EXT_INTERFACE_STATUS *nic)
{
    text_put(text, L"interface=\"");
    status_put_interface(text, nic);
    text_put_char(text, L'"');
}

static void put_seconds(struct text *text, ULONGLONG microseconds)
{
    text_format(text, L"%llu.%06llu\n", (unsigned long long)(microseconds / 1000000),
                (unsigned long long)(microseconds % 1000000));
}

/* The samples of a summary; `label` may be "". */
static void put_summary(struct text *text, const wchar_t *name, const wchar_t *label,
                        const WDSPXE_EXT_DURATION *duration)
{
    const struct {
        const wchar_t *quantile;
        ULONGLONG value;
    } points[] = {{L"0.5", duration->uP50}, {L"0.9", duration->uP90}, {L"0.99", duration->uP99}};
    const wchar_t *comma = label[0] != L'\0' ? L"," : L"";
    const wchar_t *open = label[0] != L'\0' ? L"{" : L"";
    const wchar_t *close = label[0] != L'\0' ? L"}" : L"";

    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        text_format(text, L"wdspxe_%ls{%ls%lsquantile=\"%ls\"} ", name, label, comma,
                    points[i].quantile);
        put_seconds(text, points[i].value);
    }
    text_format(text, L"wdspxe_%ls_sum%ls%ls%ls ", name, open, label, close);
    put_seconds(text, duration->uSum);
    text_format(text, L"wdspxe_%ls_count%ls%ls%ls %llu\n", name, open, label, close,
                (unsigned long long)duration->uCount);
}

/* ---- what there is ---- */

static void put_server(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    const WDSPXE_EXT_COUNTERS *counters = &status->Counters;

    put_single(text, L"paused", L"gauge", L"1 while the server is paused, else 0.",
               status->uState == WDSPXE_EXT_PAUSED);
    put_single(text, L"uptime_seconds", L"gauge", L"Seconds since the server was started.",
               status->uMilliseconds / 1000);
    put_single(text, L"open_requests", L"gauge", L"Requests without a decision.",
               counters->uOpenRequests);
    put_single(text, L"open_packets", L"gauge", L"Packets that providers hold.",
               counters->uOpenPackets);
    put_single(text, L"packets_reclaimed_total", L"counter",
               L"Packets that providers left unfreed.", counters->uReclaimed);
    put_head(text, L"unseen_total", L"counter",
             L"Datagrams dropped before they became requests, when more came than were handled.");
    text_format(text, L"wdspxe_unseen_total{kind=\"repeat\"} %llu\n",
                (unsigned long long)counters->uUnseenRepeats);
    text_format(text, L"wdspxe_unseen_total{kind=\"other\"} %llu\n",
                (unsigned long long)counters->uUnseenOthers);
    put_head(text, L"request_duration_seconds", L"summary",
             L"Answered requests, from receipt to end.");
    put_summary(text, L"request_duration_seconds", L"", &status->Duration);
}

/* A counter that each provider, or each interface, has: where it is in the struct. */
struct column {
    const wchar_t *name;
    const wchar_t *help;
    size_t offset;
};

static ULONGLONG column_value(const void *row, const struct column *column)
{
    return *(const ULONGLONG *)((const char *)row + column->offset);
}

static void put_interfaces(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    static const struct column columns[] = {
        {L"requests_received_total", L"Datagrams received.",
         offsetof(WDSPXE_EXT_INTERFACE_STATUS, uReceived)},
        {L"requests_answered_total", L"Requests that a provider answered.",
         offsetof(WDSPXE_EXT_INTERFACE_STATUS, uAnswered)},
        {L"replies_sent_total", L"Replies sent.", offsetof(WDSPXE_EXT_INTERFACE_STATUS, uReplies)},
        {L"reply_send_errors_total", L"Replies that could not be sent.",
         offsetof(WDSPXE_EXT_INTERFACE_STATUS, uSendErrors)},
    };

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        put_head(text, columns[i].name, L"counter", columns[i].help);
        for (ULONG j = 0; j < status->cInterfaces; j++) {
            text_format(text, L"wdspxe_%ls{", columns[i].name);
            put_interface_label(text, &status->Interfaces[j]);
            text_format(text, L"} %llu\n",
                        (unsigned long long)column_value(&status->Interfaces[j], &columns[i]));
        }
    }
}

static void put_interface_drops(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    put_head(text, L"requests_dropped_total", L"counter",
             L"Requests that nobody answered, by reason.");
    for (ULONG i = 0; i < status->cInterfaces; i++)
        for (unsigned kind = 0; kind < WDSPXE_EXT_DROP_KINDS; kind++) {
            text_put(text, L"wdspxe_requests_dropped_total{");
            put_interface_label(text, &status->Interfaces[i]);
            text_format(text, L",reason=\"%ls\"} %llu\n", status_drop_name(kind),
                        (unsigned long long)status->Interfaces[i].uDropped[kind]);
        }
}

static void put_providers(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    static const struct column columns[] = {
        {L"provider_offered_total", L"Requests that the provider was called with.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uOffered)},
        {L"provider_filtered_total", L"Requests that its filter kept away from the provider.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uFiltered)},
        {L"provider_answered_total", L"Requests that the provider answered.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uAnswered)},
        {L"provider_ignored_total", L"Requests that the provider chose to ignore.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uIgnored)},
        {L"provider_rejected_total", L"Requests that the provider passed on, failed ones as well.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uRejected)},
        {L"provider_failed_total", L"Errors and exceptions of the provider's callback.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uFailed)},
        {L"provider_pended_total", L"Requests that the provider decided later.",
         offsetof(WDSPXE_EXT_PROVIDER_STATUS, uPended)},
    };

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        put_head(text, columns[i].name, L"counter", columns[i].help);
        for (ULONG j = 0; j < status->cProviders; j++) {
            text_format(text, L"wdspxe_%ls{", columns[i].name);
            put_provider_label(text, status, j);
            text_format(text, L"} %llu\n",
                        (unsigned long long)column_value(&status->Providers[j], &columns[i]));
        }
    }
}

static void put_provider_durations(struct text *text, const WDSPXE_EXT_STATUS *status)
{
    const wchar_t *name = L"provider_duration_seconds";

    put_head(text, name, L"summary", L"From a provider's being called to its decision.");
    for (ULONG i = 0; i < status->cProviders; i++) {
        struct text label = TEXT_EMPTY;
        put_provider_label(&label, status, i);
        put_summary(text, name, text_chars(&label), &status->Providers[i].Duration);
        text_free(&label);
    }
}

void status_put_prometheus(struct text *text, const struct server_status *server)
{
    put_server(text, &server->status);
    put_interfaces(text, &server->status);
    put_interface_drops(text, &server->status);
    put_providers(text, &server->status);
    put_provider_durations(text, &server->status);
}
