/*
 * The native half: what backend.h asks, with Linux' own calls. A call from Windows' side runs
 * here on the thread that made it, so everything that may block is ended by an eventfd.
 */
#define _GNU_SOURCE
#include "net/native/half.h"
#include "net/native/errors.h"
#include "net/native/port_holders.h"
#include "net/native/route.h"
#include "net/native/termination.h"

#include <assert.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static_assert(sizeof(void *) == 8 && sizeof(struct net_endpoint) == 24, "as Windows' side has it");

enum {
    DATAGRAM_MAX = 65536,
    CONTROL_SIZE = CMSG_SPACE(sizeof(struct in6_pktinfo)), /* IPv4's is smaller */
};

struct net_socket {
    int descriptor;
    _Atomic bool is_woken; /* for good */
    bool is_ipv6;
    uint8_t *rests; /* NET_BATCH times what a buffer had no room for */
    struct mmsghdr messages[NET_BATCH];
    struct iovec parts[NET_BATCH][2];
    struct sockaddr_in6 names[NET_BATCH];
    _Alignas(struct cmsghdr) uint8_t controls[NET_BATCH][CONTROL_SIZE];
};

static int64_t clock_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for one of two descriptors (the second may be -1: none); which is readable, the second
 * first; -1: the time is up. Wine interrupts threads by signals. */
static int wait_for(int first, int second, uint32_t milliseconds)
{
    struct pollfd waited[2] = {{.fd = first, .events = POLLIN}, {.fd = second, .events = POLLIN}};
    int64_t end = clock_milliseconds() + milliseconds;

    for (;;) {
        int64_t left = end - clock_milliseconds();
        int timeout = milliseconds == NET_FOREVER ? -1 : left < 0 ? 0 : (int)left;
        int ready = poll(waited, 2, timeout);
        if (ready > 0)
            return waited[1].revents != 0 ? second : first;
        if (ready == 0 || errno != EINTR)
            return -1;
    }
}

/* ---- interfaces ---- */

static uint8_t prefix_length(const struct sockaddr *mask)
{
    const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)(const void *)mask;
    return mask == NULL ? 32 : (uint8_t)__builtin_popcount(ipv4->sin_addr.s_addr);
}

static uint8_t prefix_length6(const struct sockaddr *mask)
{
    struct sockaddr_in6 ipv6;
    unsigned bits = 0;

    if (mask == NULL)
        return 128;
    memcpy(&ipv6, mask, sizeof(ipv6));
    for (size_t i = 0; i < sizeof(ipv6.sin6_addr); i++)
        bits += (unsigned)__builtin_popcount(ipv6.sin6_addr.s6_addr[i]);
    return (uint8_t)bits;
}

static bool address_take(const struct ifaddrs *entry, struct interface_address *out_address)
{
    struct interface_address address = {
        .interface_index = if_nametoindex(entry->ifa_name),
        .is_up = (entry->ifa_flags & IFF_UP) != 0 && (entry->ifa_flags & IFF_LOOPBACK) == 0,
    };
    struct sockaddr_in6 ipv6;
    struct sockaddr_in ipv4;

    if (entry->ifa_addr == NULL || address.interface_index == 0)
        return false;
    if (entry->ifa_addr->sa_family == AF_INET) {
        memcpy(&ipv4, entry->ifa_addr, sizeof(ipv4));
        memcpy(address.address.address, &ipv4.sin_addr, 4);
        address.address.length = 4;
        address.prefix_length = prefix_length(entry->ifa_netmask);
    } else if (entry->ifa_addr->sa_family == AF_INET6) {
        memcpy(&ipv6, entry->ifa_addr, sizeof(ipv6));
        memcpy(address.address.address, &ipv6.sin6_addr, 16);
        address.address.length = 16;
        address.prefix_length = prefix_length6(entry->ifa_netmask);
    } else {
        return false;
    }
    *out_address = address;
    return true;
}

/* What the packet entry of the same name has: there is one per interface. */
static void mac_take(const struct ifaddrs *entries, const char *name,
                     struct interface_address *address)
{
    struct sockaddr_ll link;

    for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next) {
        if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != AF_PACKET ||
            strcmp(entry->ifa_name, name) != 0)
            continue;
        memcpy(&link, entry->ifa_addr, sizeof(link));
        if (link.sll_halen == sizeof(address->mac)) {
            address->mac_length = sizeof(address->mac);
            memcpy(address->mac, link.sll_addr, sizeof(address->mac));
        }
    }
}

static int32_t addresses_read(void *arguments)
{
    struct native_addresses_read *call = arguments;
    struct ifaddrs *entries;

    if (getifaddrs(&entries) != 0)
        return winsock_error(errno);
    call->count = 0;
    for (const struct ifaddrs *entry = entries; entry != NULL; entry = entry->ifa_next)
        if (call->count < call->capacity && address_take(entry, &call->addresses[call->count]))
            mac_take(entries, entry->ifa_name, &call->addresses[call->count++]);
    freeifaddrs(entries);
    return 0;
}

/* ---- opening and closing ---- */

static bool option_on(int descriptor, int level, int option)
{
    const int on = 1;
    return setsockopt(descriptor, level, option, &on, sizeof(on)) == 0;
}

/* Beyond the system's limit if we may. A smaller one is no reason not to serve. */
static void receive_buffer_set(int descriptor)
{
    const int size = NET_RECEIVE_BUFFER;

    if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
        (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* To no address, or broadcasts would not come in, but to the interface. */
static bool bind_ipv4(int descriptor, const struct net_socket_spec *spec)
{
    const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(spec->port)};
    char name[IF_NAMESIZE];

    return (!spec->is_shared || option_on(descriptor, SOL_SOCKET, SO_REUSEADDR)) &&
           option_on(descriptor, SOL_SOCKET, SO_BROADCAST) &&
           option_on(descriptor, IPPROTO_IP, IP_PKTINFO) &&
           if_indextoname(spec->interface_index, name) != NULL &&
           setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name, (socklen_t)strlen(name)) ==
               0 &&
           bind(descriptor, (const struct sockaddr *)&any, sizeof(any)) == 0;
}

static bool bind_ipv6(int descriptor, const struct net_socket_spec *spec)
{
    const struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(spec->port)};

    return (!spec->is_shared || option_on(descriptor, SOL_SOCKET, SO_REUSEADDR)) &&
           option_on(descriptor, IPPROTO_IPV6, IPV6_V6ONLY) &&
           option_on(descriptor, IPPROTO_IPV6, IPV6_RECVPKTINFO) &&
           bind(descriptor, (const struct sockaddr *)&any, sizeof(any)) == 0;
}

static void socket_free(struct net_socket *socket)
{
    if (socket->descriptor >= 0)
        close(socket->descriptor);
    if (socket->rests != NULL)
        munmap(socket->rests, (size_t)NET_BATCH * DATAGRAM_MAX);
    free(socket);
}

/* Address space only: no client sends datagrams that need it. */
static bool rests_map(struct net_socket *socket)
{
    void *mapped = mmap(NULL, (size_t)NET_BATCH * DATAGRAM_MAX, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (mapped == MAP_FAILED)
        return false;
    socket->rests = mapped;
    return true;
}

static void messages_prepare(struct net_socket *socket)
{
    for (size_t i = 0; i < NET_BATCH; i++) {
        socket->parts[i][1].iov_base = socket->rests + i * DATAGRAM_MAX;
        socket->parts[i][1].iov_len = DATAGRAM_MAX;
        socket->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &socket->names[i],
            .msg_iov = socket->parts[i],
            .msg_iovlen = 2,
            .msg_control = socket->controls[i],
        };
    }
}

static int32_t socket_open(void *arguments)
{
    struct native_socket_open *call = arguments;
    const struct net_socket_spec *spec = call->spec;
    struct net_socket *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return winsock_error(ENOMEM);
    made->is_ipv6 = spec->is_ipv6;
    made->descriptor = socket(spec->is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (made->descriptor < 0 || !rests_map(made) ||
        !(spec->is_ipv6 ? bind_ipv6 : bind_ipv4)(made->descriptor, spec)) {
        int32_t error = winsock_error(errno);
        socket_free(made);
        return error;
    }
    receive_buffer_set(made->descriptor);
    messages_prepare(made);
    call->socket = made;
    return 0;
}

static int32_t socket_close(void *arguments)
{
    const struct native_socket *call = arguments;

    socket_free(call->socket);
    return 0;
}

static int32_t socket_join(void *arguments)
{
    const struct native_socket_join *call = arguments;
    struct ipv6_mreq ipv6 = {.ipv6mr_interface = call->nic->index};
    struct ip_mreqn ipv4 = {.imr_ifindex = (int)call->nic->index};
    const int descriptor = call->socket->descriptor;
    int result;

    if (call->socket->is_ipv6) {
        memcpy(&ipv6.ipv6mr_multiaddr, call->group, 16);
        result = setsockopt(descriptor, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &ipv6, sizeof(ipv6));
    } else {
        memcpy(&ipv4.imr_multiaddr, call->group, 4);
        result = setsockopt(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, &ipv4, sizeof(ipv4));
    }
    return result == 0 ? 0 : winsock_error(errno);
}

static void wake_up(int descriptor)
{
    const uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof(one));

    (void)written; /* it can only fail when it is readable already */
}

/* The end of receiving, not of sending. It fails for a socket that is not connected, but not before
 * it has woken who waits in it: then, and from then on, nothing is received. */
static int32_t socket_wake(void *arguments)
{
    const struct native_socket *call = arguments;

    atomic_store(&call->socket->is_woken, true);
    (void)shutdown(call->socket->descriptor, SHUT_RD);
    return 0;
}

/* ---- receiving ---- */

static void destination_read(struct msghdr *header, struct net_buffer *buffer)
{
    struct in_pktinfo info4;
    struct in6_pktinfo info6;

    buffer->has_destination = false;
    for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control != NULL;
         control = CMSG_NXTHDR(header, control)) {
        if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
            memcpy(&info4, CMSG_DATA(control), sizeof(info4));
            memcpy(buffer->to.address, &info4.ipi_addr, 4);
            buffer->interface_index = (uint32_t)info4.ipi_ifindex;
            buffer->has_destination = true;
        } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
            memcpy(&info6, CMSG_DATA(control), sizeof(info6));
            memcpy(buffer->to.address, &info6.ipi6_addr, 16);
            buffer->interface_index = info6.ipi6_ifindex;
            buffer->has_destination = true;
        }
    }
}

static void source_read(const struct sockaddr_in6 *name, struct net_endpoint *out_from)
{
    struct net_endpoint from = {0};
    struct sockaddr_in ipv4;

    if (name->sin6_family == AF_INET) {
        memcpy(&ipv4, name, sizeof(ipv4));
        memcpy(from.address, &ipv4.sin_addr, 4);
        from.length = 4;
        from.port = ntohs(ipv4.sin_port);
    } else {
        memcpy(from.address, &name->sin6_addr, 16);
        from.length = 16;
        from.port = ntohs(name->sin6_port);
    }
    *out_from = from;
}

/* Where the next datagrams go: `capacity` of them at most. */
static void batch_prepare(struct net_socket *socket, struct net_buffer *buffers, size_t capacity)
{
    for (size_t i = 0; i < capacity; i++) {
        struct msghdr *header = &socket->messages[i].msg_hdr;
        socket->parts[i][0] = (struct iovec){buffers[i].bytes, buffers[i].capacity};
        header->msg_namelen = sizeof(socket->names[i]);
        header->msg_controllen = CONTROL_SIZE;
    }
}

static void batch_read(struct net_socket *socket, struct net_buffer *buffers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffers[i].length = socket->messages[i].msg_len;
        buffers[i].rest = socket->parts[i][1].iov_base;
        source_read(&socket->names[i], &buffers[i].from);
        destination_read(&socket->messages[i].msg_hdr, &buffers[i]);
    }
}

/* Interrupted, or a message about something that was sent: it is gone now. */
static bool is_passing(int error)
{
    return error == EINTR || error == ECONNREFUSED || error == EHOSTUNREACH;
}

/* One call waits for the first datagram and takes what else is there. Only a wait with an end needs
 * another one before it. */
static int32_t socket_receive(void *arguments)
{
    struct native_socket_receive *call = arguments;
    struct net_socket *socket = call->socket;
    const bool is_endless = call->milliseconds == NET_FOREVER;
    int count;

    call->count = 0;
    if (!is_endless && call->milliseconds > 0 &&
        wait_for(socket->descriptor, -1, call->milliseconds) < 0)
        return 0;
    do {
        batch_prepare(socket, call->buffers, call->capacity);
        count = recvmmsg(socket->descriptor, socket->messages, (unsigned)call->capacity,
                         is_endless ? MSG_WAITFORONE : MSG_DONTWAIT, NULL);
        if (atomic_load(&socket->is_woken))
            return 0;
    } while (count < 0 && is_passing(errno));
    if (count < 0)
        return errno == EAGAIN ? 0 : winsock_error(errno);
    batch_read(socket, call->buffers, (size_t)count);
    call->count = (size_t)count;
    return 0;
}

/* ---- sending ---- */

/* One datagram as sendmmsg wants it; `message` points into it. */
struct departure {
    union {
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } to;
    struct iovec part;
    union {
        struct cmsghdr header;
        uint8_t bytes[CONTROL_SIZE];
    } control;
};

/* Packet information chooses the interface and the address to send from. */
static void control_write(struct departure *departure, struct msghdr *message, int level, int type,
                          const void *info, size_t info_size)
{
    departure->control.header =
        (struct cmsghdr){.cmsg_len = CMSG_LEN(info_size), .cmsg_level = level, .cmsg_type = type};
    memcpy(CMSG_DATA(&departure->control.header), info, info_size);
    message->msg_control = &departure->control;
    message->msg_controllen = CMSG_SPACE(info_size);
}

static void depart_ipv4(const struct net_outgoing *datagram, struct departure *departure,
                        struct msghdr *message)
{
    struct in_pktinfo info = {.ipi_ifindex = (int)datagram->interface_index};

    departure->to.ipv4 =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(datagram->to.port)};
    memcpy(&departure->to.ipv4.sin_addr, datagram->to.address, 4);
    memcpy(&info.ipi_spec_dst, datagram->from.address, 4);
    message->msg_namelen = sizeof(departure->to.ipv4);
    control_write(departure, message, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
}

static void depart_ipv6(const struct net_outgoing *datagram, struct departure *departure,
                        struct msghdr *message)
{
    struct in6_pktinfo info = {.ipi6_ifindex = datagram->from.scope};

    departure->to.ipv6 = (struct sockaddr_in6){
        .sin6_family = AF_INET6,
        .sin6_port = htons(datagram->to.port),
        .sin6_scope_id = datagram->to.scope,
    };
    memcpy(&departure->to.ipv6.sin6_addr, datagram->to.address, 16);
    memcpy(&info.ipi6_addr, datagram->from.address, 16);
    message->msg_namelen = sizeof(departure->to.ipv6);
    control_write(departure, message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

static void depart(const struct net_socket *socket, const struct net_outgoing *datagram,
                   struct departure *departure, struct msghdr *message)
{
    departure->part = (struct iovec){(void *)(uintptr_t)datagram->bytes, datagram->length};
    *message =
        (struct msghdr){.msg_name = &departure->to, .msg_iov = &departure->part, .msg_iovlen = 1};
    (socket->is_ipv6 ? depart_ipv6 : depart_ipv4)(datagram, departure, message);
}

/* NET_BATCH at most; how many, or -1: errno is about the first. */
static int batch_send(const struct net_socket *socket, const struct net_outgoing *datagrams,
                      size_t count)
{
    struct mmsghdr messages[NET_BATCH];
    struct departure departures[NET_BATCH];
    int sent;

    for (size_t i = 0; i < count; i++)
        depart(socket, &datagrams[i], &departures[i], &messages[i].msg_hdr);
    do
        sent = sendmmsg(socket->descriptor, messages, (unsigned)count, 0);
    while (sent < 0 && errno == EINTR);
    return sent;
}

static int32_t socket_send(void *arguments)
{
    struct native_socket_send *call = arguments;

    for (call->sent = 0; call->sent < call->count;) {
        const size_t left = call->count - call->sent;
        int sent = batch_send(call->socket, call->datagrams + call->sent,
                              left < NET_BATCH ? left : NET_BATCH);
        if (sent < 0)
            return winsock_error(errno);
        call->sent += (size_t)sent;
    }
    return 0;
}

/* ---- changes of interfaces ---- */

struct net_watch {
    int descriptor;
    int wake;
};

static int32_t watch_open(void *arguments)
{
    struct native_watch *call = arguments;
    struct net_watch *made = malloc(sizeof(*made));
    const struct sockaddr_nl groups = {
        .nl_family = AF_NETLINK,
        .nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR,
    };

    if (made == NULL)
        return winsock_error(ENOMEM);
    made->wake = eventfd(0, EFD_CLOEXEC);
    made->descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (made->wake >= 0 && made->descriptor >= 0 &&
        bind(made->descriptor, (const struct sockaddr *)&groups, sizeof(groups)) == 0) {
        call->watch = made;
        return 0;
    }
    int32_t error = winsock_error(errno);
    if (made->wake >= 0)
        close(made->wake);
    if (made->descriptor >= 0)
        close(made->descriptor);
    free(made);
    return error;
}

/* What has changed is read from the system, whole; the messages only tell that something has. */
static int32_t watch_wait(void *arguments)
{
    struct native_watch_wait *call = arguments;
    const struct net_watch *watch = call->watch;
    char message[8192];
    int ready = wait_for(watch->descriptor, watch->wake, call->milliseconds);

    call->news = ready == watch->wake         ? NET_NEWS_END
                 : ready == watch->descriptor ? NET_NEWS_CHANGE
                                              : NET_NEWS_NONE;
    if (call->news == NET_NEWS_CHANGE)
        while (recv(watch->descriptor, message, sizeof(message), MSG_DONTWAIT) >= 0)
            continue;
    return 0;
}

static int32_t watch_wake(void *arguments)
{
    const struct native_watch *call = arguments;

    wake_up(call->watch->wake);
    return 0;
}

static int32_t watch_close(void *arguments)
{
    struct native_watch *call = arguments;

    close(call->watch->descriptor);
    close(call->watch->wake);
    free(call->watch);
    return 0;
}

/* ---- all of it ---- */

const struct native_half *native_half_get(void)
{
    static const struct native_half half = {
        .version = NATIVE_VERSION,
        .buffer_size = sizeof(struct net_buffer),
        .outgoing_size = sizeof(struct net_outgoing),
        .functions =
            {
                [NATIVE_ADDRESSES_READ] = addresses_read,
                [NATIVE_ROUTE_FIND] = route_find,
                [NATIVE_SOCKET_OPEN] = socket_open,
                [NATIVE_SOCKET_JOIN] = socket_join,
                [NATIVE_SOCKET_RECEIVE] = socket_receive,
                [NATIVE_SOCKET_WAKE] = socket_wake,
                [NATIVE_SOCKET_SEND] = socket_send,
                [NATIVE_SOCKET_CLOSE] = socket_close,
                [NATIVE_WATCH_OPEN] = watch_open,
                [NATIVE_WATCH_WAIT] = watch_wait,
                [NATIVE_WATCH_WAKE] = watch_wake,
                [NATIVE_WATCH_CLOSE] = watch_close,
                [NATIVE_TERMINATION_CATCH] = termination_catch,
                [NATIVE_TERMINATION_WAIT] = termination_wait,
                [NATIVE_PORT_HOLDERS] = port_holders,
            },
    };
    return &half;
}
