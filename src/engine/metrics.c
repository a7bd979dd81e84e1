#include "engine/metrics.h"

#include <stdio.h>
#include <string.h>

#include "base/histogram.h"
#include "base/utf16.h"
#include "engine/abi.h"
#include "engine/provider_table.h"

/* ---- drops ---- */

enum drop_weight drop_weight(enum drop_kind kind)
{
    static const enum drop_weight weights[DROP_KINDS + 1] = {
        [DROP_IGNORED] = DROP_USUAL,    [DROP_PASSED_ON] = DROP_USUAL,
        [DROP_FILTERED] = DROP_USUAL,   [DROP_MALFORMED] = DROP_ODD,
        [DROP_SHARED] = DROP_USUAL,     [DROP_PAUSED] = DROP_NOTABLE,
        [DROP_STOPPING] = DROP_NOTABLE, [DROP_NO_MEMORY] = DROP_NOTABLE,
        [DROP_FAULTED] = DROP_NOTABLE,  [DROP_ADDRESS] = DROP_ODD,
        [DROP_OWN] = DROP_ODD,          [DROP_RULES6] = DROP_NOTABLE,
        [DROP_UNSENT] = DROP_NOTABLE,   [DROP_NONE] = DROP_USUAL,
    };
    return weights[kind];
}

/* ---- durations ---- */

void durations_add(struct durations *durations, uint64_t microseconds)
{
    const size_t bucket = bucket_of(microseconds, DURATION_STEPS);
    uint64_t maximum = atomic_load_explicit(&durations->maximum, memory_order_relaxed);

    metrics_count(&durations->counts[bucket < DURATION_BUCKETS ? bucket : DURATION_BUCKETS - 1]);
    atomic_fetch_add_explicit(&durations->sum, microseconds, memory_order_relaxed);
    while (microseconds > maximum &&
           !atomic_compare_exchange_weak_explicit(&durations->maximum, &maximum, microseconds,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

struct duration_facts durations_read(struct durations *durations)
{
    struct duration_facts facts = {.sum = atomic_load(&durations->sum),
                                   .maximum = atomic_load(&durations->maximum)};
    uint64_t counts[DURATION_BUCKETS];

    for (size_t i = 0; i < DURATION_BUCKETS; i++) {
        counts[i] = atomic_load(&durations->counts[i]);
        facts.count += counts[i];
    }
    const struct {
        uint64_t *out;
        unsigned permille;
    } wanted[] = {{&facts.p50, 500}, {&facts.p90, 900}, {&facts.p99, 990}};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        *wanted[i].out = buckets_permille(counts, DURATION_BUCKETS, DURATION_STEPS, facts.count,
                                          facts.maximum, wanted[i].permille);
    return facts;
}

static void durations_clear(struct durations *durations)
{
    for (size_t i = 0; i < DURATION_BUCKETS; i++)
        atomic_store(&durations->counts[i], 0);
    atomic_store(&durations->sum, 0);
    atomic_store(&durations->maximum, 0);
}

/* ---- places ---- */

void metrics_init(struct metrics *metrics)
{
    mutex_init(&metrics->lock);
}

void metrics_destroy(struct metrics *metrics)
{
    mutex_destroy(&metrics->lock);
}

static void provider_clear(struct provider_metrics *provider, const char *name)
{
    snprintf(provider->name, sizeof(provider->name), "%s", name);
    atomic_store(&provider->offered, 0);
    atomic_store(&provider->filtered, 0);
    atomic_store(&provider->answered, 0);
    atomic_store(&provider->ignored, 0);
    atomic_store(&provider->rejected, 0);
    atomic_store(&provider->failed, 0);
    atomic_store(&provider->pended, 0);
    durations_clear(&provider->durations);
    provider->told = (struct told){0};
}

static void interface_clear(struct interface_metrics *nic)
{
    nic->local = (struct net_endpoint){0};
    atomic_store(&nic->received, 0);
    atomic_store(&nic->answered, 0);
    atomic_store(&nic->replies, 0);
    atomic_store(&nic->send_errors, 0);
    for (size_t i = 0; i < DROP_KINDS; i++)
        atomic_store(&nic->dropped[i], 0);
}

void metrics_reset(struct metrics *metrics, struct provider_table *table, uint64_t now)
{
    mutex_lock(&metrics->lock);
    metrics->started = now;
    durations_clear(&metrics->durations);
    for (size_t i = 0; i <= METRICS_INTERFACES; i++)
        interface_clear(&metrics->interfaces[i]);
    atomic_store(&metrics->interface_count, 0);
    provider_clear(&metrics->providers[METRICS_PROVIDERS], "(others)");
    for (uint32_t i = 0; i < table->count; i++) {
        table->order[i]->metrics =
            &metrics->providers[i < METRICS_PROVIDERS ? i : METRICS_PROVIDERS];
        if (i >= METRICS_PROVIDERS)
            continue;
        provider_clear(table->order[i]->metrics, table->order[i]->name);
        table->order[i]->metrics->told = table->order[i]->told;
    }
    metrics->provider_count =
        table->count <= METRICS_PROVIDERS ? table->count : METRICS_PROVIDERS + 1;
    mutex_unlock(&metrics->lock);
}

static bool is_of(const struct interface_metrics *nic, const struct net_endpoint *local)
{
    return nic->local.length == local->length && nic->local.scope == local->scope &&
           memcmp(nic->local.address, local->address, local->length) == 0;
}

static struct interface_metrics *interface_find(struct metrics *metrics,
                                                const struct net_endpoint *local)
{
    uint32_t count = atomic_load_explicit(&metrics->interface_count, memory_order_acquire);

    for (uint32_t i = 0; i < count; i++)
        if (is_of(&metrics->interfaces[i], local))
            return &metrics->interfaces[i];
    return count > METRICS_INTERFACES ? &metrics->interfaces[METRICS_INTERFACES] : NULL;
}

/* Once per interface; the last place takes all for which there is none. */
static struct interface_metrics *interface_add(struct metrics *metrics,
                                               const struct net_endpoint *local)
{
    mutex_lock(&metrics->lock);
    struct interface_metrics *nic = interface_find(metrics, local);
    if (nic == NULL) {
        uint32_t count = atomic_load(&metrics->interface_count);
        nic = &metrics->interfaces[count];
        if (count < METRICS_INTERFACES) {
            nic->local = *local;
            nic->local.port = 0;
        }
        atomic_store_explicit(&metrics->interface_count, count + 1, memory_order_release);
    }
    mutex_unlock(&metrics->lock);
    return nic;
}

struct interface_metrics *metrics_interface(struct metrics *metrics,
                                            const struct net_endpoint *local)
{
    struct interface_metrics *nic = interface_find(metrics, local);
    return nic != NULL ? nic : interface_add(metrics, local);
}

/* ---- counting and summing ---- */

void metrics_turn(struct provider_metrics *provider, uint32_t action, uint64_t microseconds)
{
    metrics_count(action == ACTION_IGNORE     ? &provider->ignored
                  : action == ACTION_REJECTED ? &provider->rejected
                                              : &provider->answered);
    durations_add(&provider->durations, microseconds);
}

/* No half of a surrogate pair is left where it is cut. */
static void line_copy(uint16_t out[TOLD_UNITS], const uint16_t *line)
{
    size_t length = utf16_length_within(line, TOLD_UNITS);

    if (length == TOLD_UNITS) {
        length--;
        if ((line[length - 1] & 0xFC00) == 0xD800)
            length--;
    }
    memcpy(out, line, length * sizeof(*out));
    out[length] = 0;
}

void metrics_tell(struct metrics *metrics, struct provider *provider, const uint16_t *line,
                  uint64_t when)
{
    mutex_lock(&metrics->lock);
    struct provider_metrics *counted = provider->metrics;
    struct told *told = counted != NULL ? &counted->told : &provider->told;
    told->lines++;
    told->answered = counted != NULL ? atomic_load(&counted->answered) : 0;
    told->when = when;
    line_copy(told->text, line);
    mutex_unlock(&metrics->lock);
}

uint64_t metrics_dropped(struct metrics *metrics, enum drop_kind kind)
{
    uint32_t count = atomic_load(&metrics->interface_count);
    uint64_t dropped = 0;

    for (uint32_t i = 0; i < count; i++)
        dropped += atomic_load(&metrics->interfaces[i].dropped[kind]);
    return dropped;
}
