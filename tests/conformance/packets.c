#include "packets.h"

#include <string.h>

#include "subject.h"

void packet_put(struct packet *packet, const void *bytes, size_t count)
{
    if (count > PACKET_MAX - packet->length)
        not_asked("the packet for it is too long");
    if (count > 0)
        memcpy(packet->bytes + packet->length, bytes, count);
    packet->length += (ULONG)count;
}

void packet4_start(struct packet *packet)
{
    static const BYTE cookie[] = {0x63, 0x82, 0x53, 0x63};

    memset(packet, 0, sizeof(*packet));
    PUT(packet, 1, 1, 6, 3);                /* op, htype, hlen, hops */
    PUT(packet, 0x11, 0x22, 0x33, 0x44);    /* xid */
    PUT(packet, 0, 9, 0x80, 0);             /* secs, flags: broadcast */
    PUT(packet, 192, 0, 2, 1);              /* ciaddr */
    PUT(packet, 192, 0, 2, 2);              /* yiaddr */
    PUT(packet, 192, 0, 2, 3);              /* siaddr */
    PUT(packet, 192, 0, 2, 4);              /* giaddr */
    PUT(packet, 2, 0, 0, 0, 0, 1);          /* chaddr */
    memcpy(packet->bytes + 44, "sname", 5); /* sname, file */
    memcpy(packet->bytes + 108, "file", 4);
    packet->length = 236;
    packet_put(packet, cookie, sizeof(cookie));
}

void packet4_option(struct packet *packet, BYTE code, const void *value, BYTE length)
{
    PUT(packet, code, length);
    packet_put(packet, value, length);
}

void packet4_text(struct packet *packet, BYTE code, const char *text)
{
    packet4_option(packet, code, text, (BYTE)strlen(text));
}

void packet4_discover(struct packet *packet)
{
    packet4_start(packet);
    PUT(packet, 53, 1, 1);
    packet4_text(packet, 60, "PXEClient:Arch:00000:UNDI:002001");
    PUT(packet, 255);
}

void packet6_start(struct packet *packet, BYTE type)
{
    memset(packet, 0, sizeof(*packet));
    PUT(packet, type, 0x11, 0x22, 0x33);
    if (type != 12 && type != 13)
        return;
    packet->bytes[1] = 0;                          /* hop count */
    for (packet->length = 2; packet->length < 34;) /* link address, peer address */
        PUT(packet, (BYTE)packet->length);
}

void packet6_option(struct packet *packet, WORD code, const void *value, size_t length)
{
    PUT(packet, (BYTE)(code >> 8), (BYTE)code, (BYTE)(length >> 8), (BYTE)length);
    packet_put(packet, value, length);
}

void packet6_class(struct packet *packet, const char *class_data)
{
    BYTE length = (BYTE)strlen(class_data);

    PUT(packet, 0, 16, 0, (BYTE)(length + 6));
    PUT(packet, 0, 0, 1, 0x57, 0, length); /* enterprise 343 */
    packet_put(packet, class_data, length);
}

void packet6_solicit(struct packet *packet)
{
    packet6_start(packet, 1);
    packet6_option(packet, 1, "\0\3\0\1abcdef", 10);
    packet6_class(packet, "PXEClient:Arch:00007:UNDI:003016");
}

void packet6_relay(struct packet *packet, BYTE hop_count, const struct packet *inner)
{
    packet6_start(packet, 12);
    packet->bytes[1] = hop_count;
    packet6_option(packet, 9, inner->bytes, inner->length);
}

void answer_place(const struct packet *packet, const void *pointer)
{
    ULONG_PTR first = (ULONG_PTR)packet->bytes;
    ULONG_PTR place = (ULONG_PTR)pointer;

    if (pointer == NULL)
        answer("pointer NULL");
    else if (place < first || place - first > packet->length)
        answer("pointer outside the packet");
    else
        answer("at offset %lu", (ULONG)(place - first));
}
