/* The configuration of staticpxe.dll: every form that is accepted. */
#include "staticpxe/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/fake_pxe.h"
#include "support/temp_ini.h"

static const BYTE mac_1[] = {0x52, 0x54, 0x00, 0x77, 0x00, 0x01};
static const BYTE mac_2[] = {0x52, 0x54, 0x00, 0x77, 0x00, 0x02};
static const BYTE arch_0[] = {0, 0};
static const BYTE arch_7[] = {0, 7};
static const BYTE arch_16[] = {0, 16};
static const BYTE guid_on_wire[] = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                                    0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
static const BYTE no_address[4];
static const BYTE no_address6[16];

static int setup(void **state)
{
    (void)state;
    fake_pxe_reset();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    temp_ini_remove();
    fake_pxe_reset();
    return 0;
}

static const struct static_config *load(const char *text)
{
    const struct static_config *config = NULL;
    DWORD error = config_load(fake_provider(), temp_ini_text(text), &config);

    if (error != ERROR_SUCCESS)
        print_error("%S", fake_pxe.trace);
    assert_int_equal(error, ERROR_SUCCESS);
    assert_non_null(config);
    return config;
}

/* The kinds of sections that the tests ask for. */
enum rule_kind { RULE_DEFAULT, RULE_ARCH, RULE_GUID, RULE_DUID, RULE_MAC };

/* The client that such a section alone is for. */
static struct client_facts client_of(enum rule_kind kind, const BYTE *key, size_t length)
{
    struct client_facts facts = {.is_dhcp = true, .boot = FACTS_BOOT_PXE};

    if (kind == RULE_MAC)
        facts.mac = (struct fact_bytes){key, 6};
    if (kind == RULE_DUID)
        facts.duid = (struct fact_bytes){key, length};
    if (kind == RULE_GUID) {
        facts.has_guid = true;
        memcpy(facts.guid, key, sizeof(facts.guid));
    }
    if (kind == RULE_ARCH) {
        facts.architectures[0] = (uint16_t)(key[0] << 8 | key[1]);
        facts.architecture_count = 1;
    }
    return facts;
}

struct found {
    struct match match;
    struct boot_plan plan;
};

/* What the client of a section gets; NULL if the section that it gets is not of that kind. */
static const struct boot_plan *find(const struct static_config *config, enum rule_kind kind,
                                    const BYTE *key, size_t length)
{
    static struct found kept[16]; /* a test has a few at the same time */
    static unsigned next;
    struct found *found = &kept[next++ % 16];
    struct client_facts facts = client_of(kind, key, length);
    struct asker asker = {.facts = &facts};

    config_match(config, &asker, &found->match);
    if (found->match.section == NULL ||
        (kind != RULE_DEFAULT && found->match.section == config->defaults))
        return NULL;
    match_plan(&found->match, &asker, &found->plan);
    return &found->plan;
}

static const struct boot_plan *config_find(const struct static_config *config, enum rule_kind kind,
                                           const BYTE *key)
{
    return find(config, kind, key, 0);
}

static const struct boot_plan *config_find_duid(const struct static_config *config,
                                                const BYTE *duid, size_t length)
{
    return find(config, RULE_DUID, duid, length);
}

static bool ignores(const struct static_config *config, enum rule_kind kind, const BYTE *key)
{
    struct client_facts facts = client_of(kind, key, 0);
    struct asker asker = {.facts = &facts};
    struct match match;

    config_match(config, &asker, &match);
    assert_non_null(match.section);
    return match.ignore;
}

static const struct boot_plan *rule_of(const struct static_config *config, enum rule_kind kind,
                                       const BYTE *key)
{
    const struct boot_plan *rule = config_find(config, kind, key);

    assert_non_null(rule);
    return rule;
}

static void minimal_file(void **state)
{
    const struct static_config *config = load("[default]\nfile=pxelinux.0\n");
    const struct boot_plan *rule = rule_of(config, RULE_DEFAULT, NULL);

    (void)state;
    assert_int_equal(config->dhcp_port, 67);
    assert_int_equal(config->dhcp6_port, 547);
    assert_false(rule->file_in_offer);
    assert_int_equal(config->rule_count, 1);
    assert_string_equal(rule->file, "pxelinux.0");
    assert_string_equal(rule->ipxe_file, "");
    assert_string_equal(rule->server_name, "");
    assert_memory_equal(rule->next_server, no_address, 4);
    assert_string_equal(rule->url, "");
    assert_string_equal(rule->http_url, "");
    assert_memory_equal(rule->next_server6, no_address6, 16);
    assert_int_equal(rule->boot_params.length, 0);
    assert_int_equal(rule->options_length, 0);
    assert_false(ignores(config, RULE_DEFAULT, NULL));
    assert_null(config_find(config, RULE_MAC, mac_1));
    assert_int_equal(fake_pxe.severities, 0);
    config_free(config);
}

static void doubtful_file_is_used_with_a_warning(void **state)
{
    const struct static_config *config =
        load("[default]\nfile=a.efi\nfile_in_offer=yes\noption.43=hex:0a0141ff\n");

    (void)state;
    assert_int_equal(fake_pxe.severities, PXE_TRACE_WARNING);
    assert_non_null(wcsstr(fake_pxe.trace, L", line 1, section [default], key option.43: "));
    assert_non_null(wcsstr(fake_pxe.trace, L"begin its value with 060108"));
    config_free(config);
}

static void every_key_of_a_section(void **state)
{
    const struct static_config *config = load("[ARCH:0x0007]\r\n"
                                              "; a comment\r\n"
                                              "  File = \"boot\\x64\\a b.efi\"  \r\n"
                                              "IPXE_file=menu.ipxe\r\n"
                                              "next_server=10.1.2.3\r\n"
                                              "server_name=srv\r\n"
                                              "ignore=NO\r\n");
    const struct boot_plan *rule = rule_of(config, RULE_ARCH, arch_7);
    static const BYTE next[] = {10, 1, 2, 3};

    (void)state;
    assert_string_equal(rule->file, "boot\\x64\\a b.efi");
    assert_string_equal(rule->ipxe_file, "menu.ipxe");
    assert_string_equal(rule->server_name, "srv");
    assert_memory_equal(rule->next_server, next, 4);
    assert_false(ignores(config, RULE_ARCH, arch_7));
    config_free(config);
}

static void server_section(void **state)
{
    const struct static_config *config = load("[default]\nfile=a\nserver_name=mine\n"
                                              "[server]\nnext_server=10.9.9.9\nname=all\n"
                                              "dhcp_port=1067\nfile_in_offer=yes\n"
                                              "[arch:0]\nnext_server=10.0.0.7\n");
    static const BYTE all[] = {10, 9, 9, 9};
    static const BYTE own[] = {10, 0, 0, 7};

    (void)state;
    assert_int_equal(config->dhcp_port, 1067);
    assert_true(rule_of(config, RULE_DEFAULT, NULL)->file_in_offer);
    assert_memory_equal(rule_of(config, RULE_DEFAULT, NULL)->next_server, all, 4);
    assert_string_equal(rule_of(config, RULE_DEFAULT, NULL)->server_name, "mine");
    assert_memory_equal(rule_of(config, RULE_ARCH, arch_0)->next_server, own, 4);
    config_free(config);
}

static void keys_of_ipv6(void **state)
{
    static const BYTE all[16] = {0xfd, 0x77, [15] = 9};
    static const BYTE own[16] = {0xfd, 0x77, [11] = 1, [15] = 0x10};
    static const BYTE params[] = {0, 2, 'a', 'b', 0, 1, 'c'};
    const struct static_config *config =
        load("[server]\nnext_server6=FD77::9\ndhcp6_port=1547\n"
             "[default]\nfile=a\nboot_params=  ab  c\n"
             "[arch:7]\nnext_server6=fd77:0:0:0::1:0:10\nurl=tftp://[fd77::9]/a\n"
             "[arch:0]\nhttp_url=HTTPS://srv.test:443/a%20b?c\n");
    const struct boot_plan *rule = rule_of(config, RULE_ARCH, arch_7);

    (void)state;
    assert_int_equal(config->dhcp6_port, 1547);
    assert_memory_equal(rule_of(config, RULE_DEFAULT, NULL)->next_server6, all, 16);
    assert_memory_equal(rule->next_server6, own, 16);
    assert_string_equal(rule->url, "tftp://[fd77::9]/a");
    assert_int_equal(rule->boot_params.length, sizeof(params));
    assert_memory_equal(rule->boot_params.bytes, params, sizeof(params));
    rule = rule_of(config, RULE_ARCH, arch_0);
    assert_string_equal(rule->http_url, "HTTPS://srv.test:443/a%20b?c");
    assert_string_equal(rule->url, "");
    assert_memory_equal(rule->next_server6, all, 16);
    config_free(config);
}

static void any_boot_file_is_enough(void **state)
{
    const struct static_config *config = load("[default]\nhttp_url=http://h/a\n"
                                              "[arch:7]\nurl=tftp://h/a\n");

    (void)state;
    assert_int_equal(config->rule_count, 2);
    assert_string_equal(rule_of(config, RULE_DEFAULT, NULL)->file, "");
    assert_string_equal(rule_of(config, RULE_ARCH, arch_7)->http_url, "http://h/a");
    config_free(config);
}

static void forms_of_a_duid(void **state)
{
    static const BYTE duid[] = {0, 3, 0, 1, 0x52, 0x54, 0, 0x77, 0, 1};
    static const char *const forms[] = {
        "[duid:00-03-00-01-52-54-00-77-00-01]\nfile=a\n",
        "[DUID:00:03:00:01:52:54:00:77:00:01]\nfile=a\n",
        "[duid:00030001525400770001]\nfile=a\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); ++i) {
        const struct static_config *config = load(forms[i]);

        assert_non_null(config_find_duid(config, duid, sizeof(duid)));
        assert_null(config_find_duid(config, duid, sizeof(duid) - 1));
        config_free(config);
    }
}

static void forms_of_a_mac(void **state)
{
    static const char *const forms[] = {
        "[mac:52-54-00-77-00-01]\nfile=a\n",  "[mac:52:54:00:77:00:01]\nfile=a\n",
        "[mac:5254.0077.0001]\nfile=a\n",     "[MAC:525400770001]\nfile=a\n",
        "[mac: 52 54 00 77 00 01]\nfile=a\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); ++i) {
        const struct static_config *config = load(forms[i]);

        assert_non_null(config_find(config, RULE_MAC, mac_1));
        assert_null(config_find(config, RULE_MAC, mac_2));
        config_free(config);
    }
}

static void forms_of_a_guid(void **state)
{
    static const char *const forms[] = {
        "[guid:00112233-4455-6677-8899-aabbccddeeff]\nfile=a\n",
        "[guid:{00112233-4455-6677-8899-AABBCCDDEEFF}]\nfile=a\n",
        "[guid:00112233445566778899aabbccddeeff]\nfile=a\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); ++i) {
        const struct static_config *config = load(forms[i]);

        assert_non_null(config_find(config, RULE_GUID, guid_on_wire));
        config_free(config);
    }
}

static void forms_of_an_option(void **state)
{
    static const BYTE expected[] = {
        43,  4, 0x06, 0x01, 0x08, 0xff,              /* hex */
        150, 8, 10,   0,    0,    1,    10, 0, 0, 2, /* ip */
        200, 1, 255,                                 /* u8 */
        201, 2, 0x12, 0x34,                          /* u16 */
        202, 4, 0xff, 0xff, 0xff, 0xff,              /* u32 */
        252, 4, '\\', 'b',  ';',  'c',               /* text */
        253, 0,                                      /* empty text */
    };
    const struct static_config *config = load("[default]\nfile=a\n"
                                              "option.43=hex:06 01-08:FF\n"
                                              "option.150=ip:10.0.0.1, 10.0.0.2\n"
                                              "option.200=u8:255\n"
                                              "Option.0xc9=u16:0x1234\n"
                                              "option.202=u32:4294967295\n"
                                              "option.252=\"\\b;c\"\n"
                                              "option.253=\"\"\n");
    const struct boot_plan *rule = rule_of(config, RULE_DEFAULT, NULL);

    (void)state;
    assert_int_equal(rule->options_length, sizeof(expected));
    assert_memory_equal(rule->options, expected, sizeof(expected));
    config_free(config);
}

static void sections_inherit_what_they_lack(void **state)
{
    static const BYTE options[] = {128, 1, 1, 130, 1, 3, 129, 3, 9, 9, 9};
    const struct static_config *config =
        load("[mac:525400770001]\noption.129=hex:090909\n[mac:525400770002]\nfile=own\n"
             "[default]\nfile=base\nipxe_file=menu\nserver_name=srv\nnext_server=10.0.0.9\n"
             "option.128=u8:1\noption.129=u8:2\noption.130=u8:3\n");
    const struct boot_plan *first = rule_of(config, RULE_MAC, mac_1);
    const struct boot_plan *second = rule_of(config, RULE_MAC, mac_2);

    (void)state;
    assert_string_equal(first->file, "base");
    assert_string_equal(first->ipxe_file, "menu");
    assert_string_equal(first->server_name, "srv");
    assert_int_equal(first->next_server[3], 9);
    assert_int_equal(first->options_length, sizeof(options));
    assert_memory_equal(first->options, options, sizeof(options));
    assert_string_equal(second->file, "own");
    assert_int_equal(second->options_length, 9);
    config_free(config);
}

static void ignore_is_not_inherited(void **state)
{
    const struct static_config *config = load("[default]\nignore=yes\n[arch:7]\nfile=a\n"
                                              "[mac:525400770001]\nignore=yes\n");

    (void)state;
    assert_true(ignores(config, RULE_DEFAULT, NULL));
    assert_false(ignores(config, RULE_ARCH, arch_7));
    assert_true(ignores(config, RULE_MAC, mac_1));
    config_free(config);
}

static void bare_default_answers_nobody(void **state)
{
    const struct static_config *config = load("[default]\nserver_name=srv\n[arch:7]\nfile=a\n");

    (void)state;
    assert_null(config_find(config, RULE_DEFAULT, NULL));
    assert_string_equal(rule_of(config, RULE_ARCH, arch_7)->server_name, "srv");
    config_free(config);
}

static void longest_values_fit(void **state)
{
    char text[600];
    char file[128];
    char name[64];
    const struct static_config *config;

    (void)state;
    memset(file, 'f', 127);
    file[127] = '\0';
    memset(name, 'n', 63);
    name[63] = '\0';
    snprintf(text, sizeof(text), "[default]\nfile=%s\nserver_name=%s\n", file, name);
    config = load(text);
    assert_string_equal(rule_of(config, RULE_DEFAULT, NULL)->file, file);
    assert_string_equal(rule_of(config, RULE_DEFAULT, NULL)->server_name, name);
    config_free(config);
}

static void many_sections(void **state)
{
    enum { COUNT = 300 };
    char *text = malloc(COUNT * 64);
    size_t used = 0;
    const struct static_config *config;

    (void)state;
    assert_non_null(text);
    for (unsigned i = 0; i < COUNT; ++i)
        used += (size_t)sprintf(text + used, "[mac:5254000%05x]\nfile=file-%u\n", i, i);
    config = load(text);
    assert_int_equal(config->rule_count, COUNT);
    for (unsigned i = 0; i < COUNT; ++i) {
        BYTE mac[] = {0x52, 0x54, 0x00, 0x00, (BYTE)(i >> 8), (BYTE)i};
        char file[32];

        snprintf(file, sizeof(file), "file-%u", i);
        assert_string_equal(rule_of(config, RULE_MAC, mac)->file, file);
    }
    config_free(config);
    free(text);
}

static void utf16_file(void **state)
{
    static const WCHAR text[] = L"\xfeff[default]\r\nfile=wide.0\r\n";
    const struct static_config *config = NULL;

    (void)state;
    assert_int_equal(config_load(fake_provider(), temp_ini_write(text, sizeof(text) - 2), &config),
                     ERROR_SUCCESS);
    assert_string_equal(rule_of(config, RULE_DEFAULT, NULL)->file, "wide.0");
    config_free(config);
}

static void result_is_read_only(void **state)
{
    const struct static_config *config = load("[default]\nfile=a\n");
    MEMORY_BASIC_INFORMATION memory;

    (void)state;
    assert_int_equal(VirtualQuery(config, &memory, sizeof(memory)), sizeof(memory));
    assert_int_equal(memory.Protect, PAGE_READONLY);
    assert_true(memory.RegionSize >= sizeof(*config) + sizeof(*config->defaults));
    assert_int_equal(VirtualQuery(config->defaults, &memory, sizeof(memory)), sizeof(memory));
    assert_int_equal(memory.Protect, PAGE_READONLY);
    config_free(config);
}

/* The build puts it beside this program. */
static void sample_find(WCHAR path[MAX_PATH])
{
    assert_in_range(GetModuleFileNameW(NULL, path, MAX_PATH), 1, MAX_PATH - 1);
    wcscpy(wcsrchr(path, L'\\') + 1, L"staticpxe.ini.sample");
}

static void sample_is_valid(void **state)
{
    WCHAR path[MAX_PATH];
    const struct static_config *config = NULL;
    DWORD error;

    (void)state;
    sample_find(path);
    error = config_load(fake_provider(), path, &config);
    if (error != ERROR_SUCCESS)
        print_error("%S", fake_pxe.trace);
    assert_int_equal(error, ERROR_SUCCESS);
    assert_int_equal(config->rule_count, 8);
    assert_string_equal(rule_of(config, RULE_ARCH, arch_16)->http_url,
                        "http://boot.example.test/snponly.efi");
    assert_string_equal(rule_of(config, RULE_ARCH, arch_7)->file, "snponly.efi");
    assert_string_equal(rule_of(config, RULE_GUID, guid_on_wire)->server_name,
                        "tools.example.test");
    config_free(config);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(minimal_file),
        TEST(doubtful_file_is_used_with_a_warning),
        TEST(every_key_of_a_section),
        TEST(server_section),
        TEST(keys_of_ipv6),
        TEST(any_boot_file_is_enough),
        TEST(forms_of_a_duid),
        TEST(forms_of_a_mac),
        TEST(forms_of_a_guid),
        TEST(forms_of_an_option),
        TEST(sections_inherit_what_they_lack),
        TEST(ignore_is_not_inherited),
        TEST(bare_default_answers_nobody),
        TEST(longest_values_fit),
        TEST(many_sections),
        TEST(utf16_file),
        TEST(result_is_read_only),
        TEST(sample_is_valid),
    };

    return cmocka_run_group_tests_name("staticpxe_config", tests, NULL, NULL);
}
