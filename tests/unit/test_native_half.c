/* The native half of the network by itself, on loopback: without Wine, with the sanitizers. */
#include "net/native/half.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT = 30000, BUFFER = 2048, IN_USE = 10048 };

static const struct net_endpoint loopback = {.address = {127, 0, 0, 1}, .length = 4};

static int call(enum native_number number, void *arguments)
{
    return native_half_get()->functions[number](arguments);
}

/* A socket of the test's own on loopback, and its port. */
static int client_open(uint16_t *out_port)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(name);
    struct timeval limit = {.tv_sec = WAIT / 1000};
    int client = socket(AF_INET, SOCK_DGRAM, 0);

    assert_true(client >= 0);
    assert_int_equal(bind(client, (struct sockaddr *)&name, size), 0);
    assert_int_equal(getsockname(client, (struct sockaddr *)&name, &size), 0);
    assert_int_equal(setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    *out_port = ntohs(name.sin_port);
    return client;
}

/* A server's socket on a port that was free a moment ago. */
static struct net_socket *server_open(bool is_ipv6, uint16_t *out_port)
{
    struct net_socket_spec spec = {
        .is_ipv6 = is_ipv6, .interface_index = if_nametoindex("lo"), .address = {127, 0, 0, 1}};
    struct native_socket_open opened = {.spec = &spec};
    int error = IN_USE;

    for (int attempt = 0; attempt < 20 && error == IN_USE; attempt++) {
        close(client_open(&spec.port));
        error = call(NATIVE_SOCKET_OPEN, &opened);
    }
    assert_int_equal(error, 0);
    *out_port = spec.port;
    return opened.socket;
}

static void server_close(struct net_socket *socket)
{
    struct native_socket closing = {socket};
    assert_int_equal(call(NATIVE_SOCKET_CLOSE, &closing), 0);
}

static void client_send(int client, uint16_t port, const void *bytes, size_t length)
{
    struct sockaddr_in name = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(sendto(client, bytes, length, 0, (struct sockaddr *)&name, sizeof(name)),
                     length);
}

static uint8_t bytes[NET_BATCH][BUFFER];
static struct net_buffer buffers[NET_BATCH];

static size_t receive(struct net_socket *socket, size_t capacity, uint32_t milliseconds)
{
    struct native_socket_receive received = {
        .socket = socket, .buffers = buffers, .capacity = capacity, .milliseconds = milliseconds};

    for (size_t i = 0; i < NET_BATCH; i++)
        buffers[i] = (struct net_buffer){.bytes = bytes[i], .capacity = BUFFER};
    assert_int_equal(call(NATIVE_SOCKET_RECEIVE, &received), 0);
    return received.count;
}

/* The error is about the datagram number *out_sent. */
static int32_t send_all(struct net_socket *socket, const struct net_outgoing *datagrams,
                        size_t count, size_t *out_sent)
{
    struct native_socket_send sending = {.socket = socket, .datagrams = datagrams, .count = count};
    int32_t error = call(NATIVE_SOCKET_SEND, &sending);

    *out_sent = sending.sent;
    return error;
}

static void send_one(struct net_socket *socket, const struct net_outgoing *datagram)
{
    size_t sent;

    assert_int_equal(send_all(socket, datagram, 1, &sent), 0);
    assert_int_equal(sent, 1);
}

/* ---- datagrams ---- */

static void a_datagram_and_its_answer(void **state)
{
    uint16_t server_port, client_port;
    struct net_socket *server = server_open(false, &server_port);
    int client = client_open(&client_port);
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    char answer[16];

    (void)state;
    client_send(client, server_port, "hello", 5);
    assert_int_equal(receive(server, NET_BATCH, WAIT), 1);
    assert_int_equal(buffers[0].length, 5);
    assert_memory_equal(bytes[0], "hello", 5);
    assert_memory_equal(buffers[0].from.address, loopback.address, 4);
    assert_int_equal(buffers[0].from.length, 4);
    assert_int_equal(buffers[0].from.port, client_port);
    assert_true(buffers[0].has_destination);
    assert_memory_equal(buffers[0].to.address, loopback.address, 4);
    assert_int_equal(buffers[0].interface_index, if_nametoindex("lo"));

    /* Another address of the same interface: replies leave from the one that was asked. */
    const struct net_endpoint other = {.address = {127, 0, 0, 77}, .length = 4};
    send_one(server, &(struct net_outgoing){
                         .from = other,
                         .to = buffers[0].from,
                         .bytes = bytes[0],
                         .length = 5,
                         .interface_index = if_nametoindex("lo"),
                     });
    assert_int_equal(recvfrom(client, answer, sizeof(answer), 0, (struct sockaddr *)&from, &size),
                     5);
    assert_int_equal(ntohl(from.sin_addr.s_addr), 0x7f00004d);
    assert_int_equal(ntohs(from.sin_port), server_port);
    close(client);
    server_close(server);
}

static void a_batch_and_what_it_leaves(void **state)
{
    uint16_t server_port, client_port;
    struct net_socket *server = server_open(false, &server_port);
    int client = client_open(&client_port);

    (void)state;
    for (uint8_t i = 0; i < 10; i++)
        client_send(client, server_port, &i, 1);
    assert_int_equal(receive(server, 4, WAIT), 4);
    assert_int_equal(bytes[3][0], 3);
    assert_int_equal(receive(server, NET_BATCH, 0), 6);
    assert_int_equal(bytes[0][0], 4);
    assert_int_equal(bytes[5][0], 9);
    assert_int_equal(receive(server, NET_BATCH, 0), 0);
    assert_int_equal(receive(server, NET_BATCH, 20), 0); /* the time is up */
    close(client);
    server_close(server);
}

/* More than one call of the system's takes; the one in the middle cannot be sent. */
static void many_leave_in_their_order(void **state)
{
    enum { COUNT = 2 * NET_BATCH + 5, BAD = NET_BATCH + 3 };
    static uint8_t texts[COUNT];
    struct net_outgoing datagrams[COUNT];
    uint16_t server_port, client_port;
    struct net_socket *server = server_open(false, &server_port);
    int client = client_open(&client_port);
    size_t sent;

    (void)state;
    for (uint8_t i = 0; i < COUNT; i++) {
        texts[i] = i;
        datagrams[i] = (struct net_outgoing){
            .from = loopback,
            .to = loopback,
            .bytes = &texts[i],
            .length = 1,
            .interface_index = if_nametoindex("lo"),
        };
        datagrams[i].to.port = i == BAD ? 0 : client_port;
    }
    assert_int_equal(send_all(server, datagrams, COUNT, &sent), 10022); /* WSAEINVAL */
    assert_int_equal(sent, BAD);
    assert_int_equal(send_all(server, datagrams + BAD + 1, COUNT - BAD - 1, &sent), 0);
    assert_int_equal(sent, COUNT - BAD - 1);
    for (uint8_t i = 0; i < COUNT; i++) {
        uint8_t text = 0;
        if (i == BAD)
            continue;
        assert_int_equal(recv(client, &text, 1, 0), 1);
        assert_int_equal(text, i);
    }
    assert_int_equal(send_all(server, NULL, 0, &sent), 0);
    assert_int_equal(sent, 0);
    close(client);
    server_close(server);
}

static void long_and_empty_datagrams(void **state)
{
    static uint8_t large[60000];
    uint16_t server_port, client_port;
    struct net_socket *server = server_open(false, &server_port);
    int client = client_open(&client_port);

    (void)state;
    for (size_t i = 0; i < sizeof(large); i++)
        large[i] = (uint8_t)(i * 7);
    client_send(client, server_port, large, sizeof(large));
    client_send(client, server_port, "", 0);
    client_send(client, server_port, large, BUFFER + 1);
    assert_int_equal(receive(server, NET_BATCH, WAIT), 3);
    assert_int_equal(buffers[0].length, sizeof(large));
    assert_memory_equal(bytes[0], large, BUFFER);
    assert_memory_equal(buffers[0].rest, large + BUFFER, sizeof(large) - BUFFER);
    assert_int_equal(buffers[1].length, 0);
    assert_int_equal(buffers[2].length, BUFFER + 1);
    assert_int_equal(buffers[2].rest[0], large[BUFFER]);
    close(client);
    server_close(server);
}

static void ipv6_has_scope_and_destination(void **state)
{
    uint16_t port;
    struct net_socket *server = server_open(true, &port);
    const struct net_endpoint to = {.address = {[15] = 1}, .length = 16, .port = port};
    const struct net_outgoing self = {
        .from = to, .to = to, .bytes = (const uint8_t *)"self", .length = 4};

    (void)state;
    send_one(server, &self);
    assert_int_equal(receive(server, NET_BATCH, WAIT), 1);
    assert_int_equal(buffers[0].from.length, 16);
    assert_int_equal(buffers[0].from.port, port);
    assert_memory_equal(buffers[0].to.address, to.address, 16);
    assert_int_equal(buffers[0].interface_index, if_nametoindex("lo"));
    server_close(server);
}

/* ---- sockets ---- */

static void a_port_is_exclusive(void **state)
{
    uint16_t port;
    struct net_socket *server = server_open(false, &port);
    struct net_socket_spec spec = {.port = port, .interface_index = if_nametoindex("lo")};
    struct native_socket_open second = {.spec = &spec};
    const int on = 1;
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
    int rival = socket(AF_INET, SOCK_DGRAM, 0);

    (void)state;
    assert_int_equal(call(NATIVE_SOCKET_OPEN, &second), IN_USE);
    setsockopt(rival, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_not_equal(bind(rival, (struct sockaddr *)&name, sizeof(name)), 0);
    close(rival);
    server_close(server);
}

static void an_interface_that_is_not_there(void **state)
{
    struct net_socket_spec spec = {.port = 0, .interface_index = 0x7fffffff};
    struct native_socket_open opened = {.spec = &spec};

    (void)state;
    assert_int_not_equal(call(NATIVE_SOCKET_OPEN, &opened), 0);
}

static void *wait_for_datagram(void *argument)
{
    return (void *)receive(argument, NET_BATCH, NET_FOREVER);
}

static void waking_ends_every_wait(void **state)
{
    uint16_t port;
    struct net_socket *server = server_open(false, &port);
    struct native_socket waking = {server};
    pthread_t waiter;
    void *count;

    (void)state;
    pthread_create(&waiter, NULL, wait_for_datagram, server);
    assert_int_equal(call(NATIVE_SOCKET_WAKE, &waking), 0);
    pthread_join(waiter, &count);
    assert_null(count);
    assert_int_equal(receive(server, NET_BATCH, NET_FOREVER), 0); /* and the next as well */
    server_close(server);
}

static void multicast_groups_are_joined_once(void **state)
{
    static const uint8_t group[16] = {0xff, 2, [13] = 1, [15] = 2};
    uint16_t port;
    struct net_socket *server = server_open(true, &port);
    struct net_interface nic = {.index = if_nametoindex("lo"), .ipv4 = {127, 0, 0, 1}};
    struct native_socket_join joining = {server, group, &nic};

    (void)state;
    assert_int_equal(call(NATIVE_SOCKET_JOIN, &joining), 0);
    assert_int_equal(call(NATIVE_SOCKET_JOIN, &joining), IN_USE);
    nic.index = 0x7fffffff;
    assert_int_not_equal(call(NATIVE_SOCKET_JOIN, &joining), 0);
    server_close(server);

    static const uint8_t boot_servers[4] = {224, 0, 1, 2};
    server = server_open(false, &port);
    nic.index = if_nametoindex("lo");
    joining = (struct native_socket_join){server, boot_servers, &nic};
    assert_int_equal(call(NATIVE_SOCKET_JOIN, &joining), 0);
    assert_int_equal(call(NATIVE_SOCKET_JOIN, &joining), IN_USE);
    server_close(server);
}

/* ---- interfaces ---- */

static void loopback_is_listed(void **state)
{
    struct interface_address addresses[INTERFACE_ADDRESSES_MAX];
    struct native_addresses_read reading = {addresses, INTERFACE_ADDRESSES_MAX, 0};
    bool found = false;

    (void)state;
    assert_int_equal(call(NATIVE_ADDRESSES_READ, &reading), 0);
    for (size_t i = 0; i < reading.count; i++) {
        if (addresses[i].address.length != 4 ||
            memcmp(addresses[i].address.address, loopback.address, 4) != 0)
            continue;
        found = true;
        assert_int_equal(addresses[i].interface_index, if_nametoindex("lo"));
        assert_int_equal(addresses[i].prefix_length, 8);
        assert_false(addresses[i].is_up);
    }
    assert_true(found);
    reading.capacity = 1;
    assert_int_equal(call(NATIVE_ADDRESSES_READ, &reading), 0);
    assert_int_equal(reading.count, 1);
}

static void the_way_to_loopback(void **state)
{
    const struct net_endpoint no_host = {.address = {240, 0, 0, 1}, .length = 4};
    struct native_route_find finding = {.from = &loopback, .to = &loopback};

    (void)state;
    assert_int_equal(call(NATIVE_ROUTE_FIND, &finding), 0);
    assert_int_equal(finding.interface_index, if_nametoindex("lo"));
    finding.from = &no_host; /* is no address of this machine: nothing can be sent from it */
    assert_int_not_equal(call(NATIVE_ROUTE_FIND, &finding), 0);
}

static void a_watch_waits_and_is_woken(void **state)
{
    struct native_watch watch = {NULL};

    (void)state;
    assert_int_equal(call(NATIVE_WATCH_OPEN, &watch), 0);
    struct native_watch_wait waiting = {.watch = watch.watch, .milliseconds = 0};
    assert_int_equal(call(NATIVE_WATCH_WAIT, &waiting), 0);
    assert_int_not_equal(waiting.news, NET_NEWS_END);
    assert_int_equal(call(NATIVE_WATCH_WAKE, &watch), 0);
    waiting.milliseconds = NET_FOREVER;
    assert_int_equal(call(NATIVE_WATCH_WAIT, &waiting), 0);
    assert_int_equal(waiting.news, NET_NEWS_END);
    assert_int_equal(call(NATIVE_WATCH_CLOSE, &watch), 0);
}

static void sigterm_is_told_once(void **state)
{
    struct sigaction now;

    (void)state;
    signal(SIGTERM, SIG_IGN);
    assert_int_equal(call(NATIVE_TERMINATION_CATCH, NULL), 0);
    assert_int_equal(sigaction(SIGTERM, NULL, &now), 0);
    assert_ptr_equal(now.sa_handler, SIG_IGN);

    signal(SIGTERM, SIG_DFL);
    assert_int_equal(call(NATIVE_TERMINATION_CATCH, NULL), 0);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(call(NATIVE_TERMINATION_WAIT, NULL), 0);
    assert_int_equal(sigaction(SIGTERM, NULL, &now), 0);
    assert_ptr_equal(now.sa_handler, SIG_DFL); /* the second one ends the process */
}

/* A child has the port, on loopback's address of that family; it ends when its pipe does. */
static pid_t holder_start(int family, int *out_pipe, uint16_t *out_port)
{
    int told[2], kept[2];
    pid_t child;

    assert_int_equal(pipe(told) | pipe(kept), 0);
    child = fork();
    if (child == 0) {
        struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
        struct sockaddr_in name4 = {.sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        void *bound = family == AF_INET ? (void *)&name4 : (void *)&name;
        socklen_t size = family == AF_INET ? sizeof(name4) : sizeof(name);
        int held = socket(family, SOCK_DGRAM, 0);

        close(kept[1]);
        if (bind(held, bound, size) == 0 && getsockname(held, bound, &size) == 0) {
            /* Both structs have the port in the same place. */
            uint16_t port = ntohs(((struct sockaddr_in *)bound)->sin_port);
            (void)!write(told[1], &port, sizeof(port));
        }
        (void)!read(kept[0], &family, 1);
        _exit(0);
    }
    close(kept[0]);
    close(told[1]);
    assert_int_equal(read(told[0], out_port, sizeof(*out_port)), sizeof(*out_port));
    close(told[0]);
    *out_pipe = kept[1];
    return child;
}

static size_t holders_of(uint16_t port, struct native_port_holder *holders, size_t capacity)
{
    struct native_port_holders asked = {.port = port, .holders = holders, .capacity = capacity};

    assert_int_equal(call(NATIVE_PORT_HOLDERS, &asked), 0);
    return asked.count;
}

static void check_holder(int family, const char *address)
{
    struct native_port_holder holders[4];
    int kept;
    uint16_t port;
    pid_t child = holder_start(family, &kept, &port);

    assert_int_equal(holders_of(port, holders, 4), 1);
    assert_int_equal(holders[0].process, child);
    assert_string_equal(holders[0].address, address);
    assert_memory_equal(holders[0].program, "test_native_hal", 16); /* the kernel keeps 15 */
    assert_int_equal(holders_of(port, holders, 0), 0);
    close(kept);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(holders_of(port, holders, 4), 0);
}

static void a_port_has_a_holder(void **state)
{
    uint16_t port;
    int own = client_open(&port);
    struct native_port_holder holders[4];

    (void)state;
    check_holder(AF_INET, "127.0.0.1");
    check_holder(AF_INET6, "::1");
    assert_int_equal(holders_of(port, holders, 4), 0); /* this process is not told */
    close(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_datagram_and_its_answer),
        cmocka_unit_test(a_batch_and_what_it_leaves),
        cmocka_unit_test(many_leave_in_their_order),
        cmocka_unit_test(long_and_empty_datagrams),
        cmocka_unit_test(ipv6_has_scope_and_destination),
        cmocka_unit_test(a_port_is_exclusive),
        cmocka_unit_test(an_interface_that_is_not_there),
        cmocka_unit_test(waking_ends_every_wait),
        cmocka_unit_test(multicast_groups_are_joined_once),
        cmocka_unit_test(loopback_is_listed),
        cmocka_unit_test(the_way_to_loopback),
        cmocka_unit_test(a_watch_waits_and_is_woken),
        cmocka_unit_test(sigterm_is_told_once),
        cmocka_unit_test(a_port_has_a_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
