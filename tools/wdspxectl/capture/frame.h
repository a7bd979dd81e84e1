/*
 * From a captured frame to the UDP datagram in it: Ethernet with VLAN tags, Linux cooked (both
 * versions), raw IP and loopback; IPv4, IPv6 with extension headers; fragments of either are put
 * together. Checksums are not looked at: captures on the sender's side often lack them.
 */
#ifndef WDSPXECTL_CAPTURE_FRAME_H
#define WDSPXECTL_CAPTURE_FRAME_H

#include "capture/read.h"
#include "text/text.h"

enum {
    FRAGMENT_SLOTS = 8, /* datagrams that are put together at the same time */
    DATAGRAM_MAX = 65535,
};

/* One end of a datagram. */
struct endpoint {
    uint8_t address[16];
    uint8_t length; /* 4 or 16 */
    uint16_t port;
};

/* Appends "10.0.0.2:67" or "[fe80::1]:547". */
void endpoint_put(struct text *text, const struct endpoint *endpoint);

struct datagram {
    struct endpoint source;
    struct endpoint destination;
    bool is_broadcast;      /* IPv4: by its address, or sent to all stations of the link */
    const uint8_t *payload; /* until the next call */
    size_t length;
};

enum frame_result {
    FRAME_DATAGRAM,
    FRAME_OTHER,    /* no UDP */
    FRAME_FRAGMENT, /* kept: other fragments are missing */
    FRAME_DAMAGED,  /* UDP, or may be; but something about it is wrong. The endpoints that could be
                       read are in the datagram, others have length or port 0 */
};

struct fragment_slot; /* in fragments.c */

/* What is kept from frame to frame. Starts as all zero. */
struct fragments {
    struct fragment_slot *slots; /* FRAGMENT_SLOTS; NULL until the first fragment is seen */
    uint64_t clock;
    uint64_t lost; /* datagrams given up, because too many were incomplete */
};

/*
 * Finds the datagram in a frame.
 *   out_problem   FRAME_DAMAGED: what is wrong, a constant string
 */
enum frame_result datagram_find(struct fragments *fragments, const struct capture_frame *frame,
                                struct datagram *out_datagram, const char **out_problem);

/* ---- the parts below are for frame.c and fragments.c ---- */

/* One fragment. */
struct fragment {
    const uint8_t *source; /* address_length bytes each */
    const uint8_t *destination;
    uint8_t address_length;
    uint8_t protocol;
    uint32_t id;
    size_t offset; /* bytes into the datagram; a multiple of 8 */
    bool is_last;
    const uint8_t *bytes;
    size_t length;
};

/*
 * Adds a fragment. True if its datagram is complete now: then out_bytes is valid until the next
 * call. False also if it makes no sense or memory is short.
 */
bool fragments_add(struct fragments *fragments, const struct fragment *fragment,
                   const uint8_t **out_bytes, size_t *out_length);

/* How many datagrams stayed incomplete. Gives the memory back. */
uint64_t fragments_end(struct fragments *fragments);

#endif
