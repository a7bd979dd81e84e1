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

/*
 * Hold a DHCP reply against the valid request that it answers: END_MISSING, OPTION_AFTER_END,
 * OPTION_OVERRUN, WRONG_TRANSACTION. Of a DHCPv6 request they get what is inside its relays'
 * layers: the reply must have as many.
 */
void reply_lint4(const uint8_t *request, const uint8_t *reply, size_t length,
                 struct reply_flaws *out_flaws);
void reply_lint6(const struct dhcp6_inner *request, const uint8_t *reply, size_t length,
                 struct reply_flaws *out_flaws);

#endif
