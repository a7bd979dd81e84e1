/*
 * Every call into a provider's code. An exception that leaves it is contained where the platform
 * can (ports.calls): it is told, and the provider's fate follows the policy. What cannot be
 * contained ends the process, as without us: abort, fast-fail, ExitThread, a damaged heap.
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
    const char *name;      /* CALL_* */
    uint64_t number;       /* of the datagram; 0: of none */
    const uint8_t *packet; /* as it was received; NULL: none */
    size_t length;
    void (*run)(struct callback *callback); /* calls the provider */
    uint32_t status;                        /* what it returned */
    const void *arguments;
};

/*
 * The four calls. False, or PXE_UNHANDLED_EXCEPTION: an exception left the callback; all that had
 * to be said has been, and the provider may be disabled or the engine halted.
 */
bool callback_receive(struct request *request, struct provider *provider, uintptr_t handle,
                      uint32_t *action, uint32_t *out_status);
uint32_t callback_initialize(struct engine *engine, struct provider *provider);
uint32_t callback_shutdown(struct engine *engine, struct provider *provider);
uint32_t callback_control(struct engine *engine, struct provider *provider, uint32_t control);

/* For ports.calls, on the thread and, if it still has room, on the stack of the exception. */
void callback_faulted(const struct callback *callback, const struct fault *fault);

#endif
