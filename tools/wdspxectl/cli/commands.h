/* The commands of the program, each of which is in the room of its name; main.c puts them together.
 */
#ifndef WDSPXECTL_CLI_COMMANDS_H
#define WDSPXECTL_CLI_COMMANDS_H

#include "cli/command.h"

extern const struct command config_command; /* the registry values that configure the server */
extern const struct command fuzz_command;   /* on the test bench: requests that nobody would send */
extern const struct command provider_command; /* the list of providers */
extern const struct command replay_command;   /* on the test bench: requests of captures */
extern const struct command serve_command;    /* the server in the foreground */
extern const struct command service_command;  /* the server as a Windows service */
extern const struct command share_command;    /* servers that share clients (docs/scaling.md) */
extern const struct command static_command;   /* the configuration of staticpxe.dll */
extern const struct command status_command;   /* what the running server has done */

#endif
