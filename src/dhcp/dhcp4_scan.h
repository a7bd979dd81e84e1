/*
 * A search through all fields of one DHCPv4 packet that hold options: the options field, then, if
 * option 52 there says so, file and sname (RFC 2131 section 4.1).
 */
#ifndef DHCP_DHCP4_SCAN_H
#define DHCP_DHCP4_SCAN_H

#include "dhcp/dhcp4.h"

struct dhcp4_scan {
    struct dhcp4_walk walk;
    const uint8_t *packet;
    uint8_t fields_left; /* DHCP4_OVERLOAD_* still to be walked */
    bool has_overload;   /* the first option 52 was seen, or none counts any more */
};

/* The packet has a whole fixed part. */
static inline struct dhcp4_scan dhcp4_scan_start(const uint8_t *packet, size_t length)
{
    return (struct dhcp4_scan){{packet + DHCP4_OPTIONS, length - DHCP4_OPTIONS}, packet, 0, false};
}

/* Keeps what the first option 52 says, if it is well-formed (RFC 2132 section 9.3). */
static inline void dhcp4_scan_note_overload(struct dhcp4_scan *scan, const uint8_t *option)
{
    const uint8_t known = DHCP4_OVERLOAD_FILE | DHCP4_OVERLOAD_SNAME;

    if (!scan->has_overload && option[1] == 1 && option[2] <= known) {
        scan->fields_left = option[2];
    }
    scan->has_overload = true;
}

/* Goes on to the next overloaded field: file, then sname. */
static inline bool dhcp4_scan_next_field(struct dhcp4_scan *scan)
{
    scan->has_overload = true; /* only an option 52 from the options field counts (API-5.4) */
    if (scan->fields_left & DHCP4_OVERLOAD_FILE) {
        scan->walk = (struct dhcp4_walk){scan->packet + DHCP4_FILE, DHCP4_FILE_SIZE};
        scan->fields_left &= DHCP4_OVERLOAD_SNAME;
        return true;
    }
    if (scan->fields_left & DHCP4_OVERLOAD_SNAME) {
        scan->walk = (struct dhcp4_walk){scan->packet + DHCP4_SNAME, DHCP4_SNAME_SIZE};
        scan->fields_left = 0;
        return true;
    }
    return false;
}

/* The next option of all; NULL if there is none. An overrun ends the whole scan. */
static inline const uint8_t *dhcp4_scan_step(struct dhcp4_scan *scan)
{
    for (;;) {
        const uint8_t *option;

        switch (dhcp4_walk_step(&scan->walk, &option)) {
        case DHCP4_STEP_PAD:
            break;
        case DHCP4_STEP_OPTION:
            if (*option == DHCP4_OPT_OVERLOAD) {
                dhcp4_scan_note_overload(scan, option);
            }
            return option;
        case DHCP4_STEP_END:
        case DHCP4_STEP_EXHAUSTED:
            if (!dhcp4_scan_next_field(scan)) {
                return NULL;
            }
            break;
        case DHCP4_STEP_OVERRUN:
            return NULL;
        }
    }
}

/* The next option with this code, from where the scan stands; NULL if there is none. */
static inline const uint8_t *dhcp4_scan_next(struct dhcp4_scan *scan, uint8_t code)
{
    const uint8_t *option;

    do {
        option = dhcp4_scan_step(scan);
    } while (option != NULL && *option != code);
    return option;
}

#endif
