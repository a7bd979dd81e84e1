/* wdspxectl serve: the PXE server in the foreground. */
#ifndef WDSPXECTL_SERVER_SERVE_H
#define WDSPXECTL_SERVER_SERVE_H

#include "cli/command.h"

extern const struct command serve_command;

#endif
