/* What the settings do to requests before any provider sees them. */
#include "engine/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"
#include "engine/balance.h"
#include "support/engine_rig.h"
#include "support/wire.h"
#include "support/wire6.h"

static const uint8_t ipxe_discover[] = {WIRE_IPXE_DISCOVER}; /* secs 4, client identifier */
static const uint8_t ovmf_discover[] = {WIRE_OVMF_DISCOVER}; /* secs 0, no identifier */
static const uint8_t ovmf_4011[] = {WIRE_OVMF_REQUEST_4011};
static const uint8_t solicit6[] = {WIRE6_OVMF_SOLICIT};
static const uint8_t relayed_solicit6[] = {WIRE6_RELAYED_SOLICIT};
static const uint8_t request6[] = {WIRE6_OVMF_REQUEST};

static struct rig rig;
static struct policy policy;
static uint8_t seen[1500]; /* what the provider was given last */

static uint32_t ignore(struct scripted *self, uintptr_t request, uint8_t *packet, uint32_t length,
                       struct pxe_address *local, struct pxe_address *remote, uint32_t *action)
{
    (void)self, (void)request, (void)local, (void)remote;
    memcpy(seen, packet, length < sizeof(seen) ? length : sizeof(seen));
    *action = ACTION_IGNORE;
    return PXE_OK;
}

static struct scripted provider;

static void start(void)
{
    memset(seen, 0, sizeof(seen));
    provider = (struct scripted){.name = "p", .filter = -1, .receive = ignore};
    rig_init(&rig);
    rig.settings = &policy;
    rig_add(&rig, &provider);
}

static void run(void)
{
    assert_int_equal(rig_start(&rig), PXE_OK);
    uint32_t one = 1;
    assert_int_equal(provider_set_attribute(rig.engine, provider.handle, ATTR_IPV6_CAPABLE, &one,
                                            sizeof(one)),
                     PXE_OK);
}

/* No bucket at all, takeover after eight seconds. */
static int setup(void **state)
{
    (void)state;
    memset(&policy, 0, sizeof(policy));
    policy.takeover = 8;
    start();
    run();
    return 0;
}

static int setup_delays(void **state)
{
    (void)state;
    memset(&policy, 0, sizeof(policy));
    memset(&policy.buckets, 0xff, sizeof(policy.buckets));
    start();
    rig.with_delays = true;
    run();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_done(&rig);
    return 0;
}

static void receive(const uint8_t *bytes, size_t length)
{
    struct datagram datagram = rig_datagram(bytes, length);
    rig_receive(&rig, &datagram);
}

static void receive6(const uint8_t *bytes, size_t length)
{
    struct datagram datagram = rig_datagram(bytes, length);

    datagram.local =
        (struct net_endpoint){.address = {0xfe, 0x80, [15] = 1}, .length = 16, .port = 547};
    datagram.remote =
        (struct net_endpoint){.address = {0xfe, 0x80, [15] = 9}, .length = 16, .port = 546};
    datagram.broadcast = false;
    rig_receive(&rig, &datagram);
}

/* How many requests the provider has got since the last call. */
static uint32_t got(void)
{
    return atomic_exchange(&provider.received, 0);
}

static void take_bucket(uint8_t bucket)
{
    policy.buckets.bits[bucket / 8] |= (uint8_t)(1u << bucket % 8);
}

/* ---- sharing ---- */

static void others_clients_are_dropped_with_the_reason(void **state)
{
    (void)state;
    receive(ovmf_discover, sizeof(ovmf_discover));
    assert_int_equal(got(), 0);
    assert_non_null(strstr(rig.last_reason, "another server's client (bucket "));
    assert_true(rig_logged(&rig, "another server's client (bucket "));
    assert_int_equal(atomic_load(&rig.engine->counters.dropped), 1);
}

static void own_clients_go_through(void **state)
{
    static const uint8_t mac[6] = {WIRE_MAC_EFI}, id[7] = {1, WIRE_MAC_BIOS};

    (void)state;
    take_bucket(balance_bucket(mac, 6));
    receive(ovmf_discover, sizeof(ovmf_discover));
    receive(ipxe_discover, sizeof(ipxe_discover));
    assert_int_equal(got(), 1);
    take_bucket(balance_bucket(id, 7)); /* the identifier comes before the address */
    receive(ipxe_discover, sizeof(ipxe_discover));
    assert_int_equal(got(), 1);
}

static void who_has_chosen_a_server_goes_through(void **state)
{
    static const uint8_t to_server[] = {
        WIRE_HEADER, WIRE_MESSAGE_TYPE(3), 54, 4, 10, 0, 0, 1, WIRE_VENDOR_CLASS('7', '3', '0'),
        WIRE_END};
    struct datagram datagram = rig_datagram(ovmf_4011, sizeof(ovmf_4011));

    (void)state;
    receive(ovmf_4011, sizeof(ovmf_4011)); /* on port 67 */
    assert_int_equal(got(), 0);
    datagram.local.port = datagram.remote.port = 4011;
    datagram.boot_server_port = true;
    rig_receive(&rig, &datagram);
    receive(to_server, sizeof(to_server));
    receive6(request6, sizeof(request6));
    assert_int_equal(got(), 3);
}

/* By multicast to port 4011 a client asks every server. */
static void boot_server_port_of_all_is_shared(void **state)
{
    struct datagram datagram = rig_datagram(solicit6, sizeof(solicit6));

    (void)state;
    datagram.local.length = datagram.remote.length = 16;
    datagram.local.port = 4011;
    datagram.boot_server_port = datagram.multicast = true;
    rig_receive(&rig, &datagram);
    assert_int_equal(got(), 0);
    datagram.multicast = false;
    rig_receive(&rig, &datagram);
    assert_int_equal(got(), 1);
}

static void paused_server_drops_all(void **state)
{
    (void)state;
    memset(&policy.buckets, 0xff, sizeof(policy.buckets));
    atomic_store(&rig.engine->is_paused, true);
    receive(ovmf_discover, sizeof(ovmf_discover));
    receive((const uint8_t *)"rubbish", 7);
    assert_int_equal(got(), 0);
    assert_string_equal(rig.last_reason, "the server is paused");
    atomic_store(&rig.engine->is_paused, false);
    receive(ovmf_discover, sizeof(ovmf_discover));
    assert_int_equal(got(), 1);
}

static void what_is_no_dhcp_goes_through(void **state)
{
    (void)state;
    receive((const uint8_t *)"rubbish", 7);
    assert_int_equal(got(), 1);
}

static void secs_take_over(void **state)
{
    uint8_t packet[sizeof(ovmf_discover)];

    (void)state;
    memcpy(packet, ovmf_discover, sizeof(packet));
    packet[DHCP4_SECS + 1] = 7;
    receive(packet, sizeof(packet));
    assert_int_equal(got(), 0);
    packet[DHCP4_SECS + 1] = 8;
    receive(packet, sizeof(packet));
    assert_int_equal(got(), 1);
    assert_true(rig_logged(&rig, "taking over another server's client"));
    packet[DHCP4_SECS] = 7; /* the wrong way round */
    packet[DHCP4_SECS + 1] = 0;
    receive(packet, sizeof(packet));
    assert_int_equal(got(), 0);
    packet[DHCP4_SECS] = 8;
    receive(packet, sizeof(packet));
    assert_int_equal(got(), 1);
}

static void repeats_take_over(void **state)
{
    uint8_t again[sizeof(ovmf_discover)];

    (void)state;
    memcpy(again, ovmf_discover, sizeof(again));
    receive(ovmf_discover, sizeof(ovmf_discover));
    atomic_fetch_add(&rig.time_ahead, 4000000);
    again[DHCP4_XID] ^= 1; /* firmware may take a new number each time */
    receive(again, sizeof(again));
    assert_int_equal(got(), 0);
    atomic_fetch_add(&rig.time_ahead, 8000000);
    again[DHCP4_XID] ^= 2;
    receive(again, sizeof(again));
    assert_int_equal(got(), 1);
    assert_int_equal(atomic_load(&rig.engine->counters.taken_over), 1);
    assert_int_not_equal(atomic_load(&rig.engine->counters.last_taken_over), 0);
    /* Another boot, a minute later, with a number that was there. */
    atomic_fetch_add(&rig.time_ahead, 60000000);
    receive(ovmf_discover, sizeof(ovmf_discover));
    assert_int_equal(got(), 0);
}

/* Who asks for an address at a server has an answer. */
static void choice_of_a_server_ends_the_waiting(void **state)
{
    static const uint8_t to_server[] = {
        WIRE_HEADER, WIRE_MESSAGE_TYPE(3), 54, 4, 10, 0, 0, 1, WIRE_VENDOR_CLASS('7', '3', '0'),
        WIRE_END};
    static const uint8_t discover[] = {WIRE_HEADER, WIRE_MESSAGE_TYPE(1),
                                       WIRE_VENDOR_CLASS('7', '3', '0'), WIRE_END};

    (void)state;
    receive(discover, sizeof(discover));
    atomic_fetch_add(&rig.time_ahead, 4000000);
    receive(discover, sizeof(discover));
    receive(to_server, sizeof(to_server));
    assert_int_equal(got(), 1);
    atomic_fetch_add(&rig.time_ahead, 8000000);
    receive(discover, sizeof(discover));
    assert_int_equal(got(), 0);
}

static void takeover_may_be_off(void **state)
{
    uint8_t packet[sizeof(ovmf_discover)];

    (void)state;
    policy.takeover = 0;
    memcpy(packet, ovmf_discover, sizeof(packet));
    packet[DHCP4_SECS + 1] = 255;
    receive(packet, sizeof(packet));
    assert_int_equal(got(), 0);
}

static void dhcpv6_goes_by_duid_and_elapsed_time(void **state)
{
    static const uint8_t client_id[] = {WIRE6_CLIENT_ID};
    const uint8_t bucket = balance_bucket(client_id + 4, sizeof(client_id) - 4);
    uint8_t packet[sizeof(solicit6)];

    (void)state;
    memcpy(packet, solicit6, sizeof(packet));
    receive6(packet, sizeof(packet));
    receive6(relayed_solicit6, sizeof(relayed_solicit6));
    assert_int_equal(got(), 0);
    /* elapsed time: behind the client identifier, in hundredths */
    uint8_t *elapsed = packet + 4 + sizeof(client_id) + 4;
    elapsed[0] = 799 >> 8;
    elapsed[1] = 799 & 0xff;
    receive6(packet, sizeof(packet));
    assert_int_equal(got(), 0);
    elapsed[0] = 800 >> 8;
    elapsed[1] = 800 & 0xff;
    receive6(packet, sizeof(packet));
    assert_int_equal(got(), 1);
    take_bucket(bucket);
    receive6(solicit6, sizeof(solicit6));
    receive6(relayed_solicit6, sizeof(relayed_solicit6));
    assert_int_equal(got(), 2);
}

/* Two servers, together all buckets: each of 1,000 clients is one server's. */
static void every_client_is_one_servers(void **state)
{
    uint8_t packet[sizeof(ovmf_discover)];
    uint32_t first = 0, second = 0;

    (void)state;
    memcpy(packet, ovmf_discover, sizeof(packet));
    for (uint32_t half = 0; half < 2; half++) {
        memset(policy.buckets.bits, half == 0 ? 0xff : 0, 16);
        memset(policy.buckets.bits + 16, half == 0 ? 0 : 0xff, 16);
        for (uint32_t i = 0; i < 1000; i++) {
            packet[DHCP4_CHADDR + 4] = (uint8_t)(i >> 8);
            packet[DHCP4_CHADDR + 5] = (uint8_t)i;
            receive(packet, sizeof(packet));
        }
        *(half == 0 ? &first : &second) = got();
    }
    assert_int_equal(first + second, 1000);
    assert_in_range(first, 400, 600);
}

/* ---- delays ---- */

static void requests_wait(void **state)
{
    struct rule rules[] = {
        {.subject = SUBJECT_ALL, .milliseconds = 500},
        {.subject = SUBJECT_IP, .length = 4, .bytes = {10, 0, 0, 1}, .milliseconds = 700},
        {.subject = SUBJECT_MAC, .length = 6, .bytes = {WIRE_MAC_BIOS}, .milliseconds = 900}};

    (void)state;
    policy.delays = (struct rule_list){3, rules};
    receive(ovmf_discover, sizeof(ovmf_discover));
    receive(ipxe_discover, sizeof(ipxe_discover));
    receive6(solicit6, sizeof(solicit6));
    assert_int_equal(got(), 0);
    assert_int_equal(rig.delayed_count, 3);
    assert_int_equal(rig.delayed[0].milliseconds, 700);
    assert_int_equal(rig.delayed[1].milliseconds, 900);
    assert_int_equal(rig.delayed[2].milliseconds, 500);
    rig_release(&rig);
    assert_int_equal(got(), 3);

    struct datagram datagram = rig_datagram(ovmf_4011, sizeof(ovmf_4011));
    datagram.boot_server_port = true;
    rig_receive(&rig, &datagram);
    receive((const uint8_t *)"rubbish", 7);
    assert_int_equal(rig.delayed_count, 0);
    assert_int_equal(got(), 2);
}

static void refused_delay_is_no_delay(void **state)
{
    struct rule all = {.subject = SUBJECT_ALL, .milliseconds = 500};

    (void)state;
    policy.delays = (struct rule_list){1, &all};
    for (size_t i = 0; i < RIG_DELAYED_KEPT + 1; i++)
        receive(ovmf_discover, sizeof(ovmf_discover));
    assert_int_equal(got(), 1);
    rig_release(&rig);
    assert_int_equal(got(), RIG_DELAYED_KEPT);
}

static void what_waits_when_the_server_stops_is_dropped(void **state)
{
    struct rule all = {.subject = SUBJECT_ALL, .milliseconds = 500};

    (void)state;
    policy.delays = (struct rule_list){1, &all};
    receive(ovmf_discover, sizeof(ovmf_discover));
    assert_int_equal(engine_stop(rig.engine, 5000), PXE_OK);
    rig_release(&rig);
    assert_int_equal(got(), 0);
}

/* ---- GUIDs ---- */

static const uint8_t guid[16] = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                                 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

static void banned_guids_become_mac_addresses(void **state)
{
    static const uint8_t expected[17] = {[11] = WIRE_MAC_BIOS};
    struct rule rule = {.subject = SUBJECT_GUID, .length = 16};
    const uint8_t *value;
    uint8_t length;

    (void)state;
    memcpy(rule.bytes, guid, 16);
    policy.banned_guids = (struct rule_list){1, &rule};
    receive(ipxe_discover, sizeof(ipxe_discover));
    assert_int_equal(dhcp4_option_find(seen, sizeof(ipxe_discover), 97, 1, &value, &length),
                     PXE_OK);
    assert_int_equal(length, 17);
    assert_memory_equal(value, expected, 17);
    /* the rest is as it came */
    memcpy(seen + (value - seen) + 1, guid, 16);
    assert_memory_equal(seen, ipxe_discover, sizeof(ipxe_discover));
}

static void other_guids_stay(void **state)
{
    struct rule rule = {.subject = SUBJECT_GUID, .length = 16};

    (void)state;
    memcpy(rule.bytes, guid, 16);
    rule.bytes[0] ^= 1;
    policy.banned_guids = (struct rule_list){1, &rule};
    receive(ipxe_discover, sizeof(ipxe_discover));
    assert_int_equal(got(), 1);
    assert_memory_equal(seen, ipxe_discover, sizeof(ipxe_discover));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
#define DELAY_TEST(function) cmocka_unit_test_setup_teardown(function, setup_delays, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(others_clients_are_dropped_with_the_reason),
        TEST(own_clients_go_through),
        TEST(who_has_chosen_a_server_goes_through),
        TEST(paused_server_drops_all),
        TEST(what_is_no_dhcp_goes_through),
        TEST(secs_take_over),
        TEST(choice_of_a_server_ends_the_waiting),
        TEST(boot_server_port_of_all_is_shared),
        TEST(repeats_take_over),
        TEST(takeover_may_be_off),
        TEST(dhcpv6_goes_by_duid_and_elapsed_time),
        TEST(every_client_is_one_servers),
        DELAY_TEST(requests_wait),
        DELAY_TEST(refused_delay_is_no_delay),
        DELAY_TEST(what_waits_when_the_server_stops_is_dropped),
        DELAY_TEST(banned_guids_become_mac_addresses),
        DELAY_TEST(other_guids_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
