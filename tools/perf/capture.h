/* Reads packet captures (pcap, Ethernet): the requests that real clients sent. */
#ifndef PERF_CAPTURE_H
#define PERF_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The payload of the first DHCPv4 message in a capture that went to this UDP port and is of this
 * type (option 53).
 *   bytes  receives it, at most capacity bytes
 * False: no such file, no pcap, no such message, or it does not fit; a line on stderr tells which.
 */
bool capture_find(const char *path, uint16_t destination_port, uint8_t message_type, uint8_t *bytes,
                  size_t capacity, size_t *out_length);

/* A whole file's bytes; false, with a line on stderr, if it cannot be read or does not fit. */
bool file_load(const char *path, uint8_t *bytes, size_t capacity, size_t *out_length);

#endif
