#include "dhcp/dhcp6_check.h"

#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp6_options.h"

static const char *const defect_texts[] = {
    [DHCP6_VALID] = "no defect",
    [DHCP6_TOO_SHORT] = "packet is shorter than a DHCPv6 header",
    [DHCP6_WRONG_TYPE] = "message type does not fit the direction",
    [DHCP6_BAD_HOP_COUNT] = "hop count is above 32",
    [DHCP6_OPTION_OVERRUN] = "option runs past the end of the packet",
    [DHCP6_NO_RELAY_MESSAGE] = "option 9 (relay message) is missing or empty",
};

const char *dhcp6_defect_text(enum dhcp6_defect defect)
{
    size_t index = (size_t)defect;

    if (index >= sizeof(defect_texts) / sizeof(defect_texts[0])) {
        return "unknown defect";
    }
    return defect_texts[index];
}

static bool is_server_type(uint8_t type)
{
    return type == DHCP6_ADVERTISE || type == DHCP6_REPLY || type == DHCP6_RECONFIGURE ||
           type == DHCP6_RELAY_REPL;
}

static enum dhcp6_defect header_check(const uint8_t *packet, size_t length, bool want_request)
{
    if (length < DHCP6_OPTIONS || length < dhcp6_header_size(packet[DHCP6_TYPE])) {
        return DHCP6_TOO_SHORT;
    }
    if (want_request ? !dhcp6_is_request(packet[DHCP6_TYPE])
                     : !is_server_type(packet[DHCP6_TYPE])) {
        return DHCP6_WRONG_TYPE;
    }
    return DHCP6_VALID;
}

/*
 * Option 16 is an enterprise number, of which any will do (API-6.4), then classes with a length
 * each (RFC 8415 section 21.16).
 */
static inline bool is_pxe_vendor_class(const struct dhcp6_option *option)
{
    static const char pxe_client[] = "PXEClient";
    const size_t prefix_length = sizeof(pxe_client) - 1;
    size_t at = 4;

    while (at + 2 <= option->length) {
        const size_t class_length = be16_get(option->value + at);

        at += 2;
        if (class_length > option->length - at) {
            break;
        }
        if (class_length >= prefix_length &&
            memcmp(option->value + at, pxe_client, prefix_length) == 0) {
            return true;
        }
        at += class_length;
    }
    return false;
}

/*
 * DHCPv6 knows no End and no padding: the last option ends where the packet ends. *out_is_pxe: an
 * option 16 that was reached has a class of a PXE client.
 */
static enum dhcp6_defect options_check(const uint8_t *packet, size_t length, bool *out_is_pxe)
{
    struct dhcp6_walk walk = {packet + dhcp6_header_size(packet[DHCP6_TYPE]), packet + length};
    struct dhcp6_option option;
    enum dhcp6_step step;
    bool is_pxe = false;

    while ((step = dhcp6_walk_next(&walk, &option)) == DHCP6_STEP_OPTION) {
        if (option.code == DHCP6_OPT_VENDOR_CLASS && !is_pxe) {
            is_pxe = is_pxe_vendor_class(&option);
        }
    }
    *out_is_pxe = is_pxe;
    return step == DHCP6_STEP_END ? DHCP6_VALID : DHCP6_OPTION_OVERRUN;
}

/*
 * A relay message; of what it carries only the client's own message tells whose it is. The
 * outermost layer is whole if the way led through it.
 */
static enum dhcp6_defect relay_check(const uint8_t *packet, size_t length, bool *out_is_pxe,
                                     struct dhcp6_inner *out_inner)
{
    enum dhcp6_defect defect = dhcp6_descend(packet, length, packet[DHCP6_TYPE], out_inner);

    *out_is_pxe = false;
    if (packet[DHCP6_TYPE] == DHCP6_RELAY_REPL) {
        (void)options_check(packet, length, out_is_pxe);
    } else if (out_inner->is_whole) {
        (void)options_check(out_inner->message, out_inner->length, out_is_pxe);
    }
    return out_inner->layers > 0 ? DHCP6_VALID : defect;
}

/*
 * The documentation has the flag say "valid"; its name, and what the filter needs, say "PXE client"
 * (API-6.4). This is the one place where that is decided. `defect` is the header's; *out_inner is
 * written for a relay message with a good header only.
 */
static inline enum dhcp6_defect check(const uint8_t *packet, size_t length,
                                      enum dhcp6_defect defect, bool *out_is_pxe,
                                      struct dhcp6_inner *out_inner)
{
    bool is_pxe = false;

    if (defect == DHCP6_VALID) {
        defect = dhcp6_is_relay(packet[DHCP6_TYPE])
                     ? relay_check(packet, length, &is_pxe, out_inner)
                     : options_check(packet, length, &is_pxe);
    }
    *out_is_pxe = defect == DHCP6_VALID && is_pxe;
    return defect;
}

enum dhcp6_defect dhcp6_check_inner(const uint8_t *packet, size_t length, bool want_request,
                                    bool *out_is_pxe, struct dhcp6_inner *out_inner)
{
    const enum dhcp6_defect header = header_check(packet, length, want_request);

    *out_inner = (struct dhcp6_inner){packet, length, 0, header == DHCP6_VALID};
    return check(packet, length, header, out_is_pxe, out_inner);
}

enum dhcp6_defect dhcp6_check(const uint8_t *packet, size_t length, bool want_request,
                              bool *out_is_pxe)
{
    struct dhcp6_inner inner;
    bool is_pxe;
    enum dhcp6_defect defect =
        check(packet, length, header_check(packet, length, want_request), &is_pxe, &inner);

    if (out_is_pxe) {
        *out_is_pxe = is_pxe;
    }
    return defect;
}
