/* IP addresses and text: for the server, the tool and the provider that ships. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ADDRESS_TEXT_SIZE = 46 /* INET6_ADDRSTRLEN */ };

/* One dotted address at *text, which moves behind it. False: there is none. */
bool address_read_ipv4(const char **text, uint8_t out[4]);

/* The whole text is one address (RFC 4291, section 2.2), without scope and brackets. */
bool address_read_ipv6(const char *text, uint8_t out[16]);

/*
 * The whole text is an IPv4 or an IPv6 address. Returns its bytes, 4 or 16, of which the rest of
 * `out` is zero; 0: it is neither, and `out` is as it was.
 *   out_scope   NULL: an address with a scope is none. Else the number behind its % (RFC 4007,
 *               section 11), 1 to 2^32-1, which Windows takes as the index of an interface; 0:
 *               there is none
 */
size_t address_read(const char *text, uint8_t out[16], uint32_t *out_scope);

/* As text, IPv6 as RFC 5952 has it; "?" if `length` is neither 4 nor 16. Returns `out`. */
const char *address_format(const uint8_t *address, size_t length, char out[ADDRESS_TEXT_SIZE]);

#endif
