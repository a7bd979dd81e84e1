/*
 * What the server tells while it replays, kept: replies, decisions, times and findings of the first
 * pass in the exchanges; of all passes only numbers, so that a long run needs no more memory than a
 * short one. The callbacks come on any thread.
 */
#ifndef WDSPXECTL_BENCH_RECORD_H
#define WDSPXECTL_BENCH_RECORD_H

#include <windows.h>

#include "wdspxe_ext.h"

#include "exchange/exchange.h"
#include "bench/options.h"
#include "exchange/tally.h"

enum {
    RECORD_PROVIDERS_MAX = 64,
    RECORD_RULES_MAX = 256,
    RECORD_SHOWN_MAX = 10, /* of findings alike; more are counted only */
};

struct record {
    const struct replay_options *options;
    struct exchange_list *list;
    CRITICAL_SECTION lock; /* guards what follows, and the exchanges */
    struct text word;      /* for `keep` alone */
    bool is_first_pass;
    bool is_out_of_memory;
    volatile LONG has_fault;
    volatile LONG64 clock; /* microseconds that the server sees */
    CONDITION_VARIABLE has_ended;
    uint64_t started; /* requests that were handed in */
    uint64_t ended;   /* of these; and those that the verifier calls never completed */
    uint64_t given_up;
    uint64_t answered; /* requests by how they ended, over all passes */
    uint64_t ignored;
    uint64_t unanswered;
    uint64_t replies;
    uint64_t changed_replies; /* of later passes: unlike those of the first one */
    uint64_t findings;
    size_t tally_count; /* the last one takes what finds no room */
    struct finding_tally tallies[RECORD_RULES_MAX];
    size_t timing_count;
    struct provider_timing timings[RECORD_PROVIDERS_MAX];
};

/* `record` is zeroed memory. */
void record_start(struct record *record, const struct replay_options *options,
                  struct exchange_list *list);

/* Sets the callbacks of the record into the configuration of the server. */
void record_connect(struct record *record, WDSPXE_EXT_SERVER_CONFIG *config);

/* Sets the time that the server sees, unless it is later already. */
void record_set_clock(struct record *record, uint64_t microseconds);

/* From here on only numbers are kept. */
void record_end_first_pass(struct record *record);

/* Takes a finding in: of the server, or one of our own. With a capture that reproduces it, if
 * asked. */
void record_finding(struct record *record, const WDSPXE_EXT_FINDING *finding,
                    bool needs_reproducer);

/* Appends "menu-frame7": capture and frame, for a file's name. */
void record_put_name(const struct record *record, const struct exchange *exchange,
                     struct text *name);

/* One more request is handed in (1), or was refused (-1). */
void record_count_start(struct record *record, int change);

/* Waits until at most `open` requests have not ended. False: not within the time. */
bool record_wait(struct record *record, uint64_t open, DWORD milliseconds);

void record_end(struct record *record);

#endif
