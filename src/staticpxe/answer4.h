/* DHCP: ProxyDHCP server and boot server (PXE 2.1, RFC 4578), and UEFI HTTP boot. */
#ifndef STATICPXE_ANSWER4_H
#define STATICPXE_ANSWER4_H

#include "answer.h"

/* The largest reply that is ever made; fits any network that a PXE client boots from. */
#define ANSWER4_MAX 1024

/*
 * Decides about one request.
 *   packet, length  as handed to the receive callback
 *   local           the address and port that it arrived on
 * The result refers to the configuration, not to the packet.
 */
struct answer answer4_decide(const struct answerer *us, PVOID packet, ULONG length,
                             const PXE_ADDRESS *local);

/*
 * Writes the reply to the same packet, for an answer of kind ANSWER_SEND.
 *   reply, capacity  where it goes; capacity is answer->size_limit
 *   out_used         bytes to send
 * Errors: ERROR_INSUFFICIENT_BUFFER (the configured options are too long for this client), or the
 *   code of the Pxe function that failed.
 */
DWORD answer4_build(const struct answer *answer, PVOID packet, ULONG length, PVOID reply,
                    ULONG capacity, ULONG *out_used);

#endif
