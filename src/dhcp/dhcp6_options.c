#include "dhcp/dhcp6_options.h"

#include <string.h>

#include "base/bytes.h"

static inline pxe_status option_found(const struct dhcp6_option *option, const uint8_t **out_value,
                                      uint16_t *out_length)
{
    if (out_value) {
        *out_value = option->value;
    }
    if (out_length) {
        *out_length = option->length;
    }
    return PXE_OK;
}

pxe_status dhcp6_option_find(const uint8_t *packet, size_t length, uint16_t code, uint32_t instance,
                             const uint8_t **out_value, uint16_t *out_length)
{
    struct dhcp6_walk walk;
    struct dhcp6_option option;

    if (!dhcp6_walk_start(&walk, packet, length)) {
        return PXE_INVALID_DATA;
    }
    if (instance == 0) {
        return PXE_INVALID_PARAMETER;
    }
    while (dhcp6_walk_next(&walk, &option) == DHCP6_STEP_OPTION) {
        if (option.code == code && --instance == 0) {
            return option_found(&option, out_value, out_length);
        }
    }
    return PXE_FILE_NOT_FOUND;
}

/* To the sub-options of an option 17; false if it is another enterprise's, or too short. */
static bool vendor_walk_start(struct dhcp6_walk *walk, const struct dhcp6_option *vendor,
                              uint32_t enterprise)
{
    struct byte_reader reader = {vendor->value, vendor->length};
    uint32_t number;

    if (!byte_reader_be32(&reader, &number) || number != enterprise) {
        return false;
    }
    walk->next = reader.next;
    walk->end = reader.next + reader.left;
    return true;
}

pxe_status dhcp6_vendor_option_find(const uint8_t *packet, size_t length, uint32_t enterprise,
                                    uint16_t code, uint32_t instance, const uint8_t **out_value,
                                    uint16_t *out_length)
{
    struct dhcp6_walk walk;
    struct dhcp6_option vendor;

    if (!dhcp6_walk_start(&walk, packet, length)) {
        return PXE_INVALID_DATA;
    }
    if (instance == 0) {
        return PXE_INVALID_PARAMETER;
    }
    while (dhcp6_walk_to(&walk, DHCP6_OPT_VENDOR_OPTIONS, &vendor)) {
        struct dhcp6_walk inside;
        struct dhcp6_option option;

        if (!vendor_walk_start(&inside, &vendor, enterprise)) {
            continue;
        }
        /* RFC 8415 section 21.17 has one per enterprise; repeats are counted on (API-6.3) */
        while (dhcp6_walk_to(&inside, code, &option)) {
            if (--instance == 0) {
                return option_found(&option, out_value, out_length);
            }
        }
    }
    return PXE_FILE_NOT_FOUND;
}

/* The type is read only once it is sure that the packet has a first byte. */
static bool is_append_position(const uint8_t *packet, size_t capacity, size_t length)
{
    return length <= capacity && length >= DHCP6_OPTIONS &&
           length >= dhcp6_header_size(packet[DHCP6_TYPE]);
}

pxe_status dhcp6_option_append(uint8_t *packet, size_t capacity, size_t *length, uint16_t code,
                               const uint8_t *value, uint16_t value_length)
{
    if (!is_append_position(packet, capacity, *length) || (!value && value_length > 0)) {
        return PXE_INVALID_PARAMETER;
    }
    if (capacity - *length < (size_t)DHCP6_OPTION_HEADER + value_length) {
        return PXE_INSUFFICIENT_BUFFER;
    }

    uint8_t *option = packet + *length;
    if (value_length > 0) { /* moved before the header is written: it may lie in the packet */
        memmove(option + DHCP6_OPTION_HEADER, value, value_length);
    }
    be16_put(option, code);
    be16_put(option + 2, value_length);
    *length += (size_t)DHCP6_OPTION_HEADER + value_length;
    return PXE_OK;
}

pxe_status dhcp6_raw_append(uint8_t *packet, size_t capacity, size_t *length, const uint8_t *bytes,
                            size_t count)
{
    if (!is_append_position(packet, capacity, *length) || (!bytes && count > 0)) {
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

uint8_t dhcp6_reply_type(uint8_t request_type)
{
    if (!dhcp6_is_request(request_type)) {
        return 0;
    }
    switch (request_type) {
    case DHCP6_SOLICIT:
        return DHCP6_ADVERTISE;
    case DHCP6_RELAY_FORW:
        return DHCP6_RELAY_REPL;
    default:
        return DHCP6_REPLY;
    }
}

pxe_status dhcp6_reply_start(const uint8_t *request, size_t request_length, uint8_t *reply,
                             size_t capacity, size_t *out_length)
{
    if (request_length < DHCP6_OPTIONS) {
        return PXE_INVALID_DATA;
    }
    uint8_t type = dhcp6_reply_type(request[DHCP6_TYPE]);
    size_t header_size = dhcp6_header_size(type);
    if (type == 0 || request_length < header_size) {
        return PXE_INVALID_DATA;
    }
    if (capacity < header_size) {
        return PXE_INSUFFICIENT_BUFFER;
    }

    /* all but the type is the request's: transaction id, or hop count and both addresses */
    memmove(reply, request, header_size);
    reply[DHCP6_TYPE] = type;
    *out_length = header_size;
    return PXE_OK;
}
