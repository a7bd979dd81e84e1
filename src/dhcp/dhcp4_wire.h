/*
 * DHCPv4 on the wire (RFC 2131, RFC 2132): its numbers, and one step through a list of options.
 * No allocation, no state, no alignment assumptions.
 */
#ifndef DHCP_DHCP4_WIRE_H
#define DHCP_DHCP4_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define DHCP4_MAGIC UINT32_C(0x63825363) /* the cookie 99.130.83.99 (RFC 2131 section 3) */

enum {
    DHCP4_BOOTREQUEST = 1,
    DHCP4_BOOTREPLY = 2,

    /* option 53 (RFC 2132 section 9.6) */
    DHCP4_DISCOVER = 1,
    DHCP4_OFFER = 2,
    DHCP4_REQUEST = 3,
    DHCP4_DECLINE = 4,
    DHCP4_ACK = 5,
    DHCP4_NAK = 6,
    DHCP4_RELEASE = 7,
    DHCP4_INFORM = 8,

    DHCP4_HARDWARE_ADDRESS_MAX = 16,

    /* offsets of the fixed part (RFC 2131, figure 1) */
    DHCP4_OP = 0,
    DHCP4_HTYPE = 1,
    DHCP4_HLEN = 2,
    DHCP4_HOPS = 3,
    DHCP4_XID = 4,
    DHCP4_SECS = 8,
    DHCP4_FLAGS = 10,
    DHCP4_CIADDR = 12,
    DHCP4_YIADDR = 16,
    DHCP4_SIADDR = 20,
    DHCP4_GIADDR = 24,
    DHCP4_CHADDR = 28,
    DHCP4_SNAME = 44,
    DHCP4_FILE = 108,
    DHCP4_COOKIE = 236,
    DHCP4_OPTIONS = 240,

    DHCP4_SNAME_SIZE = 64,
    DHCP4_FILE_SIZE = 128,
    DHCP4_FLAG_BROADCAST = 0x80, /* in the first byte; our rules do not look at it (API-5.5.4) */

    DHCP4_SERVER_PORT = 67,
    DHCP4_CLIENT_PORT = 68,

    DHCP4_OPT_PAD = 0,
    DHCP4_OPT_VENDOR = 43,
    DHCP4_OPT_OVERLOAD = 52,
    DHCP4_OPT_MESSAGE_TYPE = 53,
    DHCP4_OPT_SERVER_ID = 54,
    DHCP4_OPT_VENDOR_CLASS = 60,
    DHCP4_OPT_CLIENT_ID = 61,
    DHCP4_OPT_BOOT_FILE = 67,
    DHCP4_OPT_RAPID_COMMIT = 80, /* RFC 4039 */
    DHCP4_OPT_RELAY_INFORMATION = 82,
    DHCP4_OPT_MACHINE_ID = 97,
    DHCP4_OPT_END = 255,

    DHCP4_RELAY_SOURCE_PORT = 19, /* of option 82 (RFC 8357) */

    /* bits of option 52 (RFC 2132 section 9.3): which fields hold options */
    DHCP4_OVERLOAD_FILE = 1,
    DHCP4_OVERLOAD_SNAME = 2,
};

/* The bytes of an option list that are still to be walked. */
struct dhcp4_walk {
    const uint8_t *next;
    size_t left;
};

enum dhcp4_step {
    DHCP4_STEP_PAD,       /* option Pad, now behind walk->next */
    DHCP4_STEP_OPTION,    /* an option, now behind walk->next; its code is never Pad or End */
    DHCP4_STEP_END,       /* option End, now behind walk->next */
    DHCP4_STEP_EXHAUSTED, /* no bytes are left, and there was no End */
    DHCP4_STEP_OVERRUN,   /* the option at walk->next does not fit */
};

/*
 * One step through an option list (an options field, or the value of option 43). *out_option is
 * written for DHCP4_STEP_OPTION only: the option's first byte, which is its code; its length and
 * its value follow. Inline and without a loop, because it is the inner loop of every search and
 * check.
 */
static inline enum dhcp4_step dhcp4_walk_step(struct dhcp4_walk *walk, const uint8_t **out_option)
{
    const uint8_t *next = walk->next;
    enum dhcp4_step step = DHCP4_STEP_OPTION;
    size_t size = 1; /* of Pad and End */

    if (walk->left >= 2) {
        size = (size_t)2 + next[1];
    } else if (walk->left == 0) {
        return DHCP4_STEP_EXHAUSTED;
    } else if (*next != DHCP4_OPT_PAD && *next != DHCP4_OPT_END) {
        return DHCP4_STEP_OVERRUN;
    }

    if (*next == DHCP4_OPT_PAD) {
        step = DHCP4_STEP_PAD;
        size = 1;
    } else if (*next == DHCP4_OPT_END) {
        step = DHCP4_STEP_END;
        size = 1;
    } else if (walk->left < size) {
        return DHCP4_STEP_OVERRUN;
    } else {
        *out_option = next;
    }
    walk->next += size;
    walk->left -= size;
    return step;
}

#endif
