/*
 * The event source WDSPXE of the Application log: without it Windows' event viewer shows the events
 * of the server without their words. They are in wdspxe.dll itself.
 */
#ifndef WDSPXECTL_SERVICE_EVENT_SOURCE_H
#define WDSPXECTL_SERVICE_EVENT_SOURCE_H

#include <windows.h>

/*
 * Registers this installation's wdspxe.dll as the source's message file. One that is registered
 * already stays: Microsoft's has the same words for the same ids.
 */
DWORD event_source_add(void);

/* Takes it back, if it is ours. */
DWORD event_source_remove(void);

#endif
