/*
 * Requests that no client would send, made of requests that clients have sent. The same numbers and
 * seeds give the same request, on every machine.
 *
 * A case is a seed that went through one to four mutations. They know the format: options are made
 * longer, shorter, doubled, dropped and swapped as such, and only sometimes bytes as bytes.
 */
#ifndef WDSPXECTL_FUZZ_MUTATE_H
#define WDSPXECTL_FUZZ_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FUZZ_PACKET_MAX = 8192, FUZZ_MUTATIONS_MAX = 4 };

/* A packet that a client has sent; the first FUZZ_PACKET_MAX bytes of it are used. */
struct fuzz_seed {
    const uint8_t *packet;
    size_t length;
    bool is_ipv6;
};

struct fuzz_case {
    size_t seed; /* which one it was made of */
    size_t mutation_count;
    unsigned mutations[FUZZ_MUTATIONS_MAX]; /* for fuzz_mutation_name */
    size_t length;
    uint8_t packet[FUZZ_PACKET_MAX];
};

/* The case of that number. There is at least one seed. */
void fuzz_case_make(const struct fuzz_seed *seeds, size_t seed_count, uint64_t run, uint64_t number,
                    struct fuzz_case *out_case);

/* How many mutations there are, and their names: "option-length". */
size_t fuzz_mutation_count(void);
const char *fuzz_mutation_name(unsigned mutation);

/*
 * Looks for the smallest change of the seed that still does it: takes bytes of the seed back, cuts
 * the end off, fills with zeros, as long as `does_it` says that it still does, and at most
 * `attempts` times.
 */
void fuzz_minimise(const struct fuzz_seed *seed, uint8_t *packet, size_t *length, unsigned attempts,
                   bool (*does_it)(void *context, const uint8_t *packet, size_t length),
                   void *context);

#endif
