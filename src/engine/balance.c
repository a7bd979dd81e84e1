#include "engine/balance.h"

enum { NEIGHBOURS = 16 }; /* places that one client can have */

/* The table of RFC 3074 section 6: a permutation of 0 to 255 by Pearson. */
static const uint8_t permutation[256] = {
    251, 175, 119, 215, 81,  14,  79,  191, 103, 49,  181, 143, 186, 157, 0,   232, 31,  32,  55,
    60,  152, 58,  17,  237, 174, 70,  160, 144, 220, 90,  57,  223, 59,  3,   18,  140, 111, 166,
    203, 196, 134, 243, 124, 95,  222, 179, 197, 65,  180, 48,  36,  15,  107, 46,  233, 130, 165,
    30,  123, 161, 209, 23,  97,  16,  40,  91,  219, 61,  100, 10,  210, 109, 250, 127, 22,  138,
    29,  108, 244, 67,  207, 9,   178, 204, 74,  98,  126, 249, 167, 116, 34,  77,  193, 200, 121,
    5,   20,  113, 71,  35,  128, 13,  182, 94,  25,  226, 227, 199, 75,  27,  41,  245, 230, 224,
    43,  225, 177, 26,  155, 150, 212, 142, 218, 115, 241, 73,  88,  105, 39,  114, 62,  255, 192,
    201, 145, 214, 168, 158, 221, 148, 154, 122, 12,  84,  82,  163, 44,  139, 228, 236, 205, 242,
    217, 11,  187, 146, 159, 64,  86,  239, 195, 42,  106, 198, 118, 112, 184, 172, 87,  2,   173,
    117, 176, 229, 247, 253, 137, 185, 99,  164, 102, 147, 45,  66,  231, 52,  141, 211, 194, 206,
    246, 238, 56,  110, 78,  248, 63,  240, 189, 93,  92,  51,  53,  183, 19,  171, 72,  50,  33,
    104, 101, 69,  8,   252, 83,  120, 76,  135, 85,  54,  202, 125, 188, 213, 96,  235, 136, 208,
    162, 129, 190, 132, 156, 38,  47,  1,   7,   254, 24,  4,   216, 131, 89,  21,  28,  133, 37,
    153, 149, 80,  170, 68,  6,   169, 234, 151,
};

uint8_t balance_bucket(const uint8_t *identifier, size_t length)
{
    uint8_t hash = (uint8_t)length;

    while (length > 0)
        hash = permutation[hash ^ identifier[--length]];
    return hash;
}

void balance_waiters_init(struct balance_waiters *waiters)
{
    mutex_init(&waiters->lock);
}

void balance_waiters_destroy(struct balance_waiters *waiters)
{
    mutex_destroy(&waiters->lock);
}

/* FNV-1a: spreads, and 64 bits keep two clients apart. */
static uint64_t waiter_key(const uint8_t *identifier, size_t length, uint32_t transaction)
{
    uint64_t key = (0xcbf29ce484222325u ^ transaction) * 0x100000001b3u;

    for (size_t i = 0; i < length; i++)
        key = (key ^ identifier[i]) * 0x100000001b3u;
    return key ^ key >> 32;
}

/* The client's place, or the one to make its own. Caller holds
 * waiters->lock. */
static struct balance_waiter *waiter_find(struct balance_waiters *waiters, uint64_t key)
{
    struct balance_waiter *oldest = &waiters->places[key % BALANCE_WAITERS];

    for (uint64_t i = 0; i < NEIGHBOURS; i++) {
        struct balance_waiter *place = &waiters->places[(key + i) % BALANCE_WAITERS];
        if (place->first != 0 && place->key == key)
            return place;
        if (place->last < oldest->last)
            oldest = place;
    }
    return oldest;
}

uint32_t balance_waited(struct balance_waiters *waiters, const uint8_t *identifier, size_t length,
                        uint32_t transaction, uint64_t now)
{
    uint64_t key = waiter_key(identifier, length, transaction);

    mutex_lock(&waiters->lock);
    struct balance_waiter *place = waiter_find(waiters, key);
    if (place->first == 0 || place->key != key)
        *place = (struct balance_waiter){.key = key, .first = now};
    place->last = now;
    uint64_t waited = now - place->first;
    mutex_unlock(&waiters->lock);
    return (uint32_t)(waited / 1000000u);
}
