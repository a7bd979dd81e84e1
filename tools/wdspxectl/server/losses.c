#include "server/losses.h"

#include <stdlib.h>

#include "wdspxe_ext.h"

#include "text/wide.h"

/* Ids and messages are those of wdspxe.dll: docs/events.md. */
enum { EVENT_FAILS = 1031, EVENT_WORKS = 1032 };
#define MESSAGE_ERROR UINT32_C(0xC1070000)
#define MESSAGE_WARNING UINT32_C(0x81070000)

static struct line_queue *queue;

void losses_tell_by(struct line_queue *lines)
{
    queue = lines;
}

static void put_news(struct text *text, const char *what, const char *units, enum loss_news news,
                     uint64_t lost, DWORD error)
{
    text_put(text, what);
    if (news == LOSS_ENDS) {
        text_format(text, ": written again; %llu %s were lost", (unsigned long long)lost, units);
        return;
    }
    text_put(text, " cannot be written: ");
    text_put_win32_error(text, error);
    text_format(text, "; %s are lost, the server goes on", units);
}

static void event_write(enum loss_news news, const wchar_t *text)
{
    const wchar_t *strings[] = {L"", text};
    const bool is_loss = news == LOSS_BEGINS;
    HANDLE source = RegisterEventSourceW(NULL, L"WDSPXE");

    if (source == NULL)
        return;
    (void)ReportEventW(source, is_loss ? EVENTLOG_ERROR_TYPE : EVENTLOG_WARNING_TYPE, 0,
                       is_loss ? MESSAGE_ERROR | EVENT_FAILS : MESSAGE_WARNING | EVENT_WORKS, NULL,
                       2, 0, strings, NULL);
    DeregisterEventSource(source);
}

static void tell(struct line_queue *lines, const char *what, const char *units, enum loss_news news,
                 uint64_t lost, DWORD error)
{
    SCOPED_TEXT text = TEXT_EMPTY;

    if (news == LOSS_NO_NEWS)
        return;
    put_news(&text, what, units, news, lost, error);
    SCOPED_MEMORY wchar_t *wide = wide_of(text_chars(&text));
    if (lines != NULL) {
        SCOPED_TEXT line = TEXT_EMPTY;
        text_format(&line, "wdspxectl: warning: %s", text_chars(&text));
        line_queue_put(lines, STREAM_ERROR, &line);
    } else if (wide != NULL) {
        (void)PxeTrace(NULL, news == LOSS_BEGINS ? PXE_TRACE_ERROR : PXE_TRACE_WARNING, L"%ls",
                       wide);
    }
    if (wide != NULL)
        event_write(news, wide);
}

void losses_tell(const char *what, const char *units, enum loss_news news, uint64_t lost,
                 DWORD error)
{
    tell(queue, what, units, news, lost, error);
}

void losses_tell_log(const char *what, const char *units, enum loss_news news, uint64_t lost,
                     DWORD error)
{
    tell(NULL, what, units, news, lost, error);
}
