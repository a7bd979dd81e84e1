#include <winsock2.h>
#include <ws2tcpip.h>

#include "win32/runtime.h"

#include <string.h>
#include <wchar.h>

#include "base/mem.h"
#include "registry/provider_list.h"
#include "win32/interfaces.h"
#include "win32/module_loadlibrary.h"
#include "win32/net_winsock.h"
#include "win32/store_winreg.h"
#include "win32/trace.h"

enum { DEFAULT_STOP_TIMEOUT = 10000, NET_CLOSE_TIMEOUT = 2000 };

enum runtime_state { STATE_STOPPED, STATE_RUNNING, STATE_BUSY };

static struct {
    SRWLOCK lock; /* guards state and owner; never held during a callback */
    CONDITION_VARIABLE settled;
    enum runtime_state state;
    DWORD owner; /* the thread that made it busy */
    WDSPXE_EXT_SERVER_CONFIG config;
    struct net *net;
    struct provider_snapshot providers; /* the list that the server was started with */
} runtime = {.lock = SRWLOCK_INIT, .settled = CONDITION_VARIABLE_INIT};

static INIT_ONCE engine_once = INIT_ONCE_STATIC_INIT;
static struct engine *the_engine;

static BOOL CALLBACK engine_make(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once;
    (void)parameter;
    (void)context;
    the_engine = engine_create();
    return the_engine != NULL;
}

struct engine *runtime_engine(void)
{
    return InitOnceExecuteOnce(&engine_once, engine_make, NULL, NULL) ? the_engine : NULL;
}

/* ---- one life cycle operation at a time ---- */

/* From the expected state to busy; waits for another thread's operation, refuses a callback's. */
static bool runtime_claim(enum runtime_state expected)
{
    bool claimed = false;

    if (net_owns_this_thread())
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

static uint64_t clock_microseconds(void *context)
{
    static LONGLONG frequency;
    LARGE_INTEGER now;

    (void)context;
    if (frequency == 0) {
        LARGE_INTEGER per_second;
        QueryPerformanceFrequency(&per_second);
        frequency = per_second.QuadPart;
    }
    QueryPerformanceCounter(&now);
    return (uint64_t)(now.QuadPart / frequency) * 1000000u +
           (uint64_t)(now.QuadPart % frequency) * 1000000u / (uint64_t)frequency;
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
    (void)context;
    runtime.config.pfnLog(severity, text, runtime.config.pContext);
}

struct work_item {
    void (*run)(void *argument);
    void *argument;
};

static VOID CALLBACK work_run(PTP_CALLBACK_INSTANCE instance, PVOID context)
{
    struct work_item item = *(struct work_item *)context;

    (void)instance;
    mem_free(context);
    item.run(item.argument);
}

static bool work_submit(void *context, void (*run)(void *argument), void *argument)
{
    struct work_item *item = mem_alloc(sizeof *item);

    (void)context;
    if (item == NULL)
        return false;
    *item = (struct work_item){run, argument};
    if (TrySubmitThreadpoolCallback(work_run, item, NULL))
        return true;
    mem_free(item);
    return false;
}

static void to_wide(const char *utf8, wchar_t *wide, int units)
{
    if (MultiByteToWideChar(CP_UTF8, 0, utf8, -1, wide, units) == 0)
        wide[0] = L'\0';
}

static PXE_ADDRESS reply_address(const struct net_endpoint *endpoint)
{
    PXE_ADDRESS address = {.uFlags = PXE_ADDR_USE_ADDR | PXE_ADDR_USE_PORT,
                           .uAddrLen = endpoint->length,
                           .uPort = endpoint->port};
    memcpy(address.bAddress, endpoint->address, endpoint->length);
    return address;
}

static void request_ended(void *context, const struct request_report *report)
{
    wchar_t provider[PROVIDER_NAME_SIZE], reason[256];
    WDSPXE_EXT_REQUEST request = {
        .uSizeOfStruct = sizeof request,
        .pPacket = report->packet,
        .uPacketLen = (ULONG)report->length,
        .Action = report->action,
        .uReplies = report->replies,
        .uReplyLen = (ULONG)report->reply_length,
        .bReplyType = report->reply_type,
        .uMicroseconds = report->microseconds,
    };

    (void)context;
    memcpy(&request.Local, report->local, sizeof request.Local);
    memcpy(&request.Remote, report->remote, sizeof request.Remote);
    memcpy(request.szBootFile, report->boot_file, sizeof request.szBootFile);
    if (report->replies > 0)
        request.ReplyAddress = reply_address(&report->reply_to);
    if (report->provider != NULL) {
        to_wide(report->provider, provider, PROVIDER_NAME_SIZE);
        request.pszProvider = provider;
    }
    if (report->drop_reason != NULL) {
        to_wide(report->drop_reason, reason, 256);
        request.pszDropReason = reason;
    }
    runtime.config.pfnRequest(&request, runtime.config.pContext);
}

static void datagram_received(void *context, const struct datagram *datagram)
{
    engine_receive(context, datagram);
}

static struct engine_ports runtime_ports(void)
{
    return (struct engine_ports){
        .net = {.send = net_send},
        .work = {.submit = work_submit},
        .clock = {.microseconds = clock_microseconds},
        .log = {.enabled = log_enabled, .write = log_write},
        .observer = {.request_ended = runtime.config.pfnRequest != NULL ? request_ended : NULL},
        .modules = module_port_loadlibrary(),
    };
}

/* ---- start ---- */

/* "10.0.0.2" or "fd77::2" */
static bool parse_address(const wchar_t *text, struct net_endpoint *out_endpoint)
{
    struct net_endpoint endpoint = {.length = 4};

    if (InetPtonW(AF_INET, text, endpoint.address) != 1) {
        endpoint.length = 16;
        if (InetPtonW(AF_INET6, text, endpoint.address) != 1)
            return false;
    }
    *out_endpoint = endpoint;
    return true;
}

static DWORD config_take(const WDSPXE_EXT_SERVER_CONFIG *config, struct net_endpoint *interfaces)
{
    if (config == NULL || config->uSizeOfStruct != sizeof *config ||
        (config->uFlags & ~WDSPXE_EXT_NO_IPV6) != 0 || config->cInterfaces > INTERFACES_MAX ||
        (config->cInterfaces > 0 && config->ppszInterfaces == NULL))
        return ERROR_INVALID_PARAMETER;
    for (ULONG i = 0; i < config->cInterfaces; i++)
        if (config->ppszInterfaces[i] == NULL ||
            !parse_address(config->ppszInterfaces[i], &interfaces[i]))
            return ERROR_INVALID_PARAMETER;
    runtime.config = *config;
    runtime.config.ppszInterfaces = NULL; /* the caller's, not kept */
    trace_listen(config->pfnLog != NULL ? log_listener : NULL, NULL);
    return ERROR_SUCCESS;
}

static char *to_utf8(const uint16_t *wide)
{
    char *utf8 = mem_alloc(PROVIDER_NAME_SIZE);

    if (utf8 != NULL && WideCharToMultiByte(CP_UTF8, 0, (const wchar_t *)wide, -1, utf8,
                                            PROVIDER_NAME_SIZE - 1, NULL, NULL) == 0)
        utf8[PROVIDER_NAME_SIZE - 1] = '\0';
    return utf8;
}

static DWORD engine_start_providers(struct engine *engine)
{
    const struct provider_snapshot *list = &runtime.providers;
    struct provider_entry *entries = mem_alloc_array(list->count, sizeof *entries);
    struct engine_ports ports = runtime_ports();
    DWORD status = entries != NULL ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;

    for (size_t i = 0; i < list->count && status == ERROR_SUCCESS; i++) {
        entries[i].name = to_utf8(list->entries[i].name);
        entries[i].is_critical = list->entries[i].is_critical;
        entries[i].status = list->entries[i].status;
        entries[i].source = &list->entries[i];
        if (entries[i].name == NULL)
            status = ERROR_NOT_ENOUGH_MEMORY;
    }
    if (status == ERROR_SUCCESS)
        status = engine_start(engine, &ports, entries, list->count);
    for (size_t i = 0; entries != NULL && i < list->count; i++)
        mem_free((void *)(uintptr_t)entries[i].name);
    mem_free(entries);
    return status;
}

static DWORD network_open(struct engine *engine, const struct net_endpoint *interfaces)
{
    const struct net_config config = {
        .dhcp_port = runtime.config.uDhcpPort != 0 ? runtime.config.uDhcpPort
                                                   : PXE_DHCP_SERVER_PORT,
        .boot_server_port = runtime.config.uBootServerPort != 0 ? runtime.config.uBootServerPort
                                                                : PXE_SERVER_PORT,
        .dhcp6_port = runtime.config.uDhcpv6Port != 0 ? runtime.config.uDhcpv6Port
                                                      : PXE_DHCPV6_SERVER_PORT,
        .with_ipv6 = (runtime.config.uFlags & WDSPXE_EXT_NO_IPV6) == 0,
        .interfaces = interfaces,
        .interface_count = runtime.config.cInterfaces,
    };
    const struct net_events events = {
        .context = engine,
        .receive = datagram_received,
        .log = log_write,
    };
    return net_open(&config, &events, &runtime.net);
}

/* Sockets first: a port that is taken must not cost the providers a start and a stop. */
static DWORD runtime_bring_up(struct engine *engine, const struct net_endpoint *interfaces)
{
    DWORD status = provider_list_snapshot(store_winreg_port(), &runtime.providers);
    if (status != ERROR_SUCCESS)
        return status;
    status = network_open(engine, interfaces);
    if (status != ERROR_SUCCESS) {
        provider_snapshot_free(&runtime.providers);
        return status;
    }
    status = engine_start_providers(engine);
    if (status == ERROR_SUCCESS) {
        status = net_start(runtime.net);
        if (status != ERROR_SUCCESS)
            (void)engine_stop(engine, NET_CLOSE_TIMEOUT);
    }
    if (status != ERROR_SUCCESS) {
        net_close(runtime.net, NET_CLOSE_TIMEOUT);
        provider_snapshot_free(&runtime.providers);
    }
    return status;
}

DWORD runtime_start(const WDSPXE_EXT_SERVER_CONFIG *config)
{
    struct engine *engine = runtime_engine();
    struct net_endpoint interfaces[INTERFACES_MAX];

    if (engine == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    if (!runtime_claim(STATE_STOPPED))
        return ERROR_INVALID_STATE;
    DWORD status = config_take(config, interfaces);
    if (status == ERROR_SUCCESS) {
        status = runtime_bring_up(engine, interfaces);
        if (status != ERROR_SUCCESS)
            trace_listen(NULL, NULL);
    }
    runtime_settle(status == ERROR_SUCCESS ? STATE_RUNNING : STATE_STOPPED);
    return status;
}

/* ---- stop, control ---- */

DWORD runtime_stop(void)
{
    struct engine *engine = runtime_engine();

    if (engine == NULL || !runtime_claim(STATE_RUNNING))
        return ERROR_INVALID_STATE;
    net_stop(runtime.net);
    DWORD status = engine_stop(engine, runtime.config.uStopTimeout != 0
                                           ? runtime.config.uStopTimeout
                                           : DEFAULT_STOP_TIMEOUT);
    net_close(runtime.net, status == ERROR_SUCCESS ? NET_CLOSE_TIMEOUT : 0);
    runtime.net = NULL;
    trace_write(PXE_TRACE_INFO, L"server stopped");
    trace_listen(NULL, NULL);
    provider_snapshot_free(&runtime.providers);
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
    runtime_settle(STATE_RUNNING);
    return ERROR_SUCCESS;
}
