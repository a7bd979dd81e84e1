/*
 * What happens to requests, for whoever watches: one table of functions, empty when nobody does. As
 * with the validation layers of graphics drivers, the engine goes the same way with and without; it
 * says what happens, and the watcher (src/verify) knows what that means.
 *
 * Each function may be NULL. It is called on the thread on which it happens.
 */
#ifndef ENGINE_WATCH_H
#define ENGINE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/fault.h"

struct callback;
struct engine;
struct provider;
struct pxe_address;
struct request;

/* The calls that events name more than once. */
#define CALL_INITIALIZE "PxeProviderInitialize"
#define CALL_RECEIVE "PXE_CALLBACK_RECV_REQUEST"
#define CALL_SHUTDOWN "PXE_CALLBACK_SHUTDOWN"
#define CALL_CONTROL "PXE_CALLBACK_SERVICE_CONTROL"
#define CALL_SEND "PxeSendReply"
#define CALL_DONE "PxeAsyncRecvDone"
#define CALL_ALLOCATE "PxePacketAllocate"
#define CALL_FREE "PxePacketFree"

/* How a turn's handle died. */
enum turn_end {
    TURN_OPEN,
    TURN_RETURNED,  /* the callback returned a decision */
    TURN_COMPLETED, /* PxeAsyncRecvDone */
    TURN_FAULTED,   /* an exception left the callback */
    TURN_DROPPED,   /* by the server */
};

/* What a turn left behind. */
struct turn_facts {
    const struct provider *provider;
    const char *call; /* which ended it */
    enum turn_end end;
    uint32_t action; /* what counts */
    uint32_t packets_left;
    uint32_t replies;
    bool is_done_not_pended; /* PxeAsyncRecvDone, but another return value than ERROR_IO_PENDING */
    bool is_action_impossible; /* none of PXE_BA_*; taken as PXE_BA_REJECTED */
};

/* Why an export has refused a call. */
enum refusal {
    REFUSED_PROVIDER,      /* `handle` is no living provider's */
    REFUSED_REQUEST,       /* `handle` is not that of an open turn */
    REFUSED_OWNER,         /* it is the turn of `owner`, not of `provider` */
    REFUSED_PACKET,        /* `bytes` are no packet of the request */
    REFUSED_SIZE,          /* no packet has that size */
    REFUSED_LENGTH,        /* of a reply: `number` bytes of a packet of `size` */
    REFUSED_ACTION,        /* `number` is none of PXE_BA_* */
    REFUSED_CALLBACK,      /* no such callback, or no function */
    REFUSED_CALLBACK_LATE, /* callbacks are registered during PxeProviderInitialize only */
    REFUSED_ATTRIBUTE,     /* no such attribute, value or length */
    REFUSED_ARGUMENT,      /* another argument */
};

struct refused {
    enum refusal why;
    const char *call;
    uintptr_t handle;                /* as it was given; 0: none was */
    struct request *request;         /* referenced; NULL: not known */
    const struct provider *provider; /* NULL: not known but by the handle */
    const struct provider *owner;
    const void *bytes;
    uint32_t number;
    uint32_t size;
};

/* A packet whose life is over. */
struct freed_packet {
    const struct provider *provider;
    uintptr_t turn; /* the request's handle */
    uint8_t *bytes;
    uint32_t size;
    bool is_readable; /* else its bytes were a port's, and are gone */
    void *block;      /* holds the bytes, if they are readable */
};

struct watch {
    void *context;

    /* Caller holds request->lock: nothing may be told to anybody meanwhile. */
    void (*turn_begun)(void *context, struct request *request, uintptr_t handle);
    void (*turn_pended)(void *context, struct request *request);
    void (*turn_ended)(void *context, struct request *request, enum turn_end end);

    /* No lock is held, and the request is referenced. */
    void (*turn_left)(void *context, struct request *request, const struct turn_facts *facts);
    void (*refused)(void *context, struct engine *engine, const struct refused *refused);
    /* Takes packet->block over, to be given to mem_free. */
    void (*packet_freed)(void *context, struct request *request, const struct freed_packet *packet);
    /* Byte `offset` beside a packet of `size` bytes was written; seen in `call`. */
    void (*packet_damaged)(void *context, struct request *request, const struct provider *provider,
                           const char *call, uint32_t size, int64_t offset);
    /* Where a reply shall go, and what was made of that; `wanted` NULL: to the request's source. */
    void (*reply_addressed)(void *context, struct request *request, const struct provider *provider,
                            const struct pxe_address *wanted, pxe_status status);
    /* These bytes are about to be sent. */
    void (*reply_leaving)(void *context, struct request *request, const struct provider *provider,
                          const uint8_t *bytes, size_t length);
    void (*callback_returned)(void *context, const struct callback *callback, uint64_t nanoseconds);
    /* An exception left a callback; `seen` says which and where. */
    void (*faulted)(void *context, const struct callback *callback, const struct fault *fault,
                    const char *seen, enum fault_policy consequence);
    /* The server has stopped: what is remembered of its requests may go. */
    void (*run_ended)(void *context, struct engine *engine);
};

#endif
