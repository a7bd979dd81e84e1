#include "net/link.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "base/error_words.h"
#include "engine/abi.h"
#include "os/clock.h"

enum {
    ERROR_PAUSE = 200, /* milliseconds */
    /* UEFI firmware opens its receive socket only after it has asked, and asks once: an answer that
     * comes at once meets a closed port. */
    BOOT_SERVER_IPV6_DELAY = 20,
    PORT_IN_USE = 10048, /* WSAEADDRINUSE */
    PORT_DENIED = 10013, /* WSAEACCES */
    NUMBER_BITS = 8,
};

void site_log(const struct net_site *site, uint32_t severity, const char *format, ...)
{
    char line[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    site->log(site->context, severity, line);
}

/* ---- names ---- */

/* Generation and number, so that a name that outlived its socket is refused, not followed. */
link_id link_id_of(const struct link *link)
{
    return (link_id)((uintptr_t)link->generation << NUMBER_BITS | link->number);
}

uint32_t link_number_of(link_id name)
{
    return (uint32_t)((uintptr_t)name & ((1u << NUMBER_BITS) - 1));
}

/* ---- receiving ---- */

static bool is_multicast_ipv4(const uint8_t *address)
{
    return (address[0] & 0xf0) == 0xe0;
}

static bool is_link_local(const uint8_t *ipv6)
{
    return ipv6[0] == 0xfe && (ipv6[1] & 0xc0) == 0x80;
}

/* What does not leave its link (RFC 4291 sections 2.5.6 and 2.7). */
static bool is_link_scoped(const uint8_t *ipv6)
{
    return is_link_local(ipv6) || (ipv6[0] == 0xff && (ipv6[1] & 0x0f) == 2);
}

/* Does it come from this server itself: a broadcast of a provider's, or of another link's? Under
 * the site's lock. */
static bool is_own(const struct net_site *site, const struct net_endpoint *from)
{
    for (size_t i = 0; i < SERVER_PORTS; i++)
        if (from->port != 0 && from->port == site->ports[i])
            return interfaces_have_address(&site->interfaces, from);
    return false;
}

static struct net_endpoint local_endpoint(const struct link *link, const uint8_t *address,
                                          uint8_t length)
{
    struct net_endpoint endpoint = {.length = length, .port = link->port};
    memcpy(endpoint.address, address, length);
    return endpoint;
}

static void address_ipv4(const struct link *link, const struct net_buffer *buffer,
                         struct datagram *datagram)
{
    static const uint8_t limited_broadcast[4] = {255, 255, 255, 255};
    const struct net_interface *nic = &link->nic;
    const uint8_t *to = buffer->has_destination ? buffer->to.address : nic->ipv4;

    datagram->broadcast =
        memcmp(to, limited_broadcast, 4) == 0 || memcmp(to, nic->ipv4_broadcast, 4) == 0;
    datagram->multicast = is_multicast_ipv4(to);
    if (datagram->broadcast || datagram->multicast)
        to = nic->ipv4;
    datagram->local = local_endpoint(link, to, 4);
    datagram->remote = buffer->from;
    memcpy(datagram->facts.ipv4_subnet, nic->ipv4_broadcast, 4);
}

/* False: it came in on an interface that was not chosen. Under the site's lock. */
static bool address_ipv6(const struct link *link, const struct net_buffer *buffer,
                         struct datagram *datagram)
{
    const struct net_interface *nic =
        interface_find(&link->site->interfaces, buffer->interface_index);
    const uint8_t *to = buffer->to.address;
    const bool is_multicast = to[0] == 0xff;

    if (!buffer->has_destination || nic == NULL)
        return false;
    datagram->facts.is_off_link =
        !is_link_local(buffer->from.address) && !is_link_scoped(to) &&
        !interfaces_are_on_link(&link->site->interfaces, nic->index, &buffer->from);
    if (is_multicast)
        to =
            is_link_local(buffer->from.address) || !nic->has_global ? nic->link_local : nic->global;
    datagram->broadcast = false;
    datagram->multicast = is_multicast;
    datagram->local = local_endpoint(link, to, 16);
    datagram->remote = buffer->from;
    datagram->remote.scope = is_link_local(buffer->from.address) ? nic->index : 0;
    if (is_link_local(to))
        datagram->local.scope = nic->index;
    return true;
}

static bool datagram_fill(const struct link *link, const struct net_buffer *buffer, uint64_t now,
                          struct intake_slot *slot)
{
    struct datagram *datagram = &slot->datagram;

    datagram->facts = (struct wire_facts){.is_own = is_own(link->site, &buffer->from)};
    if (link->is_ipv6 && !address_ipv6(link, buffer, datagram))
        return false;
    if (!link->is_ipv6)
        address_ipv4(link, buffer, datagram);
    datagram->link = link_id_of(link);
    datagram->number = 0;
    datagram->received = now;
    datagram->boot_server_port = link->is_boot_server_port;
    return intake_slot_fill(slot, buffer->length, buffer->rest);
}

/* Fills in the datagrams that are for this server and moves their slots to the front; returns how
 * many there are. */
static size_t datagrams_fill(const struct link *link, struct intake_slot **slots, size_t count)
{
    SRWLOCK *lock = (SRWLOCK *)(uintptr_t)&link->site->lock;
    const uint64_t now = count > 0 ? clock_microseconds() : 0;
    size_t filled = 0;

    AcquireSRWLockShared(lock);
    for (size_t i = 0; i < count; i++) {
        struct intake_slot *slot = slots[i];
        if (!datagram_fill(link, &link->buffers[i], now, slot))
            continue;
        slots[i] = slots[filled];
        slots[filled++] = slot;
    }
    ReleaseSRWLockShared(lock);
    return filled;
}

static size_t link_receive(void *context, struct intake_slot **slots, size_t capacity,
                           uint32_t milliseconds)
{
    struct link *link = context;
    size_t count = 0;

    for (size_t i = 0; i < capacity; i++) {
        link->buffers[i].bytes = slots[i]->bytes;
        link->buffers[i].capacity = INTAKE_SLOT_SIZE;
    }
    int error = link->site->backend->socket_receive(link->socket, link->buffers, capacity,
                                                    milliseconds, &count);
    if (error != 0) {
        if (error != link->last_error)
            site_log(link->site, LOG_ERROR, "receiving on port %u: error %d%s", link->port, error,
                     error_words((uint32_t)error));
        link->last_error = error;
        Sleep(ERROR_PAUSE);
        return 0;
    }
    return datagrams_fill(link, slots, count);
}

/* ---- opening and closing ---- */

void link_assign(struct link *link, const struct net_interface *nic, uint16_t port,
                 bool is_boot_server_port)
{
    link->is_wanted = true;
    link->is_ipv6 = nic == NULL;
    link->nic = nic != NULL ? *nic : (struct net_interface){0};
    link->port = port;
    link->is_boot_server_port = is_boot_server_port;
    link->told_status = PXE_OK;
}

static void link_log_failure(const struct link *link, const char *text, bool is_vital,
                             pxe_status status)
{
    site_log(link->site, is_vital ? LOG_ERROR : LOG_WARNING, "cannot listen on %s: error %u%s%s",
             text, status,
             status == PORT_IN_USE   ? " (another program has this port)"
             : status == PORT_DENIED ? " (another program has this port to itself, or no right)"
                                     : error_words(status),
             is_vital ? "" : "; it is tried again");
}

void link_log_open(struct link *link, bool is_vital, pxe_status status)
{
    static const uint8_t any[16];
    struct net_endpoint local =
        link->is_ipv6 ? local_endpoint(link, any, 16) : local_endpoint(link, link->nic.ipv4, 4);
    char text[ENDPOINT_TEXT_SIZE];

    endpoint_text(&local, text);
    if (status == PXE_OK)
        site_log(link->site, link->told_status != PXE_OK ? LOG_WARNING : LOG_INFO,
                 "listening on %s", text);
    else if (status != link->told_status)
        link_log_failure(link, text, is_vital, status);
    link->told_status = status;
}

pxe_status link_open(struct link *link)
{
    struct net_socket_spec spec = {
        .is_ipv6 = link->is_ipv6,
        .is_shared = link->site->shares_ports,
        .port = link->port,
        .interface_index = link->nic.index,
    };
    struct net_socket *opened = NULL;

    memcpy(spec.address, link->nic.ipv4, 4);
    int error = link->site->backend->socket_open(&spec, &opened);
    if (error != 0)
        return (pxe_status)error;
    AcquireSRWLockExclusive(&link->lock);
    link->generation++;
    link->socket = opened;
    link->last_error = 0;
    ReleaseSRWLockExclusive(&link->lock);
    link->source.context = link;
    link->source.receive = link_receive;
    link->source.hold_back =
        link->is_ipv6 && link->is_boot_server_port ? BOOT_SERVER_IPV6_DELAY : 0;
    return PXE_OK;
}

bool link_is_open(const struct link *link)
{
    return link->socket != NULL;
}

static void group_join(struct link *link, const struct net_interface *nic, const uint8_t *group)
{
    int error = link->site->backend->socket_join(link->socket, group, nic);
    char text[ADDRESS_TEXT_SIZE];

    if (error != 0 && error != PORT_IN_USE) /* which says that it is in the group already */
        site_log(link->site, LOG_WARNING,
                 "interface %u: the multicast group %s cannot be joined, error %d%s", nic->index,
                 address_format(group, link->is_ipv6 ? 16 : 4, text), error,
                 error_words((uint32_t)error));
}

/* PXE 2.1, section 2.2.3: boot server discovery by multicast, to its own group or another one that
 * option 43.7 names. */
static void boot_server_groups_join(struct link *link, const struct net_interface *nic)
{
    static const uint8_t boot_servers[4] = {224, 0, 1, 2};
    const struct rule_list *groups = link->site->groups;

    group_join(link, nic, boot_servers);
    for (size_t i = 0; groups != NULL && i < groups->count; i++)
        group_join(link, nic, groups->rules[i].bytes);
}

/* IPv6: RFC 8415 section 7.1; clients look for a boot server with the first of them, too. */
void link_join(struct link *link, const struct net_interface *nic)
{
    static const uint8_t all_relays_and_servers[16] = {0xff, 2, [13] = 1, [15] = 2};
    static const uint8_t all_servers[16] = {0xff, 5, [13] = 1, [15] = 3};

    if (!link->is_ipv6) {
        if (link->is_boot_server_port)
            boot_server_groups_join(link, nic);
        return;
    }
    group_join(link, nic, all_relays_and_servers);
    if (!link->is_boot_server_port)
        group_join(link, nic, all_servers);
}

void link_wake(struct link *link)
{
    link->site->backend->socket_wake(link->socket);
}

void link_close(struct link *link)
{
    AcquireSRWLockExclusive(&link->lock);
    struct net_socket *closing = link->socket;
    link->socket = NULL;
    ReleaseSRWLockExclusive(&link->lock);
    if (closing != NULL)
        link->site->backend->socket_close(closing);
}

/* ---- sending ---- */

/* Caller holds link->lock. */
static bool link_is(const struct link *link, link_id name)
{
    return link->socket != NULL && link_id_of(link) == name;
}

pxe_status link_send(struct link *link, link_id name, const struct net_outgoing *datagrams,
                     size_t count, size_t *out_sent)
{
    pxe_status status = PXE_NOT_FOUND;

    *out_sent = 0;
    AcquireSRWLockShared(&link->lock);
    if (link_is(link, name))
        status =
            (pxe_status)link->site->backend->socket_send(link->socket, datagrams, count, out_sent);
    ReleaseSRWLockShared(&link->lock);
    return status;
}
