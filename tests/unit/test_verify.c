/* The verifier: each rule is broken by a provider, found, and told with all that belongs to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp/dhcp4.h"
#include "engine/chain.h"
#include "engine/packet.h"
#include "engine/reply.h"
#include "verify/verify.h"
#include "support/engine_rig.h"

enum { NUMBER = 42, XID = 7, SECOND = 1000000000 /* nanoseconds */ };

static struct rig rig;
static struct scripted bad, next;

typedef uint32_t receive_fn(struct scripted *self, uintptr_t request, uint8_t *packet,
                            uint32_t length, struct pxe_address *local, struct pxe_address *remote,
                            uint32_t *action);

#define RECEIVE(name)                                                                              \
    static uint32_t name(struct scripted *self, uintptr_t request, uint8_t *packet,                \
                         uint32_t length, struct pxe_address *local, struct pxe_address *remote,   \
                         uint32_t *action)

#define UNUSED                                                                                     \
    ((void)self, (void)request, (void)packet, (void)length, (void)local, (void)remote, (void)action)

/* ---- the rig ---- */

static int setup(void **state)
{
    (void)state;
    rig_init(&rig);
    rig.is_verified = true;
    bad = (struct scripted){.name = "bad", .filter = -1};
    next = (struct scripted){.name = "next", .filter = -1};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

static void start(receive_fn *receive)
{
    bad.receive = receive;
    rig_add(&rig, &bad);
    rig_add(&rig, &next);
    assert_int_equal(rig_start(&rig), PXE_OK);
}

static void receive_one(uint64_t number, uint32_t xid)
{
    uint8_t discover[300];

    rig_discover(discover, xid);
    struct datagram datagram = rig_datagram(discover, sizeof(discover));
    datagram.number = number;
    rig_receive(&rig, &datagram);
}

/* Runs one request through the provider; it must break this rule once, in this call. */
static const struct rig_finding *finding_of(receive_fn *receive, uint32_t rule, const char *call)
{
    start(receive);
    receive_one(NUMBER, XID);
    const struct rig_finding *found = rig_found(&rig, rule);
    assert_non_null(found);
    assert_int_equal(rig_found_count(&rig, rule), 1);
    assert_string_equal(found->provider, "bad");
    assert_string_equal(found->call, call);
    assert_int_equal(found->number, NUMBER);
    assert_int_equal(found->length, 300);
    assert_memory_equal(found->bytes + DHCP4_XID, &(uint32_t){XID}, 4);
    return found;
}

static void assert_only(size_t count)
{
    for (size_t i = count; i < rig.finding_count; i++)
        print_error("also: %s\n", rig.findings[i].text);
    assert_int_equal(rig.finding_count, count);
}

static void *allocate(struct scripted *self, uintptr_t request, uint32_t size)
{
    void *bytes = NULL;

    assert_int_equal(packet_allocate(self->rig->engine, self->handle, request, size, &bytes),
                     PXE_OK);
    return bytes;
}

/* ---- good providers ---- */

RECEIVE(answers)
{
    static const struct pxe_address by_rules = {.flags = ADDR_USE_DHCP_RULES};

    (void)local, (void)remote;
    assert_int_equal(rig_answer(self, request, packet, length, &by_rules), PXE_OK);
    *action = ACTION_NBP;
    return PXE_OK;
}

RECEIVE(pends)
{
    UNUSED;
    self->data = (void *)request;
    return PXE_PENDING;
}

static void good_provider_breaks_no_rule(void **state)
{
    (void)state;
    start(answers);
    receive_one(NUMBER, XID);
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_only(0);
}

static void good_asynchronous_provider_breaks_no_rule(void **state)
{
    uint8_t discover[300];

    (void)state;
    start(pends);
    receive_one(NUMBER, XID);
    rig_discover(discover, XID);
    uintptr_t request = (uintptr_t)bad.data;
    assert_int_equal(rig_answer(&bad, request, discover, sizeof(discover), NULL), PXE_OK);
    assert_int_equal(chain_complete(rig.engine, request, ACTION_NBP), PXE_OK);
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_only(0);
}

/* ---- packets ---- */

RECEIVE(leaks)
{
    UNUSED;
    (void)allocate(self, request, 300);
    (void)allocate(self, request, 100);
    return PXE_OK;
}

static void packet_leaked(void **state)
{
    (void)state;
    assert_string_equal(finding_of(leaks, RULE_PACKET_LEAKED, CALL_RECEIVE)->text,
                        "2 packet(s) were not freed; every packet has to be freed before its "
                        "request ends");
    assert_only(1);
}

RECEIVE(frees_twice)
{
    void *bytes = allocate(self, request, 300);

    UNUSED;
    for (int i = 0; i < 20; i++)
        assert_int_equal(packet_free(rig.engine, self->handle, request, allocate(self, request, 8)),
                         PXE_OK);
    assert_int_equal(packet_free(rig.engine, self->handle, request, bytes), PXE_OK);
    assert_int_equal(packet_free(rig.engine, self->handle, request, bytes), PXE_INVALID_PARAMETER);
    return PXE_OK;
}

static void packet_freed_twice(void **state)
{
    (void)state;
    (void)finding_of(frees_twice, RULE_PACKET_FREED_TWICE, CALL_FREE);
    assert_only(1);
}

RECEIVE(frees_what_is_none)
{
    uint8_t none[8];

    UNUSED;
    assert_int_equal(packet_free(rig.engine, self->handle, request, none), PXE_INVALID_PARAMETER);
    return PXE_OK;
}

static void packet_that_is_none(void **state)
{
    (void)state;
    assert_non_null(strstr(finding_of(frees_what_is_none, RULE_PACKET_FOREIGN, CALL_FREE)->text,
                           "is no packet of any request"));
}

/* The first request is pended with a packet; the second one frees that packet. */
RECEIVE(frees_anothers)
{
    UNUSED;
    if (self->number++ == 0) {
        self->data = allocate(self, request, 300);
        return PXE_PENDING;
    }
    assert_int_equal(packet_free(rig.engine, self->handle, request, self->data),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(reply_send(rig.engine, request, self->data, 300, NULL), PXE_INVALID_PARAMETER);
    return PXE_OK;
}

static void packet_of_another_request(void **state)
{
    (void)state;
    start(frees_anothers);
    receive_one(1, XID);
    receive_one(2, XID);
    assert_int_equal(rig_found_count(&rig, RULE_PACKET_FOREIGN), 2);
    const struct rig_finding *found = rig_found(&rig, RULE_PACKET_FOREIGN);
    assert_int_equal(found->number, 2);
    assert_non_null(strstr(found->text, "belongs to the request of datagram 1, provider bad"));
    assert_string_equal(rig.findings[1].call, CALL_SEND);
}

RECEIVE(uses_anothers_handle)
{
    void *bytes;

    UNUSED;
    assert_int_equal(packet_allocate(rig.engine, next.handle, request, 300, &bytes),
                     PXE_INVALID_HANDLE);
    return PXE_OK;
}

static void packet_of_another_provider(void **state)
{
    (void)state;
    start(uses_anothers_handle);
    receive_one(NUMBER, XID);
    const struct rig_finding *found = rig_found(&rig, RULE_PACKET_FOREIGN);
    assert_non_null(found);
    assert_string_equal(found->provider, "next");
    assert_string_equal(found->call, CALL_ALLOCATE);
    assert_non_null(strstr(found->text, "it is the turn of provider bad"));
}

RECEIVE(overruns)
{
    uint8_t *bytes = allocate(self, request, 30);

    UNUSED;
    bytes[31] = 1;
    assert_int_equal(packet_free(rig.engine, self->handle, request, bytes), PXE_OK);
    return PXE_OK;
}

static void packet_overrun(void **state)
{
    (void)state;
    assert_non_null(strstr(finding_of(overruns, RULE_PACKET_OVERRUN, CALL_FREE)->text,
                           "byte 31 of a packet of 30 bytes was written"));
    assert_true(rig_logged(&rig, "bad: wrote past the end of a packet of 30 bytes"));
    assert_only(1);
}

RECEIVE(underruns)
{
    uint8_t *bytes = allocate(self, request, 30);

    UNUSED;
    bytes[-3] = 1;
    assert_int_equal(packet_free(rig.engine, self->handle, request, bytes), PXE_OK);
    return PXE_OK;
}

static void packet_underrun(void **state)
{
    (void)state;
    assert_non_null(strstr(finding_of(underruns, RULE_PACKET_OVERRUN, CALL_FREE)->text,
                           "byte -3 of a packet of 30 bytes was written"));
    assert_true(rig_logged(&rig, "bad: wrote before the start of a packet of 30 bytes"));
}

RECEIVE(writes_after_free)
{
    uint8_t *bytes = allocate(self, request, 30);

    UNUSED;
    assert_int_equal(packet_free(rig.engine, self->handle, request, bytes), PXE_OK);
    bytes[29] = 1;
    return PXE_OK;
}

static void packet_written_after_free(void **state)
{
    (void)state;
    assert_non_null(strstr(finding_of(writes_after_free, RULE_PACKET_USED_AFTER_FREE, CALL_RECEIVE)
                               ->text,
                           "byte 29 of a freed packet of 30 bytes was written"));
    assert_only(1);
}

RECEIVE(sends_after_free)
{
    uint8_t *bytes = allocate(self, request, 30);

    UNUSED;
    assert_int_equal(packet_free(rig.engine, self->handle, request, bytes), PXE_OK);
    assert_int_equal(reply_send(rig.engine, request, bytes, 30, NULL), PXE_INVALID_PARAMETER);
    return PXE_OK;
}

static void packet_sent_after_free(void **state)
{
    (void)state;
    (void)finding_of(sends_after_free, RULE_PACKET_USED_AFTER_FREE, CALL_SEND);
    assert_only(1);
}

/* ---- requests ---- */

RECEIVE(remembers)
{
    UNUSED;
    self->data = (void *)request;
    return PXE_OK;
}

static void handle_used_after_the_end(void **state)
{
    void *bytes;

    (void)state;
    start(remembers);
    receive_one(NUMBER, XID);
    assert_only(0);
    uintptr_t request = (uintptr_t)bad.data;
    assert_int_equal(reply_send(rig.engine, request, &bytes, 1, NULL), PXE_INVALID_HANDLE);
    assert_int_equal(packet_allocate(rig.engine, bad.handle, request, 1, &bytes),
                     PXE_INVALID_HANDLE);
    assert_int_equal(packet_free(rig.engine, bad.handle, request, &bytes), PXE_INVALID_HANDLE);
    assert_int_equal(rig_found_count(&rig, RULE_SENT_AFTER_END), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(rig.findings[i].provider, "bad");
        assert_int_equal(rig.findings[i].number, NUMBER);
        assert_int_equal(rig.findings[i].length, 300);
        assert_non_null(strstr(rig.findings[i].text, "its callback had returned a decision"));
    }
    assert_string_equal(rig.findings[0].call, CALL_SEND);
    assert_string_equal(rig.findings[1].call, CALL_ALLOCATE);
    assert_string_equal(rig.findings[2].call, CALL_FREE);
}

/* The slot has another request meanwhile: the bytes are gone, the rest is known. */
static void handle_used_long_after_the_end(void **state)
{
    (void)state;
    start(remembers);
    receive_one(NUMBER, XID);
    uintptr_t request = (uintptr_t)bad.data;
    for (uint32_t i = 0; i < 2 * REQUEST_CHUNK; i++)
        receive_one(1000 + i, i);
    assert_int_equal(reply_send(rig.engine, request, &rig, 1, NULL), PXE_INVALID_HANDLE);
    const struct rig_finding *found = rig_found(&rig, RULE_SENT_AFTER_END);
    assert_non_null(found);
    assert_string_equal(found->provider, "bad");
    assert_int_equal(found->number, NUMBER);
    assert_int_equal(found->length, 0);
    for (uint32_t i = 0; i < 4 * REQUEST_CHUNK; i++)
        receive_one(2000 + i, i);
    assert_int_equal(reply_send(rig.engine, request, &rig, 1, NULL), PXE_INVALID_HANDLE);
    assert_int_equal(rig_found_count(&rig, RULE_SENT_AFTER_END), 2);
    assert_string_equal(rig.findings[1].provider, "");
    assert_non_null(strstr(rig.findings[1].text, "ended long ago, or none"));
}

static void completed_after_the_return(void **state)
{
    (void)state;
    start(remembers);
    receive_one(NUMBER, XID);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)bad.data, ACTION_NBP),
                     PXE_INVALID_HANDLE);
    const struct rig_finding *found = rig_found(&rig, RULE_COMPLETED_TWICE);
    assert_non_null(found);
    assert_int_equal(found->number, NUMBER);
    assert_string_equal(found->call, CALL_DONE);
    assert_non_null(strstr(found->text, "after its callback had returned a decision"));
    assert_only(1);
}

static void completed_twice(void **state)
{
    (void)state;
    start(pends);
    receive_one(NUMBER, XID);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)bad.data, ACTION_IGNORE), PXE_OK);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)bad.data, ACTION_IGNORE),
                     PXE_INVALID_HANDLE);
    const struct rig_finding *found = rig_found(&rig, RULE_COMPLETED_TWICE);
    assert_non_null(found);
    assert_string_equal(found->provider, "bad");
    assert_non_null(strstr(found->text, "after PxeAsyncRecvDone had been called"));
    assert_only(1);
}

RECEIVE(completes_and_returns)
{
    UNUSED;
    assert_int_equal(chain_complete(rig.engine, request, ACTION_IGNORE), PXE_OK);
    return PXE_OK;
}

static void pended_and_done(void **state)
{
    (void)state;
    (void)finding_of(completes_and_returns, RULE_PENDED_AND_DONE, CALL_RECEIVE);
    assert_only(1);
}

RECEIVE(says_nbp)
{
    UNUSED;
    *action = ACTION_NBP;
    return PXE_OK;
}

static void nothing_sent(void **state)
{
    (void)state;
    assert_non_null(strstr(finding_of(says_nbp, RULE_NOT_SENT, CALL_RECEIVE)->text,
                           "PXE_BA_NBP, but no reply was sent"));
    assert_only(1);
}

RECEIVE(answers_and_rejects)
{
    (void)local, (void)remote, (void)action;
    assert_int_equal(rig_answer(self, request, packet, length, NULL), PXE_OK);
    return PXE_OK;
}

/* What another provider has sent is not this one's reply. */
static void nothing_sent_by_this_provider(void **state)
{
    (void)state;
    next.receive = says_nbp;
    start(answers_and_rejects);
    receive_one(NUMBER, XID);
    const struct rig_finding *found = rig_found(&rig, RULE_NOT_SENT);
    assert_non_null(found);
    assert_string_equal(found->provider, "next");
}

static void asynchronous_leak_and_nothing_sent(void **state)
{
    (void)state;
    start(pends);
    receive_one(NUMBER, XID);
    (void)allocate(&bad, (uintptr_t)bad.data, 10);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)bad.data, ACTION_CUSTOM), PXE_OK);
    assert_string_equal(rig_found(&rig, RULE_PACKET_LEAKED)->call, CALL_DONE);
    assert_string_equal(rig_found(&rig, RULE_NOT_SENT)->call, CALL_DONE);
    assert_only(2);
}

RECEIVE(says_five)
{
    UNUSED;
    *action = 5;
    return PXE_OK;
}

static void bad_action(void **state)
{
    (void)state;
    (void)finding_of(says_five, RULE_BAD_ACTION, CALL_RECEIVE);
    assert_only(1);
}

static void bad_action_of_a_completion(void **state)
{
    (void)state;
    start(pends);
    receive_one(NUMBER, XID);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)bad.data, 0), PXE_INVALID_PARAMETER);
    assert_string_equal(rig_found(&rig, RULE_BAD_ACTION)->call, CALL_DONE);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)bad.data, ACTION_IGNORE), PXE_OK);
    assert_only(1);
}

/* ---- time ---- */

RECEIVE(takes_a_second)
{
    UNUSED;
    atomic_fetch_add(&rig.stopwatch_ahead, 3600 * (uint64_t)SECOND);
    return PXE_OK;
}

static void slow_callback(void **state)
{
    (void)state;
    rig.slow_callback = 600 * (uint64_t)SECOND;
    (void)finding_of(takes_a_second, RULE_SLOW_CALLBACK, CALL_RECEIVE);
    assert_only(1);
}

static void never_completed(void **state)
{
    (void)state;
    rig.pend_timeout = 3600 * (uint64_t)SECOND;
    start(pends);
    receive_one(NUMBER, XID);
    verify_pended(rig.engine);
    assert_only(0);
    atomic_fetch_add(&rig.stopwatch_ahead, 3601 * (uint64_t)SECOND);
    verify_pended(rig.engine);
    verify_pended(rig.engine); /* is not told again */
    const struct rig_finding *found = rig_found(&rig, RULE_NEVER_COMPLETED);
    assert_non_null(found);
    assert_string_equal(found->provider, "bad");
    assert_int_equal(found->number, NUMBER);
    assert_int_equal(found->length, 300);
    assert_only(1);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)bad.data, ACTION_IGNORE), PXE_OK);
    receive_one(NUMBER + 1, XID);
    verify_pended(rig.engine); /* its time has just begun */
    assert_only(1);
}

/* ---- replies ---- */

static void send_bytes(struct scripted *self, uintptr_t request, const uint8_t *bytes,
                       uint32_t length, const struct pxe_address *to, pxe_status expected)
{
    uint8_t *packet = allocate(self, request, length);

    memcpy(packet, bytes, length);
    assert_int_equal(reply_send(rig.engine, request, packet, length, to), expected);
    assert_int_equal(packet_free(rig.engine, self->handle, request, packet), PXE_OK);
}

RECEIVE(sends_the_request_back)
{
    UNUSED;
    packet[DHCP4_XID] = 99;
    send_bytes(self, request, packet, 245, NULL, PXE_OK); /* ends before option 255 */
    *action = ACTION_NBP;
    return PXE_OK;
}

static void flaws_of_a_reply(void **state)
{
    (void)state;
    assert_non_null(strstr(finding_of(sends_the_request_back, RULE_WRONG_TRANSACTION, CALL_SEND)
                               ->text,
                           "op is 1, not 2"));
    assert_int_equal(rig_found_count(&rig, RULE_OPTION_OVERRUN), 1);
    assert_only(2);
}

RECEIVE(sends_a_greeting)
{
    UNUSED;
    send_bytes(self, request, (const uint8_t *)"hello", 5, NULL, PXE_OK);
    *action = self->number;
    return PXE_OK;
}

static void what_is_no_dhcp_may_be_custom(void **state)
{
    (void)state;
    bad.number = ACTION_CUSTOM;
    start(sends_a_greeting);
    receive_one(NUMBER, XID);
    assert_only(0);
    bad.number = ACTION_NBP;
    receive_one(NUMBER, XID);
    assert_string_equal(rig_found(&rig, RULE_WRONG_TRANSACTION)->call, CALL_RECEIVE);
    assert_only(1);
}

RECEIVE(sends_to_bad_addresses)
{
    static const struct {
        struct pxe_address to;
        uint32_t rule;
        pxe_status status;
    } cases[] = {
        {{.flags = 0x10}, RULE_ADDRESS_FLAGS, PXE_INVALID_PARAMETER},
        {{.flags = ADDR_BROADCAST | ADDR_USE_ADDR, .address_length = 4},
         RULE_ADDRESS_FLAGS,
         PXE_INVALID_PARAMETER},
        {{.flags = ADDR_USE_DHCP_RULES | ADDR_USE_ADDR, .address_length = 4},
         RULE_ADDRESS_FLAGS,
         PXE_OK},
        {{.flags = ADDR_USE_ADDR, .address_length = 16}, RULE_BAD_ARGUMENT, PXE_INVALID_PARAMETER},
        {{.flags = ADDR_USE_ADDR | ADDR_USE_PORT,
          .address = {10, 0, 0, 9},
          .address_length = 4,
          .port = 68},
         0,
         PXE_OK},
    };

    UNUSED;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rig.finding_count = 0;
        packet[DHCP4_OP] = DHCP4_BOOTREPLY;
        packet[DHCP4_OPTIONS + 2] = DHCP4_OFFER;
        send_bytes(self, request, packet, length, &cases[i].to, cases[i].status);
        assert_only(cases[i].rule != 0);
        if (cases[i].rule != 0)
            assert_int_equal(rig.findings[0].rule, cases[i].rule);
    }
    return PXE_OK;
}

static void address_flags(void **state)
{
    (void)state;
    start(sends_to_bad_addresses);
    receive_one(NUMBER, XID);
}

RECEIVE(sends_to_rules)
{
    static const struct pxe_address by_rules = {.flags = ADDR_USE_DHCP_RULES};

    UNUSED;
    send_bytes(self, request, packet, 4, &by_rules, PXE_INVALID_DATA);
    return PXE_OK;
}

static void rules_for_what_is_no_dhcp(void **state)
{
    (void)state;
    start(sends_to_rules);
    struct datagram datagram = rig_datagram("nothing", 7);
    rig_receive(&rig, &datagram);
    assert_int_equal(rig.findings[0].rule, RULE_BAD_ARGUMENT);
    assert_only(1);
}

/* ---- arguments ---- */

RECEIVE(misuses_everything)
{
    uint32_t value = 3;
    void *bytes = allocate(self, request, 10);

    UNUSED;
    assert_int_equal(packet_allocate(rig.engine, self->handle, request, 0, &bytes),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(reply_send(rig.engine, request, bytes, 11, NULL), PXE_INVALID_PARAMETER);
    assert_int_equal(provider_register_callback(rig.engine, self->handle, 3, &value, NULL),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(provider_register_callback(rig.engine, self->handle, 0, &value, NULL),
                     PXE_INVALID_STATE);
    assert_int_equal(provider_set_attribute(rig.engine, self->handle, 0, &value, 4),
                     PXE_INVALID_PARAMETER);
    assert_int_equal(packet_free(rig.engine, self->handle, request, bytes), PXE_OK);
    return PXE_OK;
}

static void bad_arguments(void **state)
{
    static const char *const calls[] = {CALL_ALLOCATE, CALL_SEND, "PxeRegisterCallback",
                                        "PxeRegisterCallback", "PxeProviderSetAttribute"};

    (void)state;
    start(misuses_everything);
    receive_one(NUMBER, XID);
    assert_only(5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(rig.findings[i].rule, RULE_BAD_ARGUMENT);
        assert_string_equal(rig.findings[i].provider, "bad");
        assert_string_equal(rig.findings[i].call, calls[i]);
    }
}

RECEIVE(uses_made_up_handles)
{
    void *bytes;
    uint32_t value = 0;

    UNUSED;
    assert_int_equal(reply_send(rig.engine, 0xdeadbee2, packet, 1, NULL), PXE_INVALID_HANDLE);
    assert_int_equal(packet_allocate(rig.engine, 0, request, 1, &bytes), PXE_INVALID_HANDLE);
    assert_int_equal(provider_set_attribute(rig.engine, request, 0, &value, 4), PXE_INVALID_HANDLE);
    return PXE_OK;
}

/* Whose they are is known from where it happened. */
static void made_up_handles(void **state)
{
    (void)state;
    rig.is_guarded = true;
    start(uses_made_up_handles);
    receive_one(NUMBER, XID);
    assert_only(3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rig.findings[i].rule, RULE_BAD_ARGUMENT);
        assert_string_equal(rig.findings[i].provider, "bad");
        assert_int_equal(rig.findings[i].number, NUMBER);
    }
}

static void made_up_handle_on_a_thread_of_nobody(void **state)
{
    (void)state;
    start(remembers);
    assert_int_equal(chain_complete(rig.engine, 0xdeadbee2, ACTION_NBP), PXE_INVALID_HANDLE);
    assert_int_equal(rig.findings[0].rule, RULE_BAD_ARGUMENT);
    assert_string_equal(rig.findings[0].provider, "");
    assert_int_equal(rig.findings[0].number, 0);
}

/* ---- providers that have gone ---- */

static void handle_of_a_provider_that_failed(void **state)
{
    struct scripted failed = {.name = "failed", .filter = -1, .initialize_status = 5};
    uint32_t value = 0;

    (void)state;
    rig_add(&rig, &failed);
    start(remembers);
    assert_int_equal(provider_set_attribute(rig.engine, failed.handle, 0, &value, 4),
                     PXE_INVALID_HANDLE);
    const struct rig_finding *found = rig_found(&rig, RULE_STALE_PROVIDER);
    assert_non_null(found);
    assert_string_equal(found->provider, "failed");
    assert_string_equal(found->call, "PxeProviderSetAttribute");
    assert_only(1);
}

static void nobody_is_told_after_the_stop(void **state)
{
    uint32_t value = 0;

    (void)state;
    start(remembers);
    receive_one(NUMBER, XID);
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    assert_int_equal(provider_set_attribute(rig.engine, bad.handle, 0, &value, 4),
                     PXE_INVALID_HANDLE);
    assert_int_equal(chain_complete(rig.engine, (uintptr_t)bad.data, ACTION_NBP),
                     PXE_INVALID_HANDLE);
    assert_only(0);
}

static void nothing_is_told_when_it_is_off(void **state)
{
    (void)state;
    rig.is_verified = false;
    start(frees_twice);
    receive_one(NUMBER, XID);
    verify_pended(rig.engine);
    assert_int_equal(chain_complete(rig.engine, 0xdeadbee2, ACTION_NBP), PXE_INVALID_HANDLE);
    assert_only(0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_provider_breaks_no_rule),
        TEST(good_asynchronous_provider_breaks_no_rule),
        TEST(packet_leaked),
        TEST(packet_freed_twice),
        TEST(packet_that_is_none),
        TEST(packet_of_another_request),
        TEST(packet_of_another_provider),
        TEST(packet_overrun),
        TEST(packet_underrun),
        TEST(packet_written_after_free),
        TEST(packet_sent_after_free),
        TEST(handle_used_after_the_end),
        TEST(handle_used_long_after_the_end),
        TEST(completed_after_the_return),
        TEST(completed_twice),
        TEST(pended_and_done),
        TEST(nothing_sent),
        TEST(nothing_sent_by_this_provider),
        TEST(asynchronous_leak_and_nothing_sent),
        TEST(bad_action),
        TEST(bad_action_of_a_completion),
        TEST(slow_callback),
        TEST(never_completed),
        TEST(flaws_of_a_reply),
        TEST(what_is_no_dhcp_may_be_custom),
        TEST(address_flags),
        TEST(rules_for_what_is_no_dhcp),
        TEST(bad_arguments),
        TEST(made_up_handles),
        TEST(made_up_handle_on_a_thread_of_nobody),
        TEST(handle_of_a_provider_that_failed),
        TEST(nobody_is_told_after_the_stop),
        TEST(nothing_is_told_when_it_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
