#include "win32/call/guard_pages.h"

#include <windows.h>

#include <string.h>

#include "base/mem.h"

enum { PAGE_SIZE = 4096, FREED_KEPT = 1024, MARK = 0xc5, ALIGNMENT_MIN = 4, ALIGNMENT_MAX = 16 };

/* Pages: one inaccessible, those with the packet at their end, one inaccessible. */
struct block {
    struct block *next;
    uint8_t *reserved;
    uint8_t *pages; /* the accessible ones */
    uint8_t *pages_end;
    uint8_t *bytes; /* the packet */
    uint32_t size;
};

static struct {
    SRWLOCK lock; /* held for looking at lists only, so that a fault never meets it held */
    struct block *live;
    struct block *freed[FREED_KEPT]; /* a ring */
    uint32_t oldest;
} guard = {.lock = SRWLOCK_INIT};

static size_t round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

/* The largest power of two that divides the size, within limits. */
static size_t alignment_of(uint32_t size)
{
    size_t alignment = size & -size;

    return alignment < ALIGNMENT_MIN   ? ALIGNMENT_MIN
           : alignment > ALIGNMENT_MAX ? ALIGNMENT_MAX
                                       : alignment;
}

static void block_release(struct block *block)
{
    if (block == NULL)
        return;
    VirtualFree(block->reserved, 0, MEM_RELEASE);
    mem_free(block);
}

static struct block *block_create(uint32_t size)
{
    const size_t room = round_up(size, alignment_of(size));
    const size_t accessible = round_up(room, PAGE_SIZE);
    struct block *block = mem_alloc(sizeof(*block));

    if (block == NULL)
        return NULL;
    block->size = size;
    block->reserved = VirtualAlloc(NULL, accessible + 2 * PAGE_SIZE, MEM_RESERVE, PAGE_NOACCESS);
    if (block->reserved != NULL) {
        block->pages = block->reserved + PAGE_SIZE;
        block->pages_end = block->pages + accessible;
        block->bytes = block->pages_end - room;
        if (VirtualAlloc(block->pages, accessible, MEM_COMMIT, PAGE_READWRITE) != NULL)
            return block;
        VirtualFree(block->reserved, 0, MEM_RELEASE);
    }
    mem_free(block);
    return NULL;
}

static uint8_t *guard_pages_allocate(void *context, uint32_t size)
{
    struct block *block = block_create(size);

    (void)context;
    if (block == NULL)
        return NULL;
    memset(block->pages, MARK, (size_t)(block->bytes - block->pages));
    memset(block->bytes + size, MARK, (size_t)(block->pages_end - block->bytes) - size);
    AcquireSRWLockExclusive(&guard.lock);
    block->next = guard.live;
    guard.live = block;
    ReleaseSRWLockExclusive(&guard.lock);
    return block->bytes;
}

/* Caller holds guard.lock. The link to the live block of a packet. */
static struct block **live_link(const uint8_t *bytes)
{
    struct block **link = &guard.live;

    while (*link != NULL && (*link)->bytes != bytes)
        link = &(*link)->next;
    return link;
}

static const uint8_t *unmarked(const uint8_t *from, const uint8_t *to)
{
    while (from < to && *from == MARK)
        from++;
    return from < to ? from : NULL;
}

static bool guard_pages_is_intact(void *context, const uint8_t *bytes, uint32_t size,
                                  int64_t *out_offset)
{
    (void)context;
    AcquireSRWLockShared(&guard.lock);
    const struct block block = **live_link(bytes);
    ReleaseSRWLockShared(&guard.lock);
    const uint8_t *written = unmarked(bytes + size, block.pages_end);
    if (written == NULL)
        written = unmarked(block.pages, bytes);
    if (written == NULL)
        return true;
    *out_offset = written - bytes;
    return false;
}

static void guard_pages_free(void *context, uint8_t *bytes, uint32_t size)
{
    (void)context;
    (void)size;
    AcquireSRWLockExclusive(&guard.lock);
    struct block **link = live_link(bytes);
    struct block *block = *link;
    *link = block->next;
    struct block *oldest = guard.freed[guard.oldest];
    guard.freed[guard.oldest] = block;
    guard.oldest = (guard.oldest + 1) % FREED_KEPT;
    ReleaseSRWLockExclusive(&guard.lock);
    VirtualFree(block->pages, (size_t)(block->pages_end - block->pages), MEM_DECOMMIT);
    block_release(oldest);
}

static bool block_has(const struct block *block, const uint8_t *address)
{
    return block != NULL && address >= block->reserved && address < block->pages_end + PAGE_SIZE;
}

bool guard_pages_find(const void *address, struct packet_place *out_place)
{
    const struct block *found = NULL;
    bool is_freed = false;

    AcquireSRWLockShared(&guard.lock);
    for (const struct block *block = guard.live; block != NULL && found == NULL;
         block = block->next)
        if (block_has(block, address))
            found = block;
    for (uint32_t i = 0; i < FREED_KEPT && found == NULL; i++)
        if (block_has(guard.freed[i], address)) {
            found = guard.freed[i];
            is_freed = true;
        }
    if (found != NULL)
        *out_place = (struct packet_place){
            .offset = (const uint8_t *)address - found->bytes,
            .size = found->size,
            .is_freed = is_freed,
        };
    ReleaseSRWLockShared(&guard.lock);
    return found != NULL;
}

void guard_pages_clear(void)
{
    for (uint32_t i = 0; i < FREED_KEPT; i++) {
        AcquireSRWLockExclusive(&guard.lock);
        struct block *block = guard.freed[i];
        guard.freed[i] = NULL;
        ReleaseSRWLockExclusive(&guard.lock);
        block_release(block);
    }
}

const struct packet_memory_port guard_pages_port = {
    .allocate = guard_pages_allocate,
    .is_intact = guard_pages_is_intact,
    .free = guard_pages_free,
};
