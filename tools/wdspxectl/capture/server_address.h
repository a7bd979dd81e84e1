/*
 * At which address of ours a captured request was heard. For a unicast request that is where it
 * went. A broadcast or multicast was heard by every server of the link, so the capture must tell
 * which one is ours: the one that the provider stands in for.
 */
#ifndef WDSPXECTL_CAPTURE_SERVER_ADDRESS_H
#define WDSPXECTL_CAPTURE_SERVER_ADDRESS_H

#include "capture/messages.h"

struct server_sighting; /* in server_address.c */

/* The servers that the captures show. */
struct server_table {
    size_t count;
    struct server_sighting *sightings;
};

/* How the address was found. */
enum address_origin {
    ADDRESS_UNICAST,  /* where the request went */
    ADDRESS_GIVEN,    /* the caller's */
    ADDRESS_OBSERVED, /* of a server that is seen in the same capture */
    ADDRESS_MADE_UP,  /* none of that: IPv4 192.0.2.1, IPv6 fe80::1 */
};

/* Looks through the messages. False if memory is short. */
bool server_table_build(const struct message_list *list, struct server_table *out_table);

/*
 * The address at which `request`, a message of the list, was heard; its port is the request's.
 *   given   an address to take for broadcasts and multicasts of its family; length 0: none
 * A server is observed, in this order: where a request of the client to port 4011 went; who
 * answered the client as boot server (by option 54 where there is one); who answered it at all;
 * then the same of any client of the capture.
 */
enum address_origin server_address_find(const struct server_table *table,
                                        const struct message *request, const struct endpoint *given,
                                        struct endpoint *out_local);

void server_table_free(struct server_table *table);

#endif
