/*
 * A run as one HTML page that needs nothing beside it: numbers, findings, per client a ladder
 * diagram, and every packet taken apart, to be unfolded. No script runs in it.
 */
#ifndef WDSPXECTL_EXCHANGE_REPORT_H
#define WDSPXECTL_EXCHANGE_REPORT_H

#include "exchange/exchange.h"
#include "exchange/tally.h"

enum { REPORT_EXCHANGES_MAX = 2000 }; /* more would make a page that no browser likes */

struct report {
    const char *title;   /* of the provider, mostly */
    const char *version; /* of the program */
    const struct exchange_list *list;
    uint64_t asked;
    uint64_t answered;
    uint64_t ignored;
    uint64_t unanswered;
    uint64_t replies;
    uint64_t findings;
    uint64_t differences; /* from the golden file */
    bool has_golden;
    size_t tally_count;
    const struct finding_tally *tallies;
    size_t timing_count;
    const struct provider_timing *timings;
};

/* Takes the page piece by piece. */
struct report_sink {
    void (*put)(const struct text *piece, void *context);
    void *context;
};

/* False if memory was short: the page is not whole. */
bool report_write(const struct report *report, const struct report_sink *sink);

/* ---- for the parts of the page ---- */

/* Exchanges of one client, as indexes into the list, in its order. */
struct report_client {
    const struct exchange_list *list;
    size_t count;
    const size_t *exchanges;
};

/* The diagram. */
void report_put_ladder(struct text *out, const struct report_client *client);

/* The packets of one exchange; the ids are those that the diagram refers to. */
void report_put_exchange(struct text *out, const struct exchange_list *list, size_t exchange_index);

/* Appends the id of a packet: request 0, replies from 1. */
void report_put_id(struct text *out, size_t exchange_index, size_t packet);

#endif
