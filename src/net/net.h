/*
 * The server's sockets. IPv4: one per interface and port, for that interface alone, so that
 * broadcasts leave by the interface that their request came in on; packet information on receiving
 * tells broadcasts from unicasts. What is for another subnet leaves as the routing table says.
 * IPv6: one per port for all interfaces, with the DHCPv6 multicast groups joined on each; packet
 * information tells the interface, and the scope id sends the reply back there.
 *
 * Interfaces and addresses that come while the server runs are served, those that go are left; what
 * cannot be bound is tried again. What is done here is the same whatever the network is made of
 * (backend.h); the threads that receive and handle are those of crew.h.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "net/backend.h"
#include "net/intake.h"
#include "engine/ports.h"
#include "registry/rules.h"

struct net;

enum net_choice { NET_BEST, NET_ONLY_WINSOCK, NET_ONLY_NATIVE };

struct net_config {
    enum net_choice choice;
    uint16_t dhcp_port; /* host order; 0: not listened on, as each of them */
    uint16_t boot_server_port;
    uint16_t dhcp6_port;
    bool with_ipv6;
    bool shares_ports;                     /* with whoever shares them, too */
    const struct net_endpoint *interfaces; /* addresses of those to listen on; copied */
    size_t interface_count;                /* 0: those that the rules allow */
    struct bind_rules rules;               /* their list is live until the end, or net_rebind */
    const struct rule_list *groups; /* of multicast, for the boot server port; live until the end */
};

struct net_events {
    void *context;
    void (*receive)(void *context, const struct datagram *datagram); /* on a thread of the net's */
    /* About once in a second with traffic, and after it for as long as there is still something to
     * look at: it returns whether there is. */
    bool (*second)(void *context);
    /* Once in a second with traffic: all threads, `threads` of them, are in callbacks that do not
     * return while there is work, so many datagrams at least; 0: they are not. */
    void (*all_held)(void *context, uint32_t threads, uint32_t waiting);
    void (*log)(void *context, uint32_t severity, const char *text);
    /* net_send had said that it was sent (outbox.h). */
    void (*send_failed)(void *context, const struct net_outgoing *reply, pxe_status status);
    struct intake_counters *dropped; /* counts what had to be dropped before it was handled */
};

/* Opens and binds all sockets or none; nothing is received yet. The reason of a failure is logged.
 * Only IPv6 may be missing afterwards, with a warning: a machine without it serves IPv4, and tries
 * IPv6 again (docs/behaviour.md, CHOICE-8.16).
 *   PXE_NOT_FOUND      no interface to listen on, or an address that this machine does not have
 *   PXE_NOT_SUPPORTED  NET_ONLY_NATIVE where there is no native network
 *   otherwise          the WinSock code */
pxe_status net_open(const struct net_config *config, const struct net_events *events,
                    struct net **out_net);

/* What the network is made of. */
struct net_kind {
    const char *name;       /* "native", "Winsock" */
    const char *not_native; /* why it is not the native half, where it should be; else "" */
};

struct net_kind net_kind(const struct net *net);

/* Starts receiving. PXE_NOT_ENOUGH_MEMORY: no thread; the caller closes. */
pxe_status net_start(struct net *net);

/* Of a running network: other rules from now on, copied as those of net_config are. What they allow
 * is opened, what they do not allow is left; on return the list of the rules before is not used any
 * more. Not at the same time as net_stop. */
void net_rebind(struct net *net, const struct bind_rules *rules);

/* Receives no more; sending still works. */
void net_stop(struct net *net);

/* Waits for the threads and closes the sockets. One that is still inside a callback after
 * `milliseconds` is left to itself, with all that belongs to it. */
void net_close(struct net *net, uint32_t milliseconds);

/* net_port.send; `context` is the net. PXE_NOT_FOUND: the link's interface or address has gone.
 * From a thread of the net's it may leave a little later, with others (outbox.h). */
pxe_status net_send(void *context, const struct net_reply *reply);

#endif
