/*
 * The server's side of wdspxe.h in a few lines, to test a provider without a server: callbacks and
 * attributes are recorded, replies and traces are kept, each call can be told to fail. The DHCP
 * helpers are not here; link the real ones.
 *
 * A double free, a send of a foreign packet or an overlong reply ends the test at once.
 */
#ifndef TESTS_FAKE_PXE_H
#define TESTS_FAKE_PXE_H

#include "wdspxe.h"

#define FAKE_PACKETS_MAX 4
#define FAKE_REPLY_MAX 2048
#define FAKE_TRACE_CHARS 65536

struct fake_packet {
    PVOID bytes;
    ULONG size;
};

struct fake_pxe {
    /* what the provider did */
    PFN_WDSPXE_RECV_REQUEST receive;
    PVOID receive_context;
    PFN_WDSPXE_SHUTDOWN shutdown;
    PVOID shutdown_context;
    ULONG filter; /* PXE_PROV_FILTER_ALL until it was set */
    ULONG filter_ipv6;
    BOOL ipv6_capable;
    struct fake_packet packets[FAKE_PACKETS_MAX];
    ULONG open_packets;
    ULONG replies;
    BYTE reply[FAKE_REPLY_MAX]; /* the last one */
    ULONG reply_length;
    PXE_ADDRESS destination;
    WCHAR trace[FAKE_TRACE_CHARS]; /* all lines, a line break behind each */
    PXE_SEVERITY severities;       /* of all lines, or-ed */

    /* what shall fail, with this code; 0 = nothing */
    DWORD fail_attribute;
    DWORD fail_duid;
    DWORD fail_register;
    DWORD fail_allocate;
    DWORD fail_send;
};

extern struct fake_pxe fake_pxe;

/* The server's DUID: the one that the captured requests of pxe_clients6.h name. */
#define FAKE_DUID_SIZE 14
extern const BYTE fake_duid[FAKE_DUID_SIZE];

/* The handles that the fakes expect; anything else ends the test. */
HANDLE fake_provider(void);
HANDLE fake_request(void);

/* Forgets everything; open packets are released. */
void fake_pxe_reset(void);

#endif
