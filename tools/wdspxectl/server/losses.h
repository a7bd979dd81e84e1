/*
 * What the server's program cannot write: standard output, standard error, the capture, minidumps.
 * The server goes on; that something is lost is told once, by a way that still works, and so is
 * that it is written again (base/loss.h).
 */
#ifndef WDSPXECTL_SERVER_LOSSES_H
#define WDSPXECTL_SERVER_LOSSES_H

#include <windows.h>

#include "base/loss.h"
#include "server/line_queue.h"

/* Where losses are told: lines for standard error. NULL (as before): to the server's log instead.
 */
void losses_tell_by(struct line_queue *queue);

/*
 * Tells the news, unless there is none, to standard error and the event log.
 *   what   "standard output", "the capture \"x.pcapng\"": what cannot be written
 *   units  of what is lost: "lines"
 *   error  why, for LOSS_BEGINS
 * From any thread, without waiting for a reader, but not inside a lock of the caller's.
 */
void losses_tell(const char *what, const char *units, enum loss_news news, uint64_t lost,
                 DWORD error);

/* The same of standard error itself: to the server's log. */
void losses_tell_log(const char *what, const char *units, enum loss_news news, uint64_t lost,
                     DWORD error);

#endif
