/*
 * A DHCP message taken apart for people: one field after the other, each with its number, name and
 * value in words. Options within options follow the one that they are in, one level deeper.
 */
#ifndef WDSPXECTL_DECODE_FIELDS_H
#define WDSPXECTL_DECODE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/text.h"

enum {
    FIELD_DEPTH_MAX = 40, /* 32 relays, and what their innermost message nests */
    FIELD_ID_SIZE = 16,
};

enum field_kind {
    FIELD_HEADER, /* of the fixed part */
    FIELD_OPTION,
    FIELD_REMARK, /* no field: something is wrong here, which `value` tells */
};

struct field {
    enum field_kind kind;
    unsigned depth;
    char id[FIELD_ID_SIZE]; /* "xid", "53"; "" for a remark */
    const char *name;       /* "message type"; "" if the number has no name */
    const char *value;      /* "DISCOVER"; bytes in hex where nothing better is known */
    bool has_parts;         /* the next fields, one level deeper, are what is in it */
    const uint8_t *bytes;   /* as they are in the packet; NULL for a remark */
    size_t length;
};

/* Called for each field in the order of the packet; the field is valid during the call. */
typedef void (*field_visitor)(const struct field *field, void *context);

/* The bytes may be anything. False if memory was short: fields may be missing. */
bool fields4_visit(const uint8_t *packet, size_t length, field_visitor visit, void *context);
bool fields6_visit(const uint8_t *packet, size_t length, field_visitor visit, void *context);

/* ---- for decode/dhcp4.c and decode/dhcp6.c ---- */

struct field_writer {
    field_visitor visit;
    void *context;
    unsigned depth;
    bool failed;
    struct text value; /* of the next field */
};

/* Tells of one field; its value is what writer->value has, which is empty afterwards. */
void field_emit(struct field_writer *writer, enum field_kind kind, const char *id, const char *name,
                const uint8_t *bytes, size_t length, bool has_parts);
void field_emit_option(struct field_writer *writer, unsigned code, const char *name,
                       const uint8_t *bytes, size_t length, bool has_parts);
TEXT_PRINTF(2, 3) void field_emit_remark(struct field_writer *writer, const char *format, ...);

/*
 * The forms of values that need only the bytes. Each appends to `value` and returns true; or
 * returns false, and leaves it alone, if the bytes do not have that form.
 */
typedef bool (*value_form)(struct text *value, const uint8_t *bytes, size_t length);

bool form_empty(struct text *value, const uint8_t *bytes, size_t length);
bool form_hex(struct text *value, const uint8_t *bytes, size_t length);
bool form_string(struct text *value, const uint8_t *bytes, size_t length);
bool form_u8(struct text *value, const uint8_t *bytes, size_t length);
/* Least significant byte first: PXE 2.1 has two numbers "in Intel order". */
bool form_u16_intel(struct text *value, const uint8_t *bytes, size_t length);
bool form_u16(struct text *value, const uint8_t *bytes, size_t length);
bool form_u32(struct text *value, const uint8_t *bytes, size_t length);
bool form_s32(struct text *value, const uint8_t *bytes, size_t length);
bool form_u16_list(struct text *value, const uint8_t *bytes, size_t length);
bool form_yes_no(struct text *value, const uint8_t *bytes, size_t length);
bool form_seconds(struct text *value, const uint8_t *bytes, size_t length);
bool form_ipv4_list(struct text *value, const uint8_t *bytes, size_t length);
bool form_ipv6_list(struct text *value, const uint8_t *bytes, size_t length);
bool form_architectures(struct text *value, const uint8_t *bytes, size_t length);
bool form_undi(struct text *value, const uint8_t *bytes, size_t length);
bool form_domains(struct text *value, const uint8_t *bytes, size_t length);
bool form_duid(struct text *value, const uint8_t *bytes, size_t length);
/* Items with a length of two bytes in front; of one byte. */
bool form_items16(struct text *value, const uint8_t *bytes, size_t length);
bool form_items8(struct text *value, const uint8_t *bytes, size_t length);

/* Appends the name, if there is one; returns whether. */
bool put_name(struct text *value, const char *name);

/* Appends "3 (routers)", or the number alone if it has no name (NULL or ""). */
void put_named_number(struct text *value, unsigned number, const char *name);

/*
 * A list of pieces: `head` bytes each, of which the last `width` (0, 1 or 2) count the units of
 * `unit` bytes behind them. `put` appends one; between them stands the separator, NULL: ", ".
 */
struct pieces {
    size_t head, width, unit;
    void (*put)(struct text *value, const uint8_t *piece, size_t size);
    const char *separator;
};

/* The bytes of the first piece; 0 if there is none. Are the bytes a list that ends where it should?
 * If so, `put_pieces` appends it. */
size_t piece_size(const struct pieces *kind, const uint8_t *bytes, size_t length);
bool are_pieces(const struct pieces *kind, const uint8_t *bytes, size_t length);
bool put_pieces(const struct pieces *kind, struct text *value, const uint8_t *bytes, size_t length);

/* A link-layer address behind its hardware type: "Ethernet 52:54:00:77:00:01". */
void put_hardware_address(struct text *value, unsigned type, const uint8_t *bytes, size_t length);

/* An option as a table knows it. */
struct option_form {
    unsigned code;
    const char *name;
    value_form form;
};

/* The row of a table that is sorted by code; NULL if there is none. */
const struct option_form *option_form_find(const struct option_form *table, size_t count,
                                           unsigned code);

/* Appends the value by its form, or in hex if it has another. `row` may be NULL. */
void option_form_put(struct text *value, const struct option_form *row, const uint8_t *bytes,
                     size_t length);

#endif
