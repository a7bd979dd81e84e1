/*
 * The network by Windows' sockets.
 *
 * One receive is kept outstanding per socket, and the socket's buffer holds what comes meanwhile.
 * That is the simplest shape that serves both platforms: Windows completes the outstanding receive
 * while the thread is busy, and under Wine it costs what a blocking receive costs, where completion
 * ports and thread-pool I/O cost more (a datagram takes two calls of Wine's server to receive and
 * two to send, whatever the shape). That nothing more is there is seen without a call.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>
#include <mswsock.h>

#include "win32/net_backend.h"

#include <string.h>

#include "base/mem.h"

#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#endif

enum {
    DATAGRAM_MAX = 65536,
    CHECK_INTERVAL = 15000, /* milliseconds: Wine tells of IPv4 addresses only */
};

struct net_socket {
    SOCKET socket;
    bool is_ipv6;
    LPFN_WSARECVMSG receive_message;
    WSAEVENT woken;
    /* the outstanding receive */
    bool is_outstanding;
    WSAOVERLAPPED overlapped; /* with an event of its own */
    WSAMSG message;
    WSABUF data;
    struct sockaddr_storage source;
    union {
        WSACMSGHDR header;
        char bytes[64];
    } control;
    uint8_t bytes[DATAGRAM_MAX];
};

static int winsock_startup(void)
{
    WSADATA data;
    return WSAStartup(MAKEWORD(2, 2), &data);
}

static void winsock_cleanup(void)
{
    WSACleanup();
}

/* ---- interfaces ---- */

static IP_ADAPTER_ADDRESSES *adapters_read(ULONG *out_status)
{
    ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    ULONG size = 16384;

    *out_status = ERROR_BUFFER_OVERFLOW;
    for (int attempt = 0; attempt < 4 && *out_status == ERROR_BUFFER_OVERFLOW; attempt++) {
        IP_ADAPTER_ADDRESSES *adapters = mem_alloc(size);
        if (adapters == NULL) {
            *out_status = ERROR_NOT_ENOUGH_MEMORY;
            return NULL;
        }
        *out_status = GetAdaptersAddresses(AF_UNSPEC, flags, NULL, adapters, &size);
        if (*out_status == ERROR_SUCCESS)
            return adapters;
        mem_free(adapters);
    }
    return NULL;
}

static struct net_endpoint endpoint_of(const struct sockaddr *address)
{
    struct net_endpoint endpoint = {0};
    struct sockaddr_in ipv4;
    struct sockaddr_in6 ipv6;

    if (address->sa_family == AF_INET) {
        memcpy(&ipv4, address, sizeof ipv4);
        memcpy(endpoint.address, &ipv4.sin_addr, 4);
        endpoint.length = 4;
        endpoint.port = ntohs(ipv4.sin_port);
    } else {
        memcpy(&ipv6, address, sizeof ipv6);
        memcpy(endpoint.address, &ipv6.sin6_addr, 16);
        endpoint.length = 16;
        endpoint.port = ntohs(ipv6.sin6_port);
    }
    return endpoint;
}

static int winsock_addresses_read(struct interface_address *out_addresses, size_t capacity,
                                  size_t *out_count)
{
    ULONG status;
    IP_ADAPTER_ADDRESSES *adapters = adapters_read(&status);
    size_t count = 0;

    if (status == ERROR_NO_DATA)
        status = ERROR_SUCCESS;
    for (const IP_ADAPTER_ADDRESSES *adapter = adapters; adapter != NULL; adapter = adapter->Next)
        for (const IP_ADAPTER_UNICAST_ADDRESS *unicast = adapter->FirstUnicastAddress;
             unicast != NULL && count < capacity; unicast = unicast->Next)
            out_addresses[count++] = (struct interface_address){
                .interface_index = adapter->IfIndex,
                .is_up = adapter->OperStatus == IfOperStatusUp &&
                         adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK,
                .address = endpoint_of(unicast->Address.lpSockaddr),
                .prefix_length = unicast->OnLinkPrefixLength,
            };
    mem_free(adapters);
    if (status == ERROR_SUCCESS)
        *out_count = count;
    return (int)status;
}

/* ---- opening and closing ---- */

static int option_on(SOCKET socket, int level, int option)
{
    BOOL on = TRUE;
    return setsockopt(socket, level, option, (const char *)&on, sizeof on);
}

/* What both families need. Returns 0 or the WinSock code, as those that follow. */
static int socket_configure(struct net_socket *socket)
{
    static const GUID receive_message_id = WSAID_WSARECVMSG;
    BOOL off = FALSE;
    int size = NET_RECEIVE_BUFFER;
    DWORD bytes;
    GUID id = receive_message_id;

    if (option_on(socket->socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE) != 0 ||
        WSAIoctl(socket->socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id,
                 &socket->receive_message, sizeof socket->receive_message, &bytes, NULL, NULL) != 0)
        return WSAGetLastError();
    /* Both only make things better: a refusal is no reason not to serve. */
    (void)setsockopt(socket->socket, SOL_SOCKET, SO_RCVBUF, (const char *)&size, sizeof size);
    (void)WSAIoctl(socket->socket, SIO_UDP_CONNRESET, &off, sizeof off, NULL, 0, &bytes, NULL,
                   NULL);
    return 0;
}

static int socket_configure_family(struct net_socket *socket)
{
    int failed = socket->is_ipv6 ? option_on(socket->socket, IPPROTO_IPV6, IPV6_V6ONLY) != 0 ||
                                       option_on(socket->socket, IPPROTO_IPV6, IPV6_PKTINFO) != 0
                                 : option_on(socket->socket, SOL_SOCKET, SO_BROADCAST) != 0 ||
                                       option_on(socket->socket, IPPROTO_IP, IP_PKTINFO) != 0;
    return failed ? WSAGetLastError() : 0;
}

/* IPv4: to the interface's primary address; Wine ignores packet information on sending. */
static int socket_bind(struct net_socket *socket, const struct net_socket_spec *spec)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(spec->port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(spec->port)};
    int result;

    memcpy(&ipv4.sin_addr, spec->address, 4);
    if (spec->is_ipv6)
        result = bind(socket->socket, (const struct sockaddr *)&ipv6, sizeof ipv6);
    else
        result = bind(socket->socket, (const struct sockaddr *)&ipv4, sizeof ipv4);
    return result == 0 ? 0 : WSAGetLastError();
}

static void winsock_socket_close(struct net_socket *socket)
{
    DWORD bytes, flags;

    if (socket->is_outstanding && CancelIoEx((HANDLE)socket->socket, &socket->overlapped))
        (void)WSAGetOverlappedResult(socket->socket, &socket->overlapped, &bytes, TRUE, &flags);
    if (socket->socket != INVALID_SOCKET)
        closesocket(socket->socket);
    if (socket->woken != NULL)
        WSACloseEvent(socket->woken);
    if (socket->overlapped.hEvent != NULL)
        WSACloseEvent(socket->overlapped.hEvent);
    mem_free(socket);
}

static int winsock_socket_open(const struct net_socket_spec *spec, struct net_socket **out_socket)
{
    struct net_socket *made = mem_alloc(sizeof *made);
    int error;

    if (made == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    made->is_ipv6 = spec->is_ipv6;
    made->woken = WSACreateEvent();
    made->overlapped.hEvent = WSACreateEvent();
    made->socket = WSASocketW(spec->is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0,
                              WSA_FLAG_OVERLAPPED);
    error = made->woken == NULL || made->overlapped.hEvent == NULL || made->socket == INVALID_SOCKET
                ? WSAGetLastError()
                : socket_configure(made);
    if (error == 0)
        error = socket_configure_family(made);
    if (error == 0)
        error = socket_bind(made, spec);
    if (error != 0) {
        winsock_socket_close(made);
        return error;
    }
    *out_socket = made;
    return 0;
}

static int winsock_socket_join(struct net_socket *socket, const uint8_t group[16],
                               uint32_t interface_index)
{
    struct ipv6_mreq request = {.ipv6mr_interface = interface_index};

    memcpy(&request.ipv6mr_multiaddr, group, 16);
    if (setsockopt(socket->socket, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, (const char *)&request,
                   sizeof request) != 0)
        return WSAGetLastError();
    return 0;
}

/* ---- receiving ---- */

/* What packet information tells; it is the only control data that was asked for. */
static void destination_read(struct net_socket *socket, struct net_buffer *buffer)
{
    WSACMSGHDR *header = &socket->control.header;
    IN_PKTINFO info4;
    struct in6_pktinfo info6;

    buffer->has_destination = false;
    if (socket->message.Control.len < sizeof *header)
        return;
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
        memcpy(&info4, WSA_CMSG_DATA(header), sizeof info4);
        memcpy(buffer->to.address, &info4.ipi_addr, 4);
        buffer->interface_index = info4.ipi_ifindex;
        buffer->has_destination = true;
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
        memcpy(&info6, WSA_CMSG_DATA(header), sizeof info6);
        memcpy(buffer->to.address, &info6.ipi6_addr, 16);
        buffer->interface_index = info6.ipi6_ifindex;
        buffer->has_destination = true;
    }
}

static void buffer_fill(struct net_socket *socket, DWORD length, struct net_buffer *buffer)
{
    size_t fits = length < buffer->capacity ? length : buffer->capacity;

    memcpy(buffer->bytes, socket->bytes, fits);
    buffer->length = length;
    buffer->rest = socket->bytes + fits;
    buffer->from = endpoint_of((const struct sockaddr *)&socket->source);
    destination_read(socket, buffer);
}

/* Asks for the next datagram. 0: it is there; WSA_IO_PENDING: it is outstanding. */
static int receive_begin(struct net_socket *socket, DWORD *out_length)
{
    socket->data = (WSABUF){.len = DATAGRAM_MAX, .buf = (char *)socket->bytes};
    socket->message = (WSAMSG){
        .name = (struct sockaddr *)&socket->source,
        .namelen = sizeof socket->source,
        .lpBuffers = &socket->data,
        .dwBufferCount = 1,
        .Control = {.len = sizeof socket->control, .buf = socket->control.bytes},
    };
    if (socket->receive_message(socket->socket, &socket->message, out_length, &socket->overlapped,
                                NULL) == 0)
        return 0;
    int error = WSAGetLastError();
    socket->is_outstanding = error == WSA_IO_PENDING;
    return error;
}

/* The outstanding receive, which has come to its end or is waited for so long. */
static int receive_end(struct net_socket *socket, uint32_t milliseconds, DWORD *out_length)
{
    const WSAEVENT events[2] = {socket->overlapped.hEvent, socket->woken};
    DWORD flags;

    if (!HasOverlappedIoCompleted(&socket->overlapped) &&
        (milliseconds == 0 ||
         WaitForMultipleObjects(2, events, FALSE, milliseconds) != WAIT_OBJECT_0))
        return WSA_IO_PENDING;
    socket->is_outstanding = false;
    if (WSAGetOverlappedResult(socket->socket, &socket->overlapped, out_length, FALSE, &flags))
        return 0;
    return WSAGetLastError();
}

static bool concerns_no_other(int error)
{
    return error == WSAEMSGSIZE || error == WSAECONNRESET || error == WSAENETRESET;
}

/* Takes what is there, then waits for one if there was none. A copy on the way to the buffer is
 * nothing beside what the receive itself costs, and lets it go on with no buffer of the caller's.
 */
static int winsock_socket_receive(struct net_socket *socket, struct net_buffer *buffers,
                                  size_t capacity, uint32_t milliseconds, size_t *out_count)
{
    size_t count = 0;
    DWORD length = 0;

    while (count < capacity) {
        int error = socket->is_outstanding ? WSA_IO_PENDING : receive_begin(socket, &length);
        if (error == WSA_IO_PENDING)
            error = receive_end(socket, count > 0 ? 0 : milliseconds, &length);
        if (error == WSA_IO_PENDING)
            break;
        if (error != 0 && !concerns_no_other(error))
            return error;
        if (error != 0)
            continue;
        buffer_fill(socket, length, &buffers[count]);
        if (length > buffers[count++].capacity)
            break; /* its rest is good until the next receive only */
    }
    *out_count = count;
    return 0;
}

static void winsock_socket_wake(struct net_socket *socket)
{
    WSASetEvent(socket->woken);
}

/* ---- sending ---- */

/* From the address that the socket is bound to, or the system's choice: Wine would ignore another.
 */
static int winsock_socket_send(struct net_socket *socket, const struct net_endpoint *from,
                               const struct net_endpoint *to, const uint8_t *bytes, size_t length)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(to->port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(to->port)};
    const struct sockaddr *address = (const struct sockaddr *)&ipv4;
    int address_size = sizeof ipv4;

    (void)from;
    memcpy(&ipv4.sin_addr, to->address, 4);
    if (socket->is_ipv6) {
        memcpy(&ipv6.sin6_addr, to->address, 16);
        ipv6.sin6_scope_id = to->scope;
        address = (const struct sockaddr *)&ipv6;
        address_size = sizeof ipv6;
    }
    int sent = sendto(socket->socket, (const char *)bytes, (int)length, 0, address, address_size);
    return sent == (int)length ? 0 : WSAGetLastError();
}

/* ---- changes of interfaces ---- */

enum { WATCHED_FAMILIES = 2 };

struct net_watch {
    SOCKET sockets[WATCHED_FAMILIES]; /* IPv4, IPv6; the second may be missing */
    WSAOVERLAPPED overlapped[WATCHED_FAMILIES];
    WSAEVENT woken;
};

static int watch_ask(struct net_watch *watch, int which)
{
    DWORD bytes;

    if (WSAIoctl(watch->sockets[which], SIO_ADDRESS_LIST_CHANGE, NULL, 0, NULL, 0, &bytes,
                 &watch->overlapped[which], NULL) == 0)
        return 0;
    int error = WSAGetLastError();
    return error == WSA_IO_PENDING ? 0 : error;
}

static void winsock_watch_close(struct net_watch *watch)
{
    for (int i = 0; i < WATCHED_FAMILIES; i++) {
        DWORD bytes, flags;
        if (watch->sockets[i] == INVALID_SOCKET)
            continue;
        if (CancelIoEx((HANDLE)watch->sockets[i], &watch->overlapped[i]))
            (void)WSAGetOverlappedResult(watch->sockets[i], &watch->overlapped[i], &bytes, TRUE,
                                         &flags);
        closesocket(watch->sockets[i]);
        WSACloseEvent(watch->overlapped[i].hEvent);
    }
    if (watch->woken != NULL)
        WSACloseEvent(watch->woken);
    mem_free(watch);
}

static int watch_open_family(struct net_watch *watch, int which, int family)
{
    SOCKET made = WSASocketW(family, SOCK_DGRAM, IPPROTO_UDP, NULL, 0, WSA_FLAG_OVERLAPPED);

    if (made == INVALID_SOCKET)
        return WSAGetLastError();
    watch->sockets[which] = made;
    watch->overlapped[which].hEvent = WSACreateEvent();
    return watch->overlapped[which].hEvent != NULL ? watch_ask(watch, which) : WSAGetLastError();
}

static int winsock_watch_open(struct net_watch **out_watch)
{
    struct net_watch *watch = mem_alloc(sizeof *watch);

    if (watch == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    watch->sockets[0] = watch->sockets[1] = INVALID_SOCKET;
    watch->woken = WSACreateEvent();
    int error = watch->woken != NULL ? watch_open_family(watch, 0, AF_INET) : WSAGetLastError();
    if (error != 0) {
        winsock_watch_close(watch);
        return error;
    }
    (void)watch_open_family(watch, 1, AF_INET6); /* a machine without IPv6 has no changes of it */
    *out_watch = watch;
    return 0;
}

static enum net_news winsock_watch_wait(struct net_watch *watch, uint32_t milliseconds)
{
    WSAEVENT events[1 + WATCHED_FAMILIES] = {watch->woken};
    DWORD count = 1;

    for (int i = 0; i < WATCHED_FAMILIES; i++)
        if (watch->sockets[i] != INVALID_SOCKET)
            events[count++] = watch->overlapped[i].hEvent;
    bool is_check = milliseconds > CHECK_INTERVAL;
    DWORD result =
        WaitForMultipleObjects(count, events, FALSE, is_check ? CHECK_INTERVAL : milliseconds);
    if (result == WAIT_OBJECT_0)
        return NET_NEWS_END;
    if (result == WAIT_TIMEOUT)
        return is_check ? NET_NEWS_CHANGE : NET_NEWS_NONE;
    for (int i = 0; i < WATCHED_FAMILIES; i++)
        if (watch->sockets[i] != INVALID_SOCKET &&
            HasOverlappedIoCompleted(&watch->overlapped[i])) {
            WSAResetEvent(watch->overlapped[i].hEvent);
            (void)watch_ask(watch, i);
        }
    return NET_NEWS_CHANGE;
}

static void winsock_watch_wake(struct net_watch *watch)
{
    WSASetEvent(watch->woken);
}

const struct net_backend net_winsock = {
    .name = "Winsock",
    .startup = winsock_startup,
    .cleanup = winsock_cleanup,
    .addresses_read = winsock_addresses_read,
    .socket_open = winsock_socket_open,
    .socket_join = winsock_socket_join,
    .socket_receive = winsock_socket_receive,
    .socket_wake = winsock_socket_wake,
    .socket_send = winsock_socket_send,
    .socket_close = winsock_socket_close,
    .watch_open = winsock_watch_open,
    .watch_wait = winsock_watch_wait,
    .watch_wake = winsock_watch_wake,
    .watch_close = winsock_watch_close,
};
