/*
 * An ordered list of names, and the bytes in which the registry keeps one (REG_MULTI_SZ: strings
 * one after the other, each with its NUL, and one more NUL at the end).
 */
#ifndef REGISTRY_NAME_LIST_H
#define REGISTRY_NAME_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Units in a provider's name: the most that the registry allows in the name of a key. */
#define PROVIDER_NAME_MAX 255u

/* Whether a key can have this name: 1 to PROVIDER_NAME_MAX units, no '\'. NULL: false. */
bool provider_name_is_valid(const uint16_t *name);

/* Starts as zeros. Owns its names; released with name_list_free. */
struct name_list {
    size_t count;
    uint16_t **names;
};

/*
 * Puts a copy of `name` in front of position `index`; at the end if there is no such position.
 * PXE_NOT_ENOUGH_MEMORY leaves the list as it was.
 */
pxe_status name_list_insert(struct name_list *list, size_t index, const uint16_t *name);

/* Takes out the name at `index` (which must exist) and frees it. */
void name_list_remove(struct name_list *list, size_t index);

/* Whether both hold the same names, unit by unit, in the same order. */
bool name_list_equal(const struct name_list *a, const struct name_list *b);

/* Frees everything; the list is empty afterwards and may be used again. */
void name_list_free(struct name_list *list);

/*
 * Reads the `count` units of a REG_MULTI_SZ value, as tolerantly as hand-made values need: missing
 * final NULs are supplied, empty strings are skipped wherever they stand.
 * PXE_NOT_ENOUGH_MEMORY leaves *out_list untouched.
 */
pxe_status name_list_from_multi_sz(const uint16_t *units, size_t count, struct name_list *out_list);

/*
 * Makes the units of the REG_MULTI_SZ value, final NUL included; an empty list is that NUL alone.
 * *out_units is released with mem_free. PXE_NOT_ENOUGH_MEMORY: nothing is written.
 */
pxe_status name_list_to_multi_sz(const struct name_list *list, uint16_t **out_units,
                                 size_t *out_count);

#endif
