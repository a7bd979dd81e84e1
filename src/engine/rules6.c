#include "engine/rules6.h"

#include "dhcp/dhcp6.h"

/* IA_NA, IA_TA, IA_PD */
enum { OPT_IA_NA = 3, OPT_IA_TA = 4, OPT_IA_PD = 25 };

enum demand { MAY, MUST, MUST_NOT };

struct type_rule {
    enum demand client_id;
    enum demand server_id;
    enum demand associations; /* IA options */
};

/* RFC 8415, sections 16.2 to 16.12; types that are not here are judged by their addresses only. */
static const struct type_rule *rule_of(uint8_t type)
{
    static const struct type_rule rules[] = {
        [DHCP6_SOLICIT] = {MUST, MUST_NOT, MAY}, [DHCP6_REQUEST] = {MUST, MUST, MAY},
        [DHCP6_CONFIRM] = {MUST, MUST_NOT, MAY}, [DHCP6_RENEW] = {MUST, MUST, MAY},
        [DHCP6_REBIND] = {MUST, MUST_NOT, MAY},  [DHCP6_RELEASE] = {MUST, MUST, MAY},
        [DHCP6_DECLINE] = {MUST, MUST, MAY},     [DHCP6_INFORMATION_REQUEST] = {MAY, MAY, MUST_NOT},
    };
    static const struct type_rule unknown;

    return type < sizeof(rules) / sizeof(*rules) ? &rules[type] : &unknown;
}

static bool has(const uint8_t *message, size_t length, uint16_t code, uint32_t instance)
{
    return dhcp6_option_find(message, length, code, instance, NULL, NULL) == PXE_OK;
}

static bool agrees(enum demand demand, bool is_there)
{
    return demand == MAY || (demand == MUST) == is_there;
}

static const char *identifiers_flaw(const uint8_t *message, size_t length, bool boot_server_port)
{
    struct type_rule rule = *rule_of(message[DHCP6_TYPE]);

    if (boot_server_port) {
        rule.client_id = MUST;
        rule.server_id = MAY;
    }
    if (!agrees(rule.client_id, has(message, length, DHCP6_OPT_CLIENT_ID, 1)))
        return "no client identifier (RFC 8415 section 16)";
    if (!agrees(rule.server_id, has(message, length, DHCP6_OPT_SERVER_ID, 1)))
        return rule.server_id == MUST ? "no server identifier (RFC 8415 section 16)"
                                      : "a server identifier (RFC 8415 section 16)";
    if (has(message, length, DHCP6_OPT_CLIENT_ID, 2) ||
        has(message, length, DHCP6_OPT_SERVER_ID, 2))
        return "two identifiers of a kind (RFC 8415 section 21.1)";
    if (rule.associations == MUST_NOT &&
        (has(message, length, OPT_IA_NA, 1) || has(message, length, OPT_IA_TA, 1) ||
         has(message, length, OPT_IA_PD, 1)))
        return "an INFORMATION-REQUEST for an address (RFC 8415 section 16.12)";
    return NULL;
}

static bool is_for_clients(uint8_t type)
{
    return type == DHCP6_ADVERTISE || type == DHCP6_REPLY || type == DHCP6_RECONFIGURE ||
           type == DHCP6_RELAY_REPL;
}

const char *rules6_flaw(const struct datagram *datagram, bool is_valid)
{
    const uint8_t *message;
    size_t length;

    if (datagram->length > 0 && is_for_clients(datagram->bytes[DHCP6_TYPE]))
        return "a message for clients (RFC 8415 section 16)";
    if (!is_valid ||
        dhcp6_client_message(datagram->bytes, datagram->length, &message, &length) != PXE_OK)
        return NULL;
    if (datagram->bytes[DHCP6_TYPE] != DHCP6_RELAY_FORW && !datagram->boot_server_port) {
        if (!datagram->multicast)
            return "sent to one server only (RFC 8415 section 18.4)";
        if (datagram->facts.is_off_link)
            return "from another link, and by no relay agent";
    }
    if (is_for_clients(message[DHCP6_TYPE]))
        return "a message for clients (RFC 8415 section 16)";
    return identifiers_flaw(message, length, datagram->boot_server_port);
}
