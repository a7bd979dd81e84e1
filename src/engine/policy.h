/*
 * What the administrator's settings say about a request before any provider sees it: whether it is
 * this server's to answer, how long it waits, and whether its GUID identifies the client.
 */
#ifndef ENGINE_POLICY_H
#define ENGINE_POLICY_H

#include "engine/request.h"
#include "registry/rules.h"

/* Does not change while the server runs. */
struct policy {
    struct rule_list banned_guids;
    struct rule_list delays;
    struct bucket_set buckets; /* this server's share of the clients */
    uint32_t takeover;         /* seconds after which it answers others' clients; 0: never */
    bool is_strict;            /* what comes is not repaired */
    uint32_t max_pended;       /* requests that may be pended at a time; 0: any number */
};

/*
 * Fills in the request's refusal, delay and hidden_guid. A paused server refuses all. Else only
 * valid DHCP requests are judged, and shared and delayed is only what comes to the DHCP ports and
 * names no server: whoever asks the boot server port, or a server by its identifier, has made its
 * choice.
 */
void policy_apply(struct request *request);

/* Why it ends here, before any provider. */
void policy_refuse(struct request *request, enum drop_kind kind, const char *reason);

/* In the copy that a provider gets: makes the GUID one of the MAC address, ten zeros before. */
void policy_hide_guid(const struct request *request, uint8_t *packet);

#endif
