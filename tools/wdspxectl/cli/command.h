/*
 * Command lines, driven by tables: a tree of commands, each with its positional arguments and
 * options. The same tables make the help texts, so the two cannot disagree.
 */
#ifndef WDSPXECTL_CLI_COMMAND_H
#define WDSPXECTL_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/file.h"
#include "cli/output.h"

enum {
    ARGUMENT_OPTIONS_MAX = 40,
    ARGUMENT_REPEAT_MAX = 32, /* of one option that may be given several times */
};

/* As positional.maximum of a command that takes any number. */
#define ARGUMENT_POSITIONAL_ANY SIZE_MAX

enum option_kind {
    OPTION_FLAG,   /* --name */
    OPTION_TEXT,   /* --name VALUE or --name=VALUE; VALUE not empty */
    OPTION_NUMBER, /* the same; a decimal number within minimum..maximum */
};

struct option_spec {
    const char *name; /* without the dashes; NULL ends a table */
    enum option_kind kind;
    bool repeatable;
    uint32_t minimum;
    uint32_t maximum;
    const char *value_name; /* for the help; NULL for a flag */
    const char *help;
};

/* Rows of such a table: given once, given several times, within limits. */
#define FLAG_OPTION(name, help) {name, OPTION_FLAG, false, 0, 0, NULL, help}
#define TEXT_OPTION(name, value, help) {name, OPTION_TEXT, false, 0, 0, value, help}
#define TEXTS_OPTION(name, value, help) {name, OPTION_TEXT, true, 0, 0, value, help}
#define NUMBER_OPTION(name, minimum, maximum, value, help)                                         \
    {name, OPTION_NUMBER, false, minimum, maximum, value, help}

/* What was given for one option of the table. */
struct option_value {
    size_t times;
    const char *texts[ARGUMENT_REPEAT_MAX];
    uint32_t number; /* of the last one, kind OPTION_NUMBER */
};

struct command;

struct arguments {
    const struct command *command;
    size_t positional_count;
    const char **positional;                           /* behind the last one: NULL */
    struct paths patterns_matched;                     /* owns what patterns were replaced by */
    struct option_value options[ARGUMENT_OPTIONS_MAX]; /* same order as the table */
};

struct command {
    const char *name;    /* NULL ends a table */
    const char *usage;   /* what follows the names: "NAME DLL [options]" */
    const char *summary; /* one line */
    const char *details; /* more lines for its own help, each ending in \n; may be NULL */
    const struct command *subcommands; /* NULL for a command that does something */
    const struct option_spec *options; /* NULL: none */
    struct {
        size_t minimum, maximum;
    } positional;
    bool takes_files; /* positional arguments are paths: `*` and `?` in their last part are patterns
                       */
    bool is_hidden;   /* not for people: no help mentions it */
    enum exit_code (*run)(const struct arguments *arguments); /* NULL for a group */
};

/*
 * Finds the command that the words name, checks its arguments and runs it; or shows the help that
 * was asked for; or says on standard error what is wrong and where to look.
 *   root   the whole program
 *   words  the arguments without the program's name
 */
enum exit_code command_run(const struct command *root, size_t count, char *const *words);

/*
 * One line to standard error: "<the command's names>: <message>; see ...--help". Returns
 * EXIT_CODE_USAGE. For mistakes that the tables cannot express.
 */
TEXT_PRINTF(1, 2)
enum exit_code usage_error(const char *format, ...);

/*
 * What was given for the option of that name, which the command's table must have: a name that it
 * has not ends the program.
 */
const struct option_value *option_values(const struct arguments *arguments, const char *name);
bool option_given(const struct arguments *arguments, const char *name);

/* The number of an option, or what it is if it was not given. */
uint32_t option_number(const struct arguments *arguments, const char *name, uint32_t otherwise);

/* The text of an option, the first if it may be given several times; NULL: it was not given. */
const char *option_text(const struct arguments *arguments, const char *name);

/* For commands whose one option is --json: of a line, which may be a list, or of one object. */
extern const struct option_spec json_options[];
extern const struct option_spec json_object_options[];

/* A word that somebody may give, and what it stands for. */
struct choice {
    const char *word; /* NULL ends a table */
    uint16_t value;
};

/* The row of a word; the first one for NULL, which is what it is without. NULL: it is none. */
const struct choice *choice_find(const struct choice *choices, const char *word);

/* Reads a decimal number without sign; false if it is none or outside minimum..maximum. */
bool number_parse(const char *string, uint32_t minimum, uint32_t maximum, uint32_t *out_number);

#endif
