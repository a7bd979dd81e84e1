#include "capture/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/bytes.h"

enum {
    FRAME_BITS = 40,
    BOOT_REPLY = 2, /* op */
    /* DHCPv6 messages of servers (RFC 8415 section 7.3) */
    MESSAGE6_ADVERTISE = 2,
    MESSAGE6_REPLY = 7,
    MESSAGE6_RECONFIGURE = 10,
    MESSAGE6_RELAY_REPL = 13,
};

uint64_t message_number(unsigned capture, uint64_t frame)
{
    return (uint64_t)capture << FRAME_BITS | frame;
}

unsigned message_capture(uint64_t number)
{
    return (unsigned)(number >> FRAME_BITS);
}

uint64_t message_frame(uint64_t number)
{
    return number & ((UINT64_C(1) << FRAME_BITS) - 1);
}

bool message_fields(const struct message *message, field_visitor visit, void *context)
{
    return (message->source.length == 4 ? fields4_visit : fields6_visit)(message->packet,
                                                                         message->length, visit,
                                                                         context);
}

void message_facts(const struct message *message, struct request_facts *out_facts)
{
    request_facts_read(message->source.length, message->packet, message->length, out_facts);
}

static bool is_from_server(const struct datagram *datagram)
{
    if (datagram->length == 0)
        return false;
    uint8_t first = datagram->payload[0];
    if (datagram->source.length == 4)
        return first == BOOT_REPLY;
    return first == MESSAGE6_ADVERTISE || first == MESSAGE6_REPLY ||
           first == MESSAGE6_RECONFIGURE || first == MESSAGE6_RELAY_REPL;
}

static bool is_server_port(const struct endpoint *endpoint)
{
    return endpoint->port == PORT_BOOT_SERVER ||
           endpoint->port == (endpoint->length == 4 ? PORT_DHCP_SERVER : PORT_DHCP6_SERVER);
}

static bool append(struct message_list *list, const struct message *message,
                   const struct datagram *datagram)
{
    if (!array_make_room(&list->messages, list->count, sizeof(*list->messages)))
        return false;
    uint8_t *packet = malloc(datagram->length > 0 ? datagram->length : 1);
    if (packet == NULL)
        return false;
    if (datagram->length > 0)
        memcpy(packet, datagram->payload, datagram->length);
    list->messages[list->count] = *message;
    list->messages[list->count++].packet = packet;
    list->bytes += datagram->length;
    return true;
}

/* Adds the datagram if it is DHCP. False if the list is full, or memory is short. */
static bool take_datagram(struct message_list *list, const struct capture_frame *frame,
                          const struct datagram *datagram, bool take_all)
{
    bool to_server = is_server_port(&datagram->destination);
    if (!to_server && !is_server_port(&datagram->source))
        return true;
    bool from_server = is_from_server(datagram);
    if (!to_server && !from_server)
        return true;
    if (list->count == MESSAGES_MAX || datagram->length > MESSAGES_BYTES_MAX - list->bytes)
        return false;
    struct message message = {
        .number = message_number(list->capture_count, frame->number),
        .time = frame->time / 1000,
        .source = datagram->source,
        .destination = datagram->destination,
        .is_broadcast = datagram->is_broadcast,
        .is_request = to_server && (take_all || !from_server),
        .length = datagram->length,
    };
    return append(list, &message, datagram);
}

/* A frame that could not be read counts if it may have been DHCP. */
static void note_damage(struct capture_summary *summary, const struct capture_frame *frame,
                        const struct datagram *datagram, const char *problem)
{
    bool has_ports = datagram->destination.port != 0;
    if (has_ports && !is_server_port(&datagram->destination) && !is_server_port(&datagram->source))
        return;
    if (summary->damaged++ == 0) {
        summary->first_damaged = frame->number;
        summary->first_problem = problem;
    }
}

static enum capture_status read_frames(struct message_list *list, struct capture_reader *reader,
                                       bool take_all, struct capture_summary *summary)
{
    struct fragments fragments = {0};
    struct capture_frame frame;
    enum capture_status status;
    while ((status = capture_next(reader, &frame)) == CAPTURE_OK) {
        struct datagram datagram;
        const char *problem = NULL;
        summary->frames = frame.number;
        enum frame_result result = datagram_find(&fragments, &frame, &datagram, &problem);
        if (result == FRAME_DAMAGED)
            note_damage(summary, &frame, &datagram, problem);
        if (result != FRAME_DATAGRAM || take_datagram(list, &frame, &datagram, take_all))
            continue;
        (void)snprintf(reader->problem, sizeof(reader->problem),
                       "frame %llu: more than %d DHCP messages or %d MiB, or out of memory",
                       (unsigned long long)frame.number, (int)MESSAGES_MAX,
                       (int)MESSAGES_BYTES_MAX / 1024 / 1024);
        status = CAPTURE_BAD;
        break;
    }
    summary->incomplete = fragments_end(&fragments);
    return status;
}

enum capture_status messages_read(struct message_list *list, struct capture_source source,
                                  bool take_all, struct capture_summary *out_summary)
{
    struct capture_reader reader;
    memset(out_summary, 0, sizeof(*out_summary));
    capture_open(&reader, source);
    out_summary->status = read_frames(list, &reader, take_all, out_summary);
    memcpy(out_summary->problem, reader.problem, sizeof(out_summary->problem));
    capture_close(&reader);
    list->capture_count++;
    return out_summary->status;
}

void messages_free(struct message_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->messages[i].packet);
    free(list->messages);
    memset(list, 0, sizeof(*list));
}
