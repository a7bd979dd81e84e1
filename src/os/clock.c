#include "os/clock.h"

#include <windows.h>

/* The counter in units of which there are `per_second`. */
static uint64_t counter_read(uint64_t per_second)
{
    static LONGLONG frequency; /* the same for everybody who finds it 0 */
    LARGE_INTEGER now;

    if (frequency == 0) {
        LARGE_INTEGER ticks_per_second;
        QueryPerformanceFrequency(&ticks_per_second);
        frequency = ticks_per_second.QuadPart;
    }
    QueryPerformanceCounter(&now);
    return (uint64_t)(now.QuadPart / frequency) * per_second +
           (uint64_t)(now.QuadPart % frequency) * per_second / (uint64_t)frequency;
}

uint64_t clock_microseconds(void)
{
    return counter_read(1000000);
}

uint64_t clock_nanoseconds(void)
{
    return counter_read(1000000000);
}
