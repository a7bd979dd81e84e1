/*
 * Writes one record as JSON or as text, from one description. Each member is told once: its name in
 * JSON, its value, and its words in the text. Words have a % where the value stands; %20 pads it to
 * 20 characters. What has no words (NULL) is in JSON only, and what `say` says is in the text only.
 *
 *     write_number(writer, "index", 3, "%. ");
 *     write_string(writer, "name", "staticpxe", "%");
 *     say(writer, ", running");
 *
 * gives "index":3,"name":"staticpxe" or: 3. staticpxe, running
 *
 * A text has line breaks where words have them, and where `say_break` is called. Other control
 * characters are shown as \xNN or \uNNNN: they would forge lines. Items of lists have no name
 * (NULL).
 *
 * JSON (RFC 8259) is on one line or indented. The caller keeps the nesting right; the writer sets
 * the commas and escapes the strings, in which a lone surrogate becomes U+FFFD: JSON text is
 * Unicode.
 */
#ifndef WDSPXECTL_TEXT_WRITER_H
#define WDSPXECTL_TEXT_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "text/text.h"

struct writer {
    struct text text; /* what was written; its `failed` member tells of lost memory */
    bool as_json;
    bool is_indented;
    bool needs_comma;
    unsigned depth;      /* how many objects and lists are open */
    unsigned flat_depth; /* what lies deeper stands on one line; 0: nothing does */
};

/* Starts empty. */
void writer_start(struct writer *writer, bool as_json);

/* JSON for files that people read: members and items stand on lines of their own. */
void writer_start_indented(struct writer *writer);

void writer_free(struct writer *writer);

/* Starts, and begins an object whose first member is "event". */
void writer_start_event(struct writer *writer, bool as_json, const char *event);

/* Objects and lists of JSON; a text has no such thing. `name` as above. */
void write_begin(struct writer *writer, const char *name);
void write_end(struct writer *writer);
void write_begin_list(struct writer *writer, const char *name);
void write_end_list(struct writer *writer);

/* From here on what is in the present object or list stands on one line, until it is closed. */
void write_flat(struct writer *writer);

/* NULL is null in JSON, and in the text nothing, not even the words. */
void write_string(struct writer *writer, const char *name, const char *string, const char *words);

/* The same, but the text has `otherwise` for NULL. */
void write_string_or(struct writer *writer, const char *name, const char *string,
                     const char *otherwise, const char *words);

/* A string that was made; an empty one is as NULL is. */
void write_text(struct writer *writer, const char *name, const struct text *string,
                const char *words);

void write_number(struct writer *writer, const char *name, uint64_t number, const char *words);

/* With three decimals: 1500 is 1.500. */
void write_thousandths(struct writer *writer, const char *name, uint64_t number, const char *words);

/* true or false; in the text yes or no. */
void write_bool(struct writer *writer, const char *name, bool value, const char *words);

void write_null(struct writer *writer, const char *name);

/* Text only, printf-style. */
TEXT_PRINTF(2, 3) void say(struct writer *writer, const char *format, ...);
void say_break(struct writer *writer);

#endif
