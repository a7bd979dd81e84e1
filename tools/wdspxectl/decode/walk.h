/*
 * The options of a DHCPv4 or DHCPv6 message, one by one, in the order of the packet. A reader of
 * our own, apart from the codec of wdspxe.dll: what checks a reply should not be what built it.
 */
#ifndef WDSPXECTL_DECODE_WALK_H
#define WDSPXECTL_DECODE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DHCP4_FIXED = 240, /* RFC 2131 section 2, with the cookie */
    DHCP4_AT_COOKIE = 236,
    DHCP4_AT_SNAME = 44,
    DHCP4_SNAME_SIZE = 64,
    DHCP4_AT_FILE = 108,
    DHCP4_FILE_SIZE = 128,
    DHCP4_CHADDR_SIZE = 16,
    DHCP6_HEADER = 4,        /* RFC 8415 section 8 */
    DHCP6_RELAY_HEADER = 34, /* RFC 8415 section 9 */
    DHCP6_RELAY_FORW = 12,
    DHCP6_RELAY_REPL = 13,
    DHCP6_RELAY_MESSAGE = 9, /* option */
    DHCP6_RELAYS_MAX = 32,   /* layers that are looked into */
};

struct dhcp_option {
    unsigned code;
    const uint8_t *value;
    size_t length;
};

/* How a walk ended. */
enum walk_end {
    WALK_GOES_ON,
    WALK_END,     /* at an END, DHCPv6: at the end of the message */
    WALK_NO_END,  /* DHCPv4: nothing more, but no END */
    WALK_OVERRUN, /* an option that goes on behind the end */
};

struct dhcp_walk {
    const uint8_t *at;
    const uint8_t *end;
    const uint8_t *packet; /* DHCPv4: for the fields that option 52 adds; else NULL */
    uint8_t overload;      /* bits of option 52 not yet looked at: 1 file, 2 sname */
    enum walk_end result;
};

/* Has the packet a DHCPv4 header with cookie? */
bool dhcp4_is_message(const uint8_t *packet, size_t length);

/* The options of a DHCPv4 message, and of `file` and `sname` where option 52 says so. */
struct dhcp_walk dhcp4_walk(const uint8_t *packet, size_t length);

/* A bare list with codes and lengths of one byte, such as in option 43. A missing END is no fault.
 */
struct dhcp_walk dhcp4_walk_list(const uint8_t *list, size_t length);

/* False at the end: then walk->result tells of which kind. */
bool dhcp4_next(struct dhcp_walk *walk, struct dhcp_option *out_option);

/* The first option of this code; value NULL if there is none. */
struct dhcp_option dhcp4_find(const uint8_t *packet, size_t length, unsigned code);

/* How long the header of a DHCPv6 message of this type is. */
size_t dhcp6_header_length(uint8_t type);

/* A list of DHCPv6 options: what follows a header, or is inside of an option. */
struct dhcp_walk dhcp6_walk_list(const uint8_t *list, size_t length);
bool dhcp6_next(struct dhcp_walk *walk, struct dhcp_option *out_option);

/* The first option of this code in the message, not inside of others; value NULL: none, or the
 * message is shorter than its header. */
struct dhcp_option dhcp6_find(const uint8_t *packet, size_t length, unsigned code);

/*
 * The message of client or server within the relays' layers, as far as they can be followed; the
 * packet itself if no relay was there. value NULL: it is too short for a header.
 */
struct dhcp_option dhcp6_innermost(const uint8_t *packet, size_t length);

#endif
