/* Tools of those that read a configuration. */
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEN_MAX 2048
#define PARTS_MAX 128

bool pointers_add(struct pointers *list, void *item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        void **items = realloc(list->items, capacity * sizeof(*items));

        if (items == NULL)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return true;
}

void reader_tell(struct reader *reader, const char *key, const char *problem)
{
    struct place place = reader->place;

    if (problem == NULL)
        return;
    place.key = key;
    problem_add(reader->problems, &place, problem);
}

char *reader_keep(struct reader *reader, const char *text)
{
    return arena_text(reader->arena, text, strlen(text));
}

uint32_t reader_seen(const struct reader *reader, const char *name)
{
    uint64_t hash = config_checksum((const uint8_t *)name, strlen(name));

    for (size_t i = 0; i < reader->seen_count; ++i) {
        if (reader->seen[i].name == hash)
            return reader->seen[i].line;
    }
    return 0;
}

/* More than there can be in a section that is right are not told apart. */
void reader_see(struct reader *reader, const char *name)
{
    if (reader->seen_count == reader->seen_capacity) {
        size_t capacity = reader->seen_capacity == 0 ? 32 : reader->seen_capacity * 2;
        struct seen_key *seen =
            capacity > SEEN_MAX ? NULL : realloc(reader->seen, capacity * sizeof(*seen));

        if (seen == NULL)
            return;
        reader->seen = seen;
        reader->seen_capacity = capacity;
    }
    reader->seen[reader->seen_count].name = config_checksum((const uint8_t *)name, strlen(name));
    reader->seen[reader->seen_count++].line = reader->place.line;
}

bool reader_is_meant(const struct reader *reader, const char *name)
{
    return reader->is_incomplete ||
           index_find(&reader->config->index, INDEX_MEANT, name, strlen(name)) != NULL;
}

static bool is_absolute(const char *path)
{
    return path[0] == '/' || path[0] == '\\' || (path[0] != '\0' && path[1] == ':');
}

static size_t folder_length(const char *path)
{
    size_t length = strlen(path);

    while (length > 0 && path[length - 1] != '/' && path[length - 1] != '\\')
        --length;
    return length;
}

static bool is_slash(char c)
{
    return c == '/' || c == '\\';
}

/* Takes "." and "name/.." out, in place, and has one kind of slash: a file has one name. */
static void clean_path(char *path, bool has_backslashes)
{
    char *parts[PARTS_MAX];
    size_t count = 0;
    char *out = path;

    for (char *at = path; has_backslashes && *at != '\0'; ++at)
        *at = *at == '/' ? '\\' : *at;
    for (const char *at = path; *at != '\0';) {
        const char *end = at + strcspn(at, "/\\");
        size_t length = (size_t)(end - at) + (*end != '\0');
        bool is_up = length == 3 && at[0] == '.' && at[1] == '.' && is_slash(at[2]);
        bool is_here = length == 2 && at[0] == '.' && is_slash(at[1]);

        if (is_up && count > 0) {
            out = parts[--count];
        } else if (!is_here) {
            bool is_name = length > 1 && !is_up && at[length - 2] != ':';

            if (is_name && count < PARTS_MAX)
                parts[count++] = out;
            else
                count = 0; /* what cannot be left by ".." */
            memmove(out, at, length);
            out += length;
        }
        at += length;
    }
    *out = '\0';
}

char *reader_path(struct reader *reader, const char *name)
{
    const char *here = reader->config->files[reader->file_number];
    size_t folder = is_absolute(name) ? 0 : folder_length(here);
    char *path = arena_get(reader->arena, folder + strlen(name) + 1);

    if (path != NULL) {
        memcpy(path, here, folder);
        memcpy(path + folder, name, strlen(name) + 1);
        clean_path(path, strchr(here, '\\') != NULL);
    }
    return path;
}

const char *reader_refer(struct reader *reader, enum reference_kind kind, const char *key,
                         struct layer *layer, struct menu_item *item, const char *name)
{
    struct reference *reference = arena_get(reader->arena, sizeof(*reference));

    if (*name == '\0')
        return "write the name of a section [group:...]";
    if (reference == NULL)
        return OUT_OF_MEMORY;
    *reference = (struct reference){.kind = kind, .layer = layer, .item = item};
    reference->name = reader_keep(reader, name);
    reference->place = reader->place;
    reference->place.key = key;
    if (reference->name == NULL || !pointers_add(&reader->references, reference))
        return OUT_OF_MEMORY;
    return NULL;
}

const char *reader_where(const struct reader *reader, uint16_t file_number, uint32_t line,
                         char out[300])
{
    if (file_number == reader->file_number)
        snprintf(out, 300, "line %lu", (unsigned long)line);
    else
        snprintf(out, 300, "line %lu of %s", (unsigned long)line,
                 reader->config->files[file_number]);
    return out;
}

const struct machine *reader_add_machine(struct reader *reader, enum index_kind kind,
                                         const uint8_t *key, size_t key_length,
                                         const struct machine *machine, const char *column,
                                         const struct machine *told)
{
    struct index *index = &reader->config->index;
    const struct machine *other = index_find(index, kind, key, key_length);
    struct place place = reader->place;
    char where[300];

    place.key = column;
    if (other != NULL) {
        if (told == NULL || told->line != other->line || told->file_number != other->file_number)
            problem_addf(reader->problems, &place,
                         "another section is for the same clients (%s); make one of the two",
                         reader_where(reader, other->file_number, other->line, where));
        return other;
    }
    struct machine *kept = arena_copy(reader->arena, machine, sizeof(*machine));
    if (kept == NULL || !index_add(index, kind, key, key_length, kept))
        problem_add(reader->problems, &place, OUT_OF_MEMORY);
    return NULL;
}
