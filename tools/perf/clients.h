/*
 * The clients that the load generator plays: what each sends, and whether a reply is for it. Their
 * messages are those that real firmware sent (tests/captures), with a hardware address and a
 * machine GUID of each client's own.
 */
#ifndef PERF_CLIENTS_H
#define PERF_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exchange {
    EXCHANGE_DISCOVER, /* DISCOVER, to be answered by an OFFER */
    EXCHANGE_RELAYED,  /* the same through a relay agent: giaddr is ours */
    EXCHANGE_BOOT,     /* REQUEST to a boot server (4011), to be answered by an ACK */
    EXCHANGE_INFORM,   /* the same asked of a DHCP server: INFORM */
};

enum { CLIENT_MESSAGE_MAX = 576 };

struct client_kind {
    uint8_t bytes[CLIENT_MESSAGE_MAX];
    size_t length;
    size_t guid_at; /* of the GUID in option 97 */
};

enum { CLIENT_KINDS = 4 }; /* BIOS, and UEFI of three architectures */

struct clients {
    struct client_kind kinds[CLIENT_KINDS];
    uint32_t count;
    uint8_t reply_type;
    uint8_t mac_prefix; /* the first byte of every hardware address */
    bool echo;          /* the reply is the request as it was */
};

/*
 * Reads the messages. `own_address` (network order) becomes ciaddr or giaddr, `captures` is the
 * folder of bios-ipxe.pcap and uefi-ovmf.pcap. False, with a line on stderr, if they are not there.
 */
bool clients_load(struct clients *clients, const char *captures, enum exchange exchange,
                  uint32_t own_address);

/* Writes the message number `sequence`, which tells the client and the transaction; its length. */
size_t client_request(const struct clients *clients, uint32_t sequence, uint8_t *out_message);

/* Which message a reply is to, by its transaction; false if it is no reply to that client. */
bool client_reply(const struct clients *clients, const uint8_t *bytes, size_t length,
                  uint32_t *out_sequence);

#endif
