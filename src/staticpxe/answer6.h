/*
 * DHCPv6: what ProxyDHCP and boot server are to DHCP (RFC 5970 and the UEFI specification), UEFI
 * HTTP boot, and the relay messages that both may come in.
 */
#ifndef STATICPXE_ANSWER6_H
#define STATICPXE_ANSWER6_H

#include "answer.h"

/*
 * Decides about one request.
 *   packet, length  as handed to the receive callback: a client's message, or a RELAY-FORW
 *   local           the address and port that it arrived on
 * The result refers to the configuration, not to the packet.
 */
struct answer answer6_decide(const struct answerer *us, PVOID packet, ULONG length,
                             const PXE_ADDRESS *local);

/*
 * Writes the reply to the same packet, for an answer of kind ANSWER_SEND.
 *   reply, capacity  where it goes; capacity is answer->size_limit
 *   out_used         bytes to send
 * Errors: the code of the Pxe function that failed.
 */
DWORD answer6_build(const struct answerer *us, const struct answer *answer, PVOID packet,
                    ULONG length, PVOID reply, ULONG capacity, ULONG *out_used);

#endif
