#include "engine/callback.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "engine/core.h"
#include "engine/event.h"

enum { FAULT_TEXT = 320 };

/* ---- exceptions ---- */

/* FAULT_DEFAULT: nothing, for the provider is not serving. */
static enum fault_policy fault_policy(const struct callback *callback)
{
    const struct provider *provider = callback->provider;
    enum fault_policy policy = callback->engine->ports.calls.policy;

    if (atomic_load(&provider->state) != PROVIDER_SERVING)
        return FAULT_DEFAULT;
    if (!provider_is_loaded(callback->engine, provider))
        policy = FAULT_DEFAULT; /* there is nothing left to be called */
    if (policy == FAULT_DEFAULT)
        return provider->is_critical ? FAULT_STOP : FAULT_DISABLE;
    return policy;
}

/* Does what the policy says, and returns that. The last provider's end is the server's. */
static enum fault_policy fault_act(const struct callback *callback, const struct fault *fault)
{
    enum fault_policy policy =
        fault->is_heap_damaged || fault->holds_all ? FAULT_STOP : fault_policy(callback);

    if (policy != FAULT_STOP && policy != FAULT_DISABLE)
        return policy;
    atomic_store(&callback->provider->is_disabled, true);
    if (policy == FAULT_DISABLE && provider_table_serves(&callback->engine->table))
        return FAULT_DISABLE;
    engine_halt(callback->engine);
    return FAULT_STOP;
}

static const char *consequence_text(const struct callback *callback, enum fault_policy consequence)
{
    switch (consequence) {
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
    if (fault->code == 0)
        snprintf(text, size, "%s", words);
    else if (fault->is_in_packet)
        snprintf(text, size, "byte %" PRId64 " of a%s packet of %u bytes was touched at %s",
                 fault->packet_offset, fault->is_packet_freed ? " freed" : "",
                 (unsigned)fault->packet_size, place);
    else
        snprintf(text, size, "exception 0x%08x%s%s%s at %s", (unsigned)fault->code,
                 words[0] != '\0' ? " (" : "", words, words[0] != '\0' ? ")" : "", place);
}

static void halt_tell(const struct callback *callback, const struct fault *fault)
{
    const struct provider *provider = callback->provider;
    const bool is_vital = provider->is_critical || fault->is_heap_damaged || fault->holds_all ||
                          callback->engine->ports.calls.policy == FAULT_STOP;

    event_report(callback->engine, EVENT_HALTED, provider->name,
                 "%s: the server takes no further request and has to be stopped",
                 is_vital ? "has failed" : "has failed, and no other provider is left");
}

/* By log, event and host. One that goes on being called may go on failing: not each is told. */
static void fault_tell(const struct callback *callback, const struct fault *fault)
{
    const enum fault_policy consequence = fault_act(callback, fault);
    char seen[FAULT_TEXT], datagram[40] = "";

    if (consequence == FAULT_CONTINUE && !summary_admits_finding(callback->engine))
        return;
    fault_seen(fault, seen, sizeof(seen));
    if (callback->number != 0)
        snprintf(datagram, sizeof(datagram), ", datagram %" PRIu64, callback->number);
    event_report(callback->engine,
                 fault->is_heap_damaged ? EVENT_HEAP_DAMAGED : EVENT_PROVIDER_FAULT,
                 callback->provider->name, "%s, in %s%s; %s%s", seen, callback->name, datagram,
                 provider_is_loaded(callback->engine, callback->provider)
                     ? ""
                     : "it has unloaded itself; ",
                 consequence_text(callback, consequence));
    if (consequence == FAULT_STOP)
        halt_tell(callback, fault);
    if (atomic_load(&callback->engine->is_observed))
        WATCH(callback->engine, faulted, callback, fault, seen, consequence);
}

/* An exception may come of a write that has gone through the request's memory before. */
void callback_faulted(const struct callback *callback, const struct fault *fault)
{
    struct fault known = *fault;

    if (callback->request != NULL)
        atomic_store(&callback->request->is_over, true);
    if (callback->request != NULL && !request_is_intact(callback->request))
        known.is_heap_damaged = true;
    fault_tell(callback, &known);
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
    return calls->make(calls->context, callback);
}

/* ---- the receive callback ---- */

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
        .request = request,
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

/* ---- the three calls with a limit ---- */

static uint32_t limited_status(const struct callback *callback, enum call_end end, uint32_t limit)
{
    switch (end) {
    case CALL_RETURNED:
        return callback->status;
    case CALL_STUCK:
        atomic_store(&callback->provider->is_stuck, true);
        event_report(callback->engine, EVENT_CALLBACK_STUCK, callback->provider->name,
                     "%s has not returned after %u ms; it stays loaded and is not called again",
                     callback->name, (unsigned)limit);
        return PXE_TIMEOUT;
    case CALL_THREAD_ENDED:
        callback_faulted(callback, &(struct fault){.words = "its thread has ended"});
        return PXE_UNHANDLED_EXCEPTION;
    default:
        return PXE_UNHANDLED_EXCEPTION;
    }
}

/* `model` is copied: one that does not return keeps its callback for ever. */
static uint32_t callback_limited(const struct callback *model, uint32_t limit)
{
    const struct call_port *calls = &model->engine->ports.calls;
    struct callback *callback = mem_alloc(sizeof(*callback));
    enum call_end end;

    if (callback == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    *callback = *model;
    if (limit == 0 || calls->make_limited == NULL)
        end = callback_make(callback) ? CALL_RETURNED : CALL_FAULTED;
    else
        end = calls->make_limited(calls->context, callback, limit);
    uint32_t status = limited_status(callback, end, limit);
    if (end != CALL_STUCK)
        mem_free(callback);
    return status;
}

static void initialize_run(struct callback *callback)
{
    struct provider *provider = callback->provider;

    callback->status =
        provider->module.initialize((void *)provider_handle(callback->engine, provider),
                                    provider->module.key);
}

uint32_t callback_initialize(struct engine *engine, struct provider *provider)
{
    const struct callback callback = {
        .engine = engine, .provider = provider, .name = CALL_INITIALIZE, .run = initialize_run};

    return callback_limited(&callback, engine->ports.calls.initialize_limit);
}

static void shutdown_run(struct callback *callback)
{
    callback->status = callback->provider->shutdown(callback->provider->shutdown_context);
}

uint32_t callback_shutdown(struct engine *engine, struct provider *provider)
{
    const struct callback callback = {
        .engine = engine, .provider = provider, .name = CALL_SHUTDOWN, .run = shutdown_run};

    return callback_limited(&callback, engine->ports.calls.shutdown_limit);
}

static void control_run(struct callback *callback)
{
    callback->status =
        callback->provider->control(callback->provider->control_context, callback->control);
}

uint32_t callback_control(struct engine *engine, struct provider *provider, uint32_t control)
{
    const struct callback callback = {.engine = engine,
                                      .provider = provider,
                                      .name = CALL_CONTROL,
                                      .run = control_run,
                                      .control = control};

    return callback_limited(&callback, engine->ports.calls.control_limit);
}

void callback_damaged(const struct request *request, struct provider *provider, const char *call,
                      const char *what)
{
    const struct callback callback = {
        .engine = request->engine,
        .provider = provider,
        .name = call,
        .number = request->arrival.number,
        .packet = request->received,
        .length = request->length,
    };

    callback_faulted(&callback, &(struct fault){.words = what, .is_heap_damaged = true});
}

void callback_thread_ended(const struct request *request, struct provider *provider)
{
    const struct callback callback = {
        .engine = request->engine,
        .provider = provider,
        .name = CALL_RECEIVE,
        .number = request->arrival.number,
        .packet = request->received,
        .length = request->length,
    };

    callback_faulted(&callback, &(struct fault){.words = "its thread has ended"});
}

void callback_holds_all(struct engine *engine, struct provider *provider)
{
    const struct callback callback = {.engine = engine, .provider = provider, .name = CALL_RECEIVE};

    callback_faulted(&callback, &(struct fault){.words = "no thread is left for anything else",
                                                .holds_all = true});
}
