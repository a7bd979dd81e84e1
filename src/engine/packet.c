#include "engine/packet.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"
#include "engine/callback.h"
#include "engine/core.h"

static const uint8_t CANARY[16] = {0x7e, 0xc3, 0x91, 0x5a, 0xd8, 0x26, 0xb4, 0x0f,
                                   0x7e, 0xc3, 0x91, 0x5a, 0xd8, 0x26, 0xb4, 0x0f};

enum {
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
    struct packet *packet = atomic_exchange(&request->spare, NULL);

    if (packet != NULL && packet->capacity >= size) {
        packet->is_doomed = false;
        memset(packet->bytes, 0, size);
    } else {
        const uint32_t capacity = (size + CAPACITY_STEP - 1) / CAPACITY_STEP * CAPACITY_STEP;
        mem_free(packet);
        packet = mem_alloc(sizeof(*packet) + sizeof(CANARY) + capacity + sizeof(CANARY));
        if (packet == NULL)
            return NULL;
        packet->capacity = capacity;
        packet->bytes = packet->storage + sizeof(CANARY);
        memcpy(packet->storage, CANARY, sizeof(CANARY));
    }
    packet->size = size;
    memcpy(packet->bytes + packet->capacity, CANARY, sizeof(CANARY)); /* where the block ends */
    memcpy(packet->bytes + size, CANARY, sizeof(CANARY));             /* may overlap, and wins */
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
    if (packet->memory != NULL || packet->capacity > SPARE_CAPACITY_MAX) {
        mem_free(packet);
        return;
    }
    memcpy(packet->storage, CANARY, sizeof(CANARY)); /* whatever has happened to it */
    mem_free(atomic_exchange(&request->spare, packet));
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

/* Has the end of the block been written, so that what the heap has behind it must be, too? */
static bool packet_has_damaged_heap(const struct packet *packet)
{
    const size_t last = sizeof(CANARY) - 1;

    return packet->memory == NULL && packet->bytes[packet->capacity + last] != CANARY[last];
}

/* ---- packets of a request ---- */

/* Caller holds request->lock. The link in the list that points to the packet with these bytes. */
static struct packet **packet_link(struct request *request, const void *bytes)
{
    for (struct packet **link = &request->packets; *link != NULL; link = &(*link)->next)
        if ((*link)->bytes == bytes)
            return link;
    return NULL;
}

bool packet_is_of(struct request *request, const void *bytes)
{
    return packet_link(request, bytes) != NULL;
}

/* Has been taken out of the list, and nobody uses it any more. No lock is held: what is to be told
 * about it reaches the host. Returns whether its bytes can still be read. */
static bool packet_inspect(struct request *request, const struct packet *packet,
                           struct provider *provider, const char *call)
{
    struct engine *engine = request->engine;
    const struct packet_memory_port *memory = packet->memory;
    int64_t offset;

    if (!packet_is_intact(packet, &offset)) {
        request_log(request, LOG_ERROR, "provider %s: wrote %s of a packet of %u bytes",
                    provider->name, offset < 0 ? "before the start" : "past the end", packet->size);
        WATCH(engine, packet_damaged, request, provider, call, packet->size, offset);
        if (packet_has_damaged_heap(packet))
            callback_damaged(request, provider, call, "the memory behind a packet was written");
    }
    if (memory != NULL)
        memory->free(memory->context, packet->bytes, packet->size);
    atomic_fetch_sub(&engine->counters.open_packets, 1);
    return memory == NULL;
}

static void packet_end(struct request *request, struct packet *packet, struct provider *provider,
                       const char *call)
{
    (void)packet_inspect(request, packet, provider, call);
    packet_give_back(request, packet);
}

/* The same for one that the provider has freed: a watcher may want to know it again. */
static void packet_end_freed(struct request *request, struct packet *packet,
                             struct provider *provider, uintptr_t turn)
{
    const bool is_readable = packet_inspect(request, packet, provider, CALL_FREE);

    if (request->engine->ports.watch.packet_freed == NULL)
        packet_give_back(request, packet);
    else
        WATCH(request->engine, packet_freed, request,
              &(struct freed_packet){provider, turn, packet->bytes, packet->size, is_readable,
                                     packet});
}

/* ---- the exports ---- */

/* Locks the request if both handles belong to the open turn; PXE_INVALID_HANDLE if not. On success
 * the caller has a reference to the request. */
static pxe_status turn_lock(struct engine *engine, uintptr_t provider_value,
                            uintptr_t request_value, const char *call, struct request **out_request)
{
    struct provider *provider = provider_resolve(engine, provider_value);
    struct request *request = request_acquire(&engine->pool, request_value);
    struct refused refused = {.call = call, .request = request, .provider = provider};

    if (request != NULL) {
        mutex_lock(&request->lock);
        if (request_turn_is(request, request_value)) {
            if (provider != NULL && request->owner == provider) {
                *out_request = request;
                return PXE_OK;
            }
            refused.owner = request->owner;
        }
        mutex_unlock(&request->lock);
    }
    refused.why = provider == NULL        ? REFUSED_PROVIDER
                  : refused.owner == NULL ? REFUSED_REQUEST
                                          : REFUSED_OWNER;
    refused.handle = provider == NULL ? provider_value : request_value;
    WATCH(engine, refused, engine, &refused);
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
        WATCH(engine, refused, engine,
              &(struct refused){.why = REFUSED_SIZE, .call = CALL_ALLOCATE, .handle = provider});
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
    request->turn_packets++;
    atomic_fetch_add(&engine->counters.open_packets, 1);
    turn_unlock(request);
    *out_bytes = packet->bytes;
    return PXE_OK;
}

/* Caller holds request->lock. Takes the packet out of the list. *out_is_idle: nobody is sending it;
 * else its sender will end it. */
static struct packet *packet_take(struct request *request, const void *bytes, bool *out_is_idle)
{
    struct packet **link = packet_link(request, bytes);

    if (link == NULL)
        return NULL;
    struct packet *packet = *link;
    *link = packet->next;
    packet->is_doomed = packet->pins > 0;
    *out_is_idle = !packet->is_doomed;
    return packet;
}

pxe_status packet_free(struct engine *engine, uintptr_t provider, uintptr_t request_value,
                       void *bytes)
{
    struct request *request;
    bool is_idle;
    pxe_status status = turn_lock(engine, provider, request_value, CALL_FREE, &request);

    if (status != PXE_OK)
        return status;
    struct provider *owner = request->owner;
    struct packet *packet = packet_take(request, bytes, &is_idle);
    mutex_unlock(&request->lock);
    if (packet == NULL) {
        status = PXE_INVALID_PARAMETER;
        WATCH(engine, refused, engine,
              &(struct refused){.why = REFUSED_PACKET,
                                .call = CALL_FREE,
                                .handle = request_value,
                                .request = request,
                                .provider = owner,
                                .bytes = bytes});
    } else if (is_idle) {
        packet_end_freed(request, packet, owner, request_value);
    }
    request_release(request);
    return status;
}

struct packet *packet_pin(struct request *request, const void *bytes)
{
    struct packet **link = packet_link(request, bytes);

    if (link == NULL)
        return NULL;
    (*link)->pins++;
    return *link;
}

uint32_t packet_size(const struct packet *packet)
{
    return packet->size;
}

bool packet_unpin(struct packet *packet)
{
    packet->pins--;
    return packet->is_doomed && packet->pins == 0;
}

void packet_end_sent(struct request *request, struct packet *packet, struct provider *provider)
{
    packet_end(request, packet, provider, CALL_SEND);
}

struct packet *packet_take_all(struct request *request, uint32_t *out_count)
{
    struct packet *idle = NULL, **last = &idle;

    *out_count = 0;
    while (request->packets != NULL) {
        bool is_idle;
        struct packet *packet = packet_take(request, request->packets->bytes, &is_idle);
        ++*out_count;
        if (!is_idle)
            continue;
        packet->next = NULL;
        *last = packet;
        last = &packet->next;
    }
    return idle;
}

void packet_end_all(struct request *request, struct packet *packets, struct provider *provider,
                    const char *call)
{
    while (packets != NULL) {
        struct packet *packet = packets;
        packets = packet->next;
        packet_end(request, packet, provider, call);
    }
}
