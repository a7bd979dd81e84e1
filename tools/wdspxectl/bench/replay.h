#ifndef WDSPXECTL_BENCH_REPLAY_H
#define WDSPXECTL_BENCH_REPLAY_H

#include "cli/command.h"

/* "wdspxectl replay": the requests of captures through a provider, without a network. */
extern const struct command replay_command;

#endif
