/* Durations, counted in buckets that are at most 1.6 % wide, so that any quantile can be told. */
#ifndef PERF_HISTOGRAM_H
#define PERF_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_HALF = 64, HISTOGRAM_BUCKETS = 40 * HISTOGRAM_HALF };

struct histogram {
    uint64_t counts[HISTOGRAM_BUCKETS];
    uint64_t total;
};

/* Below 128 each value has a bucket of its own; above, each power of two is cut into 64. */
static inline unsigned histogram_bucket(uint64_t value)
{
    unsigned shift = 0;

    while (value >= (uint64_t)2 * HISTOGRAM_HALF && shift < 38) {
        value >>= 1;
        shift++;
    }
    if (value >= (uint64_t)2 * HISTOGRAM_HALF)
        value = 2 * HISTOGRAM_HALF - 1;
    return shift * HISTOGRAM_HALF + (unsigned)value;
}

/* The highest value that is counted there. */
static inline uint64_t histogram_value(unsigned bucket)
{
    if (bucket < 2 * HISTOGRAM_HALF)
        return bucket;
    unsigned shift = bucket / HISTOGRAM_HALF - 1;
    return ((uint64_t)(bucket % HISTOGRAM_HALF + HISTOGRAM_HALF + 1) << shift) - 1;
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->counts[histogram_bucket(value)]++;
    histogram->total++;
}

/* What at least `part` (0 to 1) of the values do not exceed; 0 if there is none. */
static inline uint64_t histogram_quantile(const struct histogram *histogram, double part)
{
    uint64_t wanted = (uint64_t)(part * (double)histogram->total);
    uint64_t seen = 0;

    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (seen > wanted || (seen == histogram->total && seen > 0))
            return histogram_value(i);
    }
    return 0;
}

#endif
