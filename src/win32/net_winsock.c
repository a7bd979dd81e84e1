#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>

#include "win32/net_winsock.h"

#include <stdatomic.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/printf_like.h"
#include "engine/abi.h"
#include "win32/interfaces.h"

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
    /* UEFI firmware opens its receive socket only after it has asked, and asks once: an answer that
     * comes at once meets a closed port. */
    BOOT_SERVER_IPV6_DELAY = 20,
};

/* One socket. */
struct net_link {
    struct net *net;
    SOCKET socket;
    int family;
    LPFN_WSARECVMSG receive_message;
    const struct net_interface *nic; /* IPv4 only: the one it is bound to */
    uint16_t port;
    bool is_boot_server_port;
    DWORD hold_back;          /* milliseconds before a datagram is handled */
    _Atomic uint32_t waiting; /* threads inside the receive call */
    SRWLOCK lock;             /* guards threads */
    HANDLE threads[LINK_THREADS_MAX];
    uint32_t thread_count;
};

struct net {
    struct net_events events;
    struct interface_list interfaces;
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
    PRINTF_LIKE(3, 4);

static void net_log(const struct net *net, uint32_t severity, const char *format, ...)
{
    char line[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    net->events.log(net->events.context, severity, line);
}

static struct net_endpoint endpoint_from(const void *address, uint8_t length, uint16_t port)
{
    struct net_endpoint endpoint = {.length = length, .port = port};
    memcpy(endpoint.address, address, length);
    return endpoint;
}

/* An endpoint's address alone. */
static const char *address_text(const struct net_endpoint *endpoint, char *text)
{
    wchar_t wide[INET6_ADDRSTRLEN];

    if (InetNtopW(endpoint->length == 4 ? AF_INET : AF_INET6, endpoint->address, wide,
                  INET6_ADDRSTRLEN) == NULL)
        wide[0] = L'\0';
    snprintf(text, ENDPOINT_TEXT_SIZE, "%ls", wide);
    return text;
}

/* ---- opening ---- */

static int option_on(SOCKET socket, int level, int option)
{
    BOOL on = TRUE;
    return setsockopt(socket, level, option, (const char *)&on, sizeof on);
}

/* What both families need. Returns 0 or the WinSock code. */
static int link_configure(struct net_link *link)
{
    static const GUID receive_message_id = WSAID_WSARECVMSG;
    BOOL off = FALSE;
    int size = RECEIVE_BUFFER;
    DWORD bytes;
    GUID id = receive_message_id;

    if (option_on(link->socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE) != 0 ||
        WSAIoctl(link->socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id,
                 &link->receive_message, sizeof link->receive_message, &bytes, NULL, NULL) != 0)
        return WSAGetLastError();
    /* Both only make things better: a refusal is no reason not to serve. */
    (void)setsockopt(link->socket, SOL_SOCKET, SO_RCVBUF, (const char *)&size, sizeof size);
    (void)WSAIoctl(link->socket, SIO_UDP_CONNRESET, &off, sizeof off, NULL, 0, &bytes, NULL, NULL);
    return 0;
}

static int link_configure_ipv4(struct net_link *link)
{
    if (option_on(link->socket, SOL_SOCKET, SO_BROADCAST) != 0 ||
        option_on(link->socket, IPPROTO_IP, IP_PKTINFO) != 0)
        return WSAGetLastError();
    return 0;
}

static int link_configure_ipv6(struct net_link *link)
{
    if (option_on(link->socket, IPPROTO_IPV6, IPV6_V6ONLY) != 0 ||
        option_on(link->socket, IPPROTO_IPV6, IPV6_PKTINFO) != 0)
        return WSAGetLastError();
    return 0;
}

static int link_bind(struct net_link *link)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(link->port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(link->port)};
    int result;

    if (link->family == AF_INET) {
        ipv4.sin_addr = link->nic->ipv4;
        result = bind(link->socket, (const struct sockaddr *)&ipv4, sizeof ipv4);
    } else {
        result = bind(link->socket, (const struct sockaddr *)&ipv6, sizeof ipv6);
    }
    return result == 0 ? 0 : WSAGetLastError();
}

static void link_log(const struct net_link *link, uint32_t severity, int error)
{
    static const struct in6_addr any = IN6ADDR_ANY_INIT;
    struct net_endpoint local = link->family == AF_INET
                                    ? endpoint_from(&link->nic->ipv4, 4, link->port)
                                    : endpoint_from(&any, 16, link->port);
    char text[ENDPOINT_TEXT_SIZE];

    endpoint_text(&local, text);
    if (error == 0)
        net_log(link->net, severity, "listening on %s", text);
    else
        net_log(link->net, severity, "cannot listen on %s: error %d%s", text, error,
                error == WSAEADDRINUSE ? " (another program has this port)"
                : error == WSAEACCES   ? " (another program has this port to itself, or no right)"
                                       : "");
}

/* Opens the next link; a failure is logged with the given severity. `nic`: NULL for IPv6. */
static pxe_status link_open(struct net *net, const struct net_interface *nic, uint16_t port,
                            bool is_boot_server_port, uint32_t failure_severity)
{
    if (net->link_count == LINK_COUNT_MAX)
        return PXE_NOT_ENOUGH_MEMORY;
    struct net_link *link = &net->links[net->link_count];
    link->net = net;
    link->family = nic != NULL ? AF_INET : AF_INET6;
    link->nic = nic;
    link->port = port;
    link->is_boot_server_port = is_boot_server_port;
    InitializeSRWLock(&link->lock);
    link->socket = WSASocketW(link->family, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED);
    int error = link->socket != INVALID_SOCKET ? link_configure(link) : WSAGetLastError();
    if (error == 0)
        error = link->family == AF_INET ? link_configure_ipv4(link) : link_configure_ipv6(link);
    if (error == 0)
        error = link_bind(link);
    link_log(link, error == 0 ? LOG_INFO : failure_severity, error);
    if (error == 0)
        net->link_count++;
    else if (link->socket != INVALID_SOCKET)
        closesocket(link->socket);
    return (pxe_status)error;
}

static void link_join_group(struct net_link *link, const struct net_interface *nic,
                            const uint8_t group[16])
{
    struct ipv6_mreq request = {.ipv6mr_interface = nic->index};

    memcpy(&request.ipv6mr_multiaddr, group, 16);
    if (setsockopt(link->socket, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, (const char *)&request,
                   sizeof request) != 0)
        net_log(link->net, LOG_WARNING,
                "interface %lu: the DHCPv6 multicast group cannot be joined, error %d",
                nic->index, WSAGetLastError());
}

/* RFC 8415 section 7.1; clients look for a boot server with the first of them, too. */
static void link_join_groups(struct net_link *link, bool also_servers)
{
    static const uint8_t all_relays_and_servers[16] = {0xff, 2, [13] = 1, [15] = 2};
    static const uint8_t all_servers[16] = {0xff, 5, [13] = 1, [15] = 3};
    const struct interface_list *interfaces = &link->net->interfaces;

    for (size_t i = 0; i < interfaces->count; i++) {
        if (!interfaces->entries[i].has_ipv6)
            continue;
        link_join_group(link, &interfaces->entries[i], all_relays_and_servers);
        if (also_servers)
            link_join_group(link, &interfaces->entries[i], all_servers);
    }
}

static pxe_status net_open_ipv4(struct net *net, const struct net_config *config)
{
    for (size_t i = 0; i < net->interfaces.count; i++) {
        const struct net_interface *nic = &net->interfaces.entries[i];
        if (!nic->has_ipv4)
            continue;
        pxe_status status = link_open(net, nic, config->dhcp_port, false, LOG_ERROR);
        if (status == PXE_OK)
            status = link_open(net, nic, config->boot_server_port, true, LOG_ERROR);
        if (status != PXE_OK)
            return status;
    }
    return PXE_OK;
}

static bool net_has_ipv6(const struct net *net)
{
    for (size_t i = 0; i < net->interfaces.count; i++)
        if (net->interfaces.entries[i].has_ipv6)
            return true;
    return false;
}

/* Whatever is missing has been logged: IPv4 is served without it. */
static void net_open_ipv6(struct net *net, const struct net_config *config)
{
    if (!config->with_ipv6 || !net_has_ipv6(net))
        return;
    if (link_open(net, NULL, config->dhcp6_port, false, LOG_WARNING) == PXE_OK)
        link_join_groups(&net->links[net->link_count - 1], true);
    if (link_open(net, NULL, config->boot_server_port, true, LOG_WARNING) == PXE_OK) {
        struct net_link *link = &net->links[net->link_count - 1];
        link->hold_back = BOOT_SERVER_IPV6_DELAY;
        link_join_groups(link, false);
    }
}

static pxe_status net_open_links(struct net *net, const struct net_config *config)
{
    char text[ENDPOINT_TEXT_SIZE];
    size_t missing;

    pxe_status status = interfaces_read(config->interfaces, config->interface_count,
                                        &net->interfaces, &missing);
    if (status != PXE_OK && missing < config->interface_count)
        net_log(net, LOG_ERROR, "no interface of this machine has the address %s",
                address_text(&config->interfaces[missing], text));
    else if (status != PXE_OK)
        net_log(net, LOG_ERROR, "no interface is up: nothing to listen on");
    if (status == PXE_OK)
        status = net_open_ipv4(net, config);
    if (status != PXE_OK)
        return status;
    net_open_ipv6(net, config);
    return net->link_count > 0 ? PXE_OK : PXE_NOT_FOUND;
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

/* What packet information tells: the destination, and on which interface it came in. */
struct destination {
    bool is_known;
    struct in_addr ipv4;
    struct in6_addr ipv6;
    ULONG interface_index;
};

/* It is the only control data that was asked for. */
static struct destination destination_of(const WSAMSG *message)
{
    WSACMSGHDR *header = (WSACMSGHDR *)(void *)message->Control.buf;
    struct destination destination = {0};
    IN_PKTINFO info4;
    struct in6_pktinfo info6;

    if (message->Control.len < sizeof *header)
        return destination;
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
        memcpy(&info4, WSA_CMSG_DATA(header), sizeof info4);
        destination.ipv4 = info4.ipi_addr;
        destination.is_known = true;
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
        memcpy(&info6, WSA_CMSG_DATA(header), sizeof info6);
        destination.ipv6 = info6.ipi6_addr;
        destination.interface_index = info6.ipi6_ifindex;
        destination.is_known = true;
    }
    return destination;
}

static bool is_multicast(struct in_addr address)
{
    return (ntohl(address.s_addr) & 0xf0000000u) == 0xe0000000u;
}

static void address_ipv4(const struct net_link *link, const struct destination *destination,
                         const struct sockaddr_in *source, struct datagram *datagram)
{
    const struct net_interface *nic = link->nic;
    struct in_addr to = destination->is_known ? destination->ipv4 : nic->ipv4;

    datagram->broadcast = to.s_addr == INADDR_BROADCAST ||
                          to.s_addr == nic->ipv4_broadcast.s_addr;
    if (datagram->broadcast || is_multicast(to))
        to = nic->ipv4;
    datagram->local = endpoint_from(&to, 4, link->port);
    datagram->remote = endpoint_from(&source->sin_addr, 4, ntohs(source->sin_port));
}

/* False: it came in on an interface that was not chosen. */
static bool address_ipv6(const struct net_link *link, const struct destination *destination,
                         const struct sockaddr_in6 *source, struct datagram *datagram)
{
    const struct net_interface *nic =
        interface_find(&link->net->interfaces, destination->interface_index);
    struct in6_addr to = destination->ipv6;

    if (!destination->is_known || nic == NULL)
        return false;
    if (IN6_IS_ADDR_MULTICAST(&to))
        to = IN6_IS_ADDR_LINKLOCAL(&source->sin6_addr) || !nic->has_global
                 ? nic->link_local
                 : nic->global;
    datagram->local = endpoint_from(&to, 16, link->port);
    datagram->remote = endpoint_from(&source->sin6_addr, 16, ntohs(source->sin6_port));
    if (IN6_IS_ADDR_LINKLOCAL(&to))
        datagram->local.scope = nic->index;
    if (IN6_IS_ADDR_LINKLOCAL(&source->sin6_addr))
        datagram->remote.scope = nic->index;
    return true;
}

static void link_deliver(struct net_link *link, const WSAMSG *message, const uint8_t *bytes,
                         size_t length, const struct sockaddr_storage *source)
{
    struct destination destination = destination_of(message);
    struct datagram datagram = {
        .bytes = bytes,
        .length = length,
        .link = link,
        .boot_server_port = link->is_boot_server_port,
    };

    if (link->family == AF_INET)
        address_ipv4(link, &destination, (const struct sockaddr_in *)source, &datagram);
    else if (!address_ipv6(link, &destination, (const struct sockaddr_in6 *)source, &datagram))
        return;
    if (link->hold_back != 0)
        Sleep(link->hold_back);
    link->net->events.receive(link->net->events.context, &datagram);
}

/* Receives and handles one datagram; 0 or the WinSock code. */
static int link_receive(struct net_link *link, uint8_t *buffer)
{
    struct sockaddr_storage source = {0};
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
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(to->port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(to->port)};
    const struct sockaddr *address = (const struct sockaddr *)&ipv4;
    int address_size = sizeof ipv4;

    (void)context;
    memcpy(&ipv4.sin_addr, to->address, 4);
    if (link->family == AF_INET6) {
        memcpy(&ipv6.sin6_addr, to->address, 16);
        ipv6.sin6_scope_id = to->scope;
        address = (const struct sockaddr *)&ipv6;
        address_size = sizeof ipv6;
    }
    int sent = sendto(link->socket, (const char *)bytes, (int)length, 0, address, address_size);
    return sent == (int)length ? PXE_OK : (pxe_status)WSAGetLastError();
}
