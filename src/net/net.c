#include "net/net.h"

#include <windows.h>

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/error_words.h"
#include "base/mem.h"
#include "engine/abi.h"
#include "os/stack.h"
#include "net/link.h"
#include "net/outbox.h"

enum {
    LINKS_MAX = 255,    /* as many as a link's number can tell apart */
    SETTLE_PAUSE = 100, /* milliseconds without a change, after one */
    SETTLE_ROUNDS_MAX = 20,
    CHECK_INTERVAL = 15000, /* milliseconds: for what failed, and what the watch does not tell */
    NO_WAY_OUT = 10051,     /* WSAENETUNREACH */
};

struct net {
    struct net_site site;
    struct net_config config;
    struct net_events events;
    struct net_endpoint chosen[INTERFACES_MAX];
    struct crew *crew;
    struct net_watch *watch; /* NULL: it could not be opened */
    HANDLE ended;            /* then ends the follower's waits */
    HANDLE follower;
    struct net_kind kind;
    SRWLOCK adapting;   /* guards site.interfaces, links and config.rules once the network runs */
    bool is_incomplete; /* something failed that may work later; under adapting as well */
    uint32_t link_count;
    struct link *_Atomic links[LINKS_MAX];
};

/* ---- links ---- */

/* `nic`: NULL for IPv6. */
static bool link_is_for(const struct link *link, const struct net_interface *nic, uint16_t port)
{
    return link->is_wanted && link->port == port && link->is_ipv6 == (nic == NULL) &&
           (nic == NULL || interface_is_same_ipv4(&link->nic, nic));
}

static struct link *link_find(const struct net *net, const struct net_interface *nic, uint16_t port)
{
    for (uint32_t i = 0; i < net->link_count; i++)
        if (link_is_for(net->links[i], nic, port))
            return net->links[i];
    return NULL;
}

/* One that nobody wants any more, else a new one among the net's links; NULL: no memory, or there
 * are too many. */
static struct link *link_reuse_or_add(struct net *net)
{
    for (uint32_t i = 0; i < net->link_count; i++)
        if (!net->links[i]->is_wanted)
            return net->links[i];
    struct link *link = net->link_count < LINKS_MAX ? mem_alloc(sizeof(*link)) : NULL;
    if (link == NULL)
        return NULL;
    link->site = &net->site;
    link->number = net->link_count + 1;
    atomic_store(&net->links[net->link_count++], link);
    return link;
}

/* The link for this, open or not: the one that was wanted before, or one that is wanted from now
 * on. */
static struct link *link_want(struct net *net, const struct net_interface *nic, uint16_t port,
                              bool is_boot_server_port)
{
    struct link *link = link_find(net, nic, port);

    if (link != NULL || (link = link_reuse_or_add(net)) == NULL)
        return link;
    link_assign(link, nic, port, is_boot_server_port);
    return link;
}

static void source_wake(struct crew_source *source)
{
    link_wake(source->context);
}

/* Of a running network. */
static void link_leave(struct net *net, struct link *link)
{
    crew_remove(net->crew, &link->source, source_wake);
    link_close(link);
}

/* Opens the link, with a thread that receives from it. With no crew yet, that is left to net_start.
 */
static pxe_status link_open_received(struct net *net, struct link *link)
{
    pxe_status status = link_open(link);

    if (status != PXE_OK || net->crew == NULL)
        return status;
    status = crew_add(net->crew, &link->source);
    if (status != PXE_OK)
        link_leave(net, link);
    return status;
}

/* Of what link_want returned: opens it if it is not open yet. One that cannot be opened stays
 * wanted, and is not open. */
static pxe_status link_serve(struct net *net, struct link *link, bool is_vital)
{
    if (link == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    if (link_is_open(link))
        return PXE_OK;
    pxe_status status = link_open_received(net, link);
    link_log_open(link, is_vital, status);
    if (status == PXE_OK && !link->is_ipv6)
        link_join(link, &link->nic);
    return status;
}

/* Of a running network. */
static void link_remove(struct net *net, struct link *link)
{
    char text[ENDPOINT_TEXT_SIZE];
    struct net_endpoint local = {.length = 4, .port = link->port};

    link->is_wanted = false;
    if (!link_is_open(link))
        return;
    memcpy(local.address, link->nic.ipv4, 4);
    site_log(&net->site, LOG_INFO, "no longer listening on %s", endpoint_text(&local, text));
    link_leave(net, link);
}

/* ---- interfaces ---- */

/* *out_missing: the place of the first chosen address that is not there, or their number. */
static pxe_status interfaces_read(const struct net *net, struct interface_list *out_list,
                                  size_t *out_missing)
{
    struct interface_address *addresses =
        mem_alloc_array(INTERFACE_ADDRESSES_MAX, sizeof(*addresses));
    size_t count = 0;

    if (addresses == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    int error = net->site.backend->addresses_read(addresses, INTERFACE_ADDRESSES_MAX, &count);
    *out_missing = 0;
    if (error == 0 && net->config.interface_count > 0)
        *out_missing =
            interfaces_select(addresses, count, net->chosen, net->config.interface_count, out_list);
    else if (error == 0)
        interfaces_select_by_rules(addresses, count, &net->config.rules, out_list);
    mem_free(addresses);
    return (pxe_status)error;
}

/* Opens what is not open yet. Returns the first failure. */
static pxe_status links_open_ipv4(struct net *net, bool is_vital)
{
    const uint16_t ports[2] = {net->config.dhcp_port, net->config.boot_server_port};
    pxe_status result = PXE_OK;

    for (size_t i = 0; i < net->site.interfaces.count; i++) {
        const struct net_interface *nic = &net->site.interfaces.entries[i];
        for (int which = 0; which < 2 && nic->has_ipv4; which++) {
            if (ports[which] == 0)
                continue;
            pxe_status status =
                link_serve(net, link_want(net, nic, ports[which], which == 1), is_vital);
            if (result == PXE_OK)
                result = status;
        }
    }
    return result;
}

static bool has_ipv6(const struct interface_list *list, uint32_t index)
{
    const struct net_interface *nic = interface_find(list, index);
    return nic != NULL && nic->has_ipv6;
}

static bool any_has_ipv6(const struct interface_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].has_ipv6)
            return true;
    return false;
}

/* Opens the socket of this port if it is not open yet, and joins the groups on those interfaces
 * that had no IPv6 `before`. What fails is logged: IPv4 is served without it. */
static pxe_status link_open_ipv6(struct net *net, uint16_t port, bool is_boot_server_port,
                                 const struct interface_list *before)
{
    const struct interface_list *now = &net->site.interfaces;
    struct link *link = link_want(net, NULL, port, is_boot_server_port);
    const bool was_open = link != NULL && link_is_open(link);
    pxe_status status = link_serve(net, link, false);

    for (size_t i = 0; status == PXE_OK && i < now->count; i++)
        if (now->entries[i].has_ipv6 && !(was_open && has_ipv6(before, now->entries[i].index)))
            link_join(link, &now->entries[i]);
    return status;
}

/* As links_open_ipv4. */
static pxe_status links_open_ipv6(struct net *net, const struct interface_list *before)
{
    const uint16_t ports[2] = {net->config.dhcp6_port, net->config.boot_server_port};
    pxe_status result = PXE_OK;

    if (!net->config.with_ipv6 || !any_has_ipv6(&net->site.interfaces))
        return PXE_OK;
    for (int which = 0; which < 2; which++) {
        if (ports[which] == 0)
            continue;
        pxe_status status = link_open_ipv6(net, ports[which], which == 1, before);
        if (result == PXE_OK)
            result = status;
    }
    return result;
}

/* ---- changes of interfaces ---- */

static bool is_still_there(const struct interface_list *list, const struct net_interface *nic)
{
    for (size_t i = 0; i < list->count; i++)
        if (interface_is_same_ipv4(&list->entries[i], nic))
            return true;
    return false;
}

static void links_close_gone(struct net *net, const struct interface_list *now)
{
    for (uint32_t i = 0; i < net->link_count; i++) {
        struct link *link = net->links[i];
        if (link->is_wanted && !link->is_ipv6 && !is_still_there(now, &link->nic))
            link_remove(net, link);
    }
}

static void net_adapt(struct net *net)
{
    struct interface_list before = net->site.interfaces, now;
    size_t missing;

    net->is_incomplete = true;
    if (interfaces_read(net, &now, &missing) != PXE_OK)
        return;
    links_close_gone(net, &now);
    AcquireSRWLockExclusive(&net->site.lock);
    net->site.interfaces = now;
    ReleaseSRWLockExclusive(&net->site.lock);
    route_cache_clear(&net->site.routes);
    const pxe_status ipv4 = links_open_ipv4(net, false);
    const pxe_status ipv6 = links_open_ipv6(net, &before);
    net->is_incomplete = ipv4 != PXE_OK || ipv6 != PXE_OK;
}

/* One change comes with others: an interface, its state, its addresses. */
static enum net_news news_wait(struct net *net)
{
    const struct net_backend *backend = net->site.backend;

    if (net->watch == NULL)
        return WaitForSingleObject(net->ended, CHECK_INTERVAL) == WAIT_TIMEOUT ? NET_NEWS_NONE
                                                                               : NET_NEWS_END;
    enum net_news news = backend->watch_wait(net->watch, CHECK_INTERVAL);
    enum net_news further = news;

    for (int i = 0; i < SETTLE_ROUNDS_MAX && further == NET_NEWS_CHANGE; i++)
        further = backend->watch_wait(net->watch, SETTLE_PAUSE);
    return further == NET_NEWS_END ? NET_NEWS_END : news;
}

/* Is there something that no news will tell of? Caller holds net->adapting. */
static bool is_to_be_looked(const struct net *net)
{
    return net->is_incomplete || net->watch == NULL || !net->site.backend->watch_tells_all;
}

static DWORD WINAPI follower_thread(void *argument)
{
    struct net *net = argument;
    enum net_news news;

    stack_trim();
    while ((news = news_wait(net)) != NET_NEWS_END) {
        AcquireSRWLockExclusive(&net->adapting);
        if (news == NET_NEWS_CHANGE || is_to_be_looked(net))
            net_adapt(net);
        ReleaseSRWLockExclusive(&net->adapting);
    }
    return 0;
}

void net_rebind(struct net *net, const struct bind_rules *rules)
{
    AcquireSRWLockExclusive(&net->adapting);
    net->config.rules = *rules;
    net_adapt(net);
    if (net->site.interfaces.count == 0)
        site_log(&net->site, LOG_WARNING,
                 "BindPolicy and BindInterfaces leave no interface to listen on");
    ReleaseSRWLockExclusive(&net->adapting);
}

/* ---- life ---- */

static const struct net_backend *backend_choose(enum net_choice choice,
                                                const struct net_events *events,
                                                struct net_kind *out_kind)
{
    struct native_refusal refusal = {"as the host asked", false};
    const struct net_backend *native =
        choice != NET_ONLY_WINSOCK ? backend_native_load(&refusal) : NULL;
    uint32_t severity = LOG_INFO;
    char line[160];

    if (native != NULL)
        snprintf(line, sizeof(line), "network: %s", native->name);
    else
        snprintf(line, sizeof(line), "network: %s (%s)%s",
                 choice == NET_ONLY_NATIVE ? "none" : backend_winsock.name, refusal.reason,
                 refusal.is_fault ? ": several times slower than the native network" : "");
    if (native == NULL && choice == NET_ONLY_NATIVE)
        severity = LOG_ERROR;
    else if (native == NULL && refusal.is_fault)
        severity = LOG_WARNING;
    events->log(events->context, severity, line);
    const struct net_backend *chosen =
        native != NULL || choice == NET_ONLY_NATIVE ? native : &backend_winsock;
    if (chosen != NULL)
        *out_kind = (struct net_kind){chosen->name,
                                      chosen != native && refusal.is_fault ? refusal.reason : ""};
    return chosen;
}

static pxe_status net_open_links(struct net *net)
{
    static const struct interface_list none;
    const struct net_config *config = &net->config;
    struct interface_list *interfaces = &net->site.interfaces;
    char text[ENDPOINT_TEXT_SIZE];
    size_t missing;

    pxe_status status = interfaces_read(net, interfaces, &missing);
    if (status != PXE_OK) {
        site_log(&net->site, LOG_ERROR, "the interfaces cannot be read: error %u%s", status,
                 error_words(status));
        return status;
    }
    if (missing < config->interface_count || interfaces->count == 0) {
        if (missing < config->interface_count)
            site_log(&net->site, LOG_ERROR, "no interface of this machine has the address %s",
                     endpoint_address_text(&net->chosen[missing], text));
        else
            site_log(&net->site, LOG_ERROR, "%s: nothing to listen on",
                     config->rules.list.count > 0
                         ? "BindPolicy and BindInterfaces leave no interface that is up"
                         : "no interface is up");
        return PXE_NOT_FOUND;
    }
    status = links_open_ipv4(net, true);
    if (status != PXE_OK)
        return status;
    net->is_incomplete = links_open_ipv6(net, &none) != PXE_OK;
    return net->link_count > 0 ? PXE_OK : PXE_NOT_FOUND;
}

pxe_status net_open(const struct net_config *config, const struct net_events *events,
                    struct net **out_net)
{
    struct net_kind kind;
    const struct net_backend *backend = backend_choose(config->choice, events, &kind);

    if (backend == NULL)
        return PXE_NOT_SUPPORTED;
    int error = backend->startup();
    if (error != 0)
        return (pxe_status)error;
    struct net *net = mem_alloc(sizeof(*net));
    if (net == NULL) {
        backend->cleanup();
        return PXE_NOT_ENOUGH_MEMORY;
    }
    net->kind = kind;
    net->site.backend = backend;
    net->site.context = events->context;
    net->site.log = events->log;
    net->site.send_failed = events->send_failed;
    net->site.shares_ports = config->shares_ports;
    net->site.groups = config->groups;
    net->site.ports[0] = config->dhcp_port;
    net->site.ports[1] = config->boot_server_port;
    net->site.ports[2] = config->dhcp6_port;
    net->events = *events;
    net->config = *config;
    InitializeSRWLock(&net->adapting);
    memcpy(net->chosen, config->interfaces, config->interface_count * sizeof(*net->chosen));
    pxe_status status = net_open_links(net);
    if (status != PXE_OK) {
        net_close(net, 0);
        return status;
    }
    *out_net = net;
    return PXE_OK;
}

struct net_kind net_kind(const struct net *net)
{
    return net->kind;
}

/* Without news of changes, it looks for them. PXE_NOT_ENOUGH_MEMORY: there is none. */
static pxe_status follower_start(struct net *net)
{
    int error = net->site.backend->watch_open(&net->watch);

    if (error != 0) {
        net->watch = NULL;
        net->ended = CreateEventW(NULL, TRUE, FALSE, NULL);
        if (net->ended == NULL)
            return PXE_NOT_ENOUGH_MEMORY;
        site_log(&net->site, LOG_WARNING,
                 "changes of interfaces are noticed every %u seconds, not at once: error %d%s",
                 CHECK_INTERVAL / 1000u, error, error_words((uint32_t)error));
    }
    net->follower = CreateThread(NULL, 0, follower_thread, net, 0, NULL);
    return net->follower != NULL ? PXE_OK : PXE_NOT_ENOUGH_MEMORY;
}

pxe_status net_start(struct net *net)
{
    const struct crew_events events = {
        .context = net->events.context,
        .handle = net->events.receive,
        .second = net->events.second,
        .all_held = net->events.all_held,
        .dropped = net->events.dropped,
    };
    pxe_status status = crew_create(&events, &net->crew);

    for (uint32_t i = 0; i < net->link_count && status == PXE_OK; i++)
        if (link_is_open(net->links[i]))
            status = crew_add(net->crew, &net->links[i]->source);
    return status == PXE_OK ? follower_start(net) : status;
}

/* The links and the crew are this thread's alone from here on. */
static void follower_end(struct net *net)
{
    if (net->follower != NULL) {
        if (net->watch != NULL)
            net->site.backend->watch_wake(net->watch);
        else
            SetEvent(net->ended);
        WaitForSingleObject(net->follower, INFINITE);
        CloseHandle(net->follower);
        net->follower = NULL;
    }
    if (net->watch != NULL)
        net->site.backend->watch_close(net->watch);
    net->watch = NULL;
    if (net->ended != NULL)
        CloseHandle(net->ended);
    net->ended = NULL;
}

void net_stop(struct net *net)
{
    follower_end(net);
    if (net->crew == NULL)
        return;
    crew_stop(net->crew);
    for (uint32_t i = 0; i < net->link_count; i++)
        if (link_is_open(net->links[i]))
            link_wake(net->links[i]);
}

void net_close(struct net *net, uint32_t milliseconds)
{
    net_stop(net);
    bool all_gone = net->crew == NULL || crew_destroy(net->crew, milliseconds);
    for (uint32_t i = 0; i < net->link_count; i++)
        link_close(net->links[i]);
    if (!all_gone)
        return;
    net->site.backend->cleanup();
    for (uint32_t i = 0; i < net->link_count; i++)
        mem_free(net->links[i]);
    mem_free(net);
}

/* ---- for the engine ---- */

/* What must not leave by another interface than the request's: it has a meaning there only. */
static bool is_for_its_link(const struct link *link, const struct net_endpoint *to)
{
    const uint8_t *address = to->address;

    return link->is_ipv6 || endpoint_is_ipv6(to) || address[0] >= 224 ||
           (address[0] == 169 && address[1] == 254) ||
           prefix_is_same(address, link->nic.ipv4, link->nic.ipv4_prefix);
}

/* The link of this port on that interface, or NULL. */
static struct link *link_on(const struct net *net, uint32_t interface_index, uint16_t port)
{
    for (uint32_t i = 0; i < net->link_count; i++) {
        struct link *link = net->links[i];
        if (link_is_open(link) && !link->is_ipv6 && link->port == port &&
            link->nic.index == interface_index)
            return link;
    }
    return NULL;
}

/* The link and the interface that a reply leaves by: what the routing table says. Where a socket is
 * bound to its interface for sending, too, the one of that interface has to do it, with its own
 * address. */
static pxe_status way_find(struct net *net, const struct net_reply *reply, struct link **link,
                           uint32_t *out_interface_index)
{
    const struct net_backend *backend = net->site.backend;
    int error = route_cache_ask(&net->site.routes, backend->route_find, GetTickCount64(),
                                &reply->from, &reply->to, out_interface_index);

    if (error != 0)
        return (pxe_status)error;
    if (*out_interface_index != (*link)->nic.index && !backend->is_free_to_send)
        *link = link_on(net, *out_interface_index, (*link)->port);
    return *link != NULL ? PXE_OK : NO_WAY_OUT;
}

pxe_status net_send(void *context, const struct net_reply *reply)
{
    struct net *net = context;
    const uint32_t number = link_number_of(reply->link);
    struct link *const link = number > 0 ? net->links[number - 1] : NULL;
    struct link *by = link;
    struct net_outgoing datagram = {
        .from = reply->from, .to = reply->to, .bytes = reply->bytes, .length = reply->length};

    if (link == NULL || endpoint_is_ipv6(&reply->to) != link->is_ipv6)
        return PXE_NOT_FOUND;
    datagram.interface_index = link->nic.index;
    if (!is_for_its_link(link, &reply->to)) {
        pxe_status status = way_find(net, reply, &by, &datagram.interface_index);
        if (status != PXE_OK)
            return status;
    }
    return outbox_send(by, by == link ? reply->link : link_id_of(by), &datagram);
}
