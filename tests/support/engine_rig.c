#include "support/engine_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "dhcp/dhcp4.h"
#include "engine/packet.h"
#include "engine/reply.h"

/* The callbacks of a scripted provider get it as their context; initialize gets it as its key. */

static uint32_t scripted_receive(void *request, void *packet, uint32_t length,
                                 struct pxe_address *local, struct pxe_address *remote,
                                 uint32_t *action, void *context)
{
    struct scripted *self = context;

    atomic_fetch_add(&self->received, 1);
    if (self->receive == NULL)
        return PXE_OK;
    return self->receive(self, (uintptr_t)request, packet, length, local, remote, action);
}

static uint32_t scripted_shutdown(void *context)
{
    struct scripted *self = context;

    self->shut_down++;
    if (self->throws_in_shutdown)
        rig_throw(&(struct fault){.code = 2});
    self->shutdown_order = ++self->rig->shutdowns;
    return self->shutdown_status;
}

static uint32_t scripted_control(void *context, uint32_t control)
{
    struct scripted *self = context;

    self->controlled++;
    if (self->throws_in_control)
        rig_throw(&(struct fault){.code = 3});
    self->last_control = control;
    return PXE_OK;
}

static void scripted_register(struct scripted *self, enum callback_type type, void *function)
{
    assert_int_equal(provider_register_callback(self->rig->engine, self->handle, type, function,
                                                self),
                     PXE_OK);
}

static uint32_t scripted_initialize(void *provider, void *key)
{
    struct scripted *self = key;

    self->initialized++;
    self->handle = (uintptr_t)provider;
    if (self->throws_in_initialize)
        rig_throw(&(struct fault){.code = 1});
    if (!self->without_receive)
        scripted_register(self, CALLBACK_RECV_REQUEST, (void *)(uintptr_t)scripted_receive);
    if (!self->without_shutdown)
        scripted_register(self, CALLBACK_SHUTDOWN, (void *)(uintptr_t)scripted_shutdown);
    if (self->with_control)
        scripted_register(self, CALLBACK_SERVICE_CONTROL, (void *)(uintptr_t)scripted_control);
    if (self->filter >= 0) {
        uint32_t filter = (uint32_t)self->filter;
        assert_int_equal(provider_set_attribute(self->rig->engine, self->handle, ATTR_FILTER,
                                                &filter, sizeof(filter)),
                         PXE_OK);
    }
    return self->initialize_status;
}

/* ---- ports ---- */

static pxe_status module_open(void *context, const struct provider_entry *entry, struct module *out,
                              enum event_id *out_event)
{
    struct scripted *self = (struct scripted *)(uintptr_t)entry->source;

    (void)context;
    if (self->open_status != PXE_OK) {
        *out_event = self->open_event;
        return self->open_status;
    }
    *out = (struct module){.instance = self, .key = self, .initialize = scripted_initialize};
    return PXE_OK;
}

static void module_close(void *context, const struct module *module)
{
    struct scripted *self = module->instance;

    (void)context;
    self->closed++;
}

static bool module_is_loaded(void *context, const struct module *module)
{
    (void)module;
    return !atomic_load(&((struct rig *)context)->is_unloaded);
}

static pxe_status net_send(void *context, const struct net_reply *reply)
{
    struct rig *rig = context;

    pthread_mutex_lock(&rig->lock);
    pxe_status status = rig->send_status;
    if (status == PXE_OK && rig->sent_count++ < RIG_SENT_KEPT) {
        struct sent *sent = &rig->sent[rig->sent_count - 1];
        sent->to = reply->to;
        sent->link = reply->link;
        sent->length = reply->length;
        memcpy(sent->bytes, reply->bytes,
               reply->length < sizeof(sent->bytes) ? reply->length : sizeof(sent->bytes));
    }
    pthread_mutex_unlock(&rig->lock);
    return status;
}

static uint64_t clock_microseconds(void *context)
{
    struct rig *rig = context;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return atomic_load(&rig->time_ahead) + (uint64_t)now.tv_sec * 1000000u +
           (uint64_t)now.tv_nsec / 1000u;
}

static uint64_t stopwatch_nanoseconds(void *context)
{
    struct rig *rig = context;
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec +
           atomic_load(&rig->stopwatch_ahead);
}

static bool log_enabled(void *context, uint32_t severity)
{
    (void)context;
    return severity != LOG_VERBOSE;
}

static void log_write(void *context, uint32_t severity, const char *text)
{
    struct rig *rig = context;
    size_t length = strlen(text);

    (void)severity;
    pthread_mutex_lock(&rig->lock);
    if (rig->log_length + length + 2 < sizeof(rig->log)) {
        memcpy(rig->log + rig->log_length, text, length);
        rig->log_length += length;
        rig->log[rig->log_length++] = '\n';
        rig->log[rig->log_length] = '\0';
    }
    pthread_mutex_unlock(&rig->lock);
}

static void event_keep(void *context, const struct event *event)
{
    struct rig *rig = context;

    pthread_mutex_lock(&rig->lock);
    if (rig->event_count < RIG_EVENTS) {
        struct rig_event *kept = &rig->events[rig->event_count++];
        kept->id = event->id;
        kept->severity = event->severity;
        snprintf(kept->provider, sizeof(kept->provider), "%s",
                 event->provider != NULL ? event->provider : "");
        snprintf(kept->text, sizeof(kept->text), "%s", event->text);
    }
    pthread_mutex_unlock(&rig->lock);
}

static void request_ended(void *context, const struct request_report *report)
{
    struct rig *rig = context;

    pthread_mutex_lock(&rig->lock);
    rig->reports++;
    rig->last_report = *report;
    snprintf(rig->last_reason, sizeof(rig->last_reason), "%s",
             report->drop_reason != NULL ? report->drop_reason : "");
    snprintf(rig->last_provider, sizeof(rig->last_provider), "%s",
             report->provider != NULL ? report->provider : "");
    pthread_mutex_unlock(&rig->lock);
}

static void finding_keep(void *context, const struct finding *finding)
{
    struct rig *rig = context;

    pthread_mutex_lock(&rig->lock);
    if (rig->finding_count < RIG_FINDINGS) {
        struct rig_finding *kept = &rig->findings[rig->finding_count++];
        kept->rule = finding->rule;
        kept->number = finding->number;
        kept->length = finding->length;
        kept->has_fault = finding->fault != NULL;
        kept->consequence = finding->consequence;
        snprintf(kept->provider, sizeof(kept->provider), "%s",
                 finding->provider != NULL ? finding->provider : "");
        snprintf(kept->call, sizeof(kept->call), "%s", finding->call);
        snprintf(kept->text, sizeof(kept->text), "%s", finding->text);
        if (finding->packet != NULL)
            memcpy(kept->bytes, finding->packet,
                   finding->length < sizeof(kept->bytes) ? finding->length : sizeof(kept->bytes));
    }
    pthread_mutex_unlock(&rig->lock);
    if (rig->on_finding != NULL)
        rig->on_finding(rig);
}

/* ---- exceptions, as far as C has them ---- */

struct guard {
    jmp_buf place;
    const struct callback *callback;
    struct guard *outer;
};

static _Thread_local struct guard *innermost;

static bool call_make(void *context, struct callback *callback)
{
    struct guard guard = {.callback = callback, .outer = innermost};
    bool is_whole = false;

    (void)context;
    innermost = &guard;
    if (setjmp(guard.place) == 0) {
        callback->run(callback);
        is_whole = true;
    }
    innermost = guard.outer;
    return is_whole;
}

/* One that is stuck keeps its callback for ever: rig_done frees it. */
static void stuck_keep(struct rig *rig, struct callback *callback)
{
    if (rig->limited_end != CALL_STUCK)
        return;
    assert_true(rig->stuck_count < RIG_STUCK_KEPT);
    rig->stuck[rig->stuck_count++] = callback;
}

static enum call_end call_make_limited(void *context, struct callback *callback,
                                       uint32_t milliseconds)
{
    struct rig *rig = context;
    const bool is_meant =
        rig->limited_call == NULL || strcmp(rig->limited_call, callback->name) == 0;

    assert_true(milliseconds > 0);
    if (is_meant && (rig->limited_end == CALL_STUCK || rig->limited_end == CALL_THREAD_ENDED)) {
        stuck_keep(context, callback);
        return rig->limited_end;
    }
    return call_make(context, callback) ? CALL_RETURNED : CALL_FAULTED;
}

static uintptr_t call_thread(void *context)
{
    (void)context;
    return 1;
}

static bool call_thread_has_ended(void *context, uintptr_t thread)
{
    assert_int_equal(thread, 1);
    return atomic_load(&((struct rig *)context)->threads_have_ended);
}

static const struct callback *call_current(void *context)
{
    (void)context;
    return innermost != NULL ? innermost->callback : NULL;
}

void rig_throw(const struct fault *fault)
{
    callback_faulted(innermost->callback, fault);
    longjmp(innermost->place, 1);
}

/* ---- more ports ---- */

struct work {
    struct rig *rig;
    void (*run)(void *argument);
    void *argument;
};

static void *work_thread(void *argument)
{
    struct work work = *(struct work *)argument;

    mem_free(argument);
    work.run(work.argument);
    atomic_fetch_sub(&work.rig->working, 1);
    return NULL;
}

static bool work_submit(void *context, void (*run)(void *argument), void *argument)
{
    struct work *work = mem_alloc(sizeof(*work));
    pthread_t thread;

    assert_non_null(work);
    *work = (struct work){context, run, argument};
    atomic_fetch_add(&work->rig->working, 1);
    assert_int_equal(pthread_create(&thread, NULL, work_thread, work), 0);
    assert_int_equal(pthread_detach(thread), 0);
    return true;
}

static bool delay_submit(void *context, uint32_t milliseconds, void (*run)(void *argument),
                         void *argument)
{
    struct rig *rig = context;

    if (rig->delayed_count == RIG_DELAYED_KEPT)
        return false;
    rig->delayed[rig->delayed_count].milliseconds = milliseconds;
    rig->delayed[rig->delayed_count].run = run;
    rig->delayed[rig->delayed_count++].argument = argument;
    return true;
}

/* ---- the rig ---- */

void rig_init(struct rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    pthread_mutex_init(&rig->lock, NULL);
    rig->engine = engine_create(/* seed= */ 4711);
    assert_non_null(rig->engine);
}

void rig_add(struct rig *rig, struct scripted *provider)
{
    assert_true(rig->provider_count < RIG_PROVIDERS);
    provider->rig = rig;
    rig->providers[rig->provider_count++] = provider;
}

pxe_status rig_start(struct rig *rig)
{
    struct provider_entry entries[RIG_PROVIDERS];
    struct engine_ports ports = {
        .net = {.context = rig, .send = net_send},
        .work = {.context = rig, .submit = rig->with_worker ? work_submit : NULL},
        .delay = {.context = rig, .submit = rig->with_delays ? delay_submit : NULL},
        .policy = rig->settings,
        .clock = {.context = rig, .microseconds = clock_microseconds},
        .stopwatch = {.context = rig, .nanoseconds = stopwatch_nanoseconds},
        .log = {.context = rig, .enabled = log_enabled, .write = log_write},
        .events = {.context = rig, .report = event_keep},
        .observer = {.context = rig, .request_ended = request_ended},
        .is_on_network = rig->is_on_network,
        .modules = {.context = rig,
                    .open = module_open,
                    .close = module_close,
                    .is_loaded = module_is_loaded},
    };
    rig->verifier = (struct verifier){
        .context = rig,
        .finding = rig->is_verified ? finding_keep : NULL,
        .faulted = rig->is_guarded ? finding_keep : NULL,
        .slow_callback = rig->slow_callback != 0 ? rig->slow_callback : UINT64_MAX,
        .pend_timeout = rig->pend_timeout,
    };
    const struct call_port calls = {
        .context = rig,
        .make = call_make,
        .make_limited = call_make_limited,
        .initialize_limit = 1,
        .shutdown_limit = 1,
        .control_limit = 1,
        .thread = call_thread,
        .thread_has_ended = call_thread_has_ended,
        .current = call_current,
        .policy = rig->policy,
    };

    ports.watch = verify_watch(&rig->verifier);
    if (rig->is_guarded)
        ports.calls = calls;

    for (size_t i = 0; i < rig->provider_count; i++)
        entries[i] = (struct provider_entry){
            .name = rig->providers[i]->name,
            .is_critical = rig->providers[i]->is_critical,
            .is_critical_unreadable = rig->providers[i]->is_critical_unreadable,
            .status = rig->providers[i]->registration_status,
            .source = rig->providers[i],
        };
    return engine_start(rig->engine, &ports, entries, rig->provider_count);
}

void rig_done(struct rig *rig)
{
    if (rig->engine->table.count > 0)
        assert_int_equal(engine_stop(rig->engine, 5000), rig->is_stop_late ? PXE_TIMEOUT : PXE_OK);
    for (int i = 0; i < 20000 && atomic_load(&rig->working) != 0; i++)
        usleep(1000);
    assert_int_equal(atomic_load(&rig->working), 0);
    assert_int_equal(atomic_load(&rig->engine->pool.open), 0);
    assert_int_equal(atomic_load(&rig->engine->counters.open_packets), 0);
    engine_destroy(rig->engine);
    while (rig->stuck_count > 0)
        mem_free(rig->stuck[--rig->stuck_count]);
    pthread_mutex_destroy(&rig->lock);
    assert_int_equal(mem_outstanding(), 0);
}

struct datagram rig_datagram(const void *bytes, size_t length)
{
    return (struct datagram){
        .bytes = bytes,
        .length = length,
        .link = (link_id)0x1234,
        .local = {.address = {10, 0, 0, 1}, .length = 4, .port = 67},
        .remote = {.address = {10, 0, 0, 9}, .length = 4, .port = 68},
        .broadcast = true,
    };
}

void rig_receive(struct rig *rig, const struct datagram *datagram)
{
    (void)engine_receive(rig->engine, datagram);
}

const struct rig_event *rig_event(const struct rig *rig, enum event_id id)
{
    for (size_t i = 0; i < rig->event_count; i++)
        if (rig->events[i].id == id)
            return &rig->events[i];
    return NULL;
}

void rig_release(struct rig *rig)
{
    for (size_t i = 0; i < rig->delayed_count; i++)
        rig->delayed[i].run(rig->delayed[i].argument);
    rig->delayed_count = 0;
}

bool rig_logged(struct rig *rig, const char *text)
{
    pthread_mutex_lock(&rig->lock);
    bool found = strstr(rig->log, text) != NULL;
    pthread_mutex_unlock(&rig->lock);
    return found;
}

size_t rig_found_count(const struct rig *rig, uint32_t rule)
{
    size_t count = 0;

    for (size_t i = 0; i < rig->finding_count; i++)
        count += rig->findings[i].rule == rule;
    return count;
}

const struct rig_finding *rig_found(const struct rig *rig, uint32_t rule)
{
    for (size_t i = 0; i < rig->finding_count; i++)
        if (rig->findings[i].rule == rule)
            return &rig->findings[i];
    return NULL;
}

size_t rig_discover(uint8_t *packet, uint32_t xid)
{
    static const uint8_t options[] = {53,  1,   1,   60,  9,   'P', 'X', 'E',
                                      'C', 'l', 'i', 'e', 'n', 't', 255};

    memset(packet, 0, 300);
    packet[DHCP4_OP] = DHCP4_BOOTREQUEST;
    packet[DHCP4_HTYPE] = 1;
    packet[DHCP4_HLEN] = 6;
    memcpy(packet + DHCP4_XID, &xid, sizeof(xid));
    memcpy(packet + DHCP4_CHADDR, "\x52\x54\x00\x12\x34\x56", 6);
    memcpy(packet + DHCP4_COOKIE, "\x63\x82\x53\x63", 4);
    memcpy(packet + DHCP4_OPTIONS, options, sizeof(options));
    return 300;
}

pxe_status rig_answer(struct scripted *self, uintptr_t request, const uint8_t *packet,
                      uint32_t length, const struct pxe_address *to)
{
    static const uint8_t offer = 2;
    struct engine *engine = self->rig->engine;
    size_t used = 0;
    void *reply;

    pxe_status status = packet_allocate(engine, self->handle, request, 300, &reply);
    if (status != PXE_OK)
        return status;
    status = dhcp4_reply_start(packet, length, reply, 300, &used);
    if (status == PXE_OK)
        status = dhcp4_option_append(reply, 300, &used, DHCP4_OPT_MESSAGE_TYPE, &offer, 1);
    if (status == PXE_OK)
        status = dhcp4_option_append(reply, 300, &used, DHCP4_OPT_END, NULL, 0);
    if (status == PXE_OK)
        status = reply_send(engine, request, reply, (uint32_t)used, to);
    pxe_status freed = packet_free(engine, self->handle, request, reply);
    return status != PXE_OK ? status : freed;
}
