/*
 * How options are named and how their values look. An option is named by one number
 * (include/wdsbp.h, WDSBP_MAKE_OPTION); it tells how the value is passed by the caller and how it
 * is sent.
 */
#ifndef WDSBP_OPTION_H
#define WDSBP_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Flags: what a packet is and carries; which options are being built. */
enum wdsbp_packet_type {
    PACKET_DHCP = 1,
    PACKET_NBP = 2,
    PACKET_BCD = 4,
    PACKET_DHCPV6 = 8,
};

enum wdsbp_value_type {
    VALUE_NONE = 0,
    VALUE_BYTE = 1,
    VALUE_USHORT = 2,
    VALUE_ULONG = 3,
    VALUE_WSTR = 4,
    VALUE_STR = 5,
    VALUE_IP4 = 6,
    VALUE_IP6 = 7,
};

enum {
    OPTION_NBP = 250,      /* DHCPv4 option that holds the sub-options */
    OPTION_BCD_PATH = 252, /* DHCPv4 option */
    OPTION6_FIRST = 50001, /* the DHCPv6 options that have a published name */
    OPTION6_BCD_PATH = 50014,
    OPTION6_LAST = 50018,

    WDSBP_BUFFER_OVERFLOW = 111, /* pxe_status: ERROR_BUFFER_OVERFLOW */
};

struct wdsbp_option {
    uint16_t id;         /* number on the wire */
    uint8_t packet_type; /* PACKET_NBP, PACKET_BCD or PACKET_DHCPV6 */
    uint8_t value_type;  /* VALUE_..., never VALUE_WSTR: how that would be sent is not known */
};

/*
 * Takes a name apart. False if it is malformed, cannot be sent in the place that it names, or
 * contradicts the value type of a published option. Unpublished numbers are accepted.
 */
bool wdsbp_option_split(uint32_t name, struct wdsbp_option *out_option);

/* How many bytes a value of this type has; VALUE_STR has any number: false. */
bool wdsbp_value_size(uint8_t value_type, size_t *out_size);

/* The length of a string without the zero bytes at its end. */
size_t wdsbp_string_length(const uint8_t *text, size_t length);

/*
 * Copies a value of `size` bytes and converts it: numbers are in the caller's byte order here, in
 * network byte order there; everything else is the same. The two must not overlap.
 */
void wdsbp_value_to_wire(uint8_t value_type, uint8_t *wire, const uint8_t *value, size_t size);
void wdsbp_value_from_wire(uint8_t value_type, uint8_t *value, const uint8_t *wire, size_t size);

#endif
