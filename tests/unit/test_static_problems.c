/* staticpxe's configuration: what is wrong with a file is told, all at once, and where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/rules_memory.h"

/* All mistakes of the files, a line each. */
static void expect(struct rules_memory *memory, const char *expected)
{
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    uint32_t error;
    char all[8192] = "";

    assert_null(rules_memory_read(memory, &problems, &error));
    assert_int_equal(error, 13);
    for (size_t i = 0; i < problems.kept; ++i) {
        char line[PROBLEM_TEXT_SIZE];

        problem_format(&problems.items[i], line);
        strncat(all, line, sizeof(all) - strlen(all) - 2);
        strcat(all, "\n");
    }
    assert_string_equal(all, expected);
    problem_list_free(&problems);
}

/* The warnings of a file that is used all the same, a line each. */
static void expect_warnings(const char *text, const char *expected)
{
    struct rules_memory memory = {{{"main.ini", text, strlen(text)}}};
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    char all[8192] = "";
    uint32_t error;
    const struct static_config *config = rules_memory_read(&memory, &problems, &error);

    assert_non_null(config);
    assert_int_equal(problems.count, 0);
    assert_int_equal(problems.warnings, problems.kept);
    for (size_t i = 0; i < problems.kept; ++i) {
        char line[PROBLEM_TEXT_SIZE];

        problem_format(&problems.items[i], line);
        strncat(all, line, sizeof(all) - strlen(all) - 2);
        strcat(all, "\n");
    }
    assert_string_equal(all, expected);
    problem_list_free(&problems);
    config_release(config);
}

static void expect_text(const char *text, const char *expected)
{
    struct rules_memory memory = {{{"main.ini", text, strlen(text)}}};

    expect(&memory, expected);
}

static void all_mistakes_are_told_with_their_lines(void **state)
{
    (void)state;
    expect_text("file=a\n"
                "[default]\n"
                "fiel=b\n"
                "file=pxelinux.0 # the usual\n"
                "#file=c\n"
                "\n"
                "next_server=10.0.0\n"
                "[mac:52-54-00]\n"
                "whatever=1\n"
                "[arch:7]\n"
                "option.53=u8:1\n",
                "main.ini, line 1, key file: this stands before the first section, where nothing "
                "counts; write [default], or another section, above it\n"
                "main.ini, line 3, section [default], key fiel: unknown key; use file, ipxe_file, "
                "next_server, server_name, url, next_server6, boot_params, http_url, ignore, "
                "leave, file_in_offer, menu, boots, then, use, option.NNN, ipxe_option.NNN or "
                "option6.NNN\n"
                "main.ini, line 4, section [default], key file: a comment needs a line of its own; "
                "put the value in quotes if the ';' or '#' belongs to it\n"
                "main.ini, line 5, section [default], key #file: unknown key; a comment starts "
                "with ';' and has a line of its own, '#' is none\n"
                "main.ini, line 7, section [default], key next_server: write an IPv4 address such "
                "as 192.168.0.1\n"
                "main.ini, line 8, section [mac:52-54-00]: a MAC address has six bytes, such as "
                "[mac:52-54-00-12-34-56]\n"
                "main.ini, line 9, section [mac:52-54-00], key whatever: unknown key; use file, "
                "ipxe_file, next_server, server_name, url, next_server6, boot_params, http_url, "
                "ignore, leave, file_in_offer, menu, boots, then, use, option.NNN, ipxe_option.NNN "
                "or option6.NNN\n"
                "main.ini, line 11, section [arch:7], key option.53: this option is not yours to "
                "set, the provider fills it in; remove the line\n");
}

static void twice_is_told_with_both_lines(void **state)
{
    (void)state;
    expect_text("[default]\nfile=a\n[arch:7]\n[arch:0x7]\n[DEFAULT]\n[group:a]\n[Group:A]\n"
                "[mac:525400770001]\n[mac:52-54-00-77-00-01]\n",
                "main.ini, line 4, section [arch:0x7]: another section is for the same clients "
                "(line 3); make one of the two\n"
                "main.ini, line 5, section [default]: the section appears twice, first in line 1; "
                "make one of the two\n"
                "main.ini, line 7, section [Group:A]: the section appears twice, first in line 6; "
                "make one of the two\n"
                "main.ini, line 9, section [mac:52-54-00-77-00-01]: another section is for the "
                "same clients (line 8); make one of the two\n");
}

static void names_that_nobody_has_are_told(void **state)
{
    (void)state;
    expect_text("[default]\nfile=a\nuse=no\nmenu=no\nthen=no\n[menu:m]\nitem=no, \"N\"\n",
                "main.ini, line 3, section [default], key use: there is no section [group:...] of "
                "this name; write one\n"
                "main.ini, line 4, section [default], key menu: there is no section [menu:...] of "
                "this name; write one\n"
                "main.ini, line 5, section [default], key then: there is no section [group:...] of "
                "this name; write one\n"
                "main.ini, line 7, section [menu:m], key item: there is no section [group:...] of "
                "this name; write one\n");
}

static void circles_of_groups_are_told(void **state)
{
    (void)state;
    expect_text("[default]\nfile=a\nuse=a\n[group:a]\nuse=b\n[group:b]\nuse=a\n",
                "main.ini, line 4, section [group:a], key use: the group uses itself, by way of "
                "others such as [group:b]; remove one use\n");
}

static void conditions_that_mean_nothing_are_told(void **state)
{
    (void)state;
    expect_text("[default]\nfile=a\n[rule:a]\nfile=b\n[rule:b]\nmac=1\narch=x65\nvia=ftp\n"
                "subnet=10.1.2.3/16\nguid=1\nmac=52-54-*\nmac=52-55-*\n",
                "main.ini, line 3, section [rule:a]: the rule has no condition, so it would be for "
                "everybody; write mac=..., arch=..., vendor_class=..., subnet=... or another, or "
                "use [default]\n"
                "main.ini, line 6, section [rule:b], key mac: write MAC addresses of six bytes, or "
                "the first bytes and a '*', with commas between: 52-54-00-12-34-56, dc-a6-32-*\n"
                "main.ini, line 7, section [rule:b], key arch: write architectures by number (RFC "
                "4578) or name, with commas between: bios, ia32, x64 (7 and 9), arm32, arm64, "
                "riscv64; with -http behind it for HTTP boot; arm64-uboot\n"
                "main.ini, line 8, section [rule:b], key via: write one or more of PXE, HTTP, "
                "iPXE, IPv4, IPv6, with commas between\n"
                "main.ini, line 9, section [rule:b], key subnet: the address has bits set behind "
                "its prefix; write 10.1.0.0/16, not 10.1.2.3/16\n"
                "main.ini, line 10, section [rule:b], key guid: a GUID has 32 hexadecimal digits, "
                "such as [guid:00112233-4455-6677-8899-aabbccddeeff]\n"
                "main.ini, line 11, section [rule:b], key mac: the key appears twice in this "
                "section, first in line 6; write one list, with commas between\n"
                "main.ini, line 12, section [rule:b], key mac: the key appears twice in this "
                "section, first in line 6; write one list, with commas between\n");
}

static void menus_that_do_not_fit_are_refused(void **state)
{
    char ini[2048] = "[default]\nfile=a\nmenu=m\n[menu:m]\ntimeout=300\n";

    (void)state;
    for (int i = 0; i < 4; ++i)
        strcat(ini, "item=local, \"12345678901234567890123456789012345678901234567890"
                    "123456789012345678901234\"\n");
    expect_text(ini,
                "main.ini, line 4, section [menu:m]: the menu does not fit into option 43, which "
                "has room for 255 bytes: write shorter titles, a shorter prompt, or fewer items\n"
                "main.ini, line 5, section [menu:m], key timeout: write seconds from 0 (the first "
                "item at once) to 254, or never\n");
}

/* ---- other files ---- */

static void mistakes_of_other_files_are_told_with_those(void **state)
{
    static const char ini[] = "[server]\ninclude=sub/more.ini, gone.ini\nmachines=lab.csv\n"
                              "[default]\nfile=a\n[mac:525400770001]\nfile=b\n";
    static const char more[] = "[default]\nfile=b\n[mac:52-54-00-77-00-01]\n";
    static const char csv[] = "\xef\xbb\xbfmac,section,name\n52-54-00-77-00-01,lab,a\n"
                              "52-54-00,,b\n,,c\n52-54-00-77-00-02,,d,e\n";
    struct rules_memory memory = {{{"main.ini", ini, sizeof(ini) - 1},
                                   {"sub/more.ini", more, sizeof(more) - 1},
                                   {"lab.csv", csv, sizeof(csv) - 1}}};

    (void)state;
    expect(&memory,
           "sub/more.ini, line 1, section [default]: the section appears twice, first in line 4 of "
           "main.ini; make one of the two\n"
           "sub/more.ini, line 3, section [mac:52-54-00-77-00-01]: another section is for the same "
           "clients (line 6 of main.ini); make one of the two\n"
           "main.ini, line 2, section [server], key include: cannot read gone.ini, error 2 "
           "(there is no such file)\n"
           "lab.csv, line 2, key mac: another section is for the same clients (line 6 of "
           "main.ini); make one of the two\n"
           "lab.csv, line 3, key mac: a MAC address has six bytes, such as 52-54-00-12-34-56\n"
           "lab.csv, line 4: the line has neither mac nor guid nor duid; write one\n"
           "lab.csv, line 5: the line has more fields than the first line names columns; put a "
           "field with a comma in quotes\n");
}

/* ---- encodings ---- */

static void any_mark_will_do(void **state)
{
    static const char utf8[] = "\xef\xbb\xbf[default]\rfile=a\r";
    static const uint8_t big[] = {0xfe, 0xff, 0,   '[', 0,   'a', 0,   'r', 0,    'c', 0,
                                  'h',  0,    ':', 0,   '7', 0,   ']', 0,   '\n', 0,   'f',
                                  0,    'i',  0,   'l', 0,   'e', 0,   '=', 0,    'a'};
    struct rules_memory memory = {{{"main.ini", utf8, sizeof(utf8) - 1}}};
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    uint32_t error;
    const struct static_config *config = rules_memory_read(&memory, &problems, &error);

    (void)state;
    assert_non_null(config);
    assert_string_equal(config->defaults->file, "a");
    config_release(config);
    memory.files[0].bytes = big;
    memory.files[0].size = sizeof(big);
    config = rules_memory_read(&memory, &problems, &error);
    assert_non_null(config);
    assert_int_equal(config->rule_count, 1);
    config_release(config);
}

static void what_is_no_text_is_told(void **state)
{
    static const uint8_t half[] = {0xff, 0xfe, '[', 0, 'd'};
    static const char zeros[] = "[default]\nfile=\0\0\0";
    struct rules_memory memory = {{{"main.ini", half, sizeof(half)}}};

    (void)state;
    expect(&memory, "main.ini: it is UTF-16 and ends with half a character; save it again\n");
    memory.files[0].bytes = zeros;
    memory.files[0].size = sizeof(zeros);
    expect(&memory, "main.ini: it has a byte 0: it is no text, or UTF-16 without its mark, or half "
                    "written; save it as UTF-8\n");
}

static void a_hundred_thousand_machines_are_no_matter(void **state)
{
    enum { COUNT = 100000 };
    char *text = malloc(64 + (size_t)COUNT * 40);
    size_t used;

    (void)state;
    assert_non_null(text);
    used = (size_t)sprintf(text, "[default]\nfile=d\n");
    for (unsigned i = 0; i < COUNT; ++i)
        used += (size_t)sprintf(text + used, "[mac:5254%08x]\nfile=f%u\n", i, i);
    const struct static_config *config = rules_memory_text(text);
    assert_int_equal(config->rule_count, COUNT + 1);
    for (unsigned i = 0; i < COUNT; i += 9999) {
        uint8_t mac[] = {0x52,      0x54, (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8),
                         (uint8_t)i};
        const struct machine *machine = index_find(&config->index, INDEX_MAC, mac, sizeof(mac));
        char file[16];

        snprintf(file, sizeof(file), "f%u", i);
        assert_non_null(machine);
        assert_string_equal(machine->layer->file, file);
    }
    config_release(config);
    free(text);
}

#define VENDOR_WARNING                                                                             \
    ", key option.43: with file_in_offer, UEFI firmware asks the host of the boot file on port "   \
    "4011, because this option lacks 43.6; begin its value with 060108, as in hex:060108ff\n"

/* It shows with the whole configuration only: who has option 43, and where file_in_offer stands. */
static void option_43_without_control_is_a_warning_if_the_offer_has_the_file(void **state)
{
    (void)state;
    expect_warnings("[default]\nfile=a.efi\nfile_in_offer=yes\noption.43=hex:0a0141ff\n",
                    "warning: main.ini, line 1, section [default]" VENDOR_WARNING);
    expect_warnings("[server]\nfile_in_offer=yes\n"
                    "[default]\nfile=a.efi\n"
                    "[arch:7]\nfile=b.efi\noption.43=hex:ff\n",
                    "warning: main.ini, line 5, section [arch:7]" VENDOR_WARNING);
    /* Of a group once, whoever uses it. */
    expect_warnings("[group:old]\noption.43=hex:00470400008001\n"
                    "[mac:52-54-00-00-00-01]\nfile=a\nfile_in_offer=yes\nuse=old\n"
                    "[mac:52-54-00-00-00-02]\nfile=b\nfile_in_offer=yes\nuse=old\n",
                    "warning: main.ini, line 1, section [group:old]" VENDOR_WARNING);
}

static void option_43_is_right_otherwise(void **state)
{
    (void)state;
    /* With 43.6, wherever it stands. */
    expect_warnings("[default]\nfile=a\nfile_in_offer=yes\noption.43=hex:060108ff\n", "");
    expect_warnings("[default]\nfile=a\nfile_in_offer=yes\noption.43=hex:000a0141060108\n", "");
    /* What is no list of sub-options is not for UEFI firmware. */
    expect_warnings("[default]\nfile=a\nfile_in_offer=yes\noption.43=\"Raspberry Pi Boot\"\n", "");
    expect_warnings("[default]\nfile=a\nfile_in_offer=yes\noption.43=hex:0a\n", "");
    /* The file is not in the OFFER, or not for these clients. */
    expect_warnings("[default]\nfile=a\noption.43=hex:0a0141ff\n", "");
    expect_warnings("[default]\nfile=a\nfile_in_offer=yes\n"
                    "[arch:7]\nfile=b\nfile_in_offer=no\noption.43=hex:0a0141ff\n",
                    "");
    /* Another section's option 43 comes first; a menu makes its own. */
    expect_warnings("[default]\nfile=a\nfile_in_offer=yes\noption.43=hex:060108ff\n"
                    "[group:g]\noption.43=hex:ff\n"
                    "[arch:7]\nfile=b\noption.43=hex:060108ff\nuse=g\n",
                    "");
    expect_warnings("[group:a]\nfile=a\n[menu:m]\nitem=a, \"A\"\n"
                    "[default]\nfile=a\nfile_in_offer=yes\nmenu=m\noption.43=hex:ff\n",
                    "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_mistakes_are_told_with_their_lines),
        cmocka_unit_test(twice_is_told_with_both_lines),
        cmocka_unit_test(names_that_nobody_has_are_told),
        cmocka_unit_test(circles_of_groups_are_told),
        cmocka_unit_test(conditions_that_mean_nothing_are_told),
        cmocka_unit_test(menus_that_do_not_fit_are_refused),
        cmocka_unit_test(mistakes_of_other_files_are_told_with_those),
        cmocka_unit_test(any_mark_will_do),
        cmocka_unit_test(what_is_no_text_is_told),
        cmocka_unit_test(a_hundred_thousand_machines_are_no_matter),
        cmocka_unit_test(option_43_without_control_is_a_warning_if_the_offer_has_the_file),
        cmocka_unit_test(option_43_is_right_otherwise),
    };

    return cmocka_run_group_tests_name("static_problems", tests, NULL, NULL);
}
