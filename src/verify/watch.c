#include "verify/verify.h"

#include <inttypes.h>

#include "engine/callback.h"
#include "engine/core.h"
#include "verify/calls.h"
#include "verify/history.h"
#include "verify/packets.h"
#include "verify/replies.h"
#include "verify/report.h"

#define NANOSECONDS_PER_MS UINT64_C(1000000)

enum { TEXT_SIZE = 768 };

/* Whether the current turn has sent what is no DHCP message. */
static bool has_sent_other(struct request *request)
{
    mutex_lock(&request->lock);
    const struct turn_history *history = history_of(request);
    const bool has = history != NULL && history->has_sent_other;
    mutex_unlock(&request->lock);
    return has;
}

static void decision_look(struct verifier *verifier, struct request *request,
                          const struct turn_facts *facts)
{
    const struct verify_subject subject = verify_subject_of(request, facts->provider, CALL_RECEIVE);

    if (facts->is_done_not_pended)
        verify_report(verifier, request->engine, RULE_PENDED_AND_DONE, &subject, "%s",
                      "PxeAsyncRecvDone was called, but something else was returned");
    if (facts->is_action_impossible)
        verify_report(verifier, request->engine, RULE_BAD_ACTION, &subject, "%s",
                      "*pAction is none of PXE_BA_*");
}

static void leavings_look(struct verifier *verifier, struct request *request,
                          const struct turn_facts *facts)
{
    struct engine *engine = request->engine;
    const struct verify_subject subject = verify_subject_of(request, facts->provider, facts->call);
    const bool is_nbp = facts->action == ACTION_NBP;

    if (facts->packets_left > 0)
        verify_report(verifier, engine, RULE_PACKET_LEAKED, &subject, "%u packet(s) were not freed",
                      (unsigned)facts->packets_left);
    if ((is_nbp || facts->action == ACTION_CUSTOM) && facts->replies == 0)
        verify_report(verifier, engine, RULE_NOT_SENT, &subject, "%s, but no reply was sent",
                      is_nbp ? "PXE_BA_NBP" : "PXE_BA_CUSTOM");
    if (is_nbp && has_sent_other(request))
        verify_report(verifier, engine, RULE_WRONG_TRANSACTION, &subject,
                      "PXE_BA_NBP, but a reply was no DHCP message");
}

static void turn_left(void *context, struct request *request, const struct turn_facts *facts)
{
    decision_look(context, request, facts);
    packets_turn_left(context, request, facts);
    if (facts->end == TURN_RETURNED || facts->end == TURN_COMPLETED)
        leavings_look(context, request, facts);
}

/* Only for requests: starting and stopping may take their time. */
static void callback_returned(void *context, const struct callback *callback, uint64_t nanoseconds)
{
    struct verifier *verifier = context;

    if (nanoseconds <= verifier->slow_callback)
        return;
    verify_report(verifier, callback->engine, RULE_SLOW_CALLBACK,
                  &(struct verify_subject){callback->provider->name, callback->name,
                                           callback->number, callback->packet, callback->length},
                  "it took %" PRIu64 " ms; allowed are %" PRIu64 " ms",
                  nanoseconds / NANOSECONDS_PER_MS, verifier->slow_callback / NANOSECONDS_PER_MS);
}

static void faulted(void *context, const struct callback *callback, const struct fault *fault,
                    const char *seen, enum fault_policy consequence)
{
    struct verifier *verifier = context;
    const enum verify_rule rule = !fault->is_in_packet     ? RULE_FAULT
                                  : fault->is_packet_freed ? RULE_PACKET_USED_AFTER_FREE
                                                           : RULE_PACKET_OVERRUN;
    char text[TEXT_SIZE];

    verify_text(rule, seen, text, sizeof(text));
    const struct finding finding = {
        .rule = rule,
        .rule_name = verify_rule_name(rule),
        .provider = callback->provider->name,
        .call = callback->name,
        .text = text,
        .number = callback->number,
        .packet = callback->packet,
        .length = callback->length,
        .fault = fault,
        .consequence = consequence,
    };
    verifier->faulted(verifier->context, &finding);
}

struct watch verify_watch(struct verifier *verifier)
{
    struct watch watch = {
        .context = verifier,
        .faulted = verifier->faulted != NULL ? faulted : NULL,
    };

    if (verifier->finding == NULL)
        return watch;
    watch.turn_begun = history_turn_begun;
    watch.turn_pended = history_turn_pended;
    watch.turn_ended = history_turn_ended;
    watch.turn_left = turn_left;
    watch.refused = calls_refused;
    watch.packet_freed = packets_freed;
    watch.packet_damaged = packets_damaged;
    watch.reply_addressed = replies_addressed;
    watch.reply_leaving = replies_leaving;
    watch.callback_returned = callback_returned;
    watch.run_ended = history_run_ended;
    return watch;
}
