/*
 * One socket of the server's, and what it makes of the datagrams that come in. A link's memory
 * outlives its socket: it may be opened again, and whoever still knows it by its earlier name is
 * refused.
 */
#ifndef NET_LINK_H
#define NET_LINK_H

#include <windows.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/printf_like.h"
#include "base/status.h"
#include "engine/ports.h"
#include "net/crew.h"
#include "net/interfaces.h"
#include "net/backend.h"
#include "net/route_cache.h"

enum { SERVER_PORTS = 3 };

/* What all links of a network share. */
struct net_site {
    const struct net_backend *backend;
    void *context;
    void (*log)(void *context, uint32_t severity, const char *text);
    void (*send_failed)(void *context, const struct net_outgoing *reply, pxe_status status);
    bool shares_ports;
    const struct rule_list *groups; /* IPv4 multicast groups that the boot server port joins */
    uint16_t ports[SERVER_PORTS];   /* that the server listens on; 0: none */
    SRWLOCK lock;                   /* guards interfaces */
    struct interface_list interfaces;
    struct route_cache routes;
};

struct link {
    const struct net_site *site;
    uint32_t number; /* from 1 to 255 */
    bool is_wanted;  /* open, or to be opened when that works */
    bool is_ipv6;
    bool is_boot_server_port;
    uint16_t port;            /* host order */
    struct net_interface nic; /* IPv4 only: the one it is for */
    struct crew_source source;

    /* link.c's own */
    SRWLOCK lock; /* shared: sending; exclusive: opening and closing */
    struct net_socket *socket;
    uint32_t generation;
    pxe_status told_status; /* the failure that link_log_open told last; PXE_OK: none */
    int last_error;         /* of receiving */
    struct net_buffer buffers[NET_BATCH];
};

/* One line of the log, printf-style. */
void site_log(const struct net_site *site, uint32_t severity, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* From now on it is wanted, for this; site and number are set, and it is not open. `nic`: NULL for
 * IPv6. */
void link_assign(struct link *link, const struct net_interface *nic, uint16_t port,
                 bool is_boot_server_port);
/* Opens the socket of a link that is assigned; the source is ready to be added to a crew. Returns
 * PXE_OK or the WinSock code. */
pxe_status link_open(struct link *link);
/* Logs what came of opening it: a failure as an error if it is vital, else as a warning: it will be
 * tried again. The same failure as the last time is not told again; that it works after one is a
 * warning, too. */
void link_log_open(struct link *link, bool is_vital, pxe_status status);
bool link_is_open(const struct link *link);
/* Joins the multicast groups of its family and port on an interface; says so if it cannot. */
void link_join(struct link *link, const struct net_interface *nic);
/* Makes a thread that receives return at once, now and until the socket is closed. */
void link_wake(struct link *link);
/* Nobody receives any more. Harmless if it is closed. */
void link_close(struct link *link);

/* The name that datagrams carry, and the number in a name. */
link_id link_id_of(const struct link *link);
uint32_t link_number_of(link_id name);
/* Datagrams of the link's family. PXE_NOT_FOUND: `name` is not, or no longer, this link's; else the
 * WinSock code, which is that of datagrams[*out_sent]. */
pxe_status link_send(struct link *link, link_id name, const struct net_outgoing *datagrams,
                     size_t count, size_t *out_sent);

#endif
