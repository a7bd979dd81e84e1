/*
 * One run of the fuzzer against a server that runs: makes cases, hands them in, keeps what is new
 * among the findings, makes it small, writes it down.
 *
 * Findings are new by rule, call and, for faults, the place of the fault. They may come on a thread
 * of the provider's, but a case is asked only when the one before has ended or its time is up, so
 * the number of a finding tells whose it is.
 */
#ifndef WDSPXECTL_FUZZ_HUNT_H
#define WDSPXECTL_FUZZ_HUNT_H

#include <windows.h>

#include "wdspxe_ext.h"

#include "exchange/exchange.h"
#include "fuzz/mutate.h"
#include "bench/options.h"

enum { HUNT_KINDS_MAX = 64, HUNT_CALL_SIZE = 64 };

/* What makes two findings the same. */
struct finding_kind {
    unsigned rule;
    uint64_t offset; /* of a fault, in its module */
    char call[HUNT_CALL_SIZE];
};

struct hunt {
    const struct replay_options *options;
    char provider[HUNT_CALL_SIZE];
    const struct exchange_list *list; /* whose requests are the seeds */
    struct fuzz_seed *seeds;          /* in the same order */
    uint64_t run;                     /* the number that all cases depend on */
    uint64_t case_limit;              /* 0: none */
    ULONGLONG end;                    /* GetTickCount64; 0: none */

    CRITICAL_SECTION lock; /* guards what follows, up to the next remark */
    size_t kind_count;
    struct finding_kind kinds[HUNT_KINDS_MAX];
    bool is_wanted; /* looking for `wanted` again */
    bool was_seen;  /* and there it was */
    struct finding_kind wanted;
    bool has_new; /* the first new finding of the present case */
    struct finding_kind new_kind;
    struct text new_text;
    bool has_ended;       /* the datagram that is being asked */
    bool never_completed; /* one was found that stays pended */
    CONDITION_VARIABLE changed;
    uint64_t asked_number; /* of the datagram that is being asked */
    uint64_t faults;

    /* Only the hunting thread writes; the watching one may look. */
    volatile LONG64 cases;
    volatile LONG64 moves; /* datagrams handed in and come back */
    volatile LONG is_stopped;
    struct fuzz_case made;         /* the present case */
    struct fuzz_case smaller;      /* and what it is being made of it */
    const struct fuzz_case *asked; /* which of the two the provider has now */
    unsigned kinds_lost;           /* new ones for which there was no place */
    bool failed;                   /* a reproducer could not be written */
};

/* `hunt` is zeroed memory with its options, list, run and limits. False: no memory. */
bool hunt_start(struct hunt *hunt);
void hunt_connect(struct hunt *hunt, WDSPXE_EXT_SERVER_CONFIG *config);

/* Until a limit is reached or somebody stops it. A thread's function. */
DWORD WINAPI hunt_run(void *hunt);

/* The provider has not come back: tells so, and writes the reproducer. */
void hunt_tell_hang(struct hunt *hunt);

void hunt_end(struct hunt *hunt);

#endif
