/* wdspxectl provider: add, remove, list, move, show. */
#ifndef WDSPXECTL_PROVIDER_H
#define WDSPXECTL_PROVIDER_H

#include "options.h"

extern const struct command provider_command;

#endif
