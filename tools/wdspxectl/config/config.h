/* The command "config": the registry values that configure the server. */
#ifndef WDSPXECTL_CONFIG_CONFIG_H
#define WDSPXECTL_CONFIG_CONFIG_H

#include "cli/command.h"

extern const struct command config_command;

#endif
