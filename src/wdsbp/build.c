#include "wdsbp/build.h"

#include <string.h>

#include "base/bytes.h"
#include "wdsbp/option.h"

/* Ends the sub-options and is counted in the length of option 250 (BP-3.1.1). */
enum { NBP_END = 0xff };

/* Where an option stands, or will stand, in the list: header and value. */
struct place {
    size_t offset;
    size_t size;
};

size_t wdsbp_build_store_size(uint8_t packet_types)
{
    switch (packet_types) {
    case PACKET_NBP:
    case PACKET_BCD:
    case PACKET_NBP | PACKET_BCD:
        return BUILD_NBP_MAX;
    case PACKET_DHCPV6:
        return BUILD_DHCPV6_MAX;
    default:
        return 0;
    }
}

void wdsbp_build_start(struct wdsbp_build *build, uint8_t packet_types, uint8_t *store)
{
    build->options = store;
    build->length = 0;
    build->capacity = wdsbp_build_store_size(packet_types);
    build->packet_types = packet_types;
    build->bcd_length = 0;
}

/* The path is an option of its own: a build of boot program options takes it, too. */
static bool takes(const struct wdsbp_build *build, const struct wdsbp_option *option)
{
    if (option->packet_type == PACKET_BCD)
        return (build->packet_types & (PACKET_BCD | PACKET_NBP)) != 0;
    return (build->packet_types & option->packet_type) != 0;
}

static size_t header_size(const struct wdsbp_build *build)
{
    return build->packet_types == PACKET_DHCPV6 ? 4 : 2;
}

static void header_put(const struct wdsbp_build *build, uint8_t *header, uint16_t id, size_t length)
{
    if (build->packet_types == PACKET_DHCPV6) {
        be16_put(header, id);
        be16_put(header + 2, (uint16_t)length);
    } else {
        header[0] = (uint8_t)id;
        header[1] = (uint8_t)length;
    }
}

/* The place of an option; at the end, with size 0, if it is not in the list. */
static struct place find_place(const struct wdsbp_build *build, uint16_t id)
{
    bool is_v6 = build->packet_types == PACKET_DHCPV6;
    struct place place = {0, 0};

    while (place.offset < build->length) {
        const uint8_t *header = build->options + place.offset;

        place.size = header_size(build) + (is_v6 ? be16_get(header + 2) : header[1]);
        if (id == (is_v6 ? be16_get(header) : header[0]))
            return place;
        place.offset += place.size;
    }
    place.size = 0;
    return place;
}

/* Writes the value, and the zero byte that ends every string. */
static void value_put(uint8_t *wire, const struct wdsbp_option *option, const uint8_t *value,
                      size_t length)
{
    wdsbp_value_to_wire(option->value_type, wire, value, length);
    if (option->value_type == VALUE_STR)
        wire[length] = 0;
}

static pxe_status put_bcd_path(struct wdsbp_build *build, const struct wdsbp_option *option,
                               const uint8_t *value, size_t length)
{
    if (length > BUILD_BCD_MAX - 1)
        return WDSBP_BUFFER_OVERFLOW;
    value_put(build->bcd_path, option, value, length);
    build->bcd_length = (uint8_t)(length + 1);
    return PXE_OK;
}

static pxe_status put_in_list(struct wdsbp_build *build, const struct wdsbp_option *option,
                              const uint8_t *value, size_t length)
{
    struct place place = find_place(build, option->id);
    size_t room = build->capacity - (build->length - place.size);
    size_t header = header_size(build);
    size_t end_mark = option->value_type == VALUE_STR ? 1 : 0;
    uint8_t *at = build->options + place.offset;
    size_t behind = build->length - place.offset - place.size;
    size_t size;

    if (room < header + end_mark || room - header - end_mark < length)
        return WDSBP_BUFFER_OVERFLOW;
    size = header + length + end_mark;
    memmove(at + size, at + place.size, behind);
    header_put(build, at, option->id, length + end_mark);
    value_put(at + header, option, value, length);
    build->length = build->length - place.size + size;
    return PXE_OK;
}

static pxe_status takes_length(const struct wdsbp_option *option, bool has_value, size_t length)
{
    size_t size;

    if (!has_value && length > 0)
        return PXE_INVALID_PARAMETER;
    if (wdsbp_value_size(option->value_type, &size))
        return length == size ? PXE_OK : PXE_INVALID_PARAMETER;
    return length <= BUILD_DHCPV6_MAX ? PXE_OK : WDSBP_BUFFER_OVERFLOW;
}

pxe_status wdsbp_build_takes(const struct wdsbp_build *build, uint32_t name, bool has_value,
                             size_t length)
{
    struct wdsbp_option option;

    if (!wdsbp_option_split(name, &option) || !takes(build, &option))
        return PXE_INVALID_PARAMETER;
    return takes_length(&option, has_value, length);
}

pxe_status wdsbp_build_add(struct wdsbp_build *build, uint32_t name, const uint8_t *value,
                           size_t length)
{
    struct wdsbp_option option;
    pxe_status status = wdsbp_build_takes(build, name, value != NULL, length);

    if (status != PXE_OK)
        return status;
    (void)wdsbp_option_split(name, &option);
    if (option.value_type == VALUE_STR) /* its zero bytes are not sent: one is, always */
        length = wdsbp_string_length(value, length);
    if (option.packet_type == PACKET_BCD)
        return put_bcd_path(build, &option, value, length);
    return put_in_list(build, &option, value, length);
}

/* Both DHCPv4 options, each only if there is something in it. */
static void put_dhcp4(const struct wdsbp_build *build, uint8_t *buffer)
{
    if (build->length > 0) {
        *buffer++ = OPTION_NBP;
        *buffer++ = (uint8_t)(build->length + 1);
        memcpy(buffer, build->options, build->length);
        buffer += build->length;
        *buffer++ = NBP_END;
    }
    if (build->bcd_length > 0) {
        *buffer++ = OPTION_BCD_PATH;
        *buffer++ = build->bcd_length;
        memcpy(buffer, build->bcd_path, build->bcd_length);
    }
}

static size_t encoded_length(const struct wdsbp_build *build)
{
    if (build->packet_types == PACKET_DHCPV6)
        return build->length;
    return (build->length > 0 ? 2 + build->length + 1 : 0) +
           (build->bcd_length > 0 ? 2 + (size_t)build->bcd_length : 0);
}

pxe_status wdsbp_build_get(const struct wdsbp_build *build, uint8_t *buffer, size_t capacity,
                           size_t *out_length)
{
    size_t length = encoded_length(build);

    *out_length = length;
    if (capacity < length)
        return PXE_INSUFFICIENT_BUFFER;
    if (build->packet_types != PACKET_DHCPV6)
        put_dhcp4(build, buffer);
    else if (length > 0)
        memcpy(buffer, build->options, length);
    return PXE_OK;
}
