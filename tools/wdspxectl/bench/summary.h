/* What a replay has come to, in words and as JSON. */
#ifndef WDSPXECTL_BENCH_SUMMARY_H
#define WDSPXECTL_BENCH_SUMMARY_H

#include "exchange/golden.h"
#include "bench/drive.h"

struct replay_outcome {
    const struct replay_options *options;
    const struct record *record;
    const struct drive *drive;
    bool has_golden; /* replies were compared */
    struct golden_result golden;
    enum exit_code code;
};

/* Writes the summary to standard output. */
void replay_summary_show(const struct replay_outcome *outcome);

#endif
