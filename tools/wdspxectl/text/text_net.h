/* How addresses and identifiers are written. */
#ifndef WDSPXECTL_TEXT_TEXT_NET_H
#define WDSPXECTL_TEXT_TEXT_NET_H

#include <stdint.h>

#include "text/text.h"

/* "10.0.0.2" of 4 bytes, "fe80::1" of 16; "?" for any other length. */
void text_put_address(struct text *text, const uint8_t *bytes, size_t length);

/* "10.0.0.2:67" or "[fe80::1]:547" */
void text_put_endpoint(struct text *text, const uint8_t *bytes, size_t length, unsigned port);

/* "00:11:22"; "" if there are no bytes. */
void text_put_mac(struct text *text, const uint8_t *bytes, size_t length);

/* "001122" */
void text_put_hex(struct text *text, const uint8_t *bytes, size_t length);

/*
 * "{33221100-5544-7766-8899-AABBCCDDEEFF}" of 16 bytes as SMBIOS has them, which is how they are on
 * the wire: the first three fields are little-endian.
 */
void text_put_guid(struct text *text, const uint8_t *bytes);

#endif
