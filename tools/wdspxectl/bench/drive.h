/* Asks the server, which runs without a network: every request, once or many times, on threads. */
#ifndef WDSPXECTL_BENCH_DRIVE_H
#define WDSPXECTL_BENCH_DRIVE_H

#include "bench/record.h"

enum { DRIVE_THREADS_MAX = 32 };

/* Of this process, in bytes; 0: not known. */
struct drive_memory {
    uint64_t private_bytes;
    uint64_t working_set;
};

struct drive {
    const struct replay_options *options;
    struct exchange_list *list;
    struct record *record;
    /* Called after each request of the first pass, and when all of them have ended. */
    void (*on_progress)(void *context);
    void *context;

    volatile LONG64 next;     /* request to be asked next: pass * requests + index */
    volatile LONG64 end;      /* of the present passes, counted the same way */
    volatile LONG64 moves;    /* calls begun and ended: shows that something moves */
    volatile LONG64 taken;    /* requests that the server took */
    volatile LONG is_stopped; /* nothing more is asked */
    volatile LONG64 in_work[DRIVE_THREADS_MAX]; /* the number of the request; 0: none */
    uint64_t span;                              /* microseconds from one pass to the next */

    /* Results. */
    bool is_hanging;        /* gave up waiting for a callback: threads of ours still run */
    bool has_open_requests; /* gave up waiting for what is pended */
    uint64_t asked;
    uint64_t measured;                /* requests of the passes that were measured */
    uint64_t milliseconds;            /* that they took */
    struct drive_memory memory_first; /* after a tenth of the passes, when all is warmed up */
    uint64_t memory_first_asked;      /* requests until then */
    struct drive_memory memory_last;  /* after all passes */
};

/* Asks everything. ERROR_SUCCESS, or why there are no threads. */
DWORD drive_run(struct drive *drive);

/* Asks nothing more; from any thread. */
void drive_stop(struct drive *drive);

#endif
