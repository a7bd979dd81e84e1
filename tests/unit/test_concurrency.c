/* Many threads at once; ThreadSanitizer's main course. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/chain.h"
#include "engine/packet.h"
#include "verify/verify.h"
#include "support/engine_rig.h"

enum { REQUESTS = 10000, WORKERS = 4, RECEIVERS = 2, QUEUE = REQUESTS };

/* An asynchronous provider: a queue and WORKERS threads that complete what is in it. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    uintptr_t requests[QUEUE];
    uint32_t xids[QUEUE];
    size_t head, tail;
    bool ended;
    _Atomic uint32_t answers[REQUESTS]; /* by transaction id */
    _Atomic uint32_t second_completions;
    _Atomic uint32_t early;
} later;

static struct rig rig;
static struct scripted asynchronous, last;

static bool queue_take(uintptr_t *out_request, uint32_t *out_xid)
{
    bool taken = false;

    pthread_mutex_lock(&later.lock);
    while (later.head == later.tail && !later.ended)
        pthread_cond_wait(&later.filled, &later.lock);
    if (later.head != later.tail) {
        *out_request = later.requests[later.head];
        *out_xid = later.xids[later.head++];
        taken = true;
    }
    pthread_mutex_unlock(&later.lock);
    return taken;
}

/* Answers and completes; every third request goes to the next provider instead. */
static void complete(uintptr_t request, uint32_t xid)
{
    uint8_t discover[300];

    rig_discover(discover, xid);
    if (xid % 3 != 0) {
        assert_int_equal(rig_answer(&asynchronous, request, discover, sizeof(discover), NULL),
                         PXE_OK);
        atomic_fetch_add(&later.answers[xid], 1);
    }
    assert_int_equal(chain_complete(rig.engine, request,
                                    xid % 3 != 0 ? ACTION_NBP : ACTION_REJECTED),
                     PXE_OK);
    if (chain_complete(rig.engine, request, ACTION_NBP) == PXE_OK)
        atomic_fetch_add(&later.second_completions, 1);
}

static void *worker(void *argument)
{
    uintptr_t request;
    uint32_t xid;

    (void)argument;
    while (queue_take(&request, &xid))
        complete(request, xid);
    return NULL;
}

/* Most go to the workers, who may well be done before this returns; some are done right here. */
static uint32_t receive_later(struct scripted *self, uintptr_t request, uint8_t *packet,
                              uint32_t length, struct pxe_address *local,
                              struct pxe_address *remote, uint32_t *action)
{
    uint32_t xid;

    (void)self;
    (void)length;
    (void)local;
    (void)remote;
    (void)action;
    memcpy(&xid, packet + 4, sizeof(xid));
    if (xid % 7 == 0) {
        atomic_fetch_add(&later.early, 1);
        complete(request, xid);
        return PXE_PENDING;
    }
    pthread_mutex_lock(&later.lock);
    later.requests[later.tail] = request;
    later.xids[later.tail++] = xid;
    pthread_cond_signal(&later.filled);
    pthread_mutex_unlock(&later.lock);
    if (xid % 5 == 0)
        usleep(50); /* gives a worker time to complete it first */
    return PXE_PENDING;
}

static uint32_t receive_last(struct scripted *self, uintptr_t request, uint8_t *packet,
                             uint32_t length, struct pxe_address *local, struct pxe_address *remote,
                             uint32_t *action)
{
    uint32_t xid;

    (void)local;
    (void)remote;
    memcpy(&xid, packet + 4, sizeof(xid));
    assert_int_equal(rig_answer(self, request, packet, length, NULL), PXE_OK);
    atomic_fetch_add(&later.answers[xid], 1);
    *action = ACTION_NBP;
    return PXE_OK;
}

static void *receiver(void *argument)
{
    uint8_t discover[300];

    for (uint32_t xid = *(uint32_t *)argument; xid < REQUESTS; xid += RECEIVERS) {
        rig_discover(discover, xid);
        struct datagram datagram = rig_datagram(discover, sizeof(discover));
        rig_receive(&rig, &datagram);
    }
    return NULL;
}

static void run_threads(void)
{
    pthread_t workers[WORKERS], receivers[RECEIVERS];
    uint32_t first[RECEIVERS];

    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&workers[i], NULL, worker, NULL), 0);
    for (uint32_t i = 0; i < RECEIVERS; i++) {
        first[i] = i;
        assert_int_equal(pthread_create(&receivers[i], NULL, receiver, &first[i]), 0);
    }
    for (int i = 0; i < RECEIVERS; i++)
        pthread_join(receivers[i], NULL);
    pthread_mutex_lock(&later.lock);
    later.ended = true;
    pthread_cond_broadcast(&later.filled);
    pthread_mutex_unlock(&later.lock);
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i], NULL);
    /* What was passed on may still be on its way on a thread-pool thread. */
    for (int i = 0; i < 20000 && atomic_load(&rig.engine->pool.open) != 0; i++)
        usleep(1000);
}

static void ten_thousand_asynchronous_requests(bool with_worker, bool is_verified)
{
    memset(&later, 0, sizeof(later));
    pthread_mutex_init(&later.lock, NULL);
    pthread_cond_init(&later.filled, NULL);
    asynchronous = (struct scripted){.name = "asynchronous", .receive = receive_later};
    last = (struct scripted){.name = "last", .receive = receive_last};
    rig_init(&rig);
    rig.with_worker = with_worker;
    rig.is_verified = is_verified;
    rig_add(&rig, &asynchronous);
    rig_add(&rig, &last);
    assert_int_equal(rig_start(&rig), PXE_OK);
    run_threads();
    assert_int_equal(engine_stop(rig.engine, 20000), PXE_OK);

    for (uint32_t xid = 0; xid < REQUESTS; xid++)
        assert_int_equal(atomic_load(&later.answers[xid]), 1);
    assert_int_equal(rig.sent_count, REQUESTS);
    assert_int_equal(rig.reports, REQUESTS);
    assert_int_equal(atomic_load(&later.second_completions), 0);
    assert_int_equal(atomic_load(&later.early), (REQUESTS + 6) / 7);
    assert_int_equal(atomic_load(&rig.engine->counters.answered), REQUESTS);
    assert_int_equal(atomic_load(&rig.engine->counters.reclaimed), 0);
    rig_done(&rig);
}

static void asynchronous_completion_inline(void **state)
{
    (void)state;
    ten_thousand_asynchronous_requests(false, false);
}

static void asynchronous_completion_with_server_threads(void **state)
{
    (void)state;
    ten_thousand_asynchronous_requests(true, false);
}

/* Each request is completed a second time, which is told, and nothing else is. */
static void asynchronous_completion_under_the_verifier(void **state)
{
    (void)state;
    ten_thousand_asynchronous_requests(false, true);
    assert_int_equal(rig.finding_count, RIG_FINDINGS);
    assert_int_equal(rig_found_count(&rig, RULE_COMPLETED_TWICE), RIG_FINDINGS);
}

/* ---- stopping while things go on ---- */

static _Atomic bool may_return;

static uint32_t receive_stuck(struct scripted *self, uintptr_t request, uint8_t *packet,
                              uint32_t length, struct pxe_address *local,
                              struct pxe_address *remote, uint32_t *action)
{
    (void)self;
    (void)request;
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    while (!atomic_load(&may_return))
        usleep(1000);
    *action = ACTION_REJECTED;
    return PXE_OK;
}

static void *receive_one(void *argument)
{
    uint8_t discover[300];

    (void)argument;
    rig_discover(discover, 1);
    struct datagram datagram = rig_datagram(discover, sizeof(discover));
    rig_receive(&rig, &datagram);
    return NULL;
}

static void *let_go(void *argument)
{
    (void)argument;
    while (atomic_load(&rig.engine->is_serving))
        usleep(1000);
    usleep(50000); /* gives the stop time to go wrong */
    atomic_store(&may_return, true);
    return NULL;
}

static void start_stuck(pthread_t *out_thread)
{
    asynchronous = (struct scripted){.name = "stuck", .receive = receive_stuck};
    last = (struct scripted){.name = "last"};
    atomic_store(&may_return, false);
    rig_init(&rig);
    rig_add(&rig, &asynchronous);
    rig_add(&rig, &last);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(pthread_create(out_thread, NULL, receive_one, NULL), 0);
    while (atomic_load(&asynchronous.received) == 0)
        usleep(1000);
}

static void stop_waits_for_a_running_callback(void **state)
{
    pthread_t receiving, letting;

    (void)state;
    start_stuck(&receiving);
    assert_int_equal(pthread_create(&letting, NULL, let_go, NULL), 0);
    assert_int_equal(engine_stop(rig.engine, 20000), PXE_OK);
    assert_int_equal(asynchronous.shut_down, 1);
    assert_int_equal(last.shut_down, 1);
    assert_int_equal(last.received, 0); /* no new callback once stopping has begun */
    assert_string_equal(rig.last_reason, "the server is stopping");
    pthread_join(receiving, NULL);
    pthread_join(letting, NULL);
    rig_done(&rig);
}

static void stop_is_bounded_when_a_callback_hangs(void **state)
{
    pthread_t receiving;

    (void)state;
    start_stuck(&receiving);
    assert_int_equal(engine_stop(rig.engine, 50), PXE_TIMEOUT);
    assert_int_equal(asynchronous.shut_down, 0);
    assert_int_equal(asynchronous.closed, 0); /* its code is running: it must stay loaded */
    assert_int_equal(last.shut_down, 1);
    assert_true(rig_logged(&rig, "stuck: a receive callback has not returned"));
    /* The server can run again beside it, and its late return disturbs nothing. */
    assert_int_equal(rig_start(&rig), PXE_OK);
    atomic_store(&may_return, true);
    pthread_join(receiving, NULL);
    assert_int_equal(last.received, 0);
    assert_int_equal(rig.reports, 0);
    assert_int_equal(atomic_load(&rig.engine->counters.dropped), 0);
    rig_done(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asynchronous_completion_inline),
        cmocka_unit_test(asynchronous_completion_with_server_threads),
        cmocka_unit_test(asynchronous_completion_under_the_verifier),
        cmocka_unit_test(stop_waits_for_a_running_callback),
        cmocka_unit_test(stop_is_bounded_when_a_callback_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
