#include "engine/chain.h"

#include <string.h>

#include "engine/callback.h"
#include "engine/engine.h"
#include "engine/packet.h"
#include "engine/policy.h"
#include "engine/summary.h"
#include "verify/verify.h"

static bool provider_accepts(const struct provider *provider, const struct arrival *arrival)
{
    bool is_ipv6 = endpoint_is_ipv6(&arrival->remote);

    if (is_ipv6 && !atomic_load(&provider->ipv6_capable))
        return false;
    switch (atomic_load(is_ipv6 ? &provider->filter_ipv6 : &provider->filter)) {
    case FILTER_ALL:
        return true;
    case FILTER_DHCP_ONLY:
        return arrival->defect == NULL;
    default:
        return arrival->is_pxe;
    }
}

static bool chain_may_continue(const struct request *request)
{
    const struct engine *engine = request->engine;
    return atomic_load(&engine->is_serving) && request->epoch == atomic_load(&engine->epoch);
}

static struct provider *chain_next(struct request *request)
{
    const struct provider_table *table = &request->engine->table;

    while (chain_may_continue(request) && request->position < table->count) {
        struct provider *provider = table->order[request->position++];
        if (atomic_load(&provider->is_disabled))
            continue;
        if (provider_accepts(provider, &request->arrival))
            return provider;
        metrics_count(&provider->metrics->filtered);
    }
    return NULL;
}

static void address_fill(struct pxe_address *address, const struct net_endpoint *endpoint,
                         uint32_t flags)
{
    memset(address, 0, sizeof(*address));
    address->flags = flags;
    memcpy(address->address, endpoint->address, endpoint->length);
    address->address_length = endpoint->length;
    address->port = endpoint->port;
}

static void addresses_fill(struct request *request)
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

/* Begins a provider's turn: an untouched copy of everything, and a handle of its own. */
static uintptr_t turn_open(struct request *request, struct provider *provider)
{
    mutex_lock(&request->lock);
    if (request->length > 0)
        memcpy(request->working, request->received, request->length);
    if (request->hidden_guid != 0)
        policy_hide_guid(request, request->working);
    addresses_fill(request);
    request->owner = provider;
    request->offered++;
    request->turn_replies = 0;
    request->has_sent_other = false;
    request->turn_started = stopwatch_nanoseconds(request);
    metrics_count(&provider->metrics->offered);
    uintptr_t handle = request_turn_begin(request);
    verify_turn_begun(request, handle);
    mutex_unlock(&request->lock);
    return handle;
}

/* Under the lock: what a turn that has just ended leaves behind. */
static void turn_verify(struct request *request, uint32_t action, const char *call,
                        uint32_t packets_left)
{
    struct engine *engine = request->engine;
    const struct verify_subject subject = verify_subject_of(request, request->owner, call);
    const char *said = action == ACTION_NBP ? "PXE_BA_NBP" : "PXE_BA_CUSTOM";

    if (packets_left > 0)
        verify_report(engine, RULE_PACKET_LEAKED, &subject, "%u packet(s) were not freed",
                      (unsigned)packets_left);
    if ((action == ACTION_NBP || action == ACTION_CUSTOM) && request->turn_replies == 0)
        verify_report(engine, RULE_NOT_SENT, &subject, "%s, but no reply was sent", said);
    if (action == ACTION_NBP && request->has_sent_other)
        verify_report(engine, RULE_WRONG_TRANSACTION, &subject,
                      "PXE_BA_NBP, but a reply was no DHCP message");
}

static void turn_count(const struct request *request, uint32_t action, enum turn_end end)
{
    struct provider_metrics *metrics = request->owner->metrics;

    if (!request_is_observed(request))
        return;
    if (end == TURN_FAULTED)
        metrics_count(&metrics->failed);
    metrics_turn(metrics, action, (stopwatch_nanoseconds(request) - request->turn_started) / 1000);
}

/* Under the lock: ends the turn, its handle and its packets. */
static void turn_close(struct request *request, uint32_t action, enum turn_end end)
{
    struct engine *engine = request->engine;
    const char *call = end == TURN_COMPLETED ? CALL_DONE : CALL_RECEIVE;
    uint32_t left = packet_reclaim_all(request, call);

    request_turn_end(request);
    verify_turn_ended(request, end);
    turn_count(request, action, end);
    if (left > 0) {
        atomic_fetch_add(&engine->counters.reclaimed, left);
        engine_log(engine, LOG_WARNING,
                   "provider %s: left %u packet(s) of a request unfreed; "
                   "reclaimed",
                   request->owner->name, left);
    }
    if ((action == ACTION_NBP || action == ACTION_CUSTOM) && request->turn_replies == 0)
        engine_log(engine, LOG_WARNING, "provider %s: said %s but sent no reply",
                   request->owner->name, action == ACTION_NBP ? "PXE_BA_NBP" : "PXE_BA_CUSTOM");
    if (engine_is_verified(engine) && (end == TURN_RETURNED || end == TURN_COMPLETED))
        turn_verify(request, action, call, left);
}

static void report_in_callback(const struct request *request, enum verify_rule rule,
                               const char *seen)
{
    const struct verify_subject subject = verify_subject_of(request, request->owner, CALL_RECEIVE);
    verify_report(request->engine, rule, &subject, "%s", seen);
}

static bool action_is_valid(uint32_t action)
{
    return action >= ACTION_NBP && action <= ACTION_REJECTED;
}

/* Under the lock, after the callback has returned by itself: what the provider decided. */
static uint32_t turn_decision(struct request *request, uint32_t status, uint32_t action)
{
    struct engine *engine = request->engine;
    const char *name = request->owner->name;

    if (request->state == REQUEST_DONE_EARLY) {
        if (status != PXE_PENDING) {
            engine_log(engine, LOG_WARNING,
                       "provider %s: called PxeAsyncRecvDone but returned %u instead of "
                       "ERROR_IO_PENDING; the first decision counts",
                       name, status);
            report_in_callback(request, RULE_PENDED_AND_DONE,
                               "PxeAsyncRecvDone was called, but something else was returned");
        }
        return request->early_action;
    }
    if (status != PXE_OK) {
        metrics_count(&request->owner->metrics->failed);
        engine_log(engine, LOG_INFO,
                   "provider %s: receive callback returned error %u; taken as PXE_BA_REJECTED",
                   name, status);
        return ACTION_REJECTED;
    }
    if (action_is_valid(action))
        return action;
    engine_log(engine, LOG_ERROR,
               "provider %s: action %u is none of PXE_BA_*; taken as PXE_BA_REJECTED", name,
               action);
    report_in_callback(request, RULE_BAD_ACTION, "*pAction is none of PXE_BA_*");
    return ACTION_REJECTED;
}

enum offer { OFFER_DECIDED, OFFER_PENDED, OFFER_FAULTED };

/* Under the lock. An exception ends the turn, unless the provider had decided before. */
static enum offer turn_settle(struct request *request, bool is_whole, uint32_t status,
                              uint32_t *action)
{
    const bool is_early = request->state == REQUEST_DONE_EARLY;

    if (!is_whole && !is_early) {
        *action = ACTION_REJECTED;
        turn_close(request, *action, TURN_FAULTED);
        return OFFER_FAULTED;
    }
    if (is_whole && status == PXE_PENDING && !is_early) {
        request->state = REQUEST_PENDING;
        metrics_count(&request->owner->metrics->pended);
        verify_turn_pended(request);
        return OFFER_PENDED;
    }
    *action = turn_decision(request, is_whole ? status : PXE_PENDING, *action);
    turn_close(request, *action, is_early ? TURN_COMPLETED : TURN_RETURNED);
    return OFFER_DECIDED;
}

/* A pended request may be gone already when this returns. */
static enum offer chain_offer(struct request *request, struct provider *provider,
                              uint32_t *out_action)
{
    uint32_t action = ACTION_REJECTED;
    uint32_t status;
    uintptr_t handle = turn_open(request, provider);

    atomic_fetch_add(&provider->running, 1);
    bool is_whole = callback_receive(request, provider, handle, &action, &status);
    mutex_lock(&request->lock);
    enum offer offer = turn_settle(request, is_whole, status, &action);
    mutex_unlock(&request->lock);
    atomic_fetch_sub(&provider->running, 1);
    *out_action = action;
    return offer;
}

static enum drop_kind drop_kind(const struct request *request, uint32_t action)
{
    if (action == ACTION_NBP || action == ACTION_CUSTOM)
        return DROP_NONE;
    if (action == ACTION_IGNORE)
        return DROP_IGNORED;
    if (request->has_faulted)
        return DROP_FAULTED;
    if (request->refusal[0] != '\0')
        return request->refusal_kind;
    if (!chain_may_continue(request))
        return DROP_STOPPING;
    if (request->arrival.defect != NULL)
        return DROP_MALFORMED;
    return request->offered > 0 ? DROP_PASSED_ON : DROP_FILTERED;
}

/* NULL: it was answered. */
static const char *drop_reason(const struct request *request, enum drop_kind kind)
{
    switch (kind) {
    case DROP_IGNORED:
        return "a provider chose to ignore it";
    case DROP_PASSED_ON:
        return "every provider passed it on";
    case DROP_FILTERED:
        return "no provider takes such packets";
    case DROP_FAULTED:
        return "an exception left a provider's callback";
    case DROP_MALFORMED:
        return request->arrival.defect;
    case DROP_STOPPING:
        return "the server is stopping";
    case DROP_NONE:
        return NULL;
    default:
        return request->refusal;
    }
}

static void count_end(struct request *request, uint32_t action, enum drop_kind kind,
                      uint64_t microseconds)
{
    struct engine_counters *counters = &request->engine->counters;

    atomic_fetch_add(action == ACTION_REJECTED ? &counters->dropped
                     : action == ACTION_IGNORE ? &counters->ignored
                                               : &counters->answered,
                     1);
    if (kind != DROP_NONE) {
        metrics_count(&request->nic->dropped[kind]);
        return;
    }
    metrics_count(&request->nic->answered);
    histogram_add(&request->engine->metrics.duration, microseconds);
}

static void log_drop(const struct request *request, const char *reason)
{
    char from[ENDPOINT_TEXT_SIZE];

    if (request->arrival.defect != NULL &&
        !summary_allows(&request->engine->summary, request->started))
        return;
    engine_log(request->engine, request->arrival.defect != NULL ? LOG_WARNING : LOG_INFO,
               "dropped %zu bytes from %s to port %u: %s", request->length,
               endpoint_text(&request->arrival.remote, from), request->arrival.local.port, reason);
}

static void chain_report(struct request *request, uint32_t action, const char *reason,
                         uint64_t microseconds)
{
    const struct engine_ports *ports = &request->engine->ports;

    if (ports->observer.request_ended == NULL)
        return;
    mutex_lock(&request->lock);
    addresses_fill(request);
    struct request_report report = {
        .packet = request->received,
        .length = request->length,
        .local = &request->local_address,
        .remote = &request->remote_address,
        .provider = action != ACTION_REJECTED ? request->owner->name : NULL,
        .action = action,
        .drop_reason = reason,
        .replies = request->replies,
        .reply_to = request->reply_to,
        .reply_length = request->reply_length,
        .reply_type = request->reply_type,
        .microseconds = microseconds,
        .number = request->arrival.number,
    };
    memcpy(report.boot_file, request->boot_file, sizeof(report.boot_file));
    mutex_unlock(&request->lock);
    ports->observer.request_ended(ports->observer.context, &report);
}

/* The end of every request: count, say, give the slot back. One whose callback came back only after
 * its server had stopped ends in silence. */
static void chain_finish(struct request *request, uint32_t action)
{
    enum drop_kind kind = drop_kind(request, action);
    const char *reason = drop_reason(request, kind);

    if (request_is_observed(request)) {
        const struct clock_port *clock = &request->engine->ports.clock;
        uint64_t microseconds = clock->microseconds(clock->context) - request->started;
        count_end(request, action, kind, microseconds);
        if (reason != NULL)
            log_drop(request, reason);
        chain_report(request, action, reason, microseconds);
    }
    request_release(request);
}

void chain_run(struct request *request)
{
    struct provider *provider;
    uint32_t action = ACTION_REJECTED;

    while (action == ACTION_REJECTED && !request->has_faulted &&
           (provider = chain_next(request)) != NULL) {
        enum offer offer = chain_offer(request, provider, &action);
        if (offer == OFFER_PENDED)
            return;
        request->has_faulted = offer == OFFER_FAULTED;
    }
    chain_finish(request, action);
}

static void chain_resume(void *argument)
{
    struct request *request = argument;
    struct engine *engine = request->engine;

    chain_run(request);
    engine_leave(engine);
}

/* A provider's thread must not be kept busy with the next provider's work. */
static void chain_resume_elsewhere(struct request *request)
{
    struct engine *engine = request->engine;
    const struct work_port *work = &engine->ports.work;

    engine_hold(engine);
    if (work->submit == NULL || !work->submit(work->context, chain_resume, request))
        chain_resume(request);
}

/* Whoever keeps the time must not be kept busy either. */
static void chain_begin_late(void *argument)
{
    struct request *request = argument;
    struct engine *engine = request->engine;

    if (!engine_enter(engine)) {
        chain_run(request); /* to its end: no provider gets it any more */
        return;
    }
    chain_resume_elsewhere(request);
    engine_leave(engine);
}

void chain_begin(struct request *request)
{
    const struct delay_port *delay = &request->engine->ports.delay;

    if (request->refusal[0] != '\0')
        chain_finish(request, ACTION_REJECTED);
    else if (request->delay == 0 || delay->submit == NULL ||
             !delay->submit(delay->context, request->delay, chain_begin_late, request))
        chain_run(request);
}

/* Under the lock: enters what PxeAsyncRecvDone says. True: the request goes on from here. */
static bool turn_complete(struct request *request, uint32_t action)
{
    if (request->state == REQUEST_PENDING) {
        turn_close(request, action, TURN_COMPLETED);
        return true;
    }
    request_turn_end(request);
    verify_turn_ended(request, TURN_COMPLETED);
    request->state = REQUEST_DONE_EARLY;
    request->early_action = action;
    return false;
}

static pxe_status complete_locked(struct request *request, uintptr_t handle, uint32_t action,
                                  bool *out_resume)
{
    if (!request_turn_is(request, handle))
        return PXE_INVALID_HANDLE;
    if (!action_is_valid(action)) {
        const struct verify_subject subject = verify_subject_of(request, request->owner, CALL_DONE);
        verify_report(request->engine, RULE_BAD_ACTION, &subject, "the action is %u",
                      (unsigned)action);
        return PXE_INVALID_PARAMETER;
    }
    *out_resume = turn_complete(request, action);
    return PXE_OK;
}

pxe_status chain_complete(struct engine *engine, uintptr_t handle, uint32_t action)
{
    struct request *request = request_acquire(&engine->pool, handle);
    bool resume = false;

    if (request == NULL) {
        verify_bad_request(engine, handle, CALL_DONE);
        return PXE_INVALID_HANDLE;
    }
    engine_hold(engine);
    mutex_lock(&request->lock);
    pxe_status status = complete_locked(request, handle, action, &resume);
    mutex_unlock(&request->lock);
    if (resume && action == ACTION_REJECTED)
        chain_resume_elsewhere(request);
    else if (resume)
        chain_finish(request, action);
    request_release(request);
    if (status == PXE_INVALID_HANDLE)
        verify_bad_request(engine, handle, CALL_DONE);
    engine_leave(engine);
    return status;
}

static void drop_if_pended(struct request *request, void *context)
{
    (void)context;
    mutex_lock(&request->lock);
    bool pended = request->state == REQUEST_PENDING;
    if (pended)
        turn_close(request, ACTION_REJECTED, TURN_DROPPED);
    mutex_unlock(&request->lock);
    if (pended)
        chain_finish(request, ACTION_REJECTED);
}

void chain_drop_pended(struct engine *engine)
{
    request_pool_each(&engine->pool, drop_if_pended, NULL);
}
