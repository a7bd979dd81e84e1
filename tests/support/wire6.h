/*
 * DHCPv6 packets as real boot firmware, servers and relays send them, as lists of bytes:
 *
 *     static const uint8_t packet[] = {WIRE6_OVMF_SOLICIT};
 *
 * Measured with OVMF under QEMU, the ISC server and the ISC relay; the addresses belong to the test
 * network. Headers and options have macros of their own, so that a test can also compose a packet
 * that nobody sends.
 */
#ifndef TESTS_SUPPORT_WIRE6_H
#define TESTS_SUPPORT_WIRE6_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* addresses */
#define WIRE6_LINK 0xfd, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe
#define WIRE6_PEER 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x50, 0x54, 0, 0xff, 0xfe, 0x77, 0, 2

/* headers: 4 and 34 bytes */
#define WIRE6_HEADER(type) type, 0x7a, 0xaf, 0x44
#define WIRE6_RELAY_HEADER(type, hops) type, hops, WIRE6_LINK, WIRE6_PEER

/* options of the client */
#define WIRE6_PXE_CLIENT 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't'
#define WIRE6_CLIENT_ID                                                                            \
    0, 1, 0, 18, 0, 4, 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb,     \
        0xcc, 0xdd, 0xee, 0xff
#define WIRE6_ELAPSED_TIME 0, 8, 0, 2, 0, 0
#define WIRE6_EMPTY_IA_NA(...)                                                                     \
    0, 3, 0, 12, __VA_ARGS__, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
#define WIRE6_PXE_REQUEST_LIST 0, 6, 0, 8, 0, 59, 0, 60, 0, 23, 0, 16
#define WIRE6_UNDI 0, 62, 0, 3, 1, 3, 0
#define WIRE6_ARCH 0, 61, 0, 2, 0, 7
#define WIRE6_VENDOR_CLASS                                                                         \
    0, 16, 0, 38, 0, 0, 1, 0x57, 0, 32, WIRE6_PXE_CLIENT, ':', 'A', 'r', 'c', 'h', ':', '0', '0',  \
        '0', '0', '7', ':', 'U', 'N', 'D', 'I', ':', '0', '0', '3', '0', '0', '0'

/* options of the server */
#define WIRE6_SERVER_ID                                                                            \
    0, 2, 0, 14, 0, 1, 0, 1, 0x32, 0x95, 0xdc, 0x7c, 0x12, 0xe7, 0x57, 0xe1, 0xd7, 0xf3
/* t1 and t2 take two bytes each */
#define WIRE6_LEASE(t1_high, t1_low, t2_high, t2_low)                                              \
    0, 3, 0, 40, 0x77, 0x0a, 0xff, 0xf6, 0, 0, t1_high, t1_low, 0, 0, t2_high, t2_low, 0, 5, 0,    \
        24, 0xfd, 0x77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xeb, 0x8a, 0, 0, 0x01, 0x2c, 0, 0,    \
        0x02, 0x58
#define WIRE6_BOOT_FILE_URL                                                                        \
    0, 59, 0, 28, 't', 'f', 't', 'p', ':', '/', '/', '[', 'f', 'd', '7', '7', ':', ':', '2', ']',  \
        '/', 'n', 'b', 'p', '-', 'x', '6', '4', '.', 'e', 'f', 'i'

/* OVMF looks for a boot server: 115 bytes. */
#define WIRE6_OVMF_SOLICIT                                                                         \
    WIRE6_HEADER(1), WIRE6_CLIENT_ID, WIRE6_ELAPSED_TIME,                                       \
        WIRE6_EMPTY_IA_NA(0x77, 0x0a, 0xff, 0xf6), WIRE6_PXE_REQUEST_LIST, WIRE6_UNDI, WIRE6_ARCH, \
        WIRE6_VENDOR_CLASS

/* OVMF takes the offer: 161 bytes. */
#define WIRE6_OVMF_REQUEST                                                                         \
    3, 0x7b, 0xaf, 0x44, WIRE6_CLIENT_ID, WIRE6_ELAPSED_TIME, WIRE6_SERVER_ID,                  \
        WIRE6_LEASE(0x01, 0x2c, 0x01, 0xe0), WIRE6_PXE_REQUEST_LIST, WIRE6_UNDI, WIRE6_ARCH,       \
        WIRE6_VENDOR_CLASS

/* The ISC server confirms: 120 bytes. */
#define WIRE6_ISC_REPLY                                                                            \
    7, 0x7b, 0xaf, 0x44, WIRE6_LEASE(0, 0, 0, 0), WIRE6_CLIENT_ID, WIRE6_SERVER_ID,                \
        WIRE6_BOOT_FILE_URL

/* The IP stack of the firmware, no PXE: 54 bytes. */
#define WIRE6_IP_SOLICIT                                                                           \
    1, 0x9d, 0xcd, 0xd7, WIRE6_CLIENT_ID, WIRE6_ELAPSED_TIME,                                   \
        WIRE6_EMPTY_IA_NA(0x77, 0x84, 0xf6, 0x57), 0, 6, 0, 2, 0, 23

/* The same, as the ISC relay forwards it: 92 bytes. */
#define WIRE6_RELAYED_IP_SOLICIT WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 54, WIRE6_IP_SOLICIT

/* The client's search for a boot server through that relay: 153 bytes. */
#define WIRE6_RELAYED_SOLICIT                                                                      \
    WIRE6_RELAY_HEADER(12, 0), 0, 9, 0, 115, 1, 0x9f, 0xcd, 0xd7, WIRE6_CLIENT_ID,                 \
        WIRE6_ELAPSED_TIME, WIRE6_EMPTY_IA_NA(0x77, 0x9e, 0x5e, 0x5b), WIRE6_PXE_REQUEST_LIST,  \
        WIRE6_UNDI, WIRE6_ARCH, WIRE6_VENDOR_CLASS

/*
 * A copy in a block of exactly this size, so that a sanitizer sees the first byte read behind it.
 * The caller frees it.
 */
static inline uint8_t *wire6_copy(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = (uint8_t *)calloc(1, length);

    if (length > 0) {
        if (!copy) {
            abort();
        }
        memcpy(copy, bytes, length);
    }
    return copy;
}

#endif
