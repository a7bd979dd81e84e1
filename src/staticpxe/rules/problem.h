/*
 * Mistakes in configuration files: where, and what to write instead; and warnings, with which a
 * file is used all the same.
 */
#ifndef STATICPXE_RULES_PROBLEM_H
#define STATICPXE_RULES_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a mistake is; NULL or 0 where it has no such thing. */
struct place {
    const char *file;
    uint32_t line;
    const char *section; /* without brackets */
    const char *key;
};

struct problem {
    struct place place; /* copies */
    const char *text;   /* what is wrong, and what to write instead */
    bool is_warning;
};

/* More than so many tell nothing new; the rest is counted only. */
#define PROBLEMS_MAX 1000

struct problem_list {
    struct problem *items;
    size_t kept;
    size_t capacity;
    size_t count;    /* of all mistakes */
    size_t warnings; /* of all warnings */
};

#define PROBLEM_LIST_EMPTY ((struct problem_list){NULL, 0, 0, 0, 0})

/* Copies what it gets. Without memory the mistake is counted only. */
void problem_add(struct problem_list *list, const struct place *place, const char *text);

/* The same for what only may be a mistake. */
void problem_warn(struct problem_list *list, const struct place *place, const char *text);

/* As problem_add, as printf does it; at most 500 characters. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void problem_addf(struct problem_list *list, const struct place *place, const char *format, ...);

/* By file, in the order in which they were read, and by line. */
void problem_sort(struct problem_list *list);

#define PROBLEM_TEXT_SIZE 2048

/* "FILE, line 3, section [default], key file: ...", a warning with "warning: " before it; what does
 * not fit is cut off. */
void problem_format(const struct problem *problem, char out[PROBLEM_TEXT_SIZE]);

void problem_list_free(struct problem_list *list);

#endif
