/*
 * Reply packets. Each belongs to one turn of one request; what the provider has not freed by the
 * end of the turn is reclaimed. A packet is found by comparing addresses, never by following one.
 */
#ifndef ENGINE_PACKET_H
#define ENGINE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct engine;
struct provider;
struct request;

enum { PACKET_SIZE_MAX = 65535 };

struct packet;

/* PxePacketAllocate: zero-filled. PXE_INVALID_PARAMETER (size 0 or above 65,535),
 * PXE_INVALID_HANDLE (either handle), PXE_NOT_ENOUGH_MEMORY. */
pxe_status packet_allocate(struct engine *engine, uintptr_t provider, uintptr_t request,
                           uint32_t size, void **out_bytes);

/* PxePacketFree: PXE_INVALID_HANDLE (either handle), PXE_INVALID_PARAMETER (no packet of this
 * request, or freed before). */
pxe_status packet_free(struct engine *engine, uintptr_t provider, uintptr_t request, void *bytes);

/*
 * Keeps a packet's memory while it is being sent, although it may be freed meanwhile. The caller
 * holds a reference to the request and its lock; NULL if `bytes` is no packet of this request.
 */
struct packet *packet_pin(struct request *request, const void *bytes);
uint32_t packet_size(const struct packet *packet);
/* Caller holds request->lock. True: it was freed meanwhile, and this was the last pin;
 * packet_end_sent is next, without the lock. */
bool packet_unpin(struct packet *packet);
/* `provider` is who has sent it. */
void packet_end_sent(struct request *request, struct packet *packet, struct provider *provider);

/* Caller holds request->lock: is this a packet of the request that has not been freed? */
bool packet_is_of(struct request *request, const void *bytes);

/*
 * The end of all packets of a request, in two steps: under request->lock they are taken away, then,
 * without it, looked at and freed. *out_count counts those as well that are still being sent, which
 * their senders free. `call` is where it is seen what is wrong with them.
 */
struct packet *packet_take_all(struct request *request, uint32_t *out_count);
void packet_end_all(struct request *request, struct packet *packets, struct provider *provider,
                    const char *call);

#endif
