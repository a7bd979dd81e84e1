#include "win32/log/event_log.h"

#include <windows.h>

#include "engine/provider_table.h"
#include "os/utf8.h"

enum { TEXT_UNITS = 1024 };

static INIT_ONCE source_once = INIT_ONCE_STATIC_INIT;
static HANDLE source;

static BOOL CALLBACK source_open(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once;
    (void)parameter;
    (void)context;
    source = RegisterEventSourceW(NULL, L"WDSPXE");
    return source != NULL;
}

static WORD entry_type(uint32_t severity)
{
    if (severity >= LOG_ERROR)
        return EVENTLOG_ERROR_TYPE;
    return severity == LOG_WARNING ? EVENTLOG_WARNING_TYPE : EVENTLOG_INFORMATION_TYPE;
}

enum { CATEGORY = 1 }; /* of wdspxe_events.mc: "WDSPXE", as the original's (E6) */

/* As wdspxe_events.mc has it: the severity in the two highest bits, then the facility. */
static DWORD entry_id(const struct event *event)
{
    const DWORD severity = event->severity >= LOG_ERROR     ? 3
                           : event->severity == LOG_WARNING ? 2
                                                            : 1;
    return severity << 30 | EVENT_FACILITY << 16 | (DWORD)event->id;
}

static void entry_write(void *context, const struct event *event)
{
    wchar_t provider[PROVIDER_NAME_SIZE] = L"", text[TEXT_UNITS];
    const wchar_t *strings[] = {provider, text};

    (void)context;
    if (!InitOnceExecuteOnce(&source_once, source_open, NULL, NULL))
        return;
    if (event->provider != NULL)
        utf8_to_wide(event->provider, provider, PROVIDER_NAME_SIZE);
    utf8_to_wide(event->text, text, TEXT_UNITS);
    /* A log that is full or gone must not stop the server. */
    (void)ReportEventW(source, entry_type(event->severity), CATEGORY, entry_id(event), NULL, 2, 0,
                       strings, NULL);
}

struct event_port event_log_port(void)
{
    return (struct event_port){.report = entry_write};
}
