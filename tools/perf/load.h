/*
 * Load on a server: requests out, replies in, on one socket, by one thread. Open loop: each request
 * has its time, whatever the server does, and its latency counts from there. Closed loop: a window
 * of requests is on its way, and each reply lets the next one go.
 */
#ifndef PERF_LOAD_H
#define PERF_LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "clients.h"
#include "base/histogram.h"

struct load_plan {
    uint32_t rate;   /* requests a second; 0: closed loop */
    uint32_t window; /* closed loop: requests on their way, at most LOAD_WINDOW_MAX */
    double seconds;
    uint64_t limit; /* ends after so many requests; 0: the time alone counts */
    double settle;  /* seconds in which late replies are waited for at the end */
};

struct load_result {
    uint64_t sent;
    uint64_t answered;
    uint64_t duplicates; /* replies to a request that was answered before */
    uint64_t strange;    /* datagrams that are no reply to any of our clients */
    double seconds;      /* from the first request to the last */
    double behind;       /* open loop: seconds by which the generator missed its times, at worst */
    struct histogram latency; /* nanoseconds */
};

enum { LOAD_WINDOW_MAX = 4096, LOAD_SLOTS = 1 << 20 };

struct load_slot {
    uint64_t since; /* when the latency starts to count */
    uint32_t sequence;
    bool is_open; /* sent, not answered */
};

struct load {
    struct clients clients;
    struct sockaddr_in server;
    int socket;
    uint32_t next_sequence; /* goes on from run to run: a late reply belongs to none that follows */
    struct load_slot *slots;
};

/*
 * Opens the socket, bound to port `from` and, if not NULL, to the interface. *own_address is the
 * address from which the server is reached. False, with a line on stderr, if that cannot be done.
 */
bool load_open(struct load *load, const struct sockaddr_in *server, uint16_t from,
               const char *interface, uint32_t *own_address);
void load_close(struct load *load);

/* Does what the plan says, then waits for late replies, if any are to come. */
void load_run(struct load *load, const struct load_plan *plan, struct load_result *out_result);

#endif
