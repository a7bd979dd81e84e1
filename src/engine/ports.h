/*
 * What the engine needs from outside. It opens no socket, starts no thread, reads no clock and
 * loads no module by itself: bytes, addresses and time come in through engine_receive() and these
 * interfaces. The real ones are in src/win32; tests have their own.
 */
#ifndef ENGINE_PORTS_H
#define ENGINE_PORTS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/abi.h"
#include "engine/endpoint.h"
#include "engine/event.h"
#include "engine/watch.h"

/* What the network drops before the engine sees it. */
struct intake_counters {
    _Atomic uint64_t dropped_repeats; /* copies of requests that were sent again */
    _Atomic uint64_t dropped_others;
};

/* Names a link of the network: one socket while it is open. 0: none. */
typedef uintptr_t link_id;

/* What the network knows of a datagram beyond its bytes and its addresses. All zero: nothing. */
struct wire_facts {
    bool is_own;            /* it left from an address and a port of this server's */
    bool is_off_link;       /* IPv6: from an address that is not of the link it came in by */
    uint8_t ipv4_subnet[4]; /* broadcast address of the subnet it came in by */
};

/* A datagram as the network hands it in. Valid during engine_receive() only. */
struct datagram {
    const uint8_t *bytes;
    size_t length;
    link_id link;
    struct net_endpoint local; /* unicast address of the receiving interface, port of arrival */
    struct net_endpoint remote;
    bool broadcast;        /* was sent to a broadcast address (IPv4) */
    bool multicast;        /* was sent to a group */
    bool boot_server_port; /* arrived on the boot server port (4011), not on the DHCP port */
    uint64_t number;       /* the sender's name for it; 0: it has none */
    uint64_t received;     /* when: microseconds of the stopwatch; 0: now */
    struct wire_facts facts;
};

/* A reply as the network gets it. Valid during the call only. */
struct net_reply {
    link_id link;             /* of the request, like from and number */
    struct net_endpoint from; /* what the request's `local` was */
    struct net_endpoint to;
    const uint8_t *bytes;
    size_t length;
    uint64_t number;
    const char *provider; /* whose reply it is; UTF-8 */
};

struct net_port {
    void *context;
    /* Sends through the link; the bytes are copied or sent before it returns. Any thread. */
    pxe_status (*send)(void *context, const struct net_reply *reply);
};

/* Runs work on a thread-pool thread. */
struct work_port {
    void *context;
    /* False: refused; the caller runs it itself. */
    bool (*submit)(void *context, void (*run)(void *argument), void *argument);
};

/* Lets a request wait: runs work later. */
struct delay_port {
    void *context;
    /* False: refused; the caller does not wait. */
    bool (*submit)(void *context, uint32_t milliseconds, void (*run)(void *argument),
                   void *argument);
};

struct policy;

/* The time that requests see; it need not be the real one. */
struct clock_port {
    void *context;
    uint64_t (*microseconds)(void *context); /* monotonic */
    bool is_stopwatch; /* the real one after all: what the stopwatch has shown is good here */
};

/* Real time, for time limits and for measuring. */
struct stopwatch_port {
    void *context;
    uint64_t (*nanoseconds)(void *context); /* monotonic */
};

struct log_port {
    void *context;
    bool (*enabled)(void *context, uint32_t severity);
    void (*write)(void *context, uint32_t severity, const char *text); /* UTF-8, one line */
};

/* `report` NULL: nobody is told but the log. */
struct event_port {
    void *context;
    void (*report)(void *context, const struct event *event);
};

/* How one request ended; pointers are valid during the call only. */
struct request_report {
    const uint8_t *packet;
    size_t length;
    const struct pxe_address *local;
    const struct pxe_address *remote;
    const char *provider; /* UTF-8; NULL: no provider decided */
    uint32_t action;
    const char *drop_reason; /* NULL: a reply was sent, and nothing failed */
    const char *repair;      /* what was done to the packet at the door; NULL: nothing */
    bool is_left_out;        /* lines about it are: there are too many */
    uint32_t replies;
    struct net_endpoint reply_to; /* of the last reply, like the three members that follow */
    size_t reply_length;
    uint8_t reply_type;
    char boot_file[256]; /* or boot URL */
    uint64_t microseconds;
    uint64_t number; /* of the datagram */
};

/* All may be NULL. */
struct observer_port {
    void *context;
    void (*request_ended)(void *context, const struct request_report *report);
    /* How long one receive callback took. */
    void (*callback_timed)(void *context, const char *provider, uint64_t number,
                           uint64_t nanoseconds);
};

/* Where packets live, if not in memory from mem_alloc. It must outlive them. */
struct packet_memory_port {
    void *context;
    /* `size` bytes, all zero; NULL: no memory. */
    uint8_t *(*allocate)(void *context, uint32_t size);
    /* Has nothing been written beside the packet? *out_offset is that of such a byte. */
    bool (*is_intact)(void *context, const uint8_t *bytes, uint32_t size, int64_t *out_offset);
    void (*free)(void *context, uint8_t *bytes, uint32_t size);
};

struct callback;

/* How a call with a limit has ended. */
enum call_end {
    CALL_RETURNED,
    CALL_FAULTED,      /* an exception has left it; callback_faulted() has been told */
    CALL_STUCK,        /* it has not returned in time; its thread is left to itself */
    CALL_THREAD_ENDED, /* its thread has ended inside the callback */
};

/* How a provider is called. `make` NULL: directly. */
struct call_port {
    void *context;
    /* callback->run(callback), which is the provider's code. False: an exception has left it;
     * callback_faulted() has been told. */
    bool (*make)(void *context, struct callback *callback);
    /* The same on a thread of its own, which is waited for. NULL: on the caller's, without a limit.
     * After CALL_STUCK the callback must stay as it is for ever. */
    enum call_end (*make_limited)(void *context, struct callback *callback, uint32_t milliseconds);
    uint32_t initialize_limit; /* milliseconds, as the next two; 0: none */
    uint32_t shutdown_limit;
    uint32_t control_limit;
    /* The innermost callback that the calling thread is in, or NULL; may be NULL. */
    const struct callback *(*current)(void *context);
    /* A name of the calling thread, and whether the thread of that name has ended. Both may be
     * NULL: nobody looks. */
    uintptr_t (*thread)(void *context);
    bool (*thread_has_ended)(void *context, uintptr_t thread);
    enum fault_policy policy;
};

/* A provider's loaded module. */
struct module {
    void *instance; /* the loader's own handle */
    void *key;      /* handed to PxeProviderInitialize as hProviderKey */
    pxe_initialize_fn initialize;
};

/* One entry of the provider list, as the engine needs it. */
struct provider_entry {
    const char *name; /* UTF-8 */
    bool is_critical;
    bool is_critical_unreadable; /* and taken as false */
    pxe_status status;           /* not PXE_OK: its registration could not be read */
    const void *source;          /* the loader's own record of it */
};

struct module_port {
    void *context;
    /* Loads the DLL, finds PxeProviderInitialize, opens the provider's key. On failure nothing
     * stays loaded, and *out_event tells what failed (EVENT_KEY_UNREADABLE and so on). */
    pxe_status (*open)(void *context, const struct provider_entry *entry, struct module *out,
                       enum event_id *out_event);
    void (*close)(void *context, const struct module *module);
    /* Is its code still there? A provider may have unloaded itself. NULL: always. */
    bool (*is_loaded)(void *context, const struct module *module);
};

struct engine_ports {
    struct net_port net;
    struct work_port work;       /* submit may be NULL: work is then done by whoever asks for it */
    struct delay_port delay;     /* submit may be NULL: nothing waits */
    const struct policy *policy; /* lives as long as the server runs; NULL: none */
    struct clock_port clock;
    struct stopwatch_port stopwatch;
    struct log_port log;
    struct event_port events;
    struct observer_port observer;
    struct watch watch;                       /* empty: nobody watches */
    const struct packet_memory_port *packets; /* NULL: memory from mem_alloc */
    bool is_on_network; /* anybody may send anything: it is judged before providers get it, and
                           lines about it are limited (summary.h); false: a test bench */
    struct call_port calls;
    struct module_port modules;
};

#endif
