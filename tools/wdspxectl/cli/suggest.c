#include "cli/suggest.h"

#include <string.h>

enum {
    WORD_MAX = 32, /* longer ones are not compared */
    MISTAKES_SHORT = 1,
    MISTAKES_LONG = 2,
    SHORT_WORD = 4,
    PREFIX_MINIMUM = 2,
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The mistakes between two words of at most WORD_MAX bytes (optimal string alignment). */
static size_t mistakes(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b_length; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            const size_t replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least(least(above[j], row[j - 1]) + 1, replaced);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[b_length];
}

void suggestion_look(struct suggestion *suggestion, const char *known)
{
    const size_t typed = suggestion->length, length = strlen(known);
    if (typed == 0 || typed > WORD_MAX || length > WORD_MAX)
        return;
    const size_t allowed = length <= SHORT_WORD ? MISTAKES_SHORT : MISTAKES_LONG;
    size_t distance = mistakes(suggestion->typed, typed, known, length);
    if (typed >= PREFIX_MINIMUM && typed < length && strncmp(suggestion->typed, known, typed) == 0)
        distance = least(distance, MISTAKES_SHORT);
    if (distance > allowed || distance >= length ||
        (suggestion->found != NULL && distance >= suggestion->distance))
        return;
    suggestion->found = known;
    suggestion->distance = distance;
}
