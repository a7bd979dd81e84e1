#include "decode/facts.h"

#include <string.h>

#include "decode/names.h"
#include "facts/facts.h"
#include "text/text_net.h"

/* Copies what fits, with a NUL. */
static void keep(const struct text *text, char *field, size_t size)
{
    size_t length = text->length < size - 1 ? text->length : size - 1;
    memcpy(field, text_chars(text), length * sizeof(*field));
    field[length] = '\0';
}

/* What server and providers know of the client, in words. */
static void put_in_words(const struct client_facts *client, struct request_facts *facts)
{
    SCOPED_TEXT mac = TEXT_EMPTY, guid = TEXT_EMPTY;
    memset(facts, 0, sizeof(*facts));
    facts->is_dhcp = client->is_dhcp;
    facts->is_ipv6 = client->is_ipv6;
    facts->has_type = client->has_type;
    facts->type = client->type;
    text_put_mac(&mac, client->mac.bytes, client->mac.length);
    keep(&mac, facts->mac, sizeof(facts->mac));
    if (client->has_guid)
        text_put_guid(&guid, client->guid);
    keep(&guid, facts->guid, sizeof(facts->guid));
    if (client->client.length == sizeof(facts->client))
        memcpy(facts->client, client->client.bytes, sizeof(facts->client));
    if (client->relay.length == sizeof(facts->relay))
        memcpy(facts->relay, client->relay.bytes, sizeof(facts->relay));
    for (size_t i = 0; i < client->architecture_count && i < REQUEST_ARCHITECTURES_MAX; i++)
        facts->architectures[facts->architecture_count++] = client->architectures[i];
}

void request_facts_read(size_t address_length, const uint8_t *packet, size_t length,
                        struct request_facts *out_facts)
{
    struct facts_store store;
    struct client_facts client;

    (address_length == 16 ? facts6_read : facts4_read)(packet, length, &store, &client);
    put_in_words(&client, out_facts);
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

void facts_write(struct writer *writer, const struct request_facts *facts)
{
    write_string(writer, "mac", facts->mac[0] != '\0' ? facts->mac : NULL, NULL);
    write_string(writer, "guid", facts->guid[0] != '\0' ? facts->guid : NULL, NULL);
}

void facts_write_architectures(struct writer *writer, const struct request_facts *facts)
{
    write_begin_list(writer, "architectures");
    for (unsigned i = 0; i < facts->architecture_count; i++) {
        write_begin(writer, NULL);
        write_number(writer, "number", facts->architectures[i], NULL);
        write_string(writer, "name", architecture_name(facts->architectures[i]), NULL);
        write_end(writer);
    }
    write_end_list(writer);
}
