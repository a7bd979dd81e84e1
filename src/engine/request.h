/*
 * One received datagram on its way down the provider list, and the pool that it lives in.
 *
 * A request's memory is never given back while the pool lives, only used again, so a handle can
 * always be checked: `word` holds the slot's generation and the number of references. Each turn of
 * a provider has a generation, hence a handle value, of its own; the handle is good exactly as long
 * as the turn. A reference keeps the slot from being used again but does not keep the turn open:
 * whoever depends on that looks again while it holds request->lock (request_turn_is).
 *
 * Who owns which reference: request_create gives one to its caller, who hands it to the chain. It
 * is the chain's as long as a thread drives the request; while the request is pended no thread has
 * it, and whoever takes the request out of REQUEST_PENDING, holding the lock, takes this reference
 * over. Exports have one of their own, from request_acquire to request_release.
 */
#ifndef ENGINE_REQUEST_H
#define ENGINE_REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/sync.h"
#include "dhcp/dhcp6_relay.h"
#include "engine/metrics.h"
#include "engine/ports.h"

struct engine;
struct packet;
struct provider;

enum request_state {
    REQUEST_BETWEEN,    /* no provider has it */
    REQUEST_RUNNING,    /* inside a receive callback */
    REQUEST_PENDING,    /* the callback returned ERROR_IO_PENDING */
    REQUEST_DONE_EARLY, /* PxeAsyncRecvDone came while the callback was still running */
};

/* What is known about a request before any provider has seen it. */
struct arrival {
    link_id link;
    struct net_endpoint local;
    struct net_endpoint remote;
    bool broadcast;
    bool multicast;
    bool boot_server_port;
    uint64_t number;     /* of the datagram */
    const char *defect;  /* what keeps it from being a DHCP request; NULL: it is a valid one */
    bool is_pxe;         /* valid, and its vendor class says PXEClient */
    uint16_t relay_port; /* where the relay agent wants to be answered; 0: at the usual one */
};

struct request {
    _Atomic uint64_t word; /* generation << 32 | references */
    uint32_t slot;
    struct request *next_free;
    struct engine *engine;

    /* Fixed while the request lives. */
    struct arrival arrival;
    uint8_t *received; /* as it came in, then repaired */
    size_t length;
    uint8_t *working; /* the current provider's own copy */
    size_t capacity;  /* bytes behind each of the two; each is followed by a canary */
    uint64_t started; /* microseconds */
    uint32_t epoch;   /* the run of the server it belongs to */
    struct interface_metrics *nic;
    struct dhcp6_inner inner; /* IPv6: what is inside the relays' layers of a valid one */
    char repair[200];         /* what was done to it at the door; "": nothing */
    char refusal[80];         /* why policy drops it before any provider; "": offer it */
    enum drop_kind refusal_kind;
    uint32_t delay;     /* milliseconds before the first provider gets it */
    size_t hidden_guid; /* where in the packet a banned GUID is; 0: nowhere */

    /* Touched by whoever drives the chain, one thread at a time; the last two of them only while it
     * holds the lock. */
    uint32_t position;     /* next provider to try */
    uint32_t offered;      /* providers that had their turn */
    bool has_faulted;      /* an exception left the last one's callback */
    _Atomic int lines;     /* whether its lines are written: enum line_choice (summary.h) */
    uint64_t turn_started; /* of the stopwatch: nanoseconds */
    uint64_t turn_ended;   /* just now; 0: it may be longer ago, or there was none */
    uintptr_t thread;      /* that the callback runs on (ports.calls.thread), while it runs */
    _Atomic bool is_over;  /* an exception has left the callback; the host may still be at a dump */

    /* A freed packet's memory, kept to be the next one's: also from request to request. */
    void *_Atomic spare;

    struct request *pended_before; /* these two are guarded by engine->pending.lock */
    struct request *pended_after;

    struct mutex lock; /* guards what follows */
    enum request_state state;
    uint32_t early_action;
    struct provider *owner;
    struct packet *packets;
    void *watched;                    /* the watcher's, for the whole life of the slot */
    struct pxe_address local_address; /* what the provider sees, and may write to */
    struct pxe_address remote_address;
    uint32_t replies;
    pxe_status send_error; /* of the last reply that could not be sent; PXE_OK: there was none */
    uint32_t turn_replies; /* those of the current turn */
    uint32_t turn_packets; /* allocated in the current turn, freed or not */
    const struct provider *replied_by; /* who sent the last reply; NULL: nobody did */
    struct net_endpoint reply_to;
    size_t reply_length;
    uint8_t reply_type;
    char boot_file[256];
};

enum { REQUEST_CHUNK = 256, REQUEST_CHUNKS = 512 }; /* 131,072 requests at once */

/*
 * Slots are taken from the first chunk that has a free one, so that the same few are used while few
 * are open, and there in turn, so that each rests a while before its generations go on.
 */
struct request_chunk {
    struct request *free_head; /* guarded by pool->lock, like the next one */
    struct request *free_tail;
    struct request requests[REQUEST_CHUNK];
};

struct request_pool {
    struct engine *engine;
    struct mutex lock; /* guards the free lists and growing */
    uint32_t chunk_count;
    uint64_t with_free[REQUEST_CHUNKS / 64]; /* a bit for each chunk */
    _Atomic uint32_t open;
    struct request_chunk *_Atomic chunks[REQUEST_CHUNKS];
};

void request_pool_init(struct request_pool *pool, struct engine *engine);
/* Every request must have ended. */
void request_pool_destroy(struct request_pool *pool);

/* Takes a slot, copies the datagram into it. The caller holds the one reference.
 * NULL: out of memory, or as many requests are open as there are slots. */
struct request *request_create(struct request_pool *pool, const struct datagram *datagram);

/* Resolves a handle and takes a reference; NULL if it is not one of an open turn. */
struct request *request_acquire(struct request_pool *pool, uintptr_t handle);
/* Adds a reference to a request that has one, which stays meanwhile. */
void request_hold(struct request *request);
/* Drops a reference; the last one gives the slot back. */
void request_release(struct request *request);

/* Has nothing been written behind the provider's copy of the datagram, nor before it? */
bool request_is_intact(const struct request *request);

/* Caller holds request->lock: does this handle still belong to the open turn? */
bool request_turn_is(const struct request *request, uintptr_t handle);
/* Caller holds request->lock: begins a turn and returns its handle. */
uintptr_t request_turn_begin(struct request *request);
/*
 * Caller holds request->lock: the turn's handle dies, if it has not before. `next` is
 * REQUEST_BETWEEN, or REQUEST_DONE_EARLY while the callback is still running; that one is followed
 * by REQUEST_BETWEEN.
 */
void request_turn_end(struct request *request, enum request_state next);

/* Whoever was to hear of a request of an earlier run of the server is gone. */
bool request_is_observed(const struct request *request);

/* Calls `visit` with a referenced request for every slot in use. */
void request_pool_each(struct request_pool *pool,
                       void (*visit)(struct request *request, void *context), void *context);

/* The same for every slot, in use or not, and unreferenced. */
void request_pool_each_slot(struct request_pool *pool,
                            void (*visit)(struct request *request, void *context), void *context);

/* A slot's memory, in use or not; NULL: there is no such slot. */
struct request *request_slot(struct request_pool *pool, uint32_t slot);

#endif
