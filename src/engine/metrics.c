#include "engine/metrics.h"

#include <stdio.h>
#include <string.h>

#include "engine/abi.h"
#include "engine/provider_table.h"

enum { EXACT = 8, STEPS = 4, FIRST_EXPONENT = 3 };

/* ---- durations ---- */

static size_t bucket_of(uint64_t microseconds)
{
    unsigned exponent = FIRST_EXPONENT;

    if (microseconds < EXACT)
        return (size_t)microseconds;
    while (microseconds >> exponent > 1)
        exponent++;
    size_t step = (size_t)(microseconds >> (exponent - 2)) & (STEPS - 1);
    size_t bucket = EXACT + (exponent - FIRST_EXPONENT) * STEPS + step;
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

/* The longest duration that falls into it. */
static uint64_t bucket_end(size_t bucket)
{
    if (bucket < EXACT)
        return bucket;
    if (bucket == HISTOGRAM_BUCKETS - 1)
        return UINT64_MAX;
    size_t exponent = FIRST_EXPONENT + (bucket - EXACT) / STEPS;
    uint64_t step = (bucket - EXACT) % STEPS;
    return ((STEPS + step + 1) << (exponent - 2)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t microseconds)
{
    uint64_t maximum = atomic_load_explicit(&histogram->maximum, memory_order_relaxed);

    metrics_count(&histogram->counts[bucket_of(microseconds)]);
    atomic_fetch_add_explicit(&histogram->sum, microseconds, memory_order_relaxed);
    while (microseconds > maximum &&
           !atomic_compare_exchange_weak_explicit(&histogram->maximum, &maximum, microseconds,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
}

/* Where `share` hundredths of `total` have been passed. */
static uint64_t percentile(const uint64_t *counts, uint64_t total, unsigned share, uint64_t maximum)
{
    uint64_t wanted = total / 100 * share + (total % 100 * share + 99) / 100;
    uint64_t passed = 0;

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        passed += counts[i];
        if (passed >= wanted)
            return bucket_end(i) < maximum ? bucket_end(i) : maximum;
    }
    return maximum;
}

struct duration_facts histogram_read(struct histogram *histogram)
{
    struct duration_facts facts = {.sum = atomic_load(&histogram->sum),
                                   .maximum = atomic_load(&histogram->maximum)};
    uint64_t counts[HISTOGRAM_BUCKETS];

    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        counts[i] = atomic_load(&histogram->counts[i]);
        facts.count += counts[i];
    }
    if (facts.count == 0)
        return facts;
    facts.p50 = percentile(counts, facts.count, 50, facts.maximum);
    facts.p90 = percentile(counts, facts.count, 90, facts.maximum);
    facts.p99 = percentile(counts, facts.count, 99, facts.maximum);
    return facts;
}

static void histogram_clear(struct histogram *histogram)
{
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        atomic_store(&histogram->counts[i], 0);
    atomic_store(&histogram->sum, 0);
    atomic_store(&histogram->maximum, 0);
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
    histogram_clear(&provider->duration);
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
    histogram_clear(&metrics->duration);
    for (size_t i = 0; i <= METRICS_INTERFACES; i++)
        interface_clear(&metrics->interfaces[i]);
    atomic_store(&metrics->interface_count, 0);
    provider_clear(&metrics->providers[METRICS_PROVIDERS], "(others)");
    for (uint32_t i = 0; i < table->count; i++) {
        table->order[i]->metrics =
            &metrics->providers[i < METRICS_PROVIDERS ? i : METRICS_PROVIDERS];
        if (i < METRICS_PROVIDERS)
            provider_clear(table->order[i]->metrics, table->order[i]->name);
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
    histogram_add(&provider->duration, microseconds);
}

uint64_t metrics_dropped(struct metrics *metrics, enum drop_kind kind)
{
    uint32_t count = atomic_load(&metrics->interface_count);
    uint64_t dropped = 0;

    for (uint32_t i = 0; i < count; i++)
        dropped += atomic_load(&metrics->interfaces[i].dropped[kind]);
    return dropped;
}
