/* Reply packets: API-1.2, PxePacketAllocate, PxePacketFree, PxeSendReply's checks. */
#include "engine/packet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/chain.h"
#include "engine/reply.h"
#include "support/engine_rig.h"

static struct rig rig;
static struct scripted owner, other;
static uintptr_t request; /* pended, of `owner` */
static uint8_t discover[300];

static uint32_t pend(struct scripted *self, uintptr_t handle, uint8_t *packet, uint32_t length,
                     struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)self;
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    (void)action;
    request = handle;
    return PXE_PENDING;
}

static int set_up(void **state)
{
    (void)state;
    owner = (struct scripted){.name = "owner", .receive = pend};
    other = (struct scripted){.name = "other"};
    rig_init(&rig);
    rig_add(&rig, &owner);
    rig_add(&rig, &other);
    assert_int_equal(rig_start(&rig), PXE_OK);
    rig_discover(discover, 1);
    struct datagram datagram = rig_datagram(discover, sizeof(discover));
    rig_receive(&rig, &datagram);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    (void)chain_complete(rig.engine, request, ACTION_IGNORE);
    rig_done(&rig);
    return 0;
}

static void *allocate(uint32_t size)
{
    void *packet = NULL;
    assert_int_equal(packet_allocate(rig.engine, owner.handle, request, size, &packet), PXE_OK);
    return packet;
}

static pxe_status release(void *packet)
{
    return packet_free(rig.engine, owner.handle, request, packet);
}

static void packets_are_zeroed_aligned_and_usable_to_the_last_byte(void **state)
{
    const uint32_t sizes[] = {1, 2, 300, 1500, 65535};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        uint8_t *packet = allocate(sizes[i]);
        assert_int_equal((uintptr_t)packet % 16, 0);
        for (uint32_t j = 0; j < sizes[i]; j++)
            assert_int_equal(packet[j], 0);
        memset(packet, 0xff, sizes[i]);
        assert_int_equal(release(packet), PXE_OK);
    }
    assert_false(rig_logged(&rig, "wrote past the end"));
}

static void sizes_are_limited(void **state)
{
    void *packet = &rig;

    (void)state;
    assert_int_equal(packet_allocate(rig.engine, owner.handle, request, 0, &packet),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(packet_allocate(rig.engine, owner.handle, request, 65536, &packet),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(packet_allocate(rig.engine, owner.handle, request, UINT32_MAX, &packet),
                     PXE_INVALID_PARAMETER);
    assert_ptr_equal(packet, &rig);
}

static void handles_must_be_those_of_the_turn(void **state)
{
    void *packet = allocate(10), *none;

    (void)state;
    const uintptr_t bad[] = {0, request, owner.handle + 4, other.handle, (uintptr_t)packet};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(packet_allocate(rig.engine, bad[i], request, 10, &none),
                         PXE_INVALID_HANDLE);
        assert_int_equal(packet_free(rig.engine, bad[i], request, packet), PXE_INVALID_HANDLE);
    }
    assert_int_equal(packet_allocate(rig.engine, owner.handle, owner.handle, 10, &none),
                     PXE_INVALID_HANDLE);
    assert_int_equal(packet_free(rig.engine, owner.handle, 0, packet), PXE_INVALID_HANDLE);
    assert_int_equal(release(packet), PXE_OK);
}

static void foreign_and_freed_pointers_are_refused(void **state)
{
    uint8_t *packet = allocate(10), *kept = allocate(10);
    uint8_t local[32];

    (void)state;
    assert_int_equal(release(NULL), PXE_INVALID_PARAMETER);
    assert_int_equal(release(local), PXE_INVALID_PARAMETER);
    assert_int_equal(release(packet + 1), PXE_INVALID_PARAMETER);
    assert_int_equal(release((void *)(uintptr_t)8), PXE_INVALID_PARAMETER);
    assert_int_equal(release(packet), PXE_OK);
    assert_int_equal(release(packet), PXE_INVALID_PARAMETER);
    assert_int_equal(release(kept), PXE_OK);
}

static void forgotten_packets_are_reclaimed_and_told(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        (void)allocate(100);
    assert_int_equal(atomic_load(&rig.engine->counters.open_packets), 3);
    assert_int_equal(chain_complete(rig.engine, request, ACTION_IGNORE), PXE_OK);
    assert_int_equal(atomic_load(&rig.engine->counters.open_packets), 0);
    assert_int_equal(atomic_load(&rig.engine->counters.reclaimed), 3);
    assert_true(rig_logged(&rig, "owner: left 3 packet(s) of a request unfreed; reclaimed"));
}

static void writing_past_the_end_is_noticed(void **state)
{
    uint8_t *packet = allocate(32);

    (void)state;
    packet[32] ^= 0x55; /* our own canary, inside the block */
    assert_int_equal(release(packet), PXE_OK);
    assert_true(rig_logged(&rig, "owner: wrote past the end of a packet of 32 bytes"));
}

static void running_out_of_memory_is_a_code(void **state)
{
    void *packet = NULL;

    (void)state;
    mem_fail_after(1);
    assert_int_equal(packet_allocate(rig.engine, owner.handle, request, 10, &packet),
                     PXE_NOT_ENOUGH_MEMORY);
    mem_fail_after(-1);
    assert_null(packet);
    assert_int_equal(release(allocate(10)), PXE_OK);
}

static void request_without_memory_is_dropped(void **state)
{
    uint8_t large[4000] = {0};
    struct datagram datagram = rig_datagram(large, sizeof(large));

    (void)state;
    mem_fail_after(1);
    rig_receive(&rig, &datagram);
    mem_fail_after(-1);
    assert_true(rig_logged(&rig, "no memory for another request"));
    rig_receive(&rig, &datagram);
    assert_int_equal(other.received, 0);
    assert_int_equal(owner.received, 2);
    assert_int_equal(chain_complete(rig.engine, request, ACTION_IGNORE), PXE_OK);
    engine_stop(rig.engine, 1000);
}

static void send_checks_the_packet(void **state)
{
    uint8_t *packet = allocate(300);
    struct engine *engine = rig.engine;

    (void)state;
    packet[299] = 7;
    assert_int_equal(reply_send(engine, request, packet, 0, NULL), PXE_INVALID_PARAMETER);
    assert_int_equal(reply_send(engine, request, packet, 301, NULL), PXE_INVALID_PARAMETER);
    assert_int_equal(reply_send(engine, request, NULL, 10, NULL), PXE_INVALID_PARAMETER);
    assert_int_equal(reply_send(engine, request, packet + 1, 10, NULL), PXE_INVALID_PARAMETER);
    assert_int_equal(reply_send(engine, request, discover, 10, NULL), PXE_INVALID_PARAMETER);
    assert_int_equal(reply_send(engine, owner.handle, packet, 10, NULL), PXE_INVALID_HANDLE);
    assert_int_equal(rig.sent_count, 0);
    /* As often as the provider likes, exactly as given, and the packet stays the provider's. */
    assert_int_equal(reply_send(engine, request, packet, 300, NULL), PXE_OK);
    assert_int_equal(reply_send(engine, request, packet, 1, NULL), PXE_OK);
    assert_int_equal(rig.sent_count, 2);
    assert_int_equal(rig.sent[0].length, 300);
    assert_int_equal(rig.sent[0].bytes[299], 7);
    assert_int_equal(rig.sent[1].length, 1);
    assert_ptr_equal(rig.sent[0].link, (link_id)0x1234);
    assert_int_equal(release(packet), PXE_OK);
    assert_int_equal(reply_send(engine, request, packet, 10, NULL), PXE_INVALID_PARAMETER);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(packets_are_zeroed_aligned_and_usable_to_the_last_byte),
        TEST(sizes_are_limited),
        TEST(handles_must_be_those_of_the_turn),
        TEST(foreign_and_freed_pointers_are_refused),
        TEST(forgotten_packets_are_reclaimed_and_told),
        TEST(writing_past_the_end_is_noticed),
        TEST(running_out_of_memory_is_a_code),
        TEST(request_without_memory_is_dropped),
        TEST(send_checks_the_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
