/*
 * Every call into a provider's code. An exception that leaves it is contained where the platform
 * can (ports.calls): the provider's fate follows the policy at once, then it is told. So does a
 * thread that ends inside a callback. What cannot be contained ends the process, as without us:
 * abort, fast-fail, a damaged heap.
 */
#ifndef ENGINE_CALLBACK_H
#define ENGINE_CALLBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/ports.h"

struct engine;
struct provider;
struct request;

/* One call, while it lasts. */
struct callback {
    struct engine *engine;
    struct provider *provider;
    struct request *request; /* NULL: it is about none */
    const char *name;        /* CALL_* */
    uint64_t number;         /* of the datagram; 0: of none */
    const uint8_t *packet;   /* as it was received; NULL: none */
    size_t length;
    void (*run)(struct callback *callback); /* calls the provider */
    uint32_t status;                        /* what it returned */
    const void *arguments;
    uint32_t control; /* for the service control callback */
};

/*
 * The four calls. False, or PXE_UNHANDLED_EXCEPTION: an exception left the callback, or its thread
 * has ended in it; all that had to be said has been, and the provider may be disabled or the engine
 * halted. PXE_TIMEOUT of the last three: it has not returned within its limit, which has been said,
 * and may not be called again or unloaded.
 */
bool callback_receive(struct request *request, struct provider *provider, uintptr_t handle,
                      uint32_t *action, uint32_t *out_status);
uint32_t callback_initialize(struct engine *engine, struct provider *provider);
uint32_t callback_shutdown(struct engine *engine, struct provider *provider);
uint32_t callback_control(struct engine *engine, struct provider *provider, uint32_t control);

/* For ports.calls, on the thread and, if it still has room, on the stack of the exception. Acts
 * first: when it tells, the provider gets no further request. */
void callback_faulted(const struct callback *callback, const struct fault *fault);

/* The thread of a provider's receive callback has ended inside it; noticed on another one. */
void callback_thread_ended(const struct request *request, struct provider *provider);

/* A provider wrote so far beyond what it got that the heap's own structures must be damaged;
 * noticed in `call`. The server takes no further request, whatever the policy. */
void callback_damaged(const struct request *request, struct provider *provider, const char *call,
                      const char *what);

/* A provider's receive callbacks hold all threads and do not return: the server takes no further
 * request. */
void callback_holds_all(struct engine *engine, struct provider *provider);

#endif
