#include <winsock2.h>

#include "win32/server/runtime.h"

#include "base/mem.h"
#include "engine/reply.h"
#include "engine/running.h"
#include "verify/verify.h"
#include "os/clock.h"
#include "win32/log/event_log.h"
#include "win32/call/call_guard.h"
#include "win32/server/host_callbacks.h"
#include "os/inside.h"
#include "os/random.h"
#include "net/interfaces.h"
#include "win32/server/module_loadlibrary.h"
#include "net/net.h"
#include "win32/server/host_network.h"
#include "win32/call/guard_pages.h"
#include "win32/server/pend_watch.h"
#include "win32/server/provider_choice.h"
#include "win32/server/server_config.h"
#include "win32/server/server_settings.h"
#include "win32/log/trace.h"

/* milliseconds */
enum { DEFAULT_STOP_TIMEOUT = 10000, NET_CLOSE_TIMEOUT = 2000, WAIT_SLICE = 200 };

enum runtime_state { STATE_STOPPED, STATE_RUNNING, STATE_BUSY };

static struct {
    SRWLOCK lock; /* guards state and owner; never held during a callback */
    CONDITION_VARIABLE settled;
    enum runtime_state state;
    DWORD owner; /* the thread that made it busy */
    WDSPXE_EXT_SERVER_CONFIG config;
    struct server_settings settings;
    struct verifier verifier;
    struct net *net; /* NULL: runs without one */
    const char *_Atomic network_name;
    const char *_Atomic not_native;
} runtime = {.lock = SRWLOCK_INIT, .settled = CONDITION_VARIABLE_INIT};

static void network_note(struct net_kind kind)
{
    atomic_store(&runtime.network_name, kind.name);
    atomic_store(&runtime.not_native, kind.not_native);
}

struct net_kind runtime_network(void)
{
    const char *name = atomic_load(&runtime.network_name);
    const char *not_native = atomic_load(&runtime.not_native);

    return (struct net_kind){name != NULL ? name : "", not_native != NULL ? not_native : ""};
}

static INIT_ONCE engine_once = INIT_ONCE_STATIC_INIT;
static struct engine *_Atomic the_engine;

static BOOL CALLBACK runtime_make_engine(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once;
    (void)parameter;
    (void)context;
    atomic_store(&the_engine, engine_create(random_seed()));
    return atomic_load(&the_engine) != NULL;
}

struct engine *runtime_engine(void)
{
    struct engine *engine = atomic_load(&the_engine);

    if (engine != NULL)
        return engine;
    return InitOnceExecuteOnce(&engine_once, runtime_make_engine, NULL, NULL)
               ? atomic_load(&the_engine)
               : NULL;
}

/* ---- one life cycle operation at a time ---- */

/* From the expected state to busy; waits for another thread's operation, refuses a callback's. */
static bool runtime_claim(enum runtime_state expected)
{
    bool claimed = false;

    if (inside_is())
        return false;
    AcquireSRWLockExclusive(&runtime.lock);
    while (runtime.state == STATE_BUSY && runtime.owner != GetCurrentThreadId())
        SleepConditionVariableSRW(&runtime.settled, &runtime.lock, INFINITE, 0);
    if (runtime.state == expected) {
        runtime.state = STATE_BUSY;
        runtime.owner = GetCurrentThreadId();
        claimed = true;
    }
    ReleaseSRWLockExclusive(&runtime.lock);
    return claimed;
}

static void runtime_settle(enum runtime_state state)
{
    AcquireSRWLockExclusive(&runtime.lock);
    runtime.state = state;
    ReleaseSRWLockExclusive(&runtime.lock);
    WakeAllConditionVariable(&runtime.settled);
}

/* ---- ports ---- */

static uint64_t clock_read(void *context)
{
    (void)context;
    return clock_microseconds();
}

static uint64_t stopwatch_read(void *context)
{
    (void)context;
    return clock_nanoseconds();
}

static bool log_enabled(void *context, uint32_t severity)
{
    (void)context;
    return trace_wants(severity);
}

static void log_write(void *context, uint32_t severity, const char *text)
{
    (void)context;
    trace_write_utf8(severity, text);
}

static void log_listener(uint32_t severity, const wchar_t *text, void *context)
{
    struct inside inside;

    (void)context;
    if (inside_log())
        return; /* a line that the host writes there would come to it for ever */
    inside_enter(&inside, inside_callback());
    inside.is_log = true;
    runtime.config.pfnLog(severity, text, runtime.config.pContext);
    inside_leave(&inside);
}

static bool is_on(USHORT flag)
{
    return (runtime.config.uFlags & flag) != 0;
}

static void log_open(void)
{
    trace_listen(runtime.config.pfnLog != NULL ? log_listener : NULL, NULL,
                 server_config_severities(&runtime.config));
    trace_tell_events(is_on(WDSPXE_EXT_EVENT_LOG));
    trace_watch_begin();
}

static void log_close(void)
{
    trace_watch_end();
    trace_tell_events(false);
    trace_listen(NULL, NULL, 0);
}

struct work_item {
    void (*run)(void *argument);
    void *argument;
};

static VOID CALLBACK work_run(PTP_CALLBACK_INSTANCE instance, PVOID context)
{
    struct work_item item = *(struct work_item *)context;
    struct inside inside;

    (void)instance;
    mem_free(context);
    inside_enter(&inside, NULL);
    item.run(item.argument);
    inside_leave(&inside);
}

static bool work_submit(void *context, void (*run)(void *argument), void *argument)
{
    struct work_item *item = mem_alloc(sizeof(*item));

    (void)context;
    if (item == NULL)
        return false;
    *item = (struct work_item){run, argument};
    if (TrySubmitThreadpoolCallback(work_run, item, NULL))
        return true;
    mem_free(item);
    return false;
}

static void datagram_received(void *context, const struct datagram *datagram)
{
    (void)engine_receive(context, datagram);
}

/* Open requests are looked at for as long as there are some. */
static bool second_passed(void *context)
{
    struct engine *engine = context;

    summary_write(engine, /* is_last= */ false);
    running_look(engine);
    return atomic_load(&engine->pool.open) != 0;
}

static void all_held(void *context, uint32_t threads, uint32_t waiting)
{
    running_all_held(context, threads, waiting);
}

static void send_failed(void *context, const struct net_outgoing *reply, pxe_status status)
{
    reply_lost(context, &reply->from, &reply->to, reply->length, status);
}

/* The host hears of what has been sent. */
static pxe_status network_send_told(void *context, const struct net_reply *reply)
{
    pxe_status status = net_send(context, reply);

    if (status == PXE_OK)
        (void)host_reply(&runtime.config, reply);
    return status;
}

static struct engine_ports runtime_ports(void)
{
    const WDSPXE_EXT_SERVER_CONFIG *config = &runtime.config;
    const struct net_port network = {
        .context = runtime.net,
        .send = config->pfnReply != NULL ? network_send_told : net_send,
    };
    const struct clock_port system_clock = {.microseconds = clock_read, .is_stopwatch = true};
    const struct event_port no_events = {0};

    return (struct engine_ports){
        .net = server_config_has_network(config) ? network : host_network_port(config),
        .work = {.submit = work_submit},
        .delay = server_settings_delay_port(&runtime.settings),
        .policy = &runtime.settings.policy,
        .clock = config->pfnClock != NULL ? host_clock(config) : system_clock,
        .stopwatch = {.nanoseconds = stopwatch_read},
        .log = {.enabled = log_enabled, .write = log_write},
        .events = is_on(WDSPXE_EXT_EVENT_LOG) ? event_log_port() : no_events,
        .observer = host_observer(config),
        .watch = verify_watch(&runtime.verifier),
        .packets = is_on(WDSPXE_EXT_GUARD_PAGES) ? &guard_pages_port : NULL,
        .is_on_network = server_config_has_network(config),
        .calls = call_guard_port(config),
        .modules = module_port_loadlibrary(),
    };
}

/* ---- start ---- */

static DWORD runtime_start_providers(struct engine *engine, const struct provider_choice *choice)
{
    runtime.verifier = host_verifier(&runtime.config);
    struct engine_ports ports = runtime_ports();

    return engine_start(engine, &ports, choice->entries, choice->count);
}

/* The host's port, or the standard one if the registry lets the server use it; 0: none. */
static uint16_t dhcp_port(USHORT given, uint16_t standard)
{
    return given != 0 ? given : runtime.settings.values.use_dhcp_ports ? standard : 0;
}

static DWORD network_open(struct engine *engine, const struct net_endpoint *interfaces)
{
    const WDSPXE_EXT_SERVER_CONFIG *given = &runtime.config;
    const struct net_config config = {
        .choice = given->uFlags & WDSPXE_EXT_WINSOCK_ONLY  ? NET_ONLY_WINSOCK
                  : given->uFlags & WDSPXE_EXT_NATIVE_ONLY ? NET_ONLY_NATIVE
                                                           : NET_BEST,
        .dhcp_port = dhcp_port(given->uDhcpPort, PXE_DHCP_SERVER_PORT),
        .boot_server_port = given->uBootServerPort != 0 ? given->uBootServerPort : PXE_SERVER_PORT,
        .dhcp6_port = dhcp_port(given->uDhcpv6Port, PXE_DHCPV6_SERVER_PORT),
        .with_ipv6 = (given->uFlags & WDSPXE_EXT_NO_IPV6) == 0,
        .shares_ports = runtime.settings.values.shared_ports,
        .interfaces = interfaces,
        .interface_count = given->cInterfaces,
        .rules = runtime.settings.values.bind,
        .groups = &runtime.settings.values.groups,
    };
    const struct net_events events = {
        .context = engine,
        .receive = datagram_received,
        .second = second_passed,
        .all_held = all_held,
        .dropped = &engine->counters.unhandled,
        .log = log_write,
        .send_failed = send_failed,
    };
    return net_open(&config, &events, &runtime.net);
}

/* Sockets first: a port that is taken must not cost the providers a start and a stop. */
static DWORD runtime_start_with_network(struct engine *engine, const struct provider_choice *choice,
                                        const struct net_endpoint *interfaces)
{
    DWORD status = network_open(engine, interfaces);
    if (status != ERROR_SUCCESS)
        return status;
    network_note(net_kind(runtime.net));
    status = runtime_start_providers(engine, choice);
    if (status == ERROR_SUCCESS) {
        status = net_start(runtime.net);
        if (status != ERROR_SUCCESS)
            (void)engine_stop(engine, NET_CLOSE_TIMEOUT);
        else if (runtime.config.cInterfaces == 0)
            server_settings_follow(&runtime.settings, runtime.net);
    }
    if (status != ERROR_SUCCESS) {
        net_close(runtime.net, NET_CLOSE_TIMEOUT);
        runtime.net = NULL;
    }
    return status;
}

static DWORD runtime_start_chosen(struct engine *engine, const struct net_endpoint *interfaces)
{
    struct provider_choice choice;
    DWORD status = provider_choice_make(&runtime.config, &choice);

    if (status != ERROR_SUCCESS)
        return status;
    status = server_config_has_network(&runtime.config)
                 ? runtime_start_with_network(engine, &choice, interfaces)
                 : runtime_start_providers(engine, &choice);
    provider_choice_free(&choice);
    if (status == ERROR_SUCCESS && is_on(WDSPXE_EXT_VERIFY))
        pend_watch_start(engine);
    return status;
}

/* A test bench shall do the same everywhere: it takes nothing from the registry. */
static DWORD runtime_bring_up(struct engine *engine, const struct net_endpoint *interfaces)
{
    DWORD status = ERROR_SUCCESS;

    if (server_config_has_network(&runtime.config))
        status = server_settings_load(&runtime.settings);
    else
        server_settings_ignore(&runtime.settings);
    if (status != ERROR_SUCCESS)
        return status;
    status = runtime_start_chosen(engine, interfaces);
    if (status != ERROR_SUCCESS)
        server_settings_free(&runtime.settings);
    return status;
}

/* The config has been copied: it is this thread's until the state is settled. */
static DWORD runtime_start_claimed(struct engine *engine, const WDSPXE_EXT_SERVER_CONFIG *config,
                                   const struct net_endpoint *interfaces)
{
    runtime.config = *config;
    network_note((struct net_kind){"", ""});
    log_open();
    DWORD status = runtime_bring_up(engine, interfaces);
    runtime.config.ppszInterfaces = NULL; /* gone after the start */
    runtime.config.pProviders = NULL;
    if (status != ERROR_SUCCESS)
        log_close();
    runtime_settle(status == ERROR_SUCCESS ? STATE_RUNNING : STATE_STOPPED);
    return status;
}

DWORD runtime_start(const WDSPXE_EXT_SERVER_CONFIG *given)
{
    struct engine *engine = runtime_engine();
    struct net_endpoint interfaces[INTERFACES_MAX];
    WDSPXE_EXT_SERVER_CONFIG config = {0};

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    DWORD status = server_config_read(given, &config, interfaces);
    if (!runtime_claim(STATE_STOPPED))
        status = ERROR_INVALID_STATE;
    else if (status == ERROR_SUCCESS)
        status = runtime_start_claimed(engine, &config, interfaces);
    else
        runtime_settle(STATE_STOPPED);
    server_config_forget(&config);
    return status;
}

/* ---- a server without a network ---- */

static DWORD runtime_receive_copied(const struct datagram *datagram)
{
    struct engine *engine = runtime_engine();
    struct inside inside;

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    /* From here on the config stays: stopping waits. */
    if (!engine_enter(engine))
        return ERROR_INVALID_STATE;
    inside_enter(&inside, NULL);
    bool is_received =
        !server_config_has_network(&runtime.config) && engine_receive(engine, datagram);
    inside_leave(&inside);
    engine_leave(engine);
    return is_received ? ERROR_SUCCESS : ERROR_INVALID_STATE;
}

DWORD runtime_receive(const WDSPXE_EXT_DATAGRAM *given)
{
    struct caller_copy bytes;
    struct datagram datagram;
    DWORD status = host_network_datagram(given, &bytes, &datagram);

    if (status != ERROR_SUCCESS)
        return status;
    status = runtime_receive_copied(&datagram);
    caller_copy_release(&bytes);
    return status;
}

/* Looks meanwhile for what has been pended for too long, and at the end once more. */
static bool wait_ended(struct engine *engine, ULONG milliseconds)
{
    for (;;) {
        ULONG now = milliseconds < WAIT_SLICE ? milliseconds : WAIT_SLICE;
        bool ended = engine_wait_ended(engine, now);
        verify_pended(engine);
        milliseconds -= now;
        if (ended || milliseconds == 0)
            return ended;
    }
}

DWORD runtime_wait_idle(ULONG milliseconds)
{
    struct engine *engine = runtime_engine();

    /* On a thread that is inside, it would wait for that thread's own request. */
    if (inside_is())
        return ERROR_INVALID_STATE;
    AcquireSRWLockShared(&runtime.lock);
    bool is_stopped = runtime.state == STATE_STOPPED;
    ReleaseSRWLockShared(&runtime.lock);
    if (engine == NULL || is_stopped)
        return ERROR_INVALID_STATE;
    return wait_ended(engine, milliseconds) ? ERROR_SUCCESS : ERROR_TIMEOUT;
}

/* ---- stop, control ---- */

DWORD runtime_stop(void)
{
    struct engine *engine = runtime_engine();

    if (engine == NULL || !runtime_claim(STATE_RUNNING))
        return ERROR_INVALID_STATE;
    server_settings_unfollow(&runtime.settings);
    pend_watch_stop();
    if (runtime.net != NULL)
        net_stop(runtime.net);
    DWORD status =
        engine_stop(engine, runtime.config.uStopTimeout != 0 ? runtime.config.uStopTimeout
                                                             : DEFAULT_STOP_TIMEOUT);
    if (runtime.net != NULL)
        net_close(runtime.net, status == ERROR_SUCCESS ? NET_CLOSE_TIMEOUT : 0);
    runtime.net = NULL;
    server_settings_free(&runtime.settings);
    guard_pages_clear();
    trace_write(PXE_TRACE_INFO, L"server stopped");
    log_close();
    runtime_settle(STATE_STOPPED);
    return status;
}

DWORD runtime_control(DWORD control)
{
    struct engine *engine = runtime_engine();

    if (control == SERVICE_CONTROL_STOP || control == SERVICE_CONTROL_SHUTDOWN)
        return ERROR_INVALID_PARAMETER;
    if (engine == NULL || !runtime_claim(STATE_RUNNING))
        return ERROR_INVALID_STATE;
    provider_control_all(engine, control);
    if (control == SERVICE_CONTROL_PAUSE || control == SERVICE_CONTROL_CONTINUE)
        atomic_store(&engine->is_paused, control == SERVICE_CONTROL_PAUSE);
    runtime_settle(STATE_RUNNING);
    return ERROR_SUCCESS;
}
