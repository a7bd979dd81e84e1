/* staticpxe's configuration: which section a client gets, and what the sections say together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "answer/values/menu_wire.h"
#include "support/rules_memory.h"

static const uint8_t mac_1[] = {0x52, 0x54, 0x00, 0x77, 0x00, 0x01};
static const uint8_t pi_mac[] = {0xdc, 0xa6, 0x32, 0x01, 0x02, 0x03};
static const uint8_t guid[] = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                               0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};

static struct fact_bytes text(const char *bytes)
{
    return (struct fact_bytes){(const uint8_t *)bytes, strlen(bytes)};
}

/* A PXE client over IPv4 with this architecture. */
static struct client_facts pxe_client(uint16_t arch)
{
    struct client_facts facts = {
        .is_dhcp = true,
        .boot = FACTS_BOOT_PXE,
        .architectures = {arch},
        .architecture_count = 1,
        .mac = {mac_1, sizeof(mac_1)},
    };

    facts.vendor_class = text("PXEClient:Arch:00007:UNDI:003016");
    return facts;
}

struct outcome {
    struct match match;
    struct boot_plan plan;
};

static struct outcome ask(const struct static_config *config, const struct client_facts *facts)
{
    struct asker asker = {facts, {{10, 1, 2, 2}, 4}};
    static struct outcome outcome;

    config_match(config, &asker, &outcome.match);
    memset(&outcome.plan, 0, sizeof(outcome.plan));
    if (outcome.match.section != NULL)
        match_plan(&outcome.match, &asker, &outcome.plan);
    return outcome;
}

/* The client's section is named so, and its file is so; NULL: no section. */
static void expect(const char *ini, const struct client_facts *facts, const char *section,
                   const char *file)
{
    const struct static_config *config = rules_memory_text(ini);
    struct outcome outcome = ask(config, facts);

    if (section == NULL) {
        assert_null(outcome.match.section);
    } else {
        assert_non_null(outcome.match.section);
        assert_string_equal(outcome.plan.section, section);
        assert_string_equal(plan_file(&outcome.plan, facts->is_ipxe), file);
    }
    config_release(config);
}

/* ---- sections of a machine and of its architecture ---- */

static void one_option_of_a_machine_keeps_its_architectures_file(void **state)
{
    static const char ini[] = "[default]\nfile=default.0\nipxe_file=menu.ipxe\n[arch:0]\n"
                              "file=bios.0\n[arch:7]\nfile=x64.efi\noption.128=u8:1\n"
                              "[mac:52-54-00-77-00-01]\noption.252=\"bcd\"\n";
    struct client_facts x64 = pxe_client(7);
    struct client_facts bios = pxe_client(0);
    struct client_facts other = pxe_client(11);
    static const uint8_t options[] = {128, 1, 1, 252, 3, 'b', 'c', 'd'};

    (void)state;
    expect(ini, &x64, "mac:52-54-00-77-00-01", "x64.efi");
    expect(ini, &bios, "mac:52-54-00-77-00-01", "bios.0");
    expect(ini, &other, "mac:52-54-00-77-00-01", "default.0");
    const struct static_config *config = rules_memory_text(ini);
    struct outcome outcome = ask(config, &x64);
    assert_int_equal(outcome.plan.options_length, sizeof(options));
    assert_memory_equal(outcome.plan.options, options, sizeof(options));
    config_release(config);
}

/* As before there were rules. */
static void a_machine_with_a_file_has_nothing_of_its_architecture(void **state)
{
    static const char ini[] = "[default]\nfile=default.0\nipxe_file=menu.ipxe\n[arch:7]\n"
                              "file=x64.efi\nipxe_file=x64.ipxe\noption.128=u8:1\n"
                              "[mac:52-54-00-77-00-01]\nfile=own.efi\n";
    struct client_facts x64 = pxe_client(7);
    const struct static_config *config = rules_memory_text(ini);
    struct outcome outcome = ask(config, &x64);

    (void)state;
    assert_string_equal(outcome.plan.file, "own.efi");
    assert_string_equal(outcome.plan.ipxe_file, "menu.ipxe");
    assert_int_equal(outcome.plan.options_length, 0);
    config_release(config);
}

static void a_guid_in_a_duid_is_known_in_either_order(void **state)
{
    static const char ini[] = "[guid:00112233-4455-6677-8899-aabbccddeeff]\nfile=g\n";
    struct client_facts facts = pxe_client(7);

    (void)state;
    facts.has_guid = true;
    memcpy(facts.guid_swapped, guid, sizeof(guid));
    expect(ini, &facts, NULL, NULL);
    facts.is_guid_order_unsure = true;
    expect(ini, &facts, "guid:00112233-4455-6677-8899-aabbccddeeff", "g");
}

/* ---- rules ---- */

static void the_first_rule_that_holds_counts(void **state)
{
    static const char ini[] = "[rule:a]\narch=bios\nfile=a\n[rule:b]\narch=x64\nfile=b\n"
                              "[rule:c]\nvia=PXE\nfile=c\n[arch:7]\nfile=d\n";
    struct client_facts facts = pxe_client(9);

    (void)state;
    expect(ini, &facts, "rule:b", "b");
    facts.architectures[0] = 0;
    expect(ini, &facts, "rule:a", "a");
    facts.architectures[0] = 11;
    expect(ini, &facts, "rule:c", "c");
    facts.boot = FACTS_BOOT_HTTP;
    expect(ini, &facts, NULL, NULL);
}

static void a_machine_goes_before_rules_and_a_rule_before_architectures(void **state)
{
    static const char ini[] =
        "[rule:r]\nmac=52-54-*\noption.128=u8:7\nipxe_file=r.ipxe\n[arch:7]\nfile=a\n"
        "[mac:52-54-00-77-00-01]\noption.129=u8:1\n";
    struct client_facts facts = pxe_client(7);
    static const uint8_t options[] = {128, 1, 7, 129, 1, 1};
    const struct static_config *config = rules_memory_text(ini);
    struct outcome outcome = ask(config, &facts);

    (void)state;
    assert_string_equal(outcome.plan.section, "mac:52-54-00-77-00-01");
    assert_string_equal(outcome.plan.file, "a");
    assert_string_equal(outcome.plan.ipxe_file, "r.ipxe");
    assert_int_equal(outcome.plan.options_length, sizeof(options));
    assert_memory_equal(outcome.plan.options, options, sizeof(options));
    config_release(config);
}

/* One condition, a client for which it holds, and one for which it does not. */
struct condition_case {
    const char *condition;
    void (*make_good)(struct client_facts *facts);
};

static void is_pi(struct client_facts *facts)
{
    facts->mac = (struct fact_bytes){pi_mac, sizeof(pi_mac)};
}

static void has_guid(struct client_facts *facts)
{
    facts->has_guid = true;
    memcpy(facts->guid, guid, sizeof(guid));
}

static void has_duid(struct client_facts *facts)
{
    static const uint8_t duid[] = {0, 3, 0, 1, 2, 3};

    facts->duid = (struct fact_bytes){duid, sizeof(duid)};
}

static void has_user_class(struct client_facts *facts)
{
    facts->user_classes[0] = text("other");
    facts->user_classes[1] = text("gPXE-lab");
    facts->user_class_count = 2;
}

static void has_other_vendor_class(struct client_facts *facts)
{
    facts->vendor_class = text("PXEClient:Arch:00000:UNDI:002001");
}

static void is_relayed(struct client_facts *facts)
{
    facts->link = (struct fact_address){{10, 9, 0, 1}, 4};
}

static void has_address(struct client_facts *facts)
{
    facts->client = (struct fact_address){{10, 9, 255, 7}, 4};
}

static void has_circuit(struct client_facts *facts)
{
    facts->circuit_id = text("eth1");
}

static void has_remote(struct client_facts *facts)
{
    static const uint8_t remote[] = {0, 1, 2};

    facts->remote_id = (struct fact_bytes){remote, sizeof(remote)};
}

static void has_client_id(struct client_facts *facts)
{
    facts->client_id = text("lab-07");
}

static void is_over_http(struct client_facts *facts)
{
    facts->boot = FACTS_BOOT_HTTP;
}

static void is_over_ipv6(struct client_facts *facts)
{
    facts->is_ipv6 = true;
    facts->hardware_type = 1;
}

static void is_ipxe(struct client_facts *facts)
{
    facts->is_ipxe = true;
}

static void is_arm(struct client_facts *facts)
{
    facts->architectures[0] = 11;
}

static void each_condition_holds_for_whom_it_means_and_for_nobody_else(void **state)
{
    static const struct condition_case cases[] = {
        {"mac=b8-27-eb-*, DC:A6:32:*", is_pi},
        {"mac=dc-a6-32-01-02-03", is_pi},
        {"guid=00112233-4455-6677-8899-aabbccddeeff", has_guid},
        {"duid=00-03-00-01-02-03", has_duid},
        {"arch=arm64", is_arm},
        {"arch=0x0b,0x1b", is_arm},
        {"user_class=gpxe-*", has_user_class},
        {"vendor_class=\"*:UNDI:00200?\"", has_other_vendor_class},
        {"subnet=10.9.0.0/16", is_relayed},
        {"subnet=fd00::/8,10.9.0.0/16", has_address},
        {"circuit_id=hex:65746831", has_circuit},
        {"remote_id=hex:00-01-02", has_remote},
        {"client_id=lab-0*", has_client_id},
        {"via=HTTP", is_over_http},
        {"via=IPv6", is_over_ipv6},
        {"via=iPXE", is_ipxe},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        char ini[200];
        struct client_facts facts = pxe_client(7);

        snprintf(ini, sizeof(ini), "[rule:r]\n%s\nfile=r\nhttp_url=http://h/r\n",
                 cases[i].condition);
        expect(ini, &facts, NULL, NULL);
        cases[i].make_good(&facts);
        expect(ini, &facts, "rule:r", "r");
    }
}

static void all_conditions_of_a_rule_must_hold(void **state)
{
    static const char ini[] = "[rule:r]\nmac=dc-a6-32-*\narch=arm64\ninterface=10.1.2.2\nfile=r\n";
    struct client_facts facts = pxe_client(7);

    (void)state;
    is_pi(&facts);
    expect(ini, &facts, NULL, NULL);
    is_arm(&facts);
    expect(ini, &facts, "rule:r", "r");
}

static void our_own_address_tells_the_subnet_of_a_client_without_one(void **state)
{
    struct client_facts facts = pxe_client(7);

    (void)state;
    expect("[rule:r]\nsubnet=10.1.2.0/24\nfile=r\n", &facts, "rule:r", "r");
    is_relayed(&facts);
    expect("[rule:r]\nsubnet=10.1.2.0/24\nfile=r\n", &facts, NULL, NULL);
}

/* ---- who boots at all ---- */

static void uboot_gets_sections_but_not_default(void **state)
{
    struct client_facts facts = pxe_client(22);

    (void)state;
    facts.boot = FACTS_BOOT_OTHER;
    facts.vendor_class = text("U-Boot.armv8");
    expect("[default]\nfile=d\n[arch:22]\nfile=boot.scr.uimg\n", &facts, "arch:22",
           "boot.scr.uimg");
    expect("[default]\nfile=d\n", &facts, NULL, NULL);
    expect("[default]\nfile=d\n[rule:u]\nvendor_class=U-Boot*\nfile=u\n", &facts, "rule:u", "u");
}

static void other_classes_need_a_rule_that_names_one(void **state)
{
    struct client_facts facts = pxe_client(7);

    (void)state;
    facts.boot = FACTS_BOOT_OTHER;
    facts.vendor_class = text("anaconda-Linux");
    expect("[default]\nfile=d\n[mac:525400770001]\nfile=m\n[rule:r]\nmac=52-54-*\nfile=r\n", &facts,
           NULL, NULL);
    expect("[rule:r]\nvendor_class=anaconda*\nfile=r\n", &facts, "rule:r", "r");
}

/* ---- groups ---- */

static void groups_give_what_the_section_does_not_say(void **state)
{
    static const char ini[] = "[mac:525400770001]\nuse=lab, servers\nfile=own\n[group:lab]\n"
                              "file=lab\nipxe_file=lab.ipxe\nuse=base\n[group:servers]\n"
                              "next_server=10.0.0.9\nipxe_file=no\n[group:base]\n"
                              "server_name=base\nnext_server=10.0.0.8\n";
    struct client_facts facts = pxe_client(7);
    const struct static_config *config = rules_memory_text(ini);
    struct outcome outcome = ask(config, &facts);

    (void)state;
    assert_string_equal(outcome.plan.file, "own");
    assert_string_equal(outcome.plan.ipxe_file, "lab.ipxe");
    assert_string_equal(outcome.plan.server_name, "base");
    assert_int_equal(outcome.plan.next_server[3], 8);
    config_release(config);
}

/* Key by key, like all others: one says how often, another what comes then. */
static void boots_and_then_may_stand_in_different_sections(void **state)
{
    const struct static_config *config =
        rules_memory_text("[default]\nfile=d\nboots=3\nthen=disk\n[mac:525400770001]\nboots=1\n"
                          "[rule:pi]\nmac=dc-a6-32-*\nthen=again\n[group:disk]\nfile=disk\n"
                          "[group:again]\nfile=again\n");
    struct client_facts facts = pxe_client(7);
    struct outcome outcome = ask(config, &facts);

    (void)state;
    assert_int_equal(outcome.plan.boots, 1);
    assert_string_equal(outcome.plan.then->name, "group:disk");
    is_pi(&facts);
    outcome = ask(config, &facts);
    assert_int_equal(outcome.plan.boots, 3);
    assert_string_equal(outcome.plan.then->name, "group:again");
    config_release(config);
}

static void ignore_of_a_group_is_its_sections(void **state)
{
    const struct static_config *config = rules_memory_text(
        "[default]\nfile=d\n[rule:r]\nmac=52-*\nuse=off\n[group:off]\nignore=yes\n");
    struct client_facts facts = pxe_client(7);

    (void)state;
    assert_true(ask(config, &facts).match.ignore);
    is_pi(&facts);
    assert_false(ask(config, &facts).match.ignore);
    config_release(config);
}

static void options_for_ipxe_replace_the_others(void **state)
{
    const struct static_config *config = rules_memory_text(
        "[default]\nfile=d\noption.175=u8:1\noption.128=u8:2\nipxe_option.175=hex:010164\n");
    struct client_facts facts = pxe_client(7);
    static const uint8_t plain[] = {175, 1, 1, 128, 1, 2};
    static const uint8_t ipxe[] = {128, 1, 2, 175, 3, 1, 1, 100};

    (void)state;
    struct outcome outcome = ask(config, &facts);
    assert_int_equal(outcome.plan.options_length, sizeof(plain));
    assert_memory_equal(outcome.plan.options, plain, sizeof(plain));
    facts.is_ipxe = true;
    outcome = ask(config, &facts);
    assert_int_equal(outcome.plan.options_length, sizeof(ipxe));
    assert_memory_equal(outcome.plan.options, ipxe, sizeof(ipxe));
    config_release(config);
}

static void options_of_dhcpv6_are_inherited_one_by_one(void **state)
{
    const struct static_config *config =
        rules_memory_text("[default]\nurl=tftp://h/d\noption6.23=ip6:fd00::1\noption6.300=u8:1\n"
                          "[arch:7]\noption6.300=u16:0x0203\n");
    struct client_facts facts = pxe_client(7);
    static const uint8_t options[] = {0, 23, 0, 16, 0xfd, 0, 0, 0, 0,  0, 0, 0, 0,
                                      0, 0,  0, 0,  0,    0, 1, 1, 44, 0, 2, 2, 3};

    (void)state;
    facts.is_ipv6 = true;
    struct outcome outcome = ask(config, &facts);
    assert_int_equal(outcome.plan.options6_length, sizeof(options));
    assert_memory_equal(outcome.plan.options6, options, sizeof(options));
    config_release(config);
}

static void file_in_offer_may_stand_in_any_section(void **state)
{
    const struct static_config *config =
        rules_memory_text("[server]\nfile_in_offer=yes\n[default]\nfile=d\n[arch:7]\n"
                          "file_in_offer=no\n");
    struct client_facts facts = pxe_client(7);

    (void)state;
    assert_false(ask(config, &facts).plan.file_in_offer);
    facts.architectures[0] = 0;
    assert_true(ask(config, &facts).plan.file_in_offer);
    config_release(config);
}

static void servers_may_be_names(void **state)
{
    const struct static_config *config = rules_memory_text(
        "[default]\nfile=d\nnext_server=boot.example.test\nnext_server6=boot.example.test\n");
    struct client_facts facts = pxe_client(7);
    struct outcome outcome = ask(config, &facts);

    (void)state;
    assert_int_equal(outcome.plan.next_server[3], 99);
    assert_int_equal(outcome.plan.next_server6[0], 0xfd);
    config_release(config);
}

static void options_that_do_not_fit_together_are_told(void **state)
{
    char ini[2600] = "[arch:7]\nfile=a\n";
    char value[440];
    struct client_facts facts = pxe_client(7);

    (void)state;
    memset(value, 'a', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    for (int i = 128; i < 131; ++i)
        sprintf(ini + strlen(ini), "option.%d=hex:%s0\n", i, value);
    strcat(ini, "[mac:525400770001]\n");
    sprintf(ini + strlen(ini), "option.140=hex:%s0\n", value);
    const struct static_config *config = rules_memory_text(ini);
    struct outcome outcome = ask(config, &facts);
    assert_true(outcome.plan.is_too_much);
    assert_int_equal(outcome.plan.options_length, 0);
    config_release(config);
}

/* ---- menus ---- */

static const char menu_ini[] = "[default]\nfile=d\nipxe_file=d.ipxe\nmenu=main\noption.128=u8:1\n"
                               "[menu:main]\nprompt=Go\ntimeout=5\nitem=local, \"Disk\"\n"
                               "item=tool, \"Tool, new\"\n[group:tool]\nfile=tool.0\n"
                               "next_server=10.0.0.7\n";

static void a_menu_is_encoded_as_pxe_has_it(void **state)
{
    static const uint8_t server[] = {10, 0, 0, 2};
    static const uint8_t expected[] = {
        6,   1,    3, 8, 7,   0x80, 1,   1,   10,  0,   0,   2,   9,   19, 0, 0, 4,   'D', 'i', 's',
        'k', 0x80, 1, 9, 'T', 'o',  'o', 'l', ',', ' ', 'n', 'e', 'w', 10, 3, 5, 'G', 'o', 255};
    const struct static_config *config = rules_memory_text(menu_ini);
    struct client_facts facts = pxe_client(7);
    struct outcome outcome = ask(config, &facts);
    uint8_t bytes[MENU_BYTES_MAX];

    (void)state;
    assert_non_null(outcome.plan.menu);
    assert_int_equal(menu_encode(outcome.plan.menu, server, bytes), sizeof(expected));
    assert_memory_equal(bytes, expected, sizeof(expected));
    config_release(config);
}

static void an_item_brings_its_own_file_and_servers(void **state)
{
    const struct static_config *config = rules_memory_text(menu_ini);
    struct client_facts facts = pxe_client(7);
    struct asker asker = {&facts, {{10, 1, 2, 2}, 4}};
    struct match match;
    struct boot_plan plan;

    (void)state;
    facts.is_ipxe = true;
    config_match(config, &asker, &match);
    match_plan(&match, &asker, &plan);
    const struct menu_item *item = menu_find_item(plan.menu, 0x8001);
    assert_non_null(item);
    match_prefer(config, item->group, &match);
    match_plan(&match, &asker, &plan);
    assert_string_equal(plan_file(&plan, true), "tool.0");
    assert_int_equal(plan.next_server[3], 7);
    assert_int_equal(plan.options_length, 3);
    assert_null(menu_find_item(plan.menu, 0x8002));
    config_release(config);
}

/* ---- machine lists ---- */

static void a_machine_of_a_list_gets_its_group(void **state)
{
    static const char ini[] = "[server]\nmachines=lab.csv\n[default]\nfile=d\n[group:Lab]\n"
                              "file=lab\n[arch:7]\nfile=x64\n";
    static const char csv[] = "name;mac;guid;section\r\n; a comment\r\n"
                              "\"one \"\"1\"\"\";52-54-00-77-00-01;"
                              "{00112233-4455-6677-8899-AABBCCDDEEFF};lab\r\n"
                              "two;dca632010203;;\r\n";
    struct rules_memory memory = {
        {{"main.ini", ini, sizeof(ini) - 1}, {"lab.csv", csv, sizeof(csv) - 1}}};
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    uint32_t error;
    const struct static_config *config = rules_memory_read(&memory, &problems, &error);
    struct client_facts facts = pxe_client(7);

    (void)state;
    assert_non_null(config);
    assert_int_equal(config->machine_count, 2);
    struct outcome outcome = ask(config, &facts);
    assert_string_equal(outcome.match.machine->name, "one \"1\"");
    assert_string_equal(outcome.plan.file, "lab");
    is_pi(&facts);
    outcome = ask(config, &facts);
    assert_string_equal(outcome.match.machine->name, "two");
    assert_string_equal(outcome.plan.file, "x64");
    facts.mac.length = 0;
    has_guid(&facts);
    assert_string_equal(ask(config, &facts).match.machine_key, "guid");
    config_release(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_option_of_a_machine_keeps_its_architectures_file),
        cmocka_unit_test(a_machine_with_a_file_has_nothing_of_its_architecture),
        cmocka_unit_test(a_guid_in_a_duid_is_known_in_either_order),
        cmocka_unit_test(the_first_rule_that_holds_counts),
        cmocka_unit_test(a_machine_goes_before_rules_and_a_rule_before_architectures),
        cmocka_unit_test(each_condition_holds_for_whom_it_means_and_for_nobody_else),
        cmocka_unit_test(all_conditions_of_a_rule_must_hold),
        cmocka_unit_test(our_own_address_tells_the_subnet_of_a_client_without_one),
        cmocka_unit_test(uboot_gets_sections_but_not_default),
        cmocka_unit_test(other_classes_need_a_rule_that_names_one),
        cmocka_unit_test(groups_give_what_the_section_does_not_say),
        cmocka_unit_test(boots_and_then_may_stand_in_different_sections),
        cmocka_unit_test(ignore_of_a_group_is_its_sections),
        cmocka_unit_test(options_for_ipxe_replace_the_others),
        cmocka_unit_test(options_of_dhcpv6_are_inherited_one_by_one),
        cmocka_unit_test(file_in_offer_may_stand_in_any_section),
        cmocka_unit_test(servers_may_be_names),
        cmocka_unit_test(options_that_do_not_fit_together_are_told),
        cmocka_unit_test(a_menu_is_encoded_as_pxe_has_it),
        cmocka_unit_test(an_item_brings_its_own_file_and_servers),
        cmocka_unit_test(a_machine_of_a_list_gets_its_group),
    };

    return cmocka_run_group_tests_name("static_match", tests, NULL, NULL);
}
