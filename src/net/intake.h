/*
 * Where datagrams wait while the handlers fall behind the network. Those who receive have slots of
 * it to receive into, so that a datagram costs no allocation and no copy, whether it waits or not.
 *
 * The queue is bounded. When it is full, what is of least use goes first: a request that its client
 * has sent again meanwhile (the newer copy waits, too), oldest first; if there is none, the oldest
 * of all. Same client, transaction and message type make two datagrams copies of one request.
 *
 * All functions are safe on any thread.
 */
#ifndef NET_INTAKE_H
#define NET_INTAKE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/ports.h"

/* Longer datagrams, which no client sends, take a block of their own while they are in. */
enum { INTAKE_SLOT_SIZE = 2048 };

/* Room for one datagram. It belongs to whoever reserved or took it. */
struct intake_slot {
    uint8_t *bytes;           /* INTAKE_SLOT_SIZE of them, to receive into */
    struct datagram datagram; /* filled in by the receiver, bytes and length by intake_slot_fill */
    uint64_t due;             /* for the holder's own use, and so is next */
    struct intake_slot *next;

    /* intake.c's own */
    uint8_t *larger;                   /* the whole of a datagram that `bytes` have no room for */
    struct intake_slot *older, *newer; /* in the queue */
    struct intake_slot *repeat_older, *repeat_newer; /* among those that were sent again */
    struct intake_slot *bucket_next;
    uint64_t key;   /* of the request; 0: not looked at yet, or none */
    bool is_repeat; /* a newer copy waits as well */
};

struct intake;

/*
 *   limit     how many datagrams may wait
 *   spare     how many more slots may be in other hands at once
 *   counters  are the caller's, and are only added to
 * NULL: out of memory. The memory for slots is taken when they are first needed, and kept.
 */
struct intake *intake_create(uint32_t limit, uint32_t spare, struct intake_counters *counters);
/* Nobody uses it any more; what waits is dropped. NULL is allowed. */
void intake_destroy(struct intake *intake);

/* Empty slots of INTAKE_SLOT_SIZE bytes, `wanted` at most; how many. With no more memory, or all
 * slots taken, the least useful datagrams that wait give theirs up. */
size_t intake_reserve_batch(struct intake *intake, struct intake_slot **out_slots, size_t wanted);
/* Gives a slot back, and with it its datagram. */
void intake_release(struct intake *intake, struct intake_slot *slot);

/* Makes what was received the slot's datagram: its first INTAKE_SLOT_SIZE bytes are in slot->bytes,
 * those beyond, if any, lie at `rest` and are copied. False: no memory for them. */
bool intake_slot_fill(struct intake_slot *slot, size_t length, const uint8_t *rest);

/* Puts datagrams at the end of the queue, in the order given. */
void intake_put(struct intake *intake, struct intake_slot *const *slots, size_t count);
/* What waits now is dropped, and counted: nobody will handle it. */
void intake_drop_waiting(struct intake *intake);

/* How many wait, at this moment. */
uint32_t intake_waiting(const struct intake *intake);
/* The oldest that wait, `most` at most; how many. */
size_t intake_take_batch(struct intake *intake, struct intake_slot **out_slots, size_t most);
/* One, or NULL. */
struct intake_slot *intake_take(struct intake *intake);

#endif
