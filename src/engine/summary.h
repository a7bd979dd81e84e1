/*
 * What the network does to the log. A few lines are written one by one; when there are too many,
 * all lines of a request are left out, and about once a second the number of such requests is told.
 */
#ifndef ENGINE_SUMMARY_H
#define ENGINE_SUMMARY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/printf_like.h"
#include "base/sync.h"
#include "engine/log_budget.h"
#include "engine/metrics.h"

struct engine;
struct request;

/* Whether a request's lines are written; chosen when there is one. */
enum line_choice { LINES_OPEN, LINES_WRITTEN, LINES_LEFT_OUT };

struct summary {
    _Atomic uint64_t left_out[DROP_KINDS + 1]; /* requests, by how they ended */
    _Atomic uint64_t other_left_out;
    _Atomic uint64_t flood_until; /* requests were left out; microseconds */
    struct mutex lock;            /* guards what follows */
    struct log_budget refused;    /* requests that no provider gets */
    struct log_budget requests;   /* the others */
    struct log_budget reports;    /* those that have no line but the host's */
    struct log_budget others;     /* single lines */
    struct log_budget findings;   /* of the verifier, and faults of who goes on being called */
    struct log_budget errors;     /* error lines that the budgets above would leave out */
    uint64_t told_repeats;        /* of the dropped ones that wait for no handler any more */
    uint64_t told_others;
    uint64_t told_given_way; /* of the pended ones */
    uint32_t told;           /* summaries in a row */
    uint64_t due;            /* the next one; microseconds */
};

void summary_init(struct summary *summary);
void summary_destroy(struct summary *summary);
/* At the start of a run. */
void summary_reset(struct engine *engine);

/* A line about a request, printf-style, if its lines are written; an error also if they are not,
 * within a budget of its own: it must not go under among what is merely frequent. */
void request_log(struct request *request, uint32_t severity, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* At a request's end; `with_report`: the host writes a line about it, too. False: that one is to be
 * left out. */
bool summary_end(struct request *request, enum drop_kind kind, bool with_report);

/* May a line be written that belongs to no request, but that the network caused? */
bool summary_admits_single(struct engine *engine);

/* May the host be told of one more broken rule, or of one more exception? */
bool summary_admits_finding(struct engine *engine);

/* May a line of this severity (LOG_*) be written that a provider or its host asks for? Inside a
 * receive callback that is the request's question, as for request_log. Elsewhere it has no limit,
 * but while lines of requests are left out it has that of single lines: a thread of a provider's
 * may be at work on those. */
bool summary_admits_other(struct engine *engine, uint32_t severity);

/* Writes how many lines were left out and how many datagrams had to be dropped before they were
 * handled, since it was last told. Nothing happened: nothing is written. While it goes on and on it
 * is told less often, unless this `is_last`. */
void summary_write(struct engine *engine, bool is_last);

#endif
