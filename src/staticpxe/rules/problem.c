#include "problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMATTED_MAX 512

static size_t size_of(const char *text)
{
    return text == NULL ? 0 : strlen(text) + 1;
}

/* Copies text to *at, which moves behind it; NULL stays NULL. */
static const char *put(char **at, const char *text)
{
    char *copy = *at;

    if (text == NULL)
        return NULL;
    memcpy(copy, text, size_of(text));
    *at += size_of(text);
    return copy;
}

static bool grow(struct problem_list *list)
{
    size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
    struct problem *items = realloc(list->items, capacity * sizeof(*items));

    if (items == NULL)
        return false;
    list->items = items;
    list->capacity = capacity;
    return true;
}

/* All texts of a problem lie in one block, which begins with `text`. */
static void keep(struct problem_list *list, const struct place *place, const char *text,
                 bool is_warning)
{
    if (list->kept == PROBLEMS_MAX || (list->kept == list->capacity && !grow(list)))
        return;
    char *at = malloc(size_of(text) + size_of(place->file) + size_of(place->section) +
                      size_of(place->key));
    if (at == NULL)
        return;
    struct problem *problem = &list->items[list->kept++];
    problem->text = put(&at, text);
    problem->place.file = put(&at, place->file);
    problem->place.section = put(&at, place->section);
    problem->place.key = put(&at, place->key);
    problem->place.line = place->line;
    problem->is_warning = is_warning;
}

void problem_add(struct problem_list *list, const struct place *place, const char *text)
{
    ++list->count;
    keep(list, place, text, false);
}

void problem_warn(struct problem_list *list, const struct place *place, const char *text)
{
    ++list->warnings;
    keep(list, place, text, true);
}

void problem_addf(struct problem_list *list, const struct place *place, const char *format, ...)
{
    char text[FORMATTED_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    problem_add(list, place, text);
}

static bool is_same_file(const struct problem *a, const struct problem *b)
{
    if (a->place.file == NULL || b->place.file == NULL)
        return a->place.file == b->place.file;
    return strcmp(a->place.file, b->place.file) == 0;
}

/* An insertion sort: the list is short, nearly sorted, and equal ones must keep their order. */
void problem_sort(struct problem_list *list)
{
    for (size_t i = 1; i < list->kept; ++i) {
        struct problem moved = list->items[i];
        size_t at = i;

        while (at > 0 && is_same_file(&list->items[at - 1], &moved) &&
               list->items[at - 1].place.line > moved.place.line) {
            list->items[at] = list->items[at - 1];
            --at;
        }
        list->items[at] = moved;
    }
}

static void append(char *out, size_t *used, const char *before, const char *text,
                   const char *behind)
{
    int length = snprintf(out + *used, PROBLEM_TEXT_SIZE - *used, "%s%s%s", before, text, behind);

    if (length > 0)
        *used += (size_t)length;
    if (*used >= PROBLEM_TEXT_SIZE)
        *used = PROBLEM_TEXT_SIZE - 1;
}

void problem_format(const struct problem *problem, char out[PROBLEM_TEXT_SIZE])
{
    const struct place *place = &problem->place;
    char line[16];
    size_t used = 0;

    out[0] = '\0';
    if (problem->is_warning)
        append(out, &used, "", "warning: ", "");
    snprintf(line, sizeof(line), "%lu", (unsigned long)place->line);
    if (place->file != NULL)
        append(out, &used, "", place->file, "");
    if (place->line != 0)
        append(out, &used, ", line ", line, "");
    if (place->section != NULL)
        append(out, &used, ", section [", place->section, "]");
    if (place->key != NULL)
        append(out, &used, ", key ", place->key, "");
    append(out, &used, used > 0 ? ": " : "", problem->text, "");
}

void problem_list_free(struct problem_list *list)
{
    for (size_t i = 0; i < list->kept; ++i)
        free((void *)(uintptr_t)list->items[i].text); /* by number: casts const away */
    free(list->items);
    *list = PROBLEM_LIST_EMPTY;
}
