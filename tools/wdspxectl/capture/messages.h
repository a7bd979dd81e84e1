/*
 * The DHCP messages of captures: what clients asked, and what the servers of the capture answered.
 * They are kept in memory, because a request may be asked many times, and because a later answer
 * tells at which address an earlier broadcast was heard.
 */
#ifndef WDSPXECTL_CAPTURE_MESSAGES_H
#define WDSPXECTL_CAPTURE_MESSAGES_H

#include "capture/frame.h"
#include "decode/facts.h"
#include "decode/fields.h"

enum {
    MESSAGES_MAX = 1000000,
    MESSAGES_BYTES_MAX = 512 * 1024 * 1024, /* of payload */

    PORT_DHCP_SERVER = 67,
    PORT_DHCP_CLIENT = 68,
    PORT_DHCP6_CLIENT = 546,
    PORT_DHCP6_SERVER = 547,
    PORT_BOOT_SERVER = 4011,
};

struct message {
    /*
     * Of the capture in the high 24 bits, from 0; of the frame in the others, from 1. So in the
     * first capture it is the frame's number. Rises along the list.
     */
    uint64_t number;
    uint64_t time; /* microseconds; as in the capture */
    struct endpoint source;
    struct endpoint destination;
    bool is_broadcast;
    bool is_request; /* for a server to answer; else: an answer of a server */
    uint8_t *packet;
    size_t length;
};

/* One field after the other; false if memory was short: some may be missing. */
bool message_fields(const struct message *message, field_visitor visit, void *context);

/* What a request tells about its sender. */
void message_facts(const struct message *message, struct request_facts *out_facts);

struct message_list {
    size_t count;
    size_t bytes;
    unsigned capture_count;
    struct message *messages;
};

/* How the reading of one capture went. */
struct capture_summary {
    uint64_t frames;
    uint64_t damaged; /* frames that may have been for us, but could not be read */
    uint64_t first_damaged;
    const char *first_problem;
    uint64_t incomplete;        /* datagrams of which fragments are missing */
    enum capture_status status; /* CAPTURE_END, or how it ended early */
    char problem[CAPTURE_PROBLEM_SIZE];
};

uint64_t message_number(unsigned capture, uint64_t frame);
unsigned message_capture(uint64_t number);
uint64_t message_frame(uint64_t number);

/*
 * Adds the messages of one more capture.
 *   take_all   what servers sent to a server port (relayed answers) counts as request too
 * Returns out_summary->status. With CAPTURE_BAD what was read before the damage is in the list; it
 * is also the answer when the list would get too large, or memory is short.
 */
enum capture_status messages_read(struct message_list *list, struct capture_source source,
                                  bool take_all, struct capture_summary *out_summary);

void messages_free(struct message_list *list);

#endif
