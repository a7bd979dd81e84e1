/*
 * The network of a server that has none (WDSPXE_EXT_NO_NETWORK): its host hands datagrams in and
 * takes replies. No WinSock, no thread; whoever hands a datagram in does the work.
 */
#ifndef WIN32_SERVER_HOST_NETWORK_H
#define WIN32_SERVER_HOST_NETWORK_H

#include "base/caller.h"
#include "engine/ports.h"
#include "wdspxe_ext.h"

/* Replies go to the config's pfnReply; the config must live as long as the port is used. */
struct net_port host_network_port(const WDSPXE_EXT_SERVER_CONFIG *config);

/*
 * A host's datagram as the engine takes it. The bytes are copied to out_bytes, which is released
 * with caller_copy_release.
 *   ERROR_INVALID_PARAMETER  what wdspxe_ext.h says at WdsPxeExtServerReceive
 *   ERROR_NOT_ENOUGH_MEMORY
 */
DWORD host_network_datagram(const WDSPXE_EXT_DATAGRAM *given, struct caller_copy *out_bytes,
                            struct datagram *out_datagram);

#endif
