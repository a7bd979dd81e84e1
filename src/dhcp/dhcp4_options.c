#include "dhcp/dhcp4_options.h"

#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp4_scan.h"

/* The getters look at nothing else (API-5.4). */
static inline bool is_dhcp4(const uint8_t *packet, size_t length)
{
    return length >= DHCP4_OPTIONS && be32_get(packet + DHCP4_COOKIE) == DHCP4_MAGIC;
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
    struct dhcp4_scan scan = dhcp4_scan_start(packet, length);
    const uint8_t *option;

    while ((option = dhcp4_scan_next(&scan, code)) != NULL) {
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
    struct dhcp4_scan scan = dhcp4_scan_start(packet, length);
    while ((vendor = dhcp4_scan_next(&scan, DHCP4_OPT_VENDOR)) != NULL) {
        struct dhcp4_walk walk = {vendor + 2, vendor[1]};
        enum dhcp4_step step;

        /* whatever ends this option 43, the next one goes on (API-5.4) */
        while ((step = dhcp4_walk_step(&walk, &option)) <= DHCP4_STEP_OPTION) {
            if (step == DHCP4_STEP_OPTION && *option == code && --instance == 0) {
                return option_found(option, out_value, out_length);
            }
        }
    }
    return PXE_FILE_NOT_FOUND;
}

/*
 * Which fields are kept follows the documented contract (5.1), also where RFC 2131 table 3 differs:
 * secs and ciaddr are kept, flags are cleared.
 */
pxe_status dhcp4_reply_start(const uint8_t *request, size_t request_length, uint8_t *reply,
                             size_t capacity, size_t *out_length)
{
    uint8_t header[DHCP4_SNAME];

    if (request_length < DHCP4_OPTIONS || be32_get(request + DHCP4_COOKIE) != DHCP4_MAGIC) {
        return PXE_INVALID_DATA;
    }
    if (capacity < DHCP4_OPTIONS) {
        return PXE_INSUFFICIENT_BUFFER;
    }

    memcpy(header, request, sizeof(header)); /* first, as the two may be the same buffer */
    header[DHCP4_OP] = DHCP4_BOOTREPLY;
    header[DHCP4_HOPS] = 0;
    be16_put(header + DHCP4_FLAGS, 0);

    memset(reply, 0, capacity);
    memcpy(reply, header, sizeof(header));
    be32_put(reply + DHCP4_COOKIE, DHCP4_MAGIC);
    *out_length = DHCP4_OPTIONS;
    return PXE_OK;
}
