/*
 * Memory that grows piece by piece and is released as a whole: a configuration lies in one, so that
 * it can be made read-only when it is complete. Not for several threads at once.
 */
#ifndef STATICPXE_RULES_ARENA_H
#define STATICPXE_RULES_ARENA_H

#include "port.h"

struct arena_chunk;

struct arena {
    struct rules_port port;
    struct arena_chunk *chunks;
    size_t used; /* of the first chunk */
    size_t total;
    bool failed; /* memory ran out once; stays */
};

/* Zeroed and aligned; NULL: no memory, and `failed` is set. */
void *arena_get(struct arena *arena, size_t size);

/* Copies; text gets a NUL behind it. NULL as above. */
void *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_text(struct arena *arena, const char *text, size_t length);

void arena_seal(struct arena *arena);

/* The arena may itself lie in its memory. */
void arena_free(const struct arena *arena);

#endif
