/* What the host wants to hear: the engine's observer and clock on the callbacks of its config. */
#ifndef WIN32_SERVER_HOST_CALLBACKS_H
#define WIN32_SERVER_HOST_CALLBACKS_H

#include "engine/ports.h"
#include "verify/verify.h"
#include "wdspxe_ext.h"

/* The config must live as long as the ports are used. */
struct observer_port host_observer(const WDSPXE_EXT_SERVER_CONFIG *config);

/* For a config with pfnClock. */
struct clock_port host_clock(const WDSPXE_EXT_SERVER_CONFIG *config);

/* Tells pfnFinding, if there is one, of exceptions and, for WDSPXE_EXT_VERIFY, of broken rules;
 * those become lines of the log without it. */
struct verifier host_verifier(const WDSPXE_EXT_SERVER_CONFIG *config);

/* A reply for pfnReply, which must be set; returns what that returns. */
DWORD host_reply(const WDSPXE_EXT_SERVER_CONFIG *config, const struct net_reply *reply);

/* As the host sees one end of a datagram. */
PXE_ADDRESS host_address(const struct net_endpoint *endpoint);

#endif
