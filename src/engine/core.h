/*
 * The server's state and its gate: who is inside, waiting for them, the log. Everything else of the
 * engine stands on it; it calls nothing of the engine itself.
 */
#ifndef ENGINE_CORE_H
#define ENGINE_CORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/printf_like.h"
#include "base/scramble.h"
#include "base/sync.h"
#include "engine/balance.h"
#include "engine/metrics.h"
#include "engine/pending.h"
#include "engine/ports.h"
#include "engine/provider_table.h"
#include "engine/request.h"
#include "engine/summary.h"

struct engine_counters {
    _Atomic uint64_t received;
    _Atomic uint64_t answered;
    _Atomic uint64_t ignored;
    _Atomic uint64_t dropped;
    _Atomic uint64_t replies;
    _Atomic uint64_t send_errors;
    _Atomic uint64_t reclaimed;
    _Atomic uint64_t taken_over;      /* other servers' clients, once for each boot */
    _Atomic uint64_t last_taken_over; /* microseconds of the clock */
    _Atomic uint64_t repaired;        /* requests that were made valid at the door */
    _Atomic uint64_t all_held;        /* seconds in which every thread of the network was held */
    _Atomic uint32_t open_packets;
    struct intake_counters unhandled; /* the network's: dropped before they were received here */
};

struct engine {
    struct engine_ports ports;
    struct provider_table table;
    struct request_pool pool;
    struct scramble handles; /* the key that they are made with; it never changes */
    struct engine_counters counters;
    struct balance_waiters waiters;
    struct pending pending;
    struct summary summary;
    struct metrics metrics;
    uint32_t held_seconds;    /* running_all_held's own */
    _Atomic uint32_t epoch;   /* counts the starts */
    _Atomic bool is_serving;  /* receive callbacks may be made */
    _Atomic bool has_network; /* replies may be sent */
    _Atomic bool is_paused;   /* new requests are dropped */
    _Atomic bool is_observed; /* the host hears of requests and findings; requests' ends count */
    _Atomic uint32_t active;  /* threads inside the chain, and work waiting for a thread */
    _Atomic uint32_t
        left_behind;          /* those of them whose callback an earlier stop waited for in vain */
    _Atomic uint32_t waiting; /* threads inside engine_wait_ended */
    struct mutex lock;        /* for waiting until active, or the number of open requests, is 0 */
    struct signal idle;
};

/* Tells whoever watches (engine/watch.h): one branch if nobody does. */
#define WATCH(engine, event, ...)                                                                  \
    do {                                                                                           \
        const struct watch *const watch_ = &(engine)->ports.watch;                                 \
        if (watch_->event != NULL)                                                                 \
            watch_->event(watch_->context, __VA_ARGS__);                                           \
    } while (0)

/* Waits until no request is open, pended ones included. False: some are, after `milliseconds`. */
bool engine_wait_ended(struct engine *engine, uint32_t milliseconds);
/* The pool's word that the last open request has ended. */
void engine_all_ended(struct engine *engine);

/* Counts a thread into and out of the engine, so that stopping can wait for it. Enter fails when
 * the engine is not serving; hold does not ask. */
bool engine_enter(struct engine *engine);
void engine_hold(struct engine *engine);
void engine_leave(struct engine *engine);

/* Waits until no thread is inside but those that are left behind. False: some are, after
 * `milliseconds`. */
bool engine_wait_left(struct engine *engine, uint32_t milliseconds);

/* Lets no further datagram in; what is pended may still be answered. engine_stop is still needed.
 */
void engine_halt(struct engine *engine);

/* One log line, printf-style; costs next to nothing when its severity is switched off. */
void engine_log(struct engine *engine, uint32_t severity, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
