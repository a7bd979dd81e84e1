/* "status" for people, and as JSON: one description of both. */
#include "status/status.h"

#include "text/wide.h"

static const char *state_name(ULONG state)
{
    return state == WDSPXE_EXT_SERVING  ? "serving"
           : state == WDSPXE_EXT_PAUSED ? "paused"
                                        : "stopped";
}

static void write_uptime(struct writer *writer, ULONGLONG milliseconds)
{
    unsigned long long seconds = milliseconds / 1000;

    write_thousandths(writer, "uptime_seconds", milliseconds, NULL);
    if (seconds >= 86400)
        say(writer, "%llu d ", seconds / 86400);
    say(writer, "%llu:%02llu:%02llu", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

/* Milliseconds with three decimals; the text has a dash for none. */
static void write_duration(struct writer *writer, const WDSPXE_EXT_DURATION *duration)
{
    const bool is_none = duration->uCount == 0;
    const char *words = is_none ? NULL : "% / ";

    write_begin(writer, "duration_ms");
    write_number(writer, "count", duration->uCount, NULL);
    write_thousandths(writer, "p50", duration->uP50, words);
    write_thousandths(writer, "p90", duration->uP90, words);
    write_thousandths(writer, "p99", duration->uP99, words);
    write_thousandths(writer, "longest", duration->uMaximum, is_none ? "-" : "%");
    write_end(writer);
}

/* JSON has every reason, the text those that there were. */
static void write_drops(struct writer *writer, const ULONGLONG *dropped)
{
    bool is_first = true;

    write_begin(writer, "not_answered");
    for (unsigned kind = 0; kind < WDSPXE_EXT_DROP_KINDS; kind++) {
        write_number(writer, status_drop_name(kind), dropped[kind], NULL);
        if (dropped[kind] == 0)
            continue;
        say(writer, "%s%s %llu", is_first ? "" : ", ", status_drop_name(kind),
            (unsigned long long)dropped[kind]);
        is_first = false;
    }
    if (is_first)
        say(writer, "-");
    write_end(writer);
}

static void write_counters(struct writer *writer, const WDSPXE_EXT_COUNTERS *counters)
{
    write_number(writer, "received", counters->uReceived, "received %, ");
    write_number(writer, "answered", counters->uAnswered, "answered %, ");
    write_number(writer, "replies", counters->uReplies, "replies %, ");
    write_number(writer, "send_errors", counters->uSendErrors, "send errors %, ");
    write_number(writer, "open_requests", counters->uOpenRequests, "open %\n");
    write_number(writer, "open_packets", counters->uOpenPackets, NULL);
    write_number(writer, "packets_reclaimed", counters->uReclaimed, NULL);
    write_number(writer, "requests_repaired", counters->uRepaired, NULL);
    write_number(writer, "unseen_repeats", counters->uUnseenRepeats, NULL);
    write_number(writer, "unseen_others", counters->uUnseenOthers, NULL);
    say(writer, "dropped before handling %llu, of these repeats %llu",
        (unsigned long long)(counters->uUnseenRepeats + counters->uUnseenOthers),
        (unsigned long long)counters->uUnseenRepeats);
    say_break(writer);
}

/* ---- its share of the clients ---- */

/* A partner whose last client was taken over so long ago is thought to be back. */
enum { PARTNER_BACK_MS = 5 * 60 * 1000 };

static bool partner_is_silent(const WDSPXE_EXT_STATUS *status)
{
    return status->uTakenOver > 0 && status->uLastTakenOver < PARTNER_BACK_MS;
}

static void say_share(struct writer *writer, const WDSPXE_EXT_STATUS *status)
{
    say(writer,
        "share %lu of 256 buckets; other servers' clients: %llu requests left to them, "
        "%llu clients taken over",
        status->cBuckets, (unsigned long long)status->uDropped[WDSPXE_EXT_DROP_SHARED],
        (unsigned long long)status->uTakenOver);
    if (status->uTakenOver > 0)
        say(writer, ", the last %llu s ago", (unsigned long long)(status->uLastTakenOver / 1000));
    if (partner_is_silent(status))
        say(writer, ": one of them is down, or does not get its clients' requests");
    say_break(writer);
}

/* The text says nothing of it where the server has all clients. */
static void write_share(struct writer *writer, const WDSPXE_EXT_STATUS *status)
{
    write_begin(writer, "share");
    write_number(writer, "buckets", status->cBuckets, NULL);
    write_number(writer, "taken_over", status->uTakenOver, NULL);
    if (status->uTakenOver > 0)
        write_thousandths(writer, "last_taken_over_seconds_ago", status->uLastTakenOver, NULL);
    else
        write_null(writer, "last_taken_over_seconds_ago");
    write_bool(writer, "partner_is_silent", partner_is_silent(status), NULL);
    write_end(writer);
    if (status->cBuckets < 256)
        say_share(writer, status);
}

/* ---- the rest ---- */

/* The text says nothing of what is as it should be. */
static void write_troubles(struct writer *writer, const WDSPXE_EXT_STATUS *status)
{
    SCOPED_TEXT network = TEXT_EMPTY, not_native = TEXT_EMPTY;
    const bool is_slow = status->szNotNative[0] != L'\0';

    write_number(writer, "all_threads_held_seconds", status->uAllHeld,
                 status->uAllHeld > 0
                     ? "all threads were held by callbacks that do not return: % s\n"
                     : NULL);
    text_put_wide(&network, status->szNetwork);
    text_put_wide(&not_native, status->szNotNative);
    write_text(writer, "network", &network, is_slow ? "network %" : NULL);
    write_text(writer, "why_not_native", &not_native,
               is_slow ? " (%): several times slower than the native network\n" : NULL);
}

/* ---- what providers complain of ---- */

/* Local time; false: it is none. */
static bool put_time(struct text *text, const FILETIME *when)
{
    FILETIME local;
    SYSTEMTIME time;

    if ((when->dwHighDateTime == 0 && when->dwLowDateTime == 0) ||
        !FileTimeToLocalFileTime(when, &local) || !FileTimeToSystemTime(&local, &time))
        return false;
    text_format(text, "%04u-%02u-%02u %02u:%02u:%02u", time.wYear, time.wMonth, time.wDay,
                time.wHour, time.wMinute, time.wSecond);
    return true;
}

/* The line begins with the name of a provider that serves, which then has a line of its own. */
static bool is_of_a_provider(const struct server_told *told, const WDSPXE_EXT_STATUS *status)
{
    for (ULONG i = 0; i < status->cProviders; i++) {
        const size_t length = wcslen(status->Providers[i].szName);
        if (told->text[0] == L'[' &&
            wcsncmp(told->text + 1, status->Providers[i].szName, length) == 0 &&
            told->text[length + 1] == L']')
            return true;
    }
    return false;
}

/* JSON has the last of any provider's, the text that of one that did not start. */
static void write_last_warning(struct writer *writer, const struct server_status *server)
{
    SCOPED_TEXT when = TEXT_EMPTY, line = TEXT_EMPTY;
    const bool is_told = !is_of_a_provider(&server->told, &server->status);

    if (!put_time(&when, &server->told.when)) {
        write_null(writer, "last_warning");
        return;
    }
    text_put_wide(&line, server->told.text);
    write_begin(writer, "last_warning");
    write_text(writer, "time", &when, is_told ? "last warning of a provider, %: " : NULL);
    write_text(writer, "text", &line, is_told ? "%\n" : NULL);
    write_end(writer);
}

void status_write_warning(struct writer *writer, const WDSPXE_EXT_PROVIDER_STATUS *provider)
{
    SCOPED_TEXT when = TEXT_EMPTY, line = TEXT_EMPTY;
    const bool is_first = provider->uWarnings == 1;
    const FILETIME last = {(DWORD)provider->uLastWarning, (DWORD)(provider->uLastWarning >> 32)};

    write_number(writer, "warnings", provider->uWarnings, NULL);
    if (!put_time(&when, &last)) {
        write_null(writer, "last_warning");
        return;
    }
    text_put_wide(&line, provider->szLastWarning);
    if (!is_first)
        say(writer, "  %llu warnings, the last", (unsigned long long)provider->uWarnings);
    write_begin(writer, "last_warning");
    write_text(writer, "time", &when, is_first ? "  a warning, %, " : ", %, ");
    write_number(writer, "answered_since", provider->uAnsweredSince, "% answered since: ");
    write_text(writer, "text", &line, "%");
    write_end(writer);
    say_break(writer);
}

static void write_column(struct writer *writer, const char *name, ULONGLONG number)
{
    write_number(writer, name, number, NULL);
    say(writer, " %9llu", (unsigned long long)number);
}

static void write_provider(struct writer *writer, const WDSPXE_EXT_PROVIDER_STATUS *provider)
{
    SCOPED_TEXT name = TEXT_EMPTY;

    text_put_wide(&name, provider->szName);
    write_begin(writer, NULL);
    write_text(writer, "name", &name, "%20");
    write_column(writer, "offered", provider->uOffered);
    write_column(writer, "filtered", provider->uFiltered);
    write_column(writer, "answered", provider->uAnswered);
    write_column(writer, "ignored", provider->uIgnored);
    write_column(writer, "rejected", provider->uRejected);
    write_column(writer, "failed", provider->uFailed);
    write_column(writer, "pended", provider->uPended);
    say(writer, "  ");
    write_duration(writer, &provider->Duration);
    say_break(writer);
    status_write_warning(writer, provider);
    write_end(writer);
}

static void write_interface(struct writer *writer, const WDSPXE_EXT_INTERFACE_STATUS *nic)
{
    SCOPED_TEXT name = TEXT_EMPTY;

    status_put_interface(&name, nic);
    write_begin(writer, NULL);
    write_text(writer, "interface", &name, "%20");
    write_column(writer, "received", nic->uReceived);
    write_column(writer, "answered", nic->uAnswered);
    write_column(writer, "replies", nic->uReplies);
    write_column(writer, "send_errors", nic->uSendErrors);
    say(writer, "  ");
    write_drops(writer, nic->uDropped);
    write_end(writer);
    say_break(writer);
}

static void write_tables(struct writer *writer, const WDSPXE_EXT_STATUS *status)
{
    say_break(writer);
    say(writer, "provider               offered  filtered  answered   ignored  rejected    failed"
                "    pended  took ms, p50 / p90 / p99 / longest");
    say_break(writer);
    write_begin_list(writer, "providers");
    for (ULONG i = 0; i < status->cProviders; i++)
        write_provider(writer, &status->Providers[i]);
    write_end_list(writer);
    say_break(writer);
    say(writer, "interface             received  answered   replies   unsent  not answered");
    say_break(writer);
    write_begin_list(writer, "interfaces");
    for (ULONG i = 0; i < status->cInterfaces; i++)
        write_interface(writer, &status->Interfaces[i]);
    write_end_list(writer);
}

void status_write_head(struct writer *writer, const struct server_status *server)
{
    write_number(writer, "process", server->process, "process %, ");
    write_string(writer, "state", state_name(server->status.uState), "% for ");
    write_uptime(writer, server->status.uMilliseconds);
}

void status_write_told(struct writer *writer, const struct server_status *server)
{
    write_share(writer, &server->status);
    write_troubles(writer, &server->status);
    write_last_warning(writer, server);
}

void status_write(struct writer *writer, const struct server_status *server)
{
    const WDSPXE_EXT_STATUS *status = &server->status;

    write_begin(writer, NULL);
    status_write_head(writer, server);
    say_break(writer);
    write_counters(writer, &status->Counters);
    say(writer, "not answered: ");
    write_drops(writer, status->uDropped);
    say_break(writer);
    say(writer, "answered in ms, p50 / p90 / p99 / longest: ");
    write_duration(writer, &status->Duration);
    say_break(writer);
    status_write_told(writer, server);
    write_tables(writer, status);
    write_end(writer);
}
