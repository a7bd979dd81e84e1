/* The monotonic clock. */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

uint64_t clock_microseconds(void);
uint64_t clock_nanoseconds(void);

#endif
