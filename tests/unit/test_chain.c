/* A request's way down the list: API-2.2, API-2.3. */
#include "engine/chain.h"

#include "engine/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp/dhcp4.h"
#include "engine/packet.h"
#include "engine/reply.h"
#include "support/engine_rig.h"

static struct rig rig;
static uint8_t discover[300];

static int set_up(void **state)
{
    (void)state;
    rig_init(&rig);
    rig_discover(discover, 0x11223344);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

static void receive_discover(void)
{
    struct datagram datagram = rig_datagram(discover, sizeof(discover));
    rig_receive(&rig, &datagram);
}

/* Answers or not as `number` says: an action, or with 0x100 added an error code. */
static uint32_t decide(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                       struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)local;
    (void)remote;
    assert_int_equal(*action, ACTION_REJECTED); /* preset */
    *action = self->number & 0xff;
    if (*action == ACTION_NBP)
        assert_int_equal(rig_answer(self, request, packet, length, NULL), PXE_OK);
    return self->number & 0x100 ? 1234 : PXE_OK;
}

static void start_two(struct scripted *first, struct scripted *second)
{
    rig_add(&rig, first);
    rig_add(&rig, second);
    assert_int_equal(rig_start(&rig), PXE_OK);
}

static void rejected_goes_on_to_the_next(void **state)
{
    static struct scripted first = {.name = "first", .receive = decide, .number = ACTION_REJECTED};
    static struct scripted second = {.name = "second", .receive = decide, .number = ACTION_NBP};

    (void)state;
    start_two(&first, &second);
    receive_discover();
    assert_int_equal(first.received, 1);
    assert_int_equal(second.received, 1);
    assert_int_equal(rig.sent_count, 1);
    assert_string_equal(rig.last_provider, "second");
    assert_int_equal(rig.last_report.action, ACTION_NBP);
    assert_int_equal(rig.last_report.replies, 1);
    assert_int_equal(rig.last_report.reply_type, 2);
    assert_int_equal(atomic_load(&rig.engine->counters.answered), 1);
}

static void nbp_custom_and_ignore_end_it(void **state)
{
    const uint32_t actions[] = {ACTION_NBP, ACTION_CUSTOM, ACTION_IGNORE};
    static struct scripted first = {.name = "first", .receive = decide};
    static struct scripted second = {.name = "second", .receive = decide, .number = ACTION_NBP};

    (void)state;
    start_two(&first, &second);
    for (size_t i = 0; i < 3; i++) {
        first.number = actions[i];
        receive_discover();
        assert_int_equal(first.received, i + 1);
        assert_int_equal(second.received, 0);
    }
    assert_int_equal(rig.sent_count, 1);
    assert_int_equal(atomic_load(&rig.engine->counters.answered), 2);
    assert_int_equal(atomic_load(&rig.engine->counters.ignored), 1);
    assert_true(rig_logged(&rig, "first: said PXE_BA_CUSTOM but sent no reply"));
    assert_true(rig_logged(&rig, "a provider chose to ignore it"));
}

static void errors_and_unknown_actions_count_as_rejected(void **state)
{
    const uint32_t numbers[] = {0x100 | ACTION_NBP, 0x100 | ACTION_IGNORE, 0, 5, 0xff};
    static struct scripted first = {.name = "first", .receive = decide};
    static struct scripted second = {.name = "second"};

    (void)state;
    start_two(&first, &second);
    for (size_t i = 0; i < 5; i++) {
        first.number = numbers[i];
        receive_discover();
        assert_int_equal(second.received, i + 1);
    }
    assert_true(rig_logged(&rig, "receive callback returned error 1234"));
    assert_true(rig_logged(&rig, "action 5 is none of PXE_BA_*"));
    /* The first of them has sent its reply before it failed. */
    assert_int_equal(atomic_load(&rig.engine->counters.answered), 1);
    assert_int_equal(atomic_load(&rig.engine->counters.dropped), 4);
    assert_string_equal(rig.last_reason, "every provider passed it on");
}

/* ---- reasons that are true ---- */

/* Sends a reply if `number` has 0x100, begins one if it has 0x200; then says the rest of it. */
static uint32_t begin_and_say(struct scripted *self, uintptr_t request, uint8_t *packet,
                              uint32_t length, struct pxe_address *local,
                              struct pxe_address *remote, uint32_t *action)
{
    void *bytes;

    (void)local, (void)remote;
    if (self->number & 0x100)
        assert_int_equal(rig_answer(self, request, packet, length, NULL), PXE_OK);
    if (self->number & 0x200) {
        assert_int_equal(packet_allocate(self->rig->engine, self->handle, request, 300, &bytes),
                         PXE_OK);
        assert_int_equal(packet_free(self->rig->engine, self->handle, request, bytes), PXE_OK);
    }
    *action = self->number & 0xff;
    return PXE_OK;
}

static void a_reply_that_was_begun_is_not_a_wish_to_ignore(void **state)
{
    static struct scripted first = {.name = "first", .receive = begin_and_say};
    static struct scripted second = {.name = "second", .receive = begin_and_say};

    (void)state;
    start_two(&first, &second);
    first.number = 0x200 | ACTION_IGNORE;
    receive_discover();
    assert_string_equal(rig.last_reason, "a provider began a reply and sent none");
    assert_string_equal(rig.last_provider, "first");
    first.number = 0x200 | ACTION_REJECTED;
    second.number = ACTION_IGNORE;
    receive_discover();
    assert_string_equal(rig.last_reason, "a provider chose to ignore it");
    assert_string_equal(rig.last_provider, "second");
    assert_int_equal(atomic_load(&rig.engine->counters.ignored), 2);
}

/* Whatever it says afterwards: the client has its answer. */
static void who_has_replied_is_named_without_a_reason(void **state)
{
    static struct scripted first = {.name = "first", .receive = begin_and_say};
    static struct scripted second = {
        .name = "second", .receive = decide, .number = ACTION_REJECTED};
    const uint32_t actions[] = {ACTION_REJECTED, ACTION_IGNORE};

    (void)state;
    start_two(&first, &second);
    for (size_t i = 0; i < 2; i++) {
        first.number = 0x100 | actions[i];
        receive_discover();
        assert_string_equal(rig.last_provider, "first");
        assert_string_equal(rig.last_reason, "");
        assert_int_equal(rig.last_report.replies, 1);
        assert_int_equal(atomic_load(&rig.engine->counters.answered), i + 1);
    }
    assert_int_equal(atomic_load(&rig.engine->counters.dropped), 0);
    assert_int_equal(atomic_load(&rig.engine->counters.ignored), 0);
}

static uint32_t scribble(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                         struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)self;
    (void)request;
    memset(packet, 0xff, length);
    memset(local, 0xff, sizeof(*local));
    memset(remote, 0xff, sizeof(*remote));
    *action = ACTION_REJECTED;
    return PXE_OK;
}

static uint32_t look(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                     struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)request;
    (void)action;
    assert_int_equal(length, sizeof(discover));
    assert_memory_equal(packet, discover, length);
    assert_int_equal(local->flags, ADDR_USE_ADDR | (self->number ? ADDR_BROADCAST : ADDR_USE_PORT));
    assert_memory_equal(local->address, "\x0a\x00\x00\x01", 4);
    assert_int_equal(local->address_length, 4);
    assert_int_equal(local->port, 67);
    assert_int_equal(remote->flags, ADDR_USE_ADDR | ADDR_USE_PORT);
    assert_memory_equal(remote->address, "\x0a\x00\x00\x09", 4);
    assert_int_equal(remote->address_length, 4);
    assert_int_equal(remote->port, 68);
    return PXE_OK;
}

static void each_provider_gets_an_untouched_copy(void **state)
{
    static struct scripted first = {.name = "first", .receive = scribble};
    static struct scripted second = {.name = "second", .receive = look, .number = 1};
    struct datagram unicast;

    (void)state;
    start_two(&first, &second);
    receive_discover();
    unicast = rig_datagram(discover, sizeof(discover));
    unicast.broadcast = false;
    second.number = 0;
    rig_receive(&rig, &unicast);
    assert_int_equal(second.received, 2);
}

static void filters_keep_packets_away(void **state)
{
    static struct scripted all = {.name = "all", .filter = FILTER_ALL};
    static struct scripted dhcp = {.name = "dhcp", .filter = FILTER_DHCP_ONLY};
    static struct scripted pxe = {.name = "pxe", .filter = FILTER_PXE_ONLY};
    static struct scripted unset = {.name = "unset", .filter = -1};

    (void)state;
    rig_add(&rig, &all);
    rig_add(&rig, &dhcp);
    rig_add(&rig, &pxe);
    rig_add(&rig, &unset);
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_discover();
    discover[DHCP4_OPTIONS + 5] = 'X'; /* option 60 no longer says PXEClient */
    receive_discover();
    discover[DHCP4_HLEN] = 17;
    receive_discover();
    assert_int_equal(all.received, 3);
    assert_int_equal(dhcp.received, 2);
    assert_int_equal(pxe.received, 1);
    assert_int_equal(unset.received, 3);
}

static void malformed_packets_are_dropped_with_their_reason(void **state)
{
    static struct scripted dhcp = {.name = "dhcp", .filter = FILTER_DHCP_ONLY};
    struct datagram empty = rig_datagram("", 0);

    (void)state;
    rig_add(&rig, &dhcp);
    assert_int_equal(rig_start(&rig), PXE_OK);
    rig_receive(&rig, &empty);
    assert_string_equal(rig.last_reason, dhcp4_defect_text(DHCP4_TOO_SHORT));
    discover[DHCP4_OP] = DHCP4_BOOTREPLY;
    receive_discover();
    assert_string_equal(rig.last_reason, dhcp4_defect_text(DHCP4_WRONG_OP));
    rig_discover(discover, 1);
    memset(discover + DHCP4_OPTIONS, 12, 60); /* lengths of 12 run over the end */
    receive_discover();
    assert_string_equal(rig.last_reason, dhcp4_defect_text(DHCP4_OPTION_OVERRUN));
    assert_true(rig_logged(&rig, "dropped 300 bytes from 10.0.0.9:68 to port 67: "));
    assert_int_equal(dhcp.received, 0);
    assert_int_equal(atomic_load(&rig.engine->counters.dropped), 3);
}

static uint32_t keep_length(struct scripted *self, uintptr_t request, uint8_t *packet,
                            uint32_t length, struct pxe_address *local, struct pxe_address *remote,
                            uint32_t *action)
{
    (void)request, (void)local, (void)remote;
    assert_int_equal(dhcp4_check(packet, length, true, NULL), DHCP4_VALID);
    *(uint32_t *)self->data = length;
    *action = ACTION_IGNORE;
    return PXE_OK;
}

/* The door: what can be understood is made valid before any filter or provider sees it. */
static void packets_are_repaired_before_providers_get_them(void **state)
{
    static uint32_t length;
    static struct scripted pxe = {
        .name = "pxe", .filter = FILTER_PXE_ONLY, .receive = keep_length, .data = &length};

    (void)state;
    rig_add(&rig, &pxe);
    assert_int_equal(rig_start(&rig), PXE_OK);
    memset(discover + 270, 0xff, 30);
    receive_discover();
    assert_int_equal(pxe.received, 1);
    assert_int_equal(length, 300);
    assert_int_equal(atomic_load(&rig.engine->counters.repaired), 1);
    assert_true(rig_logged(&rig, "repaired 300 bytes from 10.0.0.9:68 to port 67: "
                                 "bytes behind option End cleared"));
}

static void strict_servers_repair_nothing(void **state)
{
    static const struct policy strict = {.is_strict = true};
    static struct scripted dhcp = {.name = "dhcp", .filter = FILTER_DHCP_ONLY};

    (void)state;
    rig_add(&rig, &dhcp);
    rig.settings = &strict;
    assert_int_equal(rig_start(&rig), PXE_OK);
    memset(discover + 270, 0xff, 30);
    receive_discover();
    assert_int_equal(dhcp.received, 0);
    assert_string_equal(rig.last_reason, dhcp4_defect_text(DHCP4_DATA_AFTER_END));
    assert_int_equal(atomic_load(&rig.engine->counters.repaired), 0);
}

static void unfiltered_valid_packets_say_so(void **state)
{
    static struct scripted pxe = {.name = "pxe", .filter = FILTER_PXE_ONLY};

    (void)state;
    rig_add(&rig, &pxe);
    assert_int_equal(rig_start(&rig), PXE_OK);
    discover[DHCP4_OPTIONS + 5] = 'X';
    receive_discover();
    assert_string_equal(rig.last_reason, "no provider takes such packets");
}

static uint32_t become_capable(struct scripted *self, uint32_t filter)
{
    uint32_t on = 1;
    struct engine *engine = self->rig->engine;

    return provider_set_attribute(engine, self->handle, ATTR_IPV6_CAPABLE, &on, sizeof(on)) +
           provider_set_attribute(engine, self->handle, ATTR_FILTER_IPV6, &filter, sizeof(filter));
}

static struct datagram datagram6(const uint8_t *bytes, size_t length)
{
    struct datagram datagram = rig_datagram(bytes, length);

    datagram.local = (struct net_endpoint){.address = {0xfe, 0x80}, .length = 16, .port = 547};
    datagram.remote = (struct net_endpoint){.address = {0xfe, 0x80}, .length = 16, .port = 546};
    datagram.broadcast = false;
    return datagram;
}

static void ipv6_reaches_only_those_who_are_capable(void **state)
{
    static struct scripted incapable = {.name = "incapable", .filter = FILTER_ALL};
    static struct scripted all = {.name = "all"}, dhcp = {.name = "dhcp"}, pxe = {.name = "pxe"};
    /* SOLICIT with option 16: enterprise 343, "PXEClient" */
    uint8_t solicit[] = {1, 1, 2,   3,   0,   16,  0,   15,  0,   0,   1,  87,
                         0, 9, 'P', 'X', 'E', 'C', 'l', 'i', 'e', 'n', 't'};
    struct datagram datagram = datagram6(solicit, sizeof(solicit));

    (void)state;
    rig_add(&rig, &incapable);
    rig_add(&rig, &all);
    rig_add(&rig, &dhcp);
    rig_add(&rig, &pxe);
    assert_int_equal(rig_start(&rig), PXE_OK);
    assert_int_equal(become_capable(&all, FILTER_ALL), PXE_OK);
    assert_int_equal(become_capable(&dhcp, FILTER_DHCP_ONLY), PXE_OK);
    assert_int_equal(become_capable(&pxe, FILTER_PXE_ONLY), PXE_OK);
    rig_receive(&rig, &datagram);
    solicit[sizeof(solicit) - 9] = 'X';
    rig_receive(&rig, &datagram);
    solicit[7] = 99; /* runs past the end */
    rig_receive(&rig, &datagram);
    assert_int_equal(incapable.received, 0);
    assert_int_equal(all.received, 3);
    assert_int_equal(dhcp.received, 2);
    assert_int_equal(pxe.received, 1);
    assert_true(rig_logged(&rig, "dropped 23 bytes from [fe80::]:546 to port 547: "));
}

/* ---- asynchronous completion, one thread: every order ---- */

/* Pends; remembers the handle in data. */
static uint32_t pend(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                     struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)packet;
    (void)length;
    (void)local;
    (void)remote;
    *action = ACTION_IGNORE; /* must not count */
    *(uintptr_t *)self->data = request;
    return PXE_PENDING;
}

/* Redundant relays (E12): nobody holds the second copy back for the first. */
static void the_same_request_through_two_relays_is_offered_twice(void **state)
{
    static uintptr_t request = 0;
    static struct scripted pending = {.name = "pending", .receive = pend, .data = &request};

    (void)state;
    rig_add(&rig, &pending);
    assert_int_equal(rig_start(&rig), PXE_OK);
    discover[DHCP4_HOPS] = 1;
    memcpy(discover + DHCP4_GIADDR, "\x0a\x00\x01\x01", 4);
    receive_discover();
    memcpy(discover + DHCP4_GIADDR, "\x0a\x00\x01\x02", 4);
    receive_discover();
    assert_int_equal(pending.received, 2);
    assert_int_equal(atomic_load(&rig.engine->pool.open), 2);
}

static void pended_request_completes_later(void **state)
{
    static uintptr_t request = 0;
    static struct scripted first = {.name = "first", .receive = pend, .data = &request};
    static struct scripted second = {.name = "second"};

    (void)state;
    start_two(&first, &second);
    receive_discover();
    assert_int_equal(rig.reports, 0);
    assert_int_equal(atomic_load(&rig.engine->pool.open), 1);
    assert_int_equal(rig_answer(&first, request, discover, sizeof(discover), NULL), PXE_OK);
    assert_int_equal(chain_complete(rig.engine, request, 0), PXE_INVALID_PARAMETER);
    assert_int_equal(chain_complete(rig.engine, request, 5), PXE_INVALID_PARAMETER);
    assert_int_equal(chain_complete(rig.engine, request, ACTION_NBP), PXE_OK);
    assert_int_equal(chain_complete(rig.engine, request, ACTION_NBP), PXE_INVALID_HANDLE);
    assert_int_equal(rig_answer(&first, request, discover, sizeof(discover), NULL),
                     PXE_INVALID_HANDLE);
    assert_int_equal(second.received, 0);
    assert_int_equal(rig.reports, 1);
    assert_int_equal(rig.last_report.action, ACTION_NBP);
    assert_int_equal(atomic_load(&rig.engine->pool.open), 0);
}

static void pended_then_rejected_goes_on(void **state)
{
    static uintptr_t first_request = 0, second_request = 0;
    static struct scripted first = {.name = "first", .receive = pend, .data = &first_request};
    static struct scripted second = {.name = "second", .receive = pend, .data = &second_request};

    (void)state;
    start_two(&first, &second);
    receive_discover();
    assert_int_equal(chain_complete(rig.engine, first_request, ACTION_REJECTED), PXE_OK);
    assert_int_equal(second.received, 1);
    /* The first provider's handle is dead although the request lives on. */
    assert_int_not_equal(first_request, second_request);
    assert_int_equal(chain_complete(rig.engine, first_request, ACTION_IGNORE), PXE_INVALID_HANDLE);
    assert_int_equal(chain_complete(rig.engine, second_request, ACTION_IGNORE), PXE_OK);
    assert_int_equal(rig.reports, 1);
}

/* Completes before it returns; number is the action, data what it returns. */
static uint32_t complete_early(struct scripted *self, uintptr_t request, uint8_t *packet,
                               uint32_t length, struct pxe_address *local,
                               struct pxe_address *remote, uint32_t *action)
{
    struct engine *engine = self->rig->engine;

    (void)local;
    (void)remote;
    if (self->number == ACTION_NBP)
        assert_int_equal(rig_answer(self, request, packet, length, NULL), PXE_OK);
    assert_int_equal(chain_complete(engine, request, self->number), PXE_OK);
    assert_int_equal(chain_complete(engine, request, ACTION_NBP), PXE_INVALID_HANDLE);
    assert_int_equal(rig_answer(self, request, packet, length, NULL), PXE_INVALID_HANDLE);
    memset(packet, 0xaa, length); /* the bytes stay ours until we return */
    *action = ACTION_IGNORE;
    return *(uint32_t *)self->data;
}

static void completion_before_the_callback_returns(void **state)
{
    static uint32_t returned = PXE_PENDING;
    static struct scripted first = {.name = "first", .receive = complete_early, .data = &returned};
    static struct scripted second = {.name = "second", .receive = decide, .number = ACTION_NBP};

    (void)state;
    start_two(&first, &second);
    first.number = ACTION_NBP;
    receive_discover();
    assert_int_equal(second.received, 0);
    assert_string_equal(rig.last_provider, "first");
    first.number = ACTION_REJECTED;
    receive_discover();
    assert_int_equal(second.received, 1);
    assert_string_equal(rig.last_provider, "second");
    assert_int_equal(rig.reports, 2);
    assert_int_equal(rig.sent_count, 2);
    assert_false(rig_logged(&rig, "returned error")); /* ERROR_IO_PENDING is none here */
}

static void completed_and_returned_synchronously_first_counts(void **state)
{
    static uint32_t returned = PXE_OK;
    static struct scripted first = {.name = "first", .receive = complete_early, .data = &returned};
    static struct scripted second = {.name = "second", .receive = decide, .number = ACTION_NBP};

    (void)state;
    first.number = ACTION_NBP;
    start_two(&first, &second);
    receive_discover();
    assert_int_equal(second.received, 0);
    assert_int_equal(rig.last_report.action, ACTION_NBP);
    assert_true(rig_logged(&rig, "first: called PxeAsyncRecvDone but returned 0"));
}

static void handle_is_dead_after_a_synchronous_end(void **state)
{
    static uintptr_t request = 0;
    static struct scripted first = {.name = "first", .receive = pend, .data = &request};

    (void)state;
    rig_add(&rig, &first);
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_discover();
    assert_int_equal(chain_complete(rig.engine, request, ACTION_IGNORE), PXE_OK);
    for (unsigned bit = 0; bit < 8 * sizeof(uintptr_t); bit++)
        assert_int_equal(chain_complete(rig.engine, request ^ ((uintptr_t)1 << bit), ACTION_IGNORE),
                         PXE_INVALID_HANDLE);
    assert_int_equal(chain_complete(rig.engine, 0, ACTION_IGNORE), PXE_INVALID_HANDLE);
    assert_int_equal(chain_complete(rig.engine, first.handle, ACTION_IGNORE), PXE_INVALID_HANDLE);
}

static void pended_requests_are_dropped_at_the_end(void **state)
{
    static uintptr_t request = 0;
    static struct scripted first = {.name = "first", .receive = pend, .data = &request};
    void *packet;

    (void)state;
    rig_add(&rig, &first);
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_discover();
    assert_int_equal(packet_allocate(rig.engine, first.handle, request, 100, &packet), PXE_OK);
    assert_int_equal(engine_stop(rig.engine, 1000), PXE_OK);
    assert_int_equal(first.shut_down, 1);
    assert_int_equal(rig.reports, 1);
    assert_string_equal(rig.last_reason, "the server is stopping");
    assert_int_equal(chain_complete(rig.engine, request, ACTION_NBP), PXE_INVALID_HANDLE);
    receive_discover(); /* nobody is there any more */
    assert_int_equal(first.received, 1);
}

static void refused_sends_are_told_and_counted(void **state)
{
    static uintptr_t request = 0;
    static struct scripted first = {.name = "first", .receive = pend, .data = &request};

    (void)state;
    rig_add(&rig, &first);
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_discover();
    rig.send_status = 10051;
    assert_int_equal(rig_answer(&first, request, discover, sizeof(discover), NULL), 10051);
    assert_int_equal(atomic_load(&rig.engine->counters.send_errors), 1);
    assert_int_equal(chain_complete(rig.engine, request, ACTION_NBP), PXE_OK);
    assert_int_equal(rig.last_report.replies, 0);
    assert_true(rig_logged(&rig, "to 10.0.0.9:68 not sent: error 10051"));
}

/* The network had taken it. */
static void replies_that_are_lost_later_are_told_and_counted(void **state)
{
    static uintptr_t request = 0;
    static struct scripted first = {.name = "first", .receive = pend, .data = &request};
    const struct net_endpoint from = {.address = {10, 0, 0, 1}, .length = 4, .port = 67};
    const struct net_endpoint to = {.address = {10, 0, 0, 9}, .length = 4, .port = 68};

    (void)state;
    rig_add(&rig, &first);
    assert_int_equal(rig_start(&rig), PXE_OK);
    receive_discover();
    assert_int_equal(rig_answer(&first, request, discover, sizeof(discover), NULL), PXE_OK);
    assert_int_equal(chain_complete(rig.engine, request, ACTION_NBP), PXE_OK);
    assert_int_equal(atomic_load(&rig.engine->counters.replies), 1);
    reply_lost(rig.engine, &from, &to, 300, 10050);
    assert_int_equal(atomic_load(&rig.engine->counters.replies), 0);
    assert_int_equal(atomic_load(&rig.engine->counters.send_errors), 1);
    assert_int_equal(metrics_interface(&rig.engine->metrics, &from)->send_errors, 1);
    assert_true(rig_logged(&rig, "reply of 300 bytes to 10.0.0.9:68 not sent: error 10050"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rejected_goes_on_to_the_next),
        TEST(nbp_custom_and_ignore_end_it),
        TEST(errors_and_unknown_actions_count_as_rejected),
        TEST(a_reply_that_was_begun_is_not_a_wish_to_ignore),
        TEST(who_has_replied_is_named_without_a_reason),
        TEST(each_provider_gets_an_untouched_copy),
        TEST(filters_keep_packets_away),
        TEST(malformed_packets_are_dropped_with_their_reason),
        TEST(packets_are_repaired_before_providers_get_them),
        TEST(the_same_request_through_two_relays_is_offered_twice),
        TEST(strict_servers_repair_nothing),
        TEST(unfiltered_valid_packets_say_so),
        TEST(ipv6_reaches_only_those_who_are_capable),
        TEST(pended_request_completes_later),
        TEST(pended_then_rejected_goes_on),
        TEST(completion_before_the_callback_returns),
        TEST(completed_and_returned_synchronously_first_counts),
        TEST(handle_is_dead_after_a_synchronous_end),
        TEST(pended_requests_are_dropped_at_the_end),
        TEST(refused_sends_are_told_and_counted),
        TEST(replies_that_are_lost_later_are_told_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
