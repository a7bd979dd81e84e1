/*
 * Builds the options of one reply, in memory of the caller. No allocation, no locking. Options are
 * kept as they will be sent, so that reading them out is a copy.
 */
#ifndef WDSBP_BUILD_H
#define WDSBP_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    BUILD_NBP_MAX = 254,      /* option 250 holds 255 bytes, the last one is its end mark */
    BUILD_BCD_MAX = 255,      /* what one DHCPv4 option holds, a zero byte included */
    BUILD_DHCPV6_MAX = 65535, /* what PxeDhcpv6AppendOptionRaw takes */
};

struct wdsbp_build {
    uint8_t *options; /* DHCPv4: sub-options; DHCPv6: options */
    size_t length;
    size_t capacity;
    uint8_t packet_types;
    uint8_t bcd_length; /* 0: not added */
    uint8_t bcd_path[BUILD_BCD_MAX];
};

/*
 * How many bytes of store a build of these packet types needs; 0 if it is no allowed combination:
 * PACKET_NBP, PACKET_BCD, both, or PACKET_DHCPV6.
 */
size_t wdsbp_build_store_size(uint8_t packet_types);

/* Starts empty. `store` has the size above and must last as long as the build. */
void wdsbp_build_start(struct wdsbp_build *build, uint8_t packet_types, uint8_t *store);

/*
 * Whether wdsbp_build_add would look at a value of this length: what it would say without looking,
 * but for "no room". PXE_INVALID_PARAMETER, WDSBP_BUFFER_OVERFLOW (longer than anything that can be
 * sent: the length may be a mistake).
 */
pxe_status wdsbp_build_takes(const struct wdsbp_build *build, uint32_t name, bool has_value,
                             size_t length);

/*
 * Adds an option or replaces its value; an option keeps its first place. Nothing is changed by
 *   PXE_INVALID_PARAMETER  malformed name, not of the build's packet types, wrong length for its
 *                          type, value NULL with a length
 *   WDSBP_BUFFER_OVERFLOW  no room
 */
pxe_status wdsbp_build_add(struct wdsbp_build *build, uint32_t name, const uint8_t *value,
                           size_t length);

/*
 * Copies all options out. *out_length is the length, also with
 *   PXE_INSUFFICIENT_BUFFER  capacity is below it; nothing was copied
 */
pxe_status wdsbp_build_get(const struct wdsbp_build *build, uint8_t *buffer, size_t capacity,
                           size_t *out_length);

#endif
