/*
 * An exchange as a ladder that people read: who sent what to whom when, every field and option of
 * it by number, name and value, and what came of it.
 */
#ifndef WDSPXECTL_EXCHANGE_LADDER_H
#define WDSPXECTL_EXCHANGE_LADDER_H

#include "exchange/exchange.h"

struct ladder {
    const struct exchange_list *list;
    bool is_brief; /* without fields and options */
    bool is_empty; /* nothing has been put yet: no blank line is needed between */
};

/* Appends lines, each with its line break. */
void ladder_put(struct ladder *ladder, struct text *out, const struct exchange *exchange);

/* Appends microseconds as seconds: "0.000000". */
void ladder_put_time(struct text *out, uint64_t microseconds);

/* Appends the type of a message in words, of client or server: "ACK", "RELAY-FORW (SOLICIT)". */
void message_put_type(struct text *out, const struct message *message);

/* Appends who sent it: MAC address and GUID as far as known, architecture; "unknown client". */
void message_put_client(struct text *out, const struct message *message);

/* Appends the boot file or URL that a server's message names; nothing if it names none. */
void message_put_boot_file(struct text *out, const struct message *message);

/* Appends "nbp, by staticpxe, 123.4 us", or why there was no answer. */
void exchange_put_outcome(struct text *out, const struct exchange *exchange);

#endif
