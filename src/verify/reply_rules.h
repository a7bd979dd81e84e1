/* What is wrong with the bytes of a reply. A pure function of its arguments. */
#ifndef VERIFY_REPLY_RULES_H
#define VERIFY_REPLY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dhcp/dhcp6_relay.h"
#include "verify/verify.h"

/* As each rule is told once, more than there are rules cannot come. */
enum { REPLY_FLAWS_MAX = RULE_COUNT - 1, REPLY_FLAW_TEXT = 128 };

struct reply_flaw {
    enum verify_rule rule;
    char text[REPLY_FLAW_TEXT]; /* what was seen */
};

struct reply_flaws {
    size_t count; /* each rule at most once */
    struct reply_flaw entries[REPLY_FLAWS_MAX];
};

/* Is it meant as a DHCP message at all? PXE_BA_CUSTOM says that a reply was none. */
bool reply_is_dhcp(bool is_ipv6, const uint8_t *reply, size_t length);

/* The valid request that is answered. */
struct reply_request {
    const uint8_t *bytes; /* DHCPv4 */
    size_t length;
    const struct dhcp6_inner *inner; /* DHCPv6: what is inside its relays' layers */
    bool to_boot_server;             /* it came in on port 4011 */
};

/*
 * Hold a DHCP reply against its request: END_MISSING, OPTION_AFTER_END, OPTION_OVERRUN,
 * WRONG_TRANSACTION, REPLY_TYPE. Of a relayed DHCPv6 request the reply must have as many layers. On
 * port 4011, where clients differ in what they ask by, any server's type will do.
 */
void reply_lint4(const struct reply_request *request, const uint8_t *reply, size_t length,
                 struct reply_flaws *out_flaws);
void reply_lint6(const struct reply_request *request, const uint8_t *reply, size_t length,
                 struct reply_flaws *out_flaws);

#endif
