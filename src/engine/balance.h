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
#include "registry/rules.h"

/* The bucket of an identifier (section 6). */
uint8_t balance_bucket(const uint8_t *identifier, size_t length);

enum { BALANCE_WAITERS = 4096 };

/*
 * A client of another server's that is asking. A place counts as long as the client goes on as one
 * does that is not answered; after a silence that is too long for that, its next message is the
 * first of another boot.
 */
struct balance_waiter {
    uint64_t key;
    uint64_t first; /* microseconds of the clock; 0: an empty place */
    uint64_t last;
    uint64_t gap;        /* between the two latest messages; 0: there is one only */
    uint32_t attempts;   /* since `first` */
    uint32_t even;       /* gaps in a row that were as long as the one before */
    uint64_t even_first; /* when the first of those messages came */
    bool backs_off;      /* a gap was clearly longer than the one before */
    bool taken;          /* this server answered it since `first` */
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
 * A message of a client's: for how many seconds it has been asking, `now` included, and nobody
 * answered it, as far as its messages tell. A client counts by its identifier, whatever transaction
 * its messages name: firmware may use one number for ever, or a new one for each message. What
 * tells a client that is not answered from one that boots again and again is the rhythm (RFC 2131
 * section 4.1, RFC 8415 section 15): gaps that grow, or the fifth message at even intervals. Until
 * then it is 0. Times are microseconds and above 0.
 */
uint32_t balance_waited(struct balance_waiters *waiters, const uint8_t *identifier, size_t length,
                        uint64_t now);

/* The client has chosen a server: what it sends next is another boot. */
void balance_ended(struct balance_waiters *waiters, const uint8_t *identifier, size_t length);

/* It is answered here, though another server's. False: it was already, in this boot. */
bool balance_taken(struct balance_waiters *waiters, const uint8_t *identifier, size_t length);

/*
 * How many of the other servers come before this one in the succession of a silent server: that
 * the one which answers its clients is one only. Servers that share in equal parts, each in one
 * piece, as "0-85", "86-170" and "171-255", follow each other in turn; whoever has a part of
 * another form is the first.
 *   own     this server's part
 *   bucket  the client's, not in it
 */
uint32_t balance_rank(const struct bucket_set *own, uint8_t bucket);

#endif
