/* What the parts that read a configuration share. Not for whoever uses one. */
#ifndef STATICPXE_RULES_READER_H
#define STATICPXE_RULES_READER_H

#include "answer/values/options.h"
#include "book.h"

#define OUT_OF_MEMORY "there is not enough memory for it"

enum section_kind {
    SECTION_NONE,  /* before the first section */
    SECTION_WRONG, /* its name is wrong: what it has is not looked at */
    SECTION_SERVER,
    SECTION_DEFAULT,
    SECTION_ARCH,
    SECTION_MACHINE,
    SECTION_RULE,
    SECTION_GROUP,
    SECTION_MENU,
};

struct menu_draft {
    struct menu *menu;
    struct menu_item items[MENU_ITEMS_MAX];
    uint32_t item_count;
};

/* The section that is being read, and what its lines fill. */
struct section {
    enum section_kind kind;
    char *name;
    uint32_t line;
    struct layer *layer;
    struct conditions *conditions; /* of a rule, else NULL */
    uint64_t seen_keys;            /* bit n: the table's key n was there */
    struct option_draft options;
    struct option_draft ipxe_options;
    struct option_draft options6;
    struct menu_draft menu;
};

struct pointers {
    void **items;
    size_t count;
    size_t capacity;
};

/* A section that is read, for the checks at the end. */
struct known_section {
    enum section_kind kind;
    struct layer *layer;
};

/* A name of another section, which may come later in the files. */
enum reference_kind { REFERENCE_USE, REFERENCE_THEN, REFERENCE_MENU, REFERENCE_ITEM };

struct reference {
    enum reference_kind kind;
    struct layer *layer;    /* USE, THEN, MENU */
    struct menu_item *item; /* ITEM */
    char *name;
    struct place place;
};

/* A file that is to be read. */
struct pending_file {
    char *path;
    struct place place; /* who names it */
    bool is_machine_list;
};

struct reader {
    const struct rules_port *port;
    struct problem_list *problems;
    struct static_config *config;
    struct arena *arena; /* config->arena */
    struct place place;  /* of the line that is being read */
    uint16_t file_number;
    struct layer *server;   /* not const here */
    struct layer *defaults; /* the same */
    struct section section;
    struct pointers sections;   /* struct known_section */
    struct pointers rules;      /* struct rule */
    struct pointers references; /* struct reference */
    struct pointers files;      /* struct pending_file */
};

/* ---- tools ---- */

bool pointers_add(struct pointers *list, void *item);

/* Tells a mistake in the line that is being read. NULL problem: there is none. */
void reader_tell(struct reader *reader, const char *key, const char *problem);

/* A copy that lives as long as the configuration; NULL: no memory. */
char *reader_keep(struct reader *reader, const char *text);

/* The full path of a file that the current one names. */
char *reader_path(struct reader *reader, const char *name);

/* Remembers a name of another section; `item` or `layer` gets what it means in the end. */
const char *reader_refer(struct reader *reader, enum reference_kind kind, const char *key,
                         struct layer *layer, struct menu_item *item, const char *name);

/* "line 3", or "line 3 of other.ini" if that is another file. */
const char *reader_where(const struct reader *reader, uint16_t file_number, uint32_t line,
                         char out[300]);

/*
 * Adds a machine under one of its keys. `key` must live as long as the configuration.
 * Tells it if somebody else has that key.
 */
void reader_add_machine(struct reader *reader, enum index_kind kind, const uint8_t *key,
                        size_t key_length, const struct machine *machine, const char *column);

/* ---- parts ---- */

/* A section begins or ends; then its lines. `value` is cut into pieces. */
void section_begin(struct reader *reader, char *name);
void section_end(struct reader *reader);
void key_read(struct reader *reader, const char *key, char *value);

/* A key of a [menu:NAME] section, and what is to be done at its end. */
const char *menu_read_key(struct reader *reader, const char *key, char *value);
const char *menu_finish(struct reader *reader);

/* The text of a machine list; it is cut into pieces. */
void machines_read(struct reader *reader, char *text);

/* Resolves the names, then checks what only shows when everything is read. */
void finish_references(struct reader *reader);
void finish_sections(struct reader *reader);

#endif
