/*
 * The network by Windows' sockets.
 *
 * Receives are kept outstanding per socket, and the socket's buffer holds what comes meanwhile. On
 * Windows there are several, which it completes in their order while the thread is busy; the thread
 * takes them as a batch, without a call for each. A completion port would only spread them over
 * threads, and whose turn it is to receive is the crew's to say.
 *
 * Under Wine there is one, which costs what a blocking receive costs, where several, completion
 * ports and thread-pool I/O cost more: a datagram takes two calls of Wine's server to receive and
 * two to send, whatever the shape. It is asked for when it is waited for: what completes while its
 * thread is busy comes to that thread as a signal, and Wine 8 has a moment, on the way between 32
 * and 64 bits, in which a signal leaves the thread without its FS segment: it faults and hangs.
 * What else is there is taken without waiting, which asks the server twice when nothing is. So it
 * is tried only when datagrams have come faster than they were handled. (FIONREAD, too, is a call
 * of the server, and for each datagram.)
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>
#include <mswsock.h>

#include "net/backend.h"

#include <string.h>

#include "base/mem.h"
#include "os/wine.h"

#ifndef SIO_UDP_CONNRESET
#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#endif

enum {
    DATAGRAM_MAX = 65536,
    RECEIVES_ON_WINDOWS = 8,
    RECEIVES_UNDER_WINE = 1,
};

enum receive_state { RECEIVE_IDLE, RECEIVE_OUTSTANDING, RECEIVE_DONE };

struct receive {
    enum receive_state state;
    WSAOVERLAPPED overlapped; /* with an event of its own */
    WSAMSG message;
    WSABUF data;
    struct sockaddr_storage source;
    union {
        WSACMSGHDR header;
        char bytes[64];
    } control;
    DWORD length; /* these two when it is done */
    int error;
    uint8_t bytes[DATAGRAM_MAX];
};

struct net_socket {
    SOCKET socket;
    bool is_ipv6;
    LPFN_WSARECVMSG receive_message;
    WSAEVENT woken;
    bool was_waiting; /* the last datagram was there before it was asked for */
    uint32_t oldest;  /* the receive to be taken next; the others follow it in a circle */
    uint32_t receive_count;
    struct receive receives[];
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
        memcpy(&ipv4, address, sizeof(ipv4));
        memcpy(endpoint.address, &ipv4.sin_addr, 4);
        endpoint.length = 4;
        endpoint.port = ntohs(ipv4.sin_port);
    } else {
        memcpy(&ipv6, address, sizeof(ipv6));
        memcpy(endpoint.address, &ipv6.sin6_addr, 16);
        endpoint.length = 16;
        endpoint.port = ntohs(ipv6.sin6_port);
    }
    return endpoint;
}

static struct interface_address address_of(const IP_ADAPTER_ADDRESSES *adapter,
                                           const IP_ADAPTER_UNICAST_ADDRESS *unicast)
{
    struct interface_address address = {
        .interface_index = adapter->IfIndex,
        .is_up =
            adapter->OperStatus == IfOperStatusUp && adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK,
        .address = endpoint_of(unicast->Address.lpSockaddr),
        .prefix_length = unicast->OnLinkPrefixLength,
    };

    if (adapter->PhysicalAddressLength == sizeof(address.mac)) {
        address.mac_length = sizeof(address.mac);
        memcpy(address.mac, adapter->PhysicalAddress, sizeof(address.mac));
    }
    return address;
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
            out_addresses[count++] = address_of(adapter, unicast);
    mem_free(adapters);
    if (status == ERROR_SUCCESS)
        *out_count = count;
    return (int)status;
}

static int winsock_route_find(const struct net_endpoint *from, const struct net_endpoint *to,
                              uint32_t *out_interface_index)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    DWORD index;

    (void)from;
    memcpy(&ipv4.sin_addr, to->address, 4);
    DWORD status = GetBestInterfaceEx((struct sockaddr *)&ipv4, &index);
    if (status == NO_ERROR)
        *out_interface_index = index;
    return status == NO_ERROR ? 0 : WSAENETUNREACH;
}

/* ---- opening and closing ---- */

static int option_on(SOCKET socket, int level, int option)
{
    BOOL on = TRUE;
    return setsockopt(socket, level, option, (const char *)&on, sizeof(on));
}

/* What both families need. Returns 0 or the WinSock code, as those that follow. */
static int socket_configure(struct net_socket *socket, bool is_shared)
{
    static const GUID receive_message_id = WSAID_WSARECVMSG;
    BOOL off = FALSE;
    int size = NET_RECEIVE_BUFFER;
    DWORD bytes;
    GUID id = receive_message_id;

    if (option_on(socket->socket, SOL_SOCKET, is_shared ? SO_REUSEADDR : SO_EXCLUSIVEADDRUSE) !=
            0 ||
        WSAIoctl(socket->socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id),
                 &socket->receive_message, sizeof(socket->receive_message), &bytes, NULL,
                 NULL) != 0)
        return WSAGetLastError();
    /* Both only make things better: a refusal is no reason not to serve. */
    (void)setsockopt(socket->socket, SOL_SOCKET, SO_RCVBUF, (const char *)&size, sizeof(size));
    (void)WSAIoctl(socket->socket, SIO_UDP_CONNRESET, &off, sizeof(off), NULL, 0, &bytes, NULL,
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
        result = bind(socket->socket, (const struct sockaddr *)&ipv6, sizeof(ipv6));
    else
        result = bind(socket->socket, (const struct sockaddr *)&ipv4, sizeof(ipv4));
    return result == 0 ? 0 : WSAGetLastError();
}

static void receive_cancel(struct net_socket *socket, struct receive *receive)
{
    DWORD bytes, flags;

    if (receive->state == RECEIVE_OUTSTANDING &&
        CancelIoEx((HANDLE)socket->socket, &receive->overlapped))
        (void)WSAGetOverlappedResult(socket->socket, &receive->overlapped, &bytes, TRUE, &flags);
}

static void winsock_socket_close(struct net_socket *socket)
{
    for (uint32_t i = 0; i < socket->receive_count; i++)
        receive_cancel(socket, &socket->receives[i]);
    if (socket->socket != INVALID_SOCKET)
        closesocket(socket->socket);
    if (socket->woken != NULL)
        WSACloseEvent(socket->woken);
    for (uint32_t i = 0; i < socket->receive_count; i++)
        if (socket->receives[i].overlapped.hEvent != NULL)
            WSACloseEvent(socket->receives[i].overlapped.hEvent);
    mem_free(socket);
}

static bool events_create(struct net_socket *socket)
{
    socket->woken = WSACreateEvent();
    if (socket->woken == NULL)
        return false;
    for (uint32_t i = 0; i < socket->receive_count; i++) {
        socket->receives[i].overlapped.hEvent = WSACreateEvent();
        if (socket->receives[i].overlapped.hEvent == NULL)
            return false;
    }
    return true;
}

static uint32_t receives_here(void)
{
    return is_wine() ? RECEIVES_UNDER_WINE : RECEIVES_ON_WINDOWS;
}

/* What is not overlapped returns at once, with 10035 if it would have had to wait. */
static int unblock(SOCKET socket)
{
    u_long on = 1;
    return ioctlsocket(socket, (long)FIONBIO, &on) == 0 ? 0 : WSAGetLastError();
}

static int winsock_socket_open(const struct net_socket_spec *spec, struct net_socket **out_socket)
{
    const uint32_t count = spec->receives != 0 ? spec->receives : receives_here();
    struct net_socket *made = mem_alloc(sizeof(*made) + count * sizeof(made->receives[0]));
    int error;

    if (made == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    made->is_ipv6 = spec->is_ipv6;
    made->receive_count = count;
    made->socket = WSASocketW(spec->is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, IPPROTO_UDP, NULL, 0,
                              WSA_FLAG_OVERLAPPED);
    error = made->socket == INVALID_SOCKET || !events_create(made)
                ? WSAGetLastError()
                : socket_configure(made, spec->is_shared);
    if (error == 0)
        error = socket_configure_family(made);
    if (error == 0)
        error = socket_bind(made, spec);
    if (error == 0 && count == 1)
        error = unblock(made->socket);
    if (error != 0) {
        winsock_socket_close(made);
        return error;
    }
    *out_socket = made;
    return 0;
}

static int winsock_socket_join(struct net_socket *socket, const uint8_t *group,
                               const struct net_interface *nic)
{
    struct ipv6_mreq ipv6 = {.ipv6mr_interface = nic->index};
    struct ip_mreq ipv4;
    int result;

    if (socket->is_ipv6) {
        memcpy(&ipv6.ipv6mr_multiaddr, group, 16);
        result = setsockopt(socket->socket, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, (const char *)&ipv6,
                            sizeof(ipv6));
    } else {
        memcpy(&ipv4.imr_multiaddr, group, 4);
        memcpy(&ipv4.imr_interface, nic->ipv4, 4);
        result = setsockopt(socket->socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, (const char *)&ipv4,
                            sizeof(ipv4));
    }
    return result == 0 ? 0 : WSAGetLastError();
}

/* ---- receiving ---- */

/* What packet information tells; it is the only control data that was asked for. */
static void destination_read(struct receive *receive, struct net_buffer *buffer)
{
    WSACMSGHDR *header = &receive->control.header;
    IN_PKTINFO info4;
    struct in6_pktinfo info6;

    buffer->has_destination = false;
    if (receive->message.Control.len < sizeof(*header))
        return;
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
        memcpy(&info4, WSA_CMSG_DATA(header), sizeof(info4));
        memcpy(buffer->to.address, &info4.ipi_addr, 4);
        buffer->interface_index = info4.ipi_ifindex;
        buffer->has_destination = true;
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
        memcpy(&info6, WSA_CMSG_DATA(header), sizeof(info6));
        memcpy(buffer->to.address, &info6.ipi6_addr, 16);
        buffer->interface_index = info6.ipi6_ifindex;
        buffer->has_destination = true;
    }
}

static void buffer_fill(struct receive *receive, struct net_buffer *buffer)
{
    size_t fits = receive->length < buffer->capacity ? receive->length : buffer->capacity;

    memcpy(buffer->bytes, receive->bytes, fits);
    buffer->length = receive->length;
    buffer->rest = receive->bytes + fits;
    buffer->from = endpoint_of((const struct sockaddr *)&receive->source);
    destination_read(receive, buffer);
}

/* Asks for a datagram: it is outstanding, or done already. Without `overlapped`: 10035 if none is
 * there. */
static void receive_ask(struct net_socket *socket, struct receive *receive,
                        WSAOVERLAPPED *overlapped)
{
    receive->data = (WSABUF){.len = DATAGRAM_MAX, .buf = (char *)receive->bytes};
    receive->message = (WSAMSG){
        .name = (struct sockaddr *)&receive->source,
        .namelen = sizeof(receive->source),
        .lpBuffers = &receive->data,
        .dwBufferCount = 1,
        .Control = {.len = sizeof(receive->control), .buf = receive->control.bytes},
    };
    int result = socket->receive_message(socket->socket, &receive->message, &receive->length,
                                         overlapped, NULL);
    receive->error = result == 0 ? 0 : WSAGetLastError();
    receive->state = receive->error == WSA_IO_PENDING ? RECEIVE_OUTSTANDING : RECEIVE_DONE;
}

static void receive_begin(struct net_socket *socket, struct receive *receive)
{
    receive_ask(socket, receive, &receive->overlapped);
}

/* One that is outstanding: is it done, if it is waited for so long? */
static bool receive_end(struct net_socket *socket, struct receive *receive, uint32_t milliseconds)
{
    const WSAEVENT events[2] = {receive->overlapped.hEvent, socket->woken};
    DWORD flags;

    if (!HasOverlappedIoCompleted(&receive->overlapped) &&
        (milliseconds == 0 ||
         WaitForMultipleObjects(2, events, FALSE, milliseconds) != WAIT_OBJECT_0))
        return false;
    receive->error = WSAGetOverlappedResult(socket->socket, &receive->overlapped, &receive->length,
                                            FALSE, &flags)
                         ? 0
                         : WSAGetLastError();
    receive->state = RECEIVE_DONE;
    return true;
}

/* The receive that is next, for datagrams come in the order in which they were asked for; NULL:
 * none has come. It is idle again: its bytes are good until it is asked for another one. */
static struct receive *receive_next(struct net_socket *socket, uint32_t milliseconds)
{
    struct receive *receive = &socket->receives[socket->oldest];

    if (receive->state == RECEIVE_IDLE)
        receive_begin(socket, receive);
    if (receive->state == RECEIVE_OUTSTANDING && !receive_end(socket, receive, milliseconds))
        return NULL;
    receive->state = RECEIVE_IDLE;
    socket->oldest = (socket->oldest + 1) % socket->receive_count;
    return receive;
}

/* Behind those that are outstanding. */
static void receives_begin(struct net_socket *socket)
{
    for (uint32_t i = 0; i < socket->receive_count; i++) {
        struct receive *receive = &socket->receives[(socket->oldest + i) % socket->receive_count];
        if (receive->state == RECEIVE_IDLE)
            receive_begin(socket, receive);
    }
}

static bool concerns_no_other(int error)
{
    return error == WSAEMSGSIZE || error == WSAECONNRESET || error == WSAENETRESET;
}

/* Takes a datagram that was received. Returns 0 or the WinSock code that ends the receiving. */
static int datagram_take(struct receive *receive, struct net_buffer *buffers, size_t *count)
{
    if (receive->error != 0)
        return concerns_no_other(receive->error) ? 0 : receive->error;
    buffer_fill(receive, &buffers[(*count)++]);
    return 0;
}

/* The rest of one that is longer than its buffer is good until the next receive only. */
static bool is_full(const struct net_buffer *buffers, size_t count, size_t capacity)
{
    return count == capacity ||
           (count > 0 && buffers[count - 1].length > buffers[count - 1].capacity);
}

/* What the receives that are outstanding have got; waits for the first. */
static int several_take(struct net_socket *socket, struct net_buffer *buffers, size_t capacity,
                        uint32_t milliseconds, size_t *count)
{
    struct receive *receive;
    int error = 0;

    receives_begin(socket);
    while (error == 0 && !is_full(buffers, *count, capacity) &&
           (receive = receive_next(socket, *count > 0 ? 0 : milliseconds)) != NULL)
        error = datagram_take(receive, buffers, count);
    return error;
}

/* What is there, without waiting. */
static int rest_take(struct net_socket *socket, struct net_buffer *buffers, size_t capacity,
                     size_t *count)
{
    struct receive *receive = &socket->receives[0];
    int error = 0;

    while (error == 0 && !is_full(buffers, *count, capacity)) {
        receive_ask(socket, receive, NULL);
        receive->state = RECEIVE_IDLE;
        if (receive->error == WSAEWOULDBLOCK)
            break;
        error = datagram_take(receive, buffers, count);
    }
    return error;
}

/* The one that is waited for; what else is there if it did not have to be. */
static int single_take(struct net_socket *socket, struct net_buffer *buffers, size_t capacity,
                       uint32_t milliseconds, size_t *count)
{
    struct receive *receive = &socket->receives[0];
    const bool was_waiting = socket->was_waiting;

    if (receive->state == RECEIVE_IDLE)
        receive_begin(socket, receive);
    socket->was_waiting = receive->state == RECEIVE_DONE;
    if (receive_next(socket, milliseconds) == NULL)
        return 0;
    int error = datagram_take(receive, buffers, count);
    return error == 0 && was_waiting && socket->was_waiting
               ? rest_take(socket, buffers, capacity, count)
               : error;
}

/* Takes what is there, then waits for one if there was none. A copy on the way to the buffer is
 * nothing beside what the receive itself costs, and lets it go on with no buffer of the caller's.
 */
static int winsock_socket_receive(struct net_socket *socket, struct net_buffer *buffers,
                                  size_t capacity, uint32_t milliseconds, size_t *out_count)
{
    *out_count = 0;
    return (socket->receive_count > 1 ? several_take : single_take)(socket, buffers, capacity,
                                                                    milliseconds, out_count);
}

static void winsock_socket_wake(struct net_socket *socket)
{
    WSASetEvent(socket->woken);
}

/* ---- sending ---- */

/* The room for what is to be sent is full; a socket that does not block says so. */
static int wait_and_send(struct net_socket *socket, const struct net_outgoing *datagram,
                         const struct sockaddr *address, int address_size)
{
    WSABUF data = {.len = (ULONG)datagram->length, .buf = (char *)(uintptr_t)datagram->bytes};
    WSAOVERLAPPED overlapped = {.hEvent = WSACreateEvent()};
    DWORD sent, flags;
    int error = 0;

    if (overlapped.hEvent == NULL)
        return WSAGetLastError();
    if (WSASendTo(socket->socket, &data, 1, &sent, 0, address, address_size, &overlapped, NULL) !=
        0)
        error = WSAGetLastError();
    if (error == WSA_IO_PENDING)
        error = WSAGetOverlappedResult(socket->socket, &overlapped, &sent, TRUE, &flags)
                    ? 0
                    : WSAGetLastError();
    WSACloseEvent(overlapped.hEvent);
    return error;
}

/* From the address that the socket is bound to, or the system's choice: Wine would ignore another.
 */
static int datagram_send(struct net_socket *socket, const struct net_outgoing *datagram)
{
    const struct net_endpoint *to = &datagram->to;
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(to->port)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(to->port)};
    const struct sockaddr *address = (const struct sockaddr *)&ipv4;
    int address_size = sizeof(ipv4);

    memcpy(&ipv4.sin_addr, to->address, 4);
    if (socket->is_ipv6) {
        memcpy(&ipv6.sin6_addr, to->address, 16);
        ipv6.sin6_scope_id = to->scope;
        address = (const struct sockaddr *)&ipv6;
        address_size = sizeof(ipv6);
    }
    if (sendto(socket->socket, (const char *)datagram->bytes, (int)datagram->length, 0, address,
               address_size) == (int)datagram->length)
        return 0;
    int error = WSAGetLastError();
    return error == WSAEWOULDBLOCK ? wait_and_send(socket, datagram, address, address_size) : error;
}

static int winsock_socket_send(struct net_socket *socket, const struct net_outgoing *datagrams,
                               size_t count, size_t *out_sent)
{
    int error = 0;

    for (*out_sent = 0; *out_sent < count; ++*out_sent)
        if ((error = datagram_send(socket, &datagrams[*out_sent])) != 0)
            break;
    return error;
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
    struct net_watch *watch = mem_alloc(sizeof(*watch));

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
    DWORD result = WaitForMultipleObjects(count, events, FALSE, milliseconds);
    if (result == WAIT_OBJECT_0)
        return NET_NEWS_END;
    if (result == WAIT_TIMEOUT)
        return NET_NEWS_NONE;
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

const struct net_backend backend_winsock = {
    .name = "Winsock",
    .watch_tells_all = false, /* Wine's tells of IPv4 addresses only */
    .startup = winsock_startup,
    .cleanup = winsock_cleanup,
    .addresses_read = winsock_addresses_read,
    .route_find = winsock_route_find,
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
