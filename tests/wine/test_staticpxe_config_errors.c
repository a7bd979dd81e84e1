/* The configuration of staticpxe.dll: every error that is refused. */
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
    refuse("[duid:0003]\nfile=a\n", L"duid:0003", NULL, L"3 to 130 bytes");
    refuse("[duid:000300x1]\nfile=a\n", L"duid:000300x1", NULL, L"3 to 130 bytes");
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
    refuse("[duid:000300]\nfile=a\n[duid:00-03-00]\nfile=b\n", L"duid:00-03-00", NULL,
           L"same clients");
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
    refuse("[default]\nfile=\"a\" ; b\n", L"default", L"file",
           L"a comment needs a line of its own");
    refuse("[default]\nfile=a\"b\n", L"default", L"file", L"inside the value");
    refuse("[default]\nfile=a ; comment\n", L"default", L"file", L"line of its own");
    refuse("[default]\nfile=caf\xe9\n", L"default", L"file", L"only ASCII");
    refuse("[default]\nfile=a\nignore=1\n", L"default", L"ignore", L"yes or no");
}

static void bad_numbers_and_addresses(void **state)
{
    static const char *const addresses[] = {"10.0.0", "10.0.0.256", "10.0.0.1.2",
                                            "host",   "10..0.1",    "10.0.0.0001"};

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); ++i) {
        char text[80];

        snprintf(text, sizeof(text), "[default]\nfile=a\nnext_server=%s\n", addresses[i]);
        refuse(text, L"default", L"next_server", L"write an IPv4 address");
    }
    refuse("[default]\nnext_server=0.0.0.0\n", L"default", L"next_server", L"no server");
    refuse("[server]\ndhcp_port=0\n", L"server", L"dhcp_port", L"no port");
    refuse("[server]\ndhcp_port=65536\n", L"server", L"dhcp_port", L"from 1 to 65535");
    refuse("[server]\ndhcp_port=0x\n", L"server", L"dhcp_port", L"write a number");
    refuse("[server]\nfile_in_offer=on\n", L"server", L"file_in_offer", L"yes or no");
}

static void bad_ipv6_addresses(void **state)
{
    static const char *const addresses[] = {"10.0.0.1",  "fd77::2::3",  "[fd77::2]",
                                            "host",      "fd77",        "fd77::2/64",
                                            "fd77::2%1", "fd77::12345", ":"};
    static const char *const unreachable[] = {"fe80::2", "febf::2", "ff02::1", "::"};
    char text[80];

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); ++i) {
        snprintf(text, sizeof(text), "[default]\nfile=a\nnext_server6=%s\n", addresses[i]);
        refuse(text, L"default", L"next_server6", L"write an IPv6 address");
    }
    for (size_t i = 0; i < sizeof(unreachable) / sizeof(unreachable[0]); ++i) {
        snprintf(text, sizeof(text), "[server]\nnext_server6=%s\n", unreachable[i]);
        refuse(text, L"server", L"next_server6", L"write one that they can reach");
    }
    refuse("[server]\ndhcp6_port=0\n", L"server", L"dhcp6_port", L"no port");
}

static void bad_urls(void **state)
{
    static const struct {
        const char *value;
        LPCWSTR hint;
    } cases[] = {
        {"boot/a.efi", L"starts with tftp://"},
        {"ftp://h/a", L"starts with tftp://"},
        {"tftp:/h/a", L"starts with tftp://"},
        {"tftp:///a", L"stands the server"},
        {"tftp://[fd77::2/a", L"stands the server"},
        {"tftp://[fe80::2]/a", L"stands the server"},
        {"tftp://[10.0.0.1]/a", L"stands the server"},
        {"tftp://fd77::2/a", L"the port must be"},
        {"tftp://h:0/a", L"the port must be"},
        {"tftp://h:65536/a", L"the port must be"},
        {"tftp://h:99999999999999/a", L"the port must be"},
        {"tftp://h", L"a slash and the file"},
        {"tftp://h/", L"a slash and the file"},
        {"tftp://u@h/a", L"a slash and the file"},
        {"tftp://[fd77::2]a/b", L"a slash and the file"},
        {"tftp://h/a b", L"no URL may have"},
        {"tftp://h/a\\b", L"no URL may have"},
        {"", L"empty"},
    };
    char text[400];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        snprintf(text, sizeof(text), "[default]\nurl=%s\n", cases[i].value);
        refuse(text, L"default", L"url", cases[i].hint);
    }
    refuse("[default]\nhttp_url=tftp://h/a\n", L"default", L"http_url", L"http:// or https://");
    snprintf(text, sizeof(text), "[default]\nhttp_url=http://h/%0247d\n", 1);
    refuse(text, L"default", L"http_url", L"too long");
    refuse("[default]\nfile=a\nboot_params=\" \"\n", L"default", L"boot_params", L"empty");
    refuse("[arch:7]\nboot_params=a\n", L"arch:7", L"file", L"no boot file");
}

static void bad_options(void **state)
{
    static const struct {
        const char *value;
        LPCWSTR hint;
    } cases[] = {
        {"5", L"say what it is"},
        {"text", L"say what it is"},
        {"", L"say what it is"},
        {"hex:", L"write hex:"},
        {"hex:0", L"write hex:"},
        {"hex:0x12", L"write hex:"},
        {"ip:", L"write ip:"},
        {"ip:10.0.0.1,", L"write ip:"},
        {"ip:10.0.0.1 10.0.0.2", L"write ip:"},
        {"u8:256", L"too large"},
        {"u16:65536", L"too large"},
        {"u32:4294967296", L"too large"},
        {"u8:-1", L"write a number"},
        {"u8:", L"write a number"},
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
        TEST(bad_sections),
        TEST(repeated_sections_and_keys),
        TEST(bad_keys),
        TEST(bad_texts),
        TEST(bad_numbers_and_addresses),
        TEST(bad_ipv6_addresses),
        TEST(bad_urls),
        TEST(bad_options),
        TEST(too_many_options),
        TEST(missing_file),
    };

    return cmocka_run_group_tests_name("staticpxe_config_errors", tests, NULL, NULL);
}
