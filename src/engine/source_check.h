/*
 * Where a datagram says that it comes from: what no answer can go to, and what the server sent
 * itself, is refused before any provider sees it. Nothing is put on the wire for it.
 */
#ifndef ENGINE_SOURCE_CHECK_H
#define ENGINE_SOURCE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/metrics.h"

struct datagram;

enum { SOURCE_FLAW_SIZE = 80 };

/*
 * What is wrong with the addresses of a datagram: its source, and, if it is a DHCP message, giaddr
 * and ciaddr or the peer addresses of its relays. 0.0.0.0 is the source of a client that has no
 * address yet; loopback is right where it came in by loopback.
 *   is_valid  it was found to be a DHCP request: its fields may be read
 * DROP_NONE: nothing. Else DROP_OWN or DROP_ADDRESS, and `flaw` says it in words.
 */
enum drop_kind source_check(const struct datagram *datagram, bool is_valid,
                            char flaw[SOURCE_FLAW_SIZE]);

#endif
