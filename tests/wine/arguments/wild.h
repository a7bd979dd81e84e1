/*
 * Arguments as a careless caller has them, drawn by a seed: memory that ends exactly where it
 * should, too early, at an odd address, that is read-only, unmapped, a guard page, or nowhere.
 */
#ifndef TESTS_WINE_ARGUMENTS_WILD_H
#define TESTS_WINE_ARGUMENTS_WILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <windows.h>

enum { WILD_SLOTS = 5 }; /* arguments of one call that may be pointers */

/* The longest run of bytes that may be asked for, and what lies unmapped behind each slot: a length
 * that is off by less than that leads nowhere. */
enum { WILD_SIZE_MAX = 128 * 1024, WILD_BEHIND = 4 * 1024 * 1024 };

void wild_start(uint64_t seed);

uint32_t wild_number(uint32_t below);
BOOL wild_chance(uint32_t one_in);

/* Memory with `content` (NULL: any bytes) in it, or not; may be NULL. */
void *wild_in(unsigned slot, const void *content, size_t size);
/* Does it point where no memory can be, near NULL or in the system's half, and so for some bytes
 * on? */
bool wild_is_nowhere(const void *pointer);
enum { WILD_NOWHERE_BEHIND = 16 };
/* The same for writing: also read-only memory. */
void *wild_out(unsigned slot, size_t size);
/* All of it as it should be. */
void *sound(unsigned slot, const void *content, size_t size);

/* A text: terminated at the end of its memory, not terminated, at an odd address, or nowhere. */
const WCHAR *wild_text(unsigned slot, const WCHAR *text);

/* A length around `size`, or any. */
ULONG wild_length(size_t size);

#endif
