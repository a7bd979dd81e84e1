/* Where a reply goes, and sending it. */
#ifndef ENGINE_REPLY_H
#define ENGINE_REPLY_H

#include <stdint.h>

#include "base/status.h"
#include "engine/ports.h"

struct arrival;
struct engine;

/*
 * The destination of a reply (API-3.4 and API-5.5). A pure function of its arguments.
 *   wanted  what the provider asked for; NULL: the source of the request
 *   PXE_INVALID_PARAMETER  unknown or contradicting flags, address length of another family
 *   PXE_INVALID_DATA       DHCP rules asked for, but the request is not a valid DHCP packet
 */
pxe_status reply_destination(const struct arrival *arrival, const uint8_t *request,
                             const struct pxe_address *wanted, struct net_endpoint *out_to);

/* PxeSendReply: the codes above; PXE_INVALID_HANDLE; PXE_INVALID_PARAMETER for a packet that is not
 * of this request, or a length of 0 or beyond the packet; else the network's own code. */
pxe_status reply_send(struct engine *engine, uintptr_t request, const void *packet, uint32_t length,
                      const struct pxe_address *wanted);

/* The network had taken a reply of `length` bytes, and could not send it after all: counts and says
 * so. `from` is what the request's `local` was. */
void reply_lost(struct engine *engine, const struct net_endpoint *from,
                const struct net_endpoint *to, size_t length, pxe_status status);

#endif
