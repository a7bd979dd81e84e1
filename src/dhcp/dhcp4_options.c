#include "dhcp/dhcp4.h"

#include <string.h>

#include "base/bytes.h"

/* Still walking the options field; only an option 52 from there counts (contract 5.4). */
enum { FIELDS_UNKNOWN = 0xff };

/* A search through all fields of one packet that hold options: options, file, sname. */
struct scan {
    struct dhcp4_walk walk;
    const uint8_t *packet;
    const uint8_t *overload; /* the first option 52, if one was seen */
    uint8_t fields_left;     /* DHCP4_OVERLOAD_* still to be walked, or FIELDS_UNKNOWN */
};

/*
 * The one walker. Hands out the option's first byte: code, length and value follow each other from
 * there. Inline, and without a struct to fill, because the search for an option lives in this loop.
 */
static inline enum dhcp4_step walk_step(struct dhcp4_walk *walk, const uint8_t **out_option)
{
    const uint8_t *next = walk->next;
    const uint8_t *end = walk->end;

    for (; next != end; next++) {
        if (*next == DHCP4_OPT_PAD) {
            continue;
        }
        if (*next == DHCP4_OPT_END) {
            walk->next = next + 1;
            return DHCP4_STEP_END;
        }
        if (end - next < 2 || end - next - 2 < next[1]) {
            walk->next = next;
            return DHCP4_STEP_OVERRUN;
        }
        *out_option = next;
        walk->next = next + next[1] + 2;
        return DHCP4_STEP_OPTION;
    }
    walk->next = next;
    return DHCP4_STEP_EXHAUSTED;
}

enum dhcp4_step dhcp4_walk_next(struct dhcp4_walk *walk, struct dhcp4_option *out_option)
{
    const uint8_t *option;
    enum dhcp4_step step = walk_step(walk, &option);

    if (step == DHCP4_STEP_OPTION) {
        out_option->code = option[0];
        out_option->length = option[1];
        out_option->value = option + 2;
    }
    return step;
}

/* False if this is no DHCP packet; the getters look at nothing else (contract 5.4). */
static bool scan_start(struct scan *scan, const uint8_t *packet, size_t length)
{
    if (length < DHCP4_OPTIONS || be32_get(packet + DHCP4_COOKIE) != DHCP4_MAGIC) {
        return false;
    }
    scan->walk.next = packet + DHCP4_OPTIONS;
    scan->walk.end = packet + length;
    scan->packet = packet;
    scan->overload = NULL;
    scan->fields_left = FIELDS_UNKNOWN;
    return true;
}

/* What a well-formed option 52 says (RFC 2132 section 9.3), 0 if there is none. */
static uint8_t overloaded_fields(const uint8_t *option)
{
    const uint8_t known = DHCP4_OVERLOAD_FILE | DHCP4_OVERLOAD_SNAME;

    return option && option[1] == 1 && option[2] <= known ? option[2] : 0;
}

/* Goes on to the next overloaded field: file, then sname (RFC 2131 section 4.1). */
static bool scan_next_field(struct scan *scan)
{
    uint8_t fields = scan->fields_left;

    if (fields == FIELDS_UNKNOWN) {
        fields = overloaded_fields(scan->overload);
    }
    if (fields & DHCP4_OVERLOAD_FILE) {
        scan->walk.next = scan->packet + DHCP4_FILE;
        scan->walk.end = scan->walk.next + DHCP4_FILE_SIZE;
        scan->fields_left = fields & DHCP4_OVERLOAD_SNAME;
        return true;
    }
    if (fields & DHCP4_OVERLOAD_SNAME) {
        scan->walk.next = scan->packet + DHCP4_SNAME;
        scan->walk.end = scan->walk.next + DHCP4_SNAME_SIZE;
        scan->fields_left = 0;
        return true;
    }
    return false;
}

/*
 * The first byte of the next option with this code, from where the scan stands; NULL if there is
 * none. An overrun ends the whole scan. The loop walks with a copy that stays in registers.
 */
static inline const uint8_t *scan_next(struct scan *scan, uint8_t code)
{
    struct dhcp4_walk walk = scan->walk;
    const uint8_t *option;

    for (;;) {
        enum dhcp4_step step = walk_step(&walk, &option);

        if (step == DHCP4_STEP_OPTION) {
            if (*option == DHCP4_OPT_OVERLOAD && !scan->overload) {
                scan->overload = option;
            }
            if (*option == code) {
                scan->walk = walk;
                return option;
            }
        } else if (step == DHCP4_STEP_OVERRUN || !scan_next_field(scan)) {
            return NULL;
        } else {
            walk = scan->walk;
        }
    }
}

static pxe_status option_found(const uint8_t *option, const uint8_t **out_value,
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

pxe_status dhcp4_option_find(const uint8_t *packet, size_t length, uint8_t code, uint32_t instance,
                             const uint8_t **out_value, uint8_t *out_length)
{
    struct scan scan;
    const uint8_t *option;

    if (!scan_start(&scan, packet, length)) {
        return PXE_INVALID_DATA;
    }
    if (instance == 0) {
        return PXE_INVALID_PARAMETER;
    }
    while ((option = scan_next(&scan, code)) != NULL) {
        if (--instance == 0) {
            return option_found(option, out_value, out_length);
        }
    }
    return PXE_FILE_NOT_FOUND;
}

pxe_status dhcp4_vendor_option_find(const uint8_t *packet, size_t length, uint8_t code,
                                    uint32_t instance, const uint8_t **out_value,
                                    uint8_t *out_length)
{
    struct scan scan;
    const uint8_t *vendor;
    const uint8_t *option;

    if (!scan_start(&scan, packet, length)) {
        return PXE_INVALID_DATA;
    }
    if (instance == 0) {
        return PXE_INVALID_PARAMETER;
    }
    while ((vendor = scan_next(&scan, DHCP4_OPT_VENDOR)) != NULL) {
        struct dhcp4_walk walk = {vendor + 2, vendor + 2 + vendor[1]};

        /* whatever ends this option 43, the next one goes on (contract 5.4) */
        while (walk_step(&walk, &option) == DHCP4_STEP_OPTION) {
            if (*option == code && --instance == 0) {
                return option_found(option, out_value, out_length);
            }
        }
    }
    return PXE_FILE_NOT_FOUND;
}

static bool is_append_position(size_t capacity, size_t length)
{
    return length >= DHCP4_OPTIONS && length <= capacity;
}

pxe_status dhcp4_option_append(uint8_t *packet, size_t capacity, size_t *length, uint8_t code,
                               const uint8_t *value, uint8_t value_length)
{
    if (code == DHCP4_OPT_PAD || code == DHCP4_OPT_END) {
        return dhcp4_raw_append(packet, capacity, length, &code, 1);
    }
    if (!is_append_position(capacity, *length) || (!value && value_length > 0)) {
        return PXE_INVALID_PARAMETER;
    }
    if (capacity - *length < (size_t)2 + value_length) {
        return PXE_INSUFFICIENT_BUFFER;
    }

    uint8_t *option = packet + *length;
    if (value_length > 0) { /* moved before the header is written: it may lie in the packet */
        memmove(option + 2, value, value_length);
    }
    option[0] = code;
    option[1] = value_length;
    *length += (size_t)2 + value_length;
    return PXE_OK;
}

pxe_status dhcp4_raw_append(uint8_t *packet, size_t capacity, size_t *length, const uint8_t *bytes,
                            size_t count)
{
    if (!is_append_position(capacity, *length) || (!bytes && count > 0)) {
        return PXE_INVALID_PARAMETER;
    }
    if (capacity - *length < count) {
        return PXE_INSUFFICIENT_BUFFER;
    }
    if (count > 0) {
        memmove(packet + *length, bytes, count);
        *length += count;
    }
    return PXE_OK;
}
