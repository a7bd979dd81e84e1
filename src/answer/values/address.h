/* IP addresses and text. */
#ifndef ANSWER_VALUES_ADDRESS_H
#define ANSWER_VALUES_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ADDRESS_TEXT_SIZE 46 /* INET6_ADDRSTRLEN */

/* One dotted address at *text, which moves behind it. False: there is none. */
bool address_read_ipv4(const char **text, uint8_t out[4]);

/* The whole text is one address (RFC 4291, section 2.2), without scope and brackets. */
bool address_read_ipv6(const char *text, uint8_t out[16]);

/* RFC 5952. */
void address_format_ipv6(const uint8_t address[16], char out[ADDRESS_TEXT_SIZE]);

#endif
