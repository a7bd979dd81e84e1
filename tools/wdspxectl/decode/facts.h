/*
 * What a request packet tells about its sender, in words: the facts that server and providers go by
 * (facts/facts.h). The bytes come from the network and may be anything; what cannot be read is left
 * out.
 */
#ifndef WDSPXECTL_DECODE_FACTS_H
#define WDSPXECTL_DECODE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/writer.h"

enum { REQUEST_ARCHITECTURES_MAX = 8 };

struct request_facts {
    bool is_dhcp; /* long enough for the fixed part and has the cookie; DHCPv6: its header */
    bool is_ipv6;
    bool has_type; /* option 53 of one byte; DHCPv6: always */
    uint8_t type;
    char mac[48];      /* "00:11:22:33:44:55"; "" if the packet has none */
    char guid[39];     /* "{...}" from option 97; "" if not sent or of another type or length */
    uint8_t relay[4];  /* giaddr; all zero: came directly */
    uint8_t client[4]; /* ciaddr; all zero: the client has no address yet */
    unsigned architecture_count; /* of the option, or of the vendor class; 0 if none is told */
    uint16_t architectures[REQUEST_ARCHITECTURES_MAX];
};

/*
 * Never fails; `packet` may be NULL if `length` is 0. Of a relayed DHCPv6 message: what the
 * client's own message tells. address_length   of the sender's address; 16: the packet is DHCPv6
 */
void request_facts_read(size_t address_length, const uint8_t *packet, size_t length,
                        struct request_facts *out_facts);

/* Appends the message type in words: "DISCOVER", "message type 99", "BOOTP". */
void facts_put_type(struct text *text, const struct request_facts *facts);
void facts_put_type_number(struct text *text, bool is_ipv6, bool has_type, uint8_t type);

/* Appends " UEFI x64/UEFI EBC"; nothing if none is known. */
void facts_put_architectures(struct text *text, const struct request_facts *facts);

/* JSON only: the members "mac" and "guid"; "architectures", numbers and names. */
void facts_write(struct writer *writer, const struct request_facts *facts);
void facts_write_architectures(struct writer *writer, const struct request_facts *facts);

#endif
