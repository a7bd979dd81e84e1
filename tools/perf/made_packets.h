/* Valid packets of any size, written by hand and not by the code under test. */
#ifndef PERF_MADE_PACKETS_H
#define PERF_MADE_PACKETS_H

#include <stddef.h>
#include <stdint.h>

/* A DISCOVER of a PXE client with this many options, 1 to 250, of two bytes each but the first, the
 * message type, and the second, the vendor class. Writes at most 1,300 bytes; returns the length.
 * *out_last_code is that of the last one, which stands there only once. */
size_t made_request4(uint8_t *packet, size_t options, uint16_t *out_last_code);

/* A SOLICIT of a PXE client in this many layers of RELAY-FORW, each with an Interface-Id. Returns
 * the length, 0 if it does not fit. */
size_t made_relay6(uint8_t *packet, size_t capacity, size_t layers);

#endif
