#include "text/histogram.h"

#include <stddef.h>

/* Values below 32 have a cell each; from there on, the five bits below the highest one choose. */
static size_t cell_of(uint64_t value)
{
    unsigned shift = 0;
    while (value >> shift >= 2 * HISTOGRAM_STEPS)
        shift++;
    if (value < HISTOGRAM_STEPS)
        return (size_t)value;
    return (size_t)shift * HISTOGRAM_STEPS + (size_t)(value >> shift);
}

/* The largest value of a cell. */
static uint64_t cell_end(size_t cell)
{
    if (cell < 2 * HISTOGRAM_STEPS)
        return cell;
    unsigned shift = (unsigned)(cell / HISTOGRAM_STEPS) - 1;
    uint64_t first = (uint64_t)(cell % HISTOGRAM_STEPS + HISTOGRAM_STEPS) << shift;
    return first + ((UINT64_C(1) << shift) - 1);
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->count++;
    histogram->cells[cell_of(value)]++;
    if (value > histogram->maximum)
        histogram->maximum = value;
}

uint64_t histogram_percentile(const struct histogram *histogram, unsigned percent)
{
    /* Rounded up, without a product that might overflow. */
    uint64_t wanted = histogram->count / 100 * percent;
    wanted += (histogram->count % 100 * percent + 99) / 100;
    uint64_t seen = 0;
    for (size_t i = 0; i < HISTOGRAM_CELLS && histogram->count > 0; i++) {
        seen += histogram->cells[i];
        if (seen < wanted || histogram->cells[i] == 0)
            continue;
        return cell_end(i) < histogram->maximum ? cell_end(i) : histogram->maximum;
    }
    return histogram->maximum;
}
