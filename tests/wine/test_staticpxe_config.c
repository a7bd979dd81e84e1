/* The configuration of staticpxe.dll: every form that is accepted, every error that is refused. */
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

#ifndef STATICPXE_SAMPLE_INI
#error "define STATICPXE_SAMPLE_INI as the path of staticpxe.ini.sample"
#endif

static const BYTE mac_1[] = {0x52, 0x54, 0x00, 0x77, 0x00, 0x01};
static const BYTE mac_2[] = {0x52, 0x54, 0x00, 0x77, 0x00, 0x02};
static const BYTE arch_0[] = {0, 0};
static const BYTE arch_7[] = {0, 7};
static const BYTE guid_on_wire[] = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
                                    0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
static const BYTE no_address[4];

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

static const struct static_rule *rule_of(const struct static_config *config, enum rule_kind kind,
                                         const BYTE *key)
{
    const struct static_rule *rule = config_find(config, kind, key);

    assert_non_null(rule);
    return rule;
}

/* --- what is accepted ------------------------------------------------------------------------- */

static void minimal_file(void **state)
{
    const struct static_config *config = load("[default]\nfile=pxelinux.0\n");
    const struct static_rule *rule = rule_of(config, RULE_DEFAULT, NULL);

    (void)state;
    assert_int_equal(config->dhcp_port, 67);
    assert_false(config->file_in_offer);
    assert_int_equal(config->rule_count, 1);
    assert_string_equal(rule->file, "pxelinux.0");
    assert_string_equal(rule->ipxe_file, "");
    assert_string_equal(rule->server_name, "");
    assert_memory_equal(rule->next_server, no_address, 4);
    assert_int_equal(rule->options_length, 0);
    assert_false(rule->ignore);
    assert_null(config_find(config, RULE_MAC, mac_1));
    assert_int_equal(fake_pxe.severities, 0);
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
    const struct static_rule *rule = rule_of(config, RULE_ARCH, arch_7);
    static const BYTE next[] = {10, 1, 2, 3};

    (void)state;
    assert_string_equal(rule->file, "boot\\x64\\a b.efi");
    assert_string_equal(rule->ipxe_file, "menu.ipxe");
    assert_string_equal(rule->server_name, "srv");
    assert_memory_equal(rule->next_server, next, 4);
    assert_false(rule->ignore);
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
    assert_true(config->file_in_offer);
    assert_memory_equal(rule_of(config, RULE_DEFAULT, NULL)->next_server, all, 4);
    assert_string_equal(rule_of(config, RULE_DEFAULT, NULL)->server_name, "mine");
    assert_memory_equal(rule_of(config, RULE_ARCH, arch_0)->next_server, own, 4);
    config_free(config);
}

static void forms_of_a_mac(void **state)
{
    static const char *const forms[] = {
        "[mac:52-54-00-77-00-01]\nfile=a\n", "[mac:52:54:00:77:00:01]\nfile=a\n",
        "[mac:5254.0077.0001]\nfile=a\n",    "[MAC:525400770001]\nfile=a\n",
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
        43,  4, 0x06, 0x01, 0x08, 0xff,        /* hex */
        150, 8, 10,   0,    0,    1, 10, 0, 0, 2, /* ip */
        200, 1, 255,                           /* u8 */
        201, 2, 0x12, 0x34,                    /* u16 */
        202, 4, 0xff, 0xff, 0xff, 0xff,        /* u32 */
        252, 4, '\\', 'b',  ';',  'c',         /* text */
        253, 0,                                /* empty text */
    };
    const struct static_config *config = load("[default]\nfile=a\n"
                                              "option.43=hex:06 01-08:FF\n"
                                              "option.150=ip:10.0.0.1, 10.0.0.2\n"
                                              "option.200=u8:255\n"
                                              "Option.0xc9=u16:0x1234\n"
                                              "option.202=u32:4294967295\n"
                                              "option.252=\"\\b;c\"\n"
                                              "option.253=\"\"\n");
    const struct static_rule *rule = rule_of(config, RULE_DEFAULT, NULL);

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
    const struct static_rule *first = rule_of(config, RULE_MAC, mac_1);
    const struct static_rule *second = rule_of(config, RULE_MAC, mac_2);

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
    assert_true(rule_of(config, RULE_DEFAULT, NULL)->ignore);
    assert_false(rule_of(config, RULE_ARCH, arch_7)->ignore);
    assert_true(rule_of(config, RULE_MAC, mac_1)->ignore);
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
    assert_true(memory.RegionSize >= sizeof(*config) + sizeof(config->rules[0]));
    config_free(config);
}

static void sample_is_valid(void **state)
{
    WCHAR relative[MAX_PATH];
    WCHAR path[MAX_PATH];
    const struct static_config *config = NULL;
    DWORD error;

    (void)state;
    assert_true(MultiByteToWideChar(CP_ACP, 0, STATICPXE_SAMPLE_INI, -1, relative, MAX_PATH) > 0);
    assert_in_range(GetFullPathNameW(relative, MAX_PATH, path, NULL), 1, MAX_PATH - 1);
    error = config_load(fake_provider(), path, &config);
    if (error != ERROR_SUCCESS)
        print_error("%S", fake_pxe.trace);
    assert_int_equal(error, ERROR_SUCCESS);
    assert_int_equal(config->rule_count, 7);
    assert_string_equal(rule_of(config, RULE_ARCH, arch_7)->file, "snponly.efi");
    assert_string_equal(rule_of(config, RULE_GUID, guid_on_wire)->server_name,
                        "tools.example.test");
    config_free(config);
}

/* --- what is refused -------------------------------------------------------------------------- */

/* Loads bad text; the trace must name the file, the section and the key, and say `hint`. */
static void refuse(const char *text, LPCWSTR section, LPCWSTR key, LPCWSTR hint)
{
    const struct static_config *config = NULL;
    LPCWSTR path = temp_ini_text(text);
    WCHAR place[128] = L"";
    DWORD error;
    BOOL good;

    fake_pxe_reset();
    error = config_load(fake_provider(), path, &config);
    if (section != NULL)
        wsprintfW(place, key == NULL ? L"section [%s]:" : L"section [%s], key %s:", section, key);
    good = error == ERROR_INVALID_DATA && config == NULL &&
           fake_pxe.severities == PXE_TRACE_ERROR && wcsstr(fake_pxe.trace, path) != NULL &&
           wcsstr(fake_pxe.trace, place) != NULL && wcsstr(fake_pxe.trace, hint) != NULL;
    if (!good)
        fail_msg("error %u, trace \"%S\" for:\n%s", (unsigned)error, fake_pxe.trace, text);
}

static void bad_sections(void **state)
{
    (void)state;
    refuse("", NULL, NULL, L"no client would be answered");
    refuse("[server]\nname=a\n", NULL, NULL, L"no client would be answered");
    refuse("[defaults]\nfile=a\n", L"defaults", NULL, L"unknown section");
    refuse("[mac:52-54-00-77-00]\nfile=a\n", L"mac:52-54-00-77-00", NULL, L"six bytes");
    refuse("[mac:52-54-00-77-00-01-02]\nfile=a\n", L"mac:52-54-00-77-00-01-02", NULL, L"six bytes");
    refuse("[mac:52-54-00-77-00-0g]\nfile=a\n", L"mac:52-54-00-77-00-0g", NULL, L"six bytes");
    refuse("[mac:52-54-00-77-0-01]\nfile=a\n", L"mac:52-54-00-77-0-01", NULL, L"six bytes");
    refuse("[guid:00112233-4455-6677-8899-aabbccddee]\nfile=a\n",
           L"guid:00112233-4455-6677-8899-aabbccddee", NULL, L"32 hexadecimal digits");
    refuse("[arch:bios]\nfile=a\n", L"arch:bios", NULL, L"number of RFC 4578");
    refuse("[arch:65536]\nfile=a\n", L"arch:65536", NULL, L"number of RFC 4578");
    refuse("[arch:]\nfile=a\n", L"arch:", NULL, L"number of RFC 4578");
}

static void repeated_sections_and_keys(void **state)
{
    (void)state;
    refuse("[default]\nfile=a\n[arch:7]\nfile=b\n[Default]\nfile=c\n", L"default", NULL,
           L"appears twice");
    refuse("[server]\nname=a\n[server]\nname=b\n[default]\nfile=a\n", L"server", NULL,
           L"appears twice");
    refuse("[arch:7]\nfile=a\n[arch:0x7]\nfile=b\n", L"arch:0x7", NULL, L"same clients");
    refuse("[mac:525400770001]\nfile=a\n[mac:52-54-00-77-00-01]\nfile=b\n",
           L"mac:52-54-00-77-00-01", NULL, L"same clients");
    refuse("[default]\nfile=a\nFILE=b\n", L"default", L"FILE", L"appears twice");
    refuse("[default]\nfile=a\noption.128=u8:1\noption.0x80=u8:2\n", L"default", L"option.0x80",
           L"appears twice");
}

static void bad_keys(void **state)
{
    (void)state;
    refuse("[default]\nfiel=a\n", L"default", L"fiel", L"unknown key; use file");
    refuse("[server]\nfile=a\n", L"server", L"file", L"unknown key; use next_server");
    refuse("[server]\noption.128=u8:1\n", L"server", L"option.128", L"unknown key");
    refuse("[default]\nfile\n", L"default", L"file", L"there is no '='");
    refuse("[default]\n# file=a\n", L"default", L"# file", L"unknown key");
    refuse("[default]\noption.=u8:1\n", L"default", L"option.", L"from 1 to 254");
    refuse("[default]\noption.256=u8:1\n", L"default", L"option.256", L"from 1 to 254");
    refuse("[default]\noption.255=u8:1\n", L"default", L"option.255", L"not yours");
    refuse("[default]\noption.53=u8:1\n", L"default", L"option.53", L"not yours");
    refuse("[arch:7]\nipxe_file=a\n", L"arch:7", L"file", L"no boot file");
}

static void bad_texts(void **state)
{
    char long_file[160] = "[default]\nfile=";
    char long_name[160] = "[default]\nfile=a\nserver_name=";

    (void)state;
    memset(long_file + strlen(long_file), 'f', 128);
    memset(long_name + strlen(long_name), 'n', 64);
    refuse(long_file, L"default", L"file", L"too long");
    refuse(long_name, L"default", L"server_name", L"too long");
    refuse("[default]\nfile=\n", L"default", L"file", L"empty");
    refuse("[default]\nfile=\"\"\n", L"default", L"file", L"empty");
    refuse("[default]\nfile=\"a\n", L"default", L"file", L"closing quote");
    refuse("[default]\nfile=\"a\" ; b\n", L"default", L"file", L"closing quote");
    refuse("[default]\nfile=a\"b\n", L"default", L"file", L"inside the value");
    refuse("[default]\nfile=a ; comment\n", L"default", L"file", L"line of its own");
    refuse("[default]\nfile=caf\xe9\n", L"default", L"file", L"only ASCII");
    refuse("[default]\nfile=a\nignore=1\n", L"default", L"ignore", L"yes or no");
    refuse("\xef\xbb\xbf[default]\nfile=a\n", NULL, NULL, L"mark of UTF-8");
}

static void bad_numbers_and_addresses(void **state)
{
    static const char *const addresses[] = {"10.0.0", "10.0.0.256", "10.0.0.1.2", "host", "10..0.1",
                                            "10.0.0.0001"};

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); ++i) {
        char text[80];

        snprintf(text, sizeof(text), "[default]\nfile=a\nnext_server=%s\n", addresses[i]);
        refuse(text, L"default", L"next_server", L"write an IPv4 address");
    }
    refuse("[default]\nnext_server=0.0.0.0\n", L"default", L"next_server", L"no server");
    refuse("[server]\ndhcp_port=0\n", L"server", L"dhcp_port", L"no port");
    refuse("[server]\ndhcp_port=65536\n", L"server", L"dhcp_port", L"too large");
    refuse("[server]\ndhcp_port=0x\n", L"server", L"dhcp_port", L"write a number");
    refuse("[server]\nfile_in_offer=on\n", L"server", L"file_in_offer", L"yes or no");
}

static void bad_options(void **state)
{
    static const struct {
        const char *value;
        LPCWSTR hint;
    } cases[] = {
        {"5", L"say what it is"},          {"text", L"say what it is"},
        {"", L"say what it is"},           {"hex:", L"write hex:"},
        {"hex:0", L"write hex:"},          {"hex:0x12", L"write hex:"},
        {"ip:", L"write ip:"},             {"ip:10.0.0.1,", L"write ip:"},
        {"ip:10.0.0.1 10.0.0.2", L"write ip:"}, {"u8:256", L"too large"},
        {"u16:65536", L"too large"},       {"u32:4294967296", L"too large"},
        {"u8:-1", L"write a number"},      {"u8:", L"write a number"},
        {"\"a", L"closing quote"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        char text[80];

        snprintf(text, sizeof(text), "[default]\nfile=a\noption.128=%s\n", cases[i].value);
        refuse(text, L"default", L"option.128", cases[i].hint);
    }
}

static void too_many_options(void **state)
{
    char text[2000] = "[default]\nfile=a\n";
    char value[511] = "";

    (void)state;
    for (int i = 0; i < 255; ++i)
        strcat(value, "ab");
    for (int i = 128; i < 131; ++i)
        sprintf(text + strlen(text), "option.%d=hex:%s\n", i, value);
    refuse(text, L"default", L"option.130", L"700 bytes");
}

static void missing_file(void **state)
{
    const struct static_config *config = NULL;

    (void)state;
    assert_int_equal(config_load(fake_provider(), L"C:\\no-such-folder\\x.ini", &config),
                     ERROR_FILE_NOT_FOUND);
    assert_null(config);
    assert_non_null(wcsstr(fake_pxe.trace, L"C:\\no-such-folder\\x.ini"));
    assert_non_null(wcsstr(fake_pxe.trace, L"ConfigFile"));
    assert_int_equal(fake_pxe.severities, PXE_TRACE_ERROR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(minimal_file),
        TEST(every_key_of_a_section),
        TEST(server_section),
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
        TEST(bad_sections),
        TEST(repeated_sections_and_keys),
        TEST(bad_keys),
        TEST(bad_texts),
        TEST(bad_numbers_and_addresses),
        TEST(bad_options),
        TEST(too_many_options),
        TEST(missing_file),
    };

    return cmocka_run_group_tests_name("staticpxe_config", tests, NULL, NULL);
}
