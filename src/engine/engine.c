#include "engine/engine.h"

#include <string.h>

#include "base/mem.h"
#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"
#include "engine/chain.h"
#include "engine/policy.h"
#include "engine/running.h"
#include "engine/repair.h"
#include "engine/relay_port.h"
#include "engine/rules6.h"
#include "engine/source_check.h"

struct engine *engine_create(uint64_t seed)
{
    struct engine *engine = mem_alloc(sizeof(*engine));

    if (engine == NULL)
        return NULL;
    scramble_seed(&engine->handles, seed);
    provider_table_init(&engine->table);
    request_pool_init(&engine->pool, engine);
    balance_waiters_init(&engine->waiters);
    metrics_init(&engine->metrics);
    atomic_init(&engine->epoch, 0);
    atomic_init(&engine->is_serving, false);
    atomic_init(&engine->has_network, false);
    atomic_init(&engine->is_paused, false);
    atomic_init(&engine->is_observed, false);
    atomic_init(&engine->active, 0);
    atomic_init(&engine->left_behind, 0);
    atomic_init(&engine->waiting, 0);
    mutex_init(&engine->lock);
    signal_init(&engine->idle);
    pending_init(&engine->pending);
    summary_init(&engine->summary);
    return engine;
}

void engine_destroy(struct engine *engine)
{
    request_pool_destroy(&engine->pool);
    balance_waiters_destroy(&engine->waiters);
    metrics_destroy(&engine->metrics);
    pending_destroy(&engine->pending);
    summary_destroy(&engine->summary);
    signal_destroy(&engine->idle);
    mutex_destroy(&engine->lock);
    mem_free(engine);
}

static void counters_reset(struct engine_counters *counters)
{
    atomic_store(&counters->received, 0);
    atomic_store(&counters->answered, 0);
    atomic_store(&counters->ignored, 0);
    atomic_store(&counters->dropped, 0);
    atomic_store(&counters->replies, 0);
    atomic_store(&counters->send_errors, 0);
    atomic_store(&counters->reclaimed, 0);
    atomic_store(&counters->repaired, 0);
    atomic_store(&counters->all_held, 0);
    atomic_store(&counters->taken_over, 0);
    atomic_store(&counters->last_taken_over, 0);
    atomic_store(&counters->unhandled.dropped_repeats, 0);
    atomic_store(&counters->unhandled.dropped_others, 0);
}

pxe_status engine_start(struct engine *engine, const struct engine_ports *ports,
                        const struct provider_entry *entries, size_t count)
{
    engine->ports = *ports;
    counters_reset(&engine->counters);
    summary_reset(engine);
    engine->held_seconds = 0;
    atomic_fetch_add(&engine->epoch, 1);
    atomic_store(&engine->is_observed, true);
    pxe_status status = provider_start_all(engine, entries, count);
    if (status != PXE_OK) {
        atomic_store(&engine->is_observed, false);
        return status;
    }
    metrics_reset(&engine->metrics, &engine->table,
                  ports->stopwatch.nanoseconds(ports->stopwatch.context) / 1000);
    atomic_store(&engine->is_paused, false);
    atomic_store(&engine->has_network, true);
    atomic_store(&engine->is_serving, true);
    return PXE_OK;
}

enum { WAIT_SLICE = 500 /* milliseconds */ };

/* Waits for callbacks; looks meanwhile for threads that have ended inside one, for which the
 * network looks no more. */
static bool callbacks_wait(struct engine *engine, uint32_t milliseconds)
{
    for (;;) {
        const uint32_t slice = milliseconds < WAIT_SLICE ? milliseconds : WAIT_SLICE;
        if (engine_wait_left(engine, slice))
            return true;
        running_look(engine);
        milliseconds -= slice;
        if (milliseconds == 0)
            return engine_wait_left(engine, 0);
    }
}

pxe_status engine_stop(struct engine *engine, uint32_t milliseconds)
{
    atomic_store(&engine->is_serving, false);
    if (!callbacks_wait(engine, milliseconds))
        engine_log(engine, LOG_ERROR, "callbacks are still running after %u ms", milliseconds);
    pxe_status status = provider_stop_all(engine);
    /* Only calls of PxeSendReply that had begun are waited for now. */
    atomic_store(&engine->has_network, false);
    if (status == PXE_OK)
        (void)engine_wait_left(engine, milliseconds);
    chain_drop_pended(engine);
    summary_write(engine, /* is_last= */ true);
    atomic_store(&engine->is_observed, false);
    if (status == PXE_OK) /* those that are telling something */
        (void)engine_wait_left(engine, milliseconds);
    WATCH(engine, run_ended, engine);
    return status;
}

/* What the providers' filters ask about, and where the client's own message is. */
static void engine_classify(struct request *request)
{
    struct arrival *arrival = &request->arrival;

    if (endpoint_is_ipv6(&arrival->remote)) {
        enum dhcp6_defect defect =
            dhcp6_check_inner(request->received, request->length,
                              /* want_request= */ true, &arrival->is_pxe, &request->inner);
        arrival->defect = defect != DHCP6_VALID ? dhcp6_defect_text(defect) : NULL;
    } else {
        enum dhcp4_defect defect = dhcp4_check(request->received, request->length,
                                               /* want_request= */ true, &arrival->is_pxe);
        arrival->defect = defect != DHCP4_VALID ? dhcp4_defect_text(defect) : NULL;
    }
    if (arrival->defect == NULL)
        arrival->relay_port = relay_port(request->received, request->length, &arrival->remote);
}

/* False: neither policy nor providers have to do with it. A test bench hands out everything. */
static bool engine_admits(struct request *request, const struct datagram *datagram)
{
    const bool is_valid = request->arrival.defect == NULL;
    char flaw[SOURCE_FLAW_SIZE];

    if (!request->engine->ports.is_on_network)
        return true;
    struct datagram judged = *datagram;
    judged.bytes = request->received;
    judged.length = request->length;
    enum drop_kind kind = source_check(&judged, is_valid, flaw);
    if (kind != DROP_NONE) {
        policy_refuse(request, kind, flaw);
        return false;
    }
    const char *broken =
        endpoint_is_ipv6(&datagram->remote) ? rules6_flaw(&judged, is_valid) : NULL;
    if (broken != NULL)
        policy_refuse(request, DROP_RULES6, broken);
    return broken == NULL;
}

static uint64_t receipt_time(const struct engine *engine, const struct datagram *datagram)
{
    const struct clock_port *clock = &engine->ports.clock;

    return clock->is_stopwatch && datagram->received != 0 ? datagram->received
                                                          : clock->microseconds(clock->context);
}

bool engine_receive(struct engine *engine, const struct datagram *datagram)
{
    if (!engine_enter(engine))
        return false;
    struct interface_metrics *nic = metrics_interface(&engine->metrics, &datagram->local);
    atomic_fetch_add(&engine->counters.received, 1);
    metrics_count(&nic->received);
    struct request *request = request_create(&engine->pool, datagram);
    if (request == NULL) {
        atomic_fetch_add(&engine->counters.dropped, 1);
        metrics_count(&nic->dropped[DROP_NO_MEMORY]);
        if (summary_admits_single(engine))
            engine_log(engine, LOG_ERROR, "dropped %zu bytes: no memory for another request",
                       datagram->length);
    } else {
        request->started = receipt_time(engine, datagram);
        request->epoch = atomic_load(&engine->epoch);
        request->nic = nic;
        request_repair(request);
        engine_classify(request);
        if (engine_admits(request, datagram))
            policy_apply(request);
        chain_begin(request);
    }
    engine_leave(engine);
    return true;
}
