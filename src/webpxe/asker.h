/*
 * Questions under way: who waits for which, how long, and at which of the services. No thread
 * waits, and what waits is bounded.
 *
 * A request joins the question of the same machine in the same step if there is one. A question
 * goes to the first service that is not in a pause; if that fails or is slow and there is another,
 * it goes there. When its time is over, or no service is left, its requests are told that there is
 * no answer.
 */
#ifndef WEBPXE_ASKER_H
#define WEBPXE_ASKER_H

#include "kept.h"
#include "settings.h"
#include "tell.h"
#include "wdspxe.h"
#include "webpxe/wire/question.h"

struct asker;

/* A request that waits: what is needed of it when the answer is there. Its packet is a copy: the
 * server's may go when too many requests are pended. */
struct waiter {
    struct waiter *next; /* the asker's */
    HANDLE request;
    PXE_ADDRESS local;
    BOOL is_ipxe;
    WCHAR client[80]; /* its name, for the trace */
    ULONG length;
    BYTE packet[];
};

/*
 * A request's answer is here: `shared` stays the asker's; NULL: there is none, the next provider is
 * to be asked. The waiter is freed after the call. Any thread, without locks held.
 */
typedef void (*asker_answered)(void *context, const struct waiter *waiter,
                               const struct shared_verdict *shared);

enum asker_outcome {
    ASKER_WAITS,       /* `answered` will be called, or has been; the waiter is the asker's */
    ASKER_KEPT,        /* *out_shared is the answer; given back with verdict_give */
    ASKER_UNAVAILABLE, /* there is none, which is told: services pause, or too many wait */
};

/* `settings` and `teller` must outlive it. Errors: those of http_open, ERROR_NOT_ENOUGH_MEMORY. */
DWORD asker_open(const struct web_settings *settings, struct teller *teller,
                 asker_answered answered, void *context, struct asker **out);

/*
 * Forgets who waits and ends the connections; waits until WinHTTP has let go of them. FALSE: it did
 * not in two seconds; then nothing was released. NULL is fine.
 */
BOOL asker_close(struct asker *asker);

/*
 * Asks. Takes `text`, which is the caller's no more; `waiter` (from malloc) only if it returns
 * ASKER_WAITS.
 */
enum asker_outcome asker_ask(struct asker *asker, struct question_text *text, struct waiter *waiter,
                             struct shared_verdict **out_shared);

#endif
