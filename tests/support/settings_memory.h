/* Settings in memory: the port of registry/settings.h for tests, and what it has told. */
#ifndef TESTS_SUPPORT_SETTINGS_MEMORY_H
#define TESTS_SUPPORT_SETTINGS_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "registry/settings.h"

struct settings_memory {
    struct {
        uint32_t type;
        size_t size;
        const void *bytes; /* NULL: not set */
        pxe_status status; /* what reading comes to, if not PXE_OK */
    } values[SETTING_COUNT];
    size_t problems;
    size_t vital_problems;
    const struct setting *setting; /* of the last problem */
    char text[SETTING_PROBLEM_SIZE];
    struct settings_port port;
    struct settings_listener listener;
};

/* Empty, with port and listener ready for use; no problem told yet. */
void settings_memory_init(struct settings_memory *memory);

/* The bytes stay the caller's and must live as long. */
void settings_memory_set(struct settings_memory *memory, enum setting_id id, uint32_t type,
                         const void *bytes, size_t size);

#endif
