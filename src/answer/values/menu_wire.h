/* A boot menu as option 43 has it (PXE 2.1, section 2.2.1 and table 2-1). */
#ifndef ANSWER_VALUES_MENU_WIRE_H
#define ANSWER_VALUES_MENU_WIRE_H

#include <stddef.h>
#include <stdint.h>

/* One option of DHCP; clients do not join several (RFC 3396). */
#define MENU_BYTES_MAX 255
#define MENU_ITEMS_MAX 24

struct layer;

/* One line of a boot menu. */
struct menu_item {
    const char *title;
    const struct layer *group; /* the provider's own: what the item stands for; not looked at */
    uint16_t type;             /* of the boot server, PXE 2.1, table 2-2; 0: the next boot device */
};

/* SUITABLE: unicast, but broadcast for clients that need it (answer_plan, menu_leads_away). */
enum menu_discovery { MENU_SUITABLE, MENU_UNICAST, MENU_BROADCAST, MENU_MULTICAST };

struct menu {
    const char *name; /* for the trace */
    const char *prompt;
    uint8_t timeout; /* seconds; 0: the first item at once, 255: for ever */
    enum menu_discovery discovery;
    const struct menu_item *items;
    uint32_t item_count;
};

/*
 * The value of option 43 for an OFFER; SUITABLE is unicast.
 *   server  the boot server's address, which clients are to ask for their item
 * Returns its length; 0: it does not fit.
 */
size_t menu_encode(const struct menu *menu, const uint8_t server[4], uint8_t out[MENU_BYTES_MAX]);

/* The item that a client chose, or NULL. */
const struct menu_item *menu_find_item(const struct menu *menu, uint16_t type);

#endif
