#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp6.h"
#include "facts/facts.h"
#include "facts/read.h"

enum {
    OPTION_WANTED = 6,        /* RFC 8415 section 21.7 */
    OPTION_USER_CLASS = 15,   /* RFC 8415 section 21.15 */
    OPTION_REMOTE_ID = 37,    /* RFC 4649 */
    OPTION_ARCHITECTURE = 61, /* RFC 5970 section 3.3 */
    OPTION_UNDI = 62,         /* RFC 5970 section 3.4 */
    OPTION_LINK_LAYER = 79,   /* RFC 6939 */
    OPTION_RELAY_PORT = 135,  /* RFC 8357 */
    ENTERPRISE_SIZE = 4,
    HARDWARE_TYPE_SIZE = 2,
    IPV6_SIZE = 16,
};

struct message {
    const uint8_t *bytes;
    size_t length;
};

static struct dhcp6_walk walk_over(struct message message)
{
    size_t header = dhcp6_header_size(message.bytes[DHCP6_TYPE]);

    return (struct dhcp6_walk){message.bytes + header, message.bytes + message.length};
}

/* The next option with this code. What is behind an option that does not fit is not looked at. */
static bool next_with(struct dhcp6_walk *walk, uint16_t code, struct fact_bytes *out_value)
{
    struct dhcp6_option option;

    if (!dhcp6_walk_to(walk, code, &option))
        return false;
    *out_value = fact_part(option.value, option.length);
    return true;
}

static struct fact_bytes find(struct message message, uint16_t code)
{
    struct dhcp6_walk walk = walk_over(message);
    struct fact_bytes value;

    return next_with(&walk, code, &value) ? value : fact_part(NULL, 0);
}

/* All instances as one list; the first alone if the store is full. */
static struct fact_bytes find_joined(struct message message, uint16_t code,
                                     struct facts_store *store)
{
    struct dhcp6_walk walk = walk_over(message);
    struct fact_bytes first;
    struct fact_bytes next;
    size_t used = store->used;
    uint8_t *start = facts_join_begin(store);

    if (!next_with(&walk, code, &first))
        return fact_part(NULL, 0);
    if (!next_with(&walk, code, &next))
        return first;
    bool fits = facts_join(store, first);
    do {
        fits = fits && facts_join(store, next);
    } while (fits && next_with(&walk, code, &next));
    if (!fits) {
        store->used = used;
        return first;
    }
    return fact_part(start, store->used - used);
}

static bool is_message(struct message message)
{
    return message.length >= DHCP6_OPTIONS &&
           message.length >= dhcp6_header_size(message.bytes[DHCP6_TYPE]);
}

/* ---- lists of texts, each with its length before it ---- */

static bool next_text(struct byte_reader *reader, struct fact_bytes *out_text)
{
    uint16_t length;
    const uint8_t *bytes;

    if (!byte_reader_be16(reader, &length) || !byte_reader_take(reader, length, &bytes))
        return false;
    *out_text = fact_part(bytes, length);
    return true;
}

static void read_user_classes(struct message message, struct client_facts *facts)
{
    struct dhcp6_walk walk = walk_over(message);
    struct fact_bytes value;
    struct fact_bytes text;

    while (next_with(&walk, OPTION_USER_CLASS, &value)) {
        struct byte_reader reader = {value.bytes, value.length};

        while (next_text(&reader, &text))
            facts_add_user_class(facts, text);
    }
}

/* There may be one for each enterprise; the first that names a way to boot counts, else the first.
 */
static void read_vendor_class(struct message message, struct client_facts *facts)
{
    struct dhcp6_walk walk = walk_over(message);
    struct fact_bytes value;
    struct fact_bytes text;

    while (facts->boot == FACTS_BOOT_OTHER && next_with(&walk, DHCP6_OPT_VENDOR_CLASS, &value)) {
        struct byte_reader reader = {value.bytes, value.length};
        uint32_t enterprise;

        if (!byte_reader_be32(&reader, &enterprise))
            continue;
        while (facts->boot == FACTS_BOOT_OTHER && next_text(&reader, &text)) {
            if (facts->vendor_class.bytes != NULL &&
                facts_boot_of(text.bytes, text.length) == FACTS_BOOT_OTHER)
                continue;
            facts_take_class(facts, text);
            facts->vendor_enterprise = enterprise;
        }
    }
}

/* ---- relays ---- */

static struct fact_address address_of(const uint8_t *bytes)
{
    static const uint8_t unset[IPV6_SIZE];
    struct fact_address address = {.length = IPV6_SIZE};

    memcpy(address.bytes, bytes, IPV6_SIZE);
    if (memcmp(bytes, unset, IPV6_SIZE) == 0)
        address.length = 0;
    return address;
}

static void take_link_layer(struct client_facts *facts, struct fact_bytes value)
{
    facts->mac = fact_part(NULL, 0); /* only the first relay saw the client (RFC 6939 section 5) */
    if (value.length <= HARDWARE_TYPE_SIZE)
        return;
    facts->mac = fact_part(value.bytes + HARDWARE_TYPE_SIZE, value.length - HARDWARE_TYPE_SIZE);
    facts->hardware_type = value.bytes[0] == 0 ? value.bytes[1] : 0;
}

/* One layer. They are read from the outermost inwards: what one nearer the client says counts. */
static void read_layer(struct message layer, struct client_facts *facts)
{
    struct fact_bytes interface_id = find(layer, DHCP6_OPT_INTERFACE_ID);
    struct fact_bytes remote_id = find(layer, OPTION_REMOTE_ID);
    struct fact_address link = address_of(layer.bytes + DHCP6_RELAY_LINK_ADDRESS);

    take_link_layer(facts, find(layer, OPTION_LINK_LAYER));
    if (interface_id.bytes != NULL)
        facts->circuit_id = interface_id;
    if (remote_id.length > ENTERPRISE_SIZE)
        facts->remote_id =
            fact_part(remote_id.bytes + ENTERPRISE_SIZE, remote_id.length - ENTERPRISE_SIZE);
    facts->relay = link;
    if (link.length != 0)
        facts->link = link;
    facts->client = address_of(layer.bytes + DHCP6_RELAY_PEER_ADDRESS);
    if (facts->relay_count == 0)
        facts->has_relay_port = find(layer, OPTION_RELAY_PORT).bytes != NULL;
    facts->relay_count++;
}

/* Down to the client's own message; as far as it can be followed if a layer is broken. */
static struct message unwrap(struct message message, struct client_facts *facts)
{
    while (message.bytes[DHCP6_TYPE] == DHCP6_RELAY_FORW &&
           facts->relay_count < FACTS_RELAY_LAYERS_MAX) {
        struct fact_bytes inner = find(message, DHCP6_OPT_RELAY_MESSAGE);
        struct message next = {inner.bytes, inner.length};

        if (!is_message(next))
            break;
        read_layer(message, facts);
        message = next;
    }
    return message;
}

/* ---- the client's own message ---- */

static void read_message(struct message message, struct facts_store *store,
                         struct client_facts *facts)
{
    struct fact_bytes elapsed = find(message, DHCP6_OPT_ELAPSED_TIME);

    facts->has_type = true;
    facts->type = message.bytes[DHCP6_TYPE];
    facts->transaction = be32_get(message.bytes) & 0xffffffu;
    facts->wanted = find_joined(message, OPTION_WANTED, store);
    if (elapsed.length == sizeof(uint16_t))
        facts->seconds = be16_get(elapsed.bytes) / 100u; /* hundredths (RFC 8415 section 21.9) */
    facts->server_id = find(message, DHCP6_OPT_SERVER_ID);
    facts->client_id = find(message, DHCP6_OPT_CLIENT_ID);
    facts_take_duid(facts, facts->client_id);
    read_vendor_class(message, facts);
    read_user_classes(message, facts);
    facts_take_architectures(facts, find_joined(message, OPTION_ARCHITECTURE, store));
    facts_take_undi(facts, find(message, OPTION_UNDI));
}

void facts6_read(const uint8_t *packet, size_t length, struct facts_store *store,
                 struct client_facts *out_facts)
{
    struct message message = {packet, length};

    memset(out_facts, 0, sizeof(*out_facts));
    store->used = 0;
    out_facts->is_ipv6 = true;
    if (!is_message(message))
        return;
    out_facts->is_dhcp = true;
    read_message(unwrap(message, out_facts), store, out_facts);
    facts_finish(out_facts);
}
