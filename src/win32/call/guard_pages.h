/*
 * Packets of which every byte beside them is out of bounds: each ends where an inaccessible page
 * begins, and becomes inaccessible as a whole when it is freed. The last freed ones stay so; their
 * addresses are not used again meanwhile.
 *
 * A packet is aligned as its size allows, to 4 bytes at least and 16 at most, so that what a
 * provider stores in it lies as in ordinary memory. Up to 3 bytes between its end and the page, and
 * those before it, are marked and looked at when it is freed.
 */
#ifndef WIN32_CALL_GUARD_PAGES_H
#define WIN32_CALL_GUARD_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/ports.h"

extern const struct packet_memory_port guard_pages_port;

/* Where an address lies, seen from the packet that it belongs to. */
struct packet_place {
    int64_t offset; /* from the packet's start */
    uint32_t size;
    bool is_freed;
};

/* False: it belongs to no packet, nor to the pages beside one. Any thread, also inside a fault. */
bool guard_pages_find(const void *address, struct packet_place *out_place);

/* Gives the memory of freed packets back. */
void guard_pages_clear(void);

#endif
