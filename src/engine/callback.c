#include "engine/callback.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/core.h"
#include "engine/event.h"

enum { FAULT_TEXT = 320 };

/* ---- exceptions ---- */

/* FAULT_DEFAULT: nothing, for the provider is not serving. */
static enum fault_policy fault_consequence(const struct callback *callback)
{
    const struct provider *provider = callback->provider;
    enum fault_policy policy = callback->engine->ports.calls.policy;

    if (atomic_load(&provider->state) != PROVIDER_SERVING)
        return FAULT_DEFAULT;
    if (policy == FAULT_DEFAULT)
        return provider->is_critical ? FAULT_STOP : FAULT_DISABLE;
    return policy;
}

static const char *consequence_text(const struct callback *callback)
{
    switch (fault_consequence(callback)) {
    case FAULT_STOP:
        return "the server takes no further request";
    case FAULT_DISABLE:
        return "it gets no further request";
    case FAULT_CONTINUE:
        return "it goes on being called";
    default:
        return atomic_load(&callback->provider->state) == PROVIDER_INITIALIZING
                   ? "it is not used"
                   : "it is being shut down";
    }
}

/* "prov.dll+0x1234" */
static void fault_place(const struct fault *fault, char *text, size_t size)
{
    if (fault->module != NULL)
        snprintf(text, size, "%s+0x%" PRIx64, fault->module, fault->offset);
    else
        snprintf(text, size, "0x%" PRIx64, fault->address);
}

static void fault_seen(const struct fault *fault, char *text, size_t size)
{
    const char *words = fault->words != NULL ? fault->words : "";
    char place[FAULT_TEXT / 2];

    fault_place(fault, place, sizeof(place));
    if (fault->is_in_packet)
        snprintf(text, size, "byte %" PRId64 " of a%s packet of %u bytes was touched at %s",
                 fault->packet_offset, fault->is_packet_freed ? " freed" : "",
                 (unsigned)fault->packet_size, place);
    else
        snprintf(text, size, "exception 0x%08x%s%s%s at %s", (unsigned)fault->code,
                 words[0] != '\0' ? " (" : "", words, words[0] != '\0' ? ")" : "", place);
}

void callback_faulted(const struct callback *callback, const struct fault *fault)
{
    char seen[FAULT_TEXT], datagram[40] = "";

    fault_seen(fault, seen, sizeof(seen));
    if (callback->number != 0)
        snprintf(datagram, sizeof(datagram), ", datagram %" PRIu64, callback->number);
    event_report(callback->engine, EVENT_PROVIDER_FAULT, callback->provider->name,
                 "%s, in %s%s; %s", seen, callback->name, datagram, consequence_text(callback));
    if (atomic_load(&callback->engine->is_observed))
        WATCH(callback->engine, faulted, callback, fault, seen, fault_consequence(callback));
}

static void fault_act(const struct callback *callback)
{
    switch (fault_consequence(callback)) {
    case FAULT_STOP:
        event_report(callback->engine, EVENT_HALTED, callback->provider->name,
                     "has failed: the server takes no further request and has to be stopped");
        engine_halt(callback->engine);
        break;
    case FAULT_DISABLE:
        atomic_store(&callback->provider->is_disabled, true);
        break;
    default:
        break;
    }
}

/* ---- calling ---- */

static uint64_t stopwatch_read(const struct engine *engine)
{
    return engine->ports.stopwatch.nanoseconds(engine->ports.stopwatch.context);
}

/* False: an exception left it. */
static bool callback_make(struct callback *callback)
{
    const struct call_port *calls = &callback->engine->ports.calls;

    if (calls->make == NULL) {
        callback->run(callback);
        return true;
    }
    if (calls->make(calls->context, callback))
        return true;
    fault_act(callback);
    return false;
}

/* ---- the four calls ---- */

struct receive_arguments {
    struct request *request;
    uintptr_t handle;
    uint32_t *action;
};

static void receive_run(struct callback *callback)
{
    const struct receive_arguments *arguments = callback->arguments;
    struct request *request = arguments->request;

    callback->status =
        callback->provider->receive((void *)arguments->handle, request->working,
                                    (uint32_t)request->length, &request->local_address,
                                    &request->remote_address, arguments->action,
                                    callback->provider->receive_context);
}

bool callback_receive(struct request *request, struct provider *provider, uintptr_t handle,
                      uint32_t *action, uint32_t *out_status)
{
    struct engine *engine = request->engine;
    const struct observer_port *observer = &engine->ports.observer;
    const struct receive_arguments arguments = {request, handle, action};
    const bool is_timed =
        observer->callback_timed != NULL || engine->ports.watch.callback_returned != NULL;
    struct callback callback = {
        .engine = engine,
        .provider = provider,
        .name = CALL_RECEIVE,
        .number = request->arrival.number,
        .packet = request->received,
        .length = request->length,
        .run = receive_run,
        .arguments = &arguments,
    };

    const uint64_t begun = is_timed ? stopwatch_read(engine) : 0;
    bool returned_normally = callback_make(&callback);
    if (is_timed && request_is_observed(request)) {
        uint64_t nanoseconds = stopwatch_read(engine) - begun;
        if (observer->callback_timed != NULL)
            observer->callback_timed(observer->context, provider->name, callback.number,
                                     nanoseconds);
        WATCH(engine, callback_returned, &callback, nanoseconds);
    }
    *out_status = callback.status;
    return returned_normally;
}

static uint32_t callback_simple(struct engine *engine, struct provider *provider, const char *name,
                                void (*run)(struct callback *callback), const void *arguments)
{
    struct callback callback = {
        .engine = engine,
        .provider = provider,
        .name = name,
        .run = run,
        .arguments = arguments,
    };

    return callback_make(&callback) ? callback.status : PXE_UNHANDLED_EXCEPTION;
}

static void initialize_run(struct callback *callback)
{
    struct provider *provider = callback->provider;

    callback->status =
        provider->module.initialize((void *)provider_handle(provider), provider->module.key);
}

uint32_t callback_initialize(struct engine *engine, struct provider *provider)
{
    return callback_simple(engine, provider, CALL_INITIALIZE, initialize_run, NULL);
}

static void shutdown_run(struct callback *callback)
{
    callback->status = callback->provider->shutdown(callback->provider->shutdown_context);
}

uint32_t callback_shutdown(struct engine *engine, struct provider *provider)
{
    return callback_simple(engine, provider, CALL_SHUTDOWN, shutdown_run, NULL);
}

static void control_run(struct callback *callback)
{
    const uint32_t *control = callback->arguments;

    callback->status = callback->provider->control(callback->provider->control_context, *control);
}

uint32_t callback_control(struct engine *engine, struct provider *provider, uint32_t control)
{
    return callback_simple(engine, provider, CALL_CONTROL, control_run, &control);
}
