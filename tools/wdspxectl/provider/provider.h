/* wdspxectl provider: add, remove, list, move, show. */
#ifndef WDSPXECTL_PROVIDER_PROVIDER_H
#define WDSPXECTL_PROVIDER_PROVIDER_H

#include "cli/command.h"

extern const struct command provider_command;

#endif
