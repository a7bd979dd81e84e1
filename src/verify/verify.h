/*
 * Holds providers against the rules of the interface: a watcher of the engine (engine/watch.h).
 * What breaks a rule is told at the place and on the thread where it happens, while no lock is
 * held; what the engine does about it is the same as without. A server that nobody verifies has an
 * empty table, and none of this runs.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "engine/ports.h"

/* WDSPXE_EXT_RULE_* */
enum verify_rule {
    RULE_PACKET_LEAKED = 1,
    RULE_PACKET_FREED_TWICE,
    RULE_PACKET_FOREIGN,
    RULE_PACKET_OVERRUN,
    RULE_PACKET_USED_AFTER_FREE,
    RULE_SENT_AFTER_END,
    RULE_NOT_SENT,
    RULE_NEVER_COMPLETED,
    RULE_COMPLETED_TWICE,
    RULE_END_MISSING,
    RULE_OPTION_AFTER_END,
    RULE_OPTION_OVERRUN,
    RULE_WRONG_TRANSACTION,
    RULE_ADDRESS_FLAGS,
    RULE_STALE_PROVIDER,
    RULE_SLOW_CALLBACK,
    RULE_BAD_ACTION,
    RULE_BAD_ARGUMENT,
    RULE_FAULT,
    RULE_PENDED_AND_DONE,
    RULE_COUNT,
};

/* A broken rule; pointers are valid during the call only. */
struct finding {
    uint32_t rule; /* enum verify_rule (verify/verify.h) */
    const char *rule_name;
    const char *provider; /* NULL: not known */
    const char *call;     /* export or callback */
    const char *text;
    uint64_t number;       /* of the datagram, 0: of none */
    const uint8_t *packet; /* its bytes, NULL: none */
    size_t length;
    const struct fault *fault;     /* NULL: none */
    enum fault_policy consequence; /* of the fault: what is done now; FAULT_DEFAULT: nothing */
};

/* Who is told, and limits. It outlives the server's run. */
struct verifier {
    void *context;
    /* Is told of each broken rule; NULL: nobody looks. */
    void (*finding)(void *context, const struct finding *finding);
    /* Is told of each exception that leaves a callback, also if nobody looks at the rest; may be
     * NULL.
     */
    void (*faulted)(void *context, const struct finding *finding);
    uint64_t slow_callback; /* nanoseconds */
    uint64_t pend_timeout;  /* nanoseconds */
};

/* "packet-leaked" */
const char *verify_rule_name(enum verify_rule rule);

/* The engine's watcher that tells `verifier`; empty if that has nobody to tell. */
struct watch verify_watch(struct verifier *verifier);

/* Looks for requests that are pended for too long; each is told once. Nothing, if this engine is
 * watched by no verifier. */
void verify_pended(struct engine *engine);

#endif
