/*
 * The server's sockets. IPv4: one per chosen interface and port, bound to the interface's primary
 * address, so that a reply leaves by the interface that its request came in on (Wine ignores packet
 * information on sending); packet information on receiving tells broadcasts from unicasts. IPv6: one
 * per port, bound to no address, with the DHCPv6 multicast groups joined on each chosen interface;
 * packet information tells the interface, and the scope id sends the reply back there.
 *
 * Each socket is read by the thread that also handles the datagram. Whoever takes the last waiting
 * place starts another thread, up to a limit, so that a slow provider does not stop the others.
 */
#ifndef WIN32_NET_WINSOCK_H
#define WIN32_NET_WINSOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/ports.h"

struct net;

struct net_config {
    uint16_t dhcp_port; /* host order */
    uint16_t boot_server_port;
    uint16_t dhcp6_port;
    bool with_ipv6;
    const struct net_endpoint *interfaces; /* addresses of those to listen on */
    size_t interface_count;                /* 0: every interface that is up, without loopback */
};

struct net_events {
    void *context;
    void (*receive)(void *context, const struct datagram *datagram); /* on a thread of the net's */
    void (*log)(void *context, uint32_t severity, const char *text);
};

/* Opens and binds all sockets or none; nothing is received yet. The reason of a failure is logged.
 * Only IPv6 may be missing afterwards, with a warning: a machine without it serves IPv4.
 *   PXE_NOT_FOUND  no interface to listen on, or an address that this machine does not have
 *   otherwise      the WinSock code */
pxe_status net_open(const struct net_config *config, const struct net_events *events,
                    struct net **out_net);

/* Starts receiving. PXE_NOT_ENOUGH_MEMORY: no thread; the caller closes. */
pxe_status net_start(struct net *net);

/* Receives no more; sending still works. */
void net_stop(struct net *net);

/* Closes the sockets and waits for the threads. One that is still inside a callback after
 * `milliseconds` is left to itself, with all that belongs to it. */
void net_close(struct net *net, uint32_t milliseconds);

/* net_port.send; `context` is not used. */
pxe_status net_send(void *context, const struct net_reply *reply);

/* Is the calling thread one of the net's? */
bool net_owns_this_thread(void);

#endif
