#include "os/random.h"

#include <windows.h>

#include <ntsecapi.h>

uint64_t random_seed(void)
{
    LARGE_INTEGER counter;
    uint64_t seed;

    if (RtlGenRandom(&seed, sizeof(seed)))
        return seed;
    QueryPerformanceCounter(&counter);
    return (uint64_t)counter.QuadPart * UINT64_C(0x9e3779b97f4a7c15) ^
           ((uint64_t)GetCurrentProcessId() << 32 | GetCurrentThreadId()) ^
           (uint64_t)(uintptr_t)&random_seed;
}
