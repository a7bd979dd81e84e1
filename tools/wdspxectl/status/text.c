/* "status" for people. */
#include "status/status.h"

#include <string.h>
#include <wchar.h>

#include "text/wide.h"

static const char *state_name(ULONG state)
{
    return state == WDSPXE_EXT_SERVING  ? "serving"
           : state == WDSPXE_EXT_PAUSED ? "paused"
                                        : "stopped";
}

static void put_uptime(struct text *text, ULONGLONG milliseconds)
{
    unsigned long long seconds = milliseconds / 1000;

    if (seconds >= 86400)
        text_format(text, "%llu d ", seconds / 86400);
    text_format(text, "%llu:%02llu:%02llu", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

/* "1.234" */
static void put_milliseconds(struct text *text, ULONGLONG microseconds)
{
    text_format(text, "%llu.%03llu", (unsigned long long)(microseconds / 1000),
                (unsigned long long)(microseconds % 1000));
}

static void put_duration(struct text *text, const WDSPXE_EXT_DURATION *duration)
{
    if (duration->uCount == 0) {
        text_put(text, "-");
        return;
    }
    put_milliseconds(text, duration->uP50);
    text_put(text, " / ");
    put_milliseconds(text, duration->uP90);
    text_put(text, " / ");
    put_milliseconds(text, duration->uP99);
    text_put(text, " / ");
    put_milliseconds(text, duration->uMaximum);
}

static void put_drops(struct text *text, const ULONGLONG *dropped)
{
    bool is_first = true;

    for (unsigned kind = 0; kind < WDSPXE_EXT_DROP_KINDS; kind++) {
        if (dropped[kind] == 0)
            continue;
        text_format(text, "%s%s %llu", is_first ? "" : ", ", status_drop_name(kind),
                    (unsigned long long)dropped[kind]);
        is_first = false;
    }
    if (is_first)
        text_put(text, "-");
}

static void put_whole(struct text *text, const struct server_status *server)
{
    const WDSPXE_EXT_STATUS *status = &server->status;
    const WDSPXE_EXT_COUNTERS *counters = &status->Counters;

    text_format(text, "process %lu, %s for ", server->process, state_name(status->uState));
    put_uptime(text, status->uMilliseconds);
    text_format(text, "\nreceived %llu, answered %llu, replies %llu, send errors %llu, open %lu",
                (unsigned long long)counters->uReceived, (unsigned long long)counters->uAnswered,
                (unsigned long long)counters->uReplies, (unsigned long long)counters->uSendErrors,
                counters->uOpenRequests);
    text_format(text, "\ndropped before handling %llu, of these repeats %llu\nnot answered: ",
                (unsigned long long)(counters->uUnseenRepeats + counters->uUnseenOthers),
                (unsigned long long)counters->uUnseenRepeats);
    put_drops(text, status->uDropped);
    text_put(text, "\nanswered in ms, p50 / p90 / p99 / longest: ");
    put_duration(text, &status->Duration);
    text_put(text, "\n");
    if (status->cBuckets < 256)
        text_format(text, "share %lu of 256 buckets, taken over from other servers %llu\n",
                    status->cBuckets, (unsigned long long)status->uTakenOver);
}

/* A name or a line with nothing in it that moves a cursor. */
static void put_visible(struct text *text, const WCHAR *string, WCHAR *room)
{
    wcscpy(room, string);
    for (WCHAR *at = room; *at != L'\0'; at++)
        *at = text_is_control(*at) ? L'?' : *at;
    text_put_wide(text, room);
}

static void put_told(struct text *text, const struct server_told *told)
{
    WCHAR room[STATUS_TOLD_SIZE];
    FILETIME local;
    SYSTEMTIME time;

    if ((told->when.dwHighDateTime == 0 && told->when.dwLowDateTime == 0) ||
        !FileTimeToLocalFileTime(&told->when, &local) || !FileTimeToSystemTime(&local, &time))
        return;
    text_format(text, "last warning of a provider, %04u-%02u-%02u %02u:%02u:%02u: ", time.wYear,
                time.wMonth, time.wDay, time.wHour, time.wMinute, time.wSecond);
    put_visible(text, told->text, room);
    text_put(text, "\n");
}

static void put_provider(struct text *text, const WDSPXE_EXT_PROVIDER_STATUS *provider)
{
    const ULONGLONG numbers[] = {provider->uOffered, provider->uFiltered, provider->uAnswered,
                                 provider->uIgnored, provider->uRejected, provider->uFailed,
                                 provider->uPended};

    WCHAR visible[sizeof(provider->szName) / sizeof(WCHAR)];
    struct text name = TEXT_EMPTY;

    put_visible(&name, provider->szName, visible);
    text_put_padded(text, text_chars(&name), 20);
    text_free(&name);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        text_format(text, " %9llu", (unsigned long long)numbers[i]);
    text_put(text, "  ");
    put_duration(text, &provider->Duration);
    text_put(text, "\n");
}

static void put_interface(struct text *text, const WDSPXE_EXT_INTERFACE_STATUS *nic)
{
    struct text name = TEXT_EMPTY;

    status_put_interface(&name, nic);
    text_format(text, "%-20s %9llu %9llu %9llu %9llu  ", text_chars(&name),
                (unsigned long long)nic->uReceived, (unsigned long long)nic->uAnswered,
                (unsigned long long)nic->uReplies, (unsigned long long)nic->uSendErrors);
    text_free(&name);
    put_drops(text, nic->uDropped);
    text_put(text, "\n");
}

void status_put_text(struct text *text, const struct server_status *server)
{
    const WDSPXE_EXT_STATUS *status = &server->status;

    put_whole(text, server);
    put_told(text, &server->told);
    text_put(text, "\nprovider               offered  filtered  answered   ignored  rejected    "
                   "failed    pended  took ms, p50 / p90 / p99 / longest\n");
    for (ULONG i = 0; i < status->cProviders; i++)
        put_provider(text, &status->Providers[i]);
    text_put(text, "\ninterface             received  answered   replies   unsent  not answered"
                   "\n");
    for (ULONG i = 0; i < status->cInterfaces; i++)
        put_interface(text, &status->Interfaces[i]);
    text_put(text, "\n");
}
