#include "net/interfaces.h"

#include <string.h>

enum { POINT_TO_POINT = 31 }; /* bits from which on a subnet has no broadcast address (RFC 3021) */

static bool is_link_local(const uint8_t *ipv6)
{
    return ipv6[0] == 0xfe && (ipv6[1] & 0xc0) == 0x80;
}

static void ipv4_set(struct net_interface *nic, const struct interface_address *address)
{
    nic->has_ipv4 = true;
    nic->ipv4_prefix = address->prefix_length;
    memset(nic->ipv4_broadcast, 0xff, sizeof(nic->ipv4_broadcast));
    memcpy(nic->ipv4, address->address.address, sizeof(nic->ipv4));
    for (unsigned i = 0; i < 4 && address->prefix_length < POINT_TO_POINT; i++) {
        unsigned network_bits = address->prefix_length > 8 * i ? address->prefix_length - 8 * i : 0;
        unsigned host = network_bits >= 8 ? 0 : 0xffu >> network_bits;
        nic->ipv4_broadcast[i] = (uint8_t)(nic->ipv4[i] | host);
    }
}

static void ipv6_set(struct net_interface *nic, const uint8_t *address)
{
    if (is_link_local(address)) {
        memcpy(nic->link_local, address, 16);
        nic->has_ipv6 = true;
    } else if (!nic->has_global) {
        memcpy(nic->global, address, 16);
        nic->has_global = nic->has_ipv6 = true;
    }
}

static struct net_interface interface_gather(const struct interface_address *addresses,
                                             size_t count, uint32_t index)
{
    struct net_interface nic = {.index = index};

    for (size_t i = 0; i < count; i++) {
        if (addresses[i].interface_index != index)
            continue;
        if (endpoint_is_ipv6(&addresses[i].address))
            ipv6_set(&nic, addresses[i].address.address);
        else if (!nic.has_ipv4)
            ipv4_set(&nic, &addresses[i]);
    }
    return nic;
}

static void list_begin(struct interface_list *list, const struct interface_address *addresses,
                       size_t count)
{
    list->count = 0;
    list->address_count = count < INTERFACE_ADDRESSES_MAX ? count : INTERFACE_ADDRESSES_MAX;
    memcpy(list->addresses, addresses, list->address_count * sizeof(*addresses));
}

static void list_add(struct interface_list *list, const struct net_interface *nic)
{
    if (list->count < INTERFACES_MAX)
        list->entries[list->count++] = *nic;
}

static void add_all_up(struct interface_list *list, const struct interface_address *addresses,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!addresses[i].is_up || interface_find(list, addresses[i].interface_index) != NULL)
            continue;
        struct net_interface nic = interface_gather(addresses, count, addresses[i].interface_index);
        list_add(list, &nic);
    }
}

/* A scope tells which interface is meant, as link-local addresses may be on several. */
static bool is_wanted(const struct interface_address *address, const struct net_endpoint *wanted)
{
    return address->address.length == wanted->length &&
           memcmp(address->address.address, wanted->address, wanted->length) == 0 &&
           (wanted->scope == 0 || wanted->scope == address->interface_index);
}

/* The interface with this address; a chosen IPv4 address stands in for the primary one. */
static bool add_chosen(struct interface_list *list, const struct interface_address *addresses,
                       size_t count, const struct net_endpoint *wanted)
{
    size_t i = 0;

    while (i < count && !is_wanted(&addresses[i], wanted))
        i++;
    if (i == count)
        return false;
    struct net_interface nic = interface_gather(addresses, count, addresses[i].interface_index);
    if (!endpoint_is_ipv6(wanted))
        ipv4_set(&nic, &addresses[i]);
    else if (interface_find(list, nic.index) != NULL)
        return true; /* already there by another of its addresses */
    list_add(list, &nic);
    return true;
}

size_t interfaces_select(const struct interface_address *addresses, size_t count,
                         const struct net_endpoint *chosen, size_t chosen_count,
                         struct interface_list *out_list)
{
    size_t missing = chosen_count;

    list_begin(out_list, addresses, count);
    if (chosen_count == 0)
        add_all_up(out_list, addresses, count);
    for (size_t i = 0; i < chosen_count; i++)
        if (!add_chosen(out_list, addresses, count, &chosen[i]) && missing == chosen_count)
            missing = i;
    return missing;
}

/* The entry that names this address or its interface; NULL: none does. */
static const struct rule *rule_find(const struct rule_list *list,
                                    const struct interface_address *address)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct rule *rule = &list->rules[i];
        if (rule_names_mac(rule, address->mac, address->mac_length) ||
            (!endpoint_is_ipv6(&address->address) &&
             rule_names_ipv4(rule, address->address.address)))
            return rule;
    }
    return NULL;
}

/* The first address of the interface that an entry names, or whose MAC address one names. */
static const struct interface_address *listed_find(const struct rule_list *list,
                                                   const struct interface_address *addresses,
                                                   size_t count, uint32_t index)
{
    for (size_t i = 0; i < count; i++)
        if (addresses[i].interface_index == index && rule_find(list, &addresses[i]) != NULL)
            return &addresses[i];
    return NULL;
}

void interfaces_select_by_rules(const struct interface_address *addresses, size_t count,
                                const struct bind_rules *rules, struct interface_list *out_list)
{
    list_begin(out_list, addresses, count);
    for (size_t i = 0; i < count; i++) {
        const uint32_t index = addresses[i].interface_index;
        if (interface_find(out_list, index) != NULL)
            continue;
        const struct interface_address *listed = listed_find(&rules->list, addresses, count, index);
        if (!bind_rules_allow(rules, listed != NULL) || (listed == NULL && !addresses[i].is_up))
            continue;
        struct net_interface nic = interface_gather(addresses, count, index);
        if (listed != NULL && rule_find(&rules->list, listed)->subject == SUBJECT_IP)
            ipv4_set(&nic, listed);
        list_add(out_list, &nic);
    }
}

const struct net_interface *interface_find(const struct interface_list *list, uint32_t index)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].index == index)
            return &list->entries[i];
    return NULL;
}

bool interface_is_same_ipv4(const struct net_interface *one, const struct net_interface *other)
{
    return one->index == other->index && one->has_ipv4 && other->has_ipv4 &&
           memcmp(one->ipv4, other->ipv4, 4) == 0 &&
           memcmp(one->ipv4_broadcast, other->ipv4_broadcast, 4) == 0;
}

bool prefix_is_same(const uint8_t *one, const uint8_t *other, unsigned bits)
{
    unsigned bytes = bits / 8;
    uint8_t mask = (uint8_t)(0xff00u >> bits % 8);

    return memcmp(one, other, bytes) == 0 &&
           (bits % 8 == 0 || (one[bytes] & mask) == (other[bytes] & mask));
}

bool interfaces_have_address(const struct interface_list *list, const struct net_endpoint *endpoint)
{
    for (size_t i = 0; i < list->address_count; i++) {
        const struct net_endpoint *own = &list->addresses[i].address;
        if (own->length == endpoint->length &&
            memcmp(own->address, endpoint->address, own->length) == 0)
            return true;
    }
    return false;
}

bool interfaces_are_on_link(const struct interface_list *list, uint32_t index,
                            const struct net_endpoint *endpoint)
{
    for (size_t i = 0; i < list->address_count; i++) {
        const struct interface_address *own = &list->addresses[i];
        if (own->interface_index == index && own->address.length == endpoint->length &&
            prefix_is_same(own->address.address, endpoint->address, own->prefix_length))
            return true;
    }
    return false;
}
