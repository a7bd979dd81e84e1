/*
 * DHCP load balancing (RFC 3074): several servers behind the same relays share the clients by a
 * hash of what identifies them, without talking to each other. Each has its buckets of 256; a
 * client of another server's is answered only when it has waited too long, for then the other is
 * silent.
 */
#ifndef ENGINE_BALANCE_H
#define ENGINE_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sync.h"

/* The bucket of an identifier (section 6). */
uint8_t balance_bucket(const uint8_t *identifier, size_t length);

enum { BALANCE_WAITERS = 4096 };

/* A client of another server's that is asking. */
struct balance_waiter {
    uint64_t key;
    uint64_t first; /* microseconds of the clock; 0: an empty place */
    uint64_t last;
};

/*
 * Who is waiting, for clients that do not tell how long: a table of bounded size, in which the one
 * that was not heard of for the longest time makes room.
 */
struct balance_waiters {
    struct mutex lock; /* guards the places */
    struct balance_waiter places[BALANCE_WAITERS];
};

void balance_waiters_init(struct balance_waiters *waiters);
void balance_waiters_destroy(struct balance_waiters *waiters);

/*
 * How many seconds a client has been asking, `now` included. The same identifier and transaction
 * make it the same attempt; a new one starts at 0. Times are microseconds and above 0.
 */
uint32_t balance_waited(struct balance_waiters *waiters, const uint8_t *identifier, size_t length,
                        uint32_t transaction, uint64_t now);

#endif
