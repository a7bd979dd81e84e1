/* What requests cost: nothing once the server is warm; memory that is bounded, and goes back. */
#include "engine/request.h"

#include <inttypes.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/chain.h"
#include "engine/handle.h"
#include "engine/packet.h"
#include "engine/policy.h"
#include "support/engine_rig.h"

enum {
    PENDED = 100000,
    CLIENTS = 1000000,
    REQUEST_SIZE = 548 /* the most that every client sends */
};

static struct rig rig;
static struct scripted provider;
static uintptr_t *pended;
static uint32_t pended_count;
static bool with_packet;

static uint32_t answer(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                       struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)local;
    (void)remote;
    *action = ACTION_NBP;
    return rig_answer(self, request, packet, length, NULL);
}

static uint32_t pend(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                     struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    void *reply;

    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    (void)action;
    if (with_packet)
        assert_int_equal(packet_allocate(rig.engine, self->handle, request, 1024, &reply), PXE_OK);
    pended[pended_count++] = request;
    return PXE_PENDING;
}

typedef uint32_t receive_fn(struct scripted *, uintptr_t, uint8_t *, uint32_t, struct pxe_address *,
                            struct pxe_address *, uint32_t *);

static void start_with(receive_fn *receive, const struct policy *policy)
{
    provider = (struct scripted){.name = "only", .receive = receive};
    pended_count = 0;
    rig_init(&rig);
    rig.settings = policy;
    rig_add(&rig, &provider);
    assert_int_equal(rig_start(&rig), PXE_OK);
}

static void start(receive_fn *receive)
{
    start_with(receive, NULL);
}

static void receive(uint32_t client)
{
    uint8_t packet[REQUEST_SIZE] = {0};
    struct datagram datagram = rig_datagram(packet, sizeof(packet));

    rig_discover(packet, client);
    memcpy(packet + 30, &client, sizeof(client));
    rig_receive(&rig, &datagram);
}

static void complete_all(void)
{
    for (uint32_t i = 0; i < pended_count; i++)
        assert_int_equal(chain_complete(rig.engine, pended[i], ACTION_IGNORE), PXE_OK);
    pended_count = 0;
}

/* ---- slots ---- */

static uint32_t slot_of(uintptr_t handle)
{
    uint32_t slot = 0, generation = 0;

    assert_true(handle_split(&rig.engine->handles, handle, HANDLE_REQUEST, &slot, &generation));
    return slot;
}

static void few_requests_use_the_first_slots_in_turn(void **state)
{
    (void)state;
    start(pend);
    for (uint32_t i = 0; i < 3 * REQUEST_CHUNK; i++)
        receive(i);
    assert_int_equal(slot_of(pended[3 * REQUEST_CHUNK - 1]), 3 * REQUEST_CHUNK - 1);
    complete_all();
    for (uint32_t i = 0; i < 3 * REQUEST_CHUNK; i++) {
        receive(i);
        assert_int_equal(slot_of(pended[0]), i % REQUEST_CHUNK); /* each rests as long as it can */
        complete_all();
    }
    rig_done(&rig);
}

static void as_many_as_there_are_slots(void **state)
{
    (void)state;
    start(pend);
    for (uint32_t i = 0; i < REQUEST_CHUNK * REQUEST_CHUNKS; i++)
        receive(i);
    assert_int_equal(pended_count, REQUEST_CHUNK * REQUEST_CHUNKS);
    receive(0);
    assert_int_equal(pended_count, REQUEST_CHUNK * REQUEST_CHUNKS);
    assert_true(rig_logged(&rig, "no memory for another request"));
    assert_int_equal(chain_complete(rig.engine, pended[1000], ACTION_IGNORE), PXE_OK);
    receive(0);
    assert_int_equal(slot_of(pended[pended_count - 1]), slot_of(pended[1000]));
    pended[1000] = pended[--pended_count];
    complete_all();
    rig_done(&rig);
}

/* ---- pended requests ---- */

static uint64_t dropped_for_room(void)
{
    return metrics_dropped(&rig.engine->metrics, DROP_NO_MEMORY);
}

/* Six more than may be: the first six are dropped, in one line, and are nobody's any more. */
static void pended_longest_gives_way(void **state)
{
    enum { MAX = 10, MORE = 6 };
    struct policy policy = {.max_pended = MAX};

    (void)state;
    memset(&policy.buckets, 0xff, sizeof(policy.buckets));
    start_with(pend, &policy);
    for (uint32_t i = 0; i < MAX; i++)
        receive(i);
    assert_int_equal(dropped_for_room(), 0);
    /* One from the middle ends by itself: there is room for another. */
    assert_int_equal(chain_complete(rig.engine, pended[4], ACTION_IGNORE), PXE_OK);
    receive(MAX);
    assert_int_equal(dropped_for_room(), 0);
    for (uint32_t i = 1; i <= MORE; i++) {
        receive(MAX + i);
        assert_int_equal(dropped_for_room(), i);
        assert_int_equal(atomic_load(&rig.engine->pool.open), MAX);
    }
    for (uint32_t i = 0; i < MAX + 1 + MORE; i++)
        assert_int_equal(chain_complete(rig.engine, pended[i], ACTION_IGNORE),
                         i <= MORE ? PXE_INVALID_HANDLE : PXE_OK);
    assert_int_equal(atomic_load(&rig.engine->pool.open), 0);
    assert_int_equal(rig.engine->pending.count, 0);
    assert_null(rig.engine->pending.first);
    assert_null(rig.engine->pending.last);
    assert_false(rig_logged(&rig, "MaxPendingRequests"));
    summary_write(rig.engine, /* is_last= */ true);
    assert_true(rig_logged(&rig, "dropped the 6 requests that were pended longest"));
    assert_false(rig_logged(&rig, "was pended first"));
    rig_done(&rig);
}

/* One that the next provider pends again waits anew: it is not the oldest. */
static void pended_again_is_the_youngest(void **state)
{
    static struct scripted second;
    struct policy policy = {.max_pended = 2};

    (void)state;
    memset(&policy.buckets, 0xff, sizeof(policy.buckets));
    second = (struct scripted){.name = "second", .receive = pend};
    rig_init(&rig);
    provider = (struct scripted){.name = "first", .receive = pend};
    pended_count = 0;
    rig.settings = &policy;
    rig_add(&rig, &provider);
    rig_add(&rig, &second);
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive(0);
    receive(1);
    assert_int_equal(chain_complete(rig.engine, pended[0], ACTION_REJECTED), PXE_OK);
    assert_int_equal(pended_count, 3);
    receive(2);
    assert_int_equal(chain_complete(rig.engine, pended[1], ACTION_IGNORE), PXE_INVALID_HANDLE);
    assert_int_equal(chain_complete(rig.engine, pended[2], ACTION_IGNORE), PXE_OK);
    assert_int_equal(chain_complete(rig.engine, pended[3], ACTION_IGNORE), PXE_OK);
    rig_done(&rig);
}

/* ---- memory ---- */

/* Every slot in turn has what it needs after one round; from then on the next allocation, which
 * would fail, never comes. */
static void warm_server_allocates_nothing(void **state)
{
    (void)state;
    start(answer);
    for (uint32_t i = 0; i < REQUEST_CHUNK; i++)
        receive(i);
    size_t before = mem_outstanding();
    mem_fail_after(1);
    for (uint32_t i = 0; i < 10 * REQUEST_CHUNK; i++)
        receive(i);
    assert_null(mem_alloc(1)); /* this one is the first */
    mem_fail_after(-1);
    assert_int_equal(mem_outstanding(), before);
    assert_int_equal(rig.reports, 11 * REQUEST_CHUNK);
    assert_int_equal(atomic_load(&rig.engine->counters.answered), 11 * REQUEST_CHUNK);
    rig_done(&rig);
}

static void spare_packet_is_zeroed_and_only_for_what_fits(void **state)
{
    const uint32_t sizes[] = {300, 300, 100, 384, 385, 2048, 2049, 2049, 1};
    void *bytes, *first = NULL;

    (void)state;
    start(pend);
    receive(1);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        assert_int_equal(packet_allocate(rig.engine, provider.handle, pended[0], sizes[i], &bytes),
                         PXE_OK);
        for (uint32_t j = 0; j < sizes[i]; j++)
            assert_int_equal(((uint8_t *)bytes)[j], 0);
        memset(bytes, 0xee, sizes[i]);
        if (i == 0)
            first = bytes;
        else if (i <= 3)
            assert_ptr_equal(bytes, first); /* 300 bytes have room for 384 */
        assert_int_equal(packet_free(rig.engine, provider.handle, pended[0], bytes), PXE_OK);
    }
    complete_all();
    rig_done(&rig);
}

static size_t heap_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* As many as a whole site that waits for its administrators. */
static void pended_requests_are_bounded_and_their_memory_goes_back(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        with_packet = round == 1;
        start(pend);
        size_t blocks = mem_outstanding(), bytes = heap_in_use();
        for (uint32_t i = 0; i < PENDED; i++)
            receive(i);
        assert_int_equal(atomic_load(&rig.engine->pool.open), PENDED);
        /* The buffers, maybe a packet, and a chunk for each 256 of them. */
        assert_in_range(mem_outstanding() - blocks, PENDED,
                        (with_packet ? 2 : 1) * PENDED + PENDED / REQUEST_CHUNK + 1);
        print_message("%s packet: %zu bytes for each pended request of %d\n",
                      with_packet ? "with a 1,024-byte" : "without a",
                      (heap_in_use() - bytes) / PENDED, (int)REQUEST_SIZE);
        complete_all();
        rig.reports = 0;
        /* Only the first few thousand slots keep their buffers. */
        assert_in_range(mem_outstanding() - blocks, 0, 2 * 16 * REQUEST_CHUNK + 512);
        rig_done(&rig);
    }
    with_packet = false;
}

static void a_million_clients_take_no_more_memory_than_one(void **state)
{
    (void)state;
    start(answer);
    for (uint32_t i = 0; i < REQUEST_CHUNK; i++)
        receive(i);
    size_t blocks = mem_outstanding();
    for (uint32_t i = 0; i < CLIENTS; i++)
        receive(i);
    assert_int_equal(mem_outstanding(), blocks);
    assert_int_equal(atomic_load(&rig.engine->counters.answered), CLIENTS + REQUEST_CHUNK);
    assert_int_equal(atomic_load(&rig.engine->pool.open), 0);
    rig_done(&rig);
}

static void a_request_too_large_to_keep_is_given_back(void **state)
{
    static uint8_t large[60000];
    struct datagram datagram = rig_datagram(large, sizeof(large));

    (void)state;
    start(answer);
    rig_discover(large, 1);
    size_t blocks = mem_outstanding();
    rig_receive(&rig, &datagram);
    assert_int_equal(atomic_load(&rig.engine->pool.open), 0);
    assert_in_range(mem_outstanding() - blocks, 0, 2); /* the chunk, the spare packet */
    rig_done(&rig);
}

static void out_of_memory_drops_and_goes_on(void **state)
{
    /* The chunk; then it is there: behind it the buffers; then those are there: the packet. */
    const long failing[] = {1, 2, 2};

    (void)state;
    start(answer);
    for (int i = 0; i < 3; i++) {
        mem_fail_after(failing[i]);
        receive(1);
        mem_fail_after(-1);
        assert_int_equal(atomic_load(&rig.engine->pool.open), 0);
        assert_int_equal(atomic_load(&rig.engine->counters.answered), 0);
    }
    receive(2);
    assert_int_equal(atomic_load(&rig.engine->counters.answered), 1);
    rig_done(&rig);
}

static int group_set_up(void **state)
{
    (void)state;
    pended = calloc(REQUEST_CHUNK * REQUEST_CHUNKS + 1, sizeof(*pended));
    return pended == NULL;
}

static int group_tear_down(void **state)
{
    (void)state;
    free(pended);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_requests_use_the_first_slots_in_turn),
        cmocka_unit_test(as_many_as_there_are_slots),
        cmocka_unit_test(pended_longest_gives_way),
        cmocka_unit_test(pended_again_is_the_youngest),
        cmocka_unit_test(warm_server_allocates_nothing),
        cmocka_unit_test(spare_packet_is_zeroed_and_only_for_what_fits),
        cmocka_unit_test(pended_requests_are_bounded_and_their_memory_goes_back),
        cmocka_unit_test(a_million_clients_take_no_more_memory_than_one),
        cmocka_unit_test(a_request_too_large_to_keep_is_given_back),
        cmocka_unit_test(out_of_memory_drops_and_goes_on),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
