/*
 * Holds providers against the rules of the interface. What breaks one is told to ports.verify at
 * the place and on the thread where it happens; what the engine does about it is the same as
 * without. Everything here does nothing, and costs one branch (engine_is_verified), when that port
 * is empty.
 *
 * A handle that has ended tells by itself only its slot. To know whose it was, each slot remembers
 * its last turns and the bytes of its last datagram (struct turn_history, verify_history.c).
 */
#ifndef VERIFY_VERIFY_H
#define VERIFY_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/printf_like.h"
#include "engine/ports.h"

struct engine;
struct provider;
struct request;

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

/* The calls that findings name more than once. */
#define CALL_INITIALIZE "PxeProviderInitialize"
#define CALL_RECEIVE "PXE_CALLBACK_RECV_REQUEST"
#define CALL_SHUTDOWN "PXE_CALLBACK_SHUTDOWN"
#define CALL_CONTROL "PXE_CALLBACK_SERVICE_CONTROL"
#define CALL_SEND "PxeSendReply"
#define CALL_DONE "PxeAsyncRecvDone"
#define CALL_ALLOCATE "PxePacketAllocate"
#define CALL_FREE "PxePacketFree"

/* Whom and what a finding is about. */
struct verify_subject {
    const char *provider; /* NULL: not known */
    const char *call;
    uint64_t number;
    const uint8_t *packet;
    size_t length;
};

/* "packet-leaked" */
const char *verify_rule_name(enum verify_rule rule);

/* One finding. The text says what was seen, printf-style; what the rule asks is added. The
 * subject's bytes must stay as they are meanwhile. */
void verify_report(struct engine *engine, enum verify_rule rule,
                   const struct verify_subject *subject, const char *format, ...) PRINTF_LIKE(4, 5);

/* The text of a finding: what was seen, what the rule asks. */
void verify_text(enum verify_rule rule, const char *seen, char *text, size_t size);

/* A request's datagram, and a provider that has to do with it (NULL: not known). */
struct verify_subject verify_subject_of(const struct request *request,
                                        const struct provider *provider, const char *call);

/* An export refuses an argument, for the reason `what`. The handle need not be one. */
void verify_bad_argument(struct engine *engine, uintptr_t provider, const char *call,
                         const char *what);

/* ---- handles that are none: verify_history.c ---- */

enum turn_end {
    TURN_OPEN,
    TURN_RETURNED,  /* the callback returned a decision */
    TURN_COMPLETED, /* PxeAsyncRecvDone */
    TURN_FAULTED,   /* an exception left the callback */
    TURN_DROPPED,   /* by the server */
};

/* Under the request's lock: a turn has begun, is pended, has ended. */
void verify_turn_begun(struct request *request, uintptr_t handle);
void verify_turn_pended(struct request *request);
void verify_turn_ended(struct request *request, enum turn_end end);

/* A call was refused because its hClientRequest, or its hProvider, is not that of an open turn, or
 * of a living provider. Not under a lock. */
void verify_bad_request(struct engine *engine, uintptr_t handle, const char *call);
void verify_bad_provider(struct engine *engine, uintptr_t handle, const char *call);

/* Looks for requests that are pended for too long; each is told once. */
void verify_pended(struct engine *engine);

/* Frees what a slot remembers. */
void verify_forget(struct request *request);

#endif
