#include "registry/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const uint8_t mac[6] = {0x00, 0x11, 0x22, 0xaa, 0xbb, 0xcc};
static const uint8_t ipv4[4] = {10, 10, 2, 2};

/* ---- interfaces ---- */

static void interfaces_are_macs_or_addresses(void **state)
{
    static const char *const macs[] = {"MAC:001122AABBCC", "mac:001122aabbcc",
                                       "MAC:00:11:22:AA:bb:CC", "Mac:00-11-22-aa-bb-cc"};
    struct rule rule;

    (void)state;
    for (size_t i = 0; i < COUNT(macs); i++) {
        assert_true(rule_parse_interface(macs[i], &rule));
        assert_true(rule_names_mac(&rule, mac, 6));
        assert_false(rule_names_mac(&rule, mac, 5));
        assert_false(rule_names_ipv4(&rule, ipv4));
    }
    assert_true(rule_parse_interface("ip:10.10.2.2", &rule));
    assert_true(rule_names_ipv4(&rule, ipv4));
    assert_false(rule_names_mac(&rule, ipv4, 4));
}

static void other_interfaces_are_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "eth0",
                                        "MAC",
                                        "MAC:",
                                        "MAC:0",
                                        "MAC:001122AABB",
                                        "MAC:001122AABBC",
                                        "MAC:001122AABBCCDD",
                                        "MAC:00112GAABBCC",
                                        "MAC:00:1122AABBCC",
                                        "MAC:00:11-22:AA:BB:CC",
                                        "MAC:001122AABBCC=5",
                                        "MAC:001122AABBCC ",
                                        " MAC:001122AABBCC",
                                        "MAC:00:11:22:AA:BB:CC:",
                                        "IP:",
                                        "IP:10",
                                        "IP:10.10.2",
                                        "IP:10.10.2.",
                                        "IP:10.10.2.256",
                                        "IP:10.10.2.2.2",
                                        "IP:10.10.2.2/24",
                                        "IP:10.10.2.99999999999999999999",
                                        "IP:fd77::2",
                                        "ALL",
                                        "{00112233445566778899AABBCCDDEEFF}"};
    struct rule rule = {.subject = SUBJECT_GUID, .length = 99};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(rule_parse_interface(wrong[i], &rule));
        assert_true(rule.subject == SUBJECT_GUID && rule.length == 99);
    }
}

static void policy_decides_about_the_listed(void **state)
{
    struct rule one = {.subject = SUBJECT_ALL};
    struct bind_rules rules = {BIND_INCLUDE, {1, &one}};

    (void)state;
    assert_true(bind_rules_allow(&rules, true));
    assert_false(bind_rules_allow(&rules, false));
    rules.policy = BIND_EXCLUDE;
    assert_false(bind_rules_allow(&rules, true));
    assert_true(bind_rules_allow(&rules, false));
}

static void empty_list_allows_everything(void **state)
{
    struct bind_rules rules = {BIND_INCLUDE, {0}};

    (void)state;
    assert_true(bind_rules_allow(&rules, false));
    rules.policy = BIND_EXCLUDE;
    assert_true(bind_rules_allow(&rules, false));
}

/* ---- GUIDs ---- */

static void guids_without_dashes_are_in_the_order_of_sending(void **state)
{
    static const uint8_t sent[16] = {0xac, 0xef, 0xa3, 0xe8, 0x1f, 0x20, 0x69, 0x4e,
                                     0x95, 0x3e, 0xb2, 0xda, 0xa1, 0xe8, 0xb1, 0xb6};
    static const char *const same[] = {
        "{ACEFA3E81F20694E953EB2DAA1E8B1B6}", "acefa3e81f20694e953eb2daa1e8b1b6",
        "{E8A3EFAC-201F-4E69-953E-B2DAA1E8B1B6}", "e8a3efac-201f-4e69-953e-b2daa1e8b1b6"};
    struct rule rule;
    const struct rule_list list = {1, &rule}, none = {0};
    uint8_t other[16];

    (void)state;
    memcpy(other, sent, 16);
    other[15] ^= 1;
    for (size_t i = 0; i < COUNT(same); i++) {
        assert_true(rule_parse_guid(same[i], &rule));
        assert_true(rules_have_guid(&list, sent));
        assert_false(rules_have_guid(&list, other));
        assert_false(rules_have_guid(&none, sent));
    }
}

static void other_guids_are_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "{}",
                                        "{ACEFA3E81F20694E953EB2DAA1E8B1B6",
                                        "ACEFA3E81F20694E953EB2DAA1E8B1B6}",
                                        "{ACEFA3E81F20694E953EB2DAA1E8B1}",
                                        "{ACEFA3E81F20694E953EB2DAA1E8B1B6}}",
                                        "{ACEFA3E81F20694E953EB2DAA1E8B1B6F0}",
                                        "{GCEFA3E81F20694E953EB2DAA1E8B1B6}",
                                        "{E8A3EFAC-201F-4E69-953EB2DAA1E8B1B6}",
                                        "{E8A3-EFAC-201F-4E69-953EB2DAA1E8B1B6}",
                                        "{E8A3EFAC-201F-4E69-953E-B2DAA1E8B1B6-}",
                                        "MAC:001122AABBCC"};
    struct rule rule = {.length = 99};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(rule_parse_guid(wrong[i], &rule));
        assert_int_equal(rule.length, 99);
    }
}

/* ---- delays ---- */

static struct rule delay(const char *text)
{
    struct rule rule;
    assert_true(rule_parse_delay(text, &rule));
    return rule;
}

static void most_specific_delay_counts(void **state)
{
    struct rule rules[] = {delay("MAC:0011=3"), delay("ALL=1"), delay("IP:10.10.2.2=2"),
                           delay("mac:00:11:22:aa:bb:cc=4"), delay("MAC:00=5")};
    const struct rule_list list = {COUNT(rules), rules}, none = {0};
    static const uint8_t near[6] = {0, 0x11, 9, 9, 9, 9}, far[6] = {9}, second[4] = {10, 10, 2, 3};

    (void)state;
    assert_int_equal(rules_delay(&list, mac, 6, ipv4), 4);
    assert_int_equal(rules_delay(&list, near, 6, ipv4), 3);
    assert_int_equal(rules_delay(&list, far, 6, ipv4), 2);
    assert_int_equal(rules_delay(&list, far, 6, second), 1);
    assert_int_equal(rules_delay(&list, far, 6, NULL), 1);
    assert_int_equal(rules_delay(&list, mac, 1, NULL), 5); /* shorter than most entries */
    assert_int_equal(rules_delay(&none, mac, 6, ipv4), 0);
}

static void other_delays_are_refused(void **state)
{
    static const char *const wrong[] = {
        "",           "ALL",          "ALL=",   "ALL=x",  "ALL=-1",  "ALL=60001",
        "ALL=5 ",     "ALL:5",        "5",      "MAC:=5", "MAC:0=5", "MAC:00112233445566=5",
        "IP:10.10=5", "MAC:00:11:=5", "EVERY=5"};
    struct rule rule = {.length = 99};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(rule_parse_delay(wrong[i], &rule));
        assert_int_equal(rule.length, 99);
    }
    assert_int_equal(delay("all=60000").milliseconds, DELAY_MAX);
    assert_int_equal(delay("ALL=0").milliseconds, 0);
}

/* ---- groups ---- */

static void groups_are_multicast_addresses(void **state)
{
    static const char *const wrong[] = {
        "",           "10.0.0.2",     "223.255.255.255", "240.0.0.0", "239.1.2",
        "239.1.2.3 ", "IP:239.1.2.3", "239.1.2.256",     "ff02::1:2", "255.255.255.255"};
    struct rule rule = {.length = 99};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(rule_parse_group(wrong[i], &rule));
        assert_int_equal(rule.length, 99);
    }
    assert_true(rule_parse_group("224.0.0.0", &rule));
    assert_true(rule_parse_group("239.255.255.255", &rule));
    assert_int_equal(rule.length, 4);
    assert_memory_equal(rule.bytes, "\xef\xff\xff\xff", 4);
}

/* ---- buckets ---- */

static void buckets_are_numbers_and_ranges(void **state)
{
    struct bucket_set set;

    (void)state;
    assert_true(bucket_set_parse("200-255,0-2,7", &set));
    for (unsigned bucket = 0; bucket < 256; bucket++)
        assert_int_equal(bucket_set_has(&set, (uint8_t)bucket),
                         bucket <= 2 || bucket == 7 || bucket >= 200);
    assert_false(bucket_set_is_full(&set));
    assert_true(bucket_set_parse("128-255,0-127", &set));
    assert_true(bucket_set_is_full(&set));
}

static void other_buckets_are_refused(void **state)
{
    static const char *const wrong[] = {"",    ",",  "0,", ",0",    "256", "0-256",
                                        "9-8", "-5", "5-", "0 - 5", "0;5", "all"};
    struct bucket_set set = {{0x55}};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_false(bucket_set_parse(wrong[i], &set));
        assert_int_equal(set.bits[0], 0x55);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interfaces_are_macs_or_addresses),
        cmocka_unit_test(other_interfaces_are_refused),
        cmocka_unit_test(policy_decides_about_the_listed),
        cmocka_unit_test(empty_list_allows_everything),
        cmocka_unit_test(guids_without_dashes_are_in_the_order_of_sending),
        cmocka_unit_test(other_guids_are_refused),
        cmocka_unit_test(most_specific_delay_counts),
        cmocka_unit_test(other_delays_are_refused),
        cmocka_unit_test(groups_are_multicast_addresses),
        cmocka_unit_test(buckets_are_numbers_and_ranges),
        cmocka_unit_test(other_buckets_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
