#include "engine/balance.h"

enum {
    NEIGHBOURS = 16, /* places that one client can have */
    BUCKETS = 256,
    SERVERS_MAX = 8, /* that are recognized by their equal parts */
    EVEN_GAPS = 3,   /* in a row, after the first: the client asks for the fifth time */
    /* Microseconds. */
    SAME_MESSAGE = 300000,
    FIRST_GAP_MAX = 6000000, /* RFC 2131: 4 seconds, give or take one */
    EVEN_GAP_MAX = 32000000,
};

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

/* ---- who is waiting ---- */

/* FNV-1a: spreads, and 64 bits keep two clients apart. */
static uint64_t waiter_key(const uint8_t *identifier, size_t length)
{
    uint64_t key = 0xcbf29ce484222325u;

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

/* As long as the one before, give or take what a client's clock and the network do. */
static bool gap_is_even(uint64_t gap, uint64_t before)
{
    return before != 0 && gap >= before / 4 * 3 && gap < before / 5 * 7;
}

/* A client that backs off waits about twice as long each time: the gap is at most a little more
 * than twice the time since its first message, and not shorter than the gap before. */
static bool gap_continues(const struct balance_waiter *waiter, uint64_t gap)
{
    if (gap > FIRST_GAP_MAX + 2 * (waiter->last - waiter->first))
        return false;
    return waiter->attempts < 2 || gap >= waiter->gap / 4 * 3;
}

static void rhythm_hear(struct balance_waiter *waiter, uint64_t gap)
{
    if (gap > EVEN_GAP_MAX || !gap_is_even(gap, waiter->gap))
        waiter->even = 0;
    else if (waiter->even++ == 0)
        waiter->even_first = waiter->last - waiter->gap;
}

static void waiter_hear(struct balance_waiter *waiter, uint64_t now)
{
    const uint64_t gap = now - waiter->last;

    rhythm_hear(waiter, gap);
    if (gap_continues(waiter, gap)) {
        waiter->backs_off |= waiter->attempts >= 2 && gap >= waiter->gap / 5 * 7;
        waiter->attempts++;
    } else {
        waiter->first = now;
        waiter->attempts = 1;
        waiter->backs_off = waiter->taken = false;
    }
    waiter->gap = gap;
    waiter->last = now;
}

/* Of a message that was just heard. */
static uint64_t waiter_time(const struct balance_waiter *waiter, uint64_t now)
{
    uint64_t since = waiter->backs_off ? waiter->first : now;

    if (waiter->even >= EVEN_GAPS && waiter->even_first < since)
        since = waiter->even_first;
    return now - since;
}

uint32_t balance_waited(struct balance_waiters *waiters, const uint8_t *identifier, size_t length,
                        uint64_t now)
{
    uint64_t key = waiter_key(identifier, length);

    mutex_lock(&waiters->lock);
    struct balance_waiter *place = waiter_find(waiters, key);
    if (place->first == 0 || place->key != key)
        *place = (struct balance_waiter){.key = key, .first = now, .last = now, .attempts = 1};
    else if (now - place->last >= SAME_MESSAGE) /* else a copy: by a relay, and by broadcast */
        waiter_hear(place, now);
    uint64_t waited = waiter_time(place, now);
    mutex_unlock(&waiters->lock);
    return (uint32_t)(waited / 1000000u);
}

void balance_ended(struct balance_waiters *waiters, const uint8_t *identifier, size_t length)
{
    uint64_t key = waiter_key(identifier, length);

    mutex_lock(&waiters->lock);
    struct balance_waiter *place = waiter_find(waiters, key);
    if (place->key == key)
        *place = (struct balance_waiter){.last = 0};
    mutex_unlock(&waiters->lock);
}

bool balance_taken(struct balance_waiters *waiters, const uint8_t *identifier, size_t length)
{
    uint64_t key = waiter_key(identifier, length);

    mutex_lock(&waiters->lock);
    struct balance_waiter *place = waiter_find(waiters, key);
    const bool is_new = place->key != key || !place->taken;
    if (place->key == key)
        place->taken = true;
    mutex_unlock(&waiters->lock);
    return is_new;
}

/* ---- succession ---- */

/* The part's first bucket and how many it has; 0: it is not in one piece. */
static unsigned part_of(const struct bucket_set *set, unsigned *out_first)
{
    unsigned first = 0, end;

    while (first < BUCKETS && !bucket_set_has(set, (uint8_t)first))
        first++;
    for (end = first; end < BUCKETS && bucket_set_has(set, (uint8_t)end);)
        end++;
    for (unsigned i = end; i < BUCKETS; i++)
        if (bucket_set_has(set, (uint8_t)i))
            return 0;
    *out_first = first;
    return end - first;
}

uint32_t balance_rank(const struct bucket_set *own, uint8_t bucket)
{
    unsigned first = 0, size = part_of(own, &first);

    if (size == 0)
        return 0;
    /* So many servers, of which this is one, if all have as much, give or take a bucket. */
    unsigned servers = (BUCKETS + size / 2) / size;
    unsigned own_index = (first + size / 2) * servers / BUCKETS;
    unsigned begins = (own_index * BUCKETS + servers - 1) / servers;
    if (servers > SERVERS_MAX || first + 1 < begins || first > begins + 1 ||
        size * servers + servers < BUCKETS || size * servers > BUCKETS + servers)
        return 0;
    unsigned owner = (unsigned)bucket * servers / BUCKETS;
    return (own_index + 2 * servers - owner - 1) % servers;
}
