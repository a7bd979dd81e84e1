#include "engine/packet.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine.h"

static const uint8_t CANARY[8] = {0x7e, 0xc3, 0x91, 0x5a, 0xd8, 0x26, 0xb4, 0x0f};

struct packet {
    struct packet *next;
    uint32_t size;
    uint32_t pins;  /* senders that are using the bytes */
    bool is_doomed; /* freed while pinned: the last pin frees it */
    alignas(16) uint8_t bytes[];
};

/* Locks the request if both handles belong to the open turn; PXE_INVALID_HANDLE if not. */
static pxe_status turn_lock(struct engine *engine, uintptr_t provider_handle_value,
                            uintptr_t request_handle_value, struct request **out_request)
{
    struct provider *provider = provider_resolve(engine, provider_handle_value);
    struct request *request = request_acquire(&engine->pool, request_handle_value);

    if (request == NULL)
        return PXE_INVALID_HANDLE;
    mutex_lock(&request->lock);
    if (provider != NULL && request->owner == provider &&
        request_turn_is(request, request_handle_value)) {
        *out_request = request;
        return PXE_OK;
    }
    mutex_unlock(&request->lock);
    request_release(request);
    return PXE_INVALID_HANDLE;
}

static void turn_unlock(struct request *request)
{
    mutex_unlock(&request->lock);
    request_release(request);
}

/* Under the lock. */
static void packet_destroy(struct request *request, struct packet *packet)
{
    if (packet->pins > 0) {
        packet->is_doomed = true;
        return;
    }
    if (memcmp(packet->bytes + packet->size, CANARY, sizeof CANARY) != 0)
        engine_log(request->engine, LOG_ERROR,
                   "provider %s: wrote past the end of a packet of %u bytes",
                   request->owner->name, packet->size);
    mem_free(packet);
    atomic_fetch_sub(&request->engine->counters.open_packets, 1);
}

/* Under the lock: the link that points to the packet with these bytes, or NULL. */
static struct packet **packet_link(struct request *request, const void *bytes)
{
    for (struct packet **link = &request->packets; *link != NULL; link = &(*link)->next)
        if ((*link)->bytes == bytes)
            return link;
    return NULL;
}

pxe_status packet_allocate(struct engine *engine, uintptr_t provider, uintptr_t request_value,
                           uint32_t size, void **out_bytes)
{
    struct request *request;

    if (size == 0 || size > PACKET_SIZE_MAX)
        return PXE_INVALID_PARAMETER;
    pxe_status status = turn_lock(engine, provider, request_value, &request);
    if (status != PXE_OK)
        return status;
    struct packet *packet = mem_alloc(sizeof *packet + size + sizeof CANARY);
    if (packet == NULL) {
        turn_unlock(request);
        return PXE_NOT_ENOUGH_MEMORY;
    }
    packet->size = size;
    memcpy(packet->bytes + size, CANARY, sizeof CANARY);
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
    pxe_status status = turn_lock(engine, provider, request_value, &request);

    if (status != PXE_OK)
        return status;
    struct packet **link = packet_link(request, bytes);
    if (link == NULL) {
        status = PXE_INVALID_PARAMETER;
    } else {
        struct packet *packet = *link;
        *link = packet->next;
        packet_destroy(request, packet);
    }
    turn_unlock(request);
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

void packet_unpin(struct request *request, struct packet *packet)
{
    mutex_lock(&request->lock);
    packet->pins--;
    if (packet->is_doomed)
        packet_destroy(request, packet);
    mutex_unlock(&request->lock);
}

uint32_t packet_reclaim_all(struct request *request)
{
    uint32_t count = 0;

    while (request->packets != NULL) {
        struct packet *packet = request->packets;
        request->packets = packet->next;
        packet_destroy(request, packet);
        count++;
    }
    return count;
}
