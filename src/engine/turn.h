/*
 * One provider's turn with a request: from the copy that it gets to what it has decided, and what
 * it left behind. Who owns the request's reference is said in request.h: a turn never takes or
 * drops one.
 */
#ifndef ENGINE_TURN_H
#define ENGINE_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct provider;
struct request;

enum offer {
    OFFER_DECIDED,
    OFFER_PENDED,  /* the chain's reference is gone: the request may have ended by now */
    OFFER_FAULTED, /* an exception left the callback */
};

/* Gives the provider its turn and calls it. *out_action is what it decided, ACTION_REJECTED ("ask
 * the next one") unless OFFER_DECIDED. The caller drives the request. */
enum offer turn_offer(struct request *request, struct provider *provider, uint32_t *out_action);

/*
 * PxeAsyncRecvDone for an open turn: PXE_INVALID_HANDLE, PXE_INVALID_PARAMETER (action). The caller
 * has a reference of its own. *out_resume: the request was pended, the caller drives it from here
 * and owns the chain's reference; else its callback is still running, and goes on when it returns.
 */
pxe_status turn_complete(struct request *request, uintptr_t handle, uint32_t action,
                         bool *out_resume);

/* Ends the turn of a pended request. True: it was; the caller drives it, as above. */
bool turn_drop(struct request *request);

/* For what people read: fills the two addresses that a provider may have written to. */
void turn_addresses_fill(struct request *request);

#endif
