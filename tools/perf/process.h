/* What the kernel tells about the processes under test, and about the machine. */
#ifndef PERF_PROCESS_H
#define PERF_PROCESS_H

#include <stdint.h>

/* CPU seconds that a process and its threads have used, by nanoseconds where the kernel counts them
 * (schedstat); 0 if there is none of that number. */
double process_cpu_seconds(int pid);

/* Of these, those outside the kernel. */
double process_user_seconds(int pid);

/* Its resident memory in KiB; 0 likewise. */
uint64_t process_resident(int pid);

/* CPU seconds since the machine started, of all processors. */
struct machine_time {
    double user;  /* programs, outside the kernel */
    double steal; /* not given by the host of a virtual machine */
};

struct machine_time machine_time_read(void);

#endif
