/*
 * The threads of the network. Each source of datagrams has one thread that receives from it and,
 * with quick providers, handles what it received itself: the shortest way there is. What comes in
 * faster than that waits in the intake (net/intake.h), which all threads handle together.
 *
 * A provider may take its time in a callback. A thread of its own, the foreman, looks every few
 * milliseconds whether another is stuck in one; then a third takes its source over, and for a while
 * the receiving threads only receive: others handle, as many as net/pace.h says. The foreman sleeps
 * with the network.
 */
#ifndef NET_CREW_H
#define NET_CREW_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "net/intake.h"

struct crew;
struct crew_member;

/* Where a thread receives from. All zero before it is added for the first time, but for the first
 * three members, which are the owner's; it may be removed and added again, and outlives the crew.
 */
struct crew_source {
    void *context;
    /* Waits for datagrams; fills in the slots' datagrams; returns how many. NET_BATCH at most. */
    size_t (*receive)(void *context, struct intake_slot **slots, size_t capacity,
                      uint32_t milliseconds);
    uint32_t hold_back; /* milliseconds that a datagram rests before it is handled */

    /* crew.c's own */
    uint32_t vacant_ticks;    /* the foreman's own */
    _Atomic uintptr_t holder; /* a member; what follows is touched by the holder only */
    struct intake_slot *held_first;
    struct intake_slot *held_last;
    uint32_t held;
    struct crew_source *next;
};

struct crew_events {
    void *context;
    void (*handle)(void *context, const struct datagram *datagram);
    /* About once in a second with traffic, and after it for as long as there is still something to
     * look at: it returns whether there is. */
    bool (*second)(void *context);
    /* All threads, `threads` of them, are in callbacks that do not return, and so many datagrams
     * wait: once in a second. */
    void (*all_held)(void *context, uint32_t threads, uint32_t waiting);
    struct intake_counters *dropped; /* counts what had to be dropped before it was handled */
};

/* PXE_NOT_ENOUGH_MEMORY: memory or a thread. */
pxe_status crew_create(const struct crew_events *events, struct crew **out_crew);

/* Gives the source a thread. PXE_NOT_ENOUGH_MEMORY: there is none now; the source is the crew's all
 * the same, until crew_remove. */
pxe_status crew_add(struct crew *crew, struct crew_source *source);
/* Waits until nobody receives from it any more; `wake` must make its receive return at once. */
void crew_remove(struct crew *crew, struct crew_source *source,
                 void (*wake)(struct crew_source *source));

/* Nothing is handled any more, but for what is being handled. The caller wakes its sources. */
void crew_stop(struct crew *crew);
/* Waits for the threads to end, then frees the crew. False: one did not end in time; it is left to
 * itself with all that belongs to it. */
bool crew_destroy(struct crew *crew, uint32_t milliseconds);

#endif
