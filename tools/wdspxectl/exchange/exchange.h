/*
 * What came of one request on the test bench: replies, decision, how long the callbacks took, and
 * the rules that were broken. Plain data, filled by replay and read by everything that prints.
 */
#ifndef WDSPXECTL_EXCHANGE_EXCHANGE_H
#define WDSPXECTL_EXCHANGE_EXCHANGE_H

#include "capture/messages.h"
#include "capture/server_address.h"
#include "text/text.h"

enum {
    EXCHANGE_REPLIES_MAX = 64, /* more are counted, not kept */
    EXCHANGE_CALLS_MAX = 64,   /* more are left out, as more findings are */
    EXCHANGE_FINDINGS_MAX = 64,
};

struct exchange_reply {
    struct message message; /* from one of our addresses; without number and time */
    const char *provider;
};

/* One call of a provider's receive callback. */
struct exchange_call {
    const char *provider;
    uint64_t nanoseconds;
};

struct finding {
    uint64_t number; /* of the request; 0: of none */
    unsigned rule;
    const char *rule_name;
    const char *provider; /* NULL: not known */
    const char *call;
    const char *text; /* one line */
    bool needs_reproducer;
    const char *reproducer; /* the capture that was written for it; NULL: none. Of findings that
                                  an exchange keeps, it and the text are its own copies. */
};

/* A finding with the memory of its strings. */
struct exchange_finding {
    struct finding finding;
    char *text;
    char *reproducer;
};

struct exchange {
    const struct message *request;
    struct endpoint local; /* at which address of ours it was heard */
    enum address_origin origin;
    uint64_t time;  /* microseconds since the first request of its capture */
    uint64_t clock; /* what the server's clock shows then; rises from capture to capture */
    bool is_asked;
    bool has_ended;
    const char *repair; /* what was done to the request before providers got it; NULL: nothing */
    struct message repaired; /* the request as they got it; packet NULL: as it is */
    const char *provider;    /* who decided; NULL: nobody */
    const char *action;      /* "nbp" and so on; NULL before the end and for unknown ones */
    const char *no_answer;   /* why nobody answered; NULL if a reply was sent */
    uint64_t nanoseconds;    /* that the callbacks took, all together */
    size_t reply_count;      /* of those that are kept */
    size_t more_replies;     /* that were sent, too, and are not kept */
    size_t call_count;
    size_t finding_count;
    struct exchange_reply *replies;
    struct exchange_call *calls;
    struct exchange_finding *findings;
};

/* Strings that live as long as the pool, each kept once. */
struct string_pool {
    size_t count;
    char **strings;
};

struct exchange_list {
    size_t count;
    struct exchange *exchanges; /* in the order of the requests */
    char **capture_names;       /* file names without folder, by the captures' numbers */
    struct string_pool strings;
};

/* A copy to be freed; NULL if memory is short. */
char *string_copy(const char *string);

/* The same string for ever; NULL for NULL, and if memory is short. */
const char *string_pool_keep(struct string_pool *pool, const char *string);

/* Each returns false if memory is short; over the limits nothing is kept, and replies are counted.
 */
bool exchange_keep_repaired(struct exchange *exchange, const uint8_t *packet, size_t length);
bool exchange_add_reply(struct exchange *exchange, const struct exchange_reply *reply);
bool exchange_add_call(struct exchange *exchange, const char *provider, uint64_t nanoseconds);
bool exchange_add_finding(struct exchange *exchange, const struct finding *finding);

/* The request as providers got it; NULL: as it came in. */
const struct message *exchange_repaired(const struct exchange *exchange);

/* By the number of the request; NULL if there is none. */
struct exchange *exchanges_find(const struct exchange_list *list, uint64_t number);

/* The file name of the capture that a number belongs to; "?" if there is none. */
const char *exchanges_capture_name(const struct exchange_list *list, uint64_t number);

/* Appends "frame 7", or "menu.pcap frame 7" if there are several captures. */
void exchanges_put_frame(const struct exchange_list *list, struct text *text, uint64_t number);

/* Everything but the messages, which belong to their own list. */
void exchanges_free(struct exchange_list *list);

#endif
