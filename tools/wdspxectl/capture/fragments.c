#include <stdlib.h>
#include <string.h>

#include "capture/frame.h"

enum {
    UNIT = 8, /* bytes; what fragment offsets count in */
    UNITS = (DATAGRAM_MAX + UNIT) / UNIT,
};

struct fragment_slot {
    bool is_used;
    uint64_t age; /* when it was begun */
    uint8_t source[16];
    uint8_t destination[16];
    uint8_t address_length;
    uint8_t protocol;
    uint32_t id;
    size_t end; /* of the datagram; 0 until the last fragment has come */
    uint8_t has_unit[UNITS];
    uint8_t bytes[UNITS * UNIT];
};

static bool belongs(const struct fragment_slot *slot, const struct fragment *fragment)
{
    size_t length = fragment->address_length;
    return slot->is_used && slot->id == fragment->id && slot->protocol == fragment->protocol &&
           slot->address_length == length && memcmp(slot->source, fragment->source, length) == 0 &&
           memcmp(slot->destination, fragment->destination, length) == 0;
}

static struct fragment_slot *find_slot(const struct fragments *fragments,
                                       const struct fragment *fragment)
{
    for (size_t i = 0; i < FRAGMENT_SLOTS; i++) {
        if (belongs(&fragments->slots[i], fragment))
            return &fragments->slots[i];
    }
    return NULL;
}

/* A free slot, else that of the datagram that waits longest. */
static struct fragment_slot *choose_slot(const struct fragments *fragments)
{
    struct fragment_slot *oldest = &fragments->slots[0];
    for (size_t i = 0; i < FRAGMENT_SLOTS; i++) {
        struct fragment_slot *slot = &fragments->slots[i];
        if (!slot->is_used)
            return slot;
        if (slot->age < oldest->age)
            oldest = slot;
    }
    return oldest;
}

static struct fragment_slot *begin_slot(struct fragments *fragments,
                                        const struct fragment *fragment)
{
    struct fragment_slot *slot = choose_slot(fragments);
    if (slot->is_used)
        fragments->lost++;
    slot->is_used = true;
    slot->age = fragments->clock++;
    slot->address_length = fragment->address_length;
    memcpy(slot->source, fragment->source, fragment->address_length);
    memcpy(slot->destination, fragment->destination, fragment->address_length);
    slot->protocol = fragment->protocol;
    slot->id = fragment->id;
    slot->end = 0;
    memset(slot->has_unit, 0, sizeof(slot->has_unit));
    return slot;
}

static bool is_complete(const struct fragment_slot *slot)
{
    if (slot->end == 0)
        return false;
    for (size_t i = 0; i < (slot->end + UNIT - 1) / UNIT; i++) {
        if (!slot->has_unit[i])
            return false;
    }
    return true;
}

/* All but the last consist of whole units, and the whole is no larger than a datagram. */
static bool makes_sense(const struct fragment *fragment)
{
    return fragment->length > 0 && fragment->offset % UNIT == 0 &&
           (fragment->is_last || fragment->length % UNIT == 0) &&
           fragment->length <= DATAGRAM_MAX && fragment->offset <= DATAGRAM_MAX - fragment->length;
}

bool fragments_add(struct fragments *fragments, const struct fragment *fragment,
                   const uint8_t **out_bytes, size_t *out_length)
{
    if (!makes_sense(fragment))
        return false;
    if (fragments->slots == NULL)
        fragments->slots = calloc(FRAGMENT_SLOTS, sizeof(*fragments->slots));
    if (fragments->slots == NULL)
        return false;

    struct fragment_slot *slot = find_slot(fragments, fragment);
    if (slot == NULL)
        slot = begin_slot(fragments, fragment);
    memcpy(slot->bytes + fragment->offset, fragment->bytes, fragment->length);
    size_t first = fragment->offset / UNIT;
    memset(slot->has_unit + first, 1, (fragment->length + UNIT - 1) / UNIT);
    if (fragment->is_last)
        slot->end = fragment->offset + fragment->length;
    if (!is_complete(slot))
        return false;
    slot->is_used = false;
    *out_bytes = slot->bytes;
    *out_length = slot->end;
    return true;
}

uint64_t fragments_end(struct fragments *fragments)
{
    uint64_t incomplete = fragments->lost;
    for (size_t i = 0; fragments->slots != NULL && i < FRAGMENT_SLOTS; i++)
        incomplete += fragments->slots[i].is_used;
    free(fragments->slots);
    memset(fragments, 0, sizeof(*fragments));
    return incomplete;
}
