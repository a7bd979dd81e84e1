#include "decode/facts.h"

#include <string.h>

#include "text/bytes.h"
#include "decode/names.h"
#include "decode/walk.h"
#include "text/text_net.h"

enum {
    AT_HLEN = 2,
    AT_CIADDR = 12,
    AT_GIADDR = 24,
    AT_CHADDR = 28,
    IPV4_SIZE = 4,

    OPTION_MESSAGE_TYPE = 53, /* RFC 2132 section 9.6 */
    OPTION_ARCHITECTURE = 93, /* RFC 4578 section 2.1 */
    OPTION_GUID = 97,         /* RFC 4578 section 2.3 */
    GUID_OPTION_SIZE = 17,

    OPTION6_CLIENT_ID = 1,
    OPTION6_ARCHITECTURE = 61, /* RFC 5970 section 3.3 */
    DUID_LLT = 1,              /* RFC 8415 section 11 */
    DUID_LL = 3,
    DUID_UUID = 4,
};

/* Copies what fits, with a NUL. */
static void keep(struct text *text, char *field, size_t size)
{
    size_t length = text->length < size - 1 ? text->length : size - 1;
    memcpy(field, text_chars(text), length * sizeof(*field));
    field[length] = '\0';
    text_free(text);
}

static void read_mac(const uint8_t *bytes, size_t length, struct request_facts *facts)
{
    struct text mac = TEXT_EMPTY;
    text_put_mac(&mac, bytes, length < DHCP4_CHADDR_SIZE ? length : DHCP4_CHADDR_SIZE);
    keep(&mac, facts->mac, sizeof(facts->mac) / sizeof(facts->mac[0]));
}

static void read_guid(const uint8_t *bytes, struct request_facts *facts)
{
    struct text guid = TEXT_EMPTY;
    text_put_guid(&guid, bytes);
    keep(&guid, facts->guid, sizeof(facts->guid) / sizeof(facts->guid[0]));
}

static void read_architectures(struct dhcp_option option, struct request_facts *facts)
{
    if (option.value == NULL || option.length % 2 != 0)
        return;

    size_t count = option.length / 2;
    if (count > REQUEST_ARCHITECTURES_MAX)
        count = REQUEST_ARCHITECTURES_MAX;
    for (size_t i = 0; i < count; i++)
        facts->architectures[i] = get_be16(option.value + 2 * i);
    facts->architecture_count = (unsigned)count;
}

void request_facts_read(const uint8_t *packet, size_t length, struct request_facts *out_facts)
{
    memset(out_facts, 0, sizeof(*out_facts));
    if (!dhcp4_is_message(packet, length))
        return;

    out_facts->is_dhcp = true;
    read_mac(packet + AT_CHADDR, packet[AT_HLEN], out_facts);
    memcpy(out_facts->client, packet + AT_CIADDR, IPV4_SIZE);
    memcpy(out_facts->relay, packet + AT_GIADDR, IPV4_SIZE);
    struct dhcp_option type = dhcp4_find(packet, length, OPTION_MESSAGE_TYPE);
    if (type.value != NULL && type.length == 1) {
        out_facts->has_type = true;
        out_facts->type = type.value[0];
    }
    /* Option 97 is type 0 and the 16 bytes. */
    struct dhcp_option guid = dhcp4_find(packet, length, OPTION_GUID);
    if (guid.value != NULL && guid.length == GUID_OPTION_SIZE && guid.value[0] == 0)
        read_guid(guid.value + 1, out_facts);
    read_architectures(dhcp4_find(packet, length, OPTION_ARCHITECTURE), out_facts);
}

/* A DUID holds a link-layer address behind a header, or the machine's UUID. */
static void read_duid(struct dhcp_option duid, struct request_facts *facts)
{
    unsigned type = duid.value != NULL && duid.length >= 2 ? get_be16(duid.value) : 0;
    if (type == DUID_UUID && duid.length == 18)
        read_guid(duid.value + 2, facts);
    else if (type == DUID_LLT && duid.length > 8)
        read_mac(duid.value + 8, duid.length - 8, facts);
    else if (type == DUID_LL && duid.length > 4)
        read_mac(duid.value + 4, duid.length - 4, facts);
}

void request6_facts_read(const uint8_t *packet, size_t length, struct request_facts *out_facts)
{
    memset(out_facts, 0, sizeof(*out_facts));
    out_facts->is_ipv6 = true;
    if (length < DHCP6_HEADER)
        return;
    struct dhcp_option message = dhcp6_innermost(packet, length);
    if (message.value == NULL)
        message = (struct dhcp_option){0, packet, length};
    out_facts->is_dhcp = out_facts->has_type = true;
    out_facts->type = message.value[0];
    read_duid(dhcp6_find(message.value, message.length, OPTION6_CLIENT_ID), out_facts);
    read_architectures(dhcp6_find(message.value, message.length, OPTION6_ARCHITECTURE), out_facts);
}

void facts_put_type_number(struct text *text, bool is_ipv6, bool has_type, uint8_t type)
{
    const char *name = !has_type ? NULL
                       : is_ipv6 ? message6_type_name(type)
                                 : message_type_name(type);
    if (name != NULL)
        text_put(text, name);
    else if (has_type)
        text_format(text, "message type %u", type);
    else
        text_put(text, "BOOTP"); /* a message without option 53 (RFC 2131 section 2) */
}

void facts_put_type(struct text *text, const struct request_facts *facts)
{
    facts_put_type_number(text, facts->is_ipv6, facts->has_type, facts->type);
}

void facts_put_architectures(struct text *text, const struct request_facts *facts)
{
    for (unsigned i = 0; i < facts->architecture_count; i++) {
        uint16_t number = facts->architectures[i];
        const char *name = architecture_name(number);
        text_put(text, i == 0 ? " " : "/");
        if (name != NULL)
            text_put(text, name);
        else
            text_format(text, "architecture %u", number);
    }
}

void facts_json_architectures(struct json *json, const struct request_facts *facts)
{
    json_key(json, "architectures");
    json_begin_array(json);
    for (unsigned i = 0; i < facts->architecture_count; i++) {
        json_begin_object(json);
        json_key(json, "number");
        json_number(json, facts->architectures[i]);
        json_key(json, "name");
        json_string(json, architecture_name(facts->architectures[i]));
        json_end_object(json);
    }
    json_end_array(json);
}
