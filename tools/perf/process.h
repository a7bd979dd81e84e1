/* What the kernel tells about the processes under test. */
#ifndef PERF_PROCESS_H
#define PERF_PROCESS_H

#include <stdint.h>

/* CPU seconds that a process and its threads have used; 0 if there is none of that number. */
double process_cpu_seconds(int pid);

/* Its resident memory in KiB; 0 likewise. */
uint64_t process_resident(int pid);

#endif
