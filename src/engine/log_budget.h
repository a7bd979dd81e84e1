/*
 * How many lines of the log the network may cause. A token bucket: so many at once, then so many a
 * second, and what is left out costs a little of it, so that in a flood nothing is written but the
 * summary (summary.h). Not for two threads at once: the owner's lock guards it.
 */
#ifndef ENGINE_LOG_BUDGET_H
#define ENGINE_LOG_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LOG_BUDGET_BURST = 25,
    LOG_BUDGET_PER_SECOND = 10,
    LOG_BUDGET_LEFT_OUT = 32, /* so many that are left out cost one */
};

struct log_budget {
    int64_t left; /* in millionths */
    uint64_t filled_at;
};

/* Full, at `now` (microseconds). */
void log_budget_fill(struct log_budget *budget, uint64_t now);

/* Takes one. False: it is to be left out. A clock that goes back adds nothing. */
bool log_budget_take(struct log_budget *budget, uint64_t now);

#endif
