#define _GNU_SOURCE /* recvmmsg, sendmmsg */

#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

enum {
    BATCH = 32,
    RECEIVE_SIZE = 2048,
    SOCKET_BUFFER = 64 << 20,
};

#define SECOND UINT64_C(1000000000)
#define REPLY_LIMIT                                                                                \
    SECOND /* closed loop: as long is waited for a reply before it counts as lost                  \
            */

/* ---- the socket ---- */

static bool own_address_find(const struct sockaddr_in *server, const char *interface,
                             uint32_t *out_address)
{
    struct sockaddr_in own = {0};
    socklen_t size = sizeof(own);
    /* Any address on the way there will do for a broadcast, but it needs the interface. */
    int probe = socket(AF_INET, SOCK_DGRAM, 0);
    int on = 1;
    bool found = probe >= 0 && setsockopt(probe, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) == 0 &&
                 (interface == NULL || setsockopt(probe, SOL_SOCKET, SO_BINDTODEVICE, interface,
                                                  (socklen_t)strlen(interface)) == 0) &&
                 connect(probe, (const struct sockaddr *)server, sizeof(*server)) == 0 &&
                 getsockname(probe, (struct sockaddr *)&own, &size) == 0;

    if (probe >= 0)
        close(probe);
    *out_address = own.sin_addr.s_addr;
    return found;
}

static bool socket_prepare(int socket, uint16_t from, const char *interface)
{
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons(from)};
    int size = SOCKET_BUFFER, on = 1;

    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
        (void)setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    return setsockopt(socket, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) == 0 &&
           (interface == NULL || setsockopt(socket, SOL_SOCKET, SO_BINDTODEVICE, interface,
                                            (socklen_t)strlen(interface)) == 0) &&
           bind(socket, (const struct sockaddr *)&local, sizeof(local)) == 0;
}

bool load_open(struct load *load, const struct sockaddr_in *server, uint16_t from,
               const char *interface, uint32_t *own_address)
{
    memset(load, 0, sizeof(*load));
    load->server = *server;
    load->slots = calloc(LOAD_SLOTS, sizeof(*load->slots));
    load->socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (load->slots != NULL && load->socket >= 0 && socket_prepare(load->socket, from, interface) &&
        own_address_find(server, interface, own_address))
        return true;
    fprintf(stderr, "loadgen: cannot send from port %u: %s\n", from, strerror(errno));
    load_close(load);
    return false;
}

void load_close(struct load *load)
{
    if (load->socket >= 0)
        close(load->socket);
    free(load->slots);
    load->socket = -1;
    load->slots = NULL;
}

/* ---- one run ---- */

struct run {
    struct load *load;
    const struct load_plan *plan;
    struct load_result *result;
    uint64_t start, end;
    uint64_t open;      /* sent, neither answered nor given up */
    uint32_t first;     /* sequence of the first request */
    uint32_t oldest;    /* closed loop: nothing before this one is waited for */
    uint64_t last_sent; /* when */
};

static struct load_slot *slot_of(const struct load *load, uint32_t sequence)
{
    return &load->slots[sequence % LOAD_SLOTS];
}

static uint64_t due_time(const struct run *run, uint64_t index)
{
    return run->start + (uint64_t)((double)index * (double)SECOND / run->plan->rate);
}

/* How many requests may go now. */
static unsigned requests_due(const struct run *run, uint64_t now)
{
    const struct load_plan *plan = run->plan;
    uint64_t sent = run->result->sent;
    uint64_t most = BATCH;
    unsigned count = 0;

    if (plan->limit != 0 && plan->limit - sent < most)
        most = plan->limit - sent;
    if (plan->rate == 0) {
        if (now >= run->end || run->open >= plan->window)
            return 0;
        return (unsigned)(plan->window - run->open < most ? plan->window - run->open : most);
    }
    while (count < most && due_time(run, sent + count) <= now &&
           due_time(run, sent + count) < run->end)
        count++;
    return count;
}

/* Sends up to `count` requests; what the socket does not take stays due. */
static void send_batch(struct run *run, unsigned count, uint64_t now)
{
    static uint8_t bytes[BATCH][CLIENT_MESSAGE_MAX];
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    struct load *load = run->load;

    for (unsigned i = 0; i < count; i++) {
        vectors[i] = (struct iovec){
            bytes[i], client_request(&load->clients, load->next_sequence + i, bytes[i])};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &load->server,
                                                   .msg_namelen = sizeof(load->server),
                                                   .msg_iov = &vectors[i],
                                                   .msg_iovlen = 1}};
    }
    /* Noted first: a reply may be there before sendmmsg returns. */
    for (unsigned i = 0; i < count; i++) {
        uint32_t sequence = load->next_sequence + i;
        *slot_of(load, sequence) = (struct load_slot){
            run->plan->rate != 0 ? due_time(run, run->result->sent + i) : now, sequence, true};
    }
    int sent = sendmmsg(load->socket, messages, count, MSG_DONTWAIT);
    for (unsigned i = 0; i < (unsigned)(sent > 0 ? sent : 0); i++) {
        run->result->sent++;
        run->open++;
        load->next_sequence++;
        run->last_sent = now;
    }
}

static void reply_take(struct run *run, const uint8_t *bytes, size_t length, uint64_t now)
{
    struct load_result *result = run->result;
    uint32_t sequence;

    if (!client_reply(&run->load->clients, bytes, length, &sequence)) {
        result->strange++;
        return;
    }
    struct load_slot *slot = slot_of(run->load, sequence);
    if (slot->sequence != sequence || sequence - run->first >= result->sent)
        return; /* of an earlier run */
    if (!slot->is_open) {
        result->duplicates++;
        return;
    }
    slot->is_open = false;
    result->answered++;
    if (run->open > 0)
        run->open--;
    histogram_add(&result->latency, now - slot->since);
}

static bool receive_batch(struct run *run)
{
    static uint8_t bytes[BATCH][RECEIVE_SIZE];
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];

    for (unsigned i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){bytes[i], RECEIVE_SIZE};
        messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &vectors[i], .msg_iovlen = 1}};
    }
    int count = recvmmsg(run->load->socket, messages, BATCH, MSG_DONTWAIT, NULL);
    uint64_t now = clock_nanoseconds();
    for (int i = 0; i < count; i++)
        reply_take(run, bytes[i], messages[i].msg_len, now);
    return count > 0;
}

/* Closed loop: gives up on requests that were not answered in time, so that others may go. */
static void window_expire(struct run *run, uint64_t now)
{
    struct load *load = run->load;

    while (run->oldest != load->next_sequence) {
        struct load_slot *slot = slot_of(load, run->oldest);

        if (slot->is_open && now - slot->since < REPLY_LIMIT)
            return;
        if (slot->is_open && run->open > 0)
            run->open--;
        run->oldest++;
    }
}

static bool run_is_over(const struct run *run, uint64_t now)
{
    const struct load_plan *plan = run->plan;

    if (plan->limit != 0 && run->result->sent >= plan->limit)
        return true;
    /* Open loop: until the last request of the time has gone, but not for ever. */
    if (plan->rate != 0)
        return due_time(run, run->result->sent) >= run->end || now >= run->end + SECOND;
    return now >= run->end;
}

/* The generator's own lateness is told: then the server is not what was measured. */
static void note_lateness(struct run *run, uint64_t now)
{
    uint64_t due = due_time(run, run->result->sent);
    double behind = now > due ? (double)(now - due) / (double)SECOND : 0;

    if (behind > run->result->behind)
        run->result->behind = behind;
}

static void drive(struct run *run)
{
    for (;;) {
        uint64_t now = clock_nanoseconds();
        unsigned count = requests_due(run, now);

        if (count > 0) {
            if (run->plan->rate != 0)
                note_lateness(run, now);
            send_batch(run, count, now);
        } else if (run_is_over(run, now)) {
            return;
        }
        if (run->plan->rate == 0)
            window_expire(run, now);
        (void)receive_batch(run);
    }
}

static void settle(struct run *run)
{
    uint64_t end = clock_nanoseconds() + (uint64_t)(run->plan->settle * (double)SECOND);

    while (run->result->answered < run->result->sent && clock_nanoseconds() < end)
        if (!receive_batch(run))
            usleep(100);
}

void load_run(struct load *load, const struct load_plan *plan, struct load_result *out_result)
{
    struct run run = {.load = load, .plan = plan, .result = out_result};

    memset(out_result, 0, sizeof(*out_result));
    run.first = run.oldest = load->next_sequence;
    run.start = run.last_sent = clock_nanoseconds();
    run.end = run.start + (uint64_t)(plan->seconds * (double)SECOND);
    drive(&run);
    out_result->seconds = (double)(run.last_sent - run.start) / (double)SECOND;
    settle(&run);
}
