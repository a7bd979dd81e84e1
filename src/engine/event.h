/*
 * What an administrator is to find in the event log: the events of source WDSPXE. Each stands in
 * the server's log, too. Ids below 1024 are the published ones (API-2.4), those from 1024 are
 * ours. src/win32/log/wdspxe_events.mc has the words around them, and around those that providers
 * of this project report themselves, by staticpxe/event.h.
 */
#ifndef ENGINE_EVENT_H
#define ENGINE_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/printf_like.h"

struct engine;

/* Facility of the source in message ids (E6). */
#define EVENT_FACILITY UINT32_C(0x107)

enum event_id {
    EVENT_KEY_UNREADABLE = 256,
    EVENT_DLL_NAME_UNREADABLE = 257,
    EVENT_IS_CRITICAL_UNREADABLE = 258,
    EVENT_MODULE_NOT_LOADED = 259,
    EVENT_EXPORT_MISSING = 260,
    EVENT_INITIALIZE_FAILED = 261,
    EVENT_LOADED = 262,
    EVENT_CALLBACKS_MISSING = 263,
    EVENT_NOT_CRITICAL_FAILED =
        264, /* behind the event that tells what failed, like the next one */
    EVENT_CRITICAL_FAILED = 265,
    EVENT_SHUT_DOWN = 267,
    EVENT_ALL_FAILED = 268,
    EVENT_PROVIDER_FAULT = 1024, /* an exception left a callback */
    EVENT_HALTED = 1025,         /* and the server takes no further request */
    EVENT_NONE_REGISTERED = 1027,
    EVENT_CALLBACK_STUCK = 1028, /* beyond its limit; a receive callback: when the server stopped */
    EVENT_THREADS_HELD = 1029,   /* all of the network's, by callbacks that do not return */
    EVENT_HEAP_DAMAGED = 1030,   /* somebody wrote beyond a request's or packet's memory */
    EVENT_OUTPUT_FAILS = 1031,   /* a file or stream of the server's cannot be written */
    EVENT_OUTPUT_WORKS = 1032,   /* and now it can again */
};

/* One event; pointers are valid during the call only. */
struct event {
    enum event_id id;
    uint32_t severity;    /* LOG_* */
    const char *provider; /* UTF-8; NULL: it is about none */
    const char *text;     /* UTF-8, what happened: one line without the provider and the id */
};

/* LOG_INFO for what is as it should be, LOG_WARNING for what is again. */
uint32_t event_severity(enum event_id id);

/* The ids, in no order. */
const enum event_id *event_ids(size_t *out_count);

/* To the log as "provider NAME: text (event ID)", and to ports.events. */
void event_report(struct engine *engine, enum event_id id, const char *provider, const char *format,
                  ...) PRINTF_LIKE(4, 5);

#endif
