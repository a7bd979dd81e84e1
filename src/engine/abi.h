/*
 * The part of wdspxe.h's binary interface that the engine itself touches, in portable types.
 * api/abi_check.c asserts that layouts and values equal those of include/wdspxe.h.
 */
#ifndef ENGINE_ABI_H
#define ENGINE_ABI_H

#include <stdint.h>

#if defined(_WIN32) && defined(__i386__)
#define PXE_STDCALL __attribute__((stdcall))
#else
#define PXE_STDCALL
#endif

/* PXE_ADDRESS: address bytes in network order, port in host order. */
struct pxe_address {
    uint32_t flags;
    uint8_t address[16];
    uint32_t address_length;
    uint16_t port;
};

enum {
    ADDR_BROADCAST = 1,
    ADDR_USE_PORT = 2,
    ADDR_USE_ADDR = 4,
    ADDR_USE_DHCP_RULES = 8,
};

enum boot_action { ACTION_NBP = 1, ACTION_CUSTOM = 2, ACTION_IGNORE = 3, ACTION_REJECTED = 4 };

enum callback_type {
    CALLBACK_RECV_REQUEST = 0,
    CALLBACK_SHUTDOWN = 1,
    CALLBACK_SERVICE_CONTROL = 2,
    CALLBACK_MAX = 3,
};

enum provider_attribute { ATTR_FILTER = 0, ATTR_FILTER_IPV6 = 1, ATTR_IPV6_CAPABLE = 2 };

enum provider_filter { FILTER_ALL = 0, FILTER_DHCP_ONLY = 1, FILTER_PXE_ONLY = 2 };

enum severity {
    LOG_VERBOSE = 0x00010000,
    LOG_INFO = 0x00020000,
    LOG_WARNING = 0x00040000,
    LOG_ERROR = 0x00080000,
    LOG_FATAL = 0x00100000,
};

typedef uint32_t(PXE_STDCALL *pxe_initialize_fn)(void *provider, void *key);
typedef uint32_t(PXE_STDCALL *pxe_receive_fn)(void *request, void *packet, uint32_t length,
                                              struct pxe_address *local, struct pxe_address *remote,
                                              uint32_t *action, void *context);
typedef uint32_t(PXE_STDCALL *pxe_shutdown_fn)(void *context);
typedef uint32_t(PXE_STDCALL *pxe_control_fn)(void *context, uint32_t control);

#endif
