/* The command "service": the server as a Windows service. */
#ifndef WDSPXECTL_SERVICE_SERVICE_H
#define WDSPXECTL_SERVICE_SERVICE_H

#include "cli/command.h"

extern const struct command service_command;

#endif
