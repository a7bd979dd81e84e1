/* A boot menu as option 43 has it (PXE 2.1, section 2.2.1 and table 2-1). */
#ifndef STATICPXE_RULES_MENU_WIRE_H
#define STATICPXE_RULES_MENU_WIRE_H

#include <stddef.h>

#include "layer.h"

/* One option of DHCP; clients do not join several (RFC 3396). */
#define MENU_BYTES_MAX 255

/*
 * The value of option 43 for an OFFER.
 *   server  the boot server's address, which clients are to ask for their item
 * Returns its length; 0: it does not fit.
 */
size_t menu_encode(const struct menu *menu, const uint8_t server[4], uint8_t out[MENU_BYTES_MAX]);

/* The item that a client chose, or NULL. */
const struct menu_item *menu_find_item(const struct menu *menu, uint16_t type);

#endif
