#include "clients.h"

#include <stdio.h>
#include <string.h>

#include "capture.h"

enum {
    AT_OP = 0,
    AT_HOPS = 3,
    AT_XID = 4,
    AT_FLAGS = 10,
    AT_CIADDR = 12,
    AT_GIADDR = 24,
    AT_CHADDR = 28,
    AT_OPTIONS = 240,
    FLAG_BROADCAST = 0x80,

    TYPE_DISCOVER = 1,
    TYPE_OFFER = 2,
    TYPE_REQUEST = 3,
    TYPE_ACK = 5,
    TYPE_INFORM = 8,

    OPTION_TYPE = 53,
    OPTION_CLASS = 60,
    OPTION_ARCHITECTURE = 93,
    OPTION_MACHINE = 97,
    OPTION_END = 255,

    CLASS_ARCHITECTURE_AT = 15, /* PXEClient:Arch:00007 */
    MAC_SIZE = 6,
    GUID_SIZE = 16,
};

/* Both odd, each the other's inverse modulo 2^32: neighbours get transactions far apart. */
#define XID_FACTOR UINT32_C(0x9e3779b1)
#define XID_INVERSE UINT32_C(0x0e8b2f51)

static void put32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

static uint32_t get32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Where the value of an option of at least `size` bytes starts; 0 if there is none. */
static size_t option_at(const uint8_t *bytes, size_t length, uint8_t code, size_t size)
{
    size_t at = AT_OPTIONS;

    while (at < length && length - at >= 2 && bytes[at] != OPTION_END) {
        if (bytes[at] == 0) {
            at++;
            continue;
        }
        if (length - at - 2 < bytes[at + 1])
            return 0;
        if (bytes[at] == code)
            return bytes[at + 1] >= size ? at + 2 : 0;
        at += 2u + bytes[at + 1];
    }
    return 0;
}

static bool kind_set_architecture(struct client_kind *kind, unsigned architecture)
{
    size_t value = option_at(kind->bytes, kind->length, OPTION_ARCHITECTURE, 2);
    size_t class = option_at(kind->bytes, kind->length, OPTION_CLASS, CLASS_ARCHITECTURE_AT + 5);
    char digits[8];

    if (value == 0 || class == 0)
        return false;
    kind->bytes[value + 1] = (uint8_t)architecture;
    snprintf(digits, sizeof(digits), "%05u", architecture % 1000);
    memcpy(kind->bytes + class + CLASS_ARCHITECTURE_AT, digits, 5);
    return true;
}

static bool kind_load(struct client_kind *kind, const char *captures, const char *name,
                      enum exchange exchange, unsigned architecture)
{
    const bool is_discover = exchange == EXCHANGE_DISCOVER || exchange == EXCHANGE_RELAYED;
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", captures, name);
    if (!capture_find(path, is_discover ? 67 : 4011, is_discover ? TYPE_DISCOVER : TYPE_REQUEST,
                      kind->bytes, sizeof(kind->bytes), &kind->length))
        return false;
    kind->guid_at = option_at(kind->bytes, kind->length, OPTION_MACHINE, 1 + GUID_SIZE) + 1;
    size_t type = option_at(kind->bytes, kind->length, OPTION_TYPE, 1);
    if (kind->guid_at == 1 || type == 0 || !kind_set_architecture(kind, architecture)) {
        fprintf(stderr, "%s: its client says neither type, machine nor architecture\n", path);
        return false;
    }
    if (exchange == EXCHANGE_INFORM)
        kind->bytes[type] = TYPE_INFORM;
    return true;
}

bool clients_load(struct clients *clients, const char *captures, enum exchange exchange,
                  uint32_t own_address)
{
    static const struct {
        const char *capture;
        unsigned architecture;
    } kinds[CLIENT_KINDS] = {{"bios-ipxe.pcap", 0},
                             {"uefi-ovmf.pcap", 7},
                             {"uefi-ovmf.pcap", 6},
                             {"uefi-ovmf.pcap", 11}};

    for (int i = 0; i < CLIENT_KINDS; i++) {
        struct client_kind *kind = &clients->kinds[i];

        if (!kind_load(kind, captures, kinds[i].capture, exchange, kinds[i].architecture))
            return false;
        /* Not every one of them asks for it, but frames to their hardware addresses go nowhere. */
        kind->bytes[AT_FLAGS] |= FLAG_BROADCAST;
        if (exchange == EXCHANGE_RELAYED) {
            memcpy(kind->bytes + AT_GIADDR, &own_address, 4);
            kind->bytes[AT_HOPS] = 1;
        } else if (exchange != EXCHANGE_DISCOVER) {
            memcpy(kind->bytes + AT_CIADDR, &own_address, 4);
        }
    }
    clients->reply_type =
        exchange == EXCHANGE_DISCOVER || exchange == EXCHANGE_RELAYED ? TYPE_OFFER : TYPE_ACK;
    return true;
}

static void client_mac(const struct clients *clients, uint32_t client, uint8_t mac[MAC_SIZE])
{
    mac[0] = clients->mac_prefix;
    mac[1] = 0x54;
    put32(mac + 2, client);
}

size_t client_request(const struct clients *clients, uint32_t sequence, uint8_t *out_message)
{
    uint32_t client = sequence % clients->count;
    const struct client_kind *kind = &clients->kinds[client % CLIENT_KINDS];

    memcpy(out_message, kind->bytes, kind->length);
    put32(out_message + AT_XID, sequence * XID_FACTOR);
    client_mac(clients, client, out_message + AT_CHADDR);
    put32(out_message + kind->guid_at, client);
    put32(out_message + kind->guid_at + GUID_SIZE - 4, ~client);
    return kind->length;
}

bool client_reply(const struct clients *clients, const uint8_t *bytes, size_t length,
                  uint32_t *out_sequence)
{
    uint8_t mac[MAC_SIZE];

    if (length < AT_OPTIONS)
        return false;
    uint32_t sequence = get32(bytes + AT_XID) * XID_INVERSE;
    client_mac(clients, sequence % clients->count, mac);
    if (memcmp(bytes + AT_CHADDR, mac, MAC_SIZE) != 0)
        return false;
    if (!clients->echo) {
        size_t type = option_at(bytes, length, OPTION_TYPE, 1);
        if (bytes[AT_OP] != 2 || type == 0 || bytes[type] != clients->reply_type)
            return false;
    }
    *out_sequence = sequence;
    return true;
}
