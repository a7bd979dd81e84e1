/* A monotonic clock. */
#ifndef PERF_CLOCK_H
#define PERF_CLOCK_H

#include <stdint.h>

#ifdef _WIN32
#include <windows.h>

static inline uint64_t clock_nanoseconds(void)
{
    LARGE_INTEGER ticks, frequency;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&ticks);
    return (uint64_t)ticks.QuadPart * (1000000000u / (uint64_t)frequency.QuadPart);
}

#else
#include <time.h>

static inline uint64_t clock_nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif

#endif
