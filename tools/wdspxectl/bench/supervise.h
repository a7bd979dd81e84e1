/*
 * Runs the test bench in a process of its own, so that a provider that ends the process, or hangs
 * it, is a finding and not the end of the story.
 */
#ifndef WDSPXECTL_BENCH_SUPERVISE_H
#define WDSPXECTL_BENCH_SUPERVISE_H

#include "bench/options.h"
#include "bench/page.h"

/*
 * Calls `run` in a process like this one and returns what it returned; a process that ended without
 * coming to its end is told as a finding, with a capture of each request in work:
 * EXIT_CODE_FINDINGS.
 */
enum exit_code supervise(const struct arguments *arguments,
                         enum exit_code (*run)(const struct arguments *arguments));

/*
 * In the supervised process, when it has said what there is to say: ends it here, whatever its
 * threads do, and without unloading a provider.
 */
_Noreturn void supervise_leave(enum exit_code code);

/* In the supervised process: for whom and where to. `patience_ms` 0: for ever. */
void supervise_describe(const struct replay_options *options, uint32_t hang_seconds);

#endif
