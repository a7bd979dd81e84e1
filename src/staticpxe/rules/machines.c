/*
 * Machine lists: files of comma-separated values, with a header that names the columns mac, guid,
 * duid, name and section in any order. One machine a line.
 */
#include <stdio.h>
#include <string.h>

#include "answer/values/ini.h"
#include "reader.h"

#define COLUMNS_MAX 16

enum column { COLUMN_MAC, COLUMN_GUID, COLUMN_DUID, COLUMN_NAME, COLUMN_SECTION, COLUMN_COUNT };

static const char *const column_names[] = {"mac", "guid", "duid", "name", "section"};

/* A list's shape, and one of its lines. */
struct list {
    char separator;
    enum column columns[COLUMNS_MAX];
    size_t column_count;
    char *fields[COLUMN_COUNT]; /* of the line; NULL or empty: not there */
};

/* ---- fields ---- */

/* Cuts the first field off *rest, in place; quotes around it go, and two in it mean one. */
static const char *next_field(char **rest, char separator, char **out)
{
    char *at = *rest + strspn(*rest, " ");
    char *write = at;

    *out = at;
    if (*at != '"') {
        at += strcspn(at, (char[]){separator, '\0'});
        *rest = *at == '\0' ? NULL : at + 1;
        *at = '\0';
        *out = ini_trim(*out);
        return strchr(*out, '"') == NULL ? NULL
                                         : "a quote stands inside the field; quotes may only "
                                           "enclose a field";
    }
    for (++at; *at != '\0' && (at[0] != '"' || at[1] == '"'); ++at) {
        *write++ = *at;
        at += at[0] == '"';
    }
    if (*at == '\0')
        return "the closing quote is missing";
    *write = '\0';
    at += 1 + strspn(at + 1, " ");
    if (*at != '\0' && *at != separator)
        return "something stands behind the closing quote; a separator belongs there";
    *rest = *at == '\0' ? NULL : at + 1;
    return NULL;
}

static char find_separator(const char *header)
{
    if (strchr(header, ',') == NULL && strchr(header, ';') != NULL)
        return ';';
    if (strchr(header, ',') == NULL && strchr(header, '\t') != NULL)
        return '\t';
    return ',';
}

/* ---- the header ---- */

static const char *read_column(struct list *list, const char *name)
{
    size_t column = 0;

    while (column < COLUMN_COUNT && !ini_same(name, column_names[column]))
        ++column;
    if (column == COLUMN_COUNT)
        return "the first line names the columns: mac, guid, duid, name, section; one of them at "
               "least is mac, guid or duid";
    for (size_t i = 0; i < list->column_count; ++i) {
        if (list->columns[i] == column)
            return "the first line names a column twice; remove one";
    }
    list->columns[list->column_count++] = (enum column)column;
    return NULL;
}

static const char *read_header(struct list *list, char *line)
{
    bool has_key = false;

    list->separator = find_separator(line);
    for (char *field; line != NULL;) {
        const char *problem = next_field(&line, list->separator, &field);

        if (problem == NULL)
            problem = read_column(list, field);
        if (problem != NULL)
            return problem;
    }
    for (size_t i = 0; i < list->column_count; ++i)
        has_key = has_key || list->columns[i] <= COLUMN_DUID;
    return has_key ? NULL
                   : "no column tells which machine it is; the first line needs mac, guid or duid";
}

/* ---- a line ---- */

static const char *split_line(struct list *list, char *line)
{
    memset(list->fields, 0, sizeof(list->fields));
    for (size_t i = 0; line != NULL; ++i) {
        char *field;
        const char *problem = next_field(&line, list->separator, &field);

        if (problem != NULL)
            return problem;
        if (i >= list->column_count)
            return "the line has more fields than the first line names columns; put a field with a "
                   "comma in quotes";
        list->fields[list->columns[i]] = field;
    }
    return NULL;
}

static bool has_field(const struct list *list, enum column column)
{
    return list->fields[column] != NULL && list->fields[column][0] != '\0';
}

/* The group, by its name with or without "group:" before it. */
static const char *find_group(const struct reader *reader, char *name, const struct layer **out)
{
    if (ini_starts(name, "group:"))
        name += 6;
    ini_lower(name);
    *out = index_find(&reader->config->index, INDEX_GROUP, name, strlen(name));
    return *out != NULL || reader_is_meant(reader, name)
               ? NULL
               : "there is no section [group:...] of this name; write one";
}

struct identity {
    uint8_t bytes[VALUE_DUID_MAX];
    size_t length;
};

static const char *read_identity(enum column column, const char *text, struct identity *out)
{
    if (column == COLUMN_MAC) {
        out->length = VALUE_MAC_SIZE;
        return value_mac(text, out->bytes) == NULL
                   ? NULL
                   : "a MAC address has six bytes, such as 52-54-00-12-34-56";
    }
    if (column == COLUMN_GUID) {
        out->length = VALUE_GUID_SIZE;
        return value_guid(text, out->bytes) == NULL ? NULL
                                                    : "a GUID has 32 hexadecimal digits, such as "
                                                      "00112233-4455-6677-8899-aabbccddeeff";
    }
    return value_duid(text, out->bytes, &out->length) == NULL
               ? NULL
               : "a DUID has 3 to 130 bytes of two hexadecimal digits each, such as "
                 "00-03-00-01-52-54-00-12-34-56";
}

/* Adds the machine under each of its keys; a wrong one does not keep the others from being looked
 * at. */
static void add_keys(struct reader *reader, const struct list *list, struct machine *machine)
{
    static const enum index_kind kinds[] = {INDEX_MAC, INDEX_GUID, INDEX_DUID};
    const struct machine *told = NULL;

    for (enum column column = COLUMN_MAC; column <= COLUMN_DUID; ++column) {
        struct identity identity;

        if (!has_field(list, column))
            continue;
        const char *problem = read_identity(column, list->fields[column], &identity);
        uint8_t *key =
            problem != NULL ? NULL : arena_copy(reader->arena, identity.bytes, identity.length);
        if (key == NULL) {
            reader_tell(reader, column_names[column], problem != NULL ? problem : OUT_OF_MEMORY);
            continue;
        }
        if (column == COLUMN_MAC)
            machine->mac = key;
        const struct machine *other =
            reader_add_machine(reader, kinds[column], key, identity.length, machine,
                               column_names[column], told);
        told = other != NULL ? other : told;
    }
}

static void read_line(struct reader *reader, const struct list *list)
{
    struct machine machine = {.line = reader->place.line, .file_number = reader->file_number};

    if (!has_field(list, COLUMN_MAC) && !has_field(list, COLUMN_GUID) &&
        !has_field(list, COLUMN_DUID))
        reader_tell(reader, NULL, "the line has neither mac nor guid nor duid; write one");
    if (has_field(list, COLUMN_NAME)) {
        machine.name = reader_keep(reader, list->fields[COLUMN_NAME]);
        if (machine.name == NULL)
            reader_tell(reader, "name", OUT_OF_MEMORY);
    }
    if (has_field(list, COLUMN_SECTION))
        reader_tell(reader, "section",
                    find_group(reader, list->fields[COLUMN_SECTION], &machine.layer));
    add_keys(reader, list, &machine);
    ++reader->config->machine_count;
}

/* The next line with something on it, which is no comment. */
static char *next_content(struct reader *reader, char **text)
{
    char *line;

    while ((line = ini_next_line(text)) != NULL) {
        ++reader->place.line;
        line = ini_trim(line);
        if (line[0] != '\0' && line[0] != ';' && line[0] != '#')
            return line;
    }
    return NULL;
}

void machines_read(struct reader *reader, char *text)
{
    struct list list = {.separator = ','};
    char *line = next_content(reader, &text);

    if (line == NULL) {
        reader_tell(reader, NULL, "the list is empty; its first line names the columns");
        return;
    }
    const char *problem = read_header(&list, line);
    reader_tell(reader, NULL, problem);
    while (problem == NULL && (line = next_content(reader, &text)) != NULL) {
        const char *wrong = split_line(&list, line);

        if (wrong != NULL)
            reader_tell(reader, NULL, wrong);
        else
            read_line(reader, &list);
    }
}
