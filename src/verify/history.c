#include "verify/history.h"

#include <string.h>

#include "base/mem.h"
#include "engine/core.h"
#include "verify/report.h"

struct turn_history *history_of(struct request *request)
{
    return request->watched;
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

void history_turn_begun(void *context, struct request *request, uintptr_t handle)
{
    (void)context;
    if (request->watched == NULL)
        request->watched = mem_alloc(sizeof(struct turn_history));
    struct turn_history *history = history_of(request);
    if (history == NULL)
        return;
    if (request->offered == 1)
        datagram_keep(history, request);
    history->has_sent_other = false;
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

void history_turn_pended(void *context, struct request *request)
{
    const struct stopwatch_port *stopwatch = &request->engine->ports.stopwatch;
    struct turn_history *history = history_of(request);

    (void)context;
    if (history == NULL)
        return;
    history->pended_at = stopwatch->nanoseconds(stopwatch->context);
    history->is_overdue = false;
}

void history_turn_ended(void *context, struct request *request, enum turn_end end)
{
    struct turn_history *history = history_of(request);

    (void)context;
    if (history != NULL && history->turns[history->newest].end == TURN_OPEN)
        history->turns[history->newest].end = end;
}

const struct turn_record *history_turn(struct request *request, uintptr_t handle)
{
    const struct turn_history *history = history_of(request);

    for (uint32_t i = 0; history != NULL && i < TURNS_KEPT; i++)
        if (history->turns[i].handle == handle &&
            history->turns[i].epoch == atomic_load(&request->engine->epoch))
            return &history->turns[i];
    return NULL;
}

/* ---- requests that nobody completes ---- */

/* Has it been pended for too long, and was that not told before? */
static bool is_newly_overdue(struct request *request, uint64_t limit)
{
    const struct stopwatch_port *stopwatch = &request->engine->ports.stopwatch;
    struct turn_history *history = history_of(request);

    if (request->state != REQUEST_PENDING || history == NULL || history->is_overdue)
        return false;
    /* Read here: what was pended while others were looked at is not older than that. */
    history->is_overdue = stopwatch->nanoseconds(stopwatch->context) - history->pended_at > limit;
    return history->is_overdue;
}

static void pended_look(struct request *request, void *context)
{
    struct verifier *verifier = context;

    mutex_lock(&request->lock);
    const bool is_overdue = is_newly_overdue(request, verifier->pend_timeout);
    const struct verify_subject subject = verify_subject_of(request, request->owner, CALL_RECEIVE);
    mutex_unlock(&request->lock);
    if (is_overdue)
        verify_report(verifier, request->engine, RULE_NEVER_COMPLETED, &subject,
                      "the request has been pended for more than %llu ms",
                      (unsigned long long)(verifier->pend_timeout / 1000000));
}

void verify_pended(struct engine *engine)
{
    const struct watch *watch = &engine->ports.watch;

    if (watch->turn_pended == history_turn_pended)
        request_pool_each(&engine->pool, pended_look, watch->context);
}

/* ---- the end ---- */

static void slot_forget(struct request *request, void *context)
{
    (void)context;
    mutex_lock(&request->lock);
    struct turn_history *history = history_of(request);
    request->watched = NULL;
    mutex_unlock(&request->lock);
    if (history == NULL)
        return;
    for (uint32_t i = 0; i < history->freed_count; i++)
        mem_free(history->freed[i].block);
    mem_free(history->bytes);
    mem_free(history);
}

void history_run_ended(void *context, struct engine *engine)
{
    request_pool_each_slot(&engine->pool, slot_forget, context);
}
