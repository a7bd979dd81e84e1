#include "engine/turn.h"

#include <string.h>

#include "base/error_words.h"
#include "engine/callback.h"
#include "engine/core.h"
#include "engine/packet.h"
#include "engine/policy.h"

/* ---- the beginning ---- */

static void address_fill(struct pxe_address *address, const struct net_endpoint *endpoint,
                         uint32_t flags)
{
    memset(address, 0, sizeof(*address));
    address->flags = flags;
    memcpy(address->address, endpoint->address, endpoint->length);
    address->address_length = endpoint->length;
    address->port = endpoint->port;
}

void turn_addresses_fill(struct request *request)
{
    const struct arrival *arrival = &request->arrival;

    address_fill(&request->local_address, &arrival->local,
                 ADDR_USE_ADDR | (arrival->broadcast ? ADDR_BROADCAST : ADDR_USE_PORT));
    address_fill(&request->remote_address, &arrival->remote, ADDR_USE_ADDR | ADDR_USE_PORT);
}

static uint64_t stopwatch_nanoseconds(const struct request *request)
{
    const struct stopwatch_port *stopwatch = &request->engine->ports.stopwatch;
    return stopwatch->nanoseconds(stopwatch->context);
}

static uintptr_t thread_name(const struct engine *engine)
{
    const struct call_port *calls = &engine->ports.calls;
    return calls->thread != NULL ? calls->thread(calls->context) : 0;
}

/* An untouched copy of everything, and a handle of its own. */
static uintptr_t turn_open(struct request *request, struct provider *provider)
{
    mutex_lock(&request->lock);
    if (request->length > 0)
        memcpy(request->working, request->received, request->length);
    if (request->hidden_guid != 0)
        policy_hide_guid(request, request->working);
    turn_addresses_fill(request);
    request->owner = provider;
    request->offered++;
    request->turn_replies = 0;
    request->turn_packets = 0;
    request->turn_started =
        request->turn_ended != 0 ? request->turn_ended : stopwatch_nanoseconds(request);
    request->thread = thread_name(request->engine);
    atomic_store(&request->is_over, false);
    metrics_count(&provider->metrics->offered);
    uintptr_t handle = request_turn_begin(request);
    WATCH(request->engine, turn_begun, request, handle);
    mutex_unlock(&request->lock);
    return handle;
}

/* ---- the end ---- */

/* What is left of a turn: taken by a holder of request->lock, looked at and told without it,
 * by who drives the request. */
struct turn_rest {
    struct turn_facts facts;
    struct packet *packets;
    uint32_t status;      /* what the callback returned */
    uint32_t said_action; /* what it said, if that is none of PXE_BA_* */
    bool is_heap_damaged; /* it wrote beyond its copy of the request */
};

/* Caller holds request->lock. Ends the turn, its handle and its packets. */
static void turn_close(struct request *request, enum turn_end end, struct turn_rest *rest)
{
    rest->facts.provider = request->owner;
    rest->facts.call = end == TURN_COMPLETED ? CALL_DONE : CALL_RECEIVE;
    rest->facts.end = end;
    rest->facts.replies = request->turn_replies;
    rest->packets = packet_take_all(request, &rest->facts.packets_left);
    rest->is_heap_damaged = !request_is_intact(request);
    request_turn_end(request, REQUEST_BETWEEN);
    WATCH(request->engine, turn_ended, request, end);
}

static void turn_count(struct request *request, const struct turn_facts *facts)
{
    struct provider_metrics *metrics = facts->provider->metrics;

    request->turn_ended = stopwatch_nanoseconds(request);
    if (!request_is_observed(request))
        return;
    if (facts->end == TURN_FAULTED)
        metrics_count(&metrics->failed);
    metrics_turn(metrics, facts->action, (request->turn_ended - request->turn_started) / 1000);
}

static void decision_log(struct request *request, const struct turn_rest *rest)
{
    const char *name = rest->facts.provider->name;

    if (rest->facts.is_done_not_pended)
        request_log(request, LOG_WARNING,
                    "provider %s: called PxeAsyncRecvDone but returned %u instead of "
                    "ERROR_IO_PENDING; the first decision counts",
                    name, rest->status);
    else if (rest->facts.is_action_impossible)
        request_log(request, LOG_ERROR,
                    "provider %s: action %u is none of PXE_BA_*; taken as PXE_BA_REJECTED", name,
                    rest->said_action);
    else if (rest->status != PXE_OK && rest->facts.end == TURN_RETURNED)
        request_log(request, LOG_INFO,
                    "provider %s: receive callback returned error %u%s; taken as PXE_BA_REJECTED",
                    name, rest->status, error_words(rest->status));
}

static void rest_log(struct request *request, const struct turn_facts *facts)
{
    const char *name = facts->provider->name;

    if (facts->packets_left > 0) {
        atomic_fetch_add(&request->engine->counters.reclaimed, facts->packets_left);
        request_log(request, LOG_WARNING,
                    "provider %s: left %u packet(s) of a request unfreed; reclaimed", name,
                    facts->packets_left);
    }
    if ((facts->action == ACTION_NBP || facts->action == ACTION_CUSTOM) && facts->replies == 0 &&
        request->send_error == PXE_OK)
        request_log(request, LOG_WARNING, "provider %s: said %s but sent no reply", name,
                    facts->action == ACTION_NBP ? "PXE_BA_NBP" : "PXE_BA_CUSTOM");
}

static void turn_tell(struct request *request, struct turn_rest *rest)
{
    struct engine *engine = request->engine;

    if (rest->is_heap_damaged &&
        rest->facts.end != TURN_FAULTED) /* else it was told with the fault */
        callback_damaged(request, request->owner, rest->facts.call,
                         "the memory behind the request was written");
    decision_log(request, rest);
    packet_end_all(request, rest->packets, request->owner, rest->facts.call);
    turn_count(request, &rest->facts);
    rest_log(request, &rest->facts);
    WATCH(engine, turn_left, request, &rest->facts);
}

/* ---- what the provider decides ---- */

static bool action_is_valid(uint32_t action)
{
    return action >= ACTION_NBP && action <= ACTION_REJECTED;
}

/* Caller holds request->lock, and the callback has returned normally, `action` in its hand. */
static void turn_decide(struct request *request, uint32_t status, uint32_t action,
                        struct turn_rest *rest)
{
    rest->status = status;
    rest->facts.action = ACTION_REJECTED;
    if (status != PXE_OK) {
        metrics_count(&request->owner->metrics->failed);
    } else if (action_is_valid(action)) {
        rest->facts.action = action;
    } else {
        rest->facts.is_action_impossible = true;
        rest->said_action = action;
    }
}

/* Caller holds request->lock. An exception ends the turn, unless the provider had decided before.
 */
static enum offer turn_settle(struct request *request, bool returned_normally, uint32_t status,
                              uint32_t action, struct turn_rest *rest)
{
    if (request->state == REQUEST_DONE_EARLY) {
        rest->facts.action = request->early_action;
        rest->facts.is_done_not_pended = returned_normally && status != PXE_PENDING;
        rest->status = status;
        turn_close(request, TURN_COMPLETED, rest);
        return OFFER_DECIDED;
    }
    if (!returned_normally) {
        rest->facts.action = ACTION_REJECTED;
        turn_close(request, TURN_FAULTED, rest);
        return OFFER_FAULTED;
    }
    if (status == PXE_PENDING) {
        request->state = REQUEST_PENDING;
        pending_put(&request->engine->pending, request);
        metrics_count(&request->owner->metrics->pended);
        WATCH(request->engine, turn_pended, request);
        return OFFER_PENDED;
    }
    turn_decide(request, status, action, rest);
    turn_close(request, TURN_RETURNED, rest);
    return OFFER_DECIDED;
}

/* A callback's thread is back, or never comes. Had a stop given it up, it counts again until it has
 * left the engine. */
static void provider_leave(struct engine *engine, struct provider *provider)
{
    atomic_fetch_sub(&provider->running, 1);
    if (!atomic_load(&provider->is_disabled))
        return;
    mutex_lock(&engine->lock);
    if (provider->left_behind > atomic_load(&provider->running)) {
        provider->left_behind--;
        atomic_fetch_sub(&engine->left_behind, 1);
    }
    mutex_unlock(&engine->lock);
}

/* Whoever switches a provider off, then sees nobody running, knows that it is not called any more.
 */
static bool provider_enter(struct engine *engine, struct provider *provider)
{
    atomic_fetch_add(&provider->running, 1);
    if (!atomic_load(&provider->is_disabled))
        return true;
    provider_leave(engine, provider);
    return false;
}

enum offer turn_offer(struct request *request, struct provider *provider, uint32_t *out_action)
{
    uint32_t action = ACTION_REJECTED; /* "ask the next one", unless the provider says otherwise */
    uint32_t status;
    struct turn_rest rest = {.status = PXE_OK};
    struct engine *engine = request->engine;

    *out_action = ACTION_REJECTED;
    if (!provider_enter(engine, provider))
        return OFFER_REFUSED;
    uintptr_t handle = turn_open(request, provider);
    bool returned_normally = callback_receive(request, provider, handle, &action, &status);
    mutex_lock(&request->lock);
    enum offer offer = turn_settle(request, returned_normally, status, action, &rest);
    mutex_unlock(&request->lock);
    /* If pended, another thread may have released `request` by now: it is not touched. */
    if (offer != OFFER_PENDED)
        turn_tell(request, &rest);
    provider_leave(engine, provider);
    *out_action = offer == OFFER_PENDED ? ACTION_REJECTED : rest.facts.action;
    return offer;
}

/* Caller holds request->lock. True: the request goes on from here. */
static bool turn_complete_locked(struct request *request, uint32_t action, struct turn_rest *rest)
{
    rest->facts.action = action;
    if (request->state == REQUEST_PENDING) {
        pending_take(&request->engine->pending, request);
        turn_close(request, TURN_COMPLETED, rest);
        return true;
    }
    request->early_action = action;
    request_turn_end(request, REQUEST_DONE_EARLY);
    WATCH(request->engine, turn_ended, request, TURN_COMPLETED);
    return false;
}

pxe_status turn_complete(struct request *request, uintptr_t handle, uint32_t action,
                         bool *out_resume)
{
    struct turn_rest rest = {.status = PXE_OK};
    const bool is_valid = action_is_valid(action);

    *out_resume = false;
    mutex_lock(&request->lock);
    const bool is_open = request_turn_is(request, handle);
    const struct provider *owner = request->owner;
    if (is_open && is_valid)
        *out_resume = turn_complete_locked(request, action, &rest);
    mutex_unlock(&request->lock);
    if (!is_open)
        return PXE_INVALID_HANDLE;
    if (*out_resume)
        turn_tell(request, &rest);
    if (!is_valid)
        WATCH(request->engine, refused, request->engine,
              &(struct refused){.why = REFUSED_ACTION,
                                .call = CALL_DONE,
                                .handle = handle,
                                .request = request,
                                .provider = owner,
                                .number = action});
    return is_valid ? PXE_OK : PXE_INVALID_PARAMETER;
}

/* ---- callbacks that do not return ---- */

static bool is_running(const struct request *request)
{
    return request->state == REQUEST_RUNNING || request->state == REQUEST_DONE_EARLY;
}

bool turn_is_running(struct request *request, struct turn_running *out_running)
{
    mutex_lock(&request->lock);
    const bool is = is_running(request);
    if (is)
        *out_running = (struct turn_running){
            .provider = request->owner,
            .turn = request->offered,
            .thread = request->thread,
            .nanoseconds = stopwatch_nanoseconds(request) - request->turn_started,
        };
    mutex_unlock(&request->lock);
    return is;
}

bool turn_abandon(struct request *request, const struct turn_running *running, uint32_t *out_action)
{
    struct turn_rest rest = {.status = PXE_OK};

    mutex_lock(&request->lock);
    const bool is_same = is_running(request) && request->owner == running->provider &&
                         request->offered == running->turn && request->thread == running->thread;
    if (is_same) {
        rest.facts.action =
            request->state == REQUEST_DONE_EARLY ? request->early_action : ACTION_REJECTED;
        turn_close(request, TURN_FAULTED, &rest);
    }
    mutex_unlock(&request->lock);
    if (!is_same)
        return false;
    callback_thread_ended(request, running->provider);
    turn_tell(request, &rest);
    provider_leave(request->engine, running->provider);
    *out_action = rest.facts.action;
    return true;
}

bool turn_drop(struct request *request)
{
    struct turn_rest rest = {.status = PXE_OK};

    rest.facts.action = ACTION_REJECTED;
    mutex_lock(&request->lock);
    const bool is_pended = request->state == REQUEST_PENDING;
    if (is_pended) {
        pending_take(&request->engine->pending, request);
        turn_close(request, TURN_DROPPED, &rest);
    }
    mutex_unlock(&request->lock);
    if (is_pended)
        turn_tell(request, &rest);
    return is_pended;
}
