/* Configurations of staticpxe from texts in memory, for native tests. */
#ifndef TESTS_RULES_MEMORY_H
#define TESTS_RULES_MEMORY_H

#include "staticpxe/rules/match.h"

#define RULES_MEMORY_FILES 8

/* The files that there are; the first is "main.ini". A NULL path ends them. */
struct rules_memory {
    struct {
        const char *path;
        const void *bytes;
        size_t size;
    } files[RULES_MEMORY_FILES];
};

struct rules_port rules_memory_port(struct rules_memory *memory);

/* Reads main.ini. NULL: `problems` says why. */
const struct static_config *rules_memory_read(struct rules_memory *memory,
                                              struct problem_list *problems, uint32_t *out_error);

/* The same of one text that has no mistakes. */
const struct static_config *rules_memory_text(const char *text);

#endif
