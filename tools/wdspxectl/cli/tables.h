/* The tables of the command line as JSON: what man pages and completions are made of. */
#ifndef WDSPXECTL_CLI_TABLES_H
#define WDSPXECTL_CLI_TABLES_H

#include "cli/command.h"

/*
 * Writes one command as an object, with its options and its commands; not the hidden ones.
 *   path   the names on the way to it, "wdspxectl provider"; as before when it returns
 */
void tables_write(struct writer *writer, const struct command *command, struct text *path);

#endif
