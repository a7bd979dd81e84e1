/* Tools of those that read a configuration. */
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

char *reader_path(struct reader *reader, const char *name)
{
    const char *here = reader->config->files[reader->file_number];
    size_t folder = is_absolute(name) ? 0 : folder_length(here);
    char *path = arena_get(reader->arena, folder + strlen(name) + 1);

    if (path != NULL) {
        memcpy(path, here, folder);
        memcpy(path + folder, name, strlen(name) + 1);
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

void reader_add_machine(struct reader *reader, enum index_kind kind, const uint8_t *key,
                        size_t key_length, const struct machine *machine, const char *column)
{
    struct index *index = &reader->config->index;
    const struct machine *other = index_find(index, kind, key, key_length);
    struct place place = reader->place;
    char where[300];

    place.key = column;
    if (other != NULL) {
        problem_addf(reader->problems, &place,
                     "another section is for the same clients (%s); make one of the two",
                     reader_where(reader, other->file_number, other->line, where));
        return;
    }
    struct machine *kept = arena_copy(reader->arena, machine, sizeof(*machine));
    if (kept == NULL || !index_add(index, kind, key, key_length, kept))
        problem_add(reader->problems, &place, OUT_OF_MEMORY);
}
