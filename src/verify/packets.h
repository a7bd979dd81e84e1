/* What providers do to packets: the events of engine/watch.h; the context is the verifier. */
#ifndef VERIFY_PACKETS_H
#define VERIFY_PACKETS_H

#include "engine/watch.h"
#include "verify/verify.h"

/* Keeps the packet for the rest of its turn: filled, so that a later write shows. */
void packets_freed(void *context, struct request *request, const struct freed_packet *packet);
void packets_damaged(void *context, struct request *request, const struct provider *provider,
                     const char *call, uint32_t size, int64_t offset);

/* The end of a turn: whatever was written to its freed packets is seen now, in facts->call. */
void packets_turn_left(struct verifier *verifier, struct request *request,
                       const struct turn_facts *facts);

/* A call was refused because its bytes are no packet of its request: what are they? */
void packets_refused(struct verifier *verifier, const struct refused *refused);

#endif
