/*
 * Replies that leave together. While a thread of the crew handles several datagrams one after the
 * other, what it sends is collected, so that the system is called once for all of them; what other
 * threads send, and what answers a single datagram, leaves at once. A reply waits for callbacks
 * that have come in before, never for a datagram that has not, and for slow callbacks no longer
 * than until the foreman looks (PACE_TICK).
 *
 * Whoever sends a collected reply is told that it is sent. Should the system refuse it later, which
 * it does not for want of a route (net.c has asked before), the site's send_failed hears of it.
 */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include <windows.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/ports.h"
#include "net/backend.h"

struct link;

enum { OUTBOX_BYTES = 32 << 10 /* of replies */ };

/* All zero: nobody's. */
struct outbox {
    SRWLOCK lock; /* guards what follows: its thread's and the foreman's */
    bool is_collecting;
    struct link *link; /* that all of them leave by */
    link_id name;
    size_t count;
    size_t used;
    struct net_outgoing replies[NET_BATCH];
    uint8_t *bytes; /* OUTBOX_BYTES of them, from the first time that it collects */
};

/* The calling thread's from now on; NULL: it has none any more. */
void outbox_own(struct outbox *outbox);
/* Nobody uses it any more, and nothing is in it. */
void outbox_free(struct outbox *outbox);

/* What its thread sends from here on is collected. Harmless without memory: then it is sent. */
void outbox_collect(struct outbox *outbox);
/* Nothing is collected any more, and what was leaves. */
void outbox_end(struct outbox *outbox);
/* What has been collected leaves. Any thread. */
void outbox_flush(struct outbox *outbox);

/* Sends by the link, or collects. The error is link_send's. */
pxe_status outbox_send(struct link *link, link_id name, const struct net_outgoing *datagram);

#endif
