/* What somebody may have meant by a word that is not known. */
#ifndef WDSPXECTL_CLI_SUGGEST_H
#define WDSPXECTL_CLI_SUGGEST_H

#include <stddef.h>

/* The best of the words so far; begin with all zero but `typed`. */
struct suggestion {
    const char *typed; /* UTF-8; of bytes, for what is looked for is ASCII */
    size_t length;     /* of what was typed, in bytes */
    const char *found; /* NULL: nothing is near */
    size_t distance;
};

/*
 * Looks at one word that is known. Near is what begins with what was typed (of at least two
 * characters), or differs from it by one mistake in words of up to four characters, by two in
 * longer ones: a letter left out, put in, replaced, or two that changed places.
 */
void suggestion_look(struct suggestion *suggestion, const char *known);

#endif
