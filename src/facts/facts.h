/*
 * What a request tells about the machine that sent it: the same facts over DHCPv4 and DHCPv6, read
 * once, in one place. The server's log, the tool's decoder and the provider that ships all use it,
 * so that none of them knows a client that another does not.
 *
 * The bytes come from the network and may be anything: reading never fails, and a fact that cannot
 * be read is one that was not told. Options that came in several instances are joined as RFC 3396
 * says. No allocation, no state; any thread.
 */
#ifndef FACTS_FACTS_H
#define FACTS_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FACTS_ARCHITECTURES_MAX = 16,
    FACTS_USER_CLASSES_MAX = 16,
    FACTS_GUID_SIZE = 16,
    FACTS_MAC_SIZE = 6,          /* of Ethernet, and of what looks like it */
    FACTS_STORE_SIZE = 2048,     /* above what any client's packet can need joined */
    FACTS_RELAY_LAYERS_MAX = 32, /* as the codec has it: HOP_COUNT_LIMIT of RFC 3315 */
};

/* A part of the packet or of the store; `bytes` is NULL if there is none. */
struct fact_bytes {
    const uint8_t *bytes;
    size_t length;
};

/* An address in network order; `length` is 4, 16, or 0 if there is none. */
struct fact_address {
    uint8_t bytes[16];
    uint8_t length;
};

/* How the machine boots, by its vendor class (PXE 2.1 section 2.2.1, UEFI 2.10 section 24.7). */
enum facts_boot {
    FACTS_BOOT_OTHER,
    FACTS_BOOT_PXE,  /* "PXEClient…" */
    FACTS_BOOT_HTTP, /* "HTTPClient…" */
};

/* Where joined options live; belongs to the caller, who must not move it while facts refer to it.
 */
struct facts_store {
    uint8_t bytes[FACTS_STORE_SIZE];
    size_t used;
};

struct client_facts {
    bool is_dhcp; /* long enough for its header, DHCPv4: and has the cookie; else nothing is set */
    bool is_ipv6;
    bool has_type;        /* DHCPv4: option 53 of one byte; DHCPv6: always */
    uint8_t type;         /* of the client's own message, however many relays are around it */
    uint32_t transaction; /* xid; DHCPv6: of three bytes */
    uint32_t seconds;     /* that it says it has been asking; DHCPv4: see facts_seconds */

    enum facts_boot boot;
    struct fact_bytes vendor_class; /* option 60; DHCPv6: the class of option 16 that tells `boot`,
                                       or else the first */
    uint32_t vendor_enterprise;     /* DHCPv6: that class's */
    struct fact_bytes user_classes[FACTS_USER_CLASSES_MAX]; /* options 77 and 15 */
    size_t user_class_count;
    bool is_ipxe; /* by a user class "iPXE", or by its own option 175 */

    uint16_t architectures[FACTS_ARCHITECTURES_MAX]; /* options 93 and 61, or the class's Arch: */
    size_t architecture_count;
    bool is_architecture_of_class; /* the option was not there, or had no whole number */
    bool has_undi;                 /* options 94 and 62, or the class's UNDI: */
    uint8_t undi_major;
    uint8_t undi_minor;

    struct fact_bytes mac; /* chaddr; without: of option 61. DHCPv6: option 79, or of the DUID */
    uint8_t hardware_type; /* of `mac`; 1: Ethernet */
    bool has_guid;
    uint8_t guid[FACTS_GUID_SIZE]; /* as option 97 has it: first three fields little-endian */
    uint8_t guid_swapped[FACTS_GUID_SIZE]; /* those three the other way round */
    bool is_guid_order_unsure;   /* it is a DUID's: RFC 6355 wants network order, UEFI has the
                                    other; whoever compares tries both */
    struct fact_bytes duid;      /* option 1; DHCPv4: that in option 61 (RFC 4361) */
    struct fact_bytes client_id; /* option 61, whole; DHCPv6: option 1 */

    struct fact_address client;   /* ciaddr; DHCPv6: the innermost peer-address */
    struct fact_address relay;    /* giaddr; DHCPv6: link-address of the relay next to the client */
    struct fact_address link;     /* what tells the client's subnet: 82.5, giaddr, or the innermost
                                     link-address that is set */
    size_t relay_count;           /* DHCPv4: 1 if giaddr is set */
    struct fact_bytes agent;      /* option 82, joined */
    struct fact_bytes circuit_id; /* 82.1; DHCPv6: option 18 of the relay next to the client */
    struct fact_bytes remote_id;  /* 82.2; DHCPv6: option 37, behind its enterprise number */
    bool has_relay_port;          /* 82.19, DHCPv6: 135 (RFC 8357): reply to the source port */

    struct fact_address requested; /* option 50 */
    struct fact_bytes server_id;   /* options 54 and 2 */
    struct fact_bytes vendor;      /* option 43, joined */
    bool has_boot_item;            /* 43.71 (PXE 2.1 table 2-1): the client chose a boot server */
    uint16_t boot_item_type;
    uint16_t boot_item_layer;
    struct fact_bytes wanted; /* options asked for: 55, a byte each; DHCPv6: 6, two each */
    uint32_t max_size;        /* option 57, with IP and UDP headers; 0: not told */
};

/*
 * Reads one packet. `packet` may be NULL if `length` is 0.
 *   store      receives what had to be joined; need not be initialised
 *   out_facts  always written whole. What it points to lies in the packet or in the store.
 */
void facts4_read(const uint8_t *packet, size_t length, struct facts_store *store,
                 struct client_facts *out_facts);

/* The same for DHCPv6: the client's own message, and of each relay around it what it adds. */
void facts6_read(const uint8_t *packet, size_t length, struct facts_store *store,
                 struct client_facts *out_facts);

/* `secs` of DHCPv4 as the client meant it: some write the least significant byte first, and no
 * client waits for hours. */
uint32_t facts_seconds(uint16_t secs);

/* The first sub-option of option 43; no bytes if there is none. */
struct fact_bytes facts_vendor_find(const struct client_facts *facts, uint8_t code);

/* Is this one of its user classes? */
bool facts_has_user_class(const struct client_facts *facts, const char *name);

/* How a machine with this vendor class boots. */
enum facts_boot facts_boot_of(const uint8_t *vendor_class, size_t length);

#endif
