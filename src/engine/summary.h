/*
 * Log lines that a flood could make by the thousand: a few are written one by one, of the rest only
 * the number, about once a second.
 */
#ifndef ENGINE_SUMMARY_H
#define ENGINE_SUMMARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sync.h"

struct engine;

/* How many malformed datagrams get a line of their own: so many at once, and then each second. */
enum { SUMMARY_BURST = 100, SUMMARY_PER_SECOND = 10 };

struct summary {
    struct mutex lock; /* guards what follows */
    uint64_t lines;    /* that may still be written, in millionths */
    uint64_t filled_at;
    uint64_t withheld;
    uint64_t told_repeats; /* of the dropped ones that wait for no handler any more */
    uint64_t told_others;
    uint64_t told_given_way; /* of the pended ones */
};

void summary_init(struct summary *summary);
void summary_destroy(struct summary *summary);
/* At the start of a run. */
void summary_reset(struct engine *engine);

/* May a line about a malformed datagram be written at `now` (microseconds)? If not, it is counted.
 */
bool summary_allows(struct summary *summary, uint64_t now);

/* Writes how many lines were withheld and how many datagrams had to be dropped before they were
 * handled, since it was last asked. Nothing happened: nothing is written. */
void summary_write(struct engine *engine);

#endif
