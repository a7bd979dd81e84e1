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
    OFFER_REFUSED, /* the provider was switched off just now: it was not called */
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

/* What is known of a callback that is still running. */
struct turn_running {
    struct provider *provider;
    uintptr_t turn;       /* names it */
    uintptr_t thread;     /* 0: not known */
    uint64_t nanoseconds; /* since it began */
};

/* False: no callback is running. The caller has a reference. */
bool turn_is_running(struct request *request, struct turn_running *out_running);

/*
 * Ends a turn whose thread has ended: told and counted as a fault of the provider, which acts on
 * the provider first. True: the caller drives the request and owns the chain's reference, and what
 * that thread held of the engine (engine_leave); *out_action is ACTION_REJECTED unless
 * PxeAsyncRecvDone had been called before. False: the turn has ended otherwise meanwhile.
 */
bool turn_abandon(struct request *request, const struct turn_running *running,
                  uint32_t *out_action);

/* Ends the turn of a pended request. True: it was; the caller drives it, as above. */
bool turn_drop(struct request *request);

/* For what people read: fills the two addresses that a provider may have written to. */
void turn_addresses_fill(struct request *request);

#endif
