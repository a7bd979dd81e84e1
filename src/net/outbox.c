#include "net/outbox.h"

#include <string.h>

#include "base/mem.h"
#include "net/link.h"

/* ---- whose ---- */

static INIT_ONCE mark_once = INIT_ONCE_STATIC_INIT;
static DWORD mark = TLS_OUT_OF_INDEXES;

static BOOL CALLBACK mark_create(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once, (void)parameter, (void)context;
    mark = TlsAlloc();
    return TRUE;
}

void outbox_own(struct outbox *outbox)
{
    InitOnceExecuteOnce(&mark_once, mark_create, NULL, NULL);
    if (mark != TLS_OUT_OF_INDEXES)
        TlsSetValue(mark, outbox);
}

/* NULL: the calling thread has none. A provider's last error stays what it was. */
static struct outbox *outbox_own_get(void)
{
    const DWORD error = GetLastError();
    struct outbox *outbox = mark != TLS_OUT_OF_INDEXES ? TlsGetValue(mark) : NULL;

    SetLastError(error);
    return outbox;
}

/* ---- leaving ---- */

/* What the system did not send: told when no lock is held, for the host hears of it. */
struct unsent {
    const struct net_site *site;
    size_t count;
    struct net_outgoing replies[NET_BATCH]; /* without their bytes */
    pxe_status status[NET_BATCH];
};

static void unsent_add(struct unsent *unsent, const struct net_site *site,
                       const struct net_outgoing *reply, pxe_status status)
{
    unsent->site = site;
    unsent->replies[unsent->count] = *reply;
    unsent->replies[unsent->count].bytes = NULL;
    unsent->status[unsent->count++] = status;
}

static void unsent_tell(const struct unsent *unsent)
{
    for (size_t i = 0; i < unsent->count; i++)
        unsent->site->send_failed(unsent->site->context, &unsent->replies[i], unsent->status[i]);
}

/* Caller holds outbox->lock, and tells what was unsent when it does not any more. */
static void leave(struct outbox *outbox, struct unsent *unsent)
{
    size_t done = 0;

    unsent->count = 0;
    while (done < outbox->count) {
        size_t sent;
        pxe_status status = link_send(outbox->link, outbox->name, outbox->replies + done,
                                      outbox->count - done, &sent);
        done += sent;
        if (status != PXE_OK)
            unsent_add(unsent, outbox->link->site, &outbox->replies[done++], status);
    }
    outbox->count = 0;
    outbox->used = 0;
}

/* ---- collecting ---- */

void outbox_collect(struct outbox *outbox)
{
    AcquireSRWLockExclusive(&outbox->lock);
    if (outbox->bytes == NULL)
        outbox->bytes = mem_alloc(OUTBOX_BYTES);
    outbox->is_collecting = outbox->bytes != NULL;
    ReleaseSRWLockExclusive(&outbox->lock);
}

void outbox_end(struct outbox *outbox)
{
    struct unsent unsent;

    AcquireSRWLockExclusive(&outbox->lock);
    outbox->is_collecting = false;
    leave(outbox, &unsent);
    ReleaseSRWLockExclusive(&outbox->lock);
    unsent_tell(&unsent);
}

void outbox_flush(struct outbox *outbox)
{
    struct unsent unsent;

    AcquireSRWLockExclusive(&outbox->lock);
    leave(outbox, &unsent);
    ReleaseSRWLockExclusive(&outbox->lock);
    unsent_tell(&unsent);
}

void outbox_free(struct outbox *outbox)
{
    mem_free(outbox->bytes);
    outbox->bytes = NULL;
}

/* Caller holds outbox->lock; it fits. */
static void put(struct outbox *outbox, struct link *link, link_id name,
                const struct net_outgoing *datagram)
{
    struct net_outgoing *reply = &outbox->replies[outbox->count++];

    *reply = *datagram;
    reply->bytes = memcpy(outbox->bytes + outbox->used, datagram->bytes, datagram->length);
    outbox->used += datagram->length;
    outbox->link = link;
    outbox->name = name;
}

/* False: it is to be sent, and nothing is before it any more. */
static bool collect(struct outbox *outbox, struct link *link, link_id name,
                    const struct net_outgoing *datagram)
{
    struct unsent unsent;

    unsent.count = 0;

    AcquireSRWLockExclusive(&outbox->lock);
    const bool is_other = outbox->link != link || outbox->name != name;
    const bool is_full =
        outbox->count == NET_BATCH || datagram->length > OUTBOX_BYTES - outbox->used;
    if (is_other || is_full)
        leave(outbox, &unsent);
    const bool is_taken = outbox->is_collecting && datagram->length <= OUTBOX_BYTES;
    if (is_taken)
        put(outbox, link, name, datagram);
    ReleaseSRWLockExclusive(&outbox->lock);
    unsent_tell(&unsent);
    return is_taken;
}

pxe_status outbox_send(struct link *link, link_id name, const struct net_outgoing *datagram)
{
    struct outbox *outbox = link->site->backend->sends_batches ? outbox_own_get() : NULL;
    size_t sent;

    if (outbox != NULL && outbox->is_collecting && collect(outbox, link, name, datagram))
        return PXE_OK;
    return link_send(link, name, datagram, 1, &sent);
}
