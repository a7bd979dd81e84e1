/*
 * What the server needs of a network, in plain types: net.c is written on top of it and does not
 * know which one it has. There are two: Windows' sockets (backend_winsock.c), and, under Wine, the
 * native half (backend_native.c), which spares each datagram its way through Wine's server.
 *
 * Functions return 0 or the WinSock code. A socket is received from by one thread at a time;
 * sending and waking may happen on any, at any time between opening and closing.
 */
#ifndef NET_BACKEND_H
#define NET_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/endpoint.h"
#include "net/interfaces.h"

enum {
    NET_BATCH = 32,               /* datagrams that one call may receive */
    NET_RECEIVE_BUFFER = 4 << 20, /* bytes: rides out a burst of some thousand requests */
    NET_FOREVER = UINT32_MAX,     /* for waits in milliseconds */
};

/* Which datagrams a socket is for. */
struct net_socket_spec {
    bool is_ipv6;
    uint16_t port;            /* host order */
    bool is_shared;           /* others who say so, too, may have the port */
    uint32_t interface_index; /* IPv4: the one interface that it is for */
    uint8_t address[4];       /* its primary one */
    uint32_t receives;        /* Winsock: to be kept outstanding; 0: what suits the platform */
};

/* Where to receive one datagram, and what came. */
struct net_buffer {
    uint8_t *bytes;
    size_t capacity;
    size_t length;       /* may be more than the capacity; what is beyond lies at `rest` */
    const uint8_t *rest; /* until the next call */
    struct net_endpoint from;
    bool has_destination;
    struct net_endpoint to;   /* only its address: the destination in the IP header */
    uint32_t interface_index; /* where it came in */
};

/* A datagram to be sent. */
struct net_outgoing {
    struct net_endpoint from; /* an address of this machine: what the request was sent to */
    struct net_endpoint to;
    uint32_t interface_index; /* IPv4 only: it leaves by this interface, which is the socket's own
                                 unless is_free_to_send */
    const uint8_t *bytes;
    size_t length;
};

enum net_news { NET_NEWS_NONE /* in that time */, NET_NEWS_CHANGE, NET_NEWS_END /* woken */ };

struct net_socket;
struct net_watch;

struct net_backend {
    const char *name;

    int (*startup)(void);
    void (*cleanup)(void);

    bool is_free_to_send; /* a socket for one interface sends by any, from any address */
    bool sends_batches;   /* several datagrams at once cost less than one by one */
    bool watch_tells_all; /* else some changes are seen only by who looks himself */

    /* Reads all addresses of this machine, first of all an interface's primary one. */
    int (*addresses_read)(struct interface_address *out_addresses, size_t capacity,
                          size_t *out_count);

    /* IPv4: the interface by which the routing table sends what is from `from` to `to`. 10051 or
     * 10065: by none. */
    int (*route_find)(const struct net_endpoint *from, const struct net_endpoint *to,
                      uint32_t *out_interface_index);

    /* An exclusive port, unless it is shared: no other socket can have it, and none that somebody
     * has is shared. */
    int (*socket_open)(const struct net_socket_spec *spec, struct net_socket **out_socket);
    /* A multicast group of the socket's family, on one interface; 10048: it is in it already. */
    int (*socket_join)(struct net_socket *socket, const uint8_t *group,
                       const struct net_interface *nic);
    /*
     * Waits for at least one datagram and takes what is there, `capacity` at most (<= NET_BATCH).
     * 0 datagrams: the time is up or the socket was woken. One that is lost in a way that concerns
     * no other (an ICMP message, a truncation) is no error.
     */
    int (*socket_receive)(struct net_socket *socket, struct net_buffer *buffers, size_t capacity,
                          uint32_t milliseconds, size_t *out_count);
    /* Ends this and every later wait of socket_receive. */
    void (*socket_wake)(struct net_socket *socket);
    /* Sends them in their order. An error is that of datagrams[*out_sent]: those before it have
     * been sent, those behind it have not been tried. */
    int (*socket_send)(struct net_socket *socket, const struct net_outgoing *datagrams,
                       size_t count, size_t *out_sent);
    void (*socket_close)(struct net_socket *socket);

    /* Tells when addresses or interfaces have come or gone since it was opened or last told. */
    int (*watch_open)(struct net_watch **out_watch);
    enum net_news (*watch_wait)(struct net_watch *watch, uint32_t milliseconds);
    /* Ends this and every later wait. */
    void (*watch_wake)(struct net_watch *watch);
    void (*watch_close)(struct net_watch *watch);
};

extern const struct net_backend backend_winsock;

/* Why there is no native network here. */
struct native_refusal {
    const char *reason; /* in a few words */
    bool is_fault;      /* there could be one: somebody should see to it */
};

/* NULL where it does not work. */
const struct net_backend *backend_native_load(struct native_refusal *out_refusal);

#endif
