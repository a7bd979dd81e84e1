/* Where datagrams wait: order, bound, what is dropped first, and what a slot costs. */
#include "net/intake.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "support/wire.h"
#include "support/wire6.h"

enum { LIMIT = 8, SPARE = 4 };

static struct intake *intake;
static struct intake_counters counters;

static int set_up(void **state)
{
    (void)state;
    atomic_store(&counters.dropped_repeats, 0);
    atomic_store(&counters.dropped_others, 0);
    intake = intake_create(LIMIT, SPARE, &counters);
    return intake == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    intake_destroy(intake);
    assert_int_equal(mem_outstanding(), 0);
    return 0;
}

#define INTAKE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

/* NULL: there is none to be had. */
static struct intake_slot *reserve(void)
{
    struct intake_slot *slot;
    return intake_reserve_batch(intake, &slot, 1) == 1 ? slot : NULL;
}

/* A slot with a datagram in it. */
static struct intake_slot *slot_with(const uint8_t *bytes, size_t length, uint8_t address_length)
{
    struct intake_slot *slot = reserve();

    assert_non_null(slot);
    slot->datagram = (struct datagram){.remote = {.length = address_length}};
    memcpy(slot->bytes, bytes, length);
    assert_true(intake_slot_fill(slot, length, NULL));
    return slot;
}

static void put(struct intake_slot *slot)
{
    intake_put(intake, &slot, 1);
}

/* Puts a request of the client with this number, transaction and message type. */
static void put_request(uint8_t client, uint8_t transaction, uint8_t type)
{
    uint8_t packet[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(type), WIRE_END};

    packet[4] = transaction;
    packet[33] = client;
    put(slot_with(packet, sizeof(packet), 4));
}

/* What the oldest waiting datagram is: client, transaction. */
static void expect_request(uint8_t client, uint8_t transaction)
{
    struct intake_slot *slot = intake_take(intake);

    assert_non_null(slot);
    assert_int_equal(slot->datagram.bytes[33], client);
    assert_int_equal(slot->datagram.bytes[4], transaction);
    intake_release(intake, slot);
}

static uint64_t dropped_repeats(void)
{
    return atomic_load(&counters.dropped_repeats);
}

static uint64_t dropped_others(void)
{
    return atomic_load(&counters.dropped_others);
}

/* ---- order and bound ---- */

static void first_in_first_out(void **state)
{
    (void)state;
    assert_null(intake_take(intake));
    assert_int_equal(intake_waiting(intake), 0);
    for (uint8_t i = 0; i < LIMIT; i++)
        put_request(i, 1, 1);
    assert_int_equal(intake_waiting(intake), LIMIT);
    for (uint8_t i = 0; i < LIMIT; i++)
        expect_request(i, 1);
    assert_null(intake_take(intake));
    assert_int_equal(dropped_repeats() + dropped_others(), 0);
}

static void several_at_once_keep_their_order(void **state)
{
    uint8_t packet[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_END};
    struct intake_slot *slots[3];

    (void)state;
    for (uint8_t i = 0; i < 3; i++) {
        packet[33] = i;
        slots[i] = slot_with(packet, sizeof(packet), 4);
    }
    intake_put(intake, slots, 3);
    for (uint8_t i = 0; i < 3; i++)
        expect_request(i, 0xde);
}

static void several_are_taken_at_once(void **state)
{
    struct intake_slot *slots[LIMIT + 1];

    (void)state;
    for (uint8_t i = 0; i < LIMIT; i++)
        put_request(i, 1, 1);
    assert_int_equal(intake_take_batch(intake, slots, 2), 2);
    assert_int_equal(intake_waiting(intake), LIMIT - 2);
    assert_int_equal(intake_take_batch(intake, slots + 2, LIMIT), LIMIT - 2);
    assert_int_equal(intake_take_batch(intake, slots, 1), 0);
    for (uint8_t i = 0; i < LIMIT; i++) {
        assert_int_equal(slots[i]->datagram.bytes[33], i);
        intake_release(intake, slots[i]);
    }
}

static void without_repeats_the_oldest_goes(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < LIMIT + 3; i++)
        put_request(i, 1, 1);
    assert_int_equal(dropped_others(), 3);
    assert_int_equal(dropped_repeats(), 0);
    for (uint8_t i = 3; i < LIMIT + 3; i++)
        expect_request(i, 1);
    assert_null(intake_take(intake));
}

/* ---- repeats ---- */

static void an_older_copy_goes_before_anything_older(void **state)
{
    (void)state;
    put_request(100, 1, 1); /* the oldest, but nobody sent it again */
    put_request(101, 1, 1); /* sent again below */
    for (uint8_t i = 0; i < LIMIT - 3; i++)
        put_request(i, 1, 1);
    put_request(101, 1, 1);
    assert_int_equal(dropped_repeats() + dropped_others(), 0); /* not before it is full */
    put_request(102, 1, 1);
    assert_int_equal(dropped_repeats(), 1);
    put_request(103, 1, 1);
    assert_int_equal(dropped_others(), 1); /* there was no other repeat: now it was 100 */
    for (uint8_t i = 0; i < LIMIT - 3; i++)
        expect_request(i, 1);
    expect_request(101, 1);
    expect_request(102, 1);
    expect_request(103, 1);
    assert_null(intake_take(intake));
}

static void each_copy_makes_the_one_before_a_repeat(void **state)
{
    (void)state;
    for (int i = 0; i < LIMIT; i++)
        put_request(1, 1, 1);
    for (int i = 0; i < LIMIT - 1; i++)
        put_request(2, (uint8_t)i, 1);
    assert_int_equal(dropped_repeats(), LIMIT - 1);
    assert_int_equal(dropped_others(), 0);
    expect_request(1, 1); /* its last copy */
    for (int i = 0; i < LIMIT - 1; i++)
        expect_request(2, (uint8_t)i);
}

/* A copy that comes while the queue is full takes the place of its own older one. */
static void a_repeat_at_a_full_queue(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < LIMIT; i++)
        put_request(i, 1, 1);
    put_request(5, 1, 1);
    put_request(0, 1, 1);
    assert_int_equal(dropped_repeats(), 2);
    for (uint8_t i = 1; i < LIMIT; i++)
        if (i != 5)
            expect_request(i, 1);
    expect_request(5, 1);
    expect_request(0, 1);
}

/* Fills up with others; were it a copy of `packet`, the first would be dropped as a repeat. */
static void expect_no_copy(const uint8_t *first, size_t first_length, const uint8_t *second,
                           size_t second_length, uint8_t address_length)
{
    uint64_t before = dropped_repeats();

    put(slot_with(first, first_length, address_length));
    put(slot_with(second, second_length, address_length));
    for (uint8_t i = 0; i < LIMIT - 1; i++)
        put_request(i, 77, 1);
    assert_int_equal(dropped_repeats(), before);
    for (struct intake_slot *slot; (slot = intake_take(intake)) != NULL;)
        intake_release(intake, slot);
}

static void expect_copy(const uint8_t *first, size_t first_length, const uint8_t *second,
                        size_t second_length, uint8_t address_length)
{
    uint64_t before = dropped_repeats();

    put(slot_with(first, first_length, address_length));
    put(slot_with(second, second_length, address_length));
    for (uint8_t i = 0; i < LIMIT - 1; i++)
        put_request(i, 77, 1);
    assert_int_equal(dropped_repeats(), before + 1);
    for (struct intake_slot *slot; (slot = intake_take(intake)) != NULL;)
        intake_release(intake, slot);
}

static void client_transaction_and_type_make_a_copy(void **state)
{
    const uint8_t discover[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_END};
    const uint8_t request[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(3), WIRE_END};
    const uint8_t no_type[] = {WIRE_HEADER, WIRE_END};
    uint8_t other[sizeof(discover)];

    (void)state;
    memcpy(other, discover, sizeof(other));
    other[8] = 4; /* secs: it counts them while it sends again */
    other[3] = 1; /* hops */
    expect_copy(discover, sizeof(discover), other, sizeof(other), 4);
    memcpy(other, discover, sizeof(other));
    other[7]++; /* xid */
    expect_no_copy(discover, sizeof(discover), other, sizeof(other), 4);
    memcpy(other, discover, sizeof(other));
    other[28 + 15]++; /* chaddr, its last byte */
    expect_no_copy(discover, sizeof(discover), other, sizeof(other), 4);
    expect_no_copy(discover, sizeof(discover), request, sizeof(request), 4);
    expect_no_copy(no_type, sizeof(no_type), no_type, sizeof(no_type), 4);
    expect_no_copy(discover, 100, discover, 100, 4); /* no DHCP at all */
}

static void the_boot_server_port_is_another_request(void **state)
{
    const uint8_t packet[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(3), WIRE_END};
    struct intake_slot *slot = slot_with(packet, sizeof(packet), 4);

    (void)state;
    put(slot_with(packet, sizeof(packet), 4));
    slot->datagram.boot_server_port = true;
    put(slot);
    for (uint8_t i = 0; i < LIMIT - 1; i++)
        put_request(i, 77, 1);
    assert_int_equal(dropped_repeats(), 0);
}

static void dhcpv6_is_told_by_duid_transaction_and_type(void **state)
{
    const uint8_t solicit[] = {WIRE6_OVMF_SOLICIT};
    const uint8_t request[] = {WIRE6_OVMF_REQUEST};
    const uint8_t relayed[] = {WIRE6_RELAYED_SOLICIT};
    const uint8_t no_duid[] = {WIRE6_HEADER(1), WIRE6_ELAPSED_TIME};
    uint8_t other[sizeof(relayed)];

    (void)state;
    expect_copy(solicit, sizeof(solicit), solicit, sizeof(solicit), 16);
    expect_no_copy(solicit, sizeof(solicit), request, sizeof(request), 16);
    expect_no_copy(no_duid, sizeof(no_duid), no_duid, sizeof(no_duid), 16);
    memcpy(other, solicit, sizeof(solicit));
    other[3]++; /* transaction id */
    expect_no_copy(solicit, sizeof(solicit), other, sizeof(solicit), 16);
    memcpy(other, solicit, sizeof(solicit));
    other[25]++; /* the DUID's last byte */
    expect_no_copy(solicit, sizeof(solicit), other, sizeof(solicit), 16);
    memcpy(other, relayed, sizeof(relayed));
    other[1]++; /* through one more relay: the client's own message counts */
    expect_copy(relayed, sizeof(relayed), other, sizeof(relayed), 16);
    expect_no_copy(solicit, sizeof(solicit), relayed, sizeof(relayed), 16);
}

/* Once it has been empty, what waited before is no copy of anything. */
static void nothing_is_remembered(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (uint8_t i = 0; i < LIMIT + 1; i++)
            put_request(i, 1, 1);
        for (uint8_t i = 1; i < LIMIT + 1; i++)
            expect_request(i, 1);
    }
    assert_int_equal(dropped_others(), 3);
    assert_int_equal(dropped_repeats(), 0);
}

/* ---- slots ---- */

static void slots_are_bounded(void **state)
{
    struct intake_slot *held[LIMIT + SPARE];

    (void)state;
    for (size_t i = 0; i < LIMIT + SPARE; i++) {
        held[i] = reserve();
        assert_non_null(held[i]);
    }
    assert_null(reserve());
    intake_release(intake, held[0]);
    held[0] = reserve();
    assert_non_null(held[0]);
    for (size_t i = 0; i < LIMIT + SPARE; i++)
        intake_release(intake, held[i]);
}

static void the_oldest_gives_its_slot_up(void **state)
{
    struct intake_slot *held[SPARE + 1];

    (void)state;
    for (uint8_t i = 0; i < LIMIT; i++)
        put_request(i, 1, 1);
    for (size_t i = 0; i < SPARE + 1; i++) {
        held[i] = reserve();
        assert_non_null(held[i]);
    }
    assert_int_equal(dropped_others(), 1);
    expect_request(1, 1);
    for (size_t i = 0; i < SPARE + 1; i++)
        intake_release(intake, held[i]);
}

static void a_slot_holds_a_long_datagram(void **state)
{
    static uint8_t rest[60000];
    struct intake_slot *slot = reserve();

    (void)state;
    memset(slot->bytes, 1, INTAKE_SLOT_SIZE);
    memset(rest, 2, sizeof(rest));
    assert_true(intake_slot_fill(slot, INTAKE_SLOT_SIZE + sizeof(rest), rest));
    assert_int_equal(slot->datagram.length, INTAKE_SLOT_SIZE + sizeof(rest));
    assert_int_equal(slot->datagram.bytes[INTAKE_SLOT_SIZE - 1], 1);
    assert_int_equal(slot->datagram.bytes[INTAKE_SLOT_SIZE], 2);
    assert_int_equal(slot->datagram.bytes[INTAKE_SLOT_SIZE + sizeof(rest) - 1], 2);
    assert_true(intake_slot_fill(slot, 5, NULL)); /* filled anew without being given back */
    assert_ptr_equal(slot->datagram.bytes, slot->bytes);
    assert_true(intake_slot_fill(slot, INTAKE_SLOT_SIZE + 1, rest));
    mem_fail_after(1);
    assert_false(intake_slot_fill(slot, INTAKE_SLOT_SIZE + 1, rest));
    mem_fail_after(-1);
    intake_release(intake, slot);
}

static void no_memory(void **state)
{
    (void)state;
    mem_fail_after(1);
    assert_null(intake_create(LIMIT, SPARE, &counters));
    mem_fail_after(1);
    assert_null(reserve());
    mem_fail_after(-1);
    struct intake_slot *slot = reserve();
    assert_non_null(slot);
    intake_release(intake, slot);
    intake_destroy(NULL);
}

/* ---- many threads ---- */

enum { PRODUCERS = 2, CONSUMERS = 2, EACH = 20000 };

static _Atomic uint32_t taken, producing;

static void *produce(void *argument)
{
    uint8_t packet[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(1), WIRE_END};

    packet[28] = *(uint8_t *)argument;
    for (uint32_t i = 0; i < EACH; i++) {
        memcpy(packet + 32, &(uint16_t){(uint16_t)(i / 2)}, 2); /* each of them twice */
        put(slot_with(packet, sizeof(packet), 4));
    }
    atomic_fetch_sub(&producing, 1);
    return NULL;
}

static void *consume(void *argument)
{
    struct intake_slot *slot = NULL;

    (void)argument;
    while (atomic_load(&producing) > 0 || intake_waiting(intake) > 0) {
        slot = intake_take(intake);
        if (slot == NULL)
            continue;
        atomic_fetch_add(&taken, 1);
        intake_release(intake, slot);
    }
    return NULL;
}

static void nothing_is_lost_between_threads(void **state)
{
    pthread_t threads[PRODUCERS + CONSUMERS];
    uint8_t numbers[PRODUCERS] = {1, 2};

    (void)state;
    atomic_store(&taken, 0);
    atomic_store(&producing, PRODUCERS);
    for (int i = 0; i < PRODUCERS; i++)
        pthread_create(&threads[i], NULL, produce, &numbers[i]);
    for (int i = 0; i < CONSUMERS; i++)
        pthread_create(&threads[PRODUCERS + i], NULL, consume, NULL);
    for (int i = 0; i < PRODUCERS + CONSUMERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&taken) + dropped_repeats() + dropped_others(), PRODUCERS * EACH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INTAKE_TEST(first_in_first_out),
        INTAKE_TEST(several_at_once_keep_their_order),
        INTAKE_TEST(several_are_taken_at_once),
        INTAKE_TEST(without_repeats_the_oldest_goes),
        INTAKE_TEST(an_older_copy_goes_before_anything_older),
        INTAKE_TEST(each_copy_makes_the_one_before_a_repeat),
        INTAKE_TEST(a_repeat_at_a_full_queue),
        INTAKE_TEST(client_transaction_and_type_make_a_copy),
        INTAKE_TEST(the_boot_server_port_is_another_request),
        INTAKE_TEST(dhcpv6_is_told_by_duid_transaction_and_type),
        INTAKE_TEST(nothing_is_remembered),
        INTAKE_TEST(slots_are_bounded),
        INTAKE_TEST(the_oldest_gives_its_slot_up),
        INTAKE_TEST(a_slot_holds_a_long_datagram),
        INTAKE_TEST(no_memory),
        INTAKE_TEST(nothing_is_lost_between_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
