/*
 * From a request to the reply: decide whether and how to answer, then write the DHCP message.
 * No state and no side effects; safe on any number of threads.
 */
#ifndef STATICPXE_ANSWER_H
#define STATICPXE_ANSWER_H

#include "config.h"
#include "wdspxe.h"

/* The largest reply that is ever made; fits any network that a PXE client boots from. */
#define ANSWER_MAX 1024

/* The values are the DHCP message types (option 53), where there is one. */
enum answer_kind {
    ANSWER_NOT_MINE = 0, /* another provider may answer */
    ANSWER_NOBODY = 1,   /* the configuration says ignore=yes */
    ANSWER_OFFER = 2,    /* as a ProxyDHCP server: "there is a boot server here" */
    ANSWER_ACK = 5,      /* as that boot server: the boot file */
};

struct answer {
    enum answer_kind kind;
    LPCWSTR reason;                 /* a sentence fragment for the trace; a constant */
    const struct static_rule *rule; /* for NOBODY, OFFER and ACK */
    const CHAR *file;               /* for OFFER and ACK: the boot file for this client */
    BOOL with_file;                 /* for OFFER and ACK: TRUE if this reply names it */
    BYTE server[4];                 /* our own address, network order */
    BYTE next_server[4];            /* for siaddr: where the boot file is, or who names it */
    ULONG size_limit;               /* bytes that the client takes, at most ANSWER_MAX */
};

/*
 * Decides about one request.
 *   packet, length  as handed to the receive callback
 *   local           the address and port that it arrived on
 * The result refers to `config`, not to the packet.
 */
struct answer answer_decide(const struct static_config *config, PVOID packet, ULONG length,
                            const PXE_ADDRESS *local);

/*
 * Writes the reply to the same packet, for an answer of kind OFFER or ACK.
 *   reply, capacity  where it goes; capacity is answer->size_limit
 *   out_used         bytes to send
 * Errors: ERROR_INSUFFICIENT_BUFFER (the configured options are too long for this client), or the
 *   code of the Pxe function that failed.
 */
DWORD answer_build(const struct answer *answer, PVOID packet, ULONG length, PVOID reply,
                   ULONG capacity, ULONG *out_used);

#endif
