/* The engine's call_port: exceptions that leave a provider's callback are contained. */
#ifndef WIN32_CALL_CALL_GUARD_H
#define WIN32_CALL_CALL_GUARD_H

#include "engine/ports.h"
#include "wdspxe_ext.h"

/* Told of each fault, with the config as its context. */
typedef void call_finding(void *context, const struct finding *finding);

/* The config must live as long as the port is used. finding: NULL if nobody wants to know. */
struct call_port call_guard_port(const WDSPXE_EXT_SERVER_CONFIG *config, call_finding *finding);

#endif
