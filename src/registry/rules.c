#include "registry/rules.h"

#include <string.h>

#include "base/address.h"

enum { MAC_SIZE = 6, GUID_SIZE = 16 };

/* ---- pieces of text; each returns what follows, NULL if the text is something else ---- */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* `word` is in capitals. */
static const char *take_word(const char *text, const char *word)
{
    while (*word != '\0') {
        if (upper(*text++) != *word++)
            return NULL;
    }
    return text;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = upper(c);
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *take_hex_byte(const char *text, uint8_t *out_byte)
{
    int high = hex_digit(text[0]);
    int low = high >= 0 ? hex_digit(text[1]) : -1;

    if (low < 0)
        return NULL;
    *out_byte = (uint8_t)(high << 4 | low);
    return text + 2;
}

static const char *take_number(const char *text, uint32_t maximum, uint32_t *out_number)
{
    uint64_t number = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        number = number * 10 + (uint64_t)(*at - '0');
        if (number > maximum)
            return NULL;
    }
    if (at == text)
        return NULL;
    *out_number = (uint32_t)number;
    return at;
}

/* 1 to 6 bytes; between them nothing, or always the same of ':' and '-'. */
static const char *take_mac(const char *text, struct rule *rule)
{
    char separator = '\0';
    const char *at = take_hex_byte(text, &rule->bytes[0]);

    rule->subject = SUBJECT_MAC;
    rule->length = 1;
    if (at != NULL && (*at == ':' || *at == '-'))
        separator = *at;
    while (at != NULL && rule->length < MAC_SIZE && *at != '\0' && *at != '=') {
        if (separator != '\0' && *at++ != separator)
            return NULL;
        at = take_hex_byte(at, &rule->bytes[rule->length++]);
    }
    return at;
}

static const char *take_ipv4(const char *text, struct rule *rule)
{
    rule->subject = SUBJECT_IP;
    rule->length = 4;
    return address_read_ipv4(&text, rule->bytes) ? text : NULL;
}

/* "MAC:..." or "IP:..." */
static const char *take_address(const char *text, struct rule *rule)
{
    const char *at = take_word(text, "MAC:");

    if (at != NULL)
        return take_mac(at, rule);
    at = take_word(text, "IP:");
    return at != NULL ? take_ipv4(at, rule) : NULL;
}

/* ---- entries ---- */

bool rule_parse_interface(const char *text, struct rule *out_rule)
{
    struct rule rule = {0};
    const char *end = take_address(text, &rule);

    if (end == NULL || *end != '\0' || (rule.subject == SUBJECT_MAC && rule.length != MAC_SIZE))
        return false;
    *out_rule = rule;
    return true;
}

bool rule_parse_group(const char *text, struct rule *out_rule)
{
    struct rule rule = {0};
    const char *end = take_ipv4(text, &rule);

    if (end == NULL || *end != '\0' || (rule.bytes[0] & 0xf0) != 0xe0)
        return false;
    *out_rule = rule;
    return true;
}

static void swap(uint8_t *a, uint8_t *b)
{
    uint8_t kept = *a;
    *a = *b;
    *b = kept;
}

/* From the order of writing to that of sending. */
static void guid_reorder(uint8_t guid[GUID_SIZE])
{
    swap(&guid[0], &guid[3]);
    swap(&guid[1], &guid[2]);
    swap(&guid[4], &guid[5]);
    swap(&guid[6], &guid[7]);
}

bool rule_parse_guid(const char *text, struct rule *out_rule)
{
    const bool has_braces = *text == '{';
    struct rule rule = {.subject = SUBJECT_GUID, .length = GUID_SIZE};
    const char *at = text + has_braces;
    const bool has_dashes = strchr(at, '-') != NULL;

    for (unsigned i = 0; i < GUID_SIZE && at != NULL; i++) {
        const bool begins_group = i == 4 || i == 6 || i == 8 || i == 10;
        if (has_dashes && begins_group && *at++ != '-')
            return false;
        at = take_hex_byte(at, &rule.bytes[i]);
    }
    if (at == NULL || strcmp(at, has_braces ? "}" : "") != 0)
        return false;
    if (has_dashes)
        guid_reorder(rule.bytes);
    *out_rule = rule;
    return true;
}

bool rule_parse_delay(const char *text, struct rule *out_rule)
{
    struct rule rule = {.subject = SUBJECT_ALL};
    const char *at = take_word(text, "ALL");

    if (at == NULL)
        at = take_address(text, &rule);
    if (at == NULL || *at != '=')
        return false;
    at = take_number(at + 1, DELAY_MAX, &rule.milliseconds);
    if (at == NULL || *at != '\0')
        return false;
    *out_rule = rule;
    return true;
}

/* ---- buckets ---- */

static const char *take_range(const char *text, struct bucket_set *set)
{
    uint32_t first, last;
    const char *at = take_number(text, 255, &first);

    last = first;
    if (at != NULL && *at == '-')
        at = take_number(at + 1, 255, &last);
    if (at == NULL || last < first)
        return NULL;
    for (uint32_t bucket = first; bucket <= last; bucket++)
        set->bits[bucket / 8] |= (uint8_t)(1u << bucket % 8);
    return at;
}

bool bucket_set_parse(const char *text, struct bucket_set *out_set)
{
    struct bucket_set set = {{0}};
    const char *at = take_range(text, &set);

    while (at != NULL && *at == ',')
        at = take_range(at + 1, &set);
    if (at == NULL || *at != '\0')
        return false;
    *out_set = set;
    return true;
}

bool bucket_set_has(const struct bucket_set *set, uint8_t bucket)
{
    return (set->bits[bucket / 8] >> bucket % 8 & 1) != 0;
}

bool bucket_set_is_full(const struct bucket_set *set)
{
    for (size_t i = 0; i < sizeof(set->bits); i++)
        if (set->bits[i] != 0xff)
            return false;
    return true;
}

/* ---- what the entries say about an interface or a client ---- */

bool bind_rules_allow(const struct bind_rules *rules, bool is_listed)
{
    return rules->list.count == 0 || is_listed == (rules->policy == BIND_INCLUDE);
}

bool rule_names_mac(const struct rule *rule, const uint8_t *mac, size_t length)
{
    return rule->subject == SUBJECT_MAC && length == rule->length &&
           memcmp(rule->bytes, mac, length) == 0;
}

bool rule_names_ipv4(const struct rule *rule, const uint8_t address[4])
{
    return rule->subject == SUBJECT_IP && memcmp(rule->bytes, address, 4) == 0;
}

bool rules_have_guid(const struct rule_list *list, const uint8_t guid[16])
{
    for (size_t i = 0; i < list->count; i++)
        if (memcmp(list->rules[i].bytes, guid, GUID_SIZE) == 0)
            return true;
    return false;
}

/* How much a delay's entry counts for this request; 0: it is for others. */
static unsigned delay_weight(const struct rule *rule, const uint8_t *mac, size_t mac_length,
                             const uint8_t *local_ipv4)
{
    switch (rule->subject) {
    case SUBJECT_ALL:
        return 1;
    case SUBJECT_IP:
        return local_ipv4 != NULL && rule_names_ipv4(rule, local_ipv4) ? 2 : 0;
    default:
        return mac_length >= rule->length && memcmp(rule->bytes, mac, rule->length) == 0
                   ? 2u + rule->length
                   : 0;
    }
}

uint32_t rules_delay(const struct rule_list *list, const uint8_t *mac, size_t mac_length,
                     const uint8_t *local_ipv4)
{
    unsigned best = 0;
    uint32_t milliseconds = 0;

    for (size_t i = 0; i < list->count; i++) {
        unsigned weight = delay_weight(&list->rules[i], mac, mac_length, local_ipv4);
        if (weight > best) {
            best = weight;
            milliseconds = list->rules[i].milliseconds;
        }
    }
    return milliseconds;
}
