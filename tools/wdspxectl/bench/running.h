/*
 * The requests that the provider has at this moment, as captures on the disk: each is there before
 * the provider gets it, so that nobody's end takes it along, not even that of the supervisor. A
 * file for each thread, mapped into memory: writing costs a copy. What was never ended, or nothing,
 * is in them; an orderly end removes them.
 */
#ifndef WDSPXECTL_BENCH_RUNNING_H
#define WDSPXECTL_BENCH_RUNNING_H

#include "capture/messages.h"

enum { RUNNING_PATH_SIZE = 600 };

/*
 * Puts the request into the file of `slot` (below PAGE_CASES), which is made at its first:
 * "FOLDER\running-PROVIDER-PROCESS-SLOT.pcap". `out_path` gets its path; "" if there can be none,
 * which is told once.
 */
void running_put(unsigned slot, const char *folder, const char *provider,
                 const struct message *message, char out_path[RUNNING_PATH_SIZE]);

/* Closes all files and removes them, and the folder if it was made for them. */
void running_remove(void);

#endif
