#include "conditions.h"

#include <string.h>

#include "answer/values/ini.h"

#define LIST_MAX 4096
#define PATTERN_MAX 255
#define HARDWARE_ETHERNET 1

/* ---- reading ---- */

/* What the items of one kind are read with. Returns NULL or a problem. */
typedef const char *item_reader(struct arena *arena, const char *text, void *out, size_t *count);

#define OUT_OF_MEMORY "there is not enough memory for it"

static const char *read_mac(struct arena *arena, const char *text, void *out, size_t *count)
{
    struct mac_pattern *mac = out;
    size_t length = 0;
    const char *problem = value_mac_prefix(text, mac->bytes, &length);

    (void)arena;
    mac->length = (uint8_t)length;
    *count = 1;
    return problem;
}

static const char *read_guid(struct arena *arena, const char *text, void *out, size_t *count)
{
    struct guid_value *guid = out;

    (void)arena;
    *count = 1;
    return value_guid(text, guid->bytes);
}

static const char *keep_pattern(struct arena *arena, const void *bytes, size_t length,
                                bool is_exact, struct pattern *out)
{
    out->text = arena_text(arena, bytes, length);
    out->length = (uint32_t)length;
    out->is_exact = is_exact;
    return out->text == NULL ? OUT_OF_MEMORY : NULL;
}

static const char *read_duid(struct arena *arena, const char *text, void *out, size_t *count)
{
    uint8_t duid[VALUE_DUID_MAX];
    size_t length;
    const char *problem = value_duid(text, duid, &length);

    *count = 1;
    return problem != NULL ? problem : keep_pattern(arena, duid, length, true, out);
}

/* "text*" or hex:0a0b */
static const char *read_pattern(struct arena *arena, const char *text, void *out, size_t *count)
{
    char value[PATTERN_MAX + 1];
    uint8_t bytes[PATTERN_MAX];
    size_t length;
    const char *problem;

    *count = 1;
    if (ini_starts(text, "hex:")) {
        if (!value_hex(text + 4, bytes, sizeof(bytes), &length))
            return "write hex: and 1 to 255 bytes of two digits each, such as hex:0a0b";
        return keep_pattern(arena, bytes, length, true, out);
    }
    problem = value_text(text, value, sizeof(value));
    return problem != NULL ? problem : keep_pattern(arena, value, strlen(value), false, out);
}

static const char *read_arch(struct arena *arena, const char *text, void *out, size_t *count)
{
    (void)arena;
    return value_archs(text, out, count);
}

static const char *read_subnet(struct arena *arena, const char *text, void *out, size_t *count)
{
    struct subnet *subnet = out;

    (void)arena;
    *count = 1;
    return value_subnet(text, subnet->bytes, &subnet->size, &subnet->bits);
}

static size_t count_items(const char *text)
{
    size_t count = 1;

    for (; *text != '\0'; ++text)
        count += *text == ',';
    return count;
}

/* Reads a list; `most` items of `size` bytes come of one text. */
static const char *read_list(struct arena *arena, char *text, item_reader *read, size_t size,
                             size_t most, const void **out_items, uint32_t *out_count)
{
    size_t room = count_items(text) * most;
    uint8_t *items = room > LIST_MAX ? NULL : arena_get(arena, room * size + size * most);
    size_t used = 0;

    if (room > LIST_MAX)
        return "the list has more than 4096 items; use a machine list (machines=...)";
    if (items == NULL)
        return OUT_OF_MEMORY;
    for (char *item; (item = ini_next_item(&text)) != NULL;) {
        size_t count = 0;
        const char *problem = *item == '\0' ? "an item of the list is empty; remove the comma"
                                            : read(arena, item, items + used * size, &count);

        if (problem != NULL)
            return problem;
        used += count;
    }
    *out_items = items;
    *out_count = (uint32_t)used;
    return NULL;
}

static const char *read_via(char *text, uint8_t *out)
{
    static const struct {
        const char *name;
        uint8_t bit;
    } ways[] = {{"PXE", VIA_PXE},
                {"HTTP", VIA_HTTP},
                {"IPv4", VIA_IPV4},
                {"IPv6", VIA_IPV6},
                {"iPXE", VIA_IPXE}};
    uint8_t via = 0;

    for (char *item; (item = ini_next_item(&text)) != NULL;) {
        size_t i = 0;

        while (i < sizeof(ways) / sizeof(ways[0]) && !ini_same(item, ways[i].name))
            ++i;
        if (i == sizeof(ways) / sizeof(ways[0]))
            return "write one or more of PXE, HTTP, iPXE, IPv4, IPv6, with commas between";
        via |= ways[i].bit;
    }
    *out = via;
    return NULL;
}

#define READ(field, reader, most)                                                                  \
    read_list(arena, text, reader, sizeof(*conditions->field.items), most,                         \
              (const void **)(uintptr_t)&conditions->field.items, &conditions->field.count)

static const char *read_known(struct arena *arena, struct conditions *conditions, const char *key,
                              char *text, bool *out_known)
{
    if (ini_same(key, "mac"))
        return READ(macs, read_mac, 1);
    if (ini_same(key, "guid"))
        return READ(guids, read_guid, 1);
    if (ini_same(key, "duid"))
        return READ(duids, read_duid, 1);
    if (ini_same(key, "arch"))
        return READ(archs, read_arch, VALUE_ARCHS_MAX);
    if (ini_same(key, "subnet"))
        return READ(subnets, read_subnet, 1);
    if (ini_same(key, "interface"))
        return READ(interfaces, read_subnet, 1);
    if (ini_same(key, "vendor_class"))
        return READ(vendor_classes, read_pattern, 1);
    if (ini_same(key, "user_class"))
        return READ(user_classes, read_pattern, 1);
    if (ini_same(key, "client_id"))
        return READ(client_ids, read_pattern, 1);
    if (ini_same(key, "circuit_id"))
        return READ(circuit_ids, read_pattern, 1);
    if (ini_same(key, "remote_id"))
        return READ(remote_ids, read_pattern, 1);
    if (ini_same(key, "via"))
        return read_via(text, &conditions->via);
    *out_known = false;
    return NULL;
}

const char *condition_read(struct arena *arena, struct conditions *conditions, const char *key,
                           char *text, bool *out_known)
{
    *out_known = true;
    const char *problem = read_known(arena, conditions, key, text, out_known);
    if (*out_known)
        ++conditions->count;
    return problem;
}

/* ---- asking ---- */

const uint8_t *asker_mac(const struct client_facts *facts)
{
    bool is_good = facts->mac.length == VALUE_MAC_SIZE &&
                   (!facts->is_ipv6 || facts->hardware_type == HARDWARE_ETHERNET);

    return is_good ? facts->mac.bytes : NULL;
}

static bool mac_holds(const struct conditions *conditions, const struct client_facts *facts)
{
    const uint8_t *address = asker_mac(facts);

    for (uint32_t i = 0; address != NULL && i < conditions->macs.count; ++i) {
        const struct mac_pattern *mac = &conditions->macs.items[i];

        if (memcmp(mac->bytes, address, mac->length) == 0)
            return true;
    }
    return false;
}

/* RFC 6355 wants the UUID of a DUID in network order, firmware has it as SMBIOS does: either
 * counts. */
static bool guid_holds(const struct conditions *conditions, const struct client_facts *facts)
{
    for (uint32_t i = 0; facts->has_guid && i < conditions->guids.count; ++i) {
        const uint8_t *guid = conditions->guids.items[i].bytes;

        if (memcmp(guid, facts->guid, VALUE_GUID_SIZE) == 0 ||
            (facts->is_guid_order_unsure &&
             memcmp(guid, facts->guid_swapped, VALUE_GUID_SIZE) == 0))
            return true;
    }
    return false;
}

static bool arch_holds(const struct conditions *conditions, const struct client_facts *facts)
{
    for (size_t at = 0; at < facts->architecture_count; ++at) {
        for (uint32_t i = 0; i < conditions->archs.count; ++i) {
            if (conditions->archs.items[i] == facts->architectures[at])
                return true;
        }
    }
    return false;
}

static bool pattern_holds(const struct pattern *pattern, const struct fact_bytes *span)
{
    if (pattern->is_exact)
        return pattern->length == span->length &&
               memcmp(pattern->text, span->bytes, span->length) == 0;
    return ini_matches(pattern->text, pattern->length, span->bytes, span->length);
}

/* One of the patterns is that of one of the texts. */
static bool any_holds(const struct pattern *patterns, uint32_t count,
                      const struct fact_bytes *spans, size_t span_count)
{
    for (size_t s = 0; s < span_count; ++s) {
        for (uint32_t i = 0; spans[s].bytes != NULL && i < count; ++i) {
            if (pattern_holds(&patterns[i], &spans[s]))
                return true;
        }
    }
    return false;
}

static bool is_in(const struct subnet *subnet, const uint8_t *address, size_t size)
{
    uint8_t whole = subnet->bits / 8;
    uint8_t rest = subnet->bits % 8;

    return subnet->size == size && memcmp(subnet->bytes, address, whole) == 0 &&
           (rest == 0 || (subnet->bytes[whole] ^ address[whole]) >> (8 - rest) == 0);
}

static bool any_is_in(const struct subnet *subnets, uint32_t count, struct fact_address address)
{
    for (uint32_t i = 0; i < count; ++i) {
        if (is_in(&subnets[i], address.bytes, address.length))
            return true;
    }
    return false;
}

/* fe80::/10 means nothing without a link. */
static bool is_link_local(const struct fact_address *address)
{
    return address->length == VALUE_IPV6_SIZE && address->bytes[0] == 0xfe &&
           (address->bytes[1] & 0xc0) == 0x80;
}

static bool is_set(const struct fact_address *address)
{
    for (uint8_t i = 0; i < address->length; ++i) {
        if (address->bytes[i] != 0)
            return true;
    }
    return false;
}

struct fact_address asker_subnet(const struct asker *asker)
{
    const struct client_facts *facts = asker->facts;

    if (is_set(&facts->link))
        return facts->link;
    if (is_set(&facts->client) && !is_link_local(&facts->client))
        return facts->client;
    return asker->ours;
}

bool asker_is_uboot(const struct client_facts *facts)
{
    static const char start[] = "U-Boot";

    return facts->vendor_class.length >= sizeof(start) - 1 &&
           memcmp(facts->vendor_class.bytes, start, sizeof(start) - 1) == 0;
}

/* Of the two families one named is enough, and of the ways to boot one. */
static bool via_holds(uint8_t via, const struct client_facts *facts)
{
    uint8_t families = via & (VIA_IPV4 | VIA_IPV6);
    uint8_t ways = via & (VIA_PXE | VIA_HTTP | VIA_IPXE);
    uint8_t way = facts->boot == FACTS_BOOT_HTTP  ? VIA_HTTP
                  : facts->boot == FACTS_BOOT_PXE ? VIA_PXE
                                                  : 0;

    if (facts->is_ipxe)
        way |= VIA_IPXE;
    return (families == 0 || (families & (facts->is_ipv6 ? VIA_IPV6 : VIA_IPV4)) != 0) &&
           (ways == 0 || (ways & way) != 0);
}

#define ANY(list, spans, span_count)                                                               \
    any_holds(conditions->list.items, conditions->list.count, spans, span_count)
#define ANY_SUBNET(list, address) any_is_in(conditions->list.items, conditions->list.count, address)

/* Each is only asked if the section has it. */
static const char *find_failed_machine(const struct conditions *conditions,
                                       const struct client_facts *facts)
{
    if (conditions->via != 0 && !via_holds(conditions->via, facts))
        return "via";
    if (conditions->archs.count > 0 && !arch_holds(conditions, facts))
        return "arch";
    if (conditions->macs.count > 0 && !mac_holds(conditions, facts))
        return "mac";
    if (conditions->guids.count > 0 && !guid_holds(conditions, facts))
        return "guid";
    if (conditions->duids.count > 0 && !ANY(duids, &facts->duid, 1))
        return "duid";
    return NULL;
}

static const char *find_failed_text(const struct conditions *conditions,
                                    const struct client_facts *facts)
{
    if (conditions->vendor_classes.count > 0 && !ANY(vendor_classes, &facts->vendor_class, 1))
        return "vendor_class";
    if (conditions->user_classes.count > 0 &&
        !ANY(user_classes, facts->user_classes, facts->user_class_count))
        return "user_class";
    if (conditions->client_ids.count > 0 && !ANY(client_ids, &facts->client_id, 1))
        return "client_id";
    if (conditions->circuit_ids.count > 0 && !ANY(circuit_ids, &facts->circuit_id, 1))
        return "circuit_id";
    if (conditions->remote_ids.count > 0 && !ANY(remote_ids, &facts->remote_id, 1))
        return "remote_id";
    return NULL;
}

static const char *find_failed_place(const struct conditions *conditions, const struct asker *asker)
{
    if (conditions->subnets.count > 0 && !ANY_SUBNET(subnets, asker_subnet(asker)))
        return "subnet";
    if (conditions->interfaces.count > 0 && !ANY_SUBNET(interfaces, asker->ours))
        return "interface";
    return NULL;
}

bool conditions_hold(const struct conditions *conditions, const struct asker *asker,
                     const char **out_failed)
{
    *out_failed = find_failed_machine(conditions, asker->facts);
    if (*out_failed == NULL)
        *out_failed = find_failed_place(conditions, asker);
    if (*out_failed == NULL)
        *out_failed = find_failed_text(conditions, asker->facts);
    return *out_failed == NULL;
}
