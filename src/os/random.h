/* Numbers that nobody can foresee. */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include <stdint.h>

/* 64 bits of the system's generator; of clock, process and address space, should that fail. */
uint64_t random_seed(void);

#endif
