/* What the server has done, for its host. */
#include "wdspxe_ext.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/caller.h"
#include "base/mem.h"
#include "engine/policy.h"
#include "os/clock.h"
#include "win32/server/host_callbacks.h"
#include "os/utf8.h"
#include "win32/server/runtime.h"

/* Without its first member. */
static void counters_fill(struct engine *engine, WDSPXE_EXT_COUNTERS *out)
{
    struct engine_counters *counters = &engine->counters;

    out->uOpenRequests = atomic_load(&engine->pool.open);
    out->uOpenPackets = atomic_load(&counters->open_packets);
    out->uReserved = 0;
    out->uReceived = atomic_load(&counters->received);
    out->uAnswered = atomic_load(&counters->answered);
    out->uIgnored = atomic_load(&counters->ignored);
    out->uDropped = atomic_load(&counters->dropped);
    out->uReplies = atomic_load(&counters->replies);
    out->uSendErrors = atomic_load(&counters->send_errors);
    out->uReclaimed = atomic_load(&counters->reclaimed);
    out->uUnseenRepeats = atomic_load(&counters->unhandled.dropped_repeats);
    out->uRepaired = atomic_load(&counters->repaired);
    out->uUnseenOthers = atomic_load(&counters->unhandled.dropped_others);
}

DWORD PXEAPI WdsPxeExtServerGetCounters(WDSPXE_EXT_COUNTERS *pCounters)
{
    const ULONG first_size = offsetof(WDSPXE_EXT_COUNTERS, uUnseenRepeats); /* version 0.1 */
    const ULONG second_size = offsetof(WDSPXE_EXT_COUNTERS, uRepaired);
    struct engine *engine = runtime_engine();
    WDSPXE_EXT_COUNTERS counters;

    if (pCounters == NULL ||
        (pCounters->uSizeOfStruct != first_size && pCounters->uSizeOfStruct != second_size &&
         pCounters->uSizeOfStruct != sizeof(*pCounters)))
        return ERROR_INVALID_PARAMETER;
    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    counters.uSizeOfStruct = pCounters->uSizeOfStruct;
    counters_fill(engine, &counters);
    memcpy(pCounters, &counters, counters.uSizeOfStruct);
    return ERROR_SUCCESS;
}

static WDSPXE_EXT_DURATION duration_read(struct durations *durations)
{
    struct duration_facts facts = durations_read(durations);

    return (WDSPXE_EXT_DURATION){.uCount = facts.count,
                                 .uSum = facts.sum,
                                 .uMaximum = facts.maximum,
                                 .uP50 = facts.p50,
                                 .uP90 = facts.p90,
                                 .uP99 = facts.p99};
}

/* The host's text is cut where it ends. */
static void text_fill(const char *utf8, WCHAR *out_text, size_t units)
{
    WCHAR whole[sizeof((struct provider_metrics *)0)->name];

    utf8_to_wide(utf8, whole, sizeof(whole) / sizeof(whole[0]));
    wcsncpy(out_text, whole, units - 1);
    out_text[units - 1] = L'\0';
}

static void told_fill(struct provider_metrics *from, WDSPXE_EXT_PROVIDER_STATUS *out)
{
    const struct told *told = &from->told;

    static_assert(sizeof(told->text) == sizeof(out->szLastWarning), "one is copied to the other");
    out->uWarnings = told->lines;
    out->uAnsweredSince = out->uAnswered - told->answered;
    out->uLastWarning = told->when;
    memcpy(out->szLastWarning, told->text, sizeof(told->text));
}

/* Caller holds metrics->lock. */
static void provider_fill(struct provider_metrics *from, WDSPXE_EXT_PROVIDER_STATUS *out)
{
    text_fill(from->name, out->szName, sizeof(out->szName) / sizeof(out->szName[0]));
    out->uOffered = atomic_load(&from->offered);
    out->uFiltered = atomic_load(&from->filtered);
    out->uAnswered = atomic_load(&from->answered);
    out->uIgnored = atomic_load(&from->ignored);
    out->uRejected = atomic_load(&from->rejected);
    out->uFailed = atomic_load(&from->failed);
    out->uPended = atomic_load(&from->pended);
    out->Duration = duration_read(&from->durations);
    told_fill(from, out);
}

static void interface_fill(struct interface_metrics *from, WDSPXE_EXT_INTERFACE_STATUS *out)
{
    out->Address = host_address(&from->local);
    out->uScope = from->local.scope;
    out->uReceived = atomic_load(&from->received);
    out->uAnswered = atomic_load(&from->answered);
    out->uReplies = atomic_load(&from->replies);
    out->uSendErrors = atomic_load(&from->send_errors);
    for (size_t i = 0; i < DROP_KINDS; i++)
        out->uDropped[i] = atomic_load(&from->dropped[i]);
}

static void metrics_fill(struct metrics *metrics, WDSPXE_EXT_STATUS *out)
{
    mutex_lock(&metrics->lock);
    out->uMilliseconds = (clock_microseconds() - metrics->started) / 1000;
    out->Duration = duration_read(&metrics->durations);
    out->cProviders = metrics->provider_count;
    out->cInterfaces = atomic_load(&metrics->interface_count);
    for (ULONG i = 0; i < out->cProviders; i++)
        provider_fill(&metrics->providers[i], &out->Providers[i]);
    for (ULONG i = 0; i < out->cInterfaces; i++)
        interface_fill(&metrics->interfaces[i], &out->Interfaces[i]);
    mutex_unlock(&metrics->lock);
    for (size_t i = 0; i < DROP_KINDS; i++)
        out->uDropped[i] = metrics_dropped(metrics, (enum drop_kind)i);
}

/* All of them, unless the settings say otherwise. */
static ULONG bucket_count(const struct policy *policy)
{
    ULONG count = 0;

    for (unsigned bucket = 0; bucket < 256; bucket++)
        count += policy == NULL || bucket_set_has(&policy->buckets, (uint8_t)bucket);
    return count;
}

/* Milliseconds ago, by the clock that requests are told the time by; before the first start there
 * is none. */
static ULONGLONG last_taken_over(struct engine *engine)
{
    const struct clock_port *clock = &engine->ports.clock;
    const uint64_t last = atomic_load(&engine->counters.last_taken_over);

    if (last == 0)
        return 0;
    const uint64_t now = clock->microseconds(clock->context);
    return now > last ? (now - last) / 1000 : 0;
}

static void network_fill(WDSPXE_EXT_STATUS *out)
{
    const struct net_kind kind = runtime_network();

    text_fill(kind.name, out->szNetwork, sizeof(out->szNetwork) / sizeof(out->szNetwork[0]));
    text_fill(kind.not_native, out->szNotNative,
              sizeof(out->szNotNative) / sizeof(out->szNotNative[0]));
}

static void status_fill(struct engine *engine, WDSPXE_EXT_STATUS *out)
{
    out->uSizeOfStruct = sizeof(*out);
    out->Counters.uSizeOfStruct = sizeof(out->Counters);
    counters_fill(engine, &out->Counters);
    metrics_fill(&engine->metrics, out);
    out->uTakenOver = atomic_load(&engine->counters.taken_over);
    out->uLastTakenOver = last_taken_over(engine);
    out->uAllHeld = atomic_load(&engine->counters.all_held);
    network_fill(out);
    out->cBuckets = bucket_count(engine->ports.policy);
    out->uState = !atomic_load(&engine->is_serving) ? WDSPXE_EXT_STOPPED
                  : atomic_load(&engine->is_paused) ? WDSPXE_EXT_PAUSED
                                                    : WDSPXE_EXT_SERVING;
    if (out->uState == WDSPXE_EXT_STOPPED)
        out->uMilliseconds = 0;
}

DWORD PXEAPI WdsPxeExtServerGetStatus(WDSPXE_EXT_STATUS *pStatus)
{
    struct engine *engine = runtime_engine();

    if (pStatus == NULL || pStatus->uSizeOfStruct != sizeof(*pStatus))
        return ERROR_INVALID_PARAMETER;
    caller_touch(pStatus, sizeof(*pStatus));
    /* Locks are held while it is filled, so not in the caller's memory. */
    WDSPXE_EXT_STATUS *status = engine != NULL ? mem_alloc(sizeof(*status)) : NULL;
    if (status == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    status_fill(engine, status);
    memcpy(pStatus, status, sizeof(*status));
    mem_free(status);
    return ERROR_SUCCESS;
}
