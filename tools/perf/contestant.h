/*
 * Who takes part in the codec bench, and what all of them do. A contestant repeats an operation in
 * a loop of its own, so that nothing stands between the loop and the function that is measured.
 */
#ifndef PERF_CONTESTANT_H
#define PERF_CONTESTANT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum operation {
    FIND4,         /* the value of option `code` of a DHCPv4 packet */
    CHECK4,        /* is it a valid request, and of a PXE client? */
    OFFER4,        /* a complete OFFER to the request, with the options of the task */
    FIND6,         /* the value of option `code` of a DHCPv6 message */
    CHECK6,        /* is it a valid request, and of a PXE client? */
    PARSE_RELAY6,  /* the layers of a RELAY-FORW, and the message inside */
    CREATE_RELAY6, /* the RELAY-REPL around `inner`, for layers that were parsed before */
    OPERATIONS
};

enum {
    PACKET_MAX = 8192,
    OFFER_CAPACITY = 548, /* what every client takes (RFC 2131 section 2) */
    LAYERS_MAX = 32,
    OUTCOME_MAX = 16384,
};

struct offer_option {
    uint8_t code;
    uint8_t length;
    const uint8_t *value;
};

/* What to work on. */
struct task {
    const uint8_t *packet;
    size_t length;
    uint16_t code;                      /* FIND4, FIND6 */
    const struct offer_option *options; /* OFFER4: 53 first, the others ascending */
    size_t option_count;
    const uint8_t *inner; /* CREATE_RELAY6: the answer to wrap */
    size_t inner_length;
};

/* What came out, as bytes that are the same for whoever did it right. */
struct outcome {
    uint8_t bytes[OUTCOME_MAX];
    size_t length;
};

/* Does it `times` times; *outcome is that of the last time. */
typedef void run_function(const struct task *task, size_t times, struct outcome *outcome);

struct contestant {
    const char *name;
    run_function *run[OPERATIONS]; /* NULL: has nothing of the kind */
};

extern const struct contestant contestant_ours;
extern const struct contestant contestant_floor;
extern const struct contestant contestant_kea;

#ifdef __cplusplus
}
#endif

#endif
