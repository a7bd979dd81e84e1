/*
 * An engine with hand-made ports, for native tests: scripted providers in place of DLLs, a list of
 * sent datagrams in place of a network, captured log lines.
 */
#ifndef TESTS_ENGINE_RIG_H
#define TESTS_ENGINE_RIG_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/callback.h"
#include "engine/engine.h"
#include "verify/verify.h"

enum {
    RIG_PROVIDERS = 8,
    RIG_SENT_KEPT = 64,
    RIG_DELAYED_KEPT = 8,
    RIG_LOG_SIZE = 65536,
    RIG_FINDINGS = 64,
    RIG_EVENTS = 32,
    RIG_STUCK_KEPT = 4,
};

/* What a provider saw and does. Zero it, fill in what matters, hand it to rig_start. */
struct scripted {
    /* script */
    const char *name;
    bool is_critical;
    bool is_critical_unreadable;
    pxe_status registration_status; /* the snapshot's status of its entry */
    pxe_status open_status;         /* the module does not open */
    enum event_id open_event;
    uint32_t initialize_status;
    bool without_receive;
    bool without_shutdown;
    bool with_control;
    int filter; /* -1: leave the default */
    uint32_t shutdown_status;
    bool throws_in_initialize, throws_in_shutdown, throws_in_control; /* see rig_throw */
    /* Decides; NULL: PXE_BA_REJECTED. May use everything below. */
    uint32_t (*receive)(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                        struct pxe_address *local, struct pxe_address *remote, uint32_t *action);
    uint32_t number; /* for receive's own use */
    void *data;

    /* record */
    struct rig *rig;
    uintptr_t handle;
    uint32_t initialized, shut_down, closed, controlled, last_control;
    _Atomic uint32_t received;
    uint32_t shutdown_order; /* 1: shut down first */
};

struct sent {
    struct net_endpoint to;
    link_id link;
    size_t length;
    uint8_t bytes[1500];
};

/* A finding, copied. */
struct rig_finding {
    uint32_t rule;
    char provider[64]; /* "": not known */
    char call[64];
    char text[768];
    uint64_t number;
    uint8_t bytes[64]; /* the datagram's first */
    size_t length;
    bool has_fault;
    enum fault_policy consequence;
};

/* An event, copied. */
struct rig_event {
    enum event_id id;
    uint32_t severity;
    char provider[64]; /* "": about none */
    char text[256];
};

struct rig {
    struct engine *engine;
    struct verifier verifier;
    struct scripted *providers[RIG_PROVIDERS];
    size_t provider_count;
    pthread_mutex_t lock; /* guards what follows */
    size_t sent_count;    /* the first RIG_SENT_KEPT are kept */
    struct sent sent[RIG_SENT_KEPT];
    pxe_status send_status; /* what the network answers */
    uint32_t shutdowns;
    size_t log_length;
    char log[RIG_LOG_SIZE];
    uint32_t reports;
    struct request_report last_report; /* its pointers are dead */
    char last_reason[256];             /* "" if the last request was answered */
    char last_provider[256];
    const struct policy *settings;
    _Atomic uint64_t time_ahead; /* microseconds that the clock goes before the real one */
    bool with_delays;            /* requests that shall wait do, until rig_release */
    size_t delayed_count;
    struct {
        uint32_t milliseconds;
        void (*run)(void *argument);
        void *argument;
    } delayed[RIG_DELAYED_KEPT];
    size_t finding_count;
    struct rig_finding findings[RIG_FINDINGS];
    size_t event_count;
    struct rig_event events[RIG_EVENTS];
    /* what follows is set before rig_start */
    bool is_on_network;
    bool is_verified;
    uint64_t slow_callback; /* nanoseconds; 0: never */
    uint64_t pend_timeout;
    bool is_guarded; /* rig_throw may be used */
    enum fault_policy policy;
    /* With is_guarded: how the calls with a limit end; CALL_RETURNED and CALL_FAULTED: as they do.
     */
    enum call_end limited_end;
    const char *limited_call; /* only those of this name; NULL: all */
    size_t stuck_count;
    struct callback *stuck[RIG_STUCK_KEPT];
    bool is_stop_late;               /* rig_done: a callback is stuck, the stop says PXE_TIMEOUT */
    _Atomic bool threads_have_ended; /* what is answered about callbacks' threads */
    _Atomic bool is_unloaded;        /* the providers' modules are gone */
    void (*on_finding)(struct rig *rig); /* called for each, without a lock; may be NULL */
    _Atomic uint64_t stopwatch_ahead;    /* nanoseconds that are added to the real ones */
    bool with_worker;                    /* AsyncRecvDone(REJECTED) continues on another thread */
    _Atomic uint32_t working;            /* such threads that have not ended */
};

/* Adds providers in order, starts; returns engine_start's code. */
void rig_init(struct rig *rig);
void rig_add(struct rig *rig, struct scripted *provider);
pxe_status rig_start(struct rig *rig);
/* Stops if need be; checks that nothing is left allocated. */
void rig_done(struct rig *rig);

/* Hands a datagram in: from 10.0.0.9:68 to 10.0.0.1:67 by broadcast, unless changed. */
struct datagram rig_datagram(const void *bytes, size_t length);
void rig_receive(struct rig *rig, const struct datagram *datagram);

/* Runs what waits, in the order of its coming. */
void rig_release(struct rig *rig);

/* Is this in the log? */
bool rig_logged(struct rig *rig, const char *text);

/* The first event with this id, or NULL. */
const struct rig_event *rig_event(const struct rig *rig, enum event_id id);

/* The first finding of a rule, or NULL; how many there are. */
const struct rig_finding *rig_found(const struct rig *rig, uint32_t rule);
size_t rig_found_count(const struct rig *rig, uint32_t rule);

/* Leaves the callback that this thread is in, as an exception does. */
void rig_throw(const struct fault *fault) __attribute__((noreturn));

/* A valid PXE DISCOVER (bytes, length) with its own transaction id. */
size_t rig_discover(uint8_t *packet, uint32_t xid);

/* Provider helpers: allocate, fill with a copy of the request as a reply, send, free. */
pxe_status rig_answer(struct scripted *self, uintptr_t request, const uint8_t *packet,
                      uint32_t length, const struct pxe_address *to);

#endif
