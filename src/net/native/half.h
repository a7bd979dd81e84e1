/*
 * Between wdspxe.dll or wdspxectl and the native half, wdspxenet.dll.so: what one asks and the
 * other does. Both are 64-bit programs for the same processor, so that structs of plain types look
 * the same to them (native_load.c and unix.c assert it); nothing with a `long` in it may cross.
 *
 * The native half is an ELF library that Wine's loader takes for a DLL. It exports one function to
 * Windows' side, which hands out a table of functions to be called through Wine's way into native
 * code (ntdll's __wine_unix_call_dispatcher). Each takes a pointer to the struct of its name here
 * and returns 0 or a WinSock code; the contracts are those of net/backend.h.
 */
#ifndef NET_NATIVE_HALF_H
#define NET_NATIVE_HALF_H

#include <stddef.h>
#include <stdint.h>

#include "net/backend.h"

enum { NATIVE_VERSION = 6 }; /* changes with anything below, and in backend.h */

enum native_number {
    NATIVE_ADDRESSES_READ,
    NATIVE_ROUTE_FIND,
    NATIVE_SOCKET_OPEN,
    NATIVE_SOCKET_JOIN,
    NATIVE_SOCKET_RECEIVE,
    NATIVE_SOCKET_WAKE,
    NATIVE_SOCKET_SEND,
    NATIVE_SOCKET_CLOSE,
    NATIVE_WATCH_OPEN,
    NATIVE_WATCH_WAIT,
    NATIVE_WATCH_WAKE,
    NATIVE_WATCH_CLOSE,
    NATIVE_TERMINATION_CATCH,
    NATIVE_TERMINATION_WAIT,
    NATIVE_PORT_HOLDERS,
    NATIVE_FUNCTIONS,
};

typedef int32_t (*native_function)(void *arguments);

/* What the exported function, wdspxenet_get, returns a pointer to. */
struct native_half {
    uint32_t version;
    uint32_t buffer_size;   /* sizeof(struct net_buffer) as it was compiled */
    uint32_t outgoing_size; /* sizeof(struct net_outgoing) likewise */
    native_function functions[NATIVE_FUNCTIONS];
};

/* The native half itself. */
const struct native_half *native_half_get(void);

struct native_addresses_read {
    struct interface_address *addresses;
    size_t capacity;
    size_t count; /* out */
};

struct native_route_find {
    const struct net_endpoint *from;
    const struct net_endpoint *to;
    uint32_t interface_index; /* out */
};

struct native_socket_open {
    const struct net_socket_spec *spec;
    struct net_socket *socket; /* out */
};

struct native_socket_join {
    struct net_socket *socket;
    const uint8_t *group;
    const struct net_interface *nic;
};

struct native_socket_receive {
    struct net_socket *socket;
    struct net_buffer *buffers;
    size_t capacity;
    size_t count; /* out */
    uint32_t milliseconds;
};

struct native_socket_send {
    struct net_socket *socket;
    const struct net_outgoing *datagrams;
    size_t count;
    size_t sent; /* out */
};

/* NATIVE_SOCKET_WAKE, NATIVE_SOCKET_CLOSE */
struct native_socket {
    struct net_socket *socket;
};

/* NATIVE_WATCH_OPEN (out), NATIVE_WATCH_WAKE, NATIVE_WATCH_CLOSE */
struct native_watch {
    struct net_watch *watch;
};

struct native_watch_wait {
    struct net_watch *watch;
    uint32_t milliseconds;
    uint32_t news; /* out: enum net_news */
};

enum { NATIVE_ADDRESS_CHARS = 46, NATIVE_PROGRAM_CHARS = 32 };

struct native_port_holder {
    char address[NATIVE_ADDRESS_CHARS]; /* that the port is taken on */
    char program[NATIVE_PROGRAM_CHARS]; /* its name as ps(1) has it */
    int32_t process;                    /* of Linux; 0: who it is may not be seen */
};

/* Who has this UDP port, in this network namespace, but for this process. */
struct native_port_holders {
    uint32_t port;
    struct native_port_holder *holders;
    size_t capacity;
    size_t count; /* out */
};

/*
 * Without arguments. NATIVE_TERMINATION_CATCH: the first SIGTERM to this process does not end it
 * any more, unless whoever started the process had it ignored; the second one ends it at once.
 * NATIVE_TERMINATION_WAIT, afterwards: returns when the first has come.
 */

#endif
