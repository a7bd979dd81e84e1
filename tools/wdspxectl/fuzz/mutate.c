#include "fuzz/mutate.h"

#include <string.h>

#include "text/bytes.h"

/* Where things are: RFC 2131 section 2, RFC 8415 sections 8 and 9. */
enum {
    AT4_HTYPE = 1,
    AT4_HLEN = 2,
    AT4_HOPS = 3,
    AT4_SECS = 8,
    AT4_FLAGS = 10,
    AT4_CIADDR = 12,
    AT4_GIADDR = 24,
    AT4_SNAME = 44,
    AT4_FILE = 108,
    AT4_COOKIE = 236,
    AT4_OPTIONS = 240,
    OPTION4_PAD = 0,
    OPTION4_VENDOR = 43,
    OPTION4_OVERLOAD = 52,
    OPTION4_END = 255,

    RELAY_FORW = 12,
    RELAY_REPL = 13,
    AT6_HOP_COUNT = 1,
    HEADER6 = 4,
    HEADER6_RELAY = 34,
    OPTION6_CLIENT_ID = 1,
    OPTION6_RELAY_MSG = 9,
    OPTION6_VENDOR_CLASS = 16,
    RELAYS_MORE = 40, /* the limit is 32 */
    OPTIONS_MAX = 256,
};

/* ---- numbers ---- */

/* splitmix64, of the public domain: any state is good, so a case needs no history. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t value = *state += 0x9e3779b97f4a7c15u;
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9u;
    value = (value ^ value >> 27) * 0x94d049bb133111ebu;
    return value ^ value >> 31;
}

/* From 0 to before `limit`, which is not 0. */
static size_t random_below(uint64_t *state, size_t limit)
{
    return (size_t)(random_next(state) % limit);
}

/* Mostly what breaks things, sometimes anything. */
static uint8_t random_byte(uint64_t *state)
{
    static const uint8_t interesting[] = {0, 1, 2, 3, 15, 16, 17, 127, 128, 254, 255};
    size_t choice = random_below(state, 2 * sizeof(interesting));
    return choice < sizeof(interesting) ? interesting[choice] : (uint8_t)random_next(state);
}

/* ---- the packet as a row of options ---- */

struct work {
    uint64_t *random;
    struct fuzz_case *made;
    bool is_ipv6;
    const struct fuzz_seed *other; /* for splices */
};

struct place {
    size_t at;   /* of the code */
    size_t size; /* with code and length */
};

static size_t options_start(const struct work *work)
{
    if (!work->is_ipv6)
        return AT4_OPTIONS;
    return work->made->length > 0 &&
                   (work->made->packet[0] == RELAY_FORW || work->made->packet[0] == RELAY_REPL)
               ? HEADER6_RELAY
               : HEADER6;
}

static size_t option_size(const struct work *work, size_t at)
{
    const uint8_t *option = work->made->packet + at;
    size_t left = work->made->length - at;
    if (work->is_ipv6)
        return left < 4 ? 0 : 4u + get_be16(option + 2);
    if (option[0] == OPTION4_PAD || option[0] == OPTION4_END)
        return 1;
    return left < 2 ? 0 : 2u + option[1];
}

/* The options that lie whole within the packet; returns how many. */
static size_t options_list(const struct work *work, struct place *places)
{
    size_t count = 0;
    size_t at = options_start(work);
    while (count < OPTIONS_MAX && at < work->made->length) {
        size_t size = option_size(work, at);
        if (size == 0 || size > work->made->length - at)
            break;
        places[count++] = (struct place){at, size};
        at += size;
    }
    return count;
}

static bool option_choose(const struct work *work, struct place *out_place)
{
    struct place places[OPTIONS_MAX];
    size_t count = options_list(work, places);
    if (count == 0)
        return false;
    *out_place = places[random_below(work->random, count)];
    return true;
}

/* Makes room for `size` bytes at `at`; false if there is none. */
static bool room_make(struct fuzz_case *made, size_t at, size_t size)
{
    if (at > made->length || size > FUZZ_PACKET_MAX - made->length)
        return false;
    memmove(made->packet + at + size, made->packet + at, made->length - at);
    made->length += size;
    return true;
}

static void bytes_remove(struct fuzz_case *made, size_t at, size_t size)
{
    memmove(made->packet + at, made->packet + at + size, made->length - at - size);
    made->length -= size;
}

static void bytes_scramble(struct work *work, size_t at, size_t size)
{
    for (size_t i = at; i < at + size && i < work->made->length; i++)
        work->made->packet[i] = (uint8_t)random_next(work->random);
}

/* Puts an option in front of all others; returns where its value is to stand. NULL: no room. */
static uint8_t *option_insert(struct work *work, unsigned code, size_t size)
{
    const size_t at = options_start(work), head = work->is_ipv6 ? 4 : 2;
    uint8_t *option = work->made->packet + at;
    if (!room_make(work->made, at, head + size))
        return NULL;
    if (work->is_ipv6) {
        put_be16(option, code);
        put_be16(option + 2, (unsigned)size);
    } else {
        option[0] = (uint8_t)code;
        option[1] = (uint8_t)size;
    }
    return option + head;
}

/* The same with less than `limit` bytes of any kind. */
static void option_insert_random(struct work *work, unsigned code, size_t limit)
{
    size_t size = random_below(work->random, limit);
    uint8_t *value = option_insert(work, code, size);
    for (size_t i = 0; value != NULL && i < size; i++)
        value[i] = random_byte(work->random);
}

/* ---- mutations of both families ---- */

static void option_length(struct work *work)
{
    struct place place;
    if (!option_choose(work, &place))
        return;
    uint8_t *option = work->made->packet + place.at;
    if (work->is_ipv6) {
        unsigned length = random_below(work->random, 2) == 0
                              ? random_byte(work->random)
                              : (unsigned)random_next(work->random) & 0xffff;
        put_be16(option + 2, length);
    } else if (place.size > 1) {
        option[1] = random_byte(work->random);
    }
}

static void option_double(struct work *work)
{
    struct place place;
    if (option_choose(work, &place) && room_make(work->made, place.at, place.size))
        memcpy(work->made->packet + place.at, work->made->packet + place.at + place.size,
               place.size);
}

static void option_drop(struct work *work)
{
    struct place place;
    if (option_choose(work, &place))
        bytes_remove(work->made, place.at, place.size);
}

static void option_to_front(struct work *work)
{
    uint8_t option[FUZZ_PACKET_MAX];
    struct place place;
    if (!option_choose(work, &place))
        return;
    memcpy(option, work->made->packet + place.at, place.size);
    bytes_remove(work->made, place.at, place.size);
    if (room_make(work->made, options_start(work), place.size))
        memcpy(work->made->packet + options_start(work), option, place.size);
}

static void option_value(struct work *work)
{
    size_t head = work->is_ipv6 ? 4 : 2;
    struct place place;
    if (option_choose(work, &place) && place.size > head)
        bytes_scramble(work, place.at + head, place.size - head);
}

static void truncate_packet(struct work *work)
{
    if (work->made->length > 0)
        work->made->length = random_below(work->random, work->made->length);
}

static void bytes_flip(struct work *work)
{
    for (size_t i = 1 + random_below(work->random, 8); i > 0 && work->made->length > 0; i--)
        work->made->packet[random_below(work->random, work->made->length)] =
            random_byte(work->random);
}

/* The head of this packet, the tail of another one. */
static void splice(struct work *work)
{
    const struct fuzz_seed *other = work->other;
    if (other->length == 0 || work->made->length == 0)
        return;
    size_t head = random_below(work->random, work->made->length);
    size_t from = random_below(work->random, other->length);
    size_t size = other->length - from;
    if (size > FUZZ_PACKET_MAX - head)
        size = FUZZ_PACKET_MAX - head;
    memcpy(work->made->packet + head, other->packet + from, size);
    work->made->length = head + size;
}

/* ---- DHCPv4 ---- */

static void byte_put(struct work *work, size_t at, uint8_t byte)
{
    if (at < work->made->length)
        work->made->packet[at] = byte;
}

static void hardware_length(struct work *work)
{
    byte_put(work, AT4_HLEN, random_byte(work->random));
    if (random_below(work->random, 4) == 0)
        byte_put(work, AT4_HTYPE, random_byte(work->random));
}

static void end_drop(struct work *work)
{
    struct place places[OPTIONS_MAX];
    size_t count = options_list(work, places);
    for (size_t i = 0; i < count; i++) {
        if (work->made->packet[places[i].at] == OPTION4_END) {
            work->made->length = places[i].at;
            return;
        }
    }
}

/* Several fields of the header at once: some mistakes need a pair. */
static void header_fields(struct work *work)
{
    static const size_t fields[] = {AT4_HTYPE, AT4_HLEN, AT4_HOPS, AT4_SECS, AT4_FLAGS};

    for (size_t i = 2 + random_below(work->random, 3); i > 0; i--)
        byte_put(work, fields[random_below(work->random, sizeof(fields) / sizeof(fields[0]))],
                 random_byte(work->random));
}

/* An option of 0 or 1 byte, then End, and nothing behind it: who reads more leaves the packet. */
static void option_short_and_last(struct work *work)
{
    struct place place;
    uint8_t code, first;

    if (!option_choose(work, &place) || place.size < 2)
        return;
    code = work->made->packet[place.at];
    first = place.size > 2 ? work->made->packet[place.at + 2] : 0;
    bytes_remove(work->made, place.at, place.size);
    end_drop(work);
    size_t size = 2 + random_below(work->random, 2);
    if (!room_make(work->made, work->made->length, size + 1))
        return;
    uint8_t *option = work->made->packet + work->made->length - size - 1;
    option[0] = code;
    option[1] = (uint8_t)(size - 2);
    if (size > 2)
        option[2] = first;
    option[size] = OPTION4_END;
}

/* Options in file and sname, and the option that says so. */
static void overload(struct work *work)
{
    uint8_t *value = option_insert(work, OPTION4_OVERLOAD, 1);
    if (value == NULL)
        return;
    *value = (uint8_t)random_below(work->random, 5);
    bytes_scramble(work, AT4_SNAME, AT4_COOKIE - AT4_SNAME);
    byte_put(work, AT4_FILE + 1, random_byte(work->random));
    byte_put(work, AT4_SNAME + 1, random_byte(work->random));
}

/* Names without the zero byte that ends them. */
static void names_fill(struct work *work)
{
    for (size_t at = AT4_SNAME; at < AT4_COOKIE && at < work->made->length; at++)
        work->made->packet[at] = 'A';
}

static void vendor_options(struct work *work)
{
    option_insert_random(work, OPTION4_VENDOR, 64);
}

static void longest_option(struct work *work)
{
    uint8_t *value = option_insert(work, OPTION4_PAD, 255);
    if (value == NULL)
        return;
    value[-2] = random_byte(work->random); /* its code */
    memset(value, 'A', 255);
}

static void cookie(struct work *work)
{
    byte_put(work, AT4_COOKIE + random_below(work->random, 4), random_byte(work->random));
}

static void addresses(struct work *work)
{
    size_t at = random_below(work->random, 2) == 0 ? AT4_GIADDR : AT4_CIADDR;
    bytes_scramble(work, at, 4);
}

/* ---- DHCPv6 ---- */

/* Wraps the message into relays' messages: one, a few, or more than there may be. */
static void relays_wrap(struct work *work)
{
    size_t levels =
        1 + random_below(work->random, random_below(work->random, 2) == 0 ? 4 : RELAYS_MORE);
    for (; levels > 0; levels--) {
        size_t inner = work->made->length;
        if (!room_make(work->made, 0, HEADER6_RELAY + 4))
            return;
        memset(work->made->packet, 0xfe, HEADER6_RELAY);
        work->made->packet[0] = RELAY_FORW;
        work->made->packet[AT6_HOP_COUNT] = (uint8_t)levels;
        put_be16(work->made->packet + HEADER6_RELAY, OPTION6_RELAY_MSG);
        put_be16(work->made->packet + HEADER6_RELAY + 2, (unsigned)inner);
    }
}

static void hop_count(struct work *work)
{
    byte_put(work, AT6_HOP_COUNT, random_byte(work->random));
}

static void message_type(struct work *work)
{
    byte_put(work, 0, (uint8_t)random_below(work->random, 38));
}

static void client_id(struct work *work)
{
    option_insert_random(work, OPTION6_CLIENT_ID, 200);
}

static void vendor_class(struct work *work)
{
    option_insert_random(work, OPTION6_VENDOR_CLASS, 40);
}

/* ---- all of them ---- */

enum family { BOTH, ONLY4, ONLY6 };

static const struct mutation {
    const char *name;
    enum family family;
    void (*change)(struct work *work);
} mutations[] = {
    {"option-length", BOTH, option_length},
    {"option-doubled", BOTH, option_double},
    {"option-dropped", BOTH, option_drop},
    {"option-to-front", BOTH, option_to_front},
    {"option-value", BOTH, option_value},
    {"truncated", BOTH, truncate_packet},
    {"bytes", BOTH, bytes_flip},
    {"spliced", BOTH, splice},
    {"hlen", ONLY4, hardware_length},
    {"header-fields", ONLY4, header_fields},
    {"option-short-and-last", ONLY4, option_short_and_last},
    {"overload", ONLY4, overload},
    {"names-filled", ONLY4, names_fill},
    {"vendor-options", ONLY4, vendor_options},
    {"longest-option", ONLY4, longest_option},
    {"end-dropped", ONLY4, end_drop},
    {"cookie", ONLY4, cookie},
    {"addresses", ONLY4, addresses},
    {"relays", ONLY6, relays_wrap},
    {"hop-count", ONLY6, hop_count},
    {"message-type", ONLY6, message_type},
    {"client-id", ONLY6, client_id},
    {"vendor-class", ONLY6, vendor_class},
};

enum { MUTATION_COUNT = sizeof(mutations) / sizeof(mutations[0]) };

size_t fuzz_mutation_count(void)
{
    return MUTATION_COUNT;
}

const char *fuzz_mutation_name(unsigned mutation)
{
    return mutation < MUTATION_COUNT ? mutations[mutation].name : "?";
}

static unsigned mutation_choose(uint64_t *random, bool is_ipv6)
{
    for (;;) {
        unsigned choice = (unsigned)random_below(random, MUTATION_COUNT);
        if (mutations[choice].family != (is_ipv6 ? ONLY4 : ONLY6))
            return choice;
    }
}

void fuzz_case_make(const struct fuzz_seed *seeds, size_t seed_count, uint64_t run, uint64_t number,
                    struct fuzz_case *out_case)
{
    uint64_t random = run * 0xd1342543de82ef95u + number;
    size_t chosen = random_below(&random, seed_count);
    const struct fuzz_seed *seed = &seeds[chosen];
    struct work work = {
        .random = &random,
        .made = out_case,
        .is_ipv6 = seed->is_ipv6,
        .other = &seeds[random_below(&random, seed_count)],
    };

    out_case->seed = chosen;
    out_case->length = seed->length < FUZZ_PACKET_MAX ? seed->length : FUZZ_PACKET_MAX;
    if (out_case->length > 0)
        memcpy(out_case->packet, seed->packet, out_case->length);
    out_case->mutation_count = 1 + random_below(&random, FUZZ_MUTATIONS_MAX);
    for (size_t i = 0; i < out_case->mutation_count; i++) {
        out_case->mutations[i] = mutation_choose(&random, seed->is_ipv6);
        mutations[out_case->mutations[i]].change(&work);
    }
}

/* ---- making them small ---- */

struct reduction {
    uint8_t *packet;
    size_t *length;
    unsigned attempts;
    bool (*does_it)(void *context, const uint8_t *packet, size_t length);
    void *context;
};

/* Keeps the try if it still does it. */
static bool reduction_try(struct reduction *reduction, const uint8_t *packet, size_t length)
{
    if (reduction->attempts == 0)
        return false;
    reduction->attempts--;
    if (!reduction->does_it(reduction->context, packet, length))
        return false;
    memmove(reduction->packet, packet, length);
    *reduction->length = length;
    return true;
}

static void reduce_end(struct reduction *reduction)
{
    for (size_t cut = *reduction->length / 2; cut > 0; cut /= 2)
        while (cut < *reduction->length &&
               reduction_try(reduction, reduction->packet, *reduction->length - cut))
            continue;
}

/* Piece by piece, in ever smaller pieces: as in `wanted`, or zeros if that is NULL. */
static void reduce_pieces(struct reduction *reduction, const uint8_t *wanted)
{
    uint8_t attempt[FUZZ_PACKET_MAX];
    for (size_t piece = *reduction->length; piece > 0; piece /= 2) {
        for (size_t at = 0; at < *reduction->length; at += piece) {
            size_t size = *reduction->length - at < piece ? *reduction->length - at : piece;
            memcpy(attempt, reduction->packet, *reduction->length);
            if (wanted != NULL)
                memcpy(attempt + at, wanted + at, size);
            else
                memset(attempt + at, 0, size);
            if (memcmp(attempt, reduction->packet, *reduction->length) != 0)
                (void)reduction_try(reduction, attempt, *reduction->length);
        }
    }
}

void fuzz_minimise(const struct fuzz_seed *seed, uint8_t *packet, size_t *length, unsigned attempts,
                   bool (*does_it)(void *context, const uint8_t *packet, size_t length),
                   void *context)
{
    struct reduction reduction = {packet, length, attempts, does_it, context};

    /* A change that the seed stands without is none: the seed's length first, then its bytes. */
    if (*length > seed->length && seed->length > 0)
        (void)reduction_try(&reduction, packet, seed->length);
    if (*length <= seed->length)
        reduce_pieces(&reduction, seed->packet);
    else
        reduce_pieces(&reduction, NULL);
    reduce_end(&reduction);
}
