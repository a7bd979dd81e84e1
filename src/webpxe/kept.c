#include "kept.h"

#include <stdlib.h>
#include <string.h>

void verdict_take(struct shared_verdict *shared)
{
    InterlockedIncrement(&shared->users);
}

void verdict_give(struct shared_verdict *shared)
{
    if (shared != NULL && InterlockedDecrement(&shared->users) == 0)
        free(shared);
}

BOOL kept_open(struct kept *kept, ULONG size)
{
    kept->items = size == 0 ? NULL : calloc(size, sizeof(*kept->items));
    kept->size = size;
    return size == 0 || kept->items != NULL;
}

static void forget(struct kept_answer *answer)
{
    verdict_give(answer->shared);
    free(answer->key);
    *answer = (struct kept_answer){0};
}

void kept_close(struct kept *kept)
{
    for (ULONG i = 0; kept->items != NULL && i < kept->size; ++i)
        forget(&kept->items[i]);
    free(kept->items);
    kept->items = NULL;
}

/* FNV-1a. */
ULONGLONG kept_hash(const char *key)
{
    ULONGLONG hash = 14695981039346656037ULL;

    for (; *key != '\0'; ++key)
        hash = (hash ^ (BYTE)*key) * 1099511628211ULL;
    return hash;
}

struct shared_verdict *kept_find(const struct kept *kept, ULONGLONG hash, const char *key,
                                 ULONGLONG now)
{
    const struct kept_answer *answer = kept->size == 0 ? NULL : &kept->items[hash % kept->size];

    if (answer == NULL || answer->shared == NULL || answer->hash != hash || answer->until <= now ||
        strcmp(answer->key, key) != 0)
        return NULL;
    verdict_take(answer->shared);
    return answer->shared;
}

void kept_add(struct kept *kept, ULONGLONG hash, const char *key, struct shared_verdict *shared,
              ULONGLONG until)
{
    struct kept_answer *answer = kept->size == 0 ? NULL : &kept->items[hash % kept->size];
    char *copy = answer == NULL ? NULL : _strdup(key);

    if (copy == NULL)
        return;
    forget(answer);
    verdict_take(shared);
    *answer = (struct kept_answer){.hash = hash, .key = copy, .until = until, .shared = shared};
}
