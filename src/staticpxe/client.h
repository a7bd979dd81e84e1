/* Which section of the configuration is for a machine, and how it is called in the trace. */
#ifndef STATICPXE_CLIENT_H
#define STATICPXE_CLIENT_H

#include "config.h"
#include "facts/facts.h"
#include "wdspxe.h"

/* What a reply to that class of clients has as its own vendor class: "PXEClient", "HTTPClient". */
const CHAR *client_class_name(enum facts_boot boot);

/* The most particular rule: MAC, then DUID, then GUID, then architecture, then default; or NULL. */
const struct boot_rule *client_match(const struct static_config *config,
                                     const struct client_facts *facts);

#define CLIENT_NAME_CHARS (3 * 24 + 1)

/*
 * The machine's name for the trace, its first bytes in hexadecimal as "52-54-00-12-34-56": the MAC
 * address, or without one the client identifier, or the GUID, or words that say that there is none.
 * Over DHCPv6 it is the DUID. What does not fit is cut off.
 */
void client_name(const struct client_facts *facts, WCHAR out[CLIENT_NAME_CHARS]);

#endif
