/*
 * A bench for a provider that is linked into the test: starts it with a registry key of its own on
 * top of the fake server, hands it requests, stops it.
 */
#ifndef TESTS_PROVIDER_BENCH_H
#define TESTS_PROVIDER_BENCH_H

#include <stddef.h>

#include "wdspxe.h"

#define DHCP_PORT 67
#define DHCP6_PORT 547
#define BOOT_PORT 4011

/* The address that every request arrives on: 10.77.0.2. Over IPv6 mostly fd77::2, or fe80::2. */
extern const BYTE bench_address[4];
extern const BYTE bench_address6[16];
extern const BYTE bench_link_local[16];

/* cmocka's set-up and tear-down: a fresh fake server and registry key; all is removed again. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* The provider's registry key, and its value ConfigFile. */
HKEY bench_key(void);
void bench_set_config_file(DWORD type, LPCWSTR text);

/* Starts the provider with this text as its configuration; must succeed. */
void bench_start(const char *config);
void bench_stop(void);

/*
 * Hands over a request that came to `port`; the result is the action. Checks that the request was
 * not changed and no packet is left. Replies and traces of earlier requests are forgotten.
 */
PXE_BOOT_ACTION bench_deliver(const void *packet, ULONG length, USHORT port);

#define DELIVER(array, port) bench_deliver(array, sizeof(array), port)

/* The same with an address of another length: 16 as for IPv6. */
PXE_BOOT_ACTION bench_deliver_from(const void *packet, ULONG length, USHORT port, ULONG addr_len);

/* The same over IPv6, to that address of ours. */
PXE_BOOT_ACTION bench_deliver6(const void *packet, ULONG length, USHORT port,
                               const BYTE address[16]);

#define DELIVER6(array, port) bench_deliver6(array, sizeof(array), port, bench_address6)

/* A captured request that the test changes before it is delivered. */
struct packet {
    BYTE bytes[4096];
    ULONG length;
};

struct packet packet_copy(const BYTE *bytes, size_t length);

#define PACKET_COPY(array) packet_copy(array, sizeof(array))

/* The value of an option that is there. */
BYTE *packet_find(struct packet *packet, BYTE code);
void packet_cut(struct packet *packet, BYTE code);
/* Puts an option in place of END, and END behind it. */
void packet_add(struct packet *packet, BYTE code, const void *value, BYTE length);

/* The same in a DHCPv6 message, which has no END: an option behind the others. */
void packet6_add(struct packet *packet, BYTE code, const void *value, size_t length);

PXE_BOOT_ACTION bench_deliver_packet(const struct packet *packet, USHORT port);
PXE_BOOT_ACTION bench_deliver6_packet(const struct packet *packet, USHORT port);

#endif
