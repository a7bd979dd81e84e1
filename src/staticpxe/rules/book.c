#include "book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error_words.h"
#include "answer/values/ini.h"
#include "reader.h"

enum { SUCCESS = 0, NOT_ENOUGH_MEMORY = 8, INVALID_DATA = 13 }; /* of Windows */

enum { DHCP_SERVER_PORT = 67, DHCPV6_SERVER_PORT = 547 };

/* ---- lines ---- */

/* A comment behind a value would silently become part of it. NULL: there is none. */
static char *find_trailing_comment(char *value)
{
    bool is_after_blank = true;
    bool in_quotes = false;

    for (char *at = value; *at != '\0'; ++at) {
        if (is_after_blank && !in_quotes && (*at == ';' || *at == '#'))
            return at;
        is_after_blank = *at == ' ' || *at == '\t';
        in_quotes = in_quotes != (*at == '"');
    }
    return NULL;
}

#define NO_END "the ']' behind the section's name is missing; write [name]"
#define NO_START "the '[' before the section's name is missing; write [name]"
#define NO_COMMENT "there is no '='; a comment starts with ';', '#' is none"

/* A section begins by a line that is wrong by itself. `name` is cut at its end or a comment. */
static void read_wrong_section_line(struct reader *reader, const char *key, const char *problem,
                                    char *name, enum section_line line)
{
    section_end(reader);
    reader->place.section = NULL;
    reader_tell(reader, key, problem);
    name[strcspn(name, "];#")] = '\0';
    section_begin(reader, ini_trim(name), line);
}

static void read_section_line(struct reader *reader, char *line)
{
    char *end = strchr(line, ']');
    char *name = ini_trim(line + 1);

    if (end == NULL) {
        read_wrong_section_line(reader, NULL, NO_END, name, SECTION_LINE_TOLD);
        return;
    }
    section_end(reader);
    reader->place.section = NULL;
    char *behind = ini_trim(end + 1);
    *end = '\0';
    name = ini_trim(name);
    section_begin(reader, name, SECTION_LINE_GOOD);
    if (behind[0] != '\0' && behind[0] != ';' && behind[0] != '#')
        reader_tell(reader, NULL, "something stands behind the section's name; remove it");
}

static void read_key_line(struct reader *reader, char *line)
{
    char *equals = strchr(line, '=');

    reader->is_unsure = reader->is_unsure || reader->section.kind == SECTION_NONE;
    if (equals == NULL) {
        reader->section.is_unsure = true;
        reader_tell(reader, line,
                    line[0] == '#' ? NO_COMMENT
                                   : "there is no '='; write key=value, and ';' before a comment");
        return;
    }
    *equals = '\0';
    char *key = ini_trim(line);
    char *value = ini_trim(equals + 1);
    char *comment = find_trailing_comment(value);
    if (reader->section.kind == SECTION_NONE) {
        reader_tell(reader, key,
                    "this stands before the first section, where nothing counts; write [default], "
                    "or another section, above it");
        return;
    }
    if (comment != NULL) {
        reader_tell(reader, key,
                    "a comment needs a line of its own; put the value in quotes if the ';' or '#' "
                    "belongs to it");
        *comment = '\0';
        ini_trim(value);
    }
    if (comment == value)
        reader->section.is_unsure = true;
    else
        key_read(reader, key, value);
}

static bool is_section_without_bracket(const char *line)
{
    return line[strlen(line) - 1] == ']' && strpbrk(line, "=[") == NULL;
}

static void read_line(struct reader *reader, char *line)
{
    char *section = line + strspn(line, "# \t");

    if (line[0] == '\0' || line[0] == ';')
        return;
    if (line[0] == '[')
        read_section_line(reader, line);
    else if (line[0] == '#' && section[0] == '[')
        read_wrong_section_line(reader, line, NO_COMMENT, section + 1, SECTION_LINE_COMMENT);
    else if (is_section_without_bracket(line))
        read_wrong_section_line(reader, NULL, NO_START, line, SECTION_LINE_TOLD);
    else
        read_key_line(reader, line);
}

static void read_lines(struct reader *reader, char *text)
{
    char *line;

    reader->section.kind = SECTION_NONE;
    reader->section.is_unsure = false;
    while ((line = ini_next_line(&text)) != NULL) {
        ++reader->place.line;
        read_line(reader, ini_trim(line));
    }
    section_end(reader);
}

/* ---- files ---- */

static void tell_file_twice(struct reader *reader, const char *path, const struct place *namer,
                            const struct place *first)
{
    if (first == NULL)
        problem_addf(reader->problems, namer, "%s is the file that is read first; remove it here",
                     path);
    else if (ini_same(first->file, namer->file))
        problem_addf(reader->problems, namer, "%s is named twice, first in line %lu; remove one",
                     path, (unsigned long)first->line);
    else
        problem_addf(reader->problems, namer,
                     "%s is named twice, first in line %lu of %s; remove one", path,
                     (unsigned long)first->line, first->file);
}

/* `namer` is NULL for the main file, and stays. False: it is not to be read, which is told. */
static bool add_file(struct reader *reader, const char *path, const struct place *namer)
{
    struct static_config *config = reader->config;

    for (uint32_t i = 0; i < config->file_count; ++i) {
        if (ini_same(config->files[i], path)) {
            tell_file_twice(reader, path, namer, reader->namers[i]);
            return false;
        }
    }
    if (config->file_count == CONFIG_FILES_MAX) {
        if (!reader->has_too_many_files)
            problem_add(reader->problems, namer, "more than 64 files; put some together");
        reader->has_too_many_files = true;
        reader->is_incomplete = true;
        return false;
    }
    reader->file_number = (uint16_t)config->file_count;
    reader->namers[config->file_count] = namer;
    config->files[config->file_count++] = path;
    return true;
}

/* Reads a file into text, after it was added. Returns the system's error. */
static uint32_t read_text(struct reader *reader, const char *path, char **out_text,
                          const char **out_problem)
{
    const struct rules_port *port = reader->port;
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint32_t error = port->read_file(port->context, path, &bytes, &size);

    if (error != SUCCESS)
        return error;
    *out_problem = ini_decode(bytes, size, out_text);
    return SUCCESS;
}

static void read_text_file(struct reader *reader, char *text, bool is_machine_list)
{
    reader->place = (struct place){.file = reader->config->files[reader->file_number], .line = 0};
    if (is_machine_list)
        machines_read(reader, text);
    else
        read_lines(reader, text);
    free(text);
}

/* A file that another names; what is wrong with it is told where it is named. */
static void read_pending(struct reader *reader, const struct pending_file *file)
{
    const char *problem = NULL;
    char *text = NULL;

    if (!add_file(reader, file->path, &file->place))
        return;
    uint32_t error = read_text(reader, file->path, &text, &problem);
    reader->is_incomplete = reader->is_incomplete || error != SUCCESS || problem != NULL;
    if (error != SUCCESS)
        problem_addf(reader->problems, &file->place, "cannot read %s, error %lu%s", file->path,
                     (unsigned long)error, error_words(error));
    else if (problem != NULL)
        problem_addf(reader->problems, &file->place, "%s: %s", file->path, problem);
    else
        read_text_file(reader, text, file->is_machine_list);
}

/* Machine lists come last: they name groups of any file. */
static void read_all_pending(struct reader *reader, bool machine_lists)
{
    for (size_t i = 0; i < reader->files.count; ++i) {
        const struct pending_file *file = reader->files.items[i];

        if (file->is_machine_list == machine_lists)
            read_pending(reader, file);
    }
}

/* ---- the whole ---- */

static struct static_config *make_config(const struct rules_port *port)
{
    struct arena arena = {.port = *port};
    struct static_config *config = arena_get(&arena, sizeof(*config));

    if (config == NULL)
        return NULL;
    config->arena = arena;
    config->dhcp_port = DHCP_SERVER_PORT;
    config->dhcp6_port = DHCPV6_SERVER_PORT;
    return config;
}

static bool keep_rules(struct reader *reader)
{
    struct static_config *config = reader->config;
    size_t size = reader->rules.count * sizeof(*config->rules);

    config->rules = arena_copy(reader->arena, reader->rules.items, size);
    config->ordered_rule_count = (uint32_t)reader->rules.count;
    return config->rules != NULL;
}

/* Everything behind the main file's text. */
static uint32_t finish(struct reader *reader)
{
    struct static_config *config = reader->config;

    read_all_pending(reader, false);
    finish_references(reader);
    read_all_pending(reader, true);
    finish_sections(reader);
    config->server = reader->server;
    config->defaults = reader->defaults;
    if (reader->problems->count > 0)
        return INVALID_DATA;
    if (reader->arena->failed || !keep_rules(reader) ||
        !index_finish(&config->index, reader->arena))
        return NOT_ENOUGH_MEMORY;
    return SUCCESS;
}

static uint32_t read_main_file(struct reader *reader, const char *path)
{
    const char *problem = NULL;
    char *kept = reader_keep(reader, path);
    char *text = NULL;

    if (kept == NULL)
        return NOT_ENOUGH_MEMORY;
    add_file(reader, kept, NULL);
    uint32_t error = read_text(reader, kept, &text, &problem);
    if (error != SUCCESS)
        return error;
    reader->place.file = kept;
    if (problem != NULL) {
        reader_tell(reader, NULL, problem);
        return INVALID_DATA;
    }
    read_text_file(reader, text, false);
    return SUCCESS;
}

static void free_reader(struct reader *reader)
{
    free(reader->sections.items);
    free(reader->rules.items);
    free(reader->references.items);
    free(reader->files.items);
    free(reader->seen);
}

const struct static_config *config_read(const struct rules_port *port, const char *path,
                                        struct problem_list *problems, uint32_t *out_error)
{
    struct static_config *config = make_config(port);
    struct reader reader = {.port = port, .problems = problems, .config = config};

    *out_error = NOT_ENOUGH_MEMORY;
    if (config == NULL)
        return NULL;
    reader.arena = &config->arena;
    *out_error = read_main_file(&reader, path);
    if (*out_error == SUCCESS)
        *out_error = finish(&reader);
    problem_sort(problems);
    free_reader(&reader);
    if (*out_error != SUCCESS) {
        index_free(&config->index);
        arena_free(&config->arena);
        return NULL;
    }
    arena_seal(&config->arena);
    return config;
}

void config_release(const struct static_config *config)
{
    if (config != NULL)
        arena_free(&config->arena);
}
