/* Which interfaces the server listens on, of the addresses that a machine has. */
#include "net/interfaces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define IPV4(index, up, prefix, ...)                                                               \
    {.interface_index = index,                                                                     \
     .is_up = up,                                                                                  \
     .prefix_length = prefix,                                                                      \
     .address = {.address = {__VA_ARGS__}, .length = 4}}
#define IPV6(index, up, ...)                                                                       \
    {.interface_index = index, .is_up = up, .address = {.address = {__VA_ARGS__}, .length = 16}}
#define LINK_LOCAL(last) 0xfe, 0x80, [15] = last
#define GLOBAL(last) 0xfd, 0x77, [15] = last

/* Loopback, a wired interface with two addresses of each kind, one that is down, one with IPv6. */
static const struct interface_address machine[] = {
    IPV4(1, false, 8, 127, 0, 0, 1), IPV4(2, true, 24, 10, 0, 0, 2),
    IPV4(2, true, 20, 10, 0, 23, 3), IPV4(3, false, 24, 10, 0, 1, 2),
    IPV6(1, false, [15] = 1),        IPV6(2, true, GLOBAL(2)),
    IPV6(2, true, GLOBAL(3)),        IPV6(2, true, LINK_LOCAL(2)),
    IPV6(4, true, LINK_LOCAL(4)),
};

enum { COUNT = sizeof(machine) / sizeof(*machine) };

static struct interface_list list;

static size_t select_by(const struct net_endpoint *chosen, size_t count)
{
    return interfaces_select(machine, COUNT, chosen, count, &list);
}

static void all_that_are_up(void **state)
{
    (void)state;
    assert_int_equal(select_by(NULL, 0), 0);
    assert_int_equal(list.count, 2);
    const struct net_interface *wired = &list.entries[0];
    assert_int_equal(wired->index, 2);
    assert_true(wired->has_ipv4 && wired->has_ipv6 && wired->has_global);
    assert_memory_equal(wired->ipv4, "\x0a\0\0\2", 4);
    assert_memory_equal(wired->ipv4_broadcast, "\x0a\0\0\xff", 4);
    assert_memory_equal(wired->global, ((const uint8_t[16]){GLOBAL(2)}), 16);
    assert_memory_equal(wired->link_local, ((const uint8_t[16]){LINK_LOCAL(2)}), 16);
    assert_int_equal(list.entries[1].index, 4);
    assert_false(list.entries[1].has_ipv4 || list.entries[1].has_global);
    assert_true(list.entries[1].has_ipv6);
}

static void a_chosen_address_stands_in_for_the_first(void **state)
{
    const struct net_endpoint second = {.address = {10, 0, 23, 3}, .length = 4};

    (void)state;
    assert_int_equal(select_by(&second, 1), 1);
    assert_int_equal(list.count, 1);
    assert_memory_equal(list.entries[0].ipv4, "\x0a\0\x17\3", 4);
    assert_memory_equal(list.entries[0].ipv4_broadcast, "\x0a\0\x1f\xff", 4);
}

/* Loopback and interfaces that are down are taken if somebody asks for them. */
static void chosen_ones_need_not_be_up(void **state)
{
    const struct net_endpoint chosen[] = {
        {.address = {127, 0, 0, 1}, .length = 4},
        {.address = {10, 0, 1, 2}, .length = 4},
    };

    (void)state;
    assert_int_equal(select_by(chosen, 2), 2);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.entries[0].index, 1);
    assert_memory_equal(list.entries[0].ipv4_broadcast, "\x7f\xff\xff\xff", 4);
    assert_int_equal(list.entries[1].index, 3);
}

static void ipv6_addresses_of_one_interface_are_one_entry(void **state)
{
    const struct net_endpoint chosen[] = {
        {.address = {GLOBAL(3)}, .length = 16},
        {.address = {LINK_LOCAL(2)}, .length = 16},
    };

    (void)state;
    assert_int_equal(select_by(chosen, 2), 2);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.entries[0].index, 2);
    assert_memory_equal(list.entries[0].ipv4, "\x0a\0\0\2", 4);
}

static void the_first_missing_one_is_told_and_the_others_taken(void **state)
{
    const struct net_endpoint chosen[] = {
        {.address = {10, 0, 0, 2}, .length = 4},
        {.address = {10, 9, 9, 9}, .length = 4},
        {.address = {10, 0, 0, 2}, .length = 16}, /* not that one */
        {.address = {10, 0, 1, 2}, .length = 4},
    };

    (void)state;
    assert_int_equal(select_by(chosen, 4), 1);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.entries[1].index, 3);
}

static void a_scope_tells_which_of_two_link_local_addresses(void **state)
{
    static const struct interface_address twins[] = {
        {2, true, {.address = {0xfe, 0x80, [15] = 1}, .length = 16}, 64, 0, {0}},
        {3, true, {.address = {0xfe, 0x80, [15] = 1}, .length = 16}, 64, 0, {0}},
    };
    struct net_endpoint chosen = twins[1].address;

    (void)state;
    assert_int_equal(interfaces_select(twins, 2, &chosen, 1, &list), 1);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.entries[0].index, 2);
    chosen.scope = 3;
    assert_int_equal(interfaces_select(twins, 2, &chosen, 1, &list), 1);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.entries[0].index, 3);
    assert_true(list.entries[0].has_ipv6);
    chosen.scope = 4;
    assert_int_equal(interfaces_select(twins, 2, &chosen, 1, &list), 0);
    assert_int_equal(list.count, 0);
}

static void no_more_than_fit(void **state)
{
    static struct interface_address many[INTERFACES_MAX + 10];

    (void)state;
    for (uint32_t i = 0; i < INTERFACES_MAX + 10; i++)
        many[i] = (struct interface_address)IPV4(i + 1, true, 24, 10, 1, (uint8_t)i, 1);
    interfaces_select(many, INTERFACES_MAX + 10, NULL, 0, &list);
    assert_int_equal(list.count, INTERFACES_MAX);
    assert_non_null(interface_find(&list, INTERFACES_MAX));
    assert_null(interface_find(&list, INTERFACES_MAX + 1));
}

static void same_ipv4_is_the_same_network_on_the_same_interface(void **state)
{
    (void)state;
    select_by(NULL, 0);
    struct net_interface one = list.entries[0], other = one;
    assert_true(interface_is_same_ipv4(&one, &other));
    other.index++;
    assert_false(interface_is_same_ipv4(&one, &other));
    other = one;
    other.ipv4[3]++;
    assert_false(interface_is_same_ipv4(&one, &other));
    other = one;
    other.ipv4_broadcast[2] = 0xff;
    assert_false(interface_is_same_ipv4(&one, &other));
    other = one;
    other.has_ipv4 = false;
    assert_false(interface_is_same_ipv4(&one, &other));
    assert_false(interface_is_same_ipv4(&list.entries[1], &list.entries[1]));
}

/* ---- by rules ---- */

#define MAC(last) 0x52, 0x54, 0, 0, 0, last

/* The same machine; interface 2 and 3 have MAC addresses. */
static void select_by_rules(enum bind_policy policy, struct rule *rules, size_t count)
{
    struct interface_address with_macs[COUNT];
    const struct bind_rules bind = {policy, {count, rules}};

    memcpy(with_macs, machine, sizeof(with_macs));
    for (size_t i = 0; i < COUNT; i++) {
        uint32_t index = with_macs[i].interface_index;
        if (index != 2 && index != 3)
            continue;
        with_macs[i].mac_length = 6;
        memcpy(with_macs[i].mac, ((const uint8_t[6]){MAC((uint8_t)index)}), 6);
    }
    interfaces_select_by_rules(with_macs, COUNT, &bind, &list);
}

static void assert_selected(size_t count, uint32_t first, uint32_t second)
{
    assert_int_equal(list.count, count);
    if (count > 0)
        assert_int_equal(list.entries[0].index, first);
    if (count > 1)
        assert_int_equal(list.entries[1].index, second);
}

static struct rule mac2 = {.subject = SUBJECT_MAC, .length = 6, .bytes = {MAC(2)}};
static struct rule second_address = {.subject = SUBJECT_IP, .length = 4, .bytes = {10, 0, 23, 3}};

static void no_rules_select_all_that_are_up(void **state)
{
    (void)state;
    select_by_rules(BIND_EXCLUDE, NULL, 0);
    assert_selected(2, 2, 4);
    select_by_rules(BIND_INCLUDE, NULL, 0);
    assert_selected(2, 2, 4);
    assert_memory_equal(list.entries[0].ipv4, "\x0a\0\0\2", 4);
}

static void rules_include(void **state)
{
    struct rule loopback = {.subject = SUBJECT_IP, .length = 4, .bytes = {127, 0, 0, 1}};

    (void)state;
    select_by_rules(BIND_INCLUDE, &mac2, 1);
    assert_selected(1, 2, 0);
    assert_memory_equal(list.entries[0].ipv4, "\x0a\0\0\2", 4);
    assert_true(list.entries[0].has_ipv6);
    select_by_rules(BIND_INCLUDE, &second_address, 1);
    assert_selected(1, 2, 0);
    assert_memory_equal(list.entries[0].ipv4, "\x0a\0\x17\3", 4);
    assert_memory_equal(list.entries[0].ipv4_broadcast, "\x0a\0\x1f\xff", 4);
    assert_true(list.entries[0].has_ipv6);
    select_by_rules(BIND_INCLUDE, &loopback, 1); /* not up */
    assert_selected(1, 1, 0);
}

static void rules_exclude(void **state)
{
    (void)state;
    select_by_rules(BIND_EXCLUDE, &mac2, 1);
    assert_selected(1, 4, 0);
    select_by_rules(BIND_EXCLUDE, &second_address, 1);
    assert_selected(1, 4, 0);
    assert_false(list.entries[0].has_ipv4);
}

static void rules_that_name_nothing(void **state)
{
    struct rule unknown = {.subject = SUBJECT_MAC, .length = 6, .bytes = {MAC(9)}};

    (void)state;
    select_by_rules(BIND_INCLUDE, &unknown, 1);
    assert_selected(0, 0, 0);
    select_by_rules(BIND_EXCLUDE, &unknown, 1);
    assert_selected(2, 2, 4);
}

/* RFC 3021: both addresses of a /31 are hosts', and so is the one of a /32. */
static void the_smallest_subnets_have_no_broadcast(void **state)
{
    static const struct interface_address tunnel[] = {
        IPV4(1, true, 31, 10, 0, 0, 2),
        IPV4(2, true, 32, 10, 0, 0, 9),
        IPV4(3, true, 30, 10, 0, 1, 1),
    };

    (void)state;
    assert_int_equal(interfaces_select(tunnel, 3, NULL, 0, &list), 0);
    assert_memory_equal(list.entries[0].ipv4_broadcast, "\xff\xff\xff\xff", 4);
    assert_memory_equal(list.entries[0].ipv4, "\x0a\0\0\2", 4);
    assert_memory_equal(list.entries[1].ipv4_broadcast, "\xff\xff\xff\xff", 4);
    assert_memory_equal(list.entries[2].ipv4_broadcast, "\x0a\0\1\3", 4);
}

static struct net_endpoint ipv4(uint8_t third, uint8_t last)
{
    return (struct net_endpoint){.address = {10, 0, third, last}, .length = 4};
}

/* Whichever interfaces are served. */
static void addresses_of_this_machine(void **state)
{
    const struct net_endpoint chosen = ipv4(0, 2), other = ipv4(1, 2), foreign = ipv4(0, 3);
    const struct net_endpoint ipv6 = {.address = {GLOBAL(3)}, .length = 16};

    (void)state;
    assert_int_equal(select_by(&chosen, 1), 1);
    assert_true(interfaces_have_address(&list, &chosen));
    assert_true(interfaces_have_address(&list, &other));
    assert_true(interfaces_have_address(&list, &ipv6));
    assert_false(interfaces_have_address(&list, &foreign));
}

static void neighbours_are_on_link(void **state)
{
    const struct net_endpoint near = ipv4(0, 77), second = ipv4(31, 1), far = ipv4(32, 1);

    (void)state;
    assert_int_equal(select_by(NULL, 0), 0);
    assert_true(interfaces_are_on_link(&list, 2, &near));
    assert_true(interfaces_are_on_link(&list, 2, &second)); /* 10.0.23.3/20 */
    assert_false(interfaces_are_on_link(&list, 2, &far));
    assert_false(interfaces_are_on_link(&list, 4, &near));
    assert_true(prefix_is_same((const uint8_t *)"\xaa\x80", (const uint8_t *)"\xaa\xff", 9));
    assert_false(prefix_is_same((const uint8_t *)"\xaa\x80", (const uint8_t *)"\xaa\x7f", 9));
    assert_true(prefix_is_same((const uint8_t *)"\xaa", (const uint8_t *)"\x55", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_are_up),
        cmocka_unit_test(the_smallest_subnets_have_no_broadcast),
        cmocka_unit_test(addresses_of_this_machine),
        cmocka_unit_test(neighbours_are_on_link),
        cmocka_unit_test(a_chosen_address_stands_in_for_the_first),
        cmocka_unit_test(chosen_ones_need_not_be_up),
        cmocka_unit_test(ipv6_addresses_of_one_interface_are_one_entry),
        cmocka_unit_test(the_first_missing_one_is_told_and_the_others_taken),
        cmocka_unit_test(a_scope_tells_which_of_two_link_local_addresses),
        cmocka_unit_test(no_more_than_fit),
        cmocka_unit_test(same_ipv4_is_the_same_network_on_the_same_interface),
        cmocka_unit_test(no_rules_select_all_that_are_up),
        cmocka_unit_test(rules_include),
        cmocka_unit_test(rules_exclude),
        cmocka_unit_test(rules_that_name_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
