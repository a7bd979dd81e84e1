/*
 * Many network boot clients at once, for tests/e2e/network.sh: each has its own hardware address,
 * machine GUID and transactions, DISCOVERs by broadcast within the first second, then asks the boot
 * server that the OFFER names on port 4011 which file to load. What is not answered is sent again
 * by the timers of RFC 2131 section 4.1: after 4, 8, 16, 32 seconds, each give or take one.
 *
 *   clients INTERFACE ADDRESS COUNT SECONDS
 *     INTERFACE ADDRESS  where they are, and the address that they all use
 *     SECONDS            until those that are not served are given up
 *
 * Prints what was sent and received. Exit code 0: every client was told its boot file.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    PACKET = 400,
    OPTIONS = 240,
    BATCH = 32,
    SPREAD = 1000, /* milliseconds in which all of them begin */
    FIRST_TIMEOUT = 4000,
    LAST_TIMEOUT = 32000,
};

enum stage { DISCOVERING = 1, REQUESTING = 3, SERVED = 0 }; /* the message types that they send */

struct client {
    enum stage stage;
    uint32_t timeout;
    uint64_t due; /* when to send (again) */
    uint32_t boot_server;
};

static struct client *clients;
static uint32_t client_count, served;
static uint64_t sent, sent_again, received;
static int descriptor;
static in_addr_t own_address;

static void die(const char *what)
{
    perror(what);
    exit(2);
}

static uint64_t clock_milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void open_socket(const char *interface)
{
    const int on = 1, buffer = 16 << 20;
    const struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(68)};

    descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    if (descriptor < 0 || setsockopt(descriptor, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) != 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)) != 0 ||
        setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, interface,
                   (socklen_t)strlen(interface)) != 0 ||
        bind(descriptor, (const struct sockaddr *)&name, sizeof(name)) != 0)
        die("socket");
}

/* ---- requests ---- */

static uint8_t *option(uint8_t *at, uint8_t code, uint8_t length, const void *value)
{
    *at++ = code;
    *at++ = length;
    memcpy(at, value, length);
    return at + length;
}

static void make_request(uint32_t number, uint8_t packet[PACKET])
{
    static const uint8_t cookie[4] = {99, 130, 83, 99};
    const struct client *client = &clients[number];
    const uint32_t wire_number = htonl(number);
    const uint32_t transaction = htonl(number << 2 | client->stage);
    const uint8_t type = (uint8_t)client->stage;
    uint8_t guid[17] = {0};
    uint8_t *at = packet + OPTIONS;

    memset(packet, 0, PACKET);
    packet[0] = packet[1] = 1;
    packet[2] = 6;
    memcpy(packet + 4, &transaction, 4);
    if (client->stage == REQUESTING)
        memcpy(packet + 12, &own_address, 4);
    packet[28] = 2; /* a locally administered hardware address */
    memcpy(packet + 30, &wire_number, 4);
    memcpy(guid + 13, &wire_number, 4);
    memcpy(packet + 236, cookie, 4);
    at = option(at, 53, 1, &type);
    at = option(at, 57, 2, "\x05\xc0");
    at = option(at, 60, 32, "PXEClient:Arch:00000:UNDI:002001");
    at = option(at, 93, 2, "\0\0");
    at = option(at, 94, 3, "\1\2\1");
    at = option(at, 97, sizeof(guid), guid);
    *at = 255;
}

/* RFC 2131 section 4.1: doubled each time, and up to a second sooner or later. */
static void set_timer(struct client *client, uint64_t now)
{
    client->due = now + client->timeout - 1000 + (uint64_t)rand() % 2001;
    if (client->timeout < LAST_TIMEOUT)
        client->timeout *= 2;
}

static void send_request(uint32_t number, uint64_t now)
{
    struct client *client = &clients[number];
    uint8_t packet[PACKET];
    struct sockaddr_in name = {
        .sin_family = AF_INET,
        .sin_port = htons(client->stage == DISCOVERING ? 67 : 4011),
        .sin_addr.s_addr = client->stage == DISCOVERING ? INADDR_BROADCAST : client->boot_server,
    };

    make_request(number, packet);
    if (sendto(descriptor, packet, PACKET, 0, (struct sockaddr *)&name, sizeof(name)) != PACKET)
        die("sendto");
    sent++;
    sent_again += client->timeout > FIRST_TIMEOUT;
    set_timer(client, now);
}

/* ---- replies ---- */

static const uint8_t *find_option(const uint8_t *packet, size_t length, uint8_t code, uint8_t size)
{
    for (size_t at = OPTIONS; at + 2 <= length && packet[at] != 255; at += 2u + packet[at + 1]) {
        if (packet[at] == code && packet[at + 1] == size && at + 2 + size <= length)
            return packet + at + 2;
    }
    return NULL;
}

/* One that answers what its client asks at this moment leads it on. */
static void take_reply(const uint8_t *packet, size_t length, uint64_t now)
{
    uint32_t transaction;

    received++;
    if (length < OPTIONS || packet[0] != 2)
        return;
    memcpy(&transaction, packet + 4, 4);
    transaction = ntohl(transaction);
    uint32_t number = transaction >> 2;
    const uint8_t *type = find_option(packet, length, 53, 1);
    const uint8_t *server = find_option(packet, length, 54, 4);
    if (number >= client_count || type == NULL || server == NULL)
        return;
    struct client *client = &clients[number];
    if (client->stage == SERVED || (transaction & 3) != client->stage)
        return;
    if (client->stage == DISCOVERING && *type == 2) {
        memcpy(&client->boot_server, server, 4);
        client->stage = REQUESTING;
        client->timeout = FIRST_TIMEOUT;
        send_request(number, now);
    } else if (client->stage == REQUESTING && *type == 5 && packet[108] != 0) {
        client->stage = SERVED;
        served++;
    }
}

static void take_replies(int milliseconds)
{
    static uint8_t packets[BATCH][1500];
    struct pollfd waited = {.fd = descriptor, .events = POLLIN};
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH] = {0};

    for (int i = 0; i < BATCH; i++) {
        parts[i] = (struct iovec){packets[i], sizeof(packets[i])};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    if (poll(&waited, 1, milliseconds) <= 0)
        return;
    int count = recvmmsg(descriptor, messages, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
        take_reply(packets[i], messages[i].msg_len, clock_milliseconds());
}

static void send_what_is_due(void)
{
    uint64_t now = clock_milliseconds();

    for (uint32_t i = 0; i < client_count; i++)
        if (clients[i].stage != SERVED && clients[i].due <= now) {
            send_request(i, now);
            take_replies(0);
        }
}

int main(int count, char **arguments)
{
    if (count != 5) {
        fprintf(stderr, "usage: clients INTERFACE ADDRESS COUNT SECONDS\n");
        return 2;
    }
    open_socket(arguments[1]);
    own_address = inet_addr(arguments[2]);
    client_count = (uint32_t)atoi(arguments[3]);
    clients = calloc(client_count, sizeof(*clients));
    if (clients == NULL)
        die("clients");
    uint64_t begin = clock_milliseconds();
    uint64_t end = begin + (uint64_t)atoi(arguments[4]) * 1000;
    for (uint32_t i = 0; i < client_count; i++)
        clients[i] = (struct client){DISCOVERING, FIRST_TIMEOUT,
                                     begin + (uint64_t)i * SPREAD / client_count, 0};
    while (served < client_count && clock_milliseconds() < end) {
        send_what_is_due();
        take_replies(1);
    }
    printf("%u of %u clients served in %.1f s: %llu requests (%llu of them again), %llu replies\n",
           served, client_count, (double)(clock_milliseconds() - begin) / 1000,
           (unsigned long long)sent, (unsigned long long)sent_again, (unsigned long long)received);
    return served == client_count ? 0 : 1;
}
