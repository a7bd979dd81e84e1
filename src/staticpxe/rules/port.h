/*
 * What reading a configuration needs of the system: files, names, memory. The provider and
 * wdspxectl give Windows', tests give their own. Paths are UTF-8.
 */
#ifndef STATICPXE_RULES_PORT_H
#define STATICPXE_RULES_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rules_port {
    void *context;

    /*
     * Reads a whole file. *out_bytes is released with free(). Returns 0, or the system's error
     * code; PORT_BUSY says that somebody changes the file at this moment.
     */
    uint32_t (*read_file)(void *context, const char *path, uint8_t **out_bytes, size_t *out_size);

    /* The first address of a host: 4 or 16 bytes, as `size` says. False: it has none. */
    bool (*resolve)(void *context, const char *name, uint8_t *out, size_t size);

    /* Zeroed memory that the finished configuration lies in; `seal` makes it read-only. */
    void *(*get_pages)(size_t size);
    void (*seal_pages)(void *pages, size_t size);
    void (*free_pages)(void *pages, size_t size);
};

/* ERROR_SHARING_VIOLATION, as Windows has it. */
#define PORT_BUSY 32

#endif
