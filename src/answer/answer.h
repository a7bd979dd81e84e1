/*
 * How an answer becomes a message that clients accept: BIOS and UEFI, iPXE, HTTP boot, over IPv4
 * and IPv6, through relays. For providers; it needs wdspxe.h, facts.h and nothing else of the
 * server.
 *
 * For a request three steps, each without state and side effects, on any number of threads:
 *   answer_read    what a request asks for, and whether that is for a boot server at all
 *   answer_decide  what it gets, by the plan of the provider: what the machine shall boot
 *   answer_build   the bytes of the reply
 * The rules come from PXE 2.1, RFC 4578, RFC 5970, RFC 8415 and UEFI 2.10, chapter 24;
 * docs/behaviour.md has what clients made of them.
 */
#ifndef ANSWER_ANSWER_H
#define ANSWER_ANSWER_H

#include "answer/client.h"
#include "answer/plan.h"
#include "facts/facts.h"
#include "wdspxe.h"

/* The largest reply to a DHCP message; fits any network that a PXE client boots from. */
#define ANSWER4_MAX 1024

/* Who answers. */
struct answer_server {
    USHORT dhcp_port;  /* host order; any other port is the boot server's */
    USHORT dhcp6_port; /* the same for IPv6 */
    const BYTE *duid;  /* what DHCPv6 calls this server */
    ULONG duid_length; /* 0 = this server has no DHCPv6; at most VALUE_DUID_MAX */
};

/* A request that has been read. It refers to the packet and to itself: it is not copied or moved.
 */
struct answer_request {
    PVOID packet; /* DHCPv6: what the client sent, without the relays around it */
    ULONG length;
    PXE_ADDRESS local; /* where it arrived */
    struct facts_store store;
    struct client_facts facts;
    WCHAR client[CLIENT_NAME_CHARS]; /* its name for the trace */
    BOOL is_message;                 /* FALSE: nothing that can be answered; facts may be empty */
    BYTE type;                       /* message type of the reply; 0: this server has no part */
    LPCWSTR reason;                  /* what it asks for, a fragment for the trace; a constant */

    /* DHCPv6: the relays around it, for the reply. */
    PXE_DHCPV6_NESTED_RELAY_MESSAGE relays[PXE_DHCPV6_RELAY_HOP_COUNT_LIMIT];
    ULONG relay_count;
};

enum answer_kind {
    ANSWER_NOT_MINE,   /* another provider may answer */
    ANSWER_NOBODY,     /* nobody shall answer; for the provider, no function here says it */
    ANSWER_IMPOSSIBLE, /* it is to be answered, but the plan lacks something */
    ANSWER_SEND,       /* build the reply */
};

struct answer {
    enum answer_kind kind;
    LPCWSTR reason; /* a fragment for the trace; a constant */

    /* For ANSWER_SEND only. */
    struct answer_plan plan;
    enum facts_boot boot_class;
    const struct menu *menu; /* that this reply offers, or NULL */
    BYTE type;               /* message type of the reply */
    LPCWSTR type_name;
    BOOL is_first;       /* OFFER or ADVERTISE: the client looks for a boot server */
    BOOL with_file;      /* TRUE: the final reply; FALSE: "there is a boot server" */
    CHAR boot[URL_SIZE]; /* what the client shall load: a file of `next_server` (PXE
                            over IPv4), or a URL */
    CHAR url[URL_SIZE];  /* DHCPv6: the URL that this reply has; "" = none */
    BYTE server[4];      /* DHCP: our own address, network order */
    BYTE next_server[4]; /* DHCP: where the file is, or who names it */
    ULONG size_limit;    /* most bytes of the reply */
};

/*
 * Reads one request, DHCP or DHCPv6 by the length of the local address.
 *   packet, length  as handed to the receive callback: for DHCPv6 a client's message or a
 *                   RELAY-FORW. It stays the caller's, unchanged for as long as `out` is used.
 *   local           the address and port that it arrived on; copied
 * Written whole; never fails.
 */
void answer_read(const struct answer_server *us, PVOID packet, ULONG length,
                 const PXE_ADDRESS *local, struct answer_request *out);

/* Does it look for a boot server (OFFER, ADVERTISE), or ask one for its file? `type` is not 0. */
BOOL answer_is_first(const struct answer_request *request);

/*
 * What the request gets. `request` has a type (is_message, type != 0).
 *   plan  its texts and options must outlive the answer, which refers to them
 * The kind: SEND; NOT_MINE, if the plan has nothing for this way of booting; or IMPOSSIBLE.
 */
void answer_decide(const struct answer_request *request, const struct answer_plan *plan,
                   struct answer *out);

/*
 * Writes the reply, for an answer of kind ANSWER_SEND.
 *   reply, capacity  where it goes; capacity is answer->size_limit
 *   out_used         bytes to send
 * Errors: ERROR_INSUFFICIENT_BUFFER (the plan's options are too long for this client), or the code
 *   of the Pxe function that failed.
 */
DWORD answer_build(const struct answer_server *us, const struct answer_request *request,
                   const struct answer *answer, PVOID reply, ULONG capacity, ULONG *out_used);

/*
 * A provider's start. `name` stands in front of what is traced.
 *
 * The server's identifier for answer_server, into `duid`; its length. Without one, 0, there is no
 * DHCPv6: traced as a warning, and the provider does the rest without it.
 */
ULONG answer_find_duid(HANDLE provider, LPCWSTR name, BYTE duid[VALUE_DUID_MAX]);

/*
 * Tells the server what to deliver, valid DHCP messages and with `has_dhcp6` those of DHCPv6, and
 * what to call: the two mandatory callbacks, with `context`.
 * Errors: those of PxeProviderSetAttribute and PxeRegisterCallback, which are traced.
 */
DWORD answer_connect(HANDLE provider, LPCWSTR name, BOOL has_dhcp6, PFN_WDSPXE_RECV_REQUEST receive,
                     PFN_WDSPXE_SHUTDOWN shut_down, PVOID context);

#endif
