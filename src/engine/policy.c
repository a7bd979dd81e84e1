#include "engine/policy.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"
#include "engine/balance.h"
#include "engine/core.h"

enum { GUID_SIZE = 16, MAC_SIZE = 6, CHADDR_SIZE = 16 };

/* Who asks, and since when. Points into the packet. */
struct asker {
    const uint8_t *identifier;
    size_t length;
    uint32_t seconds; /* that it says it has been asking */
    bool names_server;
};

/* Some clients write the number least significant byte first; no client waits for hours. */
static uint32_t seconds_of(uint16_t secs)
{
    return secs > 0xff && (secs & 0xff) == 0 ? secs >> 8 : secs;
}

static size_t mac_length(const uint8_t *packet)
{
    return packet[DHCP4_HLEN] <= CHADDR_SIZE ? packet[DHCP4_HLEN] : CHADDR_SIZE;
}

/* RFC 3074 section 5: the client identifier, or else the hardware address. */
static struct asker asker4(const uint8_t *packet, size_t length)
{
    struct asker asker = {
        .identifier = packet + DHCP4_CHADDR,
        .length = mac_length(packet),
        .seconds = seconds_of(be16_get(packet + DHCP4_SECS)),
    };
    const uint8_t *value;
    uint8_t value_length;

    if (dhcp4_option_find(packet, length, DHCP4_OPT_CLIENT_ID, 1, &value, &value_length) ==
            PXE_OK &&
        value_length > 0) {
        asker.identifier = value;
        asker.length = value_length;
    }
    asker.names_server =
        dhcp4_option_find(packet, length, DHCP4_OPT_SERVER_ID, 1, NULL, NULL) == PXE_OK;
    return asker;
}

/* The client's own message, however many relays are around it. */
static struct asker asker6(const uint8_t *message, size_t length)
{
    struct asker asker = {.length = 0};
    const uint8_t *value;
    uint16_t value_length;

    if (dhcp6_option_find(message, length, DHCP6_OPT_CLIENT_ID, 1, &value, &value_length) ==
        PXE_OK) {
        asker.identifier = value;
        asker.length = value_length;
    }
    if (dhcp6_option_find(message, length, DHCP6_OPT_ELAPSED_TIME, 1, &value, &value_length) ==
            PXE_OK &&
        value_length == 2)
        asker.seconds = be16_get(value) / 100u; /* hundredths (RFC 8415 section 21.9) */
    asker.names_server =
        dhcp6_option_find(message, length, DHCP6_OPT_SERVER_ID, 1, NULL, NULL) == PXE_OK;
    return asker;
}

/* False: there is no saying who asks. */
static bool asker_read(const struct request *request, struct asker *out_asker)
{
    const struct dhcp6_inner *inner = &request->inner;

    if (!endpoint_is_ipv6(&request->arrival.remote))
        *out_asker = asker4(request->received, request->length);
    else if (inner->is_whole)
        *out_asker = asker6(inner->message, inner->length);
    else
        return false;
    return out_asker->length > 0;
}

/* Each server that comes before this one has its time first. */
static bool takes_over(const struct policy *policy, uint8_t bucket, uint32_t waited)
{
    const uint64_t turns = 1 + (uint64_t)balance_rank(&policy->buckets, bucket);

    return policy->takeover != 0 && waited >= policy->takeover * turns;
}

void policy_refuse(struct request *request, enum drop_kind kind, const char *reason)
{
    request->refusal_kind = kind;
    snprintf(request->refusal, sizeof(request->refusal), "%s", reason);
}

static void share(struct request *request, const struct policy *policy, const struct asker *asker)
{
    struct engine *engine = request->engine;
    uint8_t bucket = balance_bucket(asker->identifier, asker->length);

    if (bucket_set_has(&policy->buckets, bucket))
        return;
    uint32_t waited =
        balance_waited(&engine->waiters, asker->identifier, asker->length, request->started);
    if (waited < asker->seconds)
        waited = asker->seconds;
    if (takes_over(policy, bucket, waited)) {
        if (balance_taken(&engine->waiters, asker->identifier, asker->length)) {
            metrics_count(&engine->counters.taken_over);
            atomic_store(&engine->counters.last_taken_over, request->started);
        }
        request_log(
            request, LOG_INFO,
            "taking over another server's client (bucket %u), which has been asking for %u s",
            bucket, waited);
        return;
    }
    request->refusal_kind = DROP_SHARED;
    snprintf(request->refusal, sizeof(request->refusal),
             "another server's client (bucket %u), asking for %u s", bucket, waited);
}

/* Whether the client has made its choice: it names a server, or asks the boot server port of this
 * one. Over IPv6 it may ask all servers there, by multicast: then it has not. */
static bool has_chosen(const struct arrival *arrival, const struct asker *asker)
{
    const bool asks_all = endpoint_is_ipv6(&arrival->local) && arrival->multicast;

    return asker->names_server || (arrival->boot_server_port && !asks_all);
}

static void delay(struct request *request, const struct policy *policy)
{
    const struct arrival *arrival = &request->arrival;
    const bool is_ipv6 = endpoint_is_ipv6(&arrival->remote);

    request->delay = is_ipv6 ? rules_delay(&policy->delays, NULL, 0, NULL)
                             : rules_delay(&policy->delays, request->received + DHCP4_CHADDR,
                                           mac_length(request->received), arrival->local.address);
}

/* DHCPv4 only: DHCPv6 clients are identified by their DUID. */
static void guid_judge(struct request *request, const struct policy *policy)
{
    const uint8_t *value;
    uint8_t length;

    if (policy->banned_guids.count == 0 || endpoint_is_ipv6(&request->arrival.remote) ||
        dhcp4_option_find(request->received, request->length, DHCP4_OPT_MACHINE_ID, 1, &value,
                          &length) != PXE_OK)
        return;
    if (length == 1 + GUID_SIZE && rules_have_guid(&policy->banned_guids, value + 1))
        request->hidden_guid = (size_t)(value + 1 - request->received);
}

void policy_apply(struct request *request)
{
    const struct policy *policy = request->engine->ports.policy;
    struct asker asker;

    if (atomic_load(&request->engine->is_paused)) {
        policy_refuse(request, DROP_PAUSED, "the server is paused");
        return;
    }
    if (policy == NULL || request->arrival.defect != NULL)
        return;
    guid_judge(request, policy);
    if (!asker_read(request, &asker))
        return;
    if (asker.names_server)
        balance_ended(&request->engine->waiters, asker.identifier, asker.length);
    if (has_chosen(&request->arrival, &asker))
        return;
    share(request, policy, &asker);
    if (request->refusal[0] == '\0')
        delay(request, policy);
}

void policy_hide_guid(const struct request *request, uint8_t *packet)
{
    uint8_t *guid = packet + request->hidden_guid;

    memset(guid, 0, GUID_SIZE);
    memcpy(guid + GUID_SIZE - MAC_SIZE, packet + DHCP4_CHADDR, MAC_SIZE);
}
