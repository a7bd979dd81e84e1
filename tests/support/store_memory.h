/* A store_port in memory. Writing without holding its lock fails the test. */
#ifndef TESTS_SUPPORT_STORE_MEMORY_H
#define TESTS_SUPPORT_STORE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "registry/store.h"

struct memory_provider;

struct memory_store {
    struct store_port port; /* points back here: do not move the struct */
    struct name_list order;
    struct memory_provider *providers;
    bool locked;
    int open_keys; /* of open_provider, not yet closed */
};

void memory_store_init(struct memory_store *store);
void memory_store_free(struct memory_store *store);

/*
 * Writes the whole content as text, keys in the order of their creation, a critical one with '!':
 * "B A | A=a.dll B=b.dll!". Units above ASCII become '?'.
 */
void memory_store_dump(const struct memory_store *store, char *out_text, size_t size);

#endif
