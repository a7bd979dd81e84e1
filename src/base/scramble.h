/*
 * Numbers that a process hands out, made such that neighbours do not look like neighbours: a
 * one-to-one mapping of all numbers of a pointer's width less two bits, under a key that is drawn
 * once for each process. A handle that is off by a little leads to none, one that is made up to one
 * in as many as there are numbers. What a number says (slot, generation, order) is all still in it.
 *
 * It keeps mistakes apart, not attackers: whoever shares the address space can read the key.
 */
#ifndef BASE_SCRAMBLE_H
#define BASE_SCRAMBLE_H

#include <stdint.h>

#define SCRAMBLE_HALF_BITS (sizeof(uintptr_t) * 4 - 1)
#define SCRAMBLE_HALF_MASK ((uint32_t)(((uint64_t)1 << SCRAMBLE_HALF_BITS) - 1))

enum { SCRAMBLE_ROUNDS = 4 };

/* Zeros are a key, too: the same in every process. */
struct scramble {
    uint32_t keys[SCRAMBLE_ROUNDS];
};

static inline uint32_t scramble_mix(uint32_t half, uint32_t key)
{
    half ^= key;
    half *= UINT32_C(0x9e3779b1);
    half ^= half >> 15;
    half *= UINT32_C(0x85ebca77);
    half ^= half >> 13;
    return half;
}

static inline void scramble_seed(struct scramble *scramble, uint64_t seed)
{
    for (uint32_t i = 0; i < SCRAMBLE_ROUNDS; i++) {
        seed = (seed ^ (seed >> 29)) * UINT64_C(0xbf58476d1ce4e5b9) + i + 1;
        scramble->keys[i] = (uint32_t)(seed >> 32);
    }
}

/* A number of two bits less than a pointer, and back. */
static inline uintptr_t scramble_hide(const struct scramble *scramble, uintptr_t number)
{
    uint32_t left = (uint32_t)(number >> SCRAMBLE_HALF_BITS) & SCRAMBLE_HALF_MASK;
    uint32_t right = (uint32_t)number & SCRAMBLE_HALF_MASK;

    for (int i = 0; i < SCRAMBLE_ROUNDS; i++) {
        const uint32_t next = left ^ (scramble_mix(right, scramble->keys[i]) & SCRAMBLE_HALF_MASK);
        left = right;
        right = next;
    }
    return (uintptr_t)left << SCRAMBLE_HALF_BITS | right;
}

static inline uintptr_t scramble_show(const struct scramble *scramble, uintptr_t hidden)
{
    uint32_t left = (uint32_t)(hidden >> SCRAMBLE_HALF_BITS) & SCRAMBLE_HALF_MASK;
    uint32_t right = (uint32_t)hidden & SCRAMBLE_HALF_MASK;

    for (int i = SCRAMBLE_ROUNDS - 1; i >= 0; i--) {
        const uint32_t before =
            right ^ (scramble_mix(left, scramble->keys[i]) & SCRAMBLE_HALF_MASK);
        right = left;
        left = before;
    }
    return (uintptr_t)left << SCRAMBLE_HALF_BITS | right;
}

#endif
