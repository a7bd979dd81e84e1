/*
 * What the entries of the list values mean (docs/configuration.md): interfaces by MAC or IP
 * address, machine GUIDs, delays, multicast groups, ranges of buckets. Text comes from people and
 * registries and is checked to the last character; what a parser refuses leaves its output
 * untouched.
 */
#ifndef REGISTRY_RULES_H
#define REGISTRY_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rule_subject { SUBJECT_ALL, SUBJECT_MAC, SUBJECT_IP, SUBJECT_GUID };

/* One entry. */
struct rule {
    enum rule_subject subject;
    uint8_t length; /* bytes in use: IP 4, GUID 16, MAC of an interface 6, of clients 1 to 6 */
    uint8_t bytes[16];
    uint32_t milliseconds; /* of a delay */
};

/* Starts as zeros; rules is released with mem_free. */
struct rule_list {
    size_t count;
    struct rule *rules;
};

enum { DELAY_MAX = 60000 /* milliseconds */ };

/* "MAC:001122AABBCC" (digits in either case, ':' or '-' between bytes allowed) or "IP:10.10.2.2".
 */
bool rule_parse_interface(const char *text, struct rule *out_rule);

/* "{32 hex digits}": the 16 bytes as a client sends them. With dashes, "{8-4-4-4-12}": as GUIDs are
 * written, the first three groups least significant byte first. The braces may be missing. */
bool rule_parse_guid(const char *text, struct rule *out_rule);

/* "ALL=500", "IP:10.10.2.2=500" (what this interface receives), "MAC:0011=500" (clients whose
 * hardware address begins so); milliseconds, at most DELAY_MAX. */
bool rule_parse_delay(const char *text, struct rule *out_rule);

/* "239.1.2.3": a multicast group (RFC 5771). */
bool rule_parse_group(const char *text, struct rule *out_rule);

/* 256 buckets, one bit each. */
struct bucket_set {
    uint8_t bits[32];
};

/* "0-127" or "0-63,128,200-255"; at least one bucket, ranges in any order. */
bool bucket_set_parse(const char *text, struct bucket_set *out_set);
bool bucket_set_has(const struct bucket_set *set, uint8_t bucket);
bool bucket_set_is_full(const struct bucket_set *set);

enum bind_policy { BIND_EXCLUDE = 0, BIND_INCLUDE = 1 };

/* Which interfaces to serve. */
struct bind_rules {
    enum bind_policy policy;
    struct rule_list list;
};

/*
 * Whether to serve an interface that the list names or does not name. The published pages
 * contradict each other (docs/behaviour.md); this is the only place that decides.
 */
bool bind_rules_allow(const struct bind_rules *rules, bool is_listed);

/* Whether this entry names an interface by its MAC address (of any length), or by that address. */
bool rule_names_mac(const struct rule *rule, const uint8_t *mac, size_t length);
bool rule_names_ipv4(const struct rule *rule, const uint8_t address[4]);

bool rules_have_guid(const struct rule_list *list, const uint8_t guid[16]);

/* The delay of a request in milliseconds. A client's MAC address counts more than the receiving
 * interface's address (NULL: not IPv4), that more than ALL; the longest MAC counts most. */
uint32_t rules_delay(const struct rule_list *list, const uint8_t *mac, size_t mac_length,
                     const uint8_t *local_ipv4);

#endif
