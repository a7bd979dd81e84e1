/*
 * Writes one JSON value (RFC 8259), on one line or indented. The caller keeps the nesting right;
 * the writer sets the commas and escapes the strings.
 */
#ifndef WDSPXECTL_TEXT_JSON_H
#define WDSPXECTL_TEXT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "text/text.h"

struct json {
    struct text *out; /* borrowed; its `failed` member tells of lost memory */
    bool needs_comma;
    bool after_key;
    bool is_indented;
    unsigned depth;
    unsigned flat_depth; /* what lies deeper stands on one line; 0: nothing does */
};

/* A writer that appends to `out`. */
struct json json_start(struct text *out);

/* The same for files that people read: members and items stand on lines of their own. */
struct json json_start_indented(struct text *out);

/* From here on what is in the present object or array stands on one line, until it is closed. */
void json_flatten(struct json *json);

void json_begin_object(struct json *json);
void json_end_object(struct json *json);
void json_begin_array(struct json *json);
void json_end_array(struct json *json);

/* The name of the next member of an object. */
void json_key(struct json *json, const char *name);

/* A string; NULL is written as null. A lone surrogate becomes U+FFFD: JSON text is Unicode. */
void json_text(struct json *json, const char *string);
void json_number(struct json *json, uint64_t number);
/* A number with three decimals: `thousandths` 1500 is written 1.500. */
void json_thousandths(struct json *json, uint64_t thousandths);
void json_bool(struct json *json, bool value);
void json_nothing(struct json *json);

#endif
