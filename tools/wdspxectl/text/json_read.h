/*
 * Reads JSON text (RFC 8259) of bounded depth into a tree. Nothing is taken that the grammar does
 * not have, and the bytes must be UTF-8. Objects keep the order of their members.
 */
#ifndef WDSPXECTL_TEXT_JSON_READ_H
#define WDSPXECTL_TEXT_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JSON_DEPTH_MAX = 200,
    JSON_TEXT_MAX = 256 * 1024 * 1024, /* bytes */
};

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json_value {
    enum json_kind kind;
    bool boolean;
    bool is_integer; /* a number without sign, fraction and exponent that fits into `integer` */
    uint64_t integer;
    char *string;             /* of a string; without NUL characters inside */
    char *name;               /* of a member of an object, else NULL */
    size_t count;             /* of an array or object */
    struct json_value *items; /* the first of them; each is the next of the one before */
    struct json_value *next;
};

struct json_error {
    size_t line;      /* from 1 */
    size_t column;    /* from 1, in bytes */
    const char *text; /* a constant string */
};

/* False with out_error filled in; else *out_root is to be given to json_tree_free. */
bool json_tree_read(const char *bytes, size_t length, struct json_value **out_root,
                    struct json_error *out_error);

void json_tree_free(struct json_value *root);

/* The first member of that name; NULL if there is none, or `value` is NULL or no object. */
const struct json_value *json_member(const struct json_value *value, const char *name);

/* The string of such a member; NULL if there is none, or it is no string. */
const char *json_member_string(const struct json_value *value, const char *name);

/* The number of such a member; false if there is none, or it is no integer. */
bool json_member_integer(const struct json_value *value, const char *name, uint64_t *out_integer);

#endif
