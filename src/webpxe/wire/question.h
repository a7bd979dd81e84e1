/*
 * The question that a web service is asked: who boots, as JSON. docs/webpxe/question.schema.json
 * describes it. Portable, no state; any thread.
 */
#ifndef WEBPXE_WIRE_QUESTION_H
#define WEBPXE_WIRE_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/facts.h"

#define QUESTION_VERSION 1

/* What a question is made of. */
struct question_source {
    const struct client_facts *facts;
    const uint8_t *message; /* the client's own, without relays around it; that facts are of */
    size_t length;
    struct fact_address server; /* our address that the request came to */
    uint16_t port;              /* and its port, host order */
    bool is_first;              /* it looks for a boot server, and will ask again for its file */
};

struct question_text {
    char *key;   /* what two questions of one machine in one step have in common */
    char *body;  /* JSON, UTF-8 */
    size_t size; /* of body, in bytes */
};

/* False: no memory. Released with question_text_free. */
bool question_write(const struct question_source *source, struct question_text *out);
void question_text_free(struct question_text *text);

#endif
