/* Extra options of a reply, one after the other, as they go on the wire. */
#ifndef ANSWER_VALUES_OPTIONS_H
#define ANSWER_VALUES_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "values.h"

/*
 * Wire bytes of all extra options of one client; leaves room in a 1024-byte reply for the others.
 * The second is for DHCPv6, with four bytes before each value.
 */
#define ANSWER_OPTIONS_MAX 700
#define ANSWER_OPTIONS6_MAX 400

/* Options so far. Zero to begin with. */
struct option_draft {
    uint8_t bytes[ANSWER_OPTIONS_MAX + 2 + VALUE_OPTION_MAX];
    size_t length;
};

/*
 * Adds one: number and value as text, the value as value_option reads it. NULL, or what is wrong:
 * a number that no option has, an option that replies have anyway, one that is there, or no room.
 */
const char *options_add(struct option_draft *draft, const char *number, const char *value);
const char *options6_add(struct option_draft *draft, const char *number, const char *value);

#endif
