/* What is wrong with the bytes of a reply. A pure function of its arguments. */
#ifndef VERIFY_REPLY_RULES_H
#define VERIFY_REPLY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verify/verify.h"

enum { REPLY_FLAWS_MAX = 4, REPLY_FLAW_TEXT = 128 };

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
 * Holds a DHCP reply against the valid request that it answers: END_MISSING, OPTION_AFTER_END,
 * OPTION_OVERRUN, WRONG_TRANSACTION. In DHCPv6 through the relays' layers, of which both must have
 * the same number.
 */
void reply_lint(bool is_ipv6, const uint8_t *request, size_t request_length, const uint8_t *reply,
                size_t length, struct reply_flaws *out_flaws);

#endif
