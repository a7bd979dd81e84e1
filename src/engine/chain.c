#include "engine/chain.h"

#include <stdio.h>
#include <string.h>

#include "engine/core.h"
#include "engine/policy.h"
#include "engine/turn.h"

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

/* Whoever decided, an answer was meant, and none was sent. Nobody else has the request any more. */
static bool is_unsent(const struct request *request)
{
    return request->replies == 0 && request->send_error != PXE_OK;
}

static enum drop_kind drop_kind(const struct request *request, uint32_t action)
{
    if (is_unsent(request))
        return DROP_UNSENT;
    if (action == ACTION_NBP || action == ACTION_CUSTOM)
        return DROP_NONE;
    if (request->has_faulted)
        return DROP_FAULTED;
    if (request->replies > 0) /* whatever was said afterwards: the client has its answer */
        return DROP_NONE;
    if (action == ACTION_IGNORE)
        return DROP_IGNORED;
    if (request->refusal[0] != '\0')
        return request->refusal_kind;
    if (!chain_may_continue(request))
        return DROP_STOPPING;
    if (request->arrival.defect != NULL)
        return DROP_MALFORMED;
    return request->offered > 0 ? DROP_PASSED_ON : DROP_FILTERED;
}

/* NULL: it was answered. Whoever wants nobody to answer needs no packet: with one, a reply was
 * begun that did not fit, or came to nothing for another reason. */
static const char *drop_reason(const struct request *request, enum drop_kind kind)
{
    switch (kind) {
    case DROP_IGNORED:
        return request->turn_packets > 0 ? "a provider began a reply and sent none"
                                         : "a provider chose to ignore it";
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
    case DROP_UNSENT:
        return "its answer could not be sent";
    case DROP_NONE:
        return NULL;
    default:
        return request->refusal;
    }
}

static void count_end(struct request *request, enum drop_kind kind, uint64_t microseconds)
{
    struct engine_counters *counters = &request->engine->counters;

    atomic_fetch_add(kind == DROP_NONE      ? &counters->answered
                     : kind == DROP_IGNORED ? &counters->ignored
                                            : &counters->dropped,
                     1);
    if (kind != DROP_NONE) {
        metrics_count(&request->nic->dropped[kind]);
        return;
    }
    metrics_count(&request->nic->answered);
    durations_add(&request->engine->metrics.durations, microseconds);
}

/* From its receipt until now. */
static uint64_t request_duration(const struct request *request)
{
    const struct clock_port *clock = &request->engine->ports.clock;
    const bool is_known = clock->is_stopwatch && request->turn_ended != 0;
    const uint64_t now =
        is_known ? request->turn_ended / 1000 : clock->microseconds(clock->context);

    return now - request->started;
}

static void log_drop(struct request *request, enum drop_kind kind, const char *reason)
{
    const bool is_odd = request->arrival.defect != NULL || drop_weight(kind) == DROP_ODD;
    char from[ENDPOINT_TEXT_SIZE];

    if (request->refusal_kind == DROP_NO_MEMORY && request->refusal[0] != '\0')
        return;
    request_log(request, is_odd ? LOG_WARNING : LOG_INFO, "%s %zu bytes from %s to port %u: %s",
                request->replies > 0 ? "answered, then dropped" : "dropped", request->length,
                endpoint_text(&request->arrival.remote, from), request->arrival.local.port, reason);
}

/* Caller holds request->lock. Who decided, or failed, or has answered and then passed it on; NULL:
 * nobody. */
static const struct provider *decider(const struct request *request, uint32_t action)
{
    return action != ACTION_REJECTED || request->has_faulted ? request->owner : request->replied_by;
}

static void chain_report(struct request *request, uint32_t action, enum drop_kind kind,
                         const char *reason, uint64_t microseconds)
{
    const struct engine_ports *ports = &request->engine->ports;
    const bool is_told = ports->observer.request_ended != NULL;
    const bool is_left_out = !summary_end(request, kind, is_told);

    if (!is_told)
        return;
    mutex_lock(&request->lock);
    turn_addresses_fill(request);
    const struct provider *who = decider(request, action);
    struct request_report report = {
        .packet = request->received,
        .length = request->length,
        .local = &request->local_address,
        .remote = &request->remote_address,
        .provider = who != NULL ? who->name : NULL,
        .action = action,
        .drop_reason = reason,
        .repair = request->repair[0] != '\0' ? request->repair : NULL,
        .is_left_out = is_left_out,
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
        const uint64_t microseconds = request_duration(request);
        count_end(request, kind, microseconds);
        if (reason != NULL)
            log_drop(request, kind, reason);
        chain_report(request, action, kind, reason, microseconds);
    }
    request_release(request);
}

/* The line is the summary's. */
static void pended_give_way(struct request *request, uint32_t max)
{
    if (!turn_drop(request)) /* somebody was faster */
        return;
    snprintf(request->refusal, sizeof(request->refusal),
             "more than %u requests are pended, and this one was pended first", max);
    request->refusal_kind = DROP_NO_MEMORY;
    atomic_fetch_add(&request->engine->pending.given_way, 1);
    chain_finish(request, ACTION_REJECTED);
}

/* Makes room for the last one. */
static void pended_limit(struct engine *engine)
{
    const struct policy *policy = engine->ports.policy;
    const uint32_t max = policy != NULL ? policy->max_pended : 0;
    struct request *oldest;

    while ((oldest = pending_excess(&engine->pending, max)) != NULL) {
        pended_give_way(oldest, max);
        request_release(oldest);
    }
}

void chain_run(struct request *request)
{
    struct engine *engine = request->engine;
    struct provider *provider;
    uint32_t action = ACTION_REJECTED;

    while (action == ACTION_REJECTED && !request->has_faulted &&
           (provider = chain_next(request)) != NULL) {
        enum offer offer = turn_offer(request, provider, &action);
        if (offer == OFFER_PENDED) {
            pended_limit(engine);
            return;
        }
        request->has_faulted = offer == OFFER_FAULTED;
    }
    chain_finish(request, action);
}

static void chain_resume(void *argument)
{
    struct request *request = argument;
    struct engine *engine = request->engine;

    request->turn_ended = 0; /* that was on another thread, some time ago */
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

pxe_status chain_complete(struct engine *engine, uintptr_t handle, uint32_t action)
{
    struct request *request = request_acquire(&engine->pool, handle);
    bool resume = false;
    pxe_status status = PXE_INVALID_HANDLE;

    engine_hold(engine);
    if (request != NULL) {
        status = turn_complete(request, handle, action, &resume);
        if (resume && action == ACTION_REJECTED)
            chain_resume_elsewhere(request); /* with the chain's reference, as the next line */
        else if (resume)
            chain_finish(request, action);
        request_release(request); /* our own */
    }
    if (status == PXE_INVALID_HANDLE)
        WATCH(engine, refused, engine,
              &(struct refused){.why = REFUSED_REQUEST, .call = CALL_DONE, .handle = handle});
    engine_leave(engine);
    return status;
}

void chain_abandon(struct request *request, const struct turn_running *running)
{
    struct engine *engine = request->engine;
    uint32_t action;

    if (!turn_abandon(request, running, &action))
        return;
    request->has_faulted = action == ACTION_REJECTED;
    chain_finish(request, action);
    engine_leave(engine); /* which that thread cannot do any more */
}

static void drop_if_pended(struct request *request, void *context)
{
    (void)context;
    if (turn_drop(request))
        chain_finish(request, ACTION_REJECTED);
}

void chain_drop_pended(struct engine *engine)
{
    request_pool_each(&engine->pool, drop_if_pended, NULL);
}
