#include "engine/running.h"

#include <string.h>

#include "engine/callback.h"
#include "engine/chain.h"
#include "engine/core.h"
#include "engine/event.h"
#include "engine/turn.h"

#define NANOSECONDS_PER_SECOND UINT64_C(1000000000)

/* What one look has found, by the provider's slot. */
struct running_sums {
    uint32_t count[PROVIDER_MAX];
    uint64_t longest[PROVIDER_MAX]; /* seconds */
};

static bool thread_has_ended(const struct engine *engine, uintptr_t thread)
{
    const struct call_port *calls = &engine->ports.calls;

    return thread != 0 && calls->thread_has_ended != NULL &&
           calls->thread_has_ended(calls->context, thread);
}

static void request_look(struct request *request, void *context)
{
    struct running_sums *sums = context;
    struct turn_running running;

    if (!turn_is_running(request, &running))
        return;
    const uint64_t seconds = running.nanoseconds / NANOSECONDS_PER_SECOND;
    if (seconds >= 1 && thread_has_ended(request->engine, running.thread)) {
        chain_abandon(request, &running);
        return;
    }
    if (seconds < RUNNING_LONG || atomic_load(&request->is_over))
        return;
    const uint32_t slot = running.provider->slot;
    sums->count[slot]++;
    if (seconds > sums->longest[slot])
        sums->longest[slot] = seconds;
}

/* At once, when there are twice as many, and when it has lasted twice as long. */
static bool is_to_tell(const struct provider *provider, uint32_t count, uint64_t seconds)
{
    return provider->held_seen == 0 || count >= 2 * provider->held_seen ||
           seconds >= 2 * provider->held_told_at;
}

static void provider_look(struct engine *engine, struct provider *provider, uint32_t count,
                          uint64_t seconds)
{
    if (count == 0) {
        if (provider->held_seen > 0)
            engine_log(engine, LOG_WARNING, "provider %s: its receive callbacks return again",
                       provider->name);
        provider->held_seen = 0;
        provider->held_told_at = 0;
        return;
    }
    if (!is_to_tell(provider, count, seconds))
        return;
    provider->held_seen = count;
    provider->held_told_at = seconds;
    engine_log(engine, LOG_ERROR,
               "provider %s: holds %u thread(s) in receive callbacks that do not return; "
               "the longest has taken %u s",
               provider->name, (unsigned)count, (unsigned)seconds);
}

void running_look(struct engine *engine)
{
    struct running_sums sums;

    memset(&sums, 0, sizeof(sums));
    request_pool_each(&engine->pool, request_look, &sums);
    for (uint32_t i = 0; i < engine->table.count; i++) {
        struct provider *provider = engine->table.order[i];
        provider_look(engine, provider, sums.count[provider->slot], sums.longest[provider->slot]);
    }
}

/* Who holds the most. */
static struct provider *holder_find(struct engine *engine)
{
    struct provider *holder = engine->table.order[0];

    for (uint32_t i = 1; i < engine->table.count; i++)
        if (atomic_load(&engine->table.order[i]->running) > atomic_load(&holder->running))
            holder = engine->table.order[i];
    return holder;
}

void running_all_held(struct engine *engine, uint32_t threads, uint32_t waiting)
{
    if (threads == 0 || engine->table.count == 0) {
        engine->held_seconds = 0;
        return;
    }
    const uint32_t seconds = ++engine->held_seconds;
    atomic_fetch_add(&engine->counters.all_held, 1);
    if ((seconds & (seconds - 1)) == 0)
        event_report(engine, EVENT_THREADS_HELD, NULL,
                     "all %u threads are in receive callbacks that do not return, for %u s; "
                     "at least %u datagrams wait",
                     (unsigned)threads, (unsigned)seconds, (unsigned)waiting);
    if (seconds == HELD_LIMIT)
        callback_holds_all(engine, holder_find(engine));
}
