/*
 * Parts of DHCPv6 messages as lists of bytes, to compose what staticpxe has to answer and what no
 * captured client sends.
 */
#ifndef TESTS_PXE_REPLIES6_H
#define TESTS_PXE_REPLIES6_H

/* The captured machine's identifier: a DUID-UUID. */
#define DUID_UUID                                                                                  \
    0, 4, 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd,      \
        0xee, 0xff
#define CLIENT_ID 0, 1, 0, 18, DUID_UUID
/* fake_duid */
#define SERVER_ID 0, 2, 0, 14, 0, 1, 0, 1, 0x32, 0x95, 0xdb, 0x6c, 0x02, 0x42, 0xac, 0x11, 0, 2
#define OTHER_SERVER_ID                                                                            \
    0, 2, 0, 14, 0, 1, 0, 1, 0x32, 0x95, 0xdb, 0x6c, 0x02, 0x42, 0xac, 0x11, 0, 3

#define ENTERPRISE 0, 0, 1, 0x57
#define PXE_CLIENT 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't'
#define HTTP_CLIENT 'H', 'T', 'T', 'P', 'C', 'l', 'i', 'e', 'n', 't'
#define PXE_CLASS 0, 16, 0, 15, ENTERPRISE, 0, 9, PXE_CLIENT
#define HTTP_CLASS 0, 16, 0, 16, ENTERPRISE, 0, 10, HTTP_CLIENT

/* What clients add to their class, and what they say about themselves. */
#define ARCH_AND_UNDI(a, b)                                                                        \
    ':', 'A', 'r', 'c', 'h', ':', '0', '0', '0', a, b, ':', 'U', 'N', 'D', 'I', ':', '0', '0',     \
        '3', '0', '0', '0'
#define PXE_MACHINE                                                                                \
    0, 61, 0, 2, 0, 7, 0, 16, 0, 38, ENTERPRISE, 0, 32, PXE_CLIENT, ARCH_AND_UNDI('0', '7')
#define HTTP_MACHINE                                                                               \
    0, 61, 0, 2, 0, 16, 0, 16, 0, 39, ENTERPRISE, 0, 33, HTTP_CLIENT, ARCH_AND_UNDI('1', '6')

/* Option 59 up to its value. */
#define URL(length) 0, 59, 0, length
/* tftp://[fd77::2]/ and tftp://[fd77::9]/: 17 characters */
#define TFTP_2 't', 'f', 't', 'p', ':', '/', '/', '[', 'f', 'd', '7', '7', ':', ':', '2', ']', '/'
#define TFTP_9 't', 'f', 't', 'p', ':', '/', '/', '[', 'f', 'd', '7', '7', ':', ':', '9', ']', '/'

/* A relay message up to its options; the addresses are those of the captured relay. */
#define RELAY(type, hops)                                                                          \
    type, hops, 0xfd, 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xfe, 0x80, 0, 0, 0, 0,   \
        0, 0, 0x50, 0x54, 0, 0xff, 0xfe, 0x77, 0, 2

#endif
