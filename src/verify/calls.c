#include "verify/calls.h"

#include <string.h>

#include "base/mem.h"
#include "engine/core.h"
#include "engine/handle.h"
#include "verify/history.h"
#include "verify/packets.h"
#include "verify/report.h"

static void argument_tell(struct verifier *verifier, struct engine *engine,
                          const struct refused *refused, const char *what)
{
    const struct provider *provider = provider_resolve(engine, refused->handle);

    verify_report(verifier, engine, RULE_BAD_ARGUMENT,
                  &(struct verify_subject){.provider = provider != NULL ? provider->name : NULL,
                                           .call = refused->call},
                  "%s", what);
}

static void provider_tell(struct verifier *verifier, struct engine *engine,
                          const struct refused *refused)
{
    uint32_t slot, generation;

    if (!handle_split(&engine->handles, refused->handle, HANDLE_PROVIDER, &slot, &generation) ||
        slot >= PROVIDER_MAX) {
        verify_report(verifier, engine, RULE_BAD_ARGUMENT,
                      &(struct verify_subject){.call = refused->call},
                      "hProvider is %#zx: no handle of a provider", (size_t)refused->handle);
        return;
    }
    /* A slot keeps its last provider's name until it is used again, as late as can be. */
    const struct provider *provider = &engine->table.slots[slot];
    const bool is_last = handle_generation_is(atomic_load(&provider->generation) - 1, generation);
    verify_report(verifier, engine, RULE_STALE_PROVIDER,
                  &(struct verify_subject){.provider = is_last ? provider->name : NULL,
                                           .call = refused->call},
                  "the provider has been shut down, or was not started");
}

/* ---- handles of requests ---- */

static const char *end_text(enum turn_end end)
{
    switch (end) {
    case TURN_RETURNED:
        return "its callback had returned a decision";
    case TURN_COMPLETED:
        return "PxeAsyncRecvDone had been called";
    case TURN_FAULTED:
        return "an exception had left the callback";
    case TURN_DROPPED:
        return "the server had dropped it";
    default:
        return "it had just ended";
    }
}

/* What is known of a handle whose turn is over, copied. */
struct old_turn {
    bool is_known;
    struct turn_record record;
    uint8_t *bytes; /* NULL: they are gone */
    size_t length;
};

static struct old_turn old_turn_find(struct request *request, uintptr_t handle)
{
    struct old_turn old = {0};

    mutex_lock(&request->lock);
    const struct turn_history *history = history_of(request);
    const struct turn_record *turn = history_turn(request, handle);
    if (turn != NULL) {
        old.is_known = true;
        old.record = *turn;
        old.bytes = turn->datagram == history->datagrams ? mem_alloc(history->length) : NULL;
        old.length = old.bytes != NULL ? history->length : 0;
        if (old.length > 0)
            memcpy(old.bytes, history->bytes, old.length);
    }
    mutex_unlock(&request->lock);
    return old;
}

static void old_turn_tell(struct verifier *verifier, struct engine *engine,
                          const struct old_turn *old, const char *call, bool is_completion)
{
    const struct verify_subject subject = {
        .provider = old->record.provider->name,
        .call = call,
        .number = old->record.number,
        .packet = old->bytes,
        .length = old->length,
    };

    if (is_completion)
        verify_report(verifier, engine, RULE_COMPLETED_TWICE, &subject,
                      "the request was completed after %s", end_text(old->record.end));
    else
        verify_report(verifier, engine, RULE_SENT_AFTER_END, &subject,
                      "the request's handle was used after %s", end_text(old->record.end));
}

static void request_tell(struct verifier *verifier, struct engine *engine,
                         const struct refused *refused)
{
    const bool is_completion = strcmp(refused->call, CALL_DONE) == 0;
    const struct verify_subject unknown = {.call = refused->call};
    uint32_t slot = 0, generation = 0;
    struct request *request = NULL;

    if (handle_split(&engine->handles, refused->handle, HANDLE_REQUEST, &slot, &generation))
        request = request_slot(&engine->pool, slot);
    if (request == NULL) {
        verify_report(verifier, engine, RULE_BAD_ARGUMENT, &unknown,
                      "hClientRequest is %#zx: no handle of a request", (size_t)refused->handle);
        return;
    }
    const struct old_turn old = old_turn_find(request, refused->handle);
    if (old.is_known)
        old_turn_tell(verifier, engine, &old, refused->call, is_completion);
    else
        verify_report(verifier, engine, is_completion ? RULE_COMPLETED_TWICE : RULE_SENT_AFTER_END,
                      &unknown, "hClientRequest is %#zx: a request that ended long ago, or none",
                      (size_t)refused->handle);
    mem_free(old.bytes);
}

/* ---- all of them ---- */

void calls_refused(void *context, struct engine *engine, const struct refused *refused)
{
    struct verifier *verifier = context;
    const struct verify_subject subject =
        refused->request != NULL
            ? verify_subject_of(refused->request, refused->provider, refused->call)
            : (struct verify_subject){.call = refused->call};

    switch (refused->why) {
    case REFUSED_PROVIDER:
        provider_tell(verifier, engine, refused);
        break;
    case REFUSED_REQUEST:
        request_tell(verifier, engine, refused);
        break;
    case REFUSED_OWNER:
        verify_report(verifier, engine, RULE_PACKET_FOREIGN, &subject,
                      "it is the turn of provider %s, not of this one", refused->owner->name);
        break;
    case REFUSED_PACKET:
        packets_refused(verifier, refused);
        break;
    case REFUSED_LENGTH:
        verify_report(verifier, engine, RULE_BAD_ARGUMENT, &subject, "%u bytes of a packet of %u",
                      (unsigned)refused->number, (unsigned)refused->size);
        break;
    case REFUSED_ACTION:
        verify_report(verifier, engine, RULE_BAD_ACTION, &subject, "the action is %u",
                      (unsigned)refused->number);
        break;
    case REFUSED_SIZE:
        argument_tell(verifier, engine, refused, "uSize is 0 or above 65535");
        break;
    case REFUSED_CALLBACK:
        argument_tell(verifier, engine, refused, "a type that there is not, or no function");
        break;
    case REFUSED_CALLBACK_LATE:
        argument_tell(verifier, engine, refused,
                      "callbacks are registered during PxeProviderInitialize only");
        break;
    case REFUSED_ATTRIBUTE:
        argument_tell(verifier, engine, refused, "no such attribute, value or length of it");
        break;
    case REFUSED_ARGUMENT:
        argument_tell(verifier, engine, refused, "ERROR_INVALID_PARAMETER was returned");
        break;
    }
}
