#include "engine/request.h"

#include <string.h>

#include "base/mem.h"
#include "dhcp/dhcp4_repair.h"
#include "engine/core.h"
#include "engine/handle.h"

#define GENERATION_ONE ((uint64_t)1 << 32)
#define REFERENCES(word) ((uint32_t)(word))
#define GENERATION(word) ((uint32_t)((word) >> 32))

enum {
    CAPACITY_STEP = 128,
    /* A slot keeps its memory for its next request, but for buffers above this size, and but for
     * slots that are in use only when very many requests are open. */
    KEPT_CAPACITY = 2048,
    KEPT_CHUNKS = 16,
};

void request_pool_init(struct request_pool *pool, struct engine *engine)
{
    memset(pool, 0, sizeof(*pool));
    pool->engine = engine;
    mutex_init(&pool->lock);
    atomic_init(&pool->open, 0);
    for (uint32_t i = 0; i < REQUEST_CHUNKS; i++)
        atomic_init(&pool->chunks[i], NULL);
}

static void spare_free(struct request *request)
{
    mem_free(atomic_exchange(&request->spare, NULL));
}

static void buffers_free(struct request *request)
{
    mem_free(request->received);
    request->received = NULL;
    request->working = NULL;
    request->capacity = 0;
}

void request_pool_destroy(struct request_pool *pool)
{
    for (uint32_t i = 0; i < pool->chunk_count; i++) {
        struct request_chunk *chunk = atomic_load(&pool->chunks[i]);
        for (uint32_t j = 0; j < REQUEST_CHUNK; j++) {
            mutex_destroy(&chunk->requests[j].lock);
            spare_free(&chunk->requests[j]);
            buffers_free(&chunk->requests[j]);
        }
        mem_free(chunk);
    }
    mutex_destroy(&pool->lock);
}

/* ---- free slots; caller holds pool->lock ---- */

static uint32_t chunk_of(const struct request *request)
{
    return request->slot / REQUEST_CHUNK;
}

static void pool_put(struct request_pool *pool, struct request *request)
{
    uint32_t number = chunk_of(request);
    struct request_chunk *chunk = atomic_load(&pool->chunks[number]);

    request->next_free = NULL;
    *(chunk->free_tail != NULL ? &chunk->free_tail->next_free : &chunk->free_head) = request;
    chunk->free_tail = request;
    pool->with_free[number / 64] |= UINT64_C(1) << number % 64;
}

static void pool_grow(struct request_pool *pool)
{
    if (pool->chunk_count == REQUEST_CHUNKS)
        return;
    struct request_chunk *chunk = mem_alloc(sizeof(*chunk));
    if (chunk == NULL)
        return;
    uint32_t number = pool->chunk_count++;
    atomic_store(&pool->chunks[number], chunk);
    for (uint32_t i = 0; i < REQUEST_CHUNK; i++) {
        struct request *request = &chunk->requests[i];
        request->slot = number * REQUEST_CHUNK + i;
        request->engine = pool->engine;
        atomic_init(&request->word, GENERATION_ONE);
        mutex_init(&request->lock);
        pool_put(pool, request);
    }
}

/* The first chunk with a free slot, or NULL. */
static struct request_chunk *pool_chunk_with_free(struct request_pool *pool)
{
    for (uint32_t i = 0; i < REQUEST_CHUNKS / 64; i++)
        if (pool->with_free[i] != 0)
            return atomic_load(&pool->chunks[64 * i +
                                             (uint32_t)__builtin_ctzll(pool->with_free[i])]);
    return NULL;
}

static struct request *pool_take(struct request_pool *pool)
{
    struct request *request = NULL;

    mutex_lock(&pool->lock);
    struct request_chunk *chunk = pool_chunk_with_free(pool);
    if (chunk == NULL) {
        pool_grow(pool);
        chunk = pool_chunk_with_free(pool);
    }
    if (chunk != NULL) {
        request = chunk->free_head;
        chunk->free_head = request->next_free;
        if (chunk->free_head == NULL) {
            chunk->free_tail = NULL;
            pool->with_free[chunk_of(request) / 64] &= ~(UINT64_C(1) << chunk_of(request) % 64);
        }
    }
    mutex_unlock(&pool->lock);
    return request;
}

static void pool_give_back(struct request_pool *pool, struct request *request)
{
    bool is_kept = chunk_of(request) < KEPT_CHUNKS;

    if (!is_kept)
        spare_free(request);
    if (!is_kept || request->capacity > KEPT_CAPACITY)
        buffers_free(request);
    mutex_lock(&pool->lock);
    pool_put(pool, request);
    mutex_unlock(&pool->lock);
}

static const uint8_t CANARY[16] = {0x5a, 0xd8, 0x26, 0xb4, 0x0f, 0x7e, 0xc3, 0x91,
                                   0x5a, 0xd8, 0x26, 0xb4, 0x0f, 0x7e, 0xc3, 0x91};

bool request_is_intact(const struct request *request)
{
    return memcmp(request->working + request->capacity, CANARY, sizeof(CANARY)) == 0 &&
           memcmp(request->received + request->capacity, CANARY, sizeof(CANARY)) == 0;
}

/* One block holds both copies of the datagram, a canary behind each. */
static bool request_reserve(struct request *request, size_t length)
{
    if (request->capacity >= length && request->received != NULL)
        return true;
    size_t capacity = (length / CAPACITY_STEP + 1) * CAPACITY_STEP;
    uint8_t *block = mem_alloc(2 * (capacity + sizeof(CANARY)));
    if (block == NULL)
        return false;
    mem_free(request->received);
    request->received = block;
    request->working = block + capacity + sizeof(CANARY);
    request->capacity = capacity;
    memcpy(request->received + capacity, CANARY, sizeof(CANARY));
    memcpy(request->working + capacity, CANARY, sizeof(CANARY));
    return true;
}

struct request *request_create(struct request_pool *pool, const struct datagram *datagram)
{
    struct request *request = pool_take(pool);

    if (request == NULL)
        return NULL;
    if (!request_reserve(request, datagram->length + DHCP4_REPAIR_GROWTH)) {
        pool_give_back(pool, request);
        return NULL;
    }
    if (datagram->length > 0)
        memcpy(request->received, datagram->bytes, datagram->length);
    request->length = datagram->length;
    request->arrival = (struct arrival){
        .link = datagram->link,
        .local = datagram->local,
        .remote = datagram->remote,
        .broadcast = datagram->broadcast,
        .multicast = datagram->multicast,
        .boot_server_port = datagram->boot_server_port,
        .number = datagram->number,
    };
    request->inner = (struct dhcp6_inner){0};
    request->refusal[0] = '\0';
    request->refusal_kind = DROP_NONE;
    request->delay = 0;
    request->hidden_guid = 0;
    request->position = 0;
    request->offered = 0;
    request->turn_ended = 0;
    request->has_faulted = false;
    request->state = REQUEST_BETWEEN;
    request->owner = NULL;
    request->packets = NULL;
    request->replies = 0;
    request->send_error = PXE_OK;
    atomic_store(&request->lines, 0);
    request->turn_replies = 0;
    request->turn_packets = 0;
    request->replied_by = NULL;
    request->reply_length = 0;
    request->reply_type = 0;
    request->boot_file[0] = '\0';
    atomic_fetch_add(&request->word, 1);
    atomic_fetch_add(&pool->open, 1);
    return request;
}

struct request *request_slot(struct request_pool *pool, uint32_t slot)
{
    if (slot / REQUEST_CHUNK >= REQUEST_CHUNKS)
        return NULL;
    struct request_chunk *chunk = atomic_load(&pool->chunks[slot / REQUEST_CHUNK]);
    return chunk != NULL ? &chunk->requests[slot % REQUEST_CHUNK] : NULL;
}

/* Adds a reference to a slot in use; with `generation`, only while the slot has it. */
static bool request_reference(struct request *request, const uint32_t *generation)
{
    uint64_t word = atomic_load(&request->word);

    do {
        if (REFERENCES(word) == 0 ||
            (generation != NULL && !handle_generation_is(GENERATION(word), *generation)))
            return false;
    } while (!atomic_compare_exchange_weak(&request->word, &word, word + 1));
    return true;
}

struct request *request_acquire(struct request_pool *pool, uintptr_t handle)
{
    uint32_t slot, generation;

    if (!handle_split(&pool->engine->handles, handle, HANDLE_REQUEST, &slot, &generation))
        return NULL;
    struct request *request = request_slot(pool, slot);
    if (request == NULL || !request_reference(request, &generation))
        return NULL;
    return request;
}

void request_hold(struct request *request)
{
    atomic_fetch_add(&request->word, 1);
}

void request_release(struct request *request)
{
    struct request_pool *pool = &request->engine->pool;
    uint64_t before = atomic_fetch_sub(&request->word, 1);

    if (REFERENCES(before) == 1) {
        struct engine *engine = request->engine;
        pool_give_back(pool, request);
        if (atomic_fetch_sub(&pool->open, 1) == 1)
            engine_all_ended(engine);
    }
}

bool request_turn_is(const struct request *request, uintptr_t handle)
{
    uint64_t word = atomic_load(&request->word);
    return (request->state == REQUEST_RUNNING || request->state == REQUEST_PENDING) &&
           handle == handle_make(&request->engine->handles, HANDLE_REQUEST, request->slot,
                                 GENERATION(word));
}

uintptr_t request_turn_begin(struct request *request)
{
    uint64_t before = atomic_fetch_add(&request->word, GENERATION_ONE);
    request->state = REQUEST_RUNNING;
    return handle_make(&request->engine->handles, HANDLE_REQUEST, request->slot,
                       GENERATION(before) + 1);
}

void request_turn_end(struct request *request, enum request_state next)
{
    if (request->state != REQUEST_DONE_EARLY)
        atomic_fetch_add(&request->word, GENERATION_ONE);
    request->state = next;
}

bool request_is_observed(const struct request *request)
{
    const struct engine *engine = request->engine;
    return atomic_load(&engine->is_observed) && request->epoch == atomic_load(&engine->epoch);
}

void request_pool_each_slot(struct request_pool *pool,
                            void (*visit)(struct request *request, void *context), void *context)
{
    for (uint32_t i = 0; i < REQUEST_CHUNKS; i++) {
        struct request_chunk *chunk = atomic_load(&pool->chunks[i]);
        if (chunk == NULL)
            return;
        for (uint32_t j = 0; j < REQUEST_CHUNK; j++)
            visit(&chunk->requests[j], context);
    }
}

struct visitor {
    void (*visit)(struct request *request, void *context);
    void *context;
};

static void visit_in_use(struct request *request, void *context)
{
    const struct visitor *visitor = context;

    if (!request_reference(request, NULL))
        return;
    visitor->visit(request, visitor->context);
    request_release(request);
}

void request_pool_each(struct request_pool *pool,
                       void (*visit)(struct request *request, void *context), void *context)
{
    struct visitor visitor = {visit, context};

    request_pool_each_slot(pool, visit_in_use, &visitor);
}
