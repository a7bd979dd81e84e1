/* The engine's call_port: exceptions that leave a provider's callback are contained. */
#ifndef WIN32_CALL_CALL_GUARD_H
#define WIN32_CALL_CALL_GUARD_H

#include "engine/ports.h"
#include "wdspxe_ext.h"

/* The config must live as long as the port is used. */
struct call_port call_guard_port(const WDSPXE_EXT_SERVER_CONFIG *config);

#endif
