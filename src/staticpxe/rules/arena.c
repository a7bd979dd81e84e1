#include "arena.h"

#include <string.h>

#define SMALLEST_CHUNK ((size_t)64 * 1024)
#define LARGEST_CHUNK ((size_t)4 * 1024 * 1024)
#define ALIGNMENT sizeof(void *)

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
};

static bool add_chunk(struct arena *arena, size_t size)
{
    size_t chunk_size = arena->chunks == NULL ? SMALLEST_CHUNK : arena->chunks->size * 2;

    if (chunk_size > LARGEST_CHUNK)
        chunk_size = LARGEST_CHUNK;
    if (size > SIZE_MAX / 2)
        return false;
    if (chunk_size < size + sizeof(struct arena_chunk))
        chunk_size = size + sizeof(struct arena_chunk);
    struct arena_chunk *chunk = arena->port.get_pages(chunk_size);
    if (chunk == NULL)
        return false;
    chunk->next = arena->chunks;
    chunk->size = chunk_size;
    arena->chunks = chunk;
    arena->used = sizeof(*chunk);
    arena->total += chunk_size;
    return true;
}

void *arena_get(struct arena *arena, size_t size)
{
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t left = arena->chunks == NULL ? 0 : arena->chunks->size - arena->used;

    if (rounded < size || (left < rounded && !add_chunk(arena, rounded))) {
        arena->failed = true;
        return NULL;
    }
    void *result = (uint8_t *)arena->chunks + arena->used;
    arena->used += rounded;
    return result;
}

void *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    void *copy = arena_get(arena, size);

    if (copy != NULL && size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_get(arena, length + 1);

    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

void arena_seal(struct arena *arena)
{
    const struct rules_port port = arena->port;
    struct arena_chunk *chunk = arena->chunks;

    while (chunk != NULL) { /* what stands in a sealed chunk can still be read */
        port.seal_pages(chunk, chunk->size);
        chunk = chunk->next;
    }
}

void arena_free(const struct arena *arena)
{
    const struct rules_port port = arena->port;
    struct arena_chunk *chunk = arena->chunks;

    while (chunk != NULL) {
        struct arena_chunk *next = chunk->next;

        port.free_pages(chunk, chunk->size);
        chunk = next;
    }
}
