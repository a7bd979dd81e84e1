/*
 * RFC 8415 section 16 and 18.4: which messages a DHCPv6 server discards, before it does anything
 * else with them. Whether a server identifier is the right one only providers know.
 */
#ifndef ENGINE_RULES6_H
#define ENGINE_RULES6_H

#include "engine/ports.h"

/*
 * Why it is to be discarded, in words; NULL: it is not. On the boot server port, which RFC 8415
 * does not know, clients ask a server by its address, from where they are, and need not name it;
 * they always say who they are. is_valid  it was found to be a DHCPv6 request: its options may be
 * read
 */
const char *rules6_flaw(const struct datagram *datagram, bool is_valid);

#endif
