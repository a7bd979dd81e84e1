/*
 * The server without its network: takes datagrams in, hands them down the provider list, sends what
 * providers answer. One datagram, straight down:
 *
 *   engine_receive   engine.c    classify, make a request of it
 *   chain_run        chain.c     each provider that the filter allows,
 *   turn_offer       turn.c        a turn of its own: receive callback
 *     ... the provider calls PxePacketAllocate (packet.c), PxeDhcp* (dhcp/), PxeSendReply ...
 *   reply_send       reply.c     pick the destination, hand to the network
 *   chain's finish   chain.c     report, give the slot back
 *
 * An asynchronous provider leaves the line at its callback; PxeAsyncRecvDone (chain_complete)
 * enters it again at the same place.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/core.h"
#include "engine/provider.h"

/* An engine may be started and stopped many times; handles of an earlier run stay invalid.
 * NULL: out of memory. Ports are copied at each start. Other handles with every `seed`. */
struct engine *engine_create(uint64_t seed);
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
 * has ended or is pended. False: the engine is not serving. */
bool engine_receive(struct engine *engine, const struct datagram *datagram);

#endif
