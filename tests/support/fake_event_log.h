/*
 * Windows' event log as far as a provider writes to it: ReportEventW, as the linker finds it before
 * the import library's. Wine takes events and keeps none, so this is how a test reads them.
 */
#ifndef TESTS_FAKE_EVENT_LOG_H
#define TESTS_FAKE_EVENT_LOG_H

#include <windows.h>

#define FAKE_EVENT_CHARS 16384

struct fake_event_log {
    LONG volatile count;
    /* of the last one; whole before it is counted */
    WORD type;
    DWORD id;
    WCHAR provider[64];
    WCHAR text[FAKE_EVENT_CHARS];
};

extern struct fake_event_log fake_event_log;

#endif
