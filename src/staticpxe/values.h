/*
 * Values of the configuration file: text in, bytes as they go on the wire out.
 *
 * Every function returns NULL on success, or a sentence for the administrator that says what is
 * wrong and what to write instead; then the outputs are not to be used. The sentence is a constant.
 * Text is NUL-terminated and trimmed.
 */
#ifndef STATICPXE_VALUES_H
#define STATICPXE_VALUES_H

#include "wdspxe.h"

/* Longest value of one DHCP option (RFC 2132: the length is one byte). */
#define VALUE_OPTION_MAX 255
/* Longest DUID (RFC 8415, section 11.1). */
#define VALUE_DUID_MAX 130
/* 255 characters with a blank between any two make 128 words of one, with two bytes before each. */
#define VALUE_PARAMS_MAX 384

/* Printable ASCII, in quotes or without; `size` counts the terminating NUL. */
LPCWSTR value_text(LPCWSTR text, CHAR *out, SIZE_T size);

/* "yes" or "no". */
LPCWSTR value_yes_no(LPCWSTR text, BOOL *out);

/* Decimal, or hexadecimal after 0x; at most `max`. */
LPCWSTR value_number(LPCWSTR text, ULONG max, ULONG *out);

/* "10.0.0.1" as four bytes in network order; not 0.0.0.0. */
LPCWSTR value_ipv4(LPCWSTR text, BYTE out[4]);

/* Exactly six bytes in hexadecimal, with '-', ':', '.' or blanks between them, or nothing. */
LPCWSTR value_mac(LPCWSTR text, BYTE out[6]);

/*
 * A machine GUID as the firmware's set-up prints it, with or without braces and dashes. `out` is
 * how it arrives in option 97: the first three fields little-endian (RFC 4578, section 2.3).
 */
LPCWSTR value_guid(LPCWSTR text, BYTE out[16]);

/* The bytes of a DUID in hexadecimal, separated as in a MAC address. */
LPCWSTR value_duid(LPCWSTR text, BYTE out[VALUE_DUID_MAX], ULONG *length);

/* Words with blanks between them, as the value of DHCPv6's option 60. */
LPCWSTR value_params(LPCWSTR text, BYTE out[VALUE_PARAMS_MAX], ULONG *length);

/*
 * The value of option.NNN, in one of these forms; *length is 0 for `""`.
 *   hex:0a0b  ip:10.0.0.1,10.0.0.2  u8:5  u16:0x1234  u32:70000  "text"
 */
LPCWSTR value_option(LPCWSTR text, BYTE out[VALUE_OPTION_MAX], BYTE *length);

#endif
