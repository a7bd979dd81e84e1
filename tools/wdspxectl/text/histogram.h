/* How long calls took, in a bounded amount of memory: each value is kept to within 3 percent. */
#ifndef WDSPXECTL_TEXT_HISTOGRAM_H
#define WDSPXECTL_TEXT_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_STEPS = 32, /* between a power of two and the next */
    HISTOGRAM_CELLS = (64 - 5 + 1) * HISTOGRAM_STEPS,
};

/* Starts as all zero. */
struct histogram {
    uint64_t count;
    uint64_t maximum;
    uint64_t cells[HISTOGRAM_CELLS];
};

void histogram_add(struct histogram *histogram, uint64_t value);

/* The smallest value that `percent` (1..100) of the values do not exceed; 0 if there are none. */
uint64_t histogram_percentile(const struct histogram *histogram, unsigned percent);

#endif
