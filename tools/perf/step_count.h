/*
 * Counts instructions by letting the CPU stop after each one: exact, the same in every run, and
 * possible where there are no hardware counters. Native x86-64 only: under Wine a stepped thread
 * never comes back from its exception handler.
 */
#ifndef PERF_STEP_COUNT_H
#define PERF_STEP_COUNT_H

#include <stdint.h>

/* The instructions of run(argument), and some that are the same for every function. An instruction
 * that repeats itself (rep stos) counts once. One thread at a time. 0: cannot be counted here. */
uint64_t step_count(void (*run)(void *argument), void *argument);

#endif
