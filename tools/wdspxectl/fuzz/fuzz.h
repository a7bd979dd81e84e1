#ifndef WDSPXECTL_FUZZ_FUZZ_H
#define WDSPXECTL_FUZZ_FUZZ_H

#include "cli/command.h"

/* "wdspxectl fuzz": requests that no client would send, through a provider. */
extern const struct command fuzz_command;

#endif
