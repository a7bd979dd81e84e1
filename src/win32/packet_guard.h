/*
 * Packets of which every byte beside them is out of bounds: each ends where an inaccessible page
 * begins, and becomes inaccessible as a whole when it is freed. The last freed ones stay so; their
 * addresses are not used again meanwhile.
 *
 * A packet is aligned as its size allows, to 4 bytes at least and 16 at most, so that what a
 * provider stores in it lies as in ordinary memory. Up to 3 bytes between its end and the page, and
 * those before it, are marked and looked at when it is freed.
 */
#ifndef WIN32_PACKET_GUARD_H
#define WIN32_PACKET_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/ports.h"

extern const struct packet_memory_port packet_guard_port;

/* Where an address lies, seen from the packet that it belongs to. */
struct packet_place {
    int64_t offset; /* from the packet's start */
    uint32_t size;
    bool is_freed;
};

/* False: it belongs to no packet, nor to the pages beside one. Any thread, also inside a fault. */
bool packet_guard_find(const void *address, struct packet_place *out_place);

/* Gives the memory of freed packets back. */
void packet_guard_clear(void);

#endif
