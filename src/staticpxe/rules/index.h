/* Finds what a section is for by its key, in the same time whatever there is: a hash table. */
#ifndef STATICPXE_RULES_INDEX_H
#define STATICPXE_RULES_INDEX_H

#include "arena.h"

enum index_kind {
    INDEX_DEFAULT,
    INDEX_ARCH,
    INDEX_GUID,
    INDEX_DUID,
    INDEX_MAC,
    INDEX_GROUP, /* by name in lower case, and so are the next two */
    INDEX_RULE,
    INDEX_MENU,
    INDEX_MENU_SECTION, /* the layer of INDEX_MENU's, which says where it is */
    INDEX_MEANT,        /* of sections whose own names are wrong; while files are read */
};

struct index_entry {
    const uint8_t *key;
    const void *target;
    uint32_t hash; /* so that the key itself is looked at once */
    uint8_t kind;
    uint8_t key_length;
};

struct index {
    struct index_entry *entries; /* 2^n, at most half of them in use; empty ones have no target */
    uint32_t size;
    uint32_t count;
};

const void *index_find(const struct index *index, enum index_kind kind, const void *key,
                       size_t key_length);

/*
 * Adds what is not there yet. The key stays where it is: it must live as long as the index. False:
 * no memory. While it grows the table lies in malloc's memory; index_finish moves it to the arena.
 */
bool index_add(struct index *index, enum index_kind kind, const void *key, size_t key_length,
               const void *target);
bool index_finish(struct index *index, struct arena *arena);

/* Tells contents apart, of files and of names: FNV-1a. */
uint64_t config_checksum(const uint8_t *bytes, size_t size);

/* For an index that was not finished. */
void index_free(struct index *index);

#endif
