#include "wdsbp/session.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/wire.h"
#include "wdsbp/option.h"

enum { NEXT_ACTION = 0x00020201, NBP_VER = 0x000d0202, MESSAGE = 0x00060205 };

static const uint8_t request[] = {WIRE_HEADER, 0xfa, 5, 13, 2, 8, 0, 255, WIRE_END};
static const uint8_t request6[] = {1, 0, 0, 1, 0xc3, 0x51, 0, 1, 5};

static struct wdsbp_sessions sessions;
static size_t outstanding_before;

static int set_up(void **state)
{
    (void)state;
    memset(&sessions, 0, sizeof(sessions));
    mutex_init(&sessions.lock);
    outstanding_before = mem_outstanding();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    mem_fail_after(-1);
    mutex_destroy(&sessions.lock);
    return mem_outstanding() == outstanding_before && sessions.first == NULL ? 0 : -1;
}

static uintptr_t open_packet(void)
{
    uintptr_t handle = 0;
    uint8_t types = 0;

    assert_int_equal(wdsbp_session_parse(&sessions, FAMILY_DHCP4, request, sizeof(request), &types,
                                         &handle),
                     PXE_OK);
    assert_int_equal(types, PACKET_DHCP);
    return handle;
}

static uintptr_t open_build(void)
{
    uintptr_t handle = 0;

    assert_int_equal(wdsbp_session_build(&sessions, PACKET_NBP, &handle), PXE_OK);
    return handle;
}

static pxe_status query(uintptr_t handle)
{
    uint16_t value = 0;
    size_t length = 0;
    pxe_status status =
        wdsbp_session_query(&sessions, handle, NBP_VER, (uint8_t *)&value, sizeof(value), &length);

    if (status == PXE_OK && (value != 0x0800 || length != 2))
        return PXE_INVALID_STATE;
    return status;
}

static pxe_status add(uintptr_t handle)
{
    return wdsbp_session_add(&sessions, handle, NEXT_ACTION, (const uint8_t *)"\x05", 1);
}

static pxe_status get(uintptr_t handle)
{
    uint8_t buffer[257];
    size_t length;

    return wdsbp_session_get(&sessions, handle, buffer, sizeof(buffer), &length);
}

static void expect_dead(uintptr_t handle)
{
    assert_int_equal(query(handle), PXE_INVALID_HANDLE);
    assert_int_equal(add(handle), PXE_INVALID_HANDLE);
    assert_int_equal(get(handle), PXE_INVALID_HANDLE);
    assert_int_equal(wdsbp_session_close(&sessions, handle), PXE_INVALID_HANDLE);
}

static void test_each_kind_has_its_functions(void **state)
{
    uintptr_t packet = open_packet();
    uintptr_t build = open_build();
    uint8_t buffer[16];
    size_t length;

    (void)state;
    assert_int_equal(query(packet), PXE_OK);
    assert_int_equal(add(packet), PXE_INVALID_HANDLE);
    assert_int_equal(get(packet), PXE_INVALID_HANDLE);
    assert_int_equal(query(build), PXE_INVALID_HANDLE);
    assert_int_equal(add(build), PXE_OK);
    assert_int_equal(wdsbp_session_get(&sessions, build, buffer, sizeof(buffer), &length), PXE_OK);
    assert_int_equal(length, 6);
    assert_memory_equal(buffer, "\xfa\x04\x02\x01\x05\xff", 6);
    assert_int_equal(wdsbp_session_close(&sessions, packet), PXE_OK);
    assert_int_equal(wdsbp_session_close(&sessions, build), PXE_OK);
    expect_dead(packet);
    expect_dead(build);
}

static void test_dhcpv6_packet(void **state)
{
    uintptr_t handle = 0;
    uint8_t types = 0;
    uint8_t value = 0;
    size_t length = 0;

    (void)state;
    assert_int_equal(wdsbp_session_parse(&sessions, FAMILY_DHCP6, request6, sizeof(request6),
                                         &types, &handle),
                     PXE_OK);
    assert_int_equal(types, PACKET_DHCPV6 | PACKET_NBP);
    assert_int_equal(wdsbp_session_query(&sessions, handle, 0xc3510801, &value, 1, &length),
                     PXE_OK);
    assert_int_equal(value, 5);
    assert_int_equal(wdsbp_session_close(&sessions, handle), PXE_OK);
}

static void test_made_up_handles(void **state)
{
    uintptr_t packet = open_packet();
    uintptr_t build = open_build();
    const uintptr_t made_up[] = {0,
                                 1,
                                 2,
                                 3,
                                 4,
                                 UINTPTR_MAX,
                                 UINTPTR_MAX - 1,
                                 (uintptr_t)&made_up,
                                 (uintptr_t)sessions.first, /* what they would be as pointers */
                                 packet ^ 3,                /* the same numbers as the other kind */
                                 build ^ 3,
                                 packet + 8,
                                 build - 4,
                                 packet & UINT16_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(made_up) / sizeof(made_up[0]); i++)
        expect_dead(made_up[i]);
    assert_int_equal(packet & 3, 1);
    assert_int_equal(build & 3, 2);
    assert_int_equal(wdsbp_session_close(&sessions, packet), PXE_OK);
    assert_int_equal(wdsbp_session_close(&sessions, build), PXE_OK);
}

/* A number is not given out again soon, however the memory is reused. */
static void test_closed_handles_stay_dead(void **state)
{
    enum { COUNT = 300 };
    uintptr_t closed[COUNT];
    uintptr_t kept = open_packet();

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        closed[i] = i % 2 ? open_packet() : open_build();
        assert_int_equal(wdsbp_session_close(&sessions, closed[i]), PXE_OK);
    }
    uintptr_t last = open_packet();
    for (size_t i = 0; i < COUNT; i++)
        expect_dead(closed[i]);
    assert_int_equal(query(kept), PXE_OK);
    assert_int_equal(query(last), PXE_OK);
    assert_int_equal(wdsbp_session_close(&sessions, kept), PXE_OK);
    assert_int_equal(wdsbp_session_close(&sessions, last), PXE_OK);
}

/* After the last number the first one follows, without one that is still open. */
static void test_numbers_wrap_around(void **state)
{
    uintptr_t early = open_packet();

    (void)state;
    sessions.last_number = (UINTPTR_MAX >> 2) - 1;
    uintptr_t last = open_packet();
    uintptr_t next = open_packet();
    assert_int_equal(sessions.last_number, 0);

    assert_int_not_equal(next, early);
    assert_int_not_equal(next, last);
    assert_int_equal(query(early), PXE_OK);
    assert_int_equal(query(last), PXE_OK);
    assert_int_equal(query(next), PXE_OK);
    assert_int_equal(wdsbp_session_close(&sessions, early), PXE_OK);
    assert_int_equal(wdsbp_session_close(&sessions, last), PXE_OK);
    assert_int_equal(wdsbp_session_close(&sessions, next), PXE_OK);
}

static void test_failure_leaves_nothing(void **state)
{
    static const uint8_t short_packet[239] = {1};
    uint8_t types = 77;
    uintptr_t handle = 88;

    (void)state;
    assert_int_equal(wdsbp_session_parse(&sessions, FAMILY_DHCP4, short_packet,
                                         sizeof(short_packet), &types, &handle),
                     PXE_INVALID_DATA);
    assert_int_equal(wdsbp_session_parse(&sessions, FAMILY_DHCP6, NULL, 0, &types, &handle),
                     PXE_INVALID_DATA);
    assert_int_equal(wdsbp_session_parse(&sessions, FAMILY_DHCP4, request, SIZE_MAX, &types,
                                         &handle),
                     PXE_INVALID_DATA); /* not read, and no memory asked for */
    assert_int_equal(wdsbp_session_build(&sessions, PACKET_DHCP, &handle), PXE_INVALID_PARAMETER);
    mem_fail_after(1);
    assert_int_equal(wdsbp_session_parse(&sessions, FAMILY_DHCP4, request, sizeof(request), &types,
                                         &handle),
                     PXE_NOT_ENOUGH_MEMORY);
    mem_fail_after(1);
    assert_int_equal(wdsbp_session_build(&sessions, PACKET_DHCPV6, &handle), PXE_NOT_ENOUGH_MEMORY);
    assert_int_equal(types, 77);
    assert_int_equal(handle, 88);
    assert_null(sessions.first);
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 2000 };

struct shared {
    uintptr_t packet;
    uintptr_t build;
};

static void *work(void *argument)
{
    const struct shared *shared = (const struct shared *)argument;
    uintptr_t errors = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        char text[64];
        uint8_t buffer[257];
        size_t length;
        uintptr_t own;
        uint8_t types;

        /* handles of its own */
        errors += wdsbp_session_parse(&sessions, FAMILY_DHCP4, request, sizeof(request), &types,
                                      &own) != PXE_OK;
        errors += query(own) != PXE_OK;
        errors += wdsbp_session_close(&sessions, own) != PXE_OK;
        errors += query(own) != PXE_INVALID_HANDLE;
        /* handles that all share: every state that is read must be a whole one */
        errors += query(shared->packet) != PXE_OK;
        memset(text, 'x', sizeof(text));
        errors += wdsbp_session_add(&sessions, shared->build, MESSAGE, (const uint8_t *)text,
                                    i % sizeof(text)) != PXE_OK;
        errors +=
            wdsbp_session_get(&sessions, shared->build, buffer, sizeof(buffer), &length) != PXE_OK;
        errors += length < 6 || length != buffer[1] + (size_t)2 ||
                  buffer[3] != (uint8_t)(length - 5) || buffer[length - 2] != 0 ||
                  buffer[length - 1] != 0xff;
    }
    return (void *)errors;
}

static void test_threads(void **state)
{
    struct shared shared = {open_packet(), open_build()};
    pthread_t threads[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &shared), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *errors;

        assert_int_equal(pthread_join(threads[i], &errors), 0);
        assert_null(errors);
    }
    assert_int_equal(wdsbp_session_close(&sessions, shared.packet), PXE_OK);
    assert_int_equal(wdsbp_session_close(&sessions, shared.build), PXE_OK);
}

/* Uses handles until they are closed under its hands. */
static void *use_until_closed(void *argument)
{
    const struct shared *shared = (const struct shared *)argument;
    pxe_status status[3];

    do {
        status[0] = query(shared->packet);
        status[1] = add(shared->build);
        status[2] = get(shared->build);
        for (size_t i = 0; i < 3; i++)
            if (status[i] != PXE_OK && status[i] != PXE_INVALID_HANDLE)
                return argument;
    } while (status[0] == PXE_OK || status[2] == PXE_OK);
    return NULL;
}

static void test_close_while_in_use(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 100; round++) {
        struct shared shared = {open_packet(), open_build()};
        pthread_t threads[THREADS];

        for (size_t i = 0; i < THREADS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, use_until_closed, &shared), 0);
        assert_int_equal(wdsbp_session_close(&sessions, shared.packet), PXE_OK);
        assert_int_equal(wdsbp_session_close(&sessions, shared.build), PXE_OK);
        for (size_t i = 0; i < THREADS; i++) {
            void *error;

            assert_int_equal(pthread_join(threads[i], &error), 0);
            assert_null(error);
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_kind_has_its_functions),
        TEST(test_dhcpv6_packet),
        TEST(test_made_up_handles),
        TEST(test_closed_handles_stay_dead),
        TEST(test_numbers_wrap_around),
        TEST(test_failure_leaves_nothing),
        TEST(test_threads),
        TEST(test_close_while_in_use),
    };

    return cmocka_run_group_tests_name("wdsbp_session", tests, NULL, NULL);
}
