#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"
#include "engine/chain.h"

struct engine *engine_create(void)
{
    struct engine *engine = mem_alloc(sizeof *engine);

    if (engine == NULL)
        return NULL;
    provider_table_init(&engine->table);
    request_pool_init(&engine->pool, engine);
    atomic_init(&engine->epoch, 0);
    atomic_init(&engine->is_serving, false);
    atomic_init(&engine->has_network, false);
    atomic_init(&engine->is_observed, false);
    atomic_init(&engine->active, 0);
    mutex_init(&engine->lock);
    signal_init(&engine->idle);
    return engine;
}

void engine_destroy(struct engine *engine)
{
    request_pool_destroy(&engine->pool);
    signal_destroy(&engine->idle);
    mutex_destroy(&engine->lock);
    mem_free(engine);
}

void engine_log(struct engine *engine, uint32_t severity, const char *format, ...)
{
    const struct log_port *log = &engine->ports.log;
    char line[1024];
    va_list arguments;

    if (log->write == NULL || !log->enabled(log->context, severity))
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    log->write(log->context, severity, line);
}

void engine_hold(struct engine *engine)
{
    atomic_fetch_add(&engine->active, 1);
}

bool engine_enter(struct engine *engine)
{
    engine_hold(engine);
    if (atomic_load(&engine->is_serving))
        return true;
    engine_leave(engine);
    return false;
}

void engine_leave(struct engine *engine)
{
    if (atomic_fetch_sub(&engine->active, 1) != 1 || atomic_load(&engine->is_serving))
        return;
    mutex_lock(&engine->lock);
    signal_wake_all(&engine->idle);
    mutex_unlock(&engine->lock);
}

/* False: still active after the time. */
static bool engine_wait_idle(struct engine *engine, uint32_t milliseconds)
{
    const struct clock_port *clock = &engine->ports.clock;
    uint64_t end = clock->microseconds(clock->context) + (uint64_t)milliseconds * 1000;

    mutex_lock(&engine->lock);
    while (atomic_load(&engine->active) != 0) {
        uint64_t now = clock->microseconds(clock->context);
        if (now >= end)
            break;
        (void)signal_wait(&engine->idle, &engine->lock, (uint32_t)((end - now) / 1000) + 1);
    }
    mutex_unlock(&engine->lock);
    return atomic_load(&engine->active) == 0;
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
}

pxe_status engine_start(struct engine *engine, const struct engine_ports *ports,
                        const struct provider_entry *entries, size_t count)
{
    engine->ports = *ports;
    counters_reset(&engine->counters);
    atomic_fetch_add(&engine->epoch, 1);
    pxe_status status = provider_start_all(engine, entries, count);
    if (status != PXE_OK)
        return status;
    atomic_store(&engine->has_network, true);
    atomic_store(&engine->is_observed, true);
    atomic_store(&engine->is_serving, true);
    return PXE_OK;
}

pxe_status engine_stop(struct engine *engine, uint32_t milliseconds)
{
    atomic_store(&engine->is_serving, false);
    if (!engine_wait_idle(engine, milliseconds))
        engine_log(engine, LOG_ERROR, "callbacks are still running after %u ms", milliseconds);
    pxe_status status = provider_stop_all(engine);
    /* Only calls of PxeSendReply that had begun are waited for now. */
    atomic_store(&engine->has_network, false);
    if (status == PXE_OK)
        (void)engine_wait_idle(engine, milliseconds);
    chain_drop_pended(engine);
    atomic_store(&engine->is_observed, false);
    return status;
}

/* What the providers' filters ask about. */
static void engine_classify(struct request *request)
{
    struct arrival *arrival = &request->arrival;

    if (endpoint_is_ipv6(&arrival->remote)) {
        enum dhcp6_defect defect = dhcp6_check(request->received, request->length,
                                               /* want_request= */ true, &arrival->is_pxe);
        arrival->defect = defect != DHCP6_VALID ? dhcp6_defect_text(defect) : NULL;
    } else {
        enum dhcp4_defect defect = dhcp4_check(request->received, request->length,
                                               /* want_request= */ true, &arrival->is_pxe);
        arrival->defect = defect != DHCP4_VALID ? dhcp4_defect_text(defect) : NULL;
    }
}

void engine_receive(struct engine *engine, const struct datagram *datagram)
{
    if (!engine_enter(engine))
        return;
    atomic_fetch_add(&engine->counters.received, 1);
    struct request *request = request_create(&engine->pool, datagram);
    if (request == NULL) {
        atomic_fetch_add(&engine->counters.dropped, 1);
        engine_log(engine, LOG_ERROR, "dropped %zu bytes: no memory for another request",
                   datagram->length);
    } else {
        request->started = engine->ports.clock.microseconds(engine->ports.clock.context);
        request->epoch = atomic_load(&engine->epoch);
        engine_classify(request);
        chain_run(request);
    }
    engine_leave(engine);
}
