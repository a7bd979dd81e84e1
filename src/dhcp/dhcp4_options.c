#include "dhcp/dhcp4.h"

#include <string.h>

#include "base/bytes.h"

/* A search through all fields of one packet that hold options: options, file, sname. */
struct scan {
    struct dhcp4_walk walk;
    const uint8_t *packet;
    uint8_t fields_left; /* DHCP4_OVERLOAD_* still to be walked */
    bool has_overload;   /* the first option 52 was seen, or none counts any more */
};

/* The getters look at nothing else (contract 5.4). */
static inline bool is_dhcp4(const uint8_t *packet, size_t length)
{
    return length >= DHCP4_OPTIONS && be32_get(packet + DHCP4_COOKIE) == DHCP4_MAGIC;
}

static struct scan scan_start(const uint8_t *packet, size_t length)
{
    return (struct scan){{packet + DHCP4_OPTIONS, length - DHCP4_OPTIONS}, packet, 0, false};
}

/* Keeps what the first option 52 says, if it is well-formed (RFC 2132 section 9.3). */
static void scan_note_overload(struct scan *scan, const uint8_t *option)
{
    const uint8_t known = DHCP4_OVERLOAD_FILE | DHCP4_OVERLOAD_SNAME;

    if (!scan->has_overload && option[1] == 1 && option[2] <= known) {
        scan->fields_left = option[2];
    }
    scan->has_overload = true;
}

/* Goes on to the next overloaded field: file, then sname (RFC 2131 section 4.1). */
static bool scan_next_field(struct scan *scan)
{
    scan->has_overload = true; /* only an option 52 from the options field counts (contract 5.4) */
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

/* The next option with this code, from where the scan stands; NULL if there is none. An overrun
 * ends the whole scan. */
static const uint8_t *scan_next(struct scan *scan, uint8_t code)
{
    for (;;) {
        const uint8_t *option;

        switch (dhcp4_walk_step(&scan->walk, &option)) {
        case DHCP4_STEP_PAD:
            break;
        case DHCP4_STEP_OPTION:
            if (*option == DHCP4_OPT_OVERLOAD) {
                scan_note_overload(scan, option);
            }
            if (*option == code) {
                return option;
            }
            break;
        case DHCP4_STEP_END:
        case DHCP4_STEP_EXHAUSTED:
            if (!scan_next_field(scan)) {
                return NULL;
            }
            break;
        case DHCP4_STEP_OVERRUN:
            return NULL;
        }
    }
}

static inline pxe_status option_found(const uint8_t *option, const uint8_t **out_value,
                                      uint8_t *out_length)
{
    if (out_value) {
        *out_value = option + 2;
    }
    if (out_length) {
        *out_length = option[1];
    }
    return PXE_OK;
}

/* Any instance, in any field. Not inline: it would take registers from its caller's loop. */
__attribute__((noinline)) static pxe_status find_in_all_fields(const uint8_t *packet, size_t length,
                                                               uint8_t code, uint32_t instance,
                                                               const uint8_t **out_value,
                                                               uint8_t *out_length)
{
    struct scan scan = scan_start(packet, length);
    const uint8_t *option;

    while ((option = scan_next(&scan, code)) != NULL) {
        if (--instance == 0) {
            return option_found(option, out_value, out_length);
        }
    }
    return PXE_FILE_NOT_FOUND;
}

/*
 * Nearly every search is for the first instance, in a packet without overload. That loop knows
 * nothing else, and so costs no more than it must; whatever is rare starts again in the other one.
 */
pxe_status dhcp4_option_find(const uint8_t *packet, size_t length, uint8_t code, uint32_t instance,
                             const uint8_t **out_value, uint8_t *out_length)
{
    if (!is_dhcp4(packet, length)) {
        return PXE_INVALID_DATA;
    }
    if (instance != 1) {
        return instance == 0
                   ? PXE_INVALID_PARAMETER
                   : find_in_all_fields(packet, length, code, instance, out_value, out_length);
    }

    struct dhcp4_walk walk = {packet + DHCP4_OPTIONS, length - DHCP4_OPTIONS};
    const uint8_t *option;
    for (;;) {
        enum dhcp4_step step = dhcp4_walk_step(&walk, &option);

        if (step == DHCP4_STEP_OPTION) {
            if (*option == code) {
                return option_found(option, out_value, out_length);
            }
            if (*option == DHCP4_OPT_OVERLOAD) {
                return find_in_all_fields(packet, length, code, 1, out_value, out_length);
            }
        } else if (step != DHCP4_STEP_PAD) {
            return PXE_FILE_NOT_FOUND;
        }
    }
}

pxe_status dhcp4_vendor_option_find(const uint8_t *packet, size_t length, uint8_t code,
                                    uint32_t instance, const uint8_t **out_value,
                                    uint8_t *out_length)
{
    const uint8_t *vendor;
    const uint8_t *option;

    if (!is_dhcp4(packet, length)) {
        return PXE_INVALID_DATA;
    }
    if (instance == 0) {
        return PXE_INVALID_PARAMETER;
    }
    struct scan scan = scan_start(packet, length);
    while ((vendor = scan_next(&scan, DHCP4_OPT_VENDOR)) != NULL) {
        struct dhcp4_walk walk = {vendor + 2, vendor[1]};
        enum dhcp4_step step;

        /* whatever ends this option 43, the next one goes on (contract 5.4) */
        while ((step = dhcp4_walk_step(&walk, &option)) <= DHCP4_STEP_OPTION) {
            if (step == DHCP4_STEP_OPTION && *option == code && --instance == 0) {
                return option_found(option, out_value, out_length);
            }
        }
    }
    return PXE_FILE_NOT_FOUND;
}
