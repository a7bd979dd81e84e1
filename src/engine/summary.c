#include "engine/summary.h"

#include <inttypes.h>

#include "engine/core.h"

static const uint64_t LINE = 1000000;

void summary_init(struct summary *summary)
{
    mutex_init(&summary->lock);
}

void summary_destroy(struct summary *summary)
{
    mutex_destroy(&summary->lock);
}

void summary_reset(struct engine *engine)
{
    struct summary *summary = &engine->summary;

    mutex_lock(&summary->lock);
    summary->lines = SUMMARY_BURST * LINE;
    summary->filled_at = 0;
    summary->withheld = 0;
    summary->told_repeats = 0;
    summary->told_others = 0;
    summary->told_given_way = atomic_load(&engine->pending.given_way);
    mutex_unlock(&summary->lock);
}

/* Caller holds summary->lock. A clock that goes back adds nothing. */
static void lines_refill(struct summary *summary, uint64_t now)
{
    const uint64_t most = SUMMARY_BURST * LINE;
    uint64_t passed = now > summary->filled_at ? now - summary->filled_at : 0;

    summary->filled_at = now;
    if (passed >= most / SUMMARY_PER_SECOND || summary->lines + passed * SUMMARY_PER_SECOND > most)
        summary->lines = most;
    else
        summary->lines += passed * SUMMARY_PER_SECOND;
}

bool summary_allows(struct summary *summary, uint64_t now)
{
    mutex_lock(&summary->lock);
    lines_refill(summary, now);
    bool allowed = summary->lines >= LINE;
    if (allowed)
        summary->lines -= LINE;
    else
        summary->withheld++;
    mutex_unlock(&summary->lock);
    return allowed;
}

/* How much a counter has grown since it was last told. */
static uint64_t growth(_Atomic uint64_t *counter, uint64_t *told)
{
    uint64_t now = atomic_load(counter);
    uint64_t since = now - *told;

    *told = now;
    return since;
}

void summary_write(struct engine *engine)
{
    struct summary *summary = &engine->summary;
    struct intake_counters *dropped = &engine->counters.unhandled;

    mutex_lock(&summary->lock);
    uint64_t withheld = summary->withheld;
    uint64_t repeats = growth(&dropped->dropped_repeats, &summary->told_repeats);
    uint64_t others = growth(&dropped->dropped_others, &summary->told_others);
    uint64_t given_way = growth(&engine->pending.given_way, &summary->told_given_way);
    summary->withheld = 0;
    mutex_unlock(&summary->lock);
    if (given_way > 0)
        engine_log(engine, LOG_WARNING,
                   "dropped the %" PRIu64
                   " requests that were pended longest: more than MaxPendingRequests were pended",
                   given_way);
    if (withheld > 0)
        engine_log(engine, LOG_WARNING, "dropped %" PRIu64 " more malformed datagrams", withheld);
    if (repeats + others > 0)
        engine_log(engine, LOG_WARNING,
                   "more came in than could be handled: %" PRIu64
                   " datagrams dropped unseen, %" PRIu64 " of them sent again since",
                   repeats + others, repeats);
}
