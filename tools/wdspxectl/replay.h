#ifndef WDSPXECTL_REPLAY_H
#define WDSPXECTL_REPLAY_H

#include "options.h"

/* "wdspxectl replay": the requests of captures through a provider, without a network. */
extern const struct command replay_command;

#endif
