#include "registry/name_list.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf16.h"

/* A '\' would reach into the key of another provider, an empty name is the parent key itself. */
bool provider_name_is_valid(const uint16_t *name)
{
    size_t length = 0;

    if (name == NULL)
        return false;
    for (; name[length] != 0; length++) {
        if (name[length] == '\\' || length >= PROVIDER_NAME_MAX)
            return false;
    }
    return length > 0;
}

/* Takes over `name`. The array grows by one each time: these lists have a handful of entries. */
static pxe_status insert_owned(struct name_list *list, size_t index, uint16_t *name)
{
    uint16_t **names = mem_alloc_array(list->count + 1, sizeof(*names));

    if (names == NULL) {
        mem_free(name);
        return PXE_NOT_ENOUGH_MEMORY;
    }
    if (index > list->count)
        index = list->count;
    for (size_t i = 0; i < index; i++)
        names[i] = list->names[i];
    names[index] = name;
    for (size_t i = index; i < list->count; i++)
        names[i + 1] = list->names[i];
    mem_free(list->names);
    list->names = names;
    list->count++;
    return PXE_OK;
}

pxe_status name_list_insert(struct name_list *list, size_t index, const uint16_t *name)
{
    uint16_t *copy = utf16_duplicate(name);

    if (copy == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    return insert_owned(list, index, copy);
}

void name_list_remove(struct name_list *list, size_t index)
{
    mem_free(list->names[index]);
    for (size_t i = index + 1; i < list->count; i++)
        list->names[i - 1] = list->names[i];
    list->count--;
}

bool name_list_equal(const struct name_list *a, const struct name_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!utf16_equal(a->names[i], b->names[i]))
            return false;
    }
    return true;
}

void name_list_free(struct name_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_free(list->names[i]);
    mem_free(list->names);
    list->names = NULL;
    list->count = 0;
}

pxe_status name_list_from_multi_sz(const uint16_t *units, size_t count, struct name_list *out_list)
{
    struct name_list list = {0};
    size_t at = 0;

    while (at < count) {
        size_t length = utf16_length_within(units + at, count - at);

        if (length > 0) {
            uint16_t *name = utf16_duplicate_part(units + at, length);

            if (name == NULL || insert_owned(&list, list.count, name) != PXE_OK) {
                name_list_free(&list);
                return PXE_NOT_ENOUGH_MEMORY;
            }
        }
        at += length;
        if (at < count)
            at++; /* the NUL */
    }
    *out_list = list;
    return PXE_OK;
}

pxe_status name_list_to_multi_sz(const struct name_list *list, uint16_t **out_units,
                                 size_t *out_count)
{
    uint16_t *units;
    size_t total = 1;
    size_t at = 0;

    for (size_t i = 0; i < list->count; i++)
        total += utf16_length(list->names[i]) + 1;
    units = mem_alloc_array(total, sizeof(*units));
    if (units == NULL)
        return PXE_NOT_ENOUGH_MEMORY;
    for (size_t i = 0; i < list->count; i++) {
        size_t length = utf16_length(list->names[i]);

        memcpy(units + at, list->names[i], length * sizeof(*units));
        at += length + 1; /* the block is zero already */
    }
    *out_units = units;
    *out_count = total;
    return PXE_OK;
}
