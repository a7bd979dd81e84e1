/*
 * Holds providers against the rules of the interface: a watcher of the engine (engine/watch.h).
 * What breaks a rule is told at the place and on the thread where it happens, while no lock is
 * held; what the engine does about it is the same as without. A server that nobody verifies has an
 * empty table, and none of this runs.
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/ports.h"

/* The rules: constant (RULE_…, WDSPXE_EXT_RULE_…), short name, what it asks for. In the order of
 * their numbers, from 1. */
/* clang-format off: a table */
#define VERIFY_RULES(RULE)                                                                         \
    RULE(PACKET_LEAKED, "packet-leaked", "every packet has to be freed before its request ends")   \
    RULE(PACKET_FREED_TWICE, "packet-freed-twice", "a packet is freed once")                       \
    RULE(PACKET_FOREIGN, "packet-foreign", "a packet stays with its provider and its request")     \
    RULE(PACKET_OVERRUN, "packet-overrun", "only what was allocated may be touched")               \
    RULE(PACKET_USED_AFTER_FREE, "packet-used-after-free",                                         \
         "a packet may not be touched after PxePacketFree")                                        \
    RULE(SENT_AFTER_END, "sent-after-end", "a request's handle is good until it is decided about") \
    RULE(NOT_SENT, "not-sent", "PXE_BA_NBP and PXE_BA_CUSTOM say that a reply was sent")           \
    RULE(NEVER_COMPLETED, "never-completed", "ERROR_IO_PENDING promises PxeAsyncRecvDone")         \
    RULE(COMPLETED_TWICE, "completed-twice", "a request is decided about once")                    \
    RULE(END_MISSING, "end-missing", "the options of a DHCPv4 reply end with option 255")          \
    RULE(OPTION_AFTER_END, "option-after-end", "behind option 255 there is nothing but zeros")     \
    RULE(OPTION_OVERRUN, "option-overrun", "an option ends within its message")                    \
    RULE(WRONG_TRANSACTION, "wrong-transaction",                                                   \
         "a reply is a server's message with its request's transaction id")                        \
    RULE(ADDRESS_FLAGS, "address-flags",                                                           \
         "USE_DHCP_RULES stands alone, BROADCAST without USE_ADDR or IPv6")                        \
    RULE(STALE_PROVIDER, "stale-provider",                                                         \
         "hProvider is good until the shutdown callback has returned")                             \
    RULE(SLOW_CALLBACK, "slow-callback", "what takes long is pended and done on another thread")   \
    RULE(BAD_ACTION, "bad-action", "an action is one of PXE_BA_*")                                 \
    RULE(BAD_ARGUMENT, "bad-argument", "arguments have to be valid")                               \
    RULE(FAULT, "fault", "no exception may leave a callback")                                      \
    RULE(PENDED_AND_DONE, "pended-and-done",                                                       \
         "with PxeAsyncRecvDone, a callback returns ERROR_IO_PENDING")                             \
    RULE(REPLY_TYPE, "reply-type",                                                                 \
         "OFFER answers DISCOVER, ACK and NAK a REQUEST; ADVERTISE answers SOLICIT, REPLY the "    \
         "rest")
/* clang-format on */

#define VERIFY_RULE_CONSTANT(constant, name, demand) RULE_##constant,

enum verify_rule { RULE_NONE, VERIFY_RULES(VERIFY_RULE_CONSTANT) RULE_COUNT };

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
    /* Is told of each broken rule; NULL: nobody looks. On a network not of more than the log's
     * budget lets through, but of each rule once. */
    void (*finding)(void *context, const struct finding *finding);
    /* Is told of each exception that leaves a callback, also if nobody looks at the rest; may be
     * NULL.
     */
    void (*faulted)(void *context, const struct finding *finding);
    uint64_t slow_callback; /* nanoseconds */
    uint64_t pend_timeout;  /* nanoseconds */
    _Atomic uint32_t told;  /* a bit for each rule that was told of since it was made */
};

/* "packet-leaked" */
const char *verify_rule_name(enum verify_rule rule);

/* The engine's watcher that tells `verifier`; empty if that has nobody to tell. */
struct watch verify_watch(struct verifier *verifier);

/* Looks for requests that are pended for too long; each is told once. Nothing, if this engine is
 * watched by no verifier. */
void verify_pended(struct engine *engine);

#endif
