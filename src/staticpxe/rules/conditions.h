/* The conditions of a [rule:NAME] section, and what of a client they are about. */
#ifndef STATICPXE_RULES_CONDITIONS_H
#define STATICPXE_RULES_CONDITIONS_H

#include "arena.h"
#include "facts/facts.h"
#include "answer/values/values.h"

/* Who asks, and where the request arrived. */
struct asker {
    const struct client_facts *facts;
    struct fact_address ours; /* our own address that the request came to */
};

enum {
    VIA_PXE = 1,
    VIA_HTTP = 2,
    VIA_IPV4 = 4,
    VIA_IPV6 = 8,
    VIA_IPXE = 16,
};

struct mac_pattern {
    uint8_t bytes[VALUE_MAC_SIZE];
    uint8_t length; /* how many bytes count */
};

struct guid_value {
    uint8_t bytes[VALUE_GUID_SIZE];
};

struct subnet {
    uint8_t bytes[VALUE_IPV6_SIZE];
    uint8_t size; /* 4 or 16 */
    uint8_t bits;
};

/* Text with wildcards, or exact bytes. */
struct pattern {
    const char *text;
    uint32_t length;
    bool is_exact;
};

#define CONDITION_LIST(type, name)                                                                 \
    struct {                                                                                       \
        const type *items;                                                                         \
        uint32_t count;                                                                            \
    } name

/* Empty lists ask nothing. */
struct conditions {
    uint32_t count; /* of the keys that ask something */
    uint8_t via;    /* VIA_*; of each kind any named way will do */
    CONDITION_LIST(struct mac_pattern, macs);
    CONDITION_LIST(struct guid_value, guids);
    CONDITION_LIST(struct pattern, duids);
    CONDITION_LIST(uint16_t, archs);
    CONDITION_LIST(struct subnet, subnets);
    CONDITION_LIST(struct subnet, interfaces);
    CONDITION_LIST(struct pattern, vendor_classes);
    CONDITION_LIST(struct pattern, user_classes);
    CONDITION_LIST(struct pattern, client_ids);
    CONDITION_LIST(struct pattern, circuit_ids);
    CONDITION_LIST(struct pattern, remote_ids);
};

/*
 * Reads one key of a rule.
 *   text  the value; is cut into pieces
 * Returns NULL, or what is wrong; *out_known false: the key is no condition.
 */
const char *condition_read(struct arena *arena, struct conditions *conditions, const char *key,
                           char *text, bool *out_known);

/* All hold. The first that does not: *out_failed is its key (a constant), else NULL. */
bool conditions_hold(const struct conditions *conditions, const struct asker *asker,
                     const char **out_failed);

/* VALUE_MAC_SIZE bytes, or NULL. A DUID and a relay tell what kind of address it is: Ethernet's
 * count. */
const uint8_t *asker_mac(const struct client_facts *facts);

/* Does the vendor class say U-Boot? It reads file and siaddr of an OFFER, and nothing else of ours.
 */
bool asker_is_uboot(const struct client_facts *facts);

/* What tells the client's subnet: its relay's address, else its own, else ours. */
struct fact_address asker_subnet(const struct asker *asker);

#endif
