#include "decode/walk.h"

#include <string.h>

#include "text/bytes.h"

enum {
    OPTION_PAD = 0,
    OPTION_OVERLOAD = 52,
    OPTION_END = 255,
    OVERLOAD_FILE = 1,
    OVERLOAD_SNAME = 2,
};

bool dhcp4_is_message(const uint8_t *packet, size_t length)
{
    static const uint8_t cookie[4] = {99, 130, 83, 99};
    return length >= DHCP4_FIXED && memcmp(packet + DHCP4_AT_COOKIE, cookie, sizeof(cookie)) == 0;
}

static struct dhcp_walk walk_over(const uint8_t *packet, const uint8_t *list, size_t length)
{
    return (struct dhcp_walk){.at = list, .end = list + length, .packet = packet};
}

struct dhcp_walk dhcp4_walk(const uint8_t *packet, size_t length)
{
    return walk_over(packet, packet + DHCP4_FIXED, length - DHCP4_FIXED);
}

struct dhcp_walk dhcp4_walk_list(const uint8_t *list, size_t length)
{
    return walk_over(NULL, list, length);
}

/* RFC 2131 section 4.1: the options field, then `file`, then `sname`. */
static bool enter_overloaded_field(struct dhcp_walk *walk)
{
    if (walk->overload & OVERLOAD_FILE) {
        walk->overload &= (uint8_t)~OVERLOAD_FILE;
        walk->at = walk->packet + DHCP4_AT_FILE;
        walk->end = walk->at + DHCP4_FILE_SIZE;
        return true;
    }
    if (walk->overload & OVERLOAD_SNAME) {
        walk->overload = 0;
        walk->at = walk->packet + DHCP4_AT_SNAME;
        walk->end = walk->at + DHCP4_SNAME_SIZE;
        return true;
    }
    return false;
}

/* One option of the present field; false at its end. */
static bool next_in_field(struct dhcp_walk *walk, struct dhcp_option *out_option)
{
    while (walk->at < walk->end && *walk->at == OPTION_PAD)
        walk->at++;
    size_t left = (size_t)(walk->end - walk->at);
    if (left == 0 || *walk->at == OPTION_END) {
        walk->result = left == 0 ? WALK_NO_END : WALK_END;
        return false;
    }
    if (left < 2 || walk->at[1] > left - 2) {
        walk->result = WALK_OVERRUN;
        return false;
    }
    *out_option = (struct dhcp_option){walk->at[0], walk->at + 2, walk->at[1]};
    walk->at += 2 + out_option->length;
    return true;
}

/*
 * Option 52 counts in the options field only: in the fields that it adds it would add them for
 * ever.
 */
static void note_overload(struct dhcp_walk *walk, const struct dhcp_option *option)
{
    if (walk->packet != NULL && option->value >= walk->packet + DHCP4_FIXED &&
        option->code == OPTION_OVERLOAD && option->length == 1)
        walk->overload |= option->value[0] & (OVERLOAD_FILE | OVERLOAD_SNAME);
}

bool dhcp4_next(struct dhcp_walk *walk, struct dhcp_option *out_option)
{
    while (walk->result == WALK_GOES_ON) {
        if (next_in_field(walk, out_option)) {
            note_overload(walk, out_option);
            return true;
        }
        if (walk->result == WALK_OVERRUN || !enter_overloaded_field(walk))
            return false;
        walk->result = WALK_GOES_ON;
    }
    return false;
}

struct dhcp_option dhcp4_find(const uint8_t *packet, size_t length, unsigned code)
{
    struct dhcp_option option = {0, NULL, 0};
    struct dhcp_walk walk = dhcp4_walk(packet, length);
    while (dhcp4_next(&walk, &option)) {
        if (option.code == code)
            return option;
    }
    return (struct dhcp_option){0, NULL, 0};
}

size_t dhcp6_header_length(uint8_t type)
{
    return type == DHCP6_RELAY_FORW || type == DHCP6_RELAY_REPL ? DHCP6_RELAY_HEADER : DHCP6_HEADER;
}

struct dhcp_walk dhcp6_walk_list(const uint8_t *list, size_t length)
{
    return walk_over(NULL, list, length);
}

bool dhcp6_next(struct dhcp_walk *walk, struct dhcp_option *out_option)
{
    size_t left = (size_t)(walk->end - walk->at);
    if (walk->result != WALK_GOES_ON)
        return false;
    if (left == 0) {
        walk->result = WALK_END;
        return false;
    }
    if (left < 4 || get_be16(walk->at + 2) > left - 4) {
        walk->result = WALK_OVERRUN;
        return false;
    }
    *out_option = (struct dhcp_option){get_be16(walk->at), walk->at + 4, get_be16(walk->at + 2)};
    walk->at += 4 + out_option->length;
    return true;
}

struct dhcp_option dhcp6_find(const uint8_t *packet, size_t length, unsigned code)
{
    struct dhcp_option option = {0, NULL, 0};
    if (length == 0 || length < dhcp6_header_length(packet[0]))
        return option;
    size_t header = dhcp6_header_length(packet[0]);
    struct dhcp_walk walk = dhcp6_walk_list(packet + header, length - header);
    while (dhcp6_next(&walk, &option)) {
        if (option.code == code)
            return option;
    }
    return (struct dhcp_option){0, NULL, 0};
}

struct dhcp_option dhcp6_innermost(const uint8_t *packet, size_t length)
{
    struct dhcp_option message = {DHCP6_RELAY_MESSAGE, packet, length};
    for (unsigned layer = 0; layer <= DHCP6_RELAYS_MAX; layer++) {
        if (message.length < DHCP6_HEADER)
            break;
        if (dhcp6_header_length(message.value[0]) == DHCP6_HEADER)
            return message;
        message = dhcp6_find(message.value, message.length, DHCP6_RELAY_MESSAGE);
    }
    return (struct dhcp_option){0, NULL, 0};
}
