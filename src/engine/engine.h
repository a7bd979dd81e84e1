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
#include "engine/ports.h"
#include "engine/provider.h"
#include "engine/request.h"

struct engine_counters {
    _Atomic uint64_t received;
    _Atomic uint64_t answered;
    _Atomic uint64_t ignored;
    _Atomic uint64_t dropped;
    _Atomic uint64_t replies;
    _Atomic uint64_t send_errors;
    _Atomic uint64_t reclaimed;
    _Atomic uint32_t open_packets;
};

struct engine {
    struct engine_ports ports;
    struct provider_table table;
    struct request_pool pool;
    struct engine_counters counters;
    _Atomic uint32_t epoch;   /* counts the starts */
    _Atomic bool is_serving;  /* receive callbacks may be made */
    _Atomic bool has_network; /* replies may be sent */
    _Atomic bool is_observed; /* the ends of requests are counted and reported */
    _Atomic uint32_t active;  /* threads inside the chain, and work waiting for a thread */
    struct mutex lock;        /* for waiting until active is 0 */
    struct signal idle;
};

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

/* One datagram; called by the network, on any thread, on several at once. Returns when the request
 * has ended or is pended. */
void engine_receive(struct engine *engine, const struct datagram *datagram);

/* Counts a thread into and out of the engine, so that stopping can wait for it. Enter fails when
 * the engine is not serving; hold does not ask. */
bool engine_enter(struct engine *engine);
void engine_hold(struct engine *engine);
void engine_leave(struct engine *engine);

/* One log line, printf-style; costs next to nothing when its severity is switched off. */
void engine_log(struct engine *engine, uint32_t severity, const char *format, ...)
    PRINTF_LIKE(3, 4);

#endif
