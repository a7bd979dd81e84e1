#include "win32/interfaces.h"

#include <iphlpapi.h>
#include <string.h>

#include "base/mem.h"

static IP_ADAPTER_ADDRESSES *adapters_read(void)
{
    ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    ULONG size = 16384;

    for (int attempt = 0; attempt < 4; attempt++) {
        IP_ADAPTER_ADDRESSES *adapters = mem_alloc(size);
        if (adapters == NULL)
            return NULL;
        ULONG status = GetAdaptersAddresses(AF_UNSPEC, flags, NULL, adapters, &size);
        if (status == ERROR_SUCCESS)
            return adapters;
        mem_free(adapters);
        if (status != ERROR_BUFFER_OVERFLOW)
            return NULL;
    }
    return NULL;
}

static struct in_addr ipv4_of(const IP_ADAPTER_UNICAST_ADDRESS *unicast)
{
    struct sockaddr_in address;
    memcpy(&address, unicast->Address.lpSockaddr, sizeof address);
    return address.sin_addr;
}

static bool is_ipv4(const IP_ADAPTER_UNICAST_ADDRESS *unicast)
{
    return unicast->Address.lpSockaddr->sa_family == AF_INET;
}

static struct in6_addr ipv6_of(const IP_ADAPTER_UNICAST_ADDRESS *unicast)
{
    struct sockaddr_in6 address;
    memcpy(&address, unicast->Address.lpSockaddr, sizeof address);
    return address.sin6_addr;
}

static bool is_address(const IP_ADAPTER_UNICAST_ADDRESS *unicast, const struct net_endpoint *wanted)
{
    if (is_ipv4(unicast)) {
        struct in_addr ipv4 = ipv4_of(unicast);
        return wanted->length == 4 && memcmp(&ipv4, wanted->address, 4) == 0;
    }
    struct in6_addr ipv6 = ipv6_of(unicast);
    return wanted->length == 16 && memcmp(&ipv6, wanted->address, 16) == 0;
}

static void ipv4_add(struct net_interface *nic, const IP_ADAPTER_UNICAST_ADDRESS *unicast)
{
    UINT8 prefix = unicast->OnLinkPrefixLength;
    ULONG host_bits = prefix >= 32 ? 0 : 0xffffffffu >> prefix;

    nic->has_ipv4 = true;
    nic->ipv4 = ipv4_of(unicast);
    nic->ipv4_broadcast.s_addr = nic->ipv4.s_addr | htonl(host_bits);
}

/* The first address of each kind is the primary one. */
static struct net_interface interface_read(const IP_ADAPTER_ADDRESSES *adapter)
{
    struct net_interface nic = {.index = adapter->IfIndex};

    for (const IP_ADAPTER_UNICAST_ADDRESS *unicast = adapter->FirstUnicastAddress; unicast != NULL;
         unicast = unicast->Next) {
        if (is_ipv4(unicast)) {
            if (!nic.has_ipv4)
                ipv4_add(&nic, unicast);
            continue;
        }
        struct in6_addr ipv6 = ipv6_of(unicast);
        if (IN6_IS_ADDR_LINKLOCAL(&ipv6)) {
            nic.link_local = ipv6;
            nic.has_ipv6 = true;
        } else if (!nic.has_global) {
            nic.global = ipv6;
            nic.has_global = nic.has_ipv6 = true;
        }
    }
    return nic;
}

static void list_add(struct interface_list *list, const struct net_interface *nic)
{
    if (list->count < INTERFACES_MAX && (nic->has_ipv4 || nic->has_ipv6))
        list->entries[list->count++] = *nic;
}

static void add_all_up(struct interface_list *list, const IP_ADAPTER_ADDRESSES *adapters)
{
    for (const IP_ADAPTER_ADDRESSES *adapter = adapters; adapter != NULL; adapter = adapter->Next) {
        struct net_interface nic = interface_read(adapter);
        if (adapter->OperStatus == IfOperStatusUp && adapter->IfType != IF_TYPE_SOFTWARE_LOOPBACK)
            list_add(list, &nic);
    }
}

/* The interface with this address; a chosen IPv4 address stands in for the primary one. */
static bool add_chosen(struct interface_list *list, const IP_ADAPTER_ADDRESSES *adapters,
                       const struct net_endpoint *wanted)
{
    for (const IP_ADAPTER_ADDRESSES *adapter = adapters; adapter != NULL; adapter = adapter->Next) {
        for (const IP_ADAPTER_UNICAST_ADDRESS *unicast = adapter->FirstUnicastAddress;
             unicast != NULL; unicast = unicast->Next) {
            if (!is_address(unicast, wanted))
                continue;
            struct net_interface nic = interface_read(adapter);
            if (is_ipv4(unicast))
                ipv4_add(&nic, unicast);
            else if (interface_find(list, nic.index) != NULL)
                return true; /* already there by another of its addresses */
            list_add(list, &nic);
            return true;
        }
    }
    return false;
}

pxe_status interfaces_read(const struct net_endpoint *chosen, size_t chosen_count,
                           struct interface_list *out_list, size_t *out_missing)
{
    IP_ADAPTER_ADDRESSES *adapters = adapters_read();
    size_t found = 0;

    out_list->count = 0;
    if (chosen_count == 0)
        add_all_up(out_list, adapters);
    while (found < chosen_count && add_chosen(out_list, adapters, &chosen[found]))
        found++;
    mem_free(adapters);
    *out_missing = found;
    return found < chosen_count || out_list->count == 0 ? PXE_NOT_FOUND : PXE_OK;
}

const struct net_interface *interface_find(const struct interface_list *list, ULONG index)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->entries[i].index == index)
            return &list->entries[i];
    return NULL;
}
