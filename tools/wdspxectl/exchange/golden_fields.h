/*
 * Messages as flat lists of named values, made of a packet or of a golden file: what the comparison
 * works on. A field within others is named by its path: "43.6", "9.xid".
 */
#ifndef WDSPXECTL_EXCHANGE_GOLDEN_FIELDS_H
#define WDSPXECTL_EXCHANGE_GOLDEN_FIELDS_H

#include <jansson.h>

#include "capture/messages.h"

struct golden_field {
    char *path;
    char *name;
    char *value;    /* in words; NULL: the golden file does not tell */
    char *hex;      /* the same as bytes; NULL as well */
    bool has_parts; /* its parts follow, and are compared instead of it */
    bool is_matched;
};

struct golden_fields {
    size_t count;
    struct golden_field *fields;
    bool failed; /* memory was short: some are missing */
};

/* Takes a message apart. The result is to be freed in any case. */
void golden_fields_of_message(struct golden_fields *out_fields, const struct message *message);

/* The same of the "fields" of a reply in a golden file. NULL, or why they are none. */
const char *golden_fields_of_json(struct golden_fields *out_fields, const json_t *fields);

/* The first field of that path that has no match yet; NULL if there is none. */
struct golden_field *golden_fields_find(const struct golden_fields *fields, const char *path);

void golden_fields_free(struct golden_fields *fields);

#endif
