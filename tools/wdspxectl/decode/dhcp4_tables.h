/* The options of DHCPv4 by number: names, and forms of their values. */
#ifndef WDSPXECTL_DECODE_DHCP4_TABLES_H
#define WDSPXECTL_DECODE_DHCP4_TABLES_H

#include "decode/fields.h"

enum {
    OPTION4_VENDOR = 43,
    OPTION4_CLASS = 60,
    OPTION4_RELAY_AGENT = 82,
    OPTION4_VENDOR_CLASS = 124,
    OPTION4_VENDOR_OPTIONS = 125,
    OPTION4_IPXE = 175,
    OPTION4_WDSNBP = 250,
};

/* The row of an option; NULL if it has none. */
const struct option_form *option4_find(unsigned code);

/* Its name; "" if it has none. */
const char *option4_name(unsigned code);

struct option_table {
    const struct option_form *rows;
    size_t count;
};

/*
 * The table of an option's sub-options, which may be empty; false if the option has no sub-options.
 *   is_pxe   option 43 is that of PXE
 */
bool option4_sub_table(unsigned code, bool is_pxe, struct option_table *out_table);

#endif
