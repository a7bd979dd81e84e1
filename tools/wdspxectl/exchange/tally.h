/* Numbers of a run on the test bench, by provider and by rule. */
#ifndef WDSPXECTL_BENCH_TALLY_H
#define WDSPXECTL_BENCH_TALLY_H

#include <stdint.h>

#include "base/histogram.h"

/* How long the receive callbacks of a provider took, over all passes. */
struct provider_timing {
    const char *provider;
    struct histogram nanoseconds;
};

/* Findings of one rule, provider and call. Strings may be NULL: not known. */
struct finding_tally {
    unsigned rule;
    const char *rule_name;
    const char *provider;
    const char *call;
    uint64_t count;
    uint64_t first_number; /* of the request; 0: of none */
};

#endif
