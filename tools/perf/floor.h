/*
 * The floor: the same work done by plain loops that check their bounds and nothing else, written
 * for the bench to be as fast as straightforward C is. No instances, no overload, no checking of
 * arguments, no error codes. For Windows it is a DLL of its own, as ours is.
 */
#ifndef PERF_FLOOR_H
#define PERF_FLOOR_H

#include <stdbool.h>

#include "contestant.h"

#if defined(_WIN32) && defined(FLOOR_EXPORTS)
#define FLOOR_API __declspec(dllexport)
#elif defined(_WIN32)
#define FLOOR_API __declspec(dllimport)
#else
#define FLOOR_API
#endif

/* The value, NULL if there is none. */
FLOOR_API const uint8_t *floor_find4(const uint8_t *packet, size_t length, uint8_t code,
                                     uint8_t *out_length);
FLOOR_API const uint8_t *floor_find6(const uint8_t *packet, size_t length, uint16_t code,
                                     uint16_t *out_length);

FLOOR_API bool floor_check4(const uint8_t *packet, size_t length, bool *out_is_pxe);
FLOOR_API bool floor_check6(const uint8_t *packet, size_t length, bool *out_is_pxe);

/* The OFFER's length, 0 if it does not fit. All of the buffer is cleared first. */
FLOOR_API size_t floor_offer4(const struct task *task, uint8_t *reply, size_t capacity);
/* The same call by call, as a provider makes them: where the options begin; has it been appended?;
 * the OFFER's length, 0 if it does not fit. */
FLOOR_API size_t floor_start4(const uint8_t *packet, uint8_t *reply, size_t capacity);
FLOOR_API bool floor_append4(uint8_t *reply, size_t capacity, size_t *at,
                             const struct offer_option *option);
FLOOR_API size_t floor_end4(uint8_t *reply, size_t capacity, size_t at);

struct floor_layer {
    const uint8_t *message;
    const uint8_t *interface_id;
    uint16_t interface_id_length;
};

/* The number of layers, 0 if anything is wrong. */
FLOOR_API size_t floor_parse_relay6(const uint8_t *packet, size_t length,
                                    struct floor_layer *layers, size_t capacity,
                                    const uint8_t **out_inner, size_t *out_inner_length);
/* The packet's length, 0 if it does not fit. */
FLOOR_API size_t floor_create_relay6(const struct floor_layer *layers, size_t count,
                                     const uint8_t *inner, size_t inner_length, uint8_t *reply,
                                     size_t capacity);

#endif
