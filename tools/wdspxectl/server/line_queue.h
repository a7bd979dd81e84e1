/*
 * Lines on their way to the outside. The server's callbacks must not block, but a pipe whose reader
 * is slow does: so they put their lines here and one thread writes them, in order. When the queue
 * is full, lines are dropped and counted; the count is told on standard error when there is room.
 * A stream that cannot be written, as on a full disk, is told by losses.h.
 */
#ifndef WDSPXECTL_SERVER_LINE_QUEUE_H
#define WDSPXECTL_SERVER_LINE_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "base/loss.h"
#include "cli/output.h"

enum { LINE_QUEUE_SIZE = 4096 };

struct line_queue {
    CRITICAL_SECTION lock;
    CONDITION_VARIABLE changed;
    HANDLE thread;
    bool is_ending;
    size_t first;
    size_t count;
    uint64_t lost;
    struct loss losses[2]; /* of each stream; the thread's */
    struct queued_line {
        enum stream stream;
        struct text text;
    } lines[LINE_QUEUE_SIZE];
};

/*
 * Starts the thread. `queue` is zeroed static storage: a writer that hangs outlives the stop.
 * Returns ERROR_SUCCESS or why there is no thread.
 */
DWORD line_queue_start(struct line_queue *queue);

/* Takes `line` over (it is empty afterwards). Never waits for a reader; from any thread. */
void line_queue_put(struct line_queue *queue, enum stream stream, struct text *line);

/*
 * Writes what is left and ends the thread. No line may be put any more.
 * Returns false if the reader did not take everything within `milliseconds`.
 */
bool line_queue_stop(struct line_queue *queue, DWORD milliseconds);

#endif
