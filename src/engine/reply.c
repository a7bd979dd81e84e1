#include "engine/reply.h"

#include <string.h>

#include "base/error_words.h"
#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"
#include "engine/core.h"
#include "engine/packet.h"

enum { KNOWN_FLAGS = ADDR_BROADCAST | ADDR_USE_PORT | ADDR_USE_ADDR | ADDR_USE_DHCP_RULES };

static bool is_unspecified(const uint8_t *address, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (address[i] != 0)
            return false;
    return true;
}

static struct net_endpoint ipv4(const uint8_t *address, uint16_t port)
{
    struct net_endpoint endpoint = {.length = 4, .port = port};
    memcpy(endpoint.address, address, 4);
    return endpoint;
}

static struct net_endpoint ipv4_broadcast(uint16_t port)
{
    static const uint8_t limited_broadcast[4] = {255, 255, 255, 255};
    return ipv4(limited_broadcast, port);
}

/* RFC 2131 section 4.1, and PXE 2.1 section 2.2.1 for what arrived on the boot server port. */
static struct net_endpoint by_dhcp4_rules(const struct arrival *arrival, const uint8_t *request)
{
    const uint8_t *giaddr = request + DHCP4_GIADDR;
    const uint8_t *ciaddr = request + DHCP4_CIADDR;

    /* "If the 'giaddr' field is non-zero, the server sends to the 'DHCP server' port on the relay",
     * or the one that it asked for (RFC 8357). */
    if (!is_unspecified(giaddr, 4))
        return ipv4(giaddr, arrival->relay_port != 0 ? arrival->relay_port : DHCP4_SERVER_PORT);
    /* A boot server answers the port that the client asked from. */
    if (arrival->boot_server_port) {
        if (!is_unspecified(arrival->remote.address, 4))
            return ipv4(arrival->remote.address, arrival->remote.port);
        return is_unspecified(ciaddr, 4) ? ipv4_broadcast(arrival->remote.port)
                                         : ipv4(ciaddr, arrival->remote.port);
    }
    /* "If 'giaddr' is zero and 'ciaddr' is nonzero: unicast to the address in 'ciaddr'." */
    if (!is_unspecified(ciaddr, 4))
        return ipv4(ciaddr, DHCP4_CLIENT_PORT);
    /* With or without the broadcast bit: there is no means of unicasting to a client that has no
     * address yet (API-5.5.4). */
    return ipv4_broadcast(DHCP4_CLIENT_PORT);
}

/* RFC 8415 section 18.3.10: back to where it came from, relay or client; each has its port. */
static struct net_endpoint by_dhcp6_rules(const struct arrival *arrival, const uint8_t *request)
{
    struct net_endpoint to = arrival->remote;

    if (!arrival->boot_server_port && arrival->relay_port == 0)
        to.port = request[DHCP6_TYPE] == DHCP6_RELAY_FORW ? DHCP6_SERVER_PORT : DHCP6_CLIENT_PORT;
    return to;
}

pxe_status reply_destination(const struct arrival *arrival, const uint8_t *request,
                             const struct pxe_address *wanted, struct net_endpoint *out_to)
{
    const struct net_endpoint *source = &arrival->remote;
    const bool is_ipv6 = endpoint_is_ipv6(source);
    const uint32_t flags = wanted != NULL ? wanted->flags : 0;
    const uint16_t port = flags & ADDR_USE_PORT ? wanted->port : source->port;

    if ((flags & ~(uint32_t)KNOWN_FLAGS) != 0 ||
        ((flags & ADDR_BROADCAST) != 0 && ((flags & ADDR_USE_ADDR) != 0 || is_ipv6)))
        return PXE_INVALID_PARAMETER;
    if (flags & ADDR_USE_DHCP_RULES) {
        if (arrival->defect != NULL)
            return PXE_INVALID_DATA;
        *out_to = is_ipv6 ? by_dhcp6_rules(arrival, request) : by_dhcp4_rules(arrival, request);
        return PXE_OK;
    }
    if (flags & ADDR_BROADCAST) {
        *out_to = ipv4_broadcast(port);
        return PXE_OK;
    }
    if ((flags & ADDR_USE_ADDR) && wanted->address_length != source->length)
        return PXE_INVALID_PARAMETER;
    /* The source's scope id stays: PXE_ADDRESS has no member for it, and the way back has only one.
     */
    *out_to = *source;
    out_to->port = port;
    if (flags & ADDR_USE_ADDR)
        memcpy(out_to->address, wanted->address, source->length);
    else if (!is_ipv6 && is_unspecified(source->address, 4))
        *out_to = ipv4_broadcast(port); /* a client without address hears broadcasts only */
    return PXE_OK;
}

/* The value is no string: it ends where its length says, or at a zero byte before. */
static void boot_file_note(struct request *request, const uint8_t *value, size_t length)
{
    if (length >= sizeof(request->boot_file))
        length = sizeof(request->boot_file) - 1;
    memcpy(request->boot_file, value, length);
    request->boot_file[length] = '\0';
}

static void reply4_note(struct request *request, const uint8_t *bytes, size_t length)
{
    const uint8_t *value;
    uint8_t value_length;

    if (dhcp4_option_find(bytes, length, DHCP4_OPT_MESSAGE_TYPE, 1, &value, &value_length) == 0 &&
        value_length == 1)
        request->reply_type = value[0];
    if (length >= DHCP4_OPTIONS && bytes[DHCP4_FILE] != 0)
        boot_file_note(request, bytes + DHCP4_FILE, DHCP4_FILE_SIZE);
    else if (dhcp4_option_find(bytes, length, DHCP4_OPT_BOOT_FILE, 1, &value, &value_length) == 0)
        boot_file_note(request, value, value_length);
}

/* The answer itself, inside the relays' layers. */
static void reply6_note(struct request *request, const uint8_t *bytes, size_t length)
{
    struct dhcp6_inner inner;
    const uint8_t *value;
    uint16_t value_length;

    (void)dhcp6_descend(bytes, length, DHCP6_RELAY_REPL, &inner);
    request->reply_type = inner.message[DHCP6_TYPE];
    if (dhcp6_option_find(inner.message, inner.length, DHCP6_OPT_BOOT_FILE_URL, 1, &value,
                          &value_length) == PXE_OK)
        boot_file_note(request, value, value_length);
}

/* Remembers what was sent, for the line that people read. Caller holds
 * request->lock. */
static void reply_note(struct request *request, const struct provider *provider,
                       const struct net_endpoint *to, const uint8_t *bytes, size_t length)
{
    request->replied_by = provider;
    request->replies++;
    request->turn_replies++;
    request->reply_to = *to;
    request->reply_length = length;
    request->reply_type = 0;
    request->boot_file[0] = '\0';
    if (endpoint_is_ipv6(to))
        reply6_note(request, bytes, length);
    else
        reply4_note(request, bytes, length);
}

static pxe_status reply_transmit(struct request *request, const struct provider *provider,
                                 const struct net_endpoint *to, const uint8_t *bytes, size_t length)
{
    struct engine *engine = request->engine;
    const struct net_port *net = &engine->ports.net;
    pxe_status status = PXE_INVALID_STATE;
    const struct net_reply reply = {
        .link = request->arrival.link,
        .from = request->arrival.local,
        .to = *to,
        .bytes = bytes,
        .length = length,
        .number = request->arrival.number,
        .provider = provider->name,
    };

    engine_hold(engine);
    if (atomic_load(&engine->has_network) && request->epoch == atomic_load(&engine->epoch))
        status = net->send(net->context, &reply);
    engine_leave(engine);
    return status;
}

/* ---- PxeSendReply ---- */

/* A reply whose request is referenced and whose packet is pinned. */
struct sending {
    struct request *request;
    struct provider *provider;
    struct packet *packet;
    const uint8_t *bytes;
    uint32_t length;
    struct net_endpoint to;
    bool is_tried; /* the network was asked; it said: */
    pxe_status status;
};

static pxe_status sending_refuse(const struct sending *sending, enum refusal why)
{
    const struct refused refused = {
        .why = why,
        .call = CALL_SEND,
        .request = sending->request,
        .provider = sending->provider,
        .bytes = sending->bytes,
        .number = sending->length,
        .size = why == REFUSED_LENGTH ? packet_size(sending->packet) : 0,
    };

    WATCH(sending->request->engine, refused, sending->request->engine, &refused);
    return PXE_INVALID_PARAMETER;
}

static pxe_status sending_begin(struct sending *sending, uintptr_t handle)
{
    struct request *request = sending->request;
    bool is_open;

    mutex_lock(&request->lock);
    is_open = request_turn_is(request, handle);
    if (is_open) {
        sending->provider = request->owner;
        sending->packet = packet_pin(request, sending->bytes);
    }
    mutex_unlock(&request->lock);
    if (!is_open)
        return PXE_INVALID_HANDLE;
    if (sending->packet == NULL)
        return sending_refuse(sending, REFUSED_PACKET);
    if (sending->length == 0 || sending->length > packet_size(sending->packet))
        return sending_refuse(sending, REFUSED_LENGTH);
    return PXE_OK;
}

static void failure_count(struct engine *engine, struct interface_metrics *nic)
{
    atomic_fetch_add(&engine->counters.send_errors, 1);
    metrics_count(&nic->send_errors);
}

static void sending_count(const struct sending *sending)
{
    struct request *request = sending->request;
    char text[ENDPOINT_TEXT_SIZE];

    if (sending->status == PXE_OK) {
        atomic_fetch_add(&request->engine->counters.replies, 1);
        metrics_count(&request->nic->replies);
        return;
    }
    failure_count(request->engine, request->nic);
    request_log(request, LOG_ERROR, "reply of %u bytes to %s not sent: error %u%s", sending->length,
                endpoint_text(&sending->to, text), sending->status, error_words(sending->status));
}

/* What came of it is noted in the request, and the packet unpinned, under one lock. */
static void sending_settle(const struct sending *sending)
{
    struct request *request = sending->request;

    mutex_lock(&request->lock);
    if (sending->is_tried && sending->status == PXE_OK)
        reply_note(request, sending->provider, &sending->to, sending->bytes, sending->length);
    else if (sending->is_tried)
        request->send_error = sending->status;
    const bool is_last = packet_unpin(sending->packet);
    mutex_unlock(&request->lock);
    if (is_last)
        packet_end_sent(request, sending->packet, sending->provider);
}

static void sending_end(struct sending *sending)
{
    if (sending->is_tried)
        sending_count(sending);
    if (sending->packet != NULL)
        sending_settle(sending);
    request_release(sending->request);
}

static pxe_status sending_do(struct sending *sending, const struct pxe_address *wanted)
{
    struct request *request = sending->request;
    const struct provider *provider = sending->provider;
    pxe_status status =
        reply_destination(&request->arrival, request->received, wanted, &sending->to);

    WATCH(request->engine, reply_addressed, request, provider, wanted, status);
    if (status != PXE_OK)
        return status;
    WATCH(request->engine, reply_leaving, request, provider, sending->bytes, sending->length);
    sending->is_tried = true;
    sending->status =
        reply_transmit(request, provider, &sending->to, sending->bytes, sending->length);
    return sending->status;
}

pxe_status reply_send(struct engine *engine, uintptr_t handle, const void *bytes, uint32_t length,
                      const struct pxe_address *wanted)
{
    struct pxe_address address = {0};
    struct sending sending = {.bytes = bytes, .length = length};
    pxe_status status = PXE_INVALID_HANDLE;

    /* First of all: should the pointer be wild, the exception must not leave anything held. */
    if (wanted != NULL)
        address = *wanted;
    sending.request = request_acquire(&engine->pool, handle);
    if (sending.request != NULL) {
        status = sending_begin(&sending, handle);
        if (status == PXE_OK)
            status = sending_do(&sending, wanted != NULL ? &address : NULL);
        sending_end(&sending);
    }
    if (status == PXE_INVALID_HANDLE)
        WATCH(engine, refused, engine,
              &(struct refused){.why = REFUSED_REQUEST, .call = CALL_SEND, .handle = handle});
    return status;
}

void reply_lost(struct engine *engine, const struct net_endpoint *from,
                const struct net_endpoint *to, size_t length, pxe_status status)
{
    struct interface_metrics *nic = metrics_interface(&engine->metrics, from);
    char text[ENDPOINT_TEXT_SIZE];

    failure_count(engine, nic);
    atomic_fetch_sub(&engine->counters.replies, 1);
    atomic_fetch_sub(&nic->replies, 1);
    if (summary_admits_single(engine))
        engine_log(engine, LOG_ERROR, "reply of %zu bytes to %s not sent: error %u%s", length,
                   endpoint_text(to, text), status, error_words(status));
}
