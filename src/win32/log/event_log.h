/* The engine's event_port: Windows' event log, source WDSPXE. */
#ifndef WIN32_LOG_EVENT_LOG_H
#define WIN32_LOG_EVENT_LOG_H

#include "engine/ports.h"

/* Opened on first use and kept; if that fails, the log alone has the events. */
struct event_port event_log_port(void);

#endif
