#include "capture/server_address.h"

#include <stdlib.h>
#include <string.h>

#include "text/bytes.h"
#include "decode/walk.h"

enum {
    AT_HLEN = 2,
    AT_CHADDR = 28,
    OPTION_SERVER_ID = 54,
    OPTION_CLASS = 60,
    OPTION6_CLIENT_ID = 1,
    OPTION6_CLASS = 16,
};

/* How sure it is that this is the boot server; more is better. */
enum confidence { ANY_SERVER = 1, ANSWERS_AS_BOOT_SERVER, ASKED_AS_BOOT_SERVER };

/* Sorted by everything up to the confidence, the best one first. */
struct server_sighting {
    unsigned capture;
    uint8_t address_length;
    uint64_t client; /* hash of what identifies it; 0: of any client */
    enum confidence confidence;
    uint64_t number; /* of the message that shows it */
    uint8_t address[16];
};

/* FNV-1a; never 0. */
static uint64_t hash(const uint8_t *bytes, size_t length)
{
    uint64_t value = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++)
        value = (value ^ bytes[i]) * UINT64_C(0x100000001b3);
    return value == 0 ? 1 : value;
}

static uint64_t client_of(const struct message *message)
{
    const uint8_t *packet = message->packet;
    if (message->source.length == 4) {
        if (message->length < AT_CHADDR + DHCP4_CHADDR_SIZE)
            return 0;
        size_t size = packet[AT_HLEN] < DHCP4_CHADDR_SIZE ? packet[AT_HLEN] : DHCP4_CHADDR_SIZE;
        return hash(packet + AT_CHADDR, size);
    }
    struct dhcp_option inner = dhcp6_innermost(packet, message->length);
    struct dhcp_option id = dhcp6_find(inner.value, inner.length, OPTION6_CLIENT_ID);
    return id.value == NULL ? 0 : hash(id.value, id.length);
}

static bool names_boot_client(const uint8_t *text, size_t length)
{
    static const char pxe[] = "PXEClient", http[] = "HTTPClient";
    return (length >= sizeof(pxe) - 1 && memcmp(text, pxe, sizeof(pxe) - 1) == 0) ||
           (length >= sizeof(http) - 1 && memcmp(text, http, sizeof(http) - 1) == 0);
}

static bool is_unicast(const struct message *message)
{
    if (message->is_broadcast)
        return false;
    uint8_t first = message->destination.address[0];
    return message->destination.length == 4 ? first < 224 : first != 0xff;
}

/* What a server's DHCPv4 message tells about it. */
static void look_at_answer4(const struct message *message, struct server_sighting *sighting)
{
    if (!dhcp4_is_message(message->packet, message->length))
        return;
    struct dhcp_option id = dhcp4_find(message->packet, message->length, OPTION_SERVER_ID);
    if (id.value != NULL && id.length == 4)
        memcpy(sighting->address, id.value, 4);
    struct dhcp_option class = dhcp4_find(message->packet, message->length, OPTION_CLASS);
    if (class.value != NULL && names_boot_client(class.value, class.length))
        sighting->confidence = ANSWERS_AS_BOOT_SERVER;
}

static void look_at_answer6(const struct message *message, struct server_sighting *sighting)
{
    enum { ENTERPRISE_AND_LENGTH = 6 };
    struct dhcp_option inner = dhcp6_innermost(message->packet, message->length);
    struct dhcp_option class = dhcp6_find(inner.value, inner.length, OPTION6_CLASS);
    if (class.value != NULL && class.length > ENTERPRISE_AND_LENGTH &&
        names_boot_client(class.value + ENTERPRISE_AND_LENGTH,
                          class.length - ENTERPRISE_AND_LENGTH))
        sighting->confidence = ANSWERS_AS_BOOT_SERVER;
}

/* False if the message shows no server. */
static bool look_at(const struct message *message, struct server_sighting *sighting)
{
    const struct endpoint *server = message->is_request ? &message->destination : &message->source;
    *sighting = (struct server_sighting){
        .capture = message_capture(message->number),
        .address_length = server->length,
        .client = client_of(message),
        .confidence = ANY_SERVER,
        .number = message->number,
    };
    memcpy(sighting->address, server->address, server->length);
    if (message->is_request) {
        sighting->confidence = ASKED_AS_BOOT_SERVER;
        return is_unicast(message) && message->destination.port == PORT_BOOT_SERVER;
    }
    if (server->length == 4)
        look_at_answer4(message, sighting);
    else
        look_at_answer6(message, sighting);
    return !all_zero(sighting->address, server->length);
}

static int order(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_place(const struct server_sighting *a, const struct server_sighting *b)
{
    int result = order(a->capture, b->capture);
    if (result == 0)
        result = order(a->address_length, b->address_length);
    return result != 0 ? result : order(a->client, b->client);
}

static int compare(const void *left, const void *right)
{
    const struct server_sighting *a = left, *b = right;
    int result = compare_place(a, b);
    if (result == 0)
        result = order(b->confidence, a->confidence);
    return result != 0 ? result : order(a->number, b->number);
}

bool server_table_build(const struct message_list *list, struct server_table *out_table)
{
    /* Each message may show a server to its client, and to any. */
    struct server_sighting *sightings = calloc(2 * list->count + 1, sizeof(*sightings));
    size_t count = 0;
    if (sightings == NULL)
        return false;
    for (size_t i = 0; i < list->count; i++) {
        struct server_sighting *sighting = &sightings[count];
        if (!look_at(&list->messages[i], sighting))
            continue;
        count++;
        if (sighting->client != 0) {
            sightings[count] = *sighting;
            sightings[count++].client = 0;
        }
    }
    qsort(sightings, count, sizeof(*sightings), compare);
    *out_table = (struct server_table){count, sightings};
    return true;
}

/* The best sighting of a place; NULL if there is none. */
static const struct server_sighting *find_best(const struct server_table *table,
                                               const struct server_sighting *place)
{
    size_t low = 0, high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_place(&table->sightings[middle], place) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == table->count || compare_place(&table->sightings[low], place) != 0)
        return NULL;
    return &table->sightings[low];
}

static void make_up(struct endpoint *local)
{
    static const uint8_t documentation[4] = {192, 0, 2, 1}, link_local[16] = {0xfe, 0x80, [15] = 1};
    memcpy(local->address, local->length == 4 ? documentation : link_local, local->length);
}

enum address_origin server_address_find(const struct server_table *table,
                                        const struct message *request, const struct endpoint *given,
                                        struct endpoint *out_local)
{
    *out_local = request->destination;
    if (is_unicast(request))
        return ADDRESS_UNICAST;
    if (given->length == out_local->length) {
        memcpy(out_local->address, given->address, given->length);
        return ADDRESS_GIVEN;
    }
    struct server_sighting place = {
        .capture = message_capture(request->number),
        .address_length = out_local->length,
        .client = client_of(request),
    };
    const struct server_sighting *best = find_best(table, &place);
    place.client = 0;
    if (best == NULL)
        best = find_best(table, &place);
    if (best == NULL) {
        make_up(out_local);
        return ADDRESS_MADE_UP;
    }
    memcpy(out_local->address, best->address, best->address_length);
    return ADDRESS_OBSERVED;
}

void server_table_free(struct server_table *table)
{
    free(table->sightings);
    *table = (struct server_table){0, NULL};
}
