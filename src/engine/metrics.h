/*
 * What the server has done since it was started, in numbers: by provider, by interface, by reason,
 * and how long it took. Counting is one relaxed addition each; nothing on a request's way takes a
 * lock.
 */
#ifndef ENGINE_METRICS_H
#define ENGINE_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sync.h"
#include "engine/endpoint.h"

struct provider;
struct provider_table;

/*
 * Durations in microseconds, log-linear: exact below 8, then four steps to each doubling, the last
 * one for everything from 30 minutes on.
 */
enum { DURATION_STEPS = 4, DURATION_BUCKETS = 8 + 4 * 28 + 1 };

struct durations {
    _Atomic uint64_t counts[DURATION_BUCKETS];
    _Atomic uint64_t sum;
    _Atomic uint64_t maximum;
};

void durations_add(struct durations *durations, uint64_t microseconds);

/* What can be said of them; all microseconds. A percentile is the end of its step, and never
 * more than the maximum. */
struct duration_facts {
    uint64_t count;
    uint64_t sum;
    uint64_t maximum;
    uint64_t p50, p90, p99;
};

struct duration_facts durations_read(struct durations *durations);

/* What became of a request that nobody answered. Numbers are part of wdspxe_ext.h. */
enum drop_kind {
    DROP_IGNORED,   /* a provider said so */
    DROP_PASSED_ON, /* every provider passed it on */
    DROP_FILTERED,  /* no provider takes such packets */
    DROP_MALFORMED,
    DROP_SHARED, /* another server's client */
    DROP_PAUSED,
    DROP_STOPPING,
    DROP_NO_MEMORY,
    DROP_FAULTED, /* an exception left a provider's callback */
    DROP_ADDRESS, /* nobody could be answered where it says that it comes from */
    DROP_OWN,     /* the server sent it itself */
    DROP_RULES6,  /* RFC 8415 has servers discard it */
    DROP_UNSENT,  /* its answer could not be sent */
    DROP_KINDS,
    DROP_NONE = DROP_KINDS, /* it was answered */
};

/* How much a kind of drop says. */
enum drop_weight {
    DROP_USUAL,   /* many clients at once are no fault, nor are those that are somebody else's */
    DROP_NOTABLE, /* a single one is told by other lines, or harmless; many are a warning */
    DROP_ODD,     /* each is a warning */
};

enum drop_weight drop_weight(enum drop_kind kind);

/* The last line at level WARNING or worse that a provider has traced. */
enum { TOLD_UNITS = 400 };

struct told {
    uint64_t lines;            /* all there were */
    uint64_t answered;         /* its requests, when the last line came */
    uint64_t when;             /* as the caller of metrics_tell counts */
    uint16_t text[TOLD_UNITS]; /* UTF-16, cut if longer */
};

struct provider_metrics {
    char name[512]; /* UTF-8, cut if longer, like struct provider's */
    _Atomic uint64_t offered;
    _Atomic uint64_t filtered;
    _Atomic uint64_t answered;
    _Atomic uint64_t ignored;
    _Atomic uint64_t rejected; /* the failed ones as well */
    _Atomic uint64_t failed;   /* the callback returned an error, or an exception left it */
    _Atomic uint64_t pended;
    struct durations durations; /* from the callback's beginning to the decision */
    struct told told;           /* guarded by metrics.lock */
};

struct interface_metrics {
    struct net_endpoint local; /* without port */
    _Atomic uint64_t received;
    _Atomic uint64_t answered;
    _Atomic uint64_t dropped[DROP_KINDS];
    _Atomic uint64_t replies;
    _Atomic uint64_t send_errors;
};

enum { METRICS_PROVIDERS = 64, METRICS_INTERFACES = 64 };

struct metrics {
    struct mutex lock; /* names, addresses, lines: who writes some, and readers of several */
    uint64_t started;  /* of the stopwatch: microseconds */
    struct durations durations; /* of answered requests, from receipt to end */
    uint32_t provider_count;
    _Atomic uint32_t interface_count;
    struct provider_metrics providers[METRICS_PROVIDERS + 1]; /* the last one is for the rest */
    struct interface_metrics interfaces[METRICS_INTERFACES + 1];
};

void metrics_init(struct metrics *metrics);
void metrics_destroy(struct metrics *metrics);

/* Everything to zero, and a place for each provider of the table; nothing is counted meanwhile. */
void metrics_reset(struct metrics *metrics, struct provider_table *table, uint64_t now);

/* The place of the interface that has this address. */
struct interface_metrics *metrics_interface(struct metrics *metrics,
                                            const struct net_endpoint *local);

static inline void metrics_count(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* The end of a provider's turn that took so long, with this ACTION_*. */
void metrics_turn(struct provider_metrics *provider, uint32_t action, uint64_t microseconds);

/* A line at level WARNING or worse, which a provider traces while it starts or serves. */
void metrics_tell(struct metrics *metrics, struct provider *provider, const uint16_t *line,
                  uint64_t when);

/* Sums over the interfaces. */
uint64_t metrics_dropped(struct metrics *metrics, enum drop_kind kind);

#endif
