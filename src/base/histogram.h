/*
 * Counts of values in log-linear buckets, in a bounded amount of memory: below twice `steps` each
 * value has a bucket of its own, from there on each doubling is cut into `steps`. That is a power
 * of two, and the same in all calls about an array; the array's last bucket has what is larger,
 * too.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

static inline size_t bucket_of(uint64_t value, unsigned steps)
{
    unsigned shift = 0;

    while (value >> shift >= 2 * (uint64_t)steps)
        shift++;
    return (size_t)shift * steps + (size_t)(value >> shift);
}

/* The largest value of a bucket. */
static inline uint64_t bucket_end(size_t bucket, unsigned steps)
{
    if (bucket < 2 * (size_t)steps)
        return bucket;
    const size_t shift = bucket / steps - 1;
    const uint64_t first = (uint64_t)(bucket % steps + steps) << shift;
    return first + ((UINT64_C(1) << shift) - 1);
}

/* What at least `permille` thousandths of the `total` values that are counted do not exceed: the
 * end of a bucket, and never more than `maximum`, the largest of them. */
static inline uint64_t buckets_permille(const uint64_t *counts, size_t size, unsigned steps,
                                        uint64_t total, uint64_t maximum, unsigned permille)
{
    /* Rounded up, without a product that might overflow. */
    const uint64_t wanted = total / 1000 * permille + (total % 1000 * permille + 999) / 1000;
    uint64_t passed = 0;

    for (size_t i = 0; i + 1 < size; i++) {
        passed += counts[i];
        if (passed >= wanted && counts[i] > 0)
            return bucket_end(i, steps) < maximum ? bucket_end(i, steps) : maximum;
    }
    return maximum;
}

/* Values of any size, each kept to within 1.6 percent. Starts as all zero. */
enum { HISTOGRAM_STEPS = 64, HISTOGRAM_BUCKETS = (64 - 6 + 1) * HISTOGRAM_STEPS };

struct histogram {
    uint64_t count;
    uint64_t maximum;
    uint64_t counts[HISTOGRAM_BUCKETS];
};

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->count++;
    histogram->counts[bucket_of(value, HISTOGRAM_STEPS)]++;
    if (value > histogram->maximum)
        histogram->maximum = value;
}

/* 0 if there are no values. */
static inline uint64_t histogram_permille(const struct histogram *histogram, unsigned permille)
{
    return buckets_permille(histogram->counts, HISTOGRAM_BUCKETS, HISTOGRAM_STEPS, histogram->count,
                            histogram->maximum, permille);
}

#endif
