/*
 * The server without its network: takes datagrams in, hands them down the provider list, sends what
 * providers answer. One datagram, straight down:
 *
 *   engine_receive   engine.c    classify, make a request of it
 *   chain_run        chain.c     each provider that the filter allows: receive callback
 *     ... the provider calls PxePacketAllocate (packet.c), PxeDhcp* (dhcp/), PxeSendReply ...
 *   reply_send       reply.c     pick the destination, hand to the network
 *   chain's finish   chain.c     report, reclaim, give the slot back
 *
 * An asynchronous provider leaves the line at its callback; PxeAsyncRecvDone (chain_complete)
 * enters it again at the same place.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/printf_like.h"
#include "base/sync.h"
#include "engine/balance.h"
#include "engine/callback.h"
#include "engine/metrics.h"
#include "engine/ports.h"
#include "engine/provider.h"
#include "engine/request.h"
#include "engine/summary.h"

struct engine_counters {
    _Atomic uint64_t received;
    _Atomic uint64_t answered;
    _Atomic uint64_t ignored;
    _Atomic uint64_t dropped;
    _Atomic uint64_t replies;
    _Atomic uint64_t send_errors;
    _Atomic uint64_t reclaimed;
    _Atomic uint32_t open_packets;
    struct intake_counters unhandled; /* the network's: dropped before they were received here */
};

struct engine {
    struct engine_ports ports;
    struct provider_table table;
    struct request_pool pool;
    struct engine_counters counters;
    struct balance_waiters waiters;
    struct summary summary;
    struct metrics metrics;
    _Atomic uint32_t epoch;   /* counts the starts */
    _Atomic bool is_serving;  /* receive callbacks may be made */
    _Atomic bool has_network; /* replies may be sent */
    _Atomic bool is_paused;   /* new requests are dropped */
    _Atomic bool is_observed; /* the host hears of requests and findings; requests' ends count */
    _Atomic uint32_t active;  /* threads inside the chain, and work waiting for a thread */
    _Atomic uint32_t waiting; /* threads inside engine_wait_ended */
    struct mutex lock;        /* for waiting until active, or the number of open requests, is 0 */
    struct signal idle;
};

/* Are providers held against the rules (verify.h)? */
static inline bool engine_is_verified(const struct engine *engine)
{
    return engine->ports.verify.finding != NULL;
}

/* An engine may be started and stopped many times; handles of an earlier run stay invalid.
 * NULL: out of memory. Ports are copied at each start. */
struct engine *engine_create(void);
/* The engine must be stopped and no thread inside one of its functions. */
void engine_destroy(struct engine *engine);

/* Starts the providers and lets datagrams in. Codes of provider_start_all. */
pxe_status engine_start(struct engine *engine, const struct engine_ports *ports,
                        const struct provider_entry *entries, size_t count);

/*
 * Lets no further datagram in, waits for callbacks, shuts the providers down in reverse order,
 * drops the requests that are still pended.
 *   PXE_TIMEOUT  callbacks were still running after `milliseconds`; their providers stay loaded
 */
pxe_status engine_stop(struct engine *engine, uint32_t milliseconds);

/* Lets no further datagram in; what is pended may still be answered. engine_stop is still needed.
 */
void engine_halt(struct engine *engine);

/* One datagram; called by the network, on any thread, on several at once. Returns when the request
 * has ended or is pended. False: the engine is not serving. */
bool engine_receive(struct engine *engine, const struct datagram *datagram);

/* Waits until no request is open, pended ones included. False: some are, after `milliseconds`. */
bool engine_wait_ended(struct engine *engine, uint32_t milliseconds);
/* The pool's word that the last open request has ended. */
void engine_all_ended(struct engine *engine);

/* Counts a thread into and out of the engine, so that stopping can wait for it. Enter fails when
 * the engine is not serving; hold does not ask. */
bool engine_enter(struct engine *engine);
void engine_hold(struct engine *engine);
void engine_leave(struct engine *engine);

/* One log line, printf-style; costs next to nothing when its severity is switched off. */
void engine_log(struct engine *engine, uint32_t severity, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
