/*
 * staticpxe's configuration: a good file with one mistake in it, many times over. Each mistake is
 * told once, where it is, and nothing that is right is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/rules_memory.h"

/* Line 1 is the first. */
static const char *const good[] = {
    "[server]",                                /* 1 */
    "include=more.ini",                        /* 2 */
    "machines=lab.csv",                        /* 3 */
    "name=boot",                               /* 4 */
    "[default]",                               /* 5 */
    "file=pc.0",                               /* 6 */
    "option.150=ip:10.0.0.1",                  /* 7 */
    "[rule:pi]",                               /* 8 */
    "mac=dc-a6-32-*, b8-27-eb-*",              /* 9 */
    "file=bootcode.bin",                       /* 10 */
    "file_in_offer=yes",                       /* 11 */
    "option.43=\"Raspberry Pi Boot\"",         /* 12 */
    "[rule:branch]",                           /* 13 */
    "subnet=10.20.0.0/16",                     /* 14 */
    "use=branch",                              /* 15 */
    "[arch:7]",                                /* 16 */
    "file=x64.efi",                            /* 17 */
    "menu=main",                               /* 18 */
    "[mac:52-54-00-12-34-56]",                 /* 19 */
    "boots=1",                                 /* 20 */
    "then=disk",                               /* 21 */
    "[group:branch]",                          /* 22 */
    "next_server=10.20.0.5",                   /* 23 */
    "[group:disk]",                            /* 24 */
    "file=disk.0",                             /* 25 */
    "[group:tools]",                           /* 26 */
    "file=memtest.0",                          /* 27 */
    "use=branch",                              /* 28 */
    "[menu:main]",                             /* 29 */
    "prompt=Press F8",                         /* 30 */
    "timeout=10",                              /* 31 */
    "item=local, \"From disk\"",               /* 32 */
    "item=tools, \"Memory ; and others\"",     /* 33 */
    "[guid:00112233445566778899aabbccddeeff]", /* 34 */
    "ignore=yes",                              /* 35 */
    "[arch:11]",                               /* 36 */
    "http_url=http://10.0.0.1/arm.efi",        /* 37 */
    "option6.17=hex:00000000",                 /* 38 */
};
#define GOOD_LINES (sizeof(good) / sizeof(good[0]))

static const char more[] = "[group:lab]\nfile=lab.0\n[arch:6]\nfile=ia32.efi\n";
static const char list[] =
    "mac,section,name\n52-54-00-12-34-57,lab,a\n52-54-00-12-34-58,branch,b\n";

/* What a line becomes, and what is told: "LINE KEY: how it begins", a line each. */
struct mutant {
    size_t line;
    const char *text; /* may be several lines */
    const char *told;
};

static const struct mutant mutants[] = {
    /* sections' names */
    {1, "[sever]", "1 -: unknown section"},
    {1, "[server", "1 -: the ']' behind"},
    {1, "[server] the whole", "1 -: something stands behind"},
    {5, "[defalut]", "5 -: unknown section"},
    {5, "default]", "5 -: the '[' before"},
    {5, "[default ; for all", "5 -: the ']' behind"},
    {8, "[rule:]", "8 -: the section needs a name"},
    {8, "[rule:a,b]", "8 -: the section needs a name"},
    {8, "[rlue:pi]", "8 -: unknown section"},
    {16, "[arch:x64]", "16 -: an architecture is a number"},
    {16, "[arch:70000]", "16 -: an architecture is a number"},
    {19, "[mac:52-54-00-12-34]", "19 -: a MAC address has six bytes"},
    {19, "[mac:52-54-00-12-34-5g]", "19 -: a MAC address has six bytes"},
    {19, "[52-54-00-12-34-56]", "19 -: unknown section"},
    {22, "[gruop:branch]", "22 -: unknown section"},
    {22, "[branch]", "22 -: unknown section"},
    {22, "[group branch]", "22 -: unknown section"},
    {22, "[group:branch", "22 -: the ']' behind"},
    {24, "[grp:disk]", "24 -: unknown section"},
    {26, "[group tools]", "26 -: unknown section"},
    {29, "[men:main]", "29 -: unknown section"},
    {29, "[menu:main", "29 -: the ']' behind"},
    {34, "[guid:0011]", "34 -: a GUID has 32"},
    /* sections that are there twice */
    {13, "[rule:pi]", "13 -: the section appears twice, first in line 8;"},
    {16, "[arch:11]", "36 -: another section is for the same clients (line 16);"},
    {24, "[group:branch]",
     "21 then: there is no\n24 -: the section appears twice, first in line 22;"},
    {36, "[arch:0x7]", "36 -: another section is for the same clients (line 16);"},
    {36, "[arch:6]", "3 -: another section is for the same clients (line 36 of main.ini);"},
    {36, "[menu:MAIN]",
     "36 -: the section appears twice, first in line 29;\n37 http_url: unknown "
     "key\n38 option6.17: unknown key"},
    {36, "[default]", "36 -: the section appears twice, first in line 5;"},
    {19, "[mac:52:54:00:12:34:57]",
     "2 mac: another section is for the same clients (line 19 of main.ini);"},
    /* keys */
    {6, "fiel=pc.0", "6 fiel: unknown key"},
    {6, "file=", "6 file: the value is empty"},
    {6, "file", "6 file: there is no '='"},
    {6, "file: pc.0", "6 file: pc.0: there is no '='"},
    {6, "#file=pc.0", "6 #file: unknown key; a comment"},
    {5, "#[default]", "5 #[default]: there is no '='; a comment"},
    {29, "# [menu:main]", "29 # [menu:main]: there is no '='; a comment"},
    {36, "#[arch:7]", "36 #[arch:7]: there is no '='; a comment"},
    {6, "# the file", "6 # the file: there is no '='; a comment"},
    {6, "file=pc.0 ; for all", "6 file: a comment needs a line"},
    {6, "file=pc.0 # for all", "6 file: a comment needs a line"},
    {6, "file= ; none", "6 file: a comment needs a line"},
    {6, "file=\"pc.0\" ; for all", "6 file: a comment needs a line"},
    {6, "file=\"pc.0", "6 file: the closing quote is missing"},
    {6, "file=pc.0\nfile=pc.1",
     "7 file: the key appears twice in this section, first in line 6; "
     "remove one"},
    {7, "option.150=ip:10.0.0", "7 option.150:"},
    {7, "option.0150=u8:1\noption.0x96=u8:1",
     "8 option.0x96: the key appears twice in this section, first in line 7; remove one"},
    {7, "option.256=u8:1", "7 option.256: an option has a number"},
    {7, "option.53=u8:1", "7 option.53: this option is not yours"},
    {9, "mac=dc-a6-32", "9 mac: write MAC addresses"},
    {9, "mac=dc-a6-32-* ; boards", "9 mac: a comment needs a line"},
    {9, "mack=dc-a6-32-*", "9 mack: unknown key"},
    {9, "mac=dc-a6-32-*,", "9 mac: an item of the list is empty"},
    {9, "; mac=dc-a6-32-*", "8 -: the rule has no condition"},
    {9, "mac=dc-a6-32-*\nMAC=b8-27-eb-*",
     "10 MAC: the key appears twice in this section, first in line 9; write one list"},
    {9, "mac=dc-a6-32-*\nvia=PXE\nvia=ftp",
     "11 via: the key appears twice in this section, first in line 10; write one list"},
    {11, "file_in_offer=ja", "11 file_in_offer: write yes or no"},
    {12, "option.43=Raspberry Pi Boot", "12 option.43:"},
    {14, "subnet=10.20.0.1/16", "14 subnet: the address has bits set"},
    {14, "subnet=10.20.0.0/33", "14 subnet: the number behind"},
    {15, "use=brnach", "15 use: there is no section [group:...]"},
    {15, "use=branch, branch", "15 use: the group is named twice"},
    {15, "use=", "15 use: write the name"},
    {15, "use=branch\nuse=disk",
     "16 use: the key appears twice in this section, first in line 15; write one list"},
    {18, "menu=mian", "18 menu: there is no section [menu:...]"},
    {20, "boots=one", "20 boots: write how many"},
    {21, "then=dsik", "21 then: there is no section [group:...]"},
    {23, "next_server=10.20.0", "23 next_server: write an IPv4 address"},
    {23, "use=tools", "22 use: the group uses itself, by way of others such as [group:tools];"},
    {23, "use=branch", "22 use: the group uses itself; remove it"},
    {31, "timeout=never ever", "31 timeout: write seconds"},
    {31, "timeout=1\ntimeout=2",
     "32 timeout: the key appears twice in this section, first in line 31; remove one"},
    {32, "item=local", "32 item: write item=GROUP"},
    {33, "item=tolos, \"Memory\"", "33 item: there is no section [group:...]"},
    {35, "ignore=true", "35 ignore: write yes or no"},
    {37, "http_url=ftp://10.0.0.1/arm.efi", "37 http_url: write a URL"},
    {38, "option6.3=hex:00", "38 option6.3: this option is not yours"},
    /* other files */
    {2, "include=mroe.ini", "2 include: cannot read mroe.ini"},
    {2, "include=more.ini, more.ini", "2 include: more.ini is named twice, first in line 2;"},
    {2, "include=main.ini, more.ini", "2 include: main.ini is the file that is read first;"},
    {2, "include=./sub/../more.ini, ./main.ini", "2 include: main.ini is the file that is read"},
    {2, "include=more.ini\nINCLUDE=more.ini",
     "3 INCLUDE: the key appears twice in this section, first in line 2; write one list"},
    {3, "machines=lba.csv", "3 machines: cannot read lba.csv"},
    {3, "machines=lab.csv, lab.csv", "3 machines: lab.csv is named twice, first in line 3;"},
    {3, "machines=\"lab.csv", "3 machines: put quotes"},
    {4, "name=boot\nboots_fiel=x", "5 boots_fiel: unknown key"},
};

static size_t write_mutant(const struct mutant *mutant, char *out, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < GOOD_LINES; ++i) {
        bool is_changed = mutant != NULL && i + 1 == mutant->line;

        used +=
            (size_t)snprintf(out + used, size - used, "%s\n", is_changed ? mutant->text : good[i]);
        assert_true(used < size);
    }
    return used;
}

static void print_problems(const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->kept; ++i) {
        char line[PROBLEM_TEXT_SIZE];

        problem_format(&problems->items[i], line);
        print_error("  %s\n", line);
    }
}

/* "LINE KEY: text", "-" for no key */
static bool is_told(const struct problem *problem, const char *wanted, size_t length)
{
    char line[PROBLEM_TEXT_SIZE];
    const char *key = problem->place.key == NULL ? "-" : problem->place.key;

    snprintf(line, sizeof(line), "%lu %s: %s", (unsigned long)problem->place.line, key,
             problem->text);
    return strncmp(line, wanted, length) == 0;
}

static bool tells_just(const struct problem_list *problems, const char *told)
{
    size_t at = 0;

    for (; *told != '\0'; ++at) {
        size_t length = strcspn(told, "\n");

        if (at == problems->kept || !is_told(&problems->items[at], told, length))
            return false;
        told += length + (told[length] != '\0');
    }
    return at == problems->count;
}

static bool try_mutant(const struct mutant *mutant)
{
    char text[4096];
    size_t length = write_mutant(mutant, text, sizeof(text));
    struct rules_memory memory = {{{"main.ini", text, length},
                                   {"more.ini", more, sizeof(more) - 1},
                                   {"lab.csv", list, sizeof(list) - 1}}};
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    uint32_t error;
    const struct static_config *config = rules_memory_read(&memory, &problems, &error);
    bool is_good = tells_just(&problems, mutant == NULL ? "" : mutant->told) &&
                   (config == NULL) == (mutant != NULL);

    if (!is_good) {
        print_error("line %u as '%s' tells:\n", mutant == NULL ? 0 : (unsigned)mutant->line,
                    mutant == NULL ? "" : mutant->text);
        print_problems(&problems);
    }
    config_release(config);
    problem_list_free(&problems);
    return is_good;
}

static void the_file_is_good(void **state)
{
    (void)state;
    assert_true(try_mutant(NULL));
}

static void each_mistake_is_told_once_and_nothing_else(void **state)
{
    unsigned wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(mutants) / sizeof(mutants[0]); ++i)
        wrong += !try_mutant(&mutants[i]);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_good),
        cmocka_unit_test(each_mistake_is_told_once_and_nothing_else),
    };

    return cmocka_run_group_tests_name("static_mutants", tests, NULL, NULL);
}
