/*
 * What staticpxe writes to Windows' event log while it runs, under the server's source, WDSPXE,
 * whose message file has the words (wdspxe_events.mc). Its line in the trace ends with the same
 * number.
 */
#ifndef STATICPXE_EVENT_H
#define STATICPXE_EVENT_H

#include "config.h"

#define EVENT_CONFIG_REFUSED 1033 /* error: a changed file has mistakes and changes nothing */
#define EVENT_CONFIG_RIGHT 1034   /* warning: it is right again and in force */

/* With each mistake, a line each; what does not fit into an event is counted only. */
void event_config_refused(LPCWSTR path, DWORD error, const struct problem_list *problems);

void event_config_right(LPCWSTR path);

#endif
