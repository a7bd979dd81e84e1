/* The server's DHCPv6 identifier (RFC 8415 section 11). */
#ifndef API_DUID_H
#define API_DUID_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { DUID_MAX = 130 }; /* two bytes of type and at most 128 more */

/*
 * Reads the DUID that is kept as REG_BINARY value ServerDuid of the WDSPXE key, so that it outlives
 * restarts and changes of interfaces. The first call on a machine makes one: type 4, a random UUID.
 *   out_duid  DUID_MAX bytes.
 *   PXE_INVALID_DATA  the value is there but is no DUID (another type, below 3 or above 130 bytes)
 *   otherwise         the code of the registry, such as PXE_ACCESS_DENIED
 */
pxe_status duid_get(uint8_t *out_duid, size_t *out_length);

#endif
