/*
 * The numbers that providers hold instead of pointers: kind, slot and generation in one word. A
 * handle is honoured only while its slot still has that generation, so a stale, foreign or made-up
 * one is refused without being followed. The two kind bits are never zero, which also keeps our
 * handles apart from pointers and from Windows' own handles. The rest is scrambled
 * (base/scramble.h): the handles of two neighbours have nothing in common.
 */
#ifndef ENGINE_HANDLE_H
#define ENGINE_HANDLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/scramble.h"

enum handle_kind { HANDLE_PROVIDER = 1, HANDLE_REQUEST = 2 };

#if UINTPTR_MAX > 0xffffffffu
#define HANDLE_SLOT_BITS 30
#define HANDLE_GENERATION_BITS 32
#else
#define HANDLE_SLOT_BITS 17
#define HANDLE_GENERATION_BITS 13
#endif
#define HANDLE_SLOT_COUNT ((uint32_t)1 << HANDLE_SLOT_BITS)
#define HANDLE_GENERATION_MASK ((uint32_t)(((uint64_t)1 << HANDLE_GENERATION_BITS) - 1))

static inline uintptr_t handle_make(const struct scramble *scramble, enum handle_kind kind,
                                    uint32_t slot, uint32_t generation)
{
    const uintptr_t number = (uintptr_t)slot | (uintptr_t)(generation & HANDLE_GENERATION_MASK)
                                                   << HANDLE_SLOT_BITS;

    return scramble_hide(scramble, number) << 2 | (uintptr_t)kind;
}

static inline bool handle_split(const struct scramble *scramble, uintptr_t handle,
                                enum handle_kind kind, uint32_t *out_slot, uint32_t *out_generation)
{
    if ((handle & 3) != (uintptr_t)kind)
        return false;
    const uintptr_t number = scramble_show(scramble, handle >> 2);
    *out_slot = (uint32_t)number & (HANDLE_SLOT_COUNT - 1);
    *out_generation = (uint32_t)(number >> HANDLE_SLOT_BITS) & HANDLE_GENERATION_MASK;
    return true;
}

static inline bool handle_generation_is(uint32_t generation, uint32_t handle_generation)
{
    return (generation & HANDLE_GENERATION_MASK) == handle_generation;
}

#endif
