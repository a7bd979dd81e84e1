/* "status --watch": the same numbers in 80 columns, with what has come per second since the last
 * look. */
#include "status/status.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "text/wide.h"

enum { COLUMNS = 79, NAME_WIDTH = 22, PIECE_SIZE = 64 };

/* "12.3", from two counts and the milliseconds between them; "-" where there is no earlier look. */
static void put_rate(struct text *text, ULONGLONG now, ULONGLONG before, ULONGLONG milliseconds)
{
    if (milliseconds == 0 || now < before) {
        text_format(text, " %9s", "-");
        return;
    }
    text_format(text, " %9.1f", (double)(now - before) * 1000 / (double)milliseconds);
}

static ULONGLONG passed_between(const struct server_status *now, const struct server_status *before)
{
    if (before == NULL || before->process != now->process)
        return 0;
    return now->status.uMilliseconds - before->status.uMilliseconds;
}

static void put_count(struct text *text, const char *name, ULONGLONG now, ULONGLONG before,
                      ULONGLONG milliseconds)
{
    text_put_padded(text, name, NAME_WIDTH);
    text_format(text, " %14llu", (unsigned long long)now);
    put_rate(text, now, before, milliseconds);
    text_put(text, "\n");
}

static void put_counts(struct text *text, const WDSPXE_EXT_COUNTERS *now,
                       const WDSPXE_EXT_COUNTERS *before, ULONGLONG milliseconds)
{
    text_format(text, "%*s%15s %9s\n", NAME_WIDTH, "", "since start", "a second");
    put_count(text, "received", now->uReceived, before->uReceived, milliseconds);
    put_count(text, "answered", now->uAnswered, before->uAnswered, milliseconds);
    put_count(text, "replies", now->uReplies, before->uReplies, milliseconds);
    put_count(text, "send errors", now->uSendErrors, before->uSendErrors, milliseconds);
    put_count(text, "dropped unseen", now->uUnseenRepeats + now->uUnseenOthers,
              before->uUnseenRepeats + before->uUnseenOthers, milliseconds);
}

/* "not answered: ignored 3, passed_on 4", broken between pieces. */
static void put_drops(struct text *text, const ULONGLONG *dropped)
{
    size_t column = 0;
    char piece[PIECE_SIZE];

    text_put(text, "not answered:");
    column = strlen("not answered:");
    for (unsigned kind = 0; kind < WDSPXE_EXT_DROP_KINDS; kind++) {
        if (dropped[kind] == 0)
            continue;
        const int length = snprintf(piece, sizeof(piece), " %s %llu", status_drop_name(kind),
                                    (unsigned long long)dropped[kind]);
        if (column + (size_t)length > COLUMNS) {
            text_put(text, "\n             ");
            column = strlen("             ");
        }
        text_put(text, piece);
        column += (size_t)length;
    }
    text_put(text, column == strlen("not answered:") ? " -\n" : "\n");
}

/* The earlier look at the provider in the same place; NULL: there was none, or another one was
 * there. */
static const WDSPXE_EXT_PROVIDER_STATUS *provider_before(const struct server_status *before,
                                                         ULONG place,
                                                         const WDSPXE_EXT_PROVIDER_STATUS *now)
{
    if (before == NULL || place >= before->status.cProviders ||
        wcscmp(before->status.Providers[place].szName, now->szName) != 0)
        return NULL;
    return &before->status.Providers[place];
}

static void put_name(struct text *text, const char *name)
{
    SCOPED_TEXT cut = TEXT_EMPTY;

    text_put_span(&cut, name, strnlen(name, NAME_WIDTH));
    text_put_padded(text, text_chars(&cut), NAME_WIDTH);
}

/* A word does not end in the middle; what is too long for a line goes on below, indented. */
static void put_wrapped(struct text *text, const char *string)
{
    size_t column = 0;

    while (*string != '\0') {
        const size_t word = 1 + strcspn(string + 1, " \n");

        if (column > 0 && column + word > COLUMNS) {
            text_put(text, "\n ");
            column = 1;
        }
        text_put_span(text, string, word);
        column = *string == '\n' ? word - 1 : column + word;
        string += word;
    }
}

static void put_warning(struct text *text, const WDSPXE_EXT_PROVIDER_STATUS *provider)
{
    struct writer writer;

    writer_start(&writer, false);
    status_write_warning(&writer, provider);
    put_wrapped(text, text_chars(&writer.text));
    writer_free(&writer);
}

static void put_provider(struct text *text, const WDSPXE_EXT_PROVIDER_STATUS *now,
                         const WDSPXE_EXT_PROVIDER_STATUS *before, ULONGLONG milliseconds)
{
    SCOPED_TEXT name = TEXT_EMPTY, visible = TEXT_EMPTY;

    text_put_wide(&name, now->szName);
    text_put_visible(&visible, text_chars(&name));
    put_name(text, text_chars(&visible));
    text_format(text, " %10llu", (unsigned long long)now->uOffered);
    put_rate(text, now->uOffered, before != NULL ? before->uOffered : 0,
             before != NULL ? milliseconds : 0);
    text_format(text, " %10llu %8llu %8llu\n", (unsigned long long)now->uAnswered,
                (unsigned long long)now->uFailed,
                (unsigned long long)(now->Duration.uCount > 0 ? now->Duration.uP99 / 1000 : 0));
    put_warning(text, now);
}

static void put_interface(struct text *text, const WDSPXE_EXT_INTERFACE_STATUS *now,
                          const WDSPXE_EXT_INTERFACE_STATUS *before, ULONGLONG milliseconds)
{
    SCOPED_TEXT name = TEXT_EMPTY;

    status_put_interface(&name, now);
    put_name(text, text_chars(&name));
    text_format(text, " %10llu", (unsigned long long)now->uReceived);
    put_rate(text, now->uReceived, before != NULL ? before->uReceived : 0,
             before != NULL ? milliseconds : 0);
    text_format(text, " %10llu %8llu\n", (unsigned long long)now->uAnswered,
                (unsigned long long)now->uSendErrors);
}

static const WDSPXE_EXT_INTERFACE_STATUS *interface_before(const struct server_status *before,
                                                           ULONG place,
                                                           const WDSPXE_EXT_INTERFACE_STATUS *now)
{
    if (before == NULL || place >= before->status.cInterfaces ||
        memcmp(&before->status.Interfaces[place].Address, &now->Address, sizeof(now->Address)) != 0)
        return NULL;
    return &before->status.Interfaces[place];
}

static void put_tables(struct text *text, const struct server_status *now,
                       const struct server_status *before, ULONGLONG milliseconds)
{
    const WDSPXE_EXT_STATUS *status = &now->status;

    text_format(text, "\n%-*s %10s %9s %10s %8s %8s\n", NAME_WIDTH, "provider", "asked", "a second",
                "answered", "failed", "p99 ms");
    for (ULONG i = 0; i < status->cProviders; i++)
        put_provider(text, &status->Providers[i], provider_before(before, i, &status->Providers[i]),
                     milliseconds);
    text_format(text, "\n%-*s %10s %9s %10s %8s\n", NAME_WIDTH, "interface", "received", "a second",
                "answered", "unsent");
    for (ULONG i = 0; i < status->cInterfaces; i++)
        put_interface(text, &status->Interfaces[i],
                      interface_before(before, i, &status->Interfaces[i]), milliseconds);
}

static void put_told(struct text *text, const struct server_status *server)
{
    struct writer writer;

    writer_start(&writer, false);
    status_write_told(&writer, server);
    put_wrapped(text, text_chars(&writer.text));
    writer_free(&writer);
}

static void put_head(struct text *text, const struct server_status *server)
{
    struct writer writer;

    writer_start(&writer, false);
    status_write_head(&writer, server);
    text_put(text, text_chars(&writer.text));
    writer_free(&writer);
}

void status_put_watch(struct text *text, const struct server_status *now,
                      const struct server_status *before)
{
    static const WDSPXE_EXT_COUNTERS none;
    const ULONGLONG milliseconds = passed_between(now, before);
    const bool has_before = milliseconds > 0;

    put_head(text, now);
    text_format(text, ", %lu open\n", now->status.Counters.uOpenRequests);
    put_counts(text, &now->status.Counters, has_before ? &before->status.Counters : &none,
               milliseconds);
    put_drops(text, now->status.uDropped);
    put_told(text, now);
    put_tables(text, now, has_before ? before : NULL, milliseconds);
}
