/*
 * How many threads may run callbacks at once. While callbacks are quick, one: whoever receives runs
 * them. When something waits, more are tried now and then, and kept if they bring something.
 * Portable and without a clock: it is told what happened in each tick, and decides by that alone.
 */
#ifndef NET_PACE_H
#define NET_PACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    PACE_TICK = 10, /* milliseconds */
    PACE_TICKS_PER_SECOND = 1000 / PACE_TICK,
    PACE_WINDOW_TICKS = 5,
};

/* What has happened since the last tick. */
struct pace_look {
    uint32_t done;    /* callbacks that came back */
    uint32_t waiting; /* datagrams that nobody handles yet */
    bool has_stuck;   /* a receiving thread does not come back from a callback */
    bool is_on_time;  /* pace_is_on_time */
};

/* Written by the thread that ticks; others read handler_limit. */
struct pace {
    /* How many threads may handle what waits. 1: callbacks are quick, and who receives handles;
     * more: who receives only receives. */
    _Atomic uint32_t handler_limit;
    uint32_t most;
    uint32_t ticks;
    uint64_t ticked_at; /* microseconds */
    uint32_t quiet_ticks;
    uint32_t window_done;  /* callbacks that came back in this window */
    bool window_waited;    /* something waited at each tick of it */
    bool was_idle_window;  /* the one before: something waited, and nothing was done */
    bool is_trial;         /* it began with a higher limit than the one before */
    uint32_t trial_base;   /* what was done in that one */
    uint32_t hold_windows; /* until the next trial */
};

/* `most`: the highest limit. */
void pace_init(struct pace *pace, uint32_t most);

/* Has this tick come in time? If not, other threads may not have got their turn either: nobody
 * seems stuck for it. */
bool pace_is_on_time(struct pace *pace, uint64_t microseconds);

/* The end of a tick: the limit may change. */
void pace_tick(struct pace *pace, const struct pace_look *look);

static inline uint32_t pace_handler_limit(const struct pace *pace)
{
    return atomic_load(&pace->handler_limit);
}

/* Are callbacks so quick that who receives may handle? */
static inline bool pace_is_quick(const struct pace *pace)
{
    return pace_handler_limit(pace) == 1;
}

/* Is a second of ticks over? */
bool pace_is_second(const struct pace *pace);

/* Has nothing happened for a second? Asking begins the next one. */
bool pace_is_quiet(struct pace *pace);

#endif
