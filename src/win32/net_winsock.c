#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <iphlpapi.h>

#include "win32/net_winsock.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/mem.h"
#include "engine/abi.h"

#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#endif

enum {
    DATAGRAM_MAX = 65536,
    RECEIVE_BUFFER = 1 << 20, /* rides out a burst of some thousand requests */
    LINK_THREADS_MAX = 64,
    LINK_COUNT_MAX = 128,
    CANCEL_INTERVAL = 20, /* milliseconds */
    ERROR_PAUSE = 200,
    CONTROL_SIZE = sizeof(WSACMSGHDR) + sizeof(IN_PKTINFO),
};

/* One socket. */
struct net_link {
    struct net *net;
    SOCKET socket;
    LPFN_WSARECVMSG receive_message;
    struct in_addr address;
    struct in_addr subnet_broadcast;
    uint16_t port;
    bool is_boot_server_port;
    _Atomic uint32_t waiting; /* threads inside the receive call */
    SRWLOCK lock;             /* guards threads */
    HANDLE threads[LINK_THREADS_MAX];
    uint32_t thread_count;
};

struct net {
    struct net_events events;
    _Atomic bool is_stopping;
    uint32_t link_count;
    struct net_link links[LINK_COUNT_MAX];
};

static INIT_ONCE thread_mark_once = INIT_ONCE_STATIC_INIT;
static DWORD thread_mark = TLS_OUT_OF_INDEXES;

static BOOL CALLBACK thread_mark_create(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once;
    (void)parameter;
    (void)context;
    thread_mark = TlsAlloc();
    return TRUE;
}

bool net_owns_this_thread(void)
{
    InitOnceExecuteOnce(&thread_mark_once, thread_mark_create, NULL, NULL);
    return thread_mark != TLS_OUT_OF_INDEXES && TlsGetValue(thread_mark) != NULL;
}

static void net_log(const struct net *net, uint32_t severity, const char *format, ...)
    __attribute__((format(gnu_printf, 3, 4)));

static void net_log(const struct net *net, uint32_t severity, const char *format, ...)
{
    char line[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    net->events.log(net->events.context, severity, line);
}

static const char *address_text(struct in_addr address, char text[INET_ADDRSTRLEN])
{
    const uint8_t *byte = (const uint8_t *)&address;
    snprintf(text, INET_ADDRSTRLEN, "%u.%u.%u.%u", byte[0], byte[1], byte[2], byte[3]);
    return text;
}

/* ---- opening ---- */

/* Returns 0 or the WinSock code. */
static int link_configure(struct net_link *link)
{
    static const GUID receive_message_id = WSAID_WSARECVMSG;
    BOOL on = TRUE, off = FALSE;
    int size = RECEIVE_BUFFER;
    DWORD bytes;
    GUID id = receive_message_id;
    const char *on_bytes = (const char *)&on;

    if (setsockopt(link->socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, on_bytes, sizeof on) != 0 ||
        setsockopt(link->socket, SOL_SOCKET, SO_BROADCAST, on_bytes, sizeof on) != 0 ||
        setsockopt(link->socket, IPPROTO_IP, IP_PKTINFO, on_bytes, sizeof on) != 0 ||
        WSAIoctl(link->socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id,
                 &link->receive_message, sizeof link->receive_message, &bytes, NULL, NULL) != 0)
        return WSAGetLastError();
    /* Both only make things better: a refusal is no reason not to serve. */
    (void)setsockopt(link->socket, SOL_SOCKET, SO_RCVBUF, (const char *)&size, sizeof size);
    (void)WSAIoctl(link->socket, SIO_UDP_CONNRESET, &off, sizeof off, NULL, 0, &bytes, NULL, NULL);
    return 0;
}

static pxe_status link_open(struct net *net, const IP_ADAPTER_UNICAST_ADDRESS *unicast,
                            uint16_t port, bool is_boot_server_port)
{
    const struct sockaddr_in *interface_address =
        (const struct sockaddr_in *)(const void *)unicast->Address.lpSockaddr;
    struct sockaddr_in address = *interface_address;
    char text[INET_ADDRSTRLEN];

    if (net->link_count == LINK_COUNT_MAX)
        return PXE_NOT_ENOUGH_MEMORY;
    struct net_link *link = &net->links[net->link_count];
    uint32_t host_bits =
        unicast->OnLinkPrefixLength >= 32 ? 0 : 0xffffffffu >> unicast->OnLinkPrefixLength;
    link->net = net;
    link->address = address.sin_addr;
    link->subnet_broadcast.s_addr = address.sin_addr.s_addr | htonl(host_bits);
    link->port = port;
    link->is_boot_server_port = is_boot_server_port;
    InitializeSRWLock(&link->lock);
    link->socket = WSASocketW(AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (link->socket == INVALID_SOCKET)
        return (pxe_status)WSAGetLastError();
    net->link_count++;
    address.sin_port = htons(port);
    int error = link_configure(link);
    if (error == 0 && bind(link->socket, (const struct sockaddr *)&address, sizeof address) != 0)
        error = WSAGetLastError();
    if (error != 0)
        net_log(net, LOG_ERROR, "cannot listen on %s port %u: error %d%s",
                address_text(link->address, text), port, error,
                error == WSAEADDRINUSE ? " (another program has this port)"
                : error == WSAEACCES   ? " (another program has this port to itself, or no right)"
                                       : "");
    else
        net_log(net, LOG_INFO, "listening on %s port %u", address_text(link->address, text), port);
    return (pxe_status)error;
}

static bool interface_is_chosen(const struct net_config *config,
                                const IP_ADAPTER_ADDRESSES *adapter,
                                const IP_ADAPTER_UNICAST_ADDRESS *unicast)
{
    const struct sockaddr_in *address =
        (const struct sockaddr_in *)(const void *)unicast->Address.lpSockaddr;

    if (config->interface_count == 0)
        return adapter->OperStatus == IfOperStatusUp && adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK;
    for (size_t i = 0; i < config->interface_count; i++)
        if (config->interfaces[i] == address->sin_addr.s_addr)
            return true;
    return false;
}

static IP_ADAPTER_ADDRESSES *adapters_read(void)
{
    ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    ULONG size = 16384;

    for (int attempt = 0; attempt < 4; attempt++) {
        IP_ADAPTER_ADDRESSES *adapters = mem_alloc(size);
        if (adapters == NULL)
            return NULL;
        ULONG status = GetAdaptersAddresses(AF_INET, flags, NULL, adapters, &size);
        if (status == ERROR_SUCCESS)
            return adapters;
        mem_free(adapters);
        if (status != ERROR_BUFFER_OVERFLOW)
            return NULL;
    }
    return NULL;
}

/* The first address of an interface is its primary one; a chosen address may also be another. */
static pxe_status adapter_open(struct net *net, const struct net_config *config,
                               const IP_ADAPTER_ADDRESSES *adapter, size_t *in_out_opened)
{
    for (const IP_ADAPTER_UNICAST_ADDRESS *unicast = adapter->FirstUnicastAddress; unicast != NULL;
         unicast = unicast->Next) {
        if (!interface_is_chosen(config, adapter, unicast))
            continue;
        pxe_status status = link_open(net, unicast, config->dhcp_port, false);
        if (status == PXE_OK)
            status = link_open(net, unicast, config->boot_server_port, true);
        if (status != PXE_OK)
            return status;
        ++*in_out_opened;
        if (config->interface_count == 0)
            break;
    }
    return PXE_OK;
}

static pxe_status net_open_links(struct net *net, const struct net_config *config)
{
    IP_ADAPTER_ADDRESSES *adapters = adapters_read();
    pxe_status status = PXE_OK;
    size_t opened = 0;

    for (const IP_ADAPTER_ADDRESSES *adapter = adapters; adapter != NULL && status == PXE_OK;
         adapter = adapter->Next)
        status = adapter_open(net, config, adapter, &opened);
    mem_free(adapters);
    if (status != PXE_OK)
        return status;
    if (config->interface_count > opened) {
        net_log(net, LOG_ERROR, "of %zu chosen interface addresses this machine has %zu: check them",
                config->interface_count, opened);
        return PXE_NOT_FOUND;
    }
    if (opened == 0) {
        net_log(net, LOG_ERROR, "no IPv4 interface is up: nothing to listen on");
        return PXE_NOT_FOUND;
    }
    return PXE_OK;
}

pxe_status net_open(const struct net_config *config, const struct net_events *events,
                    struct net **out_net)
{
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);

    if (error != 0)
        return (pxe_status)error;
    struct net *net = mem_alloc(sizeof *net);
    if (net == NULL) {
        WSACleanup();
        return PXE_NOT_ENOUGH_MEMORY;
    }
    net->events = *events;
    atomic_init(&net->is_stopping, false);
    pxe_status status = net_open_links(net, config);
    if (status != PXE_OK) {
        net_close(net, 0);
        return status;
    }
    *out_net = net;
    return PXE_OK;
}

/* ---- receiving ---- */

static DWORD WINAPI link_thread(void *argument);

/* One more thread for this socket, unless there are enough or the end is near. */
static bool link_add_thread(struct net_link *link)
{
    bool added = false;

    AcquireSRWLockExclusive(&link->lock);
    if (link->thread_count < LINK_THREADS_MAX && !atomic_load(&link->net->is_stopping)) {
        HANDLE thread = CreateThread(NULL, 0, link_thread, link, 0, NULL);
        if (thread != NULL) {
            link->threads[link->thread_count++] = thread;
            added = true;
        }
    }
    ReleaseSRWLockExclusive(&link->lock);
    return added;
}

static struct net_endpoint endpoint_from(const struct in_addr *address, uint16_t port)
{
    struct net_endpoint endpoint = {.length = 4, .port = port};
    memcpy(endpoint.address, address, 4);
    return endpoint;
}

/* The destination, from packet information: the only control data that was asked for. Without it,
 * the interface's own address. */
static struct in_addr destination_of(const struct net_link *link, const WSAMSG *message)
{
    const WSACMSGHDR *header = (const WSACMSGHDR *)(const void *)message->Control.buf;
    IN_PKTINFO info;

    if (message->Control.len < CONTROL_SIZE || header->cmsg_level != IPPROTO_IP ||
        header->cmsg_type != IP_PKTINFO)
        return link->address;
    memcpy(&info, WSA_CMSG_DATA(header), sizeof info);
    return info.ipi_addr;
}

static bool is_multicast(struct in_addr address)
{
    return (ntohl(address.s_addr) & 0xf0000000u) == 0xe0000000u;
}

static void link_deliver(struct net_link *link, const WSAMSG *message, const uint8_t *bytes,
                         size_t length, const struct sockaddr_in *source)
{
    struct in_addr destination = destination_of(link, message);
    bool is_broadcast = destination.s_addr == INADDR_BROADCAST ||
                        destination.s_addr == link->subnet_broadcast.s_addr;
    bool is_unicast = !is_broadcast && !is_multicast(destination);
    struct datagram datagram = {
        .bytes = bytes,
        .length = length,
        .link = link,
        .local = endpoint_from(is_unicast ? &destination : &link->address, link->port),
        .remote = endpoint_from(&source->sin_addr, ntohs(source->sin_port)),
        .broadcast = is_broadcast,
        .boot_server_port = link->is_boot_server_port,
    };
    link->net->events.receive(link->net->events.context, &datagram);
}

/* Receives and handles one datagram; 0 or the WinSock code. */
static int link_receive(struct net_link *link, uint8_t *buffer)
{
    struct sockaddr_in source;
    union {
        WSACMSGHDR header;
        char bytes[64];
    } control = {0};
    WSABUF data = {.len = DATAGRAM_MAX, .buf = (char *)buffer};
    WSAMSG message = {
        .name = (struct sockaddr *)&source,
        .namelen = sizeof source,
        .lpBuffers = &data,
        .dwBufferCount = 1,
        .Control = {.len = sizeof control, .buf = control.bytes},
    };
    DWORD length = 0;

    atomic_fetch_add(&link->waiting, 1);
    int result = link->receive_message(link->socket, &message, &length, NULL, NULL);
    bool was_last_waiting = atomic_fetch_sub(&link->waiting, 1) == 1;
    if (result != 0)
        return WSAGetLastError();
    if (was_last_waiting)
        (void)link_add_thread(link);
    link_deliver(link, &message, buffer, length, &source);
    return 0;
}

static DWORD WINAPI link_thread(void *argument)
{
    struct net_link *link = argument;
    struct net *net = link->net;
    int last_error = 0;
    uint8_t *buffer = mem_alloc(DATAGRAM_MAX);

    if (buffer == NULL)
        return 1;
    (void)net_owns_this_thread(); /* makes the mark */
    TlsSetValue(thread_mark, link);
    while (!atomic_load(&net->is_stopping)) {
        int error = link_receive(link, buffer);
        if (error == 0 || atomic_load(&net->is_stopping) || error == WSAEMSGSIZE ||
            error == WSAECONNRESET || error == WSAENETRESET)
            continue;
        if (error != last_error)
            net_log(net, LOG_ERROR, "receiving on port %u: error %d", link->port, error);
        last_error = error;
        Sleep(ERROR_PAUSE);
    }
    mem_free(buffer);
    return 0;
}

pxe_status net_start(struct net *net)
{
    for (uint32_t i = 0; i < net->link_count; i++)
        if (!link_add_thread(&net->links[i]))
            return PXE_NOT_ENOUGH_MEMORY;
    return PXE_OK;
}

/* ---- ending ---- */

void net_stop(struct net *net)
{
    atomic_store(&net->is_stopping, true);
    for (uint32_t i = 0; i < net->link_count; i++)
        CancelIoEx((HANDLE)net->links[i].socket, NULL);
}

/* A thread may enter the receive call just after it was cancelled: cancel again until it is gone. */
static bool link_join(struct net_link *link, uint32_t milliseconds)
{
    ULONGLONG end = GetTickCount64() + milliseconds;

    AcquireSRWLockExclusive(&link->lock);
    uint32_t count = link->thread_count;
    ReleaseSRWLockExclusive(&link->lock);
    for (uint32_t i = 0; i < count; i++) {
        while (WaitForSingleObject(link->threads[i], CANCEL_INTERVAL) == WAIT_TIMEOUT) {
            if (GetTickCount64() >= end)
                return false;
            CancelIoEx((HANDLE)link->socket, NULL);
        }
        CloseHandle(link->threads[i]);
    }
    return true;
}

void net_close(struct net *net, uint32_t milliseconds)
{
    bool all_gone = true;

    net_stop(net);
    for (uint32_t i = 0; i < net->link_count; i++)
        all_gone &= link_join(&net->links[i], milliseconds);
    for (uint32_t i = 0; i < net->link_count; i++)
        closesocket(net->links[i].socket);
    if (!all_gone)
        return;
    mem_free(net);
    WSACleanup();
}

pxe_status net_send(void *context, struct net_link *link, const struct net_endpoint *to,
                    const uint8_t *bytes, size_t length)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(to->port)};

    (void)context;
    memcpy(&address.sin_addr, to->address, 4);
    int sent = sendto(link->socket, (const char *)bytes, (int)length, 0,
                      (const struct sockaddr *)&address, sizeof address);
    return sent == (int)length ? PXE_OK : (pxe_status)WSAGetLastError();
}
