/* Packets to ask about, put together piece by piece. Nothing is checked but the buffer's end. */
#ifndef CONFORMANCE_PACKETS_H
#define CONFORMANCE_PACKETS_H

#include <windows.h>

enum { PACKET_MAX = 8192 };

struct packet {
    ULONG length;
    BYTE bytes[PACKET_MAX];
};

void packet_put(struct packet *packet, const void *bytes, size_t count);
#define PUT(packet, ...)                                                                           \
    packet_put(packet, (const BYTE[]){__VA_ARGS__}, sizeof((const BYTE[]){__VA_ARGS__}))

/* A BOOTREQUEST of 240 bytes: every field that a reply may copy has a value of its own. */
void packet4_start(struct packet *packet);
void packet4_option(struct packet *packet, BYTE code, const void *value, BYTE length);
void packet4_text(struct packet *packet, BYTE code, const char *text);
/* A complete DISCOVER of a PXE client: options 53, 60, End. */
void packet4_discover(struct packet *packet);

/* A header of 4 bytes; of 34 bytes for types 12 and 13. */
void packet6_start(struct packet *packet, BYTE type);
void packet6_option(struct packet *packet, WORD code, const void *value, size_t length);
/* Option 16 with one class. */
void packet6_class(struct packet *packet, const char *class_data);
/* A SOLICIT of a PXE client: options 1 and 16. */
void packet6_solicit(struct packet *packet);
/* A RELAY-FORW with this hop count, and inside it (option 9) a message. */
void packet6_relay(struct packet *packet, BYTE hop_count, const struct packet *inner);

/* Adds to the answer where a pointer points: the offset in the packet, or that it is elsewhere. */
void answer_place(const struct packet *packet, const void *pointer);

#endif
