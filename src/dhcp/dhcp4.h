/*
 * DHCPv4 messages (RFC 2131) and options (RFC 2132), as bytes. No allocation, no state, no
 * alignment assumptions; every function may be called from any thread.
 *
 * A failing function writes no output unless it says so.
 */
#ifndef DHCP_DHCP4_H
#define DHCP_DHCP4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/status.h"

#define DHCP4_MAGIC UINT32_C(0x63825363) /* the cookie 99.130.83.99 (RFC 2131 section 3) */

enum {
    DHCP4_BOOTREQUEST = 1,
    DHCP4_BOOTREPLY = 2,
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
    DHCP4_FLAG_BROADCAST = 0x80, /* in the first byte of flags */

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
    DHCP4_OPT_MACHINE_ID = 97,
    DHCP4_OPT_END = 255,

    /* bits of option 52 (RFC 2132 section 9.3): which fields hold options */
    DHCP4_OVERLOAD_FILE = 1,
    DHCP4_OVERLOAD_SNAME = 2,
};

/* Which rule of validity a packet breaks; DHCP4_VALID if none. */
enum dhcp4_defect {
    DHCP4_VALID,
    DHCP4_TOO_SHORT,
    DHCP4_WRONG_OP,
    DHCP4_BAD_HLEN,
    DHCP4_SNAME_UNTERMINATED,
    DHCP4_FILE_UNTERMINATED,
    DHCP4_BAD_COOKIE,
    DHCP4_OPTION_OVERRUN,
    DHCP4_NO_END,
    DHCP4_DATA_AFTER_END,
    DHCP4_NO_MESSAGE_TYPE,
};

/* A readable sentence fragment such as "option runs past the end of the packet". Never NULL. */
const char *dhcp4_defect_text(enum dhcp4_defect defect);

/*
 * Is this a complete, well-formed DHCP message? The first defect counts, in this order: length, op,
 * hlen, cookie, sname, file, each option up to End, End itself, the bytes behind End, option 53.
 *   want_request  true: op must be BOOTREQUEST; false: BOOTREPLY.
 *   out_is_pxe    may be NULL; always written: valid, and option 60 starts with "PXEClient".
 */
enum dhcp4_defect dhcp4_check(const uint8_t *packet, size_t length, bool want_request,
                              bool *out_is_pxe);

/*
 * Starts a reply to `request` in `reply` (capacity bytes, all cleared first). The two may overlap.
 *   PXE_INVALID_DATA         the request is shorter than 240 bytes or has no cookie
 *   PXE_INSUFFICIENT_BUFFER  capacity is below 240
 * On success *out_length is 240: the next option lands right behind the cookie.
 */
pxe_status dhcp4_reply_start(const uint8_t *request, size_t request_length, uint8_t *reply,
                             size_t capacity, size_t *out_length);

/* Behind the fixed part and inside the packet. */
static inline bool dhcp4_is_append_position(size_t capacity, size_t length)
{
    return length >= DHCP4_OPTIONS && length <= capacity;
}

/*
 * Appends bytes that are options already, uninspected; no bytes are no change. This and the next
 * one are inline because a reply is made of nothing else.
 *   PXE_INVALID_PARAMETER    *length is below 240 or above capacity; bytes is NULL but has a count
 *   PXE_INSUFFICIENT_BUFFER  does not fit; nothing changed
 */
static inline pxe_status dhcp4_raw_append(uint8_t *packet, size_t capacity, size_t *length,
                                          const uint8_t *bytes, size_t count)
{
    if (!dhcp4_is_append_position(capacity, *length) || (!bytes && count > 0)) {
        return PXE_INVALID_PARAMETER;
    }
    if (capacity - *length < count) {
        return PXE_INSUFFICIENT_BUFFER;
    }
    if (count > 0) {
        memmove(packet + *length, bytes, count);
        *length += count;
    }
    return PXE_OK;
}

/*
 * Appends one option at *length; Pad and End are a single byte and ignore value and value_length.
 * The value may lie inside the packet. Nothing looks back: an option behind End is the caller's
 * mistake, which dhcp4_check reports. Same results.
 */
static inline pxe_status dhcp4_option_append(uint8_t *packet, size_t capacity, size_t *length,
                                             uint8_t code, const uint8_t *value,
                                             uint8_t value_length)
{
    if (code == DHCP4_OPT_PAD || code == DHCP4_OPT_END) {
        return dhcp4_raw_append(packet, capacity, length, &code, 1);
    }
    if (!dhcp4_is_append_position(capacity, *length) || (!value && value_length > 0)) {
        return PXE_INVALID_PARAMETER;
    }
    if (capacity - *length < (size_t)2 + value_length) {
        return PXE_INSUFFICIENT_BUFFER;
    }

    uint8_t *option = packet + *length;
    if (value_length > 0) { /* moved before the header is written: it may lie in the packet */
        memmove(option + 2, value, value_length);
    }
    option[0] = code;
    option[1] = value_length;
    *length += (size_t)2 + value_length;
    return PXE_OK;
}

/*
 * Finds the instance-th occurrence (from 1) of an option: in the options field, then, if option 52
 * there says so, in file and in sname. The value points into the packet; each output may be NULL.
 * An option that runs past the end of its field ends the search.
 *   PXE_INVALID_DATA       no DHCP packet (only length and cookie are looked at)
 *   PXE_INVALID_PARAMETER  instance is 0
 *   PXE_FILE_NOT_FOUND     no such occurrence, or code is Pad or End
 */
pxe_status dhcp4_option_find(const uint8_t *packet, size_t length, uint8_t code, uint32_t instance,
                             const uint8_t **out_value, uint8_t *out_length);

/*
 * The same for a sub-option inside option 43, counted across all options 43. A sub-option that runs
 * past the end of its option 43 ends only that one, and so does sub-option 255.
 */
pxe_status dhcp4_vendor_option_find(const uint8_t *packet, size_t length, uint8_t code,
                                    uint32_t instance, const uint8_t **out_value,
                                    uint8_t *out_length);

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
