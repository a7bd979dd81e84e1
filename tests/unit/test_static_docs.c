/* Every configuration that the documentation of staticpxe shows is one that staticpxe takes. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/rules_memory.h"

#ifndef DOCS
#error "define DOCS as the path of docs/"
#endif

#define FENCE "```\n"

static unsigned taken;

static void take(const char *page, const char *text, size_t length)
{
    static const char list[] = "mac,section\n52-54-00-12-34-56,lab\n";
    static const char more[] = "[arch:11]\nfile=branch.efi\n";
    struct rules_memory memory = {{{"main.ini", text, length},
                                   {"lab.csv", list, sizeof(list) - 1},
                                   {"branch-offices.ini", more, sizeof(more) - 1}}};
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    uint32_t error;
    const struct static_config *config = rules_memory_read(&memory, &problems, &error);

    for (size_t i = 0; i < problems.kept; ++i) {
        char line[PROBLEM_TEXT_SIZE];

        problem_format(&problems.items[i], line);
        print_error("%s: %s\n", page, line);
    }
    assert_non_null(config);
    config_release(config);
    problem_list_free(&problems);
    ++taken;
}

/* The blocks between fences that begin with a section. */
static void take_page(const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    assert_in_range(length, 1, sizeof(text) - 2);
    text[length] = '\0';
    for (char *at = text; (at = strstr(at, FENCE)) != NULL;) {
        char *start = at + strlen(FENCE);
        char *end = strstr(start, FENCE);

        assert_non_null(end);
        if (start[0] == '[')
            take(path, start, (size_t)(end - start));
        at = end + strlen(FENCE);
    }
}

static void every_configuration_shown_is_taken(void **state)
{
    DIR *folder = opendir(DOCS "/recipes");
    const struct dirent *entry;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        char path[1024];

        if (strstr(entry->d_name, ".md") == NULL)
            continue;
        snprintf(path, sizeof(path), "%s/recipes/%s", DOCS, entry->d_name);
        take_page(path);
    }
    closedir(folder);
    take_page(DOCS "/staticpxe.md");
    assert_in_range(taken, 8, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_configuration_shown_is_taken)};

    return cmocka_run_group_tests_name("static_docs", tests, NULL, NULL);
}
