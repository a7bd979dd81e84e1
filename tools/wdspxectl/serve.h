/* wdspxectl serve: the PXE server in the foreground. */
#ifndef WDSPXECTL_SERVE_H
#define WDSPXECTL_SERVE_H

#include "options.h"

extern const struct command serve_command;

#endif
