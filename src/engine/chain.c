#include "engine/chain.h"

#include <string.h>

#include "engine/engine.h"
#include "engine/packet.h"

static const char *const REASON_STOPPING = "the server is stopping";
static const char *const REASON_PASSED_ON = "every provider passed it on";
static const char *const REASON_FILTERED = "no provider takes such packets";
static const char *const REASON_IGNORED = "a provider chose to ignore it";

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
        if (provider_accepts(provider, &request->arrival))
            return provider;
    }
    return NULL;
}

static void address_fill(struct pxe_address *address, const struct net_endpoint *endpoint,
                         uint32_t flags)
{
    memset(address, 0, sizeof *address);
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

/* Begins a provider's turn: an untouched copy of everything, and a handle of its own. */
static uintptr_t turn_open(struct request *request, struct provider *provider)
{
    mutex_lock(&request->lock);
    if (request->length > 0)
        memcpy(request->working, request->received, request->length);
    addresses_fill(request);
    request->owner = provider;
    request->offered++;
    uintptr_t handle = request_turn_begin(request);
    mutex_unlock(&request->lock);
    return handle;
}

/* Under the lock: ends the turn, its handle and its packets. */
static void turn_close(struct request *request, uint32_t action)
{
    struct engine *engine = request->engine;
    uint32_t left = packet_reclaim_all(request);

    if (left > 0) {
        atomic_fetch_add(&engine->counters.reclaimed, left);
        engine_log(engine, LOG_WARNING, "provider %s: left %u packet(s) of a request unfreed; "
                   "reclaimed", request->owner->name, left);
    }
    if ((action == ACTION_NBP || action == ACTION_CUSTOM) && request->replies == 0)
        engine_log(engine, LOG_WARNING, "provider %s: said %s but sent no reply",
                   request->owner->name, action == ACTION_NBP ? "PXE_BA_NBP" : "PXE_BA_CUSTOM");
}

static uint32_t action_check(struct request *request, uint32_t action)
{
    if (action >= ACTION_NBP && action <= ACTION_REJECTED)
        return action;
    engine_log(request->engine, LOG_ERROR, "provider %s: action %u is none of PXE_BA_*; taken as "
               "PXE_BA_REJECTED", request->owner->name, action);
    return ACTION_REJECTED;
}

/* Under the lock, after the callback has returned: what the provider decided. */
static uint32_t turn_decision(struct request *request, uint32_t status, uint32_t action)
{
    if (request->state == REQUEST_DONE_EARLY) {
        if (status != PXE_PENDING)
            engine_log(request->engine, LOG_WARNING,
                       "provider %s: called PxeAsyncRecvDone but returned %u instead of "
                       "ERROR_IO_PENDING; the first decision counts",
                       request->owner->name, status);
        return request->early_action;
    }
    if (status == PXE_OK)
        return action_check(request, action);
    engine_log(request->engine, LOG_INFO, "provider %s: receive callback returned error %u; taken "
               "as PXE_BA_REJECTED", request->owner->name, status);
    return ACTION_REJECTED;
}

/* Whoever was to hear of a request of an earlier run is gone. */
static bool chain_is_observed(const struct request *request)
{
    const struct engine *engine = request->engine;
    return atomic_load(&engine->is_observed) && request->epoch == atomic_load(&engine->epoch);
}

/* Calls the provider; whoever wants to know is told how long it took. */
static uint32_t receive_call(struct request *request, const struct provider *provider,
                             uintptr_t handle, uint32_t *action)
{
    const struct engine_ports *ports = &request->engine->ports;
    const bool is_timed = ports->observer.callback_timed != NULL;
    uint64_t started = is_timed ? ports->stopwatch.nanoseconds(ports->stopwatch.context) : 0;

    uint32_t status =
        provider->receive((void *)handle, request->working, (uint32_t)request->length,
                          &request->local_address, &request->remote_address, action,
                          provider->receive_context);
    if (is_timed && chain_is_observed(request))
        ports->observer.callback_timed(
            ports->observer.context, provider->name, request->arrival.number,
            ports->stopwatch.nanoseconds(ports->stopwatch.context) - started);
    return status;
}

/* False: the request is pended, and may be gone already. */
static bool chain_offer(struct request *request, struct provider *provider, uint32_t *out_action)
{
    uint32_t action = ACTION_REJECTED;
    uintptr_t handle = turn_open(request, provider);

    atomic_fetch_add(&provider->running, 1);
    uint32_t status = receive_call(request, provider, handle, &action);

    mutex_lock(&request->lock);
    if (status == PXE_PENDING && request->state == REQUEST_RUNNING) {
        request->state = REQUEST_PENDING;
        mutex_unlock(&request->lock);
        atomic_fetch_sub(&provider->running, 1);
        return false;
    }
    action = turn_decision(request, status, action);
    request_turn_end(request);
    turn_close(request, action);
    mutex_unlock(&request->lock);
    atomic_fetch_sub(&provider->running, 1);
    *out_action = action;
    return true;
}

static const char *drop_reason(const struct request *request, uint32_t action)
{
    if (action == ACTION_NBP || action == ACTION_CUSTOM)
        return NULL;
    if (action == ACTION_IGNORE)
        return REASON_IGNORED;
    if (!chain_may_continue(request))
        return REASON_STOPPING;
    if (request->arrival.defect != NULL)
        return request->arrival.defect;
    return request->offered > 0 ? REASON_PASSED_ON : REASON_FILTERED;
}

static void log_drop(const struct request *request, const char *reason)
{
    char from[ENDPOINT_TEXT_SIZE];

    engine_log(request->engine, request->arrival.defect != NULL ? LOG_WARNING : LOG_INFO,
               "dropped %zu bytes from %s to port %u: %s", request->length,
               endpoint_text(&request->arrival.remote, from), request->arrival.local.port, reason);
}

static void chain_report(struct request *request, uint32_t action, const char *reason)
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
        .microseconds = ports->clock.microseconds(ports->clock.context) - request->started,
        .number = request->arrival.number,
    };
    memcpy(report.boot_file, request->boot_file, sizeof report.boot_file);
    mutex_unlock(&request->lock);
    ports->observer.request_ended(ports->observer.context, &report);
}

/* The end of every request: count, say, give the slot back. One whose callback came back only after
 * its server had stopped ends in silence. */
static void chain_finish(struct request *request, uint32_t action)
{
    struct engine *engine = request->engine;
    struct engine_counters *counters = &engine->counters;
    const char *reason = drop_reason(request, action);

    if (chain_is_observed(request)) {
        atomic_fetch_add(action == ACTION_REJECTED ? &counters->dropped
                         : action == ACTION_IGNORE ? &counters->ignored
                                                   : &counters->answered, 1);
        if (reason != NULL)
            log_drop(request, reason);
        chain_report(request, action, reason);
    }
    request_release(request);
}

void chain_run(struct request *request)
{
    struct provider *provider;
    uint32_t action = ACTION_REJECTED;

    while (action == ACTION_REJECTED && (provider = chain_next(request)) != NULL)
        if (!chain_offer(request, provider, &action))
            return;
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

pxe_status chain_complete(struct engine *engine, uintptr_t handle, uint32_t action)
{
    struct request *request = request_acquire(&engine->pool, handle);
    bool resume = false;

    if (request == NULL)
        return PXE_INVALID_HANDLE;
    engine_hold(engine);
    mutex_lock(&request->lock);
    pxe_status status = !request_turn_is(request, handle)                ? PXE_INVALID_HANDLE
                        : action < ACTION_NBP || action > ACTION_REJECTED ? PXE_INVALID_PARAMETER
                                                                          : PXE_OK;
    if (status == PXE_OK) {
        resume = request->state == REQUEST_PENDING;
        request_turn_end(request);
        if (resume) {
            turn_close(request, action);
        } else {
            request->state = REQUEST_DONE_EARLY;
            request->early_action = action;
        }
    }
    mutex_unlock(&request->lock);
    if (resume && action == ACTION_REJECTED)
        chain_resume_elsewhere(request);
    else if (resume)
        chain_finish(request, action);
    request_release(request);
    engine_leave(engine);
    return status;
}

static void drop_if_pended(struct request *request)
{
    mutex_lock(&request->lock);
    bool pended = request->state == REQUEST_PENDING;
    if (pended) {
        request_turn_end(request);
        turn_close(request, ACTION_REJECTED);
    }
    mutex_unlock(&request->lock);
    if (pended)
        chain_finish(request, ACTION_REJECTED);
}

void chain_drop_pended(struct engine *engine)
{
    request_pool_each(&engine->pool, drop_if_pended);
}
