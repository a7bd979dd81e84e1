/* What the parts that read a configuration share. Not for whoever uses one. */
#ifndef STATICPXE_RULES_READER_H
#define STATICPXE_RULES_READER_H

#include "answer/values/options.h"
#include "book.h"

#define OUT_OF_MEMORY "there is not enough memory for it"

enum section_kind {
    SECTION_NONE,  /* before the first section */
    SECTION_WRONG, /* nobody knows what is meant: its keys may be those of any section */
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
    bool has_too_many;
};

/* The section that is being read, and what its lines fill. */
struct section {
    enum section_kind kind;
    char *name;
    uint32_t line;
    struct layer *layer;
    struct conditions *conditions; /* of a rule, else NULL */
    bool is_discarded;             /* its name is wrong or taken; its lines are looked at */
    bool is_unsure;                /* a line of it says nothing, so what is missing may be there */
    struct option_draft options;
    struct option_draft ipxe_options;
    struct option_draft options6;
    struct menu_draft menu;
};

/* A key that the section has, by a hash of its name. */
struct seen_key {
    uint64_t name;
    uint32_t line;
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
    struct seen_key *seen; /* of the section */
    size_t seen_count;
    size_t seen_capacity;
    /* Mistakes that others may follow from; these are not told. */
    bool is_incomplete; /* a file is not there, or one too many */
    bool is_unsure;     /* lines outside of the sections that they are meant for */
    bool has_too_many_files;
    const struct place *namers[CONFIG_FILES_MAX]; /* who names each file; NULL: the main one */
    struct pointers sections;                     /* struct known_section */
    struct pointers rules;                        /* struct rule */
    struct pointers references;                   /* struct reference */
    struct pointers files;                        /* struct pending_file */
};

/* ---- tools ---- */

bool pointers_add(struct pointers *list, void *item);

/* Tells a mistake in the line that is being read. NULL problem: there is none. */
void reader_tell(struct reader *reader, const char *key, const char *problem);

/* A copy that lives as long as the configuration; NULL: no memory. */
char *reader_keep(struct reader *reader, const char *text);

/* Remembers a key of the section; the line where it was remembered, or 0. */
void reader_see(struct reader *reader, const char *name);
uint32_t reader_seen(const struct reader *reader, const char *name);

/*
 * A name of a section that there is not: it may be one whose own name is wrong, or in a file that
 * is not there. That is told there.
 */
bool reader_is_meant(const struct reader *reader, const char *name);

/* The full path of a file that the current one names, without "." and "..". */
char *reader_path(struct reader *reader, const char *name);

/* Remembers a name of another section; `item` or `layer` gets what it means in the end. */
const char *reader_refer(struct reader *reader, enum reference_kind kind, const char *key,
                         struct layer *layer, struct menu_item *item, const char *name);

/* "line 3", or "line 3 of other.ini" if that is another file. */
const char *reader_where(const struct reader *reader, uint16_t file_number, uint32_t line,
                         char out[300]);

/*
 * Adds a machine under one of its keys. `key` must live as long as the configuration.
 * Tells it if somebody else has that key; returns that one. Not again of `told`.
 */
const struct machine *reader_add_machine(struct reader *reader, enum index_kind kind,
                                         const uint8_t *key, size_t key_length,
                                         const struct machine *machine, const char *column,
                                         const struct machine *told);

/* ---- parts ---- */

/*
 * A section begins or ends; then its lines. `value` is cut into pieces. Of a section whose line is
 * told already a wrong name is not told as well; one behind a '#' is none, its lines are looked at.
 */
enum section_line { SECTION_LINE_GOOD, SECTION_LINE_TOLD, SECTION_LINE_COMMENT };
void section_begin(struct reader *reader, char *name, enum section_line line);
void section_end(struct reader *reader);
void key_read(struct reader *reader, const char *key, char *value);

/* A key of a [menu:NAME] section, and what is to be done at its end. */
const char *menu_read_key(struct reader *reader, const char *key, char *value, bool *out_known);
bool menu_knows_key(const char *key);
const char *menu_finish(struct reader *reader);

/* The text of a machine list; it is cut into pieces. */
void machines_read(struct reader *reader, char *text);

/* Resolves the names, then checks what only shows when everything is read. */
void finish_references(struct reader *reader);
void finish_sections(struct reader *reader);

#endif
