/* Writing down what came out of an operation; see contestant.h. */
#ifndef PERF_OUTCOME_H
#define PERF_OUTCOME_H

#include <stdbool.h>
#include <string.h>

#include "contestant.h"

/* Bytes go on at the end; what is too much is left out, which no outcome of the bench is. */
static inline void outcome_put(struct outcome *outcome, const void *bytes, size_t count)
{
    if (count == 0 || count > sizeof(outcome->bytes) - outcome->length)
        return;
    memcpy(outcome->bytes + outcome->length, bytes, count);
    outcome->length += count;
}

static inline void outcome_put_number(struct outcome *outcome, size_t number)
{
    const uint8_t bytes[2] = {(uint8_t)(number >> 8), (uint8_t)number};
    outcome_put(outcome, bytes, sizeof(bytes));
}

static inline void outcome_put_value(struct outcome *outcome, const void *value, size_t length)
{
    outcome_put_number(outcome, length);
    outcome_put(outcome, value, length);
}

static inline void outcome_start(struct outcome *outcome)
{
    outcome->length = 0;
}

/* "not found", "not valid", "could not be built" */
static inline void outcome_none(struct outcome *outcome)
{
    outcome_start(outcome);
    outcome_put(outcome, "-", 1);
}

/* An option's value was found. */
static inline void outcome_value(struct outcome *outcome, const void *value, size_t length)
{
    outcome_start(outcome);
    outcome_put_value(outcome, value, length);
}

static inline void outcome_check(struct outcome *outcome, bool is_valid, bool is_pxe)
{
    const uint8_t bytes[2] = {is_valid, is_pxe};
    outcome_start(outcome);
    outcome_put(outcome, bytes, sizeof(bytes));
}

static inline void outcome_packet(struct outcome *outcome, const void *bytes, size_t length)
{
    outcome_start(outcome);
    outcome_put(outcome, bytes, length);
}

#endif
