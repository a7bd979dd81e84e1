/*
 * Values of the configuration file: text in, bytes as they go on the wire out.
 *
 * Every function returns NULL on success, or a sentence for the administrator that says what is
 * wrong and what to write instead; then the outputs are not to be used. The sentence is a constant.
 * Text is NUL-terminated and trimmed.
 */
#ifndef ANSWER_VALUES_VALUES_H
#define ANSWER_VALUES_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Longest value of one DHCP option (RFC 2132: the length is one byte). */
#define VALUE_OPTION_MAX 255
/* Longest DUID (RFC 8415, section 11.1). */
#define VALUE_DUID_MAX 130
/* 255 characters with a blank between any two make 128 words of one, with two bytes before each. */
#define VALUE_PARAMS_MAX 384

#define VALUE_MAC_SIZE 6
#define VALUE_GUID_SIZE 16
#define VALUE_IPV4_SIZE 4
#define VALUE_IPV6_SIZE 16

/* Printable ASCII, in quotes or without; `size` counts the terminating NUL. */
const char *value_text(const char *text, char *out, size_t size);

/* "yes" or "no". */
const char *value_yes_no(const char *text, bool *out);

/* Decimal, or hexadecimal after 0x; at most `max`. */
const char *value_number(const char *text, uint32_t max, uint32_t *out);

/* "10.0.0.1" as four bytes in network order; not 0.0.0.0. */
const char *value_ipv4(const char *text, uint8_t out[4]);

/* Exactly six bytes in hexadecimal, with '-', ':', '.' or blanks between them, or nothing. */
const char *value_mac(const char *text, uint8_t out[6]);

/* The same, or one to five bytes and a '*'; *length is how many bytes were written. */
const char *value_mac_prefix(const char *text, uint8_t out[6], size_t *length);

/*
 * A machine GUID as the firmware's set-up prints it, with or without braces and dashes. `out` is
 * how it arrives in option 97: the first three fields little-endian (RFC 4578, section 2.3).
 */
const char *value_guid(const char *text, uint8_t out[16]);

/* The bytes of a DUID in hexadecimal, separated as in a MAC address. */
const char *value_duid(const char *text, uint8_t out[VALUE_DUID_MAX], size_t *length);

/* 1 to `size` bytes in hexadecimal, separated as in a MAC address. False: it is none. */
bool value_hex(const char *text, uint8_t *out, size_t size, size_t *length);

/* Words with blanks between them, as the value of DHCPv6's option 60. */
const char *value_params(const char *text, uint8_t out[VALUE_PARAMS_MAX], size_t *length);

/*
 * The value of option.NNN, in one of these forms; *length is 0 for `""`.
 *   hex:0a0b  ip:10.0.0.1,10.0.0.2  ip6:fd00::1,fd00::2  u8:5  u16:0x1234  u32:70000  "text"
 */
const char *value_option(const char *text, uint8_t out[VALUE_OPTION_MAX], uint8_t *length);

/*
 * "10.0.0.0/8" or "fd00::/16", or one address: 4 or 16 bytes, and how many bits of them count.
 */
const char *value_subnet(const char *text, uint8_t out[16], uint8_t *size, uint8_t *bits);

/* What clients that list themselves under an architecture's name or number send (IANA). */
#define VALUE_ARCHS_MAX 4
const char *value_archs(const char *text, uint16_t out[VALUE_ARCHS_MAX], size_t *count);

/* The first name of a number, such as "x64"; NULL: it has none. */
const char *value_arch_name(uint16_t arch);

#endif
