/*
 * The one server of this process: wires the engine to the Windows implementations of its ports and
 * sees to it that starting, stopping and controlling never overlap.
 */
#ifndef WIN32_SERVER_RUNTIME_H
#define WIN32_SERVER_RUNTIME_H

#include <windows.h>

#include "engine/engine.h"
#include "net/net.h"
#include "wdspxe_ext.h"

/* The engine that resolves handles. It lives as long as the process, running or not, so a handle
 * can be checked at any time. NULL: out of memory. */
struct engine *runtime_engine(void);

/* What the network of this server is made of, or of the last one if none runs: a name (net_kind),
 * and why it is not the native half; "" both if there is none. Any thread. */
struct net_kind runtime_network(void);

/* Contracts: the functions of the same names in wdspxe_ext.h. */
DWORD runtime_start(const WDSPXE_EXT_SERVER_CONFIG *config);
DWORD runtime_stop(void);
DWORD runtime_control(DWORD control);
DWORD runtime_receive(const WDSPXE_EXT_DATAGRAM *given);
DWORD runtime_wait_idle(ULONG milliseconds);

#endif
