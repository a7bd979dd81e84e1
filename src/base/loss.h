/*
 * Somewhere to write to that may fail for a while: a file on a full disk, a pipe that nobody reads.
 * Tells when it begins to fail and when it works again, once each, and how much was lost between.
 * While it fails it is tried ever more rarely, so that an outlet that comes and goes is told of
 * rarely, too. Not for two threads at once.
 */
#ifndef BASE_LOSS_H
#define BASE_LOSS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LOSS_PAUSE_MIN = 1000,  /* milliseconds until it is tried again, then twice as long ... */
    LOSS_PAUSE_MAX = 16000, /* ... up to this */
    LOSS_CALM = 60000,      /* has worked for so long: what was before is forgotten */
};

/* All zero: it works. */
struct loss {
    uint64_t lost;   /* since it began to fail; 0: it works */
    uint64_t retry;  /* when it may be tried again, if it fails */
    uint64_t worked; /* when it began to work again */
    uint32_t pause;  /* the last one, milliseconds; 0: there was none */
};

enum loss_news {
    LOSS_NO_NEWS,
    LOSS_BEGINS, /* what has just been tried is the first that is lost */
    LOSS_ENDS,   /* what has just been tried was written; `out_lost` before it were not */
};

/* Is the next one to be written? False: it is lost, and counted. `now`: milliseconds of a clock
 * that does not go back. */
bool loss_may_try(struct loss *loss, uint64_t now);

/* After each try: what there is to tell. */
enum loss_news loss_tried(struct loss *loss, bool is_written, uint64_t now, uint64_t *out_lost);

#endif
