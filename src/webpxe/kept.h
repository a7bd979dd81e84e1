/* Answers that services allow to be kept, by question. Bounded: a newer one takes an older one's
 * place. The caller's lock guards it. */
#ifndef WEBPXE_KEPT_H
#define WEBPXE_KEPT_H

#include "wdspxe.h"
#include "webpxe/wire/verdict.h"

/* An answer that several have in use. */
struct shared_verdict {
    LONG volatile users;
    struct verdict verdict;
};

void verdict_take(struct shared_verdict *shared);
void verdict_give(struct shared_verdict *shared); /* NULL is fine */

struct kept_answer {
    ULONGLONG hash;
    char *key;
    ULONGLONG until; /* ms of GetTickCount64 */
    struct shared_verdict *shared;
};

struct kept {
    struct kept_answer *items; /* each key has one place */
    ULONG size;                /* 0: nothing is kept */
};

/* FALSE: no memory. */
BOOL kept_open(struct kept *kept, ULONG size);
void kept_close(struct kept *kept);

ULONGLONG kept_hash(const char *key);

/* The answer, taken for the caller, or NULL. */
struct shared_verdict *kept_find(const struct kept *kept, ULONGLONG hash, const char *key,
                                 ULONGLONG now);

/* Takes the answer for itself. Without memory nothing is kept. */
void kept_add(struct kept *kept, ULONGLONG hash, const char *key, struct shared_verdict *shared,
              ULONGLONG until);

#endif
