/*
 * The network by Windows' sockets, by itself: with one receive outstanding, as under Wine, and with
 * several, as on Windows, datagrams come whole and in their order, and waits end.
 */
#include <winsock2.h>
#include <ws2tcpip.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/backend.h"

enum { DATAGRAMS = 100, SMALL = 64, LARGE = 2000, PATIENCE = 60000, SEVERAL = 8 };

static struct net_socket *server;
static SOCKET client;
static struct sockaddr_in server_address;
static uint8_t storage[NET_BATCH][SMALL];
static struct net_buffer buffers[NET_BATCH];

static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int size = sizeof(address);
    SOCKET probe = socket(AF_INET, SOCK_DGRAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(probe, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(probe, (struct sockaddr *)&address, &size), 0);
    closesocket(probe);
    return ntohs(address.sin_port);
}

static int set_up(uint32_t receives)
{
    struct net_socket_spec spec = {.address = {127, 0, 0, 1}, .receives = receives};
    int error;

    assert_int_equal(backend_winsock.startup(), 0);
    do { /* somebody else may have been given it meanwhile */
        spec.port = free_port();
        error = backend_winsock.socket_open(&spec, &server);
    } while (error == WSAEADDRINUSE);
    assert_int_equal(error, 0);
    server_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(spec.port)};
    server_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    client = socket(AF_INET, SOCK_DGRAM, 0);
    for (size_t i = 0; i < NET_BATCH; i++)
        buffers[i] = (struct net_buffer){.bytes = storage[i], .capacity = SMALL};
    return 0;
}

static int set_up_one(void **state)
{
    (void)state;
    return set_up(1);
}

static int set_up_several(void **state)
{
    (void)state;
    return set_up(SEVERAL);
}

static int tear_down(void **state)
{
    (void)state;
    closesocket(client);
    backend_winsock.socket_close(server);
    backend_winsock.cleanup();
    return 0;
}

static void send_one(uint8_t number, int length)
{
    char bytes[LARGE];

    memset(bytes, number, sizeof(bytes));
    assert_int_equal(sendto(client, bytes, length, 0, (struct sockaddr *)&server_address,
                            sizeof(server_address)),
                     length);
}

static size_t receive(size_t capacity)
{
    size_t count = 0;

    assert_int_equal(backend_winsock.socket_receive(server, buffers, capacity, PATIENCE, &count),
                     0);
    return count;
}

/* In bursts that are no multiple of what is outstanding. */
static void datagrams_come_in_their_order(void **state)
{
    enum { BURST = 7 };
    uint8_t sent = 0, expected = 0;

    (void)state;
    while (expected < DATAGRAMS) {
        for (int i = 0; i < BURST && sent < DATAGRAMS; i++, sent++)
            send_one(sent, 1 + sent % SMALL);
        size_t count = receive(NET_BATCH);
        assert_in_range(count, 1, DATAGRAMS);
        for (size_t i = 0; i < count; i++, expected++) {
            assert_int_equal(storage[i][0], expected);
            assert_int_equal(buffers[i].from.length, 4);
            assert_true(buffers[i].has_destination);
        }
    }
}

/* Not one by one, which would leave the others to the system's small buffer while one is handled.
 */
static void what_has_come_meanwhile_comes_together(void **state)
{
    enum { BURST = 12 };
    size_t received = 0;
    int calls = 0;

    (void)state;
    for (uint8_t i = 0; i < BURST; i++)
        send_one(i, 10);
    for (; received < BURST; calls++)
        received += receive(NET_BATCH);
    assert_in_range(calls, 1, BURST / 2);
}

static void no_more_than_asked_for(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < 3; i++)
        send_one(i, 10);
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(receive(1), 1);
        assert_int_equal(storage[0][0], i);
    }
}

static void what_does_not_fit_lies_at_rest(void **state)
{
    (void)state;
    send_one(1, LARGE);
    send_one(2, 10);
    assert_int_equal(receive(NET_BATCH), 1);
    assert_int_equal(buffers[0].length, LARGE);
    assert_int_equal(storage[0][SMALL - 1], 1);
    for (size_t i = 0; i < LARGE - SMALL; i++)
        assert_int_equal(buffers[0].rest[i], 1);
    assert_int_equal(receive(NET_BATCH), 1);
    assert_int_equal(storage[0][0], 2);
    assert_int_equal(buffers[0].length, 10);
}

static void without_datagrams_the_wait_ends(void **state)
{
    size_t count = 1;

    (void)state;
    assert_int_equal(backend_winsock.socket_receive(server, buffers, NET_BATCH, 1, &count), 0);
    assert_int_equal(count, 0);
    backend_winsock.socket_wake(server);
    assert_int_equal(receive(NET_BATCH), 0);
    assert_int_equal(receive(NET_BATCH), 0); /* and every later one */
}

#define BOTH(test)                                                                                 \
    {#test " (one)", test, set_up_one, tear_down, NULL},                                           \
    {                                                                                              \
        #test " (several)", test, set_up_several, tear_down, NULL                                  \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(datagrams_come_in_their_order),   BOTH(what_has_come_meanwhile_comes_together),
        BOTH(no_more_than_asked_for),          BOTH(what_does_not_fit_lies_at_rest),
        BOTH(without_datagrams_the_wait_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
