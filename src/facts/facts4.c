#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp4.h"
#include "dhcp/dhcp4_scan.h"
#include "facts/facts.h"
#include "facts/read.h"

enum {
    OPTION_REQUESTED_ADDRESS = 50, /* RFC 2132 */
    OPTION_WANTED = 55,
    OPTION_MAX_SIZE = 57,
    OPTION_USER_CLASS = 77,   /* RFC 3004 */
    OPTION_AGENT = 82,        /* RFC 3046 */
    OPTION_ARCHITECTURE = 93, /* RFC 4578 */
    OPTION_UNDI = 94,
    OPTION_IPXE = 175, /* iPXE's own, as Etherboot had it */

    AGENT_CIRCUIT_ID = 1,
    AGENT_REMOTE_ID = 2,
    AGENT_LINK_SELECTION = 5, /* RFC 3527 */
    AGENT_RELAY_PORT = 19,    /* RFC 8357 */

    VENDOR_BOOT_ITEM = 71, /* PXE 2.1 table 2-1 */
    BOOT_ITEM_SIZE = 4,

    IPV4_SIZE = 4,
    MACHINE_ID_SIZE = 1 + FACTS_GUID_SIZE,
    CLIENT_ID_DUID = 255, /* RFC 4361 section 6.1: type, IAID, DUID */
    CLIENT_ID_IAID = 4,
};

/* A packet, and the store for what has to be joined. */
struct reader {
    const uint8_t *packet;
    size_t length;
    struct facts_store *store;
};

static struct dhcp4_scan scan(const struct reader *reader)
{
    return dhcp4_scan_start(reader->packet, reader->length);
}

static struct fact_bytes next_with(struct dhcp4_scan *scan, uint8_t code)
{
    const uint8_t *option = dhcp4_scan_next(scan, code);

    return option != NULL ? fact_part(option + 2, option[1]) : fact_part(NULL, 0);
}

static struct fact_bytes find(const struct reader *reader, uint8_t code)
{
    struct dhcp4_scan all = scan(reader);

    return next_with(&all, code);
}

/* All instances as one value (RFC 3396 section 7); the first alone if the store is full. */
static struct fact_bytes find_joined(const struct reader *reader, uint8_t code)
{
    struct dhcp4_scan all = scan(reader);
    struct fact_bytes first = next_with(&all, code);
    struct fact_bytes next = first.bytes != NULL ? next_with(&all, code) : first;
    size_t used = reader->store->used;
    uint8_t *start = facts_join_begin(reader->store);

    if (next.bytes == NULL)
        return first;
    bool fits = facts_join(reader->store, first);
    for (; fits && next.bytes != NULL; next = next_with(&all, code))
        fits = facts_join(reader->store, next);
    if (!fits) {
        reader->store->used = used;
        return first;
    }
    return fact_part(start, reader->store->used - used);
}

/* An option of one size: the first instance that has it, or all together if those have. */
static struct fact_bytes find_sized(const struct reader *reader, uint8_t code, size_t size)
{
    struct fact_bytes first = find(reader, code);

    if (first.length != size)
        first = find_joined(reader, code);
    return first.length == size ? first : fact_part(NULL, 0);
}

static struct fact_address address_of(const uint8_t *bytes)
{
    struct fact_address address = {.length = IPV4_SIZE};

    memcpy(address.bytes, bytes, IPV4_SIZE);
    if (be32_get(bytes) == 0)
        address.length = 0;
    return address;
}

/* ---- user classes ---- */

/* RFC 3004 section 4: texts, each with its length before it. False: it is no such list. */
static bool is_list(struct fact_bytes value)
{
    size_t at = 0;

    while (at < value.length && value.bytes[at] != 0)
        at += (size_t)1 + value.bytes[at];
    return value.length > 0 && at == value.length;
}

/* The list, or, as iPXE and Microsoft's clients send it, one bare text. */
static void take_user_classes(struct client_facts *facts, struct fact_bytes value)
{
    if (!is_list(value)) {
        facts_add_user_class(facts, value);
        return;
    }
    for (size_t at = 0; at < value.length; at += (size_t)1 + value.bytes[at])
        facts_add_user_class(facts, fact_part(value.bytes + at + 1, value.bytes[at]));
}

/* Several instances are one list that was split, or each of them a list or a text. */
static void read_user_classes(const struct reader *reader, struct client_facts *facts)
{
    struct fact_bytes joined = find_joined(reader, OPTION_USER_CLASS);
    struct dhcp4_scan all = scan(reader);
    struct fact_bytes one;

    if (joined.bytes == NULL)
        return;
    if (is_list(joined)) {
        take_user_classes(facts, joined);
        return;
    }
    while ((one = next_with(&all, OPTION_USER_CLASS)).bytes != NULL)
        take_user_classes(facts, one);
}

/* ---- who it is ---- */

/* Option 61: a hardware type and address, or an IAID and a DUID, or anything else. */
static void read_client_id(const struct reader *reader, struct client_facts *facts)
{
    struct fact_bytes id = find_joined(reader, DHCP4_OPT_CLIENT_ID);
    const size_t duid = 1 + CLIENT_ID_IAID;

    facts->client_id = id;
    if (id.length > duid && id.bytes[0] == CLIENT_ID_DUID)
        facts_take_duid(facts, fact_part(id.bytes + duid, id.length - duid));
    if (facts->mac.bytes == NULL && id.length == 1 + FACTS_MAC_SIZE && id.bytes[0] == 1) {
        facts->mac = fact_part(id.bytes + 1, FACTS_MAC_SIZE);
        facts->hardware_type = id.bytes[0];
    }
}

static void read_identity(const struct reader *reader, struct client_facts *facts)
{
    const uint8_t *packet = reader->packet;
    size_t size = packet[DHCP4_HLEN];
    struct fact_bytes machine = find_sized(reader, DHCP4_OPT_MACHINE_ID, MACHINE_ID_SIZE);

    if (size > DHCP4_HARDWARE_ADDRESS_MAX)
        size = DHCP4_HARDWARE_ADDRESS_MAX;
    if (size > 0) {
        facts->mac = fact_part(packet + DHCP4_CHADDR, size);
        facts->hardware_type = packet[DHCP4_HTYPE];
    }
    /* RFC 4578 section 2.3: type 0, and the GUID. */
    if (machine.bytes != NULL && machine.bytes[0] == 0)
        facts_take_guid(facts, machine.bytes + 1);
    read_client_id(reader, facts);
}

/* ---- where it is ---- */

/* The first sub-option. The list ends where the option ends (RFC 3046 section 2.0): no Pad, no End.
 */
static struct fact_bytes agent_find(struct fact_bytes agent, uint8_t code)
{
    struct byte_reader reader = {agent.bytes, agent.length};
    const uint8_t *header;
    const uint8_t *value;

    while (byte_reader_take(&reader, 2, &header) && byte_reader_take(&reader, header[1], &value)) {
        if (header[0] == code)
            return fact_part(value, header[1]);
    }
    return fact_part(NULL, 0);
}

static void read_relay(const struct reader *reader, struct client_facts *facts)
{
    struct fact_bytes link;

    facts->client = address_of(reader->packet + DHCP4_CIADDR);
    facts->relay = address_of(reader->packet + DHCP4_GIADDR);
    facts->relay_count = facts->relay.length != 0;
    facts->agent = find_joined(reader, OPTION_AGENT);
    facts->circuit_id = agent_find(facts->agent, AGENT_CIRCUIT_ID);
    facts->remote_id = agent_find(facts->agent, AGENT_REMOTE_ID);
    facts->has_relay_port = agent_find(facts->agent, AGENT_RELAY_PORT).bytes != NULL;
    link = agent_find(facts->agent, AGENT_LINK_SELECTION);
    facts->link = link.length == IPV4_SIZE ? address_of(link.bytes) : facts->relay;
}

/* ---- what it wants ---- */

static void read_vendor(const struct reader *reader, struct client_facts *facts)
{
    struct fact_bytes item;

    facts->vendor = find_joined(reader, DHCP4_OPT_VENDOR);
    item = facts_vendor_find(facts, VENDOR_BOOT_ITEM);
    if (item.length != BOOT_ITEM_SIZE)
        return;
    facts->has_boot_item = true;
    facts->boot_item_type = be16_get(item.bytes);
    facts->boot_item_layer = be16_get(item.bytes + 2);
}

static void read_message(const struct reader *reader, struct client_facts *facts)
{
    struct fact_bytes type = find_sized(reader, DHCP4_OPT_MESSAGE_TYPE, 1);
    struct fact_bytes requested = find_sized(reader, OPTION_REQUESTED_ADDRESS, IPV4_SIZE);
    struct fact_bytes size = find_sized(reader, OPTION_MAX_SIZE, sizeof(uint16_t));

    facts->has_type = type.bytes != NULL;
    facts->type = type.bytes != NULL ? type.bytes[0] : 0;
    facts->transaction = be32_get(reader->packet + DHCP4_XID);
    facts->wanted = find_joined(reader, OPTION_WANTED);
    facts->seconds = facts_seconds(be16_get(reader->packet + DHCP4_SECS));
    facts->server_id = find(reader, DHCP4_OPT_SERVER_ID);
    facts->max_size = size.bytes != NULL ? be16_get(size.bytes) : 0;
    if (requested.bytes != NULL)
        facts->requested = address_of(requested.bytes);
}

/* Option 175 has iPXE's settings, coded as options are; others may use that number otherwise. */
static bool is_settings(struct fact_bytes value)
{
    struct dhcp4_walk walk = {value.bytes, value.length};
    enum dhcp4_step step = DHCP4_STEP_PAD;
    const uint8_t *option;

    while (step <= DHCP4_STEP_OPTION)
        step = dhcp4_walk_step(&walk, &option);
    return value.length > 0 && step != DHCP4_STEP_OVERRUN;
}

static void read_boot(const struct reader *reader, struct client_facts *facts)
{
    facts_take_class(facts, find_joined(reader, DHCP4_OPT_VENDOR_CLASS));
    read_user_classes(reader, facts);
    if (is_settings(find_joined(reader, OPTION_IPXE))) /* some builds (FlexBoot) have no class */
        facts->is_ipxe = true;
    facts_take_architectures(facts, find_joined(reader, OPTION_ARCHITECTURE));
    facts_take_undi(facts, find_sized(reader, OPTION_UNDI, 3));
}

void facts4_read(const uint8_t *packet, size_t length, struct facts_store *store,
                 struct client_facts *out_facts)
{
    const struct reader reader = {packet, length, store};

    memset(out_facts, 0, sizeof(*out_facts));
    store->used = 0;
    if (length < DHCP4_OPTIONS || be32_get(packet + DHCP4_COOKIE) != DHCP4_MAGIC)
        return;
    out_facts->is_dhcp = true;
    read_message(&reader, out_facts);
    read_identity(&reader, out_facts);
    read_relay(&reader, out_facts);
    read_boot(&reader, out_facts);
    read_vendor(&reader, out_facts);
    facts_finish(out_facts);
}
