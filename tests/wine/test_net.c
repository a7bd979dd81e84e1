/*
 * The server's sockets as interfaces and ports come and go, over a network that is made up: what
 * cannot be bound now is tried again, and told once. The follower's clock is the test's.
 */
#include "net/net.h"

#include <windows.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/abi.h"

enum {
    PATIENCE = 60000, /* milliseconds */
    BOUNDED = 60000,  /* no wait of the follower's is longer */
    SETTLED = 1000,   /* shorter ones are for changes that come together */
    DHCP = 67,
    BOOT = 4011,
    DHCP6 = 547,
    IN_USE = 10048,
    NO_FAMILY = 10047,
    DENIED = 10013,
    NO_MEMORY = 8,
    LINES = 512,
    THREADS_MAX = 128, /* of a crew */
    PAUSE = 20,        /* milliseconds between two looks */
};

/* ---- a network ---- */

static struct {
    SRWLOCK lock;
    struct interface_address addresses[80];
    size_t address_count;
    int addresses_error, watch_error;
    int refused4[3], refused6[3]; /* by the place of the port below */
    unsigned attempts[2];         /* IPv4, IPv6 */
    unsigned open[2], joins[2];
} fake;

static const uint16_t ports[3] = {DHCP, BOOT, DHCP6};

struct net_socket {
    HANDLE woken;
    bool is_ipv6;
};

struct net_watch {
    HANDLE asked, told; /* a semaphore, an event */
    enum net_news news;
    _Atomic bool is_over;
    uint32_t longest;
};

static struct net_watch *watch;

static int fake_startup(void)
{
    return 0;
}

static void fake_cleanup(void)
{
}

static int fake_addresses_read(struct interface_address *out_addresses, size_t capacity,
                               size_t *out_count)
{
    AcquireSRWLockShared(&fake.lock);
    int error = fake.addresses_error;
    assert_in_range(fake.address_count, 0, capacity);
    memcpy(out_addresses, fake.addresses, sizeof(fake.addresses));
    *out_count = fake.address_count;
    ReleaseSRWLockShared(&fake.lock);
    return error;
}

static int fake_route_find(const struct net_endpoint *from, const struct net_endpoint *to,
                           uint32_t *out_interface_index)
{
    (void)from, (void)to, (void)out_interface_index;
    return 10051;
}

static int fake_socket_open(const struct net_socket_spec *spec, struct net_socket **out_socket)
{
    struct net_socket *made = calloc(1, sizeof(*made));
    int error = 0;

    made->woken = CreateEventW(NULL, TRUE, FALSE, NULL);
    made->is_ipv6 = spec->is_ipv6;
    AcquireSRWLockExclusive(&fake.lock);
    fake.attempts[spec->is_ipv6]++;
    for (size_t i = 0; i < 3; i++)
        if (ports[i] == spec->port)
            error = (spec->is_ipv6 ? fake.refused6 : fake.refused4)[i];
    fake.open[spec->is_ipv6] += error == 0;
    ReleaseSRWLockExclusive(&fake.lock);
    *out_socket = made;
    if (error != 0) {
        CloseHandle(made->woken);
        free(made);
    }
    return error;
}

static int fake_socket_join(struct net_socket *socket, const uint8_t *group,
                            const struct net_interface *nic)
{
    (void)group, (void)nic;
    AcquireSRWLockExclusive(&fake.lock);
    fake.joins[socket->is_ipv6]++;
    ReleaseSRWLockExclusive(&fake.lock);
    return 0;
}

static int fake_socket_receive(struct net_socket *socket, struct net_buffer *buffers,
                               size_t capacity, uint32_t milliseconds, size_t *out_count)
{
    (void)buffers, (void)capacity;
    *out_count = 0;
    WaitForSingleObject(socket->woken, milliseconds);
    return 0;
}

static void fake_socket_wake(struct net_socket *socket)
{
    SetEvent(socket->woken);
}

static int fake_socket_send(struct net_socket *socket, const struct net_outgoing *datagrams,
                            size_t count, size_t *out_sent)
{
    (void)socket, (void)datagrams;
    *out_sent = count;
    return 0;
}

static void fake_socket_close(struct net_socket *socket)
{
    AcquireSRWLockExclusive(&fake.lock);
    fake.open[socket->is_ipv6]--;
    ReleaseSRWLockExclusive(&fake.lock);
    CloseHandle(socket->woken);
    free(socket);
}

static int fake_watch_open(struct net_watch **out_watch)
{
    if (fake.watch_error != 0)
        return fake.watch_error;
    watch = calloc(1, sizeof(*watch));
    watch->asked = CreateSemaphoreW(NULL, 0, LONG_MAX, NULL);
    watch->told = CreateEventW(NULL, FALSE, FALSE, NULL);
    *out_watch = watch;
    return 0;
}

static enum net_news fake_watch_wait(struct net_watch *waited, uint32_t milliseconds)
{
    if (milliseconds < SETTLED)
        return NET_NEWS_NONE;
    if (milliseconds > waited->longest)
        waited->longest = milliseconds;
    ReleaseSemaphore(waited->asked, 1, NULL);
    WaitForSingleObject(waited->told, INFINITE);
    return atomic_load(&waited->is_over) ? NET_NEWS_END : waited->news;
}

static void fake_watch_wake(struct net_watch *woken)
{
    atomic_store(&woken->is_over, true);
    SetEvent(woken->told);
}

static void fake_watch_close(struct net_watch *closed)
{
    CloseHandle(closed->asked);
    CloseHandle(closed->told);
    free(closed);
}

#define FAKE_BACKEND(its_name, tells_all)                                                          \
    {                                                                                              \
        .name = (its_name),                                                                        \
        .watch_tells_all = (tells_all),                                                            \
        .startup = fake_startup,                                                                   \
        .cleanup = fake_cleanup,                                                                   \
        .addresses_read = fake_addresses_read,                                                     \
        .route_find = fake_route_find,                                                             \
        .socket_open = fake_socket_open,                                                           \
        .socket_join = fake_socket_join,                                                           \
        .socket_receive = fake_socket_receive,                                                     \
        .socket_wake = fake_socket_wake,                                                           \
        .socket_send = fake_socket_send,                                                           \
        .socket_close = fake_socket_close,                                                         \
        .watch_open = fake_watch_open,                                                             \
        .watch_wait = fake_watch_wait,                                                             \
        .watch_wake = fake_watch_wake,                                                             \
        .watch_close = fake_watch_close,                                                           \
    }

/* What net.c has in place of the real ones. */
const struct net_backend backend_winsock = FAKE_BACKEND("Winsock", false);
static const struct net_backend backend_native = FAKE_BACKEND("native", true);

const struct net_backend *backend_native_load(struct native_refusal *out_refusal)
{
    (void)out_refusal;
    return &backend_native;
}

/* ---- a server on it ---- */

static struct net *net;
static struct bind_rules rules;
static struct intake_counters dropped;

static struct {
    SRWLOCK lock;
    size_t count;
    char lines[LINES][256];
    uint32_t severities[LINES];
} told;

static void on_log(void *context, uint32_t severity, const char *text)
{
    (void)context;
    AcquireSRWLockExclusive(&told.lock);
    if (told.count < LINES) {
        told.severities[told.count] = severity;
        snprintf(told.lines[told.count++], sizeof(told.lines[0]), "%s", text);
    }
    ReleaseSRWLockExclusive(&told.lock);
}

/* How many lines of that severity begin so. */
static unsigned lines_with(uint32_t severity, const char *begin)
{
    unsigned found = 0;

    AcquireSRWLockShared(&told.lock);
    for (size_t i = 0; i < told.count; i++)
        found +=
            told.severities[i] == severity && strncmp(told.lines[i], begin, strlen(begin)) == 0;
    ReleaseSRWLockShared(&told.lock);
    return found;
}

static unsigned lines_of(uint32_t severity)
{
    return lines_with(severity, "");
}

static void on_receive(void *context, const struct datagram *datagram)
{
    (void)context, (void)datagram;
}

static bool on_second(void *context)
{
    (void)context;
    return false;
}

static void on_all_held(void *context, uint32_t threads, uint32_t waiting)
{
    (void)context, (void)threads, (void)waiting;
}

static void on_send_failed(void *context, const struct net_outgoing *reply, pxe_status status)
{
    (void)context, (void)reply, (void)status;
}

static void address_add(uint32_t index, const char *bytes, uint8_t length, uint8_t prefix)
{
    struct interface_address address = {
        .interface_index = index, .is_up = true, .prefix_length = prefix};

    memcpy(address.address.address, bytes, length);
    address.address.length = length;
    fake.addresses[fake.address_count++] = address;
}

/* 10.0.INDEX.1 */
static void interface_add_ipv4(uint32_t index)
{
    const char ipv4[4] = {10, 0, (char)index, 1};

    AcquireSRWLockExclusive(&fake.lock);
    address_add(index, ipv4, 4, 24);
    ReleaseSRWLockExclusive(&fake.lock);
}

/* The same, and fe80::INDEX */
static void interface_add(uint32_t index)
{
    const char ipv6[16] = {(char)0xfe, (char)0x80, [15] = (char)index};

    interface_add_ipv4(index);
    AcquireSRWLockExclusive(&fake.lock);
    address_add(index, ipv6, 16, 64);
    ReleaseSRWLockExclusive(&fake.lock);
}

/* Until so many sockets are open, while the follower goes its own ways. */
static void wait_open_ipv4(unsigned wanted)
{
    unsigned found = 0;

    for (int i = 0; i < PATIENCE / PAUSE && found != wanted; i++) {
        Sleep(PAUSE);
        AcquireSRWLockShared(&fake.lock);
        found = fake.open[0];
        ReleaseSRWLockShared(&fake.lock);
    }
    assert_int_equal(found, wanted);
}

/* Until the follower waits for news. */
static void follower_settle(void)
{
    assert_int_equal(WaitForSingleObject(watch->asked, PATIENCE), WAIT_OBJECT_0);
}

/* The follower hears of a change, or that its time is up; it has done what there is to do. */
static void follower_hears(enum net_news news)
{
    watch->news = news;
    SetEvent(watch->told);
    follower_settle();
}

static void time_passes(unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        follower_hears(NET_NEWS_NONE);
}

static void server_open(enum net_choice choice)
{
    const struct net_config config = {
        .choice = choice,
        .dhcp_port = DHCP,
        .boot_server_port = BOOT,
        .dhcp6_port = DHCP6,
        .with_ipv6 = true,
        .rules = rules,
    };
    const struct net_events events = {
        .receive = on_receive,
        .second = on_second,
        .all_held = on_all_held,
        .log = on_log,
        .send_failed = on_send_failed,
        .dropped = &dropped,
    };

    assert_int_equal(net_open(&config, &events, &net), PXE_OK);
    assert_int_equal(net_start(net), PXE_OK);
    if (watch != NULL)
        follower_settle();
}

static int set_up(void **state)
{
    (void)state;
    memset(&fake, 0, sizeof(fake));
    memset(&told, 0, sizeof(told));
    watch = NULL;
    rules = (struct bind_rules){BIND_EXCLUDE, {0, NULL}};
    interface_add(2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    if (watch != NULL)
        assert_in_range(watch->longest, 1, BOUNDED);
    net_close(net, PATIENCE);
    assert_int_equal(fake.open[0], 0);
    assert_int_equal(fake.open[1], 0);
    return 0;
}

/* ---- tests ---- */

static void a_taken_port_is_tried_until_it_is_free(void **state)
{
    (void)state;
    server_open(NET_BEST);
    assert_int_equal(fake.open[0], 2);
    fake.refused4[0] = IN_USE;
    interface_add(3);
    follower_hears(NET_NEWS_CHANGE);
    assert_int_equal(fake.open[0], 3);
    assert_int_equal(fake.attempts[0], 4);

    time_passes(3);
    assert_int_equal(fake.attempts[0], 7);
    fake.refused4[0] = 0;
    time_passes(1);
    assert_int_equal(fake.open[0], 4);
    assert_int_equal(lines_with(LOG_WARNING, "cannot listen on 10.0.3.1:67: error 10048"), 1);
    assert_int_equal(lines_with(LOG_WARNING, "listening on 10.0.3.1:67"), 1);
    assert_int_equal(lines_of(LOG_WARNING), 2);

    time_passes(3); /* nothing is missing: nothing is done */
    assert_int_equal(fake.attempts[0], 8);
}

static void what_it_does_not_know_is_told_anew(void **state)
{
    (void)state;
    server_open(NET_BEST);
    fake.refused4[1] = IN_USE;
    interface_add(3);
    follower_hears(NET_NEWS_CHANGE);
    fake.refused4[1] = DENIED;
    time_passes(2);
    assert_int_equal(lines_with(LOG_WARNING, "cannot listen on 10.0.3.1:4011: error 10048"), 1);
    assert_int_equal(lines_with(LOG_WARNING, "cannot listen on 10.0.3.1:4011: error 10013"), 1);
}

static void ipv6_that_never_works_is_told_once(void **state)
{
    (void)state;
    fake.refused6[1] = fake.refused6[2] = NO_FAMILY;
    server_open(NET_BEST);
    time_passes(20);
    interface_add(3);
    follower_hears(NET_NEWS_CHANGE);
    time_passes(20);
    assert_int_equal(lines_of(LOG_WARNING), 2); /* two ports */
    assert_int_equal(fake.open[0], 4);
    assert_int_equal(fake.attempts[0], 4); /* IPv4 is not touched */
    assert_int_equal(fake.joins[1], 0);

    fake.refused6[1] = fake.refused6[2] = 0;
    time_passes(1);
    assert_int_equal(fake.open[1], 2);
    assert_int_equal(fake.joins[1], 6); /* two groups and one, on both interfaces */
    assert_int_equal(lines_with(LOG_WARNING, "listening on [::]:547"), 1);
    assert_int_equal(lines_of(LOG_WARNING), 4);
    time_passes(3);
    assert_int_equal(fake.attempts[1], 2 * 43);
}

static void a_machine_without_ipv6_is_not_asked(void **state)
{
    (void)state;
    fake.address_count = 1;
    server_open(NET_BEST);
    time_passes(3);
    assert_int_equal(fake.attempts[1], 0);
    assert_int_equal(lines_of(LOG_WARNING), 0);
}

/* Rules that leave interface 3. */
static struct bind_rules only_the_third(void)
{
    static struct rule third = {SUBJECT_IP, 4, {10, 0, 3, 1}, 0};

    return (struct bind_rules){BIND_INCLUDE, {1, &third}};
}

/* The settings watch's thread tries first; who goes on is the follower. */
static void after_new_rules_as_well(void **state)
{
    struct bind_rules other = only_the_third();

    (void)state;
    interface_add(3);
    server_open(NET_BEST);
    assert_int_equal(fake.open[0], 4);
    net_rebind(net, &other);
    assert_int_equal(fake.open[0], 2);
    fake.refused4[0] = IN_USE;
    net_rebind(net, &rules);
    assert_int_equal(fake.open[0], 3);
    fake.refused4[0] = 0;
    time_passes(1);
    assert_int_equal(fake.open[0], 4);
    assert_int_equal(lines_with(LOG_WARNING, "cannot listen on 10.0.2.1:67"), 1);
}

/* The caller may do with his struct what he likes; the list stays. */
static void rules_are_copied(void **state)
{
    struct bind_rules other = only_the_third();

    (void)state;
    interface_add(3);
    server_open(NET_BEST);
    net_rebind(net, &other);
    assert_int_equal(fake.open[0], 2);
    other = rules; /* everything */
    interface_add(4);
    follower_hears(NET_NEWS_CHANGE);
    assert_int_equal(fake.open[0], 2);
    assert_int_equal(lines_with(LOG_INFO, "no longer listening on 10.0.3.1:67"), 0);
}

/* More sockets than a crew has threads: those that nobody would receive from are not open. */
static void without_a_thread_it_is_not_open(void **state)
{
    enum { INTERFACES = 64, IPV6 = 2, LEFT_OUT = 2 * INTERFACES + IPV6 - THREADS_MAX };

    (void)state;
    server_open(NET_BEST);
    for (uint32_t i = 1; i < INTERFACES; i++)
        interface_add_ipv4(2 + i);
    follower_hears(NET_NEWS_CHANGE);
    assert_int_equal(fake.open[0] + fake.open[1], THREADS_MAX);
    time_passes(3);
    assert_int_equal(fake.open[0] + fake.open[1], THREADS_MAX);
    assert_int_equal(fake.attempts[0], 2 * INTERFACES + 3 * LEFT_OUT);
    assert_int_equal(lines_with(LOG_WARNING, "cannot listen on 10.0.65.1:67: error 8"), 1);
    assert_int_equal(lines_of(LOG_WARNING), LEFT_OUT);

    fake.addresses[2] = fake.addresses[--fake.address_count]; /* the third interface goes */
    follower_hears(NET_NEWS_CHANGE);
    /* Its threads may need a moment. */
    for (int i = 0; i < PATIENCE / PAUSE && lines_of(LOG_WARNING) < 2 * LEFT_OUT; i++) {
        Sleep(PAUSE);
        time_passes(1);
    }
    assert_int_equal(lines_with(LOG_WARNING, "listening on 10.0.65.1:67"), 1);
    assert_int_equal(lines_with(LOG_WARNING, "listening on 10.0.65.1:4011"), 1);
    assert_int_equal(lines_of(LOG_WARNING), 2 * LEFT_OUT);
    assert_int_equal(fake.open[0] + fake.open[1], THREADS_MAX);
}

/* It cannot be told of changes: it looks at its interval, which is real time here. */
static void without_a_watch_it_is_looked_for(void **state)
{
    (void)state;
    fake.watch_error = NO_MEMORY;
    server_open(NET_BEST);
    assert_int_equal(lines_with(LOG_WARNING, "changes of interfaces are noticed every 15 seconds"),
                     1);
    assert_int_equal(lines_of(LOG_WARNING), 1);
    interface_add(3);
    wait_open_ipv4(4);
}

static void what_has_gone_is_not_tried(void **state)
{
    (void)state;
    server_open(NET_BEST);
    fake.refused4[0] = IN_USE;
    interface_add(3);
    follower_hears(NET_NEWS_CHANGE);
    assert_int_equal(fake.attempts[0], 4);
    fake.address_count = 2; /* the third interface is gone */
    follower_hears(NET_NEWS_CHANGE);
    time_passes(3);
    assert_int_equal(fake.attempts[0], 4);
    assert_int_equal(lines_with(LOG_INFO, "no longer listening on 10.0.3.1:4011"), 1);
    assert_int_equal(lines_with(LOG_INFO, "no longer listening on 10.0.3.1:67"), 0);

    interface_add(3); /* another one: it is told again */
    follower_hears(NET_NEWS_CHANGE);
    assert_int_equal(lines_with(LOG_WARNING, "cannot listen on 10.0.3.1:67"), 2);
}

static void interfaces_that_could_not_be_read_are_read_again(void **state)
{
    (void)state;
    server_open(NET_BEST);
    interface_add(3);
    fake.addresses_error = 8;
    follower_hears(NET_NEWS_CHANGE);
    assert_int_equal(fake.open[0], 2);
    fake.addresses_error = 0;
    time_passes(1);
    assert_int_equal(fake.open[0], 4);
}

/* Wine tells of IPv4 addresses only: without news, the follower looks. */
static void winsock_is_looked_at_without_news(void **state)
{
    (void)state;
    server_open(NET_ONLY_WINSOCK);
    interface_add(3);
    time_passes(1);
    assert_int_equal(fake.open[0], 4);
    fake.refused4[1] = IN_USE;
    interface_add(4);
    time_passes(3);
    assert_int_equal(fake.open[0], 5);
    assert_int_equal(lines_of(LOG_WARNING), 1);
    fake.refused4[1] = 0;
    time_passes(1);
    assert_int_equal(fake.open[0], 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_taken_port_is_tried_until_it_is_free, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_it_does_not_know_is_told_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ipv6_that_never_works_is_told_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_machine_without_ipv6_is_not_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(after_new_rules_as_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rules_are_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_thread_it_is_not_open, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_watch_it_is_looked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_has_gone_is_not_tried, set_up, tear_down),
        cmocka_unit_test_setup_teardown(interfaces_that_could_not_be_read_are_read_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(winsock_is_looked_at_without_news, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
