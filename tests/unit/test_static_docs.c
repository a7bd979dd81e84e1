/*
 * Every configuration that the documentation of staticpxe shows is one that staticpxe takes; with a
 * mistake in any line that one is told and nothing else.
 */
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
static unsigned spoilt;
static unsigned misjudged;

static const struct static_config *read_block(const char *text, size_t length,
                                              struct problem_list *problems)
{
    static const char list[] = "mac,section\n52-54-00-12-34-56,lab\n";
    static const char more[] = "[arch:11]\nfile=branch.efi\n";
    struct rules_memory memory = {{{"main.ini", text, length},
                                   {"lab.csv", list, sizeof(list) - 1},
                                   {"branch-offices.ini", more, sizeof(more) - 1}}};
    uint32_t error;

    return rules_memory_read(&memory, problems, &error);
}

static void print_problems(const char *page, const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->kept; ++i) {
        char line[PROBLEM_TEXT_SIZE];

        problem_format(&problems->items[i], line);
        print_error("%s: %s\n", page, line);
    }
}

static void take(const char *page, const char *text, size_t length)
{
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    const struct static_config *config = read_block(text, length, &problems);

    print_problems(page, &problems);
    assert_non_null(config);
    config_release(config);
    problem_list_free(&problems);
    ++taken;
}

/* One mistake more: it must be told, of this line, and nothing else. */
static void expect_one(const char *page, const char *text, size_t length, unsigned line)
{
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    const struct static_config *config = read_block(text, length, &problems);

    ++spoilt;
    if (config != NULL || problems.count != 1 || problems.items[0].place.line != line) {
        ++misjudged;
        print_error("--- %s, one mistake in line %u of\n%.*s", page, line, (int)length, text);
        print_problems(page, &problems);
    }
    config_release(config);
    problem_list_free(&problems);
}

/* Puts `added` at a place of the text. */
static void spoil(const char *page, const char *text, size_t length, size_t at, const char *added,
                  unsigned line)
{
    char spoilt_text[8192];
    size_t size = strlen(added);

    assert_in_range(length + size, 1, sizeof(spoilt_text));
    memcpy(spoilt_text, text, at);
    memcpy(spoilt_text + at, added, size);
    memcpy(spoilt_text + at + size, text + at, length - at);
    expect_one(page, spoilt_text, length + size, line);
}

/* Every line by itself: another name for its section or key, a comment or nonsense behind it. */
static void spoil_lines(const char *page, const char *text, size_t length)
{
    unsigned line = 0;

    for (size_t at = 0, end; at < length; at = end + 1) {
        end = at + strcspn(text + at, "\n");
        ++line;
        if (text[at] == ';' || end == at)
            continue;
        spoil(page, text, length, text[at] == '[' ? at + 1 : at, "x", line);
        spoil(page, text, length, end, text[at] == '[' ? " x" : " ; x", line);
        spoil(page, text, length, at, "#", line);
        spoil(page, text, length, at, "this says nothing\n", line);
    }
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
        if (start[0] == '[') {
            take(path, start, (size_t)(end - start));
            spoil_lines(path, start, (size_t)(end - start));
        }
        at = end + strlen(FENCE);
    }
}

static void every_configuration_shown_is_taken_and_each_mistake_told(void **state)
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
    assert_int_equal(misjudged, 0);
    assert_in_range(spoilt, 400, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_configuration_shown_is_taken_and_each_mistake_told)};

    return cmocka_run_group_tests_name("static_docs", tests, NULL, NULL);
}
