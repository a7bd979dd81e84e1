#include "index.h"

#include <stdlib.h>
#include <string.h>

#define SMALLEST 64U

uint64_t config_checksum(const uint8_t *bytes, size_t size)
{
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; i < size; ++i)
        hash = (hash ^ bytes[i]) * 1099511628211U;
    return hash;
}

/* FNV-1a, then mixed: the table's places are the low bits. */
static uint32_t hash_of(uint8_t kind, const uint8_t *key, size_t length)
{
    uint32_t hash = 2166136261U ^ kind;

    for (size_t i = 0; i < length; ++i)
        hash = (hash ^ key[i]) * 16777619U;
    hash ^= hash >> 16;
    hash *= 0x85ebca6bU;
    return hash ^ hash >> 13;
}

/* The entry of this key, or the empty one where it belongs. `sought` has all but the target. */
static struct index_entry *find_place(struct index_entry *entries, uint32_t size,
                                      const struct index_entry *sought)
{
    uint32_t at = sought->hash & (size - 1);

    for (;; at = (at + 1) & (size - 1)) {
        struct index_entry *entry = &entries[at];

        if (entry->target == NULL)
            return entry;
        if (entry->hash == sought->hash && entry->kind == sought->kind &&
            entry->key_length == sought->key_length &&
            (sought->key_length == 0 || memcmp(entry->key, sought->key, sought->key_length) == 0))
            return entry;
    }
}

static struct index_entry make_entry(enum index_kind kind, const void *key, size_t key_length,
                                     const void *target)
{
    uint32_t hash = hash_of((uint8_t)kind, key, key_length);

    return (struct index_entry){key, target, hash, (uint8_t)kind, (uint8_t)key_length};
}

const void *index_find(const struct index *index, enum index_kind kind, const void *key,
                       size_t key_length)
{
    if (index->size == 0 || key_length > UINT8_MAX)
        return NULL;
    const struct index_entry sought = make_entry(kind, key, key_length, NULL);
    return find_place(index->entries, index->size, &sought)->target;
}

static bool grow(struct index *index)
{
    uint32_t size = index->size == 0 ? SMALLEST : index->size * 2;
    struct index_entry *entries = size == 0 ? NULL : calloc(size, sizeof(*entries));

    if (entries == NULL)
        return false;
    for (uint32_t i = 0; i < index->size; ++i) {
        const struct index_entry *entry = &index->entries[i];

        if (entry->target != NULL)
            *find_place(entries, size, entry) = *entry;
    }
    free(index->entries);
    index->entries = entries;
    index->size = size;
    return true;
}

bool index_add(struct index *index, enum index_kind kind, const void *key, size_t key_length,
               const void *target)
{
    if (key_length > UINT8_MAX || (index->count >= index->size / 2 && !grow(index)))
        return false;
    const struct index_entry made = make_entry(kind, key, key_length, target);
    struct index_entry *entry = find_place(index->entries, index->size, &made);
    if (entry->target == NULL)
        ++index->count;
    *entry = made;
    return true;
}

bool index_finish(struct index *index, struct arena *arena)
{
    struct index_entry *entries = NULL;

    if (index->size > 0) {
        entries = arena_copy(arena, index->entries, index->size * sizeof(*entries));
        if (entries == NULL)
            return false;
    }
    free(index->entries);
    index->entries = entries;
    return true;
}

void index_free(struct index *index)
{
    free(index->entries);
    *index = (struct index){NULL, 0, 0};
}
