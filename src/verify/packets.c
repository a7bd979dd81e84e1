#include "verify/packets.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "engine/core.h"
#include "engine/packet.h"
#include "verify/history.h"
#include "verify/report.h"

enum { FREED_FILL = 0xdd };

/* ---- freed packets ---- */

/* Tells of a write after the packet was freed, seen in `call`; then lets it go. */
static void freed_release(struct verifier *verifier, struct request *request,
                          const struct freed_packet *packet, const char *call)
{
    const uint32_t size = packet->is_readable ? packet->size : 0;
    const struct verify_subject subject = verify_subject_of(request, packet->provider, call);
    uint32_t i = 0;

    while (i < size && packet->bytes[i] == FREED_FILL)
        i++;
    if (i < size)
        verify_report(verifier, request->engine, RULE_PACKET_USED_AFTER_FREE, &subject,
                      "byte %u of a freed packet of %u bytes was written", (unsigned)i,
                      (unsigned)size);
    mem_free(packet->block);
}

/* Caller holds request->lock. *out_gone has to leave: the oldest, or the packet itself if its turn
 * is over meanwhile. False: none has to. */
static bool freed_put(struct request *request, const struct freed_packet *packet,
                      struct freed_packet *out_gone)
{
    struct turn_history *history = history_of(request);

    *out_gone = *packet;
    if (history == NULL || !request_turn_is(request, packet->turn))
        return true;
    const bool is_full = history->freed_count == FREED_KEPT;
    if (is_full) {
        *out_gone = history->freed[0];
        memmove(history->freed, history->freed + 1, (FREED_KEPT - 1) * sizeof(history->freed[0]));
        history->freed_count--;
    }
    history->freed[history->freed_count++] = *packet;
    return is_full;
}

void packets_freed(void *context, struct request *request, const struct freed_packet *packet)
{
    struct freed_packet gone;

    if (packet->is_readable)
        memset(packet->bytes, FREED_FILL, packet->size);
    mutex_lock(&request->lock);
    const bool is_gone = freed_put(request, packet, &gone);
    mutex_unlock(&request->lock);
    if (is_gone)
        freed_release(context, request, &gone, CALL_FREE);
}

void packets_turn_left(struct verifier *verifier, struct request *request,
                       const struct turn_facts *facts)
{
    struct freed_packet freed[FREED_KEPT];
    uint32_t count = 0;

    mutex_lock(&request->lock);
    struct turn_history *history = history_of(request);
    if (history != NULL) {
        count = history->freed_count;
        memcpy(freed, history->freed, count * sizeof(freed[0]));
        history->freed_count = 0;
    }
    mutex_unlock(&request->lock);
    while (count > 0)
        freed_release(verifier, request, &freed[--count], facts->call);
}

/* ---- packets beside which something was written ---- */

void packets_damaged(void *context, struct request *request, const struct provider *provider,
                     const char *call, uint32_t size, int64_t offset)
{
    const struct verify_subject subject = verify_subject_of(request, provider, call);

    verify_report(context, request->engine, RULE_PACKET_OVERRUN, &subject,
                  "byte %" PRId64 " of a packet of %u bytes was written", offset, (unsigned)size);
}

/* ---- whose packet is it? ---- */

struct packet_search {
    const void *bytes;
    bool is_found;
    const struct provider *provider;
    uint64_t number;
};

static void packet_search_in(struct request *request, void *context)
{
    struct packet_search *search = context;

    mutex_lock(&request->lock);
    if (packet_is_of(request, search->bytes)) {
        search->is_found = true;
        search->provider = request->owner;
        search->number = request->arrival.number;
    }
    mutex_unlock(&request->lock);
}

static void foreign_tell(struct verifier *verifier, struct engine *engine,
                         const struct verify_subject *subject, const void *bytes)
{
    struct packet_search search = {.bytes = bytes};

    request_pool_each(&engine->pool, packet_search_in, &search);
    if (search.is_found)
        verify_report(verifier, engine, RULE_PACKET_FOREIGN, subject,
                      "the packet belongs to the request of datagram %" PRIu64 ", provider %s",
                      search.number, search.provider->name);
    else
        verify_report(verifier, engine, RULE_PACKET_FOREIGN, subject,
                      "%#zx is no packet of any request", (size_t)bytes);
}

/* The size of the packet that was freed in this turn; 0: it was none. */
static uint32_t freed_size(struct request *request, const void *bytes)
{
    uint32_t size = 0;

    mutex_lock(&request->lock);
    const struct turn_history *history = history_of(request);
    for (uint32_t i = 0; history != NULL && i < history->freed_count; i++)
        if (history->freed[i].bytes == bytes)
            size = history->freed[i].size;
    mutex_unlock(&request->lock);
    return size;
}

void packets_refused(struct verifier *verifier, const struct refused *refused)
{
    struct engine *engine = refused->request->engine;
    const struct verify_subject subject =
        verify_subject_of(refused->request, refused->provider, refused->call);
    const uint32_t size = freed_size(refused->request, refused->bytes);

    if (size == 0)
        foreign_tell(verifier, engine, &subject, refused->bytes);
    else if (strcmp(refused->call, CALL_FREE) == 0)
        verify_report(verifier, engine, RULE_PACKET_FREED_TWICE, &subject,
                      "a packet of %u bytes was freed again", (unsigned)size);
    else
        verify_report(verifier, engine, RULE_PACKET_USED_AFTER_FREE, &subject,
                      "a packet of %u bytes was sent after it had been freed", (unsigned)size);
}
