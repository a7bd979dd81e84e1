/* "wdspxectl share": servers that share clients (docs/scaling.md), looked at together. */
#ifndef WDSPXECTL_SHARE_SHARE_H
#define WDSPXECTL_SHARE_SHARE_H

#include "cli/command.h"

extern const struct command share_command;

#endif
