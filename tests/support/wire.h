/*
 * DHCPv4 packets as real boot firmware sends them, as lists of bytes:
 *
 *     static const uint8_t packet[] = {WIRE_IPXE_DISCOVER};
 *
 * The facts (which options, in which order, with which content) were measured with iPXE and OVMF
 * under QEMU; the addresses belong to the test network. The fixed part and each option have a macro
 * of their own, so that a test can also compose a packet that no firmware sends.
 */
#ifndef TESTS_SUPPORT_WIRE_H
#define TESTS_SUPPORT_WIRE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WIRE_ZERO_4 0, 0, 0, 0
#define WIRE_ZERO_16 WIRE_ZERO_4, WIRE_ZERO_4, WIRE_ZERO_4, WIRE_ZERO_4
#define WIRE_ZERO_64 WIRE_ZERO_16, WIRE_ZERO_16, WIRE_ZERO_16, WIRE_ZERO_16
#define WIRE_ZERO_128 WIRE_ZERO_64, WIRE_ZERO_64

#define WIRE_COOKIE 99, 130, 83, 99
#define WIRE_END 255

/* chaddr: six bytes of address and ten of nothing */
#define WIRE_MAC_BIOS 0x52, 0x54, 0x00, 0x77, 0x00, 0x01
#define WIRE_MAC_EFI 0x52, 0x54, 0x00, 0x77, 0x00, 0x02
#define WIRE_CHADDR(...) __VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0

/* options that the packets share */
#define WIRE_MESSAGE_TYPE(type) 53, 1, type
#define WIRE_MAX_SIZE_1472 57, 2, 0x05, 0xc0
#define WIRE_ARCH(arch) 93, 2, 0, arch
#define WIRE_UNDI(major, minor) 94, 3, 1, major, minor
#define WIRE_UUID                                                                                  \
    97, 17, 0, 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, \
        0xee, 0xff
#define WIRE_PXE_CLIENT 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't'
#define WIRE_VENDOR_CLASS(arch, major, minor)                                                      \
    60, 32, WIRE_PXE_CLIENT, ':', 'A', 'r', 'c', 'h', ':', '0', '0', '0', '0', arch, ':',          \
        'U', 'N', 'D', 'I', ':', '0', '0', major, '0', '0', minor

/* The fixed part alone, of a request from the EFI machine: options may follow. 240 bytes. */
#define WIRE_HEADER                                                                                \
    1, 1, 6, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0, 0, WIRE_ZERO_16, WIRE_CHADDR(WIRE_MAC_EFI),       \
        WIRE_ZERO_64, WIRE_ZERO_128, WIRE_COOKIE

/* iPXE, BIOS */
#define WIRE_IPXE_REQUEST_LIST                                                                     \
    55, 23, 1, 3, 6, 7, 12, 15, 17, 26, 43, 60, 66, 67, 119, 128, 129, 130, 131, 132, 133, 134,    \
        135, 175, 203
#define WIRE_IPXE_FEATURES                                                                         \
    175, 48, 177, 5, 1, 0x1a, 0xf4, 0x10, 0x00, 235, 3, 1, 0, 0, 23, 1, 1, 34, 1, 1, 19, 1, 1, 17, \
        1, 1, 39, 1, 1, 25, 1, 1, 41, 1, 1, 16, 1, 2, 33, 1, 1, 21, 1, 1, 24, 1, 1, 18, 1, 1
#define WIRE_IPXE_CLIENT_ID 61, 7, 1, WIRE_MAC_BIOS

/* iPXE asks for an address: 400 bytes, secs 4, no broadcast bit. */
#define WIRE_IPXE_DISCOVER                                                                         \
    1, 1, 6, 0, 0xbf, 0x13, 0x47, 0x26, 0, 4, 0, 0, WIRE_ZERO_16, WIRE_CHADDR(WIRE_MAC_BIOS),      \
        WIRE_ZERO_64, WIRE_ZERO_128, WIRE_COOKIE, WIRE_MESSAGE_TYPE(1), WIRE_MAX_SIZE_1472,        \
        WIRE_ARCH(0), WIRE_UNDI(2, 1), WIRE_VENDOR_CLASS('0', '2', '1'),                           \
        77, 4, 'i', 'P', 'X', 'E',                                                                 \
        WIRE_IPXE_REQUEST_LIST, WIRE_IPXE_FEATURES, WIRE_IPXE_CLIENT_ID, WIRE_UUID, WIRE_END

/* OVMF */
#define WIRE_OVMF_REQUEST_LIST                                                                     \
    55, 35, 1, 2, 3, 4, 5, 6, 12, 13, 15, 17, 18, 22, 23, 28, 40, 41, 42, 43, 50, 51, 54, 58, 59,  \
        60, 66, 67, 97, 128, 129, 130, 131, 132, 133, 134, 135

/* OVMF asks for an address: 347 bytes, broadcast bit set. */
#define WIRE_OVMF_DISCOVER                                                                         \
    1, 1, 6, 0, 0x7c, 0x7b, 0x84, 0x0c, 0, 0, 0x80, 0, WIRE_ZERO_16, WIRE_CHADDR(WIRE_MAC_EFI),    \
        WIRE_ZERO_64, WIRE_ZERO_128, WIRE_COOKIE, WIRE_MESSAGE_TYPE(1), WIRE_MAX_SIZE_1472,        \
        WIRE_OVMF_REQUEST_LIST, WIRE_UUID, WIRE_UNDI(3, 0), WIRE_ARCH(7),                          \
        WIRE_VENDOR_CLASS('7', '3', '0'), WIRE_END

/* OVMF asks the boot server, port 4011 to 4011: 347 bytes, ciaddr 10.77.0.200, no option 54. */
#define WIRE_OVMF_REQUEST_4011                                                                     \
    1, 1, 6, 0, 0xa2, 0xc4, 0xb1, 0x09, 0, 0, 0, 0, 10, 77, 0, 200, WIRE_ZERO_4, WIRE_ZERO_4,      \
        WIRE_ZERO_4, WIRE_CHADDR(WIRE_MAC_EFI), WIRE_ZERO_64, WIRE_ZERO_128, WIRE_COOKIE,          \
        WIRE_MESSAGE_TYPE(3), WIRE_OVMF_REQUEST_LIST, WIRE_MAX_SIZE_1472,                          \
        WIRE_VENDOR_CLASS('7', '3', '0'), WIRE_ARCH(7), WIRE_UNDI(3, 0), WIRE_UUID, WIRE_END

/* The boot menu that a server sends to iPXE: option 43 with sub-options 6, 8, 9, 10 and an End. */
#define WIRE_BOOT_MENU                                                                             \
    43, 29, 6, 1, 3, 8, 7, 0, 1, 1, 10, 77, 0, 2, 9, 7, 0, 1, 4, 'M', 'i', 'n', 'i', 10, 5, 0,     \
        'M', 'i', 'n', 'i', 255

/*
 * A copy in a block of exactly this size, so that a sanitizer sees the first byte read behind it.
 * The caller frees it.
 */
static inline uint8_t *wire_copy(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = (uint8_t *)malloc(length);

    if (length > 0) {
        if (!copy) {
            abort();
        }
        memcpy(copy, bytes, length);
    }
    return copy;
}

#endif
