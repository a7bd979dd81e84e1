#include "wdsbp/parse.h"

#include <string.h>

#include "base/bytes.h"
#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6_wire.h"
#include "wdsbp/option.h"

enum { ENTERPRISE_MICROSOFT = 311 };

/* A value inside the bytes being read. */
struct value {
    const uint8_t *bytes;
    size_t length;
};

static struct value keep(uint8_t **store, const uint8_t *bytes, size_t length)
{
    struct value kept = {*store, length};

    if (length > 0)
        memcpy(*store, bytes, length);
    *store += length;
    return kept;
}

/* Joins the options 250 (RFC 3396). */
static struct value keep_sub_options(uint8_t **store, const uint8_t *packet, size_t length)
{
    struct value joined = {*store, 0};
    const uint8_t *part;
    uint8_t part_length;

    for (uint32_t instance = 1; instance <= PARSE_NBP_INSTANCE_MAX; instance++) {
        if (dhcp4_option_find(packet, length, OPTION_NBP, instance, &part, &part_length) != PXE_OK)
            break;
        keep(store, part, part_length);
        joined.length += part_length;
    }
    return joined;
}

/* The first sub-option with this number, or with any (0); 0 is padding, 255 ends them all. */
static bool find4(const struct value *list, uint8_t id, struct value *out_value)
{
    struct dhcp4_walk walk = {list->bytes, list->length};
    enum dhcp4_step step;
    const uint8_t *option;

    while ((step = dhcp4_walk_step(&walk, &option)) <= DHCP4_STEP_OPTION) {
        if (step == DHCP4_STEP_OPTION && (id == 0 || *option == id)) {
            *out_value = (struct value){option + 2, option[1]};
            return true;
        }
    }
    return false;
}

static bool is_pxe_client(const uint8_t *packet, size_t length)
{
    static const char prefix[] = "PXEClient";
    const size_t prefix_length = sizeof(prefix) - 1;
    const uint8_t *class;
    uint8_t class_length;

    return dhcp4_option_find(packet, length, DHCP4_OPT_VENDOR_CLASS, 1, &class, &class_length) ==
               PXE_OK &&
           class_length >= prefix_length && memcmp(class, prefix, prefix_length) == 0;
}

pxe_status wdsbp_parse4(const uint8_t *packet, size_t length, uint8_t *store,
                        struct wdsbp_parsed *out_parsed)
{
    struct wdsbp_parsed parsed = {.packet_types = PACKET_DHCP};
    struct value sub_options;
    struct value any;
    const uint8_t *path;
    uint8_t path_length;

    if (length < DHCP4_OPTIONS || length > PARSE_PACKET_MAX ||
        (packet[DHCP4_OP] != DHCP4_BOOTREQUEST && packet[DHCP4_OP] != DHCP4_BOOTREPLY) ||
        be32_get(packet + DHCP4_COOKIE) != DHCP4_MAGIC)
        return PXE_INVALID_DATA;

    sub_options = keep_sub_options(&store, packet, length);
    if (find4(&sub_options, 0, &any) && is_pxe_client(packet, length))
        parsed.packet_types |= PACKET_NBP;
    if (dhcp4_option_find(packet, length, OPTION_BCD_PATH, 1, &path, &path_length) == PXE_OK) {
        parsed.bcd_path = keep(&store, path, path_length).bytes;
        parsed.bcd_length = path_length;
        if (path_length > 0)
            parsed.packet_types |= PACKET_BCD;
    }
    parsed.options = sub_options.bytes;
    parsed.length = sub_options.length;
    *out_parsed = parsed;
    return PXE_OK;
}

/* The first option of a DHCPv6 list whose number lies in a range. */
static bool find6_in(struct dhcp6_walk list, uint16_t first, uint16_t last, struct value *out_value)
{
    struct dhcp6_option option;

    while (dhcp6_walk_next(&list, &option) == DHCP6_STEP_OPTION) {
        if (option.code >= first && option.code <= last) {
            *out_value = (struct value){option.value, option.length};
            return true;
        }
    }
    return false;
}

/* The same inside our enterprise's vendor options (RFC 8415 section 21.17). */
static bool find6_in_vendor(struct dhcp6_walk list, uint16_t first, uint16_t last,
                            struct value *out_value)
{
    const size_t enterprise = sizeof(uint32_t);
    struct dhcp6_option option;

    while (dhcp6_walk_next(&list, &option) == DHCP6_STEP_OPTION) {
        struct dhcp6_walk vendor;

        if (option.code != DHCP6_OPT_VENDOR_OPTIONS || option.length < enterprise ||
            be32_get(option.value) != ENTERPRISE_MICROSOFT)
            continue;
        vendor = (struct dhcp6_walk){option.value + enterprise, option.value + option.length};
        if (find6_in(vendor, first, last, out_value))
            return true;
    }
    return false;
}

/* Options of their own count first: that is what is built (BP-3.6.1). */
static bool find6(const struct wdsbp_parsed *parsed, uint16_t first, uint16_t last,
                  struct value *out_value)
{
    struct dhcp6_walk list = {parsed->options, parsed->options + parsed->length};

    return find6_in(list, first, last, out_value) || find6_in_vendor(list, first, last, out_value);
}

/* The options of the client's own message, inside all relay messages. */
static bool innermost_options(struct value message, struct value *out_options)
{
    struct dhcp6_walk options;

    for (int relays = 0; relays <= DHCP6_RELAY_LAYERS_MAX; relays++) {
        if (!dhcp6_walk_start(&options, message.bytes, message.length))
            return false;
        if (!dhcp6_is_relay(message.bytes[DHCP6_TYPE])) {
            *out_options = (struct value){options.next, (size_t)(options.end - options.next)};
            return true;
        }
        if (!find6_in(options, DHCP6_OPT_RELAY_MESSAGE, DHCP6_OPT_RELAY_MESSAGE, &message))
            return false;
    }
    return false;
}

pxe_status wdsbp_parse6(const uint8_t *packet, size_t length, uint8_t *store,
                        struct wdsbp_parsed *out_parsed)
{
    struct wdsbp_parsed parsed = {.packet_types = PACKET_DHCPV6};
    struct value options;
    struct value any;

    if (length > PARSE_PACKET_MAX || !innermost_options((struct value){packet, length}, &options))
        return PXE_INVALID_DATA;
    options = keep(&store, options.bytes, options.length);
    parsed.options = options.bytes;
    parsed.length = options.length;
    if (find6(&parsed, OPTION6_FIRST, OPTION6_LAST, &any))
        parsed.packet_types |= PACKET_NBP;
    if (find6(&parsed, OPTION6_BCD_PATH, OPTION6_BCD_PATH, &any))
        parsed.packet_types |= PACKET_BCD;
    *out_parsed = parsed;
    return PXE_OK;
}

static bool find_option(const struct wdsbp_parsed *parsed, const struct wdsbp_option *option,
                        struct value *out_value)
{
    struct value list = {parsed->options, parsed->length};

    switch (option->packet_type) {
    case PACKET_DHCPV6:
        return find6(parsed, option->id, option->id, out_value);
    case PACKET_BCD:
        *out_value = (struct value){parsed->bcd_path, parsed->bcd_length};
        return parsed->bcd_path != NULL;
    default:
        return find4(&list, (uint8_t)option->id, out_value);
    }
}

/* Copies a value whose length has been checked against its type. */
static pxe_status copy_value(uint8_t value_type, struct value value, uint8_t *buffer,
                             size_t capacity, size_t *out_length)
{
    size_t needed = value.length;

    if (value_type == VALUE_STR) {
        value.length = wdsbp_string_length(value.bytes, value.length);
        needed = value.length + 1;
    }
    *out_length = needed;
    if (capacity < needed)
        return PXE_INSUFFICIENT_BUFFER;
    wdsbp_value_from_wire(value_type, buffer, value.bytes, value.length);
    if (value_type == VALUE_STR)
        buffer[value.length] = 0;
    return PXE_OK;
}

pxe_status wdsbp_parsed_query(const struct wdsbp_parsed *parsed, uint32_t name, uint8_t *buffer,
                              size_t capacity, size_t *out_length)
{
    struct wdsbp_option option;
    struct value value;
    size_t size;

    if (buffer == NULL && capacity > 0)
        return PXE_INVALID_PARAMETER;
    if (!wdsbp_option_split(name, &option) ||
        (option.packet_type == PACKET_DHCPV6) != ((parsed->packet_types & PACKET_DHCPV6) != 0))
        return PXE_INVALID_PARAMETER;
    *out_length = 0;
    if (!find_option(parsed, &option, &value))
        return PXE_FILE_NOT_FOUND;
    if (wdsbp_value_size(option.value_type, &size) && value.length != size)
        return PXE_INVALID_DATA;
    return copy_value(option.value_type, value, buffer, capacity, out_length);
}
