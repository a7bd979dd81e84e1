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
/* Takes the request's lock itself. */
void packet_unpin(struct request *request, struct packet *packet);

/* Under the lock: takes all packets of the request away; returns how many there were. The verifier
 * names `call` as the place where it has seen what is wrong with them. */
uint32_t packet_reclaim_all(struct request *request, const char *call);

/* For the verifier: a call was refused because `bytes` is no packet of this request, to which the
 * caller holds a reference, but not its lock. */
void packet_tell_foreign(struct request *request, const void *bytes, const char *call);

/* Nobody else knows the request: gives back the memory that it keeps for its next packet. */
void packet_forget_spare(struct request *request);

#endif
