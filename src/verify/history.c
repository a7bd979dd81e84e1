#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine.h"
#include "engine/handle.h"
#include "verify/verify.h"

enum { TURNS_KEPT = 8 };

struct turn_record {
    uintptr_t handle; /* 0: none yet */
    const struct provider *provider;
    enum turn_end end;
    uint64_t number;
    uint32_t epoch;
    uint32_t datagram; /* which one of this slot's */
};

/* What one slot remembers, of requests that may have ended long ago. Guarded by the slot's lock. */
struct turn_history {
    struct turn_record turns[TURNS_KEPT];
    uint32_t newest;
    uint32_t datagrams; /* counts those that the slot has had */
    uint8_t *bytes;     /* of the last one */
    size_t length;
    uint64_t pended_at;
    bool is_overdue; /* has been told */
};

/* Without memory there is less to tell; nothing else. */
static struct turn_history *history_of(struct request *request)
{
    if (request->history == NULL)
        request->history = mem_alloc(sizeof(*request->history));
    return request->history;
}

static void datagram_keep(struct turn_history *history, const struct request *request)
{
    history->datagrams++;
    mem_free(history->bytes);
    history->length = 0;
    history->bytes = mem_alloc(request->length);
    if (history->bytes == NULL || request->length == 0)
        return;
    memcpy(history->bytes, request->received, request->length);
    history->length = request->length;
}

void verify_turn_begun(struct request *request, uintptr_t handle)
{
    struct turn_history *history;

    if (!engine_is_verified(request->engine) || (history = history_of(request)) == NULL)
        return;
    if (request->offered == 1)
        datagram_keep(history, request);
    history->newest = (history->newest + 1) % TURNS_KEPT;
    history->turns[history->newest] = (struct turn_record){
        .handle = handle,
        .provider = request->owner,
        .end = TURN_OPEN,
        .number = request->arrival.number,
        .epoch = request->epoch,
        .datagram = history->datagrams,
    };
}

void verify_turn_pended(struct request *request)
{
    const struct stopwatch_port *stopwatch = &request->engine->ports.stopwatch;
    struct turn_history *history = request->history;

    if (!engine_is_verified(request->engine) || history == NULL)
        return;
    history->pended_at = stopwatch->nanoseconds(stopwatch->context);
    history->is_overdue = false;
}

void verify_turn_ended(struct request *request, enum turn_end end)
{
    struct turn_history *history = request->history;

    if (history != NULL && history->turns[history->newest].end == TURN_OPEN)
        history->turns[history->newest].end = end;
}

void verify_forget(struct request *request)
{
    if (request->history == NULL)
        return;
    mem_free(request->history->bytes);
    mem_free(request->history);
    request->history = NULL;
}

/* ---- handles that are none ---- */

static const char *end_text(enum turn_end end)
{
    switch (end) {
    case TURN_RETURNED:
        return "its callback had returned a decision";
    case TURN_COMPLETED:
        return "PxeAsyncRecvDone had been called";
    case TURN_FAULTED:
        return "an exception had left the callback";
    case TURN_DROPPED:
        return "the server had dropped it";
    default:
        return "it had just ended";
    }
}

static const struct turn_record *turn_find(const struct request *request, uintptr_t handle)
{
    const struct turn_history *history = request->history;

    for (uint32_t i = 0; history != NULL && i < TURNS_KEPT; i++)
        if (history->turns[i].handle == handle &&
            history->turns[i].epoch == atomic_load(&request->engine->epoch))
            return &history->turns[i];
    return NULL;
}

/* Under the lock: tells of a handle whose turn the slot remembers. */
static void turn_tell(const struct request *request, const struct turn_record *turn,
                      const char *call, bool is_completion)
{
    const struct turn_history *history = request->history;
    const bool has_bytes = turn->datagram == history->datagrams;
    const struct verify_subject subject = {
        .provider = turn->provider->name,
        .call = call,
        .number = turn->number,
        .packet = has_bytes ? history->bytes : NULL,
        .length = has_bytes ? history->length : 0,
    };

    if (is_completion)
        verify_report(request->engine, RULE_COMPLETED_TWICE, &subject,
                      "the request was completed after %s", end_text(turn->end));
    else
        verify_report(request->engine, RULE_SENT_AFTER_END, &subject,
                      "the request's handle was used after %s", end_text(turn->end));
}

void verify_bad_request(struct engine *engine, uintptr_t handle, const char *call)
{
    const bool is_completion = strcmp(call, CALL_DONE) == 0;
    const struct verify_subject unknown = {.call = call};
    uint32_t slot = 0, generation = 0;
    struct request *request = NULL;

    if (!engine_is_verified(engine))
        return;
    if (handle_split(handle, HANDLE_REQUEST, &slot, &generation))
        request = request_slot(&engine->pool, slot);
    if (request == NULL) {
        verify_report(engine, RULE_BAD_ARGUMENT, &unknown,
                      "hClientRequest is %#zx: no handle of a request", (size_t)handle);
        return;
    }
    mutex_lock(&request->lock);
    const struct turn_record *turn = turn_find(request, handle);
    if (turn != NULL)
        turn_tell(request, turn, call, is_completion);
    mutex_unlock(&request->lock);
    if (turn == NULL)
        verify_report(engine, is_completion ? RULE_COMPLETED_TWICE : RULE_SENT_AFTER_END, &unknown,
                      "hClientRequest is %#zx: a request that ended long ago, or none",
                      (size_t)handle);
}

void verify_bad_provider(struct engine *engine, uintptr_t handle, const char *call)
{
    uint32_t slot, generation;

    if (!engine_is_verified(engine))
        return;
    if (!handle_split(handle, HANDLE_PROVIDER, &slot, &generation) || slot >= PROVIDER_MAX) {
        verify_report(engine, RULE_BAD_ARGUMENT, &(struct verify_subject){.call = call},
                      "hProvider is %#zx: no handle of a provider", (size_t)handle);
        return;
    }
    /* A slot keeps its last provider's name until it is used again, as late as can be. */
    const struct provider *provider = &engine->table.slots[slot];
    const bool is_last = handle_generation_is(atomic_load(&provider->generation) - 1, generation);
    verify_report(engine, RULE_STALE_PROVIDER,
                  &(struct verify_subject){.provider = is_last ? provider->name : NULL,
                                           .call = call},
                  "the provider has been shut down, or was not started");
}

/* ---- requests that nobody completes ---- */

static void pended_look(struct request *request, void *context)
{
    const uint64_t now = *(const uint64_t *)context;
    const uint64_t limit = request->engine->ports.verify.pend_timeout;

    mutex_lock(&request->lock);
    struct turn_history *history = request->history;
    if (request->state == REQUEST_PENDING && history != NULL && !history->is_overdue &&
        now - history->pended_at > limit) {
        history->is_overdue = true;
        const struct verify_subject subject =
            verify_subject_of(request, request->owner, CALL_RECEIVE);
        verify_report(request->engine, RULE_NEVER_COMPLETED, &subject,
                      "the request has been pended for more than %llu ms",
                      (unsigned long long)(limit / 1000000));
    }
    mutex_unlock(&request->lock);
}

void verify_pended(struct engine *engine)
{
    if (!engine_is_verified(engine))
        return;
    uint64_t now = engine->ports.stopwatch.nanoseconds(engine->ports.stopwatch.context);
    request_pool_each(&engine->pool, pended_look, &now);
}
