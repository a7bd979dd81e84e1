/*
 * What the verifier remembers of each slot of requests. A handle that has ended tells by itself
 * only its slot; to know whose it was, each slot remembers its last turns and the bytes of its last
 * datagram, and what was freed in the current turn.
 */
#ifndef VERIFY_HISTORY_H
#define VERIFY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/watch.h"
#include "verify/verify.h"

enum { TURNS_KEPT = 8, FREED_KEPT = 16 };

struct turn_record {
    uintptr_t handle; /* 0: none yet */
    const struct provider *provider;
    enum turn_end end;
    uint64_t number;
    uint32_t epoch;
    uint32_t datagram; /* which one of this slot's */
};

struct turn_history {
    struct turn_record turns[TURNS_KEPT];
    uint32_t newest;
    uint32_t datagrams; /* counts those that the slot has had */
    uint8_t *bytes;     /* of the last one */
    size_t length;
    uint64_t pended_at;
    bool is_overdue;     /* has been told */
    bool has_sent_other; /* in this turn: what is no DHCP message */
    /* Packets that were freed in this turn, the oldest first. */
    uint32_t freed_count;
    struct freed_packet freed[FREED_KEPT];
};

/* Caller holds request->lock. NULL: nothing is remembered, as before its first turn, or for want of
 * memory: then there is less to tell, and nothing else changes. */
struct turn_history *history_of(struct request *request);

/* Caller holds request->lock. The turn that had this handle in this run of the server, or NULL. */
const struct turn_record *history_turn(struct request *request, uintptr_t handle);

/* The events of a turn (engine/watch.h); the context is the verifier. */
void history_turn_begun(void *context, struct request *request, uintptr_t handle);
void history_turn_pended(void *context, struct request *request);
void history_turn_ended(void *context, struct request *request, enum turn_end end);
/* Forgets everything. */
void history_run_ended(void *context, struct engine *engine);

#endif
