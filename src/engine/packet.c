#include "engine/packet.h"

#include <inttypes.h>
#include <stdalign.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine.h"
#include "verify/verify.h"

static const uint8_t CANARY[16] = {0x7e, 0xc3, 0x91, 0x5a, 0xd8, 0x26, 0xb4, 0x0f,
                                   0x7e, 0xc3, 0x91, 0x5a, 0xd8, 0x26, 0xb4, 0x0f};

enum {
    FREED_FILL = 0xdd,
    FREED_KEPT = 16,
    CAPACITY_STEP = 128,
    SPARE_CAPACITY_MAX = 2048, /* larger ones are given back */
};

struct packet {
    struct packet *next;
    const struct packet_memory_port
        *memory; /* NULL: the bytes are in `storage`, between canaries */
    uint8_t *bytes;
    uint32_t size;
    uint32_t capacity; /* what `storage` has room for */
    uint32_t pins;     /* senders that are using the bytes */
    bool is_doomed;    /* freed while pinned: the last pin frees it */
    alignas(16) uint8_t storage[];
};

/* ---- a packet's memory ---- */

/* One whose bytes are in its storage, zero-filled: the spare one if it is large enough. */
static struct packet *packet_create_plain(struct request *request, uint32_t size)
{
    struct packet *packet = request->spare;

    if (packet != NULL && packet->capacity >= size) {
        request->spare = NULL;
        packet->is_doomed = false;
        memset(packet->bytes, 0, size);
    } else {
        const uint32_t capacity = (size + CAPACITY_STEP - 1) / CAPACITY_STEP * CAPACITY_STEP;
        packet = mem_alloc(sizeof(*packet) + sizeof(CANARY) + capacity + sizeof(CANARY));
        if (packet == NULL)
            return NULL;
        packet->capacity = capacity;
        packet->bytes = packet->storage + sizeof(CANARY);
        memcpy(packet->storage, CANARY, sizeof(CANARY));
    }
    packet->size = size;
    memcpy(packet->bytes + size, CANARY, sizeof(CANARY));
    return packet;
}

/* One whose bytes the port has. */
static struct packet *packet_create_in(const struct packet_memory_port *memory, uint32_t size)
{
    struct packet *packet = mem_alloc(sizeof(*packet));

    if (packet == NULL)
        return NULL;
    packet->memory = memory;
    packet->size = size;
    packet->bytes = memory->allocate(memory->context, size);
    if (packet->bytes == NULL) {
        mem_free(packet);
        return NULL;
    }
    return packet;
}

/* Keeps it to be the next one, if it is worth keeping. */
static void packet_give_back(struct request *request, struct packet *packet)
{
    if (request->spare != NULL || packet->memory != NULL || packet->capacity > SPARE_CAPACITY_MAX) {
        mem_free(packet);
        return;
    }
    memcpy(packet->storage, CANARY, sizeof(CANARY)); /* whatever has happened to it */
    request->spare = packet;
}

void packet_forget_spare(struct request *request)
{
    mem_free(request->spare);
    request->spare = NULL;
}

/* *out_offset is that of the first byte at fault, from the packet's start. */
static bool canary_is_intact(const uint8_t *canary, int64_t at, int64_t *out_offset)
{
    for (size_t i = 0; i < sizeof(CANARY); i++) {
        if (canary[i] == CANARY[i])
            continue;
        *out_offset = at + (int64_t)i;
        return false;
    }
    return true;
}

static bool packet_is_intact(const struct packet *packet, int64_t *out_offset)
{
    const struct packet_memory_port *memory = packet->memory;

    if (memory != NULL)
        return memory->is_intact(memory->context, packet->bytes, packet->size, out_offset);
    return canary_is_intact(packet->bytes + packet->size, packet->size, out_offset) &&
           canary_is_intact(packet->storage, -(int64_t)sizeof(CANARY), out_offset);
}

/* ---- freed packets, as long as the verifier keeps them ---- */

/* Under the lock. Whatever was written after the packet was freed is seen now, in `call`. */
static void freed_release(struct request *request, struct packet *packet, const char *call)
{
    const uint32_t size = packet->memory == NULL ? packet->size : 0;
    uint32_t i = 0;

    while (i < size && packet->bytes[i] == FREED_FILL)
        i++;
    if (i < size) {
        const struct verify_subject subject = verify_subject_of(request, request->owner, call);
        verify_report(request->engine, RULE_PACKET_USED_AFTER_FREE, &subject,
                      "byte %u of a freed packet of %u bytes was written", (unsigned)i,
                      (unsigned)size);
    }
    mem_free(packet);
}

/* Under the lock: the verifier must know it again for a while; it goes when the turn ends. */
static void freed_put(struct request *request, struct packet *packet)
{
    struct packet **link = &request->freed;
    uint32_t count = 1;

    if (!engine_is_verified(request->engine)) {
        packet_give_back(request, packet);
        return;
    }
    if (packet->memory == NULL)
        memset(packet->bytes, FREED_FILL, packet->size);
    packet->next = request->freed;
    request->freed = packet;
    while (*link != NULL && count++ <= FREED_KEPT)
        link = &(*link)->next;
    if (*link != NULL) {
        freed_release(request, *link, CALL_FREE); /* the oldest */
        *link = NULL;
    }
}

static void freed_release_all(struct request *request, const char *call)
{
    while (request->freed != NULL) {
        struct packet *packet = request->freed;
        request->freed = packet->next;
        freed_release(request, packet, call);
    }
}

/* ---- packets of a request ---- */

static void overrun_tell(struct request *request, const struct packet *packet, int64_t offset,
                         const char *call)
{
    const struct verify_subject subject = verify_subject_of(request, request->owner, call);

    engine_log(request->engine, LOG_ERROR, "provider %s: wrote %s of a packet of %u bytes",
               request->owner->name, offset < 0 ? "before the start" : "past the end",
               packet->size);
    verify_report(request->engine, RULE_PACKET_OVERRUN, &subject,
                  "byte %" PRId64 " of a packet of %u bytes was written", offset,
                  (unsigned)packet->size);
}

/* Under the lock: the end of a packet's bytes. False: a sender uses them, and will see to it. */
static bool packet_retire(struct request *request, struct packet *packet, const char *call)
{
    const struct packet_memory_port *memory = packet->memory;
    int64_t offset;

    if (packet->pins > 0) {
        packet->is_doomed = true;
        return false;
    }
    if (!packet_is_intact(packet, &offset))
        overrun_tell(request, packet, offset, call);
    if (memory != NULL)
        memory->free(memory->context, packet->bytes, packet->size);
    atomic_fetch_sub(&request->engine->counters.open_packets, 1);
    return true;
}

/* Under the lock: the link in the list that points to the packet with these bytes, or NULL. */
static struct packet **packet_link(struct packet **list, const void *bytes)
{
    for (struct packet **link = list; *link != NULL; link = &(*link)->next)
        if ((*link)->bytes == bytes)
            return link;
    return NULL;
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
    if (packet_link(&request->packets, search->bytes) != NULL) {
        search->is_found = true;
        search->provider = request->owner;
        search->number = request->arrival.number;
    }
    mutex_unlock(&request->lock);
}

static void foreign_tell(struct request *request, const struct verify_subject *subject,
                         const void *bytes)
{
    struct packet_search search = {.bytes = bytes};

    request_pool_each(&request->engine->pool, packet_search_in, &search);
    if (search.is_found)
        verify_report(request->engine, RULE_PACKET_FOREIGN, subject,
                      "the packet belongs to the request of datagram %" PRIu64 ", provider %s",
                      search.number, search.provider->name);
    else
        verify_report(request->engine, RULE_PACKET_FOREIGN, subject,
                      "%#zx is no packet of any request", (size_t)bytes);
}

void packet_tell_foreign(struct request *request, const void *bytes, const char *call)
{
    if (!engine_is_verified(request->engine))
        return;
    mutex_lock(&request->lock);
    const struct verify_subject subject = verify_subject_of(request, request->owner, call);
    struct packet **freed = packet_link(&request->freed, bytes);
    const uint32_t size = freed != NULL ? (*freed)->size : 0;
    mutex_unlock(&request->lock);
    if (freed == NULL)
        foreign_tell(request, &subject, bytes);
    else if (strcmp(call, CALL_FREE) == 0)
        verify_report(request->engine, RULE_PACKET_FREED_TWICE, &subject,
                      "a packet of %u bytes was freed again", (unsigned)size);
    else
        verify_report(request->engine, RULE_PACKET_USED_AFTER_FREE, &subject,
                      "a packet of %u bytes was sent after it had been freed", (unsigned)size);
}

/* ---- the exports ---- */

/* Tells why the turn could not be locked: `request` is referenced, or NULL. */
static void turn_refuse(struct engine *engine, uintptr_t provider_value, uintptr_t request_value,
                        const struct provider *provider, const struct provider *owner,
                        struct request *request, const char *call)
{
    if (provider == NULL) {
        verify_bad_provider(engine, provider_value, call);
    } else if (owner == NULL) {
        verify_bad_request(engine, request_value, call);
    } else {
        const struct verify_subject subject = verify_subject_of(request, provider, call);
        verify_report(engine, RULE_PACKET_FOREIGN, &subject,
                      "it is the turn of provider %s, not of this one", owner->name);
    }
}

/* Locks the request if both handles belong to the open turn; PXE_INVALID_HANDLE if not. */
static pxe_status turn_lock(struct engine *engine, uintptr_t provider_value,
                            uintptr_t request_value, const char *call, struct request **out_request)
{
    struct provider *provider = provider_resolve(engine, provider_value);
    struct request *request = request_acquire(&engine->pool, request_value);
    const struct provider *owner = NULL;

    if (request != NULL) {
        mutex_lock(&request->lock);
        if (request_turn_is(request, request_value)) {
            if (provider != NULL && request->owner == provider) {
                *out_request = request;
                return PXE_OK;
            }
            owner = request->owner;
        }
        mutex_unlock(&request->lock);
    }
    turn_refuse(engine, provider_value, request_value, provider, owner, request, call);
    if (request != NULL)
        request_release(request);
    return PXE_INVALID_HANDLE;
}

static void turn_unlock(struct request *request)
{
    mutex_unlock(&request->lock);
    request_release(request);
}

pxe_status packet_allocate(struct engine *engine, uintptr_t provider, uintptr_t request_value,
                           uint32_t size, void **out_bytes)
{
    struct request *request;

    if (size == 0 || size > PACKET_SIZE_MAX) {
        verify_bad_argument(engine, provider, CALL_ALLOCATE, "uSize is 0 or above 65535");
        return PXE_INVALID_PARAMETER;
    }
    pxe_status status = turn_lock(engine, provider, request_value, CALL_ALLOCATE, &request);
    if (status != PXE_OK)
        return status;
    const struct packet_memory_port *memory = engine->ports.packets;
    struct packet *packet =
        memory != NULL ? packet_create_in(memory, size) : packet_create_plain(request, size);
    if (packet == NULL) {
        turn_unlock(request);
        return PXE_NOT_ENOUGH_MEMORY;
    }
    packet->next = request->packets;
    request->packets = packet;
    atomic_fetch_add(&engine->counters.open_packets, 1);
    turn_unlock(request);
    *out_bytes = packet->bytes;
    return PXE_OK;
}

pxe_status packet_free(struct engine *engine, uintptr_t provider, uintptr_t request_value,
                       void *bytes)
{
    struct request *request;
    pxe_status status = turn_lock(engine, provider, request_value, CALL_FREE, &request);

    if (status != PXE_OK)
        return status;
    struct packet **link = packet_link(&request->packets, bytes);
    if (link == NULL) {
        status = PXE_INVALID_PARAMETER;
    } else {
        struct packet *packet = *link;
        *link = packet->next;
        if (packet_retire(request, packet, CALL_FREE))
            freed_put(request, packet);
    }
    mutex_unlock(&request->lock);
    if (status != PXE_OK)
        packet_tell_foreign(request, bytes, CALL_FREE);
    request_release(request);
    return status;
}

struct packet *packet_pin(struct request *request, const void *bytes)
{
    struct packet **link = packet_link(&request->packets, bytes);

    if (link == NULL)
        return NULL;
    (*link)->pins++;
    return *link;
}

uint32_t packet_size(const struct packet *packet)
{
    return packet->size;
}

void packet_unpin(struct request *request, struct packet *packet)
{
    mutex_lock(&request->lock);
    packet->pins--;
    if (packet->is_doomed && packet_retire(request, packet, CALL_SEND))
        packet_give_back(request, packet);
    mutex_unlock(&request->lock);
}

uint32_t packet_reclaim_all(struct request *request, const char *call)
{
    uint32_t count = 0;

    while (request->packets != NULL) {
        struct packet *packet = request->packets;
        request->packets = packet->next;
        if (packet_retire(request, packet, call))
            packet_give_back(request, packet);
        count++;
    }
    freed_release_all(request, call);
    return count;
}
