/* The monotonic clock. */
#ifndef WIN32_CLOCK_H
#define WIN32_CLOCK_H

#include <stdint.h>

uint64_t clock_microseconds(void);
uint64_t clock_nanoseconds(void);

#endif
