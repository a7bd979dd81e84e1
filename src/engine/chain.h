/* A request's way down the provider list. */
#ifndef ENGINE_CHAIN_H
#define ENGINE_CHAIN_H

#include <stdint.h>

#include "base/status.h"

struct engine;
struct request;
struct turn_running;

/* Where a request begins: ends it if this server has nothing to do with it, lets it wait if it
 * shall wait, else runs it. Takes over the caller's reference. */
void chain_begin(struct request *request);

/* Offers the request to one provider after the other until one decides, pends, or none is left.
 * Takes over the caller's reference. */
void chain_run(struct request *request);

/* PxeAsyncRecvDone: PXE_INVALID_HANDLE, PXE_INVALID_PARAMETER (action). */
pxe_status chain_complete(struct engine *engine, uintptr_t request, uint32_t action);

/* Ends a request whose callback's thread has ended. Does nothing if it was decided about meanwhile.
 */
void chain_abandon(struct request *request, const struct turn_running *running);

/* Ends every pended request; for the end of the server, after the providers' shutdown. */
void chain_drop_pended(struct engine *engine);

#endif
