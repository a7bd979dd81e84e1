#include "capture/frame.h"

#include <string.h>

#include "text/bytes.h"
#include "text/text_net.h"

enum {
    LINK_NULL = 0,
    LINK_ETHERNET = 1,
    LINK_RAW_A = 12, /* three numbers for the same, by platform */
    LINK_RAW_B = 14,
    LINK_RAW = 101,
    LINK_LOOP = 108,
    LINK_COOKED = 113,
    LINK_IPV4 = 228,
    LINK_IPV6 = 229,
    LINK_COOKED_2 = 276,

    ETHERNET_HEADER = 14,
    COOKED_HEADER = 16,
    COOKED_2_HEADER = 20,
    COOKED_BROADCAST = 1, /* packet type of Linux */
    LOOPBACK_HEADER = 4,
    VLAN_TAG = 4,
    VLAN_TAGS_MAX = 8,

    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86dd,

    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    UDP_HEADER = 8,
    PROTOCOL_UDP = 17,
    FRAGMENT_HEADER = 8,
    EXTENSION_HEADERS_MAX = 16,

    EXTENSION_HOP_BY_HOP = 0,
    EXTENSION_ROUTING = 43,
    EXTENSION_FRAGMENT = 44,
    EXTENSION_AUTHENTICATION = 51,
    EXTENSION_DESTINATION = 60,
    EXTENSION_MOBILITY = 135,
    EXTENSION_HIP = 139,
    EXTENSION_SHIM6 = 140,
};

/* What is left to look at, and how the decoding went so far. */
struct cursor {
    struct fragments *fragments;
    struct datagram *datagram;
    const char **problem;
    bool is_cut;   /* by the capture: the frame was longer */
    bool is_short; /* the IP header tells of more bytes than there are */
    const uint8_t *at;
    size_t left;
};

static void advance(struct cursor *cursor, size_t size)
{
    cursor->at += size;
    cursor->left -= size;
}

static enum frame_result damaged(const struct cursor *cursor, const char *problem)
{
    *cursor->problem = cursor->is_cut ? "the capture has only the beginning of it" : problem;
    return FRAME_DAMAGED;
}

/* ---- UDP ---- */

static enum frame_result read_udp(struct cursor *cursor)
{
    struct datagram *datagram = cursor->datagram;
    if (cursor->left < UDP_HEADER)
        return damaged(cursor, "its UDP header is not complete");
    datagram->source.port = get_be16(cursor->at);
    datagram->destination.port = get_be16(cursor->at + 2);
    size_t length = get_be16(cursor->at + 4);
    if (length < UDP_HEADER || length > cursor->left)
        return damaged(cursor, "its UDP length does not fit into the frame");
    datagram->payload = cursor->at + UDP_HEADER;
    datagram->length = length - UDP_HEADER;
    return FRAME_DATAGRAM;
}

/* What stands behind the IP headers: of a datagram that is whole, or of one in fragments. */
static enum frame_result read_fragment(struct cursor *cursor, struct fragment *fragment)
{
    if (fragment->protocol != PROTOCOL_UDP)
        return FRAME_OTHER;
    if (fragment->is_last && fragment->offset == 0)
        return read_udp(cursor);
    const struct datagram *datagram = cursor->datagram;
    fragment->source = datagram->source.address;
    fragment->destination = datagram->destination.address;
    fragment->address_length = datagram->source.length;
    fragment->bytes = cursor->at;
    fragment->length = cursor->left;
    if (cursor->is_short)
        return damaged(cursor, "a fragment is not complete");
    if (!fragments_add(cursor->fragments, fragment, &cursor->at, &cursor->left))
        return FRAME_FRAGMENT;
    return read_udp(cursor);
}

/* ---- IP ---- */

static void set_addresses(struct datagram *datagram, const uint8_t *source,
                          const uint8_t *destination, uint8_t length)
{
    memcpy(datagram->source.address, source, length);
    memcpy(datagram->destination.address, destination, length);
    datagram->source.length = length;
    datagram->destination.length = length;
}

static bool is_limited_broadcast(const uint8_t *address)
{
    return get_be32(address) == UINT32_MAX;
}

static enum frame_result read_ipv4(struct cursor *cursor)
{
    const uint8_t *header = cursor->at;
    if (cursor->left < IPV4_HEADER)
        return damaged(cursor, "its IPv4 header is not complete");
    size_t header_length = (size_t)(header[0] & 15) * 4;
    size_t total = get_be16(header + 2);
    if (total == 0)
        total = cursor->left; /* the network card was to fill it in */
    if (header[0] >> 4 != 4 || header_length < IPV4_HEADER || header_length > cursor->left ||
        total < header_length)
        return damaged(cursor, "its IPv4 header makes no sense");
    cursor->is_short = total > cursor->left;
    if (total < cursor->left)
        cursor->left = total; /* the rest is padding of the link */

    struct datagram *datagram = cursor->datagram;
    set_addresses(datagram, header + 12, header + 16, 4);
    datagram->is_broadcast |= is_limited_broadcast(header + 16);
    unsigned fragmentation = get_be16(header + 6);
    struct fragment fragment = {
        .protocol = header[9],
        .id = get_be16(header + 4),
        .offset = (size_t)(fragmentation & 0x1fff) * 8,
        .is_last = (fragmentation & 0x2000) == 0,
    };
    advance(cursor, header_length);
    return read_fragment(cursor, &fragment);
}

/* The size of an extension header that is passed over; 0 if it is none. */
static size_t extension_size(unsigned type, unsigned length_field)
{
    switch (type) {
    case EXTENSION_HOP_BY_HOP:
    case EXTENSION_ROUTING:
    case EXTENSION_DESTINATION:
    case EXTENSION_MOBILITY:
    case EXTENSION_HIP:
    case EXTENSION_SHIM6:
        return ((size_t)length_field + 1) * 8;
    case EXTENSION_AUTHENTICATION:
        return ((size_t)length_field + 2) * 4;
    default:
        return 0;
    }
}

static enum frame_result read_fragment6(struct cursor *cursor)
{
    const uint8_t *header = cursor->at;
    unsigned fragmentation = get_be16(header + 2);
    struct fragment fragment = {
        .protocol = header[0],
        .id = get_be32(header + 4),
        .offset = fragmentation & 0xfff8,
        .is_last = (fragmentation & 1) == 0,
    };
    advance(cursor, FRAGMENT_HEADER);
    /* Extension headers inside of fragments are not followed: DHCPv6 has none. */
    return read_fragment(cursor, &fragment);
}

static enum frame_result read_extensions(struct cursor *cursor, unsigned type)
{
    for (unsigned i = 0; i < EXTENSION_HEADERS_MAX; i++) {
        if (type == PROTOCOL_UDP)
            return read_udp(cursor);
        if (cursor->left < 8)
            return damaged(cursor, "its IPv6 headers are not complete");
        if (type == EXTENSION_FRAGMENT)
            return read_fragment6(cursor);
        size_t size = extension_size(type, cursor->at[1]);
        if (size == 0)
            return FRAME_OTHER;
        if (size > cursor->left)
            return damaged(cursor, "its IPv6 headers are not complete");
        type = cursor->at[0];
        advance(cursor, size);
    }
    return damaged(cursor, "it has too many IPv6 headers");
}

static enum frame_result read_ipv6(struct cursor *cursor)
{
    const uint8_t *header = cursor->at;
    if (cursor->left < IPV6_HEADER)
        return damaged(cursor, "its IPv6 header is not complete");
    if (header[0] >> 4 != 6)
        return damaged(cursor, "its IPv6 header makes no sense");
    size_t length = get_be16(header + 4);
    set_addresses(cursor->datagram, header + 8, header + 24, 16);
    cursor->datagram->is_broadcast = false; /* IPv6 has multicast only */
    advance(cursor, IPV6_HEADER);
    cursor->is_short = length > cursor->left;
    if (length != 0 && length < cursor->left)
        cursor->left = length; /* the rest is padding of the link */
    return read_extensions(cursor, header[6]);
}

static enum frame_result read_ip(struct cursor *cursor)
{
    if (cursor->left == 0)
        return FRAME_OTHER;
    return cursor->at[0] >> 4 == 6 ? read_ipv6(cursor) : read_ipv4(cursor);
}

/* ---- links ---- */

static bool is_vlan_tag(unsigned type)
{
    return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200;
}

/* What follows the EtherType: VLAN tags, then IP. */
static enum frame_result read_typed(struct cursor *cursor, unsigned type)
{
    for (unsigned tags = 0; is_vlan_tag(type) && tags < VLAN_TAGS_MAX; tags++) {
        if (cursor->left < VLAN_TAG)
            return FRAME_OTHER;
        type = get_be16(cursor->at + 2);
        advance(cursor, VLAN_TAG);
    }
    if (type == TYPE_IPV4)
        return read_ipv4(cursor);
    return type == TYPE_IPV6 ? read_ipv6(cursor) : FRAME_OTHER;
}

/* Past a header of the link; false if it is not complete. */
static bool pass_header(struct cursor *cursor, size_t size)
{
    if (cursor->left < size)
        return false;
    advance(cursor, size);
    return true;
}

static bool is_ethernet_broadcast(const uint8_t *address)
{
    return get_be32(address) == UINT32_MAX && get_be16(address + 4) == UINT16_MAX;
}

static enum frame_result read_link(struct cursor *cursor, uint32_t link_type)
{
    const uint8_t *header = cursor->at;
    switch (link_type) {
    case LINK_ETHERNET:
        if (!pass_header(cursor, ETHERNET_HEADER))
            return FRAME_OTHER;
        cursor->datagram->is_broadcast = is_ethernet_broadcast(header);
        return read_typed(cursor, get_be16(header + 12));
    case LINK_COOKED:
        if (!pass_header(cursor, COOKED_HEADER))
            return FRAME_OTHER;
        cursor->datagram->is_broadcast = get_be16(header) == COOKED_BROADCAST;
        return read_typed(cursor, get_be16(header + 14));
    case LINK_COOKED_2:
        if (!pass_header(cursor, COOKED_2_HEADER))
            return FRAME_OTHER;
        cursor->datagram->is_broadcast = header[10] == COOKED_BROADCAST;
        return read_typed(cursor, get_be16(header));
    case LINK_NULL:
    case LINK_LOOP:
        /* The address family in front has other numbers on every system; IP itself tells. */
        return pass_header(cursor, LOOPBACK_HEADER) ? read_ip(cursor) : FRAME_OTHER;
    case LINK_RAW:
    case LINK_RAW_A:
    case LINK_RAW_B:
    case LINK_IPV4:
    case LINK_IPV6:
        return read_ip(cursor);
    default:
        *cursor->problem = "its link type is not known";
        return FRAME_DAMAGED;
    }
}

enum frame_result datagram_find(struct fragments *fragments, const struct capture_frame *frame,
                                struct datagram *out_datagram, const char **out_problem)
{
    struct cursor cursor = {
        .fragments = fragments,
        .datagram = out_datagram,
        .problem = out_problem,
        .is_cut = frame->length < frame->original_length,
        .at = frame->bytes,
        .left = frame->length,
    };
    memset(out_datagram, 0, sizeof(*out_datagram));
    return read_link(&cursor, frame->link_type);
}

void endpoint_put(struct text *text, const struct endpoint *endpoint)
{
    text_put_endpoint(text, endpoint->address, endpoint->length, endpoint->port);
}
