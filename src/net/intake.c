#include "net/intake.h"

#include <string.h>

#include "base/mem.h"
#include "base/sync.h"
#include "dhcp/dhcp4.h"
#include "dhcp/dhcp6.h"

enum { CHUNK_SLOTS = 32 };

struct chunk {
    struct chunk *next;
    struct intake_slot slots[CHUNK_SLOTS];
    uint8_t bytes[CHUNK_SLOTS][INTAKE_SLOT_SIZE];
};

/* A list of slots that are ordered by age. */
struct line {
    struct intake_slot *oldest;
    struct intake_slot *newest;
};

struct intake {
    struct intake_counters *counters;
    _Atomic uint32_t waiting; /* changed by holders of `lock` only */
    struct mutex lock;        /* guards what follows */
    uint32_t limit;
    uint32_t slots;
    uint32_t slots_max;
    struct chunk *chunks;
    struct intake_slot *free;
    struct line queue;
    struct line repeats;
    /* Only while the queue has been full do requests need to be told apart: from then until it is
     * empty, every waiting slot that has a key is a repeat or in its bucket. */
    bool is_sorted;
    uint32_t bucket_mask;
    struct intake_slot *buckets[];
};

/* ---- which request a datagram is a copy of ---- */

static uint64_t hash_bytes(uint64_t hash, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    return hash;
}

static uint64_t hash_dhcp4(uint64_t hash, const uint8_t *packet, size_t length)
{
    const uint8_t *type;
    uint8_t type_length;

    if (dhcp4_option_find(packet, length, DHCP4_OPT_MESSAGE_TYPE, 1, &type, &type_length) !=
            PXE_OK ||
        type_length != 1)
        return 0;
    hash = hash_bytes(hash, packet + DHCP4_XID, 4);
    hash = hash_bytes(hash, packet + DHCP4_CHADDR, DHCP4_HARDWARE_ADDRESS_MAX);
    return hash_bytes(hash, type, 1);
}

static uint64_t hash_dhcp6(uint64_t hash, const uint8_t *packet, size_t length)
{
    const uint8_t *message, *client_id;
    size_t message_length;
    uint16_t client_id_length;

    if (dhcp6_client_message(packet, length, &message, &message_length) != PXE_OK ||
        dhcp6_option_find(message, message_length, DHCP6_OPT_CLIENT_ID, 1, &client_id,
                          &client_id_length) != PXE_OK)
        return 0;
    hash = hash_bytes(hash, message, DHCP6_OPTIONS); /* type and transaction id */
    return hash_bytes(hash, client_id, client_id_length);
}

/* 0: it is no request that could be told from another. */
static uint64_t request_key(const struct datagram *datagram)
{
    uint8_t arrival[2] = {datagram->remote.length, datagram->boot_server_port};
    uint64_t hash = hash_bytes(UINT64_C(0xcbf29ce484222325), arrival, sizeof(arrival));

    return endpoint_is_ipv6(&datagram->remote)
               ? hash_dhcp6(hash, datagram->bytes, datagram->length)
               : hash_dhcp4(hash, datagram->bytes, datagram->length);
}

/* ---- slots ---- */

struct intake *intake_create(uint32_t limit, uint32_t spare, struct intake_counters *counters)
{
    uint32_t buckets = 64;

    while (buckets < limit)
        buckets *= 2;
    struct intake *intake = mem_alloc(sizeof(*intake) + buckets * sizeof(*intake->buckets));
    if (intake == NULL)
        return NULL;
    mutex_init(&intake->lock);
    atomic_init(&intake->waiting, 0);
    intake->counters = counters;
    intake->limit = limit;
    intake->slots_max = limit + spare;
    intake->bucket_mask = buckets - 1;
    return intake;
}

void intake_destroy(struct intake *intake)
{
    struct intake_slot *slot;

    if (intake == NULL)
        return;
    while ((slot = intake_take(intake)) != NULL)
        intake_release(intake, slot);
    while (intake->chunks != NULL) {
        struct chunk *chunk = intake->chunks;
        intake->chunks = chunk->next;
        mem_free(chunk);
    }
    mutex_destroy(&intake->lock);
    mem_free(intake);
}

static void slots_add(struct intake *intake)
{
    struct chunk *chunk;

    if (intake->slots >= intake->slots_max || (chunk = mem_alloc(sizeof(*chunk))) == NULL)
        return;
    chunk->next = intake->chunks;
    intake->chunks = chunk;
    for (uint32_t i = 0; i < CHUNK_SLOTS && intake->slots < intake->slots_max; i++) {
        chunk->slots[i].bytes = chunk->bytes[i];
        chunk->slots[i].next = intake->free;
        intake->free = &chunk->slots[i];
        intake->slots++;
    }
}

static void slot_free(struct intake *intake, struct intake_slot *slot)
{
    mem_free(slot->larger);
    slot->larger = NULL;
    slot->next = intake->free;
    intake->free = slot;
}

bool intake_slot_fill(struct intake_slot *slot, size_t length, const uint8_t *rest)
{
    mem_free(slot->larger); /* a slot may be filled again and again */
    slot->larger = NULL;
    slot->datagram.bytes = slot->bytes;
    slot->datagram.length = length;
    if (length <= INTAKE_SLOT_SIZE)
        return true;
    slot->larger = mem_alloc(length);
    if (slot->larger == NULL)
        return false;
    memcpy(slot->larger, slot->bytes, INTAKE_SLOT_SIZE);
    memcpy(slot->larger + INTAKE_SLOT_SIZE, rest, length - INTAKE_SLOT_SIZE);
    slot->datagram.bytes = slot->larger;
    return true;
}

uint32_t intake_waiting(const struct intake *intake)
{
    return atomic_load_explicit(&intake->waiting, memory_order_relaxed);
}

/* ---- the queue: callers hold intake->lock ---- */

static void queue_append(struct intake *intake, struct intake_slot *slot)
{
    slot->newer = NULL;
    slot->older = intake->queue.newest;
    if (slot->older != NULL)
        slot->older->newer = slot;
    else
        intake->queue.oldest = slot;
    intake->queue.newest = slot;
    atomic_fetch_add_explicit(&intake->waiting, 1, memory_order_relaxed);
}

static void repeats_append(struct intake *intake, struct intake_slot *slot)
{
    slot->is_repeat = true;
    slot->repeat_newer = NULL;
    slot->repeat_older = intake->repeats.newest;
    if (slot->repeat_older != NULL)
        slot->repeat_older->repeat_newer = slot;
    else
        intake->repeats.oldest = slot;
    intake->repeats.newest = slot;
}

static void repeats_remove(struct intake *intake, struct intake_slot *slot)
{
    *(slot->repeat_older != NULL ? &slot->repeat_older->repeat_newer : &intake->repeats.oldest) =
        slot->repeat_newer;
    *(slot->repeat_newer != NULL ? &slot->repeat_newer->repeat_older : &intake->repeats.newest) =
        slot->repeat_older;
    slot->is_repeat = false;
}

/* The link to the newest copy of the request with this key. */
static struct intake_slot **bucket_find(struct intake *intake, uint64_t key)
{
    struct intake_slot **link = &intake->buckets[(key ^ key >> 32) & intake->bucket_mask];

    while (*link != NULL && (*link)->key != key)
        link = &(*link)->bucket_next;
    return link;
}

/* Takes its copy's place, if there is one. */
static void slot_sort(struct intake *intake, struct intake_slot *slot)
{
    slot->key = request_key(&slot->datagram);
    if (slot->key == 0)
        return;
    struct intake_slot **link = bucket_find(intake, slot->key);
    struct intake_slot *older_copy = *link;
    slot->bucket_next = older_copy != NULL ? older_copy->bucket_next : NULL;
    *link = slot;
    if (older_copy != NULL)
        repeats_append(intake, older_copy);
}

static void queue_remove(struct intake *intake, struct intake_slot *slot)
{
    *(slot->older != NULL ? &slot->older->newer : &intake->queue.oldest) = slot->newer;
    *(slot->newer != NULL ? &slot->newer->older : &intake->queue.newest) = slot->older;
    if (slot->is_repeat)
        repeats_remove(intake, slot);
    else if (slot->key != 0)
        *bucket_find(intake, slot->key) = slot->bucket_next;
    slot->key = 0;
    if (atomic_fetch_sub_explicit(&intake->waiting, 1, memory_order_relaxed) == 1)
        intake->is_sorted = false;
}

/* False: nothing waits. */
static bool queue_drop(struct intake *intake)
{
    if (!intake->is_sorted) {
        intake->is_sorted = true;
        for (struct intake_slot *slot = intake->queue.oldest; slot != NULL; slot = slot->newer)
            slot_sort(intake, slot);
    }
    struct intake_slot *victim = intake->repeats.oldest;
    if (victim != NULL)
        atomic_fetch_add(&intake->counters->dropped_repeats, 1);
    else if ((victim = intake->queue.oldest) != NULL)
        atomic_fetch_add(&intake->counters->dropped_others, 1);
    else
        return false;
    queue_remove(intake, victim);
    slot_free(intake, victim);
    return true;
}

/* ---- for the receivers ---- */

/* Caller holds intake->lock. */
static struct intake_slot *slot_take(struct intake *intake)
{
    if (intake->free == NULL)
        slots_add(intake);
    if (intake->free == NULL)
        (void)queue_drop(intake);
    struct intake_slot *slot = intake->free;
    if (slot != NULL)
        intake->free = slot->next;
    return slot;
}

size_t intake_reserve_batch(struct intake *intake, struct intake_slot **out_slots, size_t wanted)
{
    size_t count = 0;

    mutex_lock(&intake->lock);
    while (count < wanted && (out_slots[count] = slot_take(intake)) != NULL)
        count++;
    mutex_unlock(&intake->lock);
    return count;
}

void intake_release(struct intake *intake, struct intake_slot *slot)
{
    mutex_lock(&intake->lock);
    slot_free(intake, slot);
    mutex_unlock(&intake->lock);
}

void intake_put(struct intake *intake, struct intake_slot *const *slots, size_t count)
{
    mutex_lock(&intake->lock);
    for (size_t i = 0; i < count; i++) {
        queue_append(intake, slots[i]);
        if (intake->is_sorted)
            slot_sort(intake, slots[i]);
        if (intake_waiting(intake) > intake->limit)
            (void)queue_drop(intake);
    }
    mutex_unlock(&intake->lock);
}

size_t intake_take_batch(struct intake *intake, struct intake_slot **out_slots, size_t most)
{
    size_t count = 0;

    if (intake_waiting(intake) == 0)
        return 0;
    mutex_lock(&intake->lock);
    while (count < most && intake->queue.oldest != NULL) {
        out_slots[count] = intake->queue.oldest;
        queue_remove(intake, out_slots[count++]);
    }
    mutex_unlock(&intake->lock);
    return count;
}

struct intake_slot *intake_take(struct intake *intake)
{
    struct intake_slot *slot;
    return intake_take_batch(intake, &slot, 1) == 1 ? slot : NULL;
}

void intake_drop_waiting(struct intake *intake)
{
    struct intake_slot *slot;

    while ((slot = intake_take(intake)) != NULL) {
        atomic_fetch_add(&intake->counters->dropped_others, 1);
        intake_release(intake, slot);
    }
}
