#include "engine/event.h"

#include <stdarg.h>
#include <stdio.h>

#include "engine/core.h"

enum { TEXT_SIZE = 768 };

static const enum event_id IDS[] = {
    EVENT_KEY_UNREADABLE,
    EVENT_DLL_NAME_UNREADABLE,
    EVENT_IS_CRITICAL_UNREADABLE,
    EVENT_MODULE_NOT_LOADED,
    EVENT_EXPORT_MISSING,
    EVENT_INITIALIZE_FAILED,
    EVENT_LOADED,
    EVENT_CALLBACKS_MISSING,
    EVENT_NOT_CRITICAL_FAILED,
    EVENT_CRITICAL_FAILED,
    EVENT_SHUT_DOWN,
    EVENT_ALL_FAILED,
    EVENT_PROVIDER_FAULT,
    EVENT_HALTED,
    EVENT_NONE_REGISTERED,
    EVENT_CALLBACK_STUCK,
    EVENT_THREADS_HELD,
    EVENT_HEAP_DAMAGED,
    EVENT_OUTPUT_FAILS,
    EVENT_OUTPUT_WORKS,
};

const enum event_id *event_ids(size_t *out_count)
{
    *out_count = sizeof(IDS) / sizeof(IDS[0]);
    return IDS;
}

uint32_t event_severity(enum event_id id)
{
    switch (id) {
    case EVENT_LOADED:
    case EVENT_SHUT_DOWN:
        return LOG_INFO;
    case EVENT_OUTPUT_WORKS:
        return LOG_WARNING;
    case EVENT_ALL_FAILED:
    case EVENT_HALTED:
    case EVENT_CRITICAL_FAILED:
    case EVENT_NONE_REGISTERED:
    case EVENT_HEAP_DAMAGED:
        return LOG_FATAL;
    default:
        return LOG_ERROR;
    }
}

void event_report(struct engine *engine, enum event_id id, const char *provider, const char *format,
                  ...)
{
    const struct event_port *events = &engine->ports.events;
    char text[TEXT_SIZE];
    const struct event event = {id, event_severity(id), provider, text};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    engine_log(engine, event.severity, "%s%s%s%s (event %d)", provider != NULL ? "provider " : "",
               provider != NULL ? provider : "", provider != NULL ? ": " : "", text, (int)id);
    if (events->report != NULL)
        events->report(events->context, &event);
}
