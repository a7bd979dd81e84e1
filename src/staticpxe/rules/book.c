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

/* A comment behind a value would silently become part of it. */
static const char *find_trailing_comment(const char *value)
{
    if (value[0] == '"')
        return NULL; /* value_text finds anything behind the closing quote */
    for (; *value != '\0'; ++value) {
        if ((value[0] == ' ' || value[0] == '\t') && (value[1] == ';' || value[1] == '#'))
            return "a comment needs a line of its own; put the value in quotes if the ';' or '#' "
                   "belongs to it";
    }
    return NULL;
}

static void read_section_line(struct reader *reader, char *line)
{
    char *end = strchr(line, ']');
    char *name = ini_trim(line + 1);

    section_end(reader);
    reader->place.section = NULL;
    reader->section.kind = SECTION_WRONG;
    if (end == NULL) {
        reader_tell(reader, NULL, "the ']' behind the section's name is missing; write [name]");
        return;
    }
    char *behind = ini_trim(end + 1);
    *end = '\0';
    name = ini_trim(name);
    section_begin(reader, name);
    if (behind[0] != '\0' && behind[0] != ';' && behind[0] != '#')
        reader_tell(reader, NULL, "something stands behind the section's name; remove it");
}

static void read_key_line(struct reader *reader, char *line)
{
    char *equals = strchr(line, '=');
    const char *problem;

    if (equals == NULL) {
        reader_tell(reader, line,
                    line[0] == '#' ? "there is no '='; a comment starts with ';', '#' is none"
                                   : "there is no '='; write key=value, and ';' before a comment");
        return;
    }
    *equals = '\0';
    char *key = ini_trim(line);
    char *value = ini_trim(equals + 1);
    problem = find_trailing_comment(value);
    if (reader->section.kind == SECTION_NONE)
        problem = "this stands before the first section, where nothing counts; write [default], or "
                  "another section, above it";
    if (problem != NULL)
        reader_tell(reader, key, problem);
    else
        key_read(reader, key, value);
}

static void read_lines(struct reader *reader, char *text)
{
    char *line;

    reader->section.kind = SECTION_NONE;
    while ((line = ini_next_line(&text)) != NULL) {
        ++reader->place.line;
        line = ini_trim(line);
        if (line[0] == '[')
            read_section_line(reader, line);
        else if (line[0] != '\0' && line[0] != ';' && reader->section.kind != SECTION_WRONG)
            read_key_line(reader, line);
    }
    section_end(reader);
}

/* ---- files ---- */

uint64_t config_checksum(const uint8_t *bytes, size_t size)
{
    uint64_t hash = 14695981039346656037U; /* FNV-1a */

    for (size_t i = 0; i < size; ++i)
        hash = (hash ^ bytes[i]) * 1099511628211U;
    return hash;
}

static const char *add_file(struct reader *reader, const char *path)
{
    struct static_config *config = reader->config;

    if (config->file_count == CONFIG_FILES_MAX)
        return "more than 64 files; put some together";
    for (uint32_t i = 0; i < config->file_count; ++i) {
        if (ini_same(config->files[i], path))
            return "the file is included twice; remove one";
    }
    reader->file_number = (uint16_t)config->file_count;
    config->files[config->file_count++] = path;
    return NULL;
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
    const char *problem = add_file(reader, file->path);
    char *text = NULL;
    uint32_t error =
        problem == NULL ? read_text(reader, file->path, &text, &problem) : (uint32_t)SUCCESS;

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
    add_file(reader, kept);
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
