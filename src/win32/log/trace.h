/*
 * The server's log: the file and console tracing that the registry switches on (API-7.6), and
 * whoever runs the server. Every line has one PXE_TRACE_* severity; the registry's masks choose
 * among them. The switches are looked at again every second, so tracing can be turned on while the
 * server runs: in the background while they are watched, else by whoever writes a line.
 */
#ifndef WIN32_LOG_TRACE_H
#define WIN32_LOG_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

typedef void (*trace_listener)(uint32_t severity, const wchar_t *text, void *context);

/* Sends every line of one of these severities also to `listener`; NULL: to nobody. On return the
 * one before is not being called any more, unless one of its calls took longer than 10 seconds. A
 * listener may be called on several threads at once, and no lock is held meanwhile; a line that it
 * writes comes to it again. */
void trace_listen(trace_listener listener, void *context, uint32_t severities);

/* A file that cannot be written is told once by all the other ways, and so is that it works again;
 * to the event log, too? */
void trace_tell_events(bool are_told);

/* While the server runs, nobody who writes a line should have to read the registry. Begins and ends
 * watching the switches; harmless if that is not possible. Not for two threads at once. */
void trace_watch_begin(void);
void trace_watch_end(void);

/* Is file or console tracing on, as the registry says now? (PXE_GSI_TRACE_ENABLED) */
bool trace_is_on(void);

/* Would a line of this severity go anywhere? */
bool trace_wants(uint32_t severity);

/* Writes one line; line breaks at its end are dropped, one is added where a line needs it. */
void trace_write(uint32_t severity, const wchar_t *text);
void trace_write_utf8(uint32_t severity, const char *text);

#endif
