/* The tables of the command line as JSON: what man pages and completions are made of. */
#ifndef WDSPXECTL_CLI_TABLES_H
#define WDSPXECTL_CLI_TABLES_H

#include "cli/command.h"
#include "text/json.h"

/* Writes one command as an object, with its options and its commands; not the hidden ones. */
void tables_put(struct json *json, const struct command *command);

#endif
