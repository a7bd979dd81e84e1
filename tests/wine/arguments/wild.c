#include "arguments/wild.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

enum { PAGE = 4096, NEAR_NULL = 0x10000 };

static const uintptr_t NEAR_END = UINTPTR_MAX - 0xffff;

static struct {
    uint8_t *end;       /* of memory that can be used; WILD_BEHIND bytes that cannot follow */
    uint8_t *read_only; /* the end of such a page */
    uint8_t *guard;     /* the end of a page that faults once, when it is armed */
} slots[WILD_SLOTS];

static uint64_t random_state;

/* ---- chance ---- */

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

uint32_t wild_number(uint32_t below)
{
    return (uint32_t)((random_next() >> 32) % below);
}

BOOL wild_chance(uint32_t one_in)
{
    return wild_number(one_in) == 0;
}

/* ---- memory ---- */

/* Usable bytes with nothing behind them; their end. */
static uint8_t *region_make(size_t size, DWORD protection)
{
    uint8_t *region = VirtualAlloc(NULL, size + WILD_BEHIND, MEM_RESERVE, PAGE_NOACCESS);

    if (region == NULL || VirtualAlloc(region, size, MEM_COMMIT, protection) == NULL)
        abort();
    return region + size;
}

void wild_start(uint64_t seed)
{
    random_state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    for (int i = 0; i < 8; i++)
        (void)random_next();
    for (size_t i = 0; i < WILD_SLOTS; i++) {
        slots[i].end = region_make(WILD_SIZE_MAX + PAGE, PAGE_READWRITE);
        slots[i].read_only = region_make(PAGE, PAGE_READONLY);
        slots[i].guard = region_make(PAGE, PAGE_READWRITE);
    }
}

static void fill(uint8_t *at, const void *content, size_t size)
{
    if (content != NULL && size > 0)
        memcpy(at, content, size);
    else
        memset(at, (int)wild_number(256), size);
}

void *sound(unsigned slot, const void *content, size_t size)
{
    uint8_t *at = slots[slot].end - size;

    fill(at, content, size);
    return at;
}

/* All of it is there, but at an odd address. */
static void *odd(unsigned slot, const void *content, size_t size)
{
    uint8_t *at = slots[slot].end - size - 1;

    fill(at, content, size);
    return at;
}

/* Only its first part is there. */
static void *cut(unsigned slot, const void *content, size_t size)
{
    const size_t there = size > 1 ? 1 + wild_number((uint32_t)size - 1) : 0;

    return sound(slot, content, there);
}

/* See wild_is_nowhere. */
static void *nowhere(unsigned slot)
{
    switch (wild_number(4)) {
    case 0:
        return NULL;
    case 1: /* small, as an offset from NULL */
        return (void *)(uintptr_t)(1 + wild_number(NEAR_NULL - WILD_NOWHERE_BEHIND - 1));
    case 2: /* the system's half */
        return (void *)(NEAR_END + wild_number(0x7fff));
    default: /* reserved, not there: what it pointed to is gone */
        return slots[slot].end + PAGE * (1 + wild_number(8)) + wild_number(PAGE);
    }
}

bool wild_is_nowhere(const void *pointer)
{
    return (uintptr_t)pointer < NEAR_NULL || (uintptr_t)pointer >= NEAR_END;
}

/* Faults once, wherever it is touched first. */
static void *guarded(unsigned slot, const void *content, size_t size)
{
    const size_t there = size < PAGE ? size : PAGE;
    DWORD before;

    VirtualProtect(slots[slot].guard - PAGE, PAGE, PAGE_READWRITE, &before);
    fill(slots[slot].guard - there, content, there);
    VirtualProtect(slots[slot].guard - PAGE, PAGE, PAGE_READWRITE | PAGE_GUARD, &before);
    return slots[slot].guard - there;
}

void *wild_in(unsigned slot, const void *content, size_t size)
{
    switch (wild_number(16)) {
    case 0:
        return nowhere(slot);
    case 1:
        return cut(slot, content, size);
    case 2:
        return guarded(slot, content, size);
    case 3:
    case 4:
        return odd(slot, content, size);
    default:
        return sound(slot, content, size);
    }
}

void *wild_out(unsigned slot, size_t size)
{
    return wild_chance(24) ? slots[slot].read_only - (size < PAGE ? size : PAGE)
                           : wild_in(slot, NULL, size);
}

const WCHAR *wild_text(unsigned slot, const WCHAR *text)
{
    const size_t size = (wcslen(text) + 1) * sizeof(*text);

    return wild_chance(8) ? cut(slot, text, size) : wild_in(slot, text, size);
}

ULONG wild_length(size_t size)
{
    static const ULONG lengths[] = {0,   1,   2,      3,       4,          239,        240,
                                    255, 256, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff};

    switch (wild_number(12)) {
    case 0:
        return lengths[wild_number(sizeof(lengths) / sizeof(lengths[0]))];
    case 1:
        return (ULONG)size + 1;
    case 2:
        return size > 0 ? (ULONG)size - 1 : 0;
    default:
        return (ULONG)size;
    }
}
