#include "support/rules_memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t read_file(void *context, const char *path, uint8_t **out_bytes, size_t *out_size)
{
    const struct rules_memory *memory = context;

    for (int i = 0; i < RULES_MEMORY_FILES && memory->files[i].path != NULL; ++i) {
        size_t size = memory->files[i].size;

        if (strcmp(memory->files[i].path, path) != 0)
            continue;
        *out_bytes = malloc(size + (size == 0));
        if (*out_bytes == NULL)
            return 8;
        if (size > 0)
            memcpy(*out_bytes, memory->files[i].bytes, size);
        *out_size = size;
        return 0;
    }
    return 2;
}

static bool resolve(void *context, const char *name, uint8_t *out, size_t size)
{
    (void)context;
    if (strcmp(name, "boot.example.test") != 0)
        return false;
    memset(out, 0, size);
    out[0] = size == 4 ? 10 : 0xfd;
    out[size - 1] = 99;
    return true;
}

static void *get_pages(size_t size)
{
    return calloc(1, size);
}

static void seal_pages(void *pages, size_t size)
{
    (void)pages, (void)size;
}

static void free_pages(void *pages, size_t size)
{
    (void)size;
    free(pages);
}

struct rules_port rules_memory_port(struct rules_memory *memory)
{
    return (struct rules_port){memory, read_file, resolve, get_pages, seal_pages, free_pages};
}

const struct static_config *rules_memory_read(struct rules_memory *memory,
                                              struct problem_list *problems, uint32_t *out_error)
{
    const struct rules_port port = rules_memory_port(memory);

    return config_read(&port, "main.ini", problems, out_error);
}

const struct static_config *rules_memory_text(const char *text)
{
    struct rules_memory memory = {{{"main.ini", text, strlen(text)}}};
    struct problem_list problems = PROBLEM_LIST_EMPTY;
    uint32_t error;
    const struct static_config *config = rules_memory_read(&memory, &problems, &error);

    for (size_t i = 0; i < problems.kept; ++i) {
        char line[PROBLEM_TEXT_SIZE];

        problem_format(&problems.items[i], line);
        print_error("%s\n", line);
    }
    problem_list_free(&problems);
    assert_non_null(config);
    return config;
}
