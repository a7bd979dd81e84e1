#include "engine/pending.h"

#include "engine/request.h"

void pending_init(struct pending *pending)
{
    mutex_init(&pending->lock);
    pending->first = NULL;
    pending->last = NULL;
    pending->count = 0;
    atomic_init(&pending->given_way, 0);
}

void pending_destroy(struct pending *pending)
{
    mutex_destroy(&pending->lock);
}

void pending_put(struct pending *pending, struct request *request)
{
    mutex_lock(&pending->lock);
    request->pended_before = pending->last;
    request->pended_after = NULL;
    *(pending->last != NULL ? &pending->last->pended_after : &pending->first) = request;
    pending->last = request;
    pending->count++;
    mutex_unlock(&pending->lock);
}

void pending_take(struct pending *pending, struct request *request)
{
    mutex_lock(&pending->lock);
    struct request *before = request->pended_before;
    struct request *after = request->pended_after;
    *(before != NULL ? &before->pended_after : &pending->first) = after;
    *(after != NULL ? &after->pended_before : &pending->last) = before;
    pending->count--;
    mutex_unlock(&pending->lock);
}

struct request *pending_excess(struct pending *pending, uint32_t max)
{
    struct request *oldest = NULL;

    if (max == 0)
        return NULL;
    mutex_lock(&pending->lock);
    if (pending->count > max) {
        oldest = pending->first;
        request_hold(oldest); /* it leaves the list before the chain lets go of it */
    }
    mutex_unlock(&pending->lock);
    return oldest;
}
