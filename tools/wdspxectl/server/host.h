/*
 * What the commands that run the server have in common, in the foreground and as a service: the
 * options that say what to serve, and what to say if it cannot.
 */
#ifndef WDSPXECTL_SERVER_HOST_H
#define WDSPXECTL_SERVER_HOST_H

#include <windows.h>

#include "wdspxe_ext.h"

#include "cli/command.h"

/* The options that each such command has. */
#define HOST_OPTION_SPECS                                                                          \
    TEXTS_OPTION("interface", "IP", "serve only here; may be given several times"),                \
        NUMBER_OPTION("port", 1, 65535, "N", "DHCP port (67)"),                                    \
        NUMBER_OPTION("boot-port", 1, 65535, "N", "boot server port (4011)"),                      \
        TEXT_OPTION("network", "KIND", "auto (the best there is), native (Wine only) or winsock"), \
        TEXT_OPTION("on-fault", "WHAT",                                                            \
                    "of a provider: auto (stop if it is critical), stop, disable or continue"),    \
        TEXT_OPTION("dump-dir", "FOLDER",                                                          \
                    "minidumps of such faults (%ProgramData%\\wdspxe\\dumps)"),                    \
        FLAG_OPTION("verify", "hold the providers against the API's rules")

/* Says what is wrong with them, if anything is. */
enum exit_code host_check(const struct arguments *arguments);

/* A config of these options, without callbacks. Points into the arguments. */
void host_fill(const struct arguments *arguments, WDSPXE_EXT_SERVER_CONFIG *out_config);

/* The ports that a server with this config listens on; 0: the registry keeps it off the DHCP port.
 */
unsigned host_dhcp_port(const WDSPXE_EXT_SERVER_CONFIG *config);
unsigned host_boot_port(const WDSPXE_EXT_SERVER_CONFIG *config);

/*
 * The server's start and stop, and between them its numbers for "wdspxectl status". A server whose
 * numbers cannot be shown serves all the same.
 */
DWORD host_start(const WDSPXE_EXT_SERVER_CONFIG *config);
DWORD host_stop(void);

/* After a start that failed with `error`: if a port was taken, says on standard error by whom. */
void host_explain(DWORD error, const WDSPXE_EXT_SERVER_CONFIG *config);

#endif
