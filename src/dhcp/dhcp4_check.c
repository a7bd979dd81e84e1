#include "dhcp/dhcp4_check.h"

#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp4_options.h"

static const char *const defect_texts[] = {
    [DHCP4_VALID] = "no defect",
    [DHCP4_TOO_SHORT] = "packet is shorter than a DHCP header",
    [DHCP4_WRONG_OP] = "op does not fit the direction",
    [DHCP4_BAD_HLEN] = "hardware address is longer than 16 bytes",
    [DHCP4_SNAME_UNTERMINATED] = "sname has no terminating zero",
    [DHCP4_FILE_UNTERMINATED] = "file has no terminating zero",
    [DHCP4_BAD_COOKIE] = "magic cookie is missing",
    [DHCP4_OPTION_OVERRUN] = "option runs past the end of the packet",
    [DHCP4_NO_END] = "option End is missing",
    [DHCP4_DATA_AFTER_END] = "data follows option End",
    [DHCP4_NO_MESSAGE_TYPE] = "option 53 (message type) is missing",
};

const char *dhcp4_defect_text(enum dhcp4_defect defect)
{
    size_t index = (size_t)defect;

    if (index >= sizeof(defect_texts) / sizeof(defect_texts[0])) {
        return "unknown defect";
    }
    return defect_texts[index];
}

/* The fixed part. Both strings must end inside their field (RFC 2131 section 2). */
static enum dhcp4_defect header_check(const uint8_t *packet, size_t length, bool want_request)
{
    if (length < DHCP4_OPTIONS) {
        return DHCP4_TOO_SHORT;
    }
    if (packet[DHCP4_OP] != (want_request ? DHCP4_BOOTREQUEST : DHCP4_BOOTREPLY)) {
        return DHCP4_WRONG_OP;
    }
    if (packet[DHCP4_HLEN] > DHCP4_HARDWARE_ADDRESS_MAX) {
        return DHCP4_BAD_HLEN;
    }
    if (be32_get(packet + DHCP4_COOKIE) != DHCP4_MAGIC) {
        return DHCP4_BAD_COOKIE;
    }
    if (!memchr(packet + DHCP4_SNAME, 0, DHCP4_SNAME_SIZE)) {
        return DHCP4_SNAME_UNTERMINATED;
    }
    if (!memchr(packet + DHCP4_FILE, 0, DHCP4_FILE_SIZE)) {
        return DHCP4_FILE_UNTERMINATED;
    }
    return DHCP4_VALID;
}

static bool is_all_pad(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != DHCP4_OPT_PAD) {
            return false;
        }
    }
    return true;
}

/*
 * The options field. Padding may follow End, because of minimum packet sizes, and nothing else.
 * *out_class is the first option 60, NULL if this field has none.
 */
static enum dhcp4_defect options_check(const uint8_t *packet, size_t length,
                                       const uint8_t **out_class)
{
    struct dhcp4_walk walk = {packet + DHCP4_OPTIONS, length - DHCP4_OPTIONS};
    enum dhcp4_step step;
    const uint8_t *option;
    const uint8_t *class = NULL;
    bool has_message_type = false;

    while ((step = dhcp4_walk_step(&walk, &option)) <= DHCP4_STEP_OPTION) {
        if (step == DHCP4_STEP_PAD) {
            continue;
        }
        if (*option == DHCP4_OPT_MESSAGE_TYPE) {
            has_message_type = true;
        } else if (*option == DHCP4_OPT_VENDOR_CLASS && !class) {
            class = option;
        }
    }
    *out_class = class;
    if (step == DHCP4_STEP_OVERRUN) {
        return DHCP4_OPTION_OVERRUN;
    }
    if (step == DHCP4_STEP_EXHAUSTED) {
        return DHCP4_NO_END;
    }
    if (!is_all_pad(walk.next, walk.left)) {
        return DHCP4_DATA_AFTER_END;
    }
    return has_message_type ? DHCP4_VALID : DHCP4_NO_MESSAGE_TYPE;
}

/* Clients send "PXEClient:Arch:...", servers the bare word (PXE 2.1 section 2.2.1): a prefix. */
static bool is_pxe_vendor_class(const uint8_t *value, size_t length)
{
    static const char pxe_client[] = "PXEClient";
    const size_t prefix_length = sizeof(pxe_client) - 1;

    return length >= prefix_length && memcmp(value, pxe_client, prefix_length) == 0;
}

/* `class`: the first option 60 of the options field; if it has none, an overloaded field may. */
static bool has_pxe_vendor_class(const uint8_t *packet, size_t length, const uint8_t *class)
{
    const uint8_t *value;
    uint8_t value_length;

    if (class) {
        return is_pxe_vendor_class(class + 2, class[1]);
    }
    return dhcp4_option_find(packet, length, DHCP4_OPT_VENDOR_CLASS, 1, &value, &value_length) ==
               PXE_OK &&
           is_pxe_vendor_class(value, value_length);
}

enum dhcp4_defect dhcp4_check(const uint8_t *packet, size_t length, bool want_request,
                              bool *out_is_pxe)
{
    const uint8_t *class = NULL;
    enum dhcp4_defect defect = header_check(packet, length, want_request);

    if (defect == DHCP4_VALID) {
        defect = options_check(packet, length, &class);
    }
    if (out_is_pxe) {
        *out_is_pxe = defect == DHCP4_VALID && has_pxe_vendor_class(packet, length, class);
    }
    return defect;
}
